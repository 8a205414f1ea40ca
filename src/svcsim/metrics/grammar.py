"""The grammar of formulas: a closed set of names and signs, read by recursive descent.

::

    formula     = "if" any "then" sum "else" formula | any
    any         = all { "or" all }
    all         = not { "and" not }
    not         = "not" not | comparison
    comparison  = sum [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum
                      | "is" ("known" | "missing") | ["not"] "in" "[" text { "," text } "]" ]
    sum         = product { ("+" | "-") product }
    product     = sign { ("*" | "/") sign }
    sign        = "-" sign | atom
    atom        = number [unit] | "text" | name | "log" "(" formula ")" | "(" formula ")"

Nothing is carried out while it is read: a name that is not in the vocabulary, or values that do
not belong together (a time and a share), is an error with its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from svcsim.errors import nearest
from svcsim.metrics.conditions import Joined, Known, Not, Notion, OneOf
from svcsim.metrics.formula import (
    Arithmetic,
    Choice,
    Condition,
    Constant,
    Logarithm,
    Name,
    Part,
    Value,
)
from svcsim.metrics.tokens import FormulaError, Token, Tokens, tokens
from svcsim.metrics.typing_rules import (
    Quoted,
    added,
    as_condition,
    as_value,
    chosen,
    compared,
    divided,
    example_of,
    multiplied,
    result_of,
    told,
)
from svcsim.metrics.vocabulary import vocabulary

__all__ = ["FormulaError", "condition", "read", "value"]

DEEPEST = 12
"""Parentheses inside parentheses beyond this are refused."""
_COMPARES = frozenset({"<", "<=", ">", ">=", "==", "!="})


def read(formula: str, parameters: Mapping[str, float] | None = None) -> Part:
    """Return the tree of a formula; ``parameters`` are names for durations in seconds.

    Raises
    ------
    FormulaError
        With the place of the first mistake, what stands there and how to mend it.
    """
    reader = _Reader(tokens(formula), parameters or {})
    part = reader.formula()
    reader.finish()
    if isinstance(part, Quoted) or next(part.leaves(), None) is None:
        message = f"'{part}' names no column, fact or notion, so it is the same for every contact"
        raise FormulaError(message)
    return part


def condition(formula: str, parameters: Mapping[str, float] | None = None) -> Condition:
    """Return the tree of a formula that is a condition.

    Raises
    ------
    FormulaError
        Also for a formula that is a value.
    """
    part = read(formula, parameters)
    if isinstance(part, Condition):
        return part
    message = f"'{part}' is {told(part)}, expected a condition such as {example_of(part)}"
    raise FormulaError(message)


def value(formula: str, parameters: Mapping[str, float] | None = None) -> Value:
    """Return the tree of a formula that is a number, an instant or a duration.

    Raises
    ------
    FormulaError
        Also for a formula that is a condition or a text.
    """
    part = read(formula, parameters)
    if isinstance(part, Value) and part.type != "text":
        return part
    choice = f"; write for example if {part} then 1 else 0" if part.type != "text" else ""
    message = f"'{part}' is {told(part)}, expected a number or a duration{choice}"
    raise FormulaError(message)


class _Reader(Tokens):
    """Reads one formula."""

    def __init__(self, found: list[Token], parameters: Mapping[str, float]) -> None:
        super().__init__(found)
        self.parameters = parameters
        self.depth, self.inside_if = 0, False

    def finish(self) -> None:
        """Refuse whatever is left over."""
        if self.here.kind == "end":
            return
        mend = "expected and, or, a comparison or the end"
        if self.here.text in _COMPARES:
            mend = "one comparison at a time: write a < b and b < c"
        message = f"{self.here} is too much; {mend}"
        raise FormulaError(message)

    def formula(self) -> Part:
        """Read a choice or anything else."""
        start = self.takes("if")
        if start is None:
            return self.any()
        if self.inside_if:
            message = f"{start} stands in the condition of another if; join conditions with and, or"
            raise FormulaError(message)
        self.inside_if = True
        asked = as_condition(start, self.any())
        self.inside_if = False
        self.expects("then")
        one = as_value(self.here, self.sum())
        self.expects("else")
        at = self.here
        other = as_value(at, self.formula())
        kind = result_of(at, chosen, "else", one, other)
        return Choice(asked, one, other, kind)

    def any(self) -> Part:
        """Read conditions with ``or`` between them."""
        return self.joined("or", lambda: self.joined("and", self.negated))

    def joined(self, op: str, part: Callable[[], Part]) -> Part:
        """Read conditions with ``and`` or ``or`` between them, or the one part there is."""
        at = self.here
        first = part()
        if not (self.here.kind == "keyword" and self.here.text == op):
            return first
        parts = [as_condition(at, first)]
        while self.takes(op):
            at = self.here
            parts.append(as_condition(at, part()))
        return Joined(op, tuple(parts))

    def negated(self) -> Part:
        """Read ``not`` before a condition."""
        if not self.takes("not"):
            return self.comparison()
        at = self.here
        return Not(as_condition(at, self.deeper(self.negated)))

    def comparison(self) -> Part:
        """Read a comparison, a question whether something is known, or a list of texts."""
        left = self.sum()
        at = self.here
        if at.text in _COMPARES and at.kind == "sign":
            return compared(left, self.next(), self.sum())
        if self.takes("is"):
            return self.asked(at, left)
        if self.takes("in"):
            return self.listed(at, left, unlike=False)
        if at.text == "not" and at.kind == "keyword" and self.tokens[self.place + 1].text == "in":
            self.place += 2
            return self.listed(at, left, unlike=True)
        return left

    def asked(self, at: Token, part: Part) -> Condition:
        """Return ``part is known`` or ``part is missing``."""
        word = self.takes("known", "missing")
        if word is None:
            mend = (
                "" if self.here.text not in ("not", "null") else " ('is known', not 'is not ...')"
            )
            message = f"found {self.here} after 'is', expected known or missing{mend}"
            raise FormulaError(message)
        if isinstance(part, Quoted) or part.known() is None:
            message = f"{at} asks whether '{part}' is known; it always is"
            raise FormulaError(message)
        return Known(part, missing=word.text == "missing")

    def listed(self, at: Token, part: Part, unlike: bool) -> Condition:
        """Return ``column in ["a", "b"]``."""
        if not isinstance(part, Name) or part.type != "text":
            message = f"{at} stands after '{part}', {told(part)}; expected a text column before in"
            raise FormulaError(message)
        self.expects("[")
        texts = [self.text()]
        while self.takes(","):
            texts.append(self.text())
        self.expects("]")
        return OneOf(part.word, tuple(dict.fromkeys(texts)), reversed=unlike)

    def text(self) -> str:
        """Read a text in quotes."""
        if self.here.kind != "text":
            message = f'found {self.here}, expected a text in quotes such as "VIP"'
            raise FormulaError(message)
        return self.next().text

    def sum(self) -> Part:
        """Read sums and differences."""
        return self.chain(("+", "-"), self.product, added)

    def product(self) -> Part:
        """Read products and quotients."""
        return self.chain(("*", "/"), self.signed, multiplied)

    def chain(self, signs: tuple[str, str], part: Callable[[], Part], rule: Any) -> Part:
        """Read parts with one of two signs between them, from the left."""
        at = self.here
        left = part()
        while sign := self.takes(*signs):
            one = as_value(at, left)
            other = as_value(self.here, part())
            using = divided if sign.text == "/" else rule
            left = Arithmetic(sign.text, one, other, result_of(sign, using, sign.text, one, other))
        return left

    def signed(self) -> Part:
        """Read a minus before a part."""
        at = self.takes("-")
        if at is None:
            return self.atom()
        of = as_value(self.here, self.deeper(self.signed))
        if isinstance(of, Constant):
            return Constant(-of.number, of.type)
        kind = result_of(at, multiplied, "*", Constant(-1.0, "number"), of)
        return Arithmetic("*", Constant(-1.0, "number"), of, kind)

    def atom(self) -> Part:
        """Read a number, a text, a name, a logarithm or something in parentheses."""
        token = self.next()
        if token.kind in ("number", "duration", "share"):
            return Constant(token.number, token.kind)  # type: ignore[arg-type]
        if token.kind == "text":
            return Quoted(token.text)
        if token.kind == "sign" and token.text == "(":
            part = self.deeper(self.formula)
            self.expects(")")
            return part
        if token.kind == "name":
            return self.named(token)
        self.place -= 1
        message = f"found {token}, expected a name, a number or a text in quotes"
        raise FormulaError(message)

    def named(self, token: Token) -> Part:
        """Return what a name stands for."""
        if self.here.text == "(" and self.here.kind == "sign":
            if token.text.lower() != "log":
                message = f"{token} is no function; the only one is log()"
                raise FormulaError(message)
            self.next()
            at = self.here
            of = as_value(at, self.deeper(self.formula))
            self.expects(")")
            if of.type == "time":
                message = f"{at} is an instant, which has no logarithm"
                raise FormulaError(message)
            return Logarithm(of)
        if token.text in self.parameters:
            return Constant(self.parameters[token.text], "duration")
        word = vocabulary().get(token.text)
        if word is None:
            known = [*vocabulary(), *self.parameters, "known", "missing"]
            hint = nearest(token.text, known) or f'A text stands in quotes: "{token.text}"'
            message = f"{token} is no column, fact or notion. {hint}"
            raise FormulaError(message)
        return Notion(word) if word.type == "condition" else Name(word)

    def deeper(self, part: Callable[[], Part]) -> Part:
        """Read a part inside another one."""
        self.depth += 1
        if self.depth > DEEPEST:
            message = f"{self.here} stands more than {DEEPEST} parentheses deep"
            raise FormulaError(message)
        found = part()
        self.depth -= 1
        return found
