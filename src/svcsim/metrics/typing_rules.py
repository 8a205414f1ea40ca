"""Which values of a formula belong together: instants, durations, shares, ratios, numbers."""

from __future__ import annotations

from typing import Any

from svcsim.metrics.conditions import Comparison, OneOf
from svcsim.metrics.formula import Condition, Constant, Name, Part, Value
from svcsim.metrics.tokens import FormulaError, Token
from svcsim.metrics.vocabulary import TYPES, Type

_PLAIN: frozenset[Type] = frozenset({"number", "ratio", "share"})


def told(part: Part) -> str:
    """Return what a part is, in words."""
    return TYPES[part.type].en


def _apart(one: Part, other: Part) -> str:
    """Return why two parts cannot be compared, or an empty text."""
    if one.type == other.type and one.type in ("time", "duration", *_PLAIN):
        return ""
    kinds = {one.type, other.type}
    if "condition" in kinds:
        return "a condition stands alone, as in: complaint and not resolved"
    if "text" in kinds:
        return 'a text column is compared with a text in quotes, such as segment == "VIP"'
    if _zero(one) or _zero(other):
        return "compare two instants" if "time" in kinds else ""
    if kinds == {"ratio", "share"} or kinds == {"ratio", "number"}:
        return ""
    if kinds == {"time", "duration"}:
        return "take a difference of instants first, such as first_response_s - opened_s"
    if "duration" in kinds:
        return "write the duration with its unit, such as 90s, 10min or 2h"
    return "write a share with %, a number without"


def added(op: str, one: Value, other: Value) -> tuple[Type, str]:
    """Return the type of a sum or difference, or why there is none."""
    pair = (one.type, other.type)
    if pair == ("time", "time"):
        return ("duration", "") if op == "-" else ("time", "cannot be added; take their difference")
    if pair == ("time", "duration") or (pair == ("duration", "time") and op == "+"):
        return "time", ""
    if one.type == other.type:
        return one.type, ""
    if "time" in pair or "duration" in pair:
        if "time" not in pair and (_zero(one) or _zero(other)):
            return "duration", ""
        return "time", "do not belong in one sum; a duration has a unit, such as 10min"
    if set(pair) == {"share", "number"}:
        return "number", "do not belong in one sum; write a share with %, a number without"
    return ("number" if "number" in pair else "ratio"), ""


def chosen(op: str, one: Value, other: Value) -> tuple[Type, str]:
    """Return the type of one or the other, or why they are no alternatives."""
    if one.type == other.type:
        return one.type, ""
    wrong = "are no alternatives; both sides of else have one type"
    return ("time", wrong) if "time" in (one.type, other.type) else added("+", one, other)


def multiplied(op: str, one: Value, other: Value) -> tuple[Type, str]:
    """Return the type of a product, or why there is none."""
    pair = {one.type, other.type}
    if pair <= _PLAIN:
        return ("number" if "number" in pair else "share" if pair == {"share"} else "ratio"), ""
    if "duration" in pair and pair & _PLAIN:
        return "duration", ""
    return "number", "cannot be multiplied"


def divided(op: str, one: Value, other: Value) -> tuple[Type, str]:
    """Return the type of a quotient, or why there is none."""
    if isinstance(other, Constant) and other.number == 0:
        return "number", "cannot be divided: by 0"
    if one.type == other.type and one.type != "time":
        return "ratio", ""
    if other.type in _PLAIN and one.type in (*_PLAIN, "duration"):
        return ("number" if one.type == "share" else one.type), ""
    if other.type == "duration" and one.type in _PLAIN:
        return "number", f"cannot be divided; for a rate an hour write / ({other} / 1h)"
    return "number", "cannot be divided; take a difference of instants first"


def _zero(part: Part) -> bool:
    return isinstance(part, Constant) and part.number == 0 and part.type == "number"


class Quoted(Part):
    """A text in quotes: only beside a text column."""

    type = "text"

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        """Return it in quotes."""
        return f'"{self.text}"'


def example_of(part: Part) -> str:
    """Return a condition that could be made of a value."""
    example = {"text": '== "VIP"', "duration": "<= 10min", "share": ">= 50%", "time": "is known"}
    return f"{part.inside(5)} {example.get(part.type, '>= 4')}"


def compared(left: Part, sign: Token, right: Part) -> Condition:
    """Return ``left sign right``: two values, or a text column and a text."""
    if isinstance(left, Quoted):
        left, right = right, left
    if isinstance(right, Quoted) and isinstance(left, Name) and left.type == "text":
        if sign.text not in ("==", "!="):
            message = f"{sign} does not order texts; expected == or !="
            raise FormulaError(message)
        return OneOf(left.word, (right.text,), reversed=sign.text == "!=")
    mend = _apart(left, right)
    if mend:
        message = f"{sign} compares {told(left)} ('{left}') with {told(right)} ('{right}'); {mend}"
        raise FormulaError(message)
    assert isinstance(left, Value)
    assert isinstance(right, Value)
    return Comparison(sign.text, left, right)


def result_of(at: Token, rule: Any, op: str, one: Value, other: Value) -> Any:
    """Return the type of a result, or refuse with the rule's words."""
    kind, mend = rule(op, one, other)
    if mend:
        message = f"{at}: {told(one)} ('{one}') and {told(other)} ('{other}') {mend}"
        raise FormulaError(message)
    return kind


def as_condition(at: Token, part: Part) -> Condition:
    """Return a part that must be a condition."""
    if isinstance(part, Condition):
        return part
    message = f"{at}: '{part}' is {told(part)}, expected a condition such as {example_of(part)}"
    raise FormulaError(message)


def as_value(at: Token, part: Part) -> Value:
    """Return a part that must be a value with which one can calculate."""
    if isinstance(part, Value) and part.type != "text":
        return part
    message = f"{at}: '{part}' is {told(part)}, expected a number, an instant or a duration"
    raise FormulaError(message)
