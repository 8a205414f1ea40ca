"""Metrics' expressions as an engine has to be told them, so that missing means the same there.

In memory a missing value is NaN: a comparison with it is false, its negation true. In SQL it is
NULL, which spreads through comparisons and negations. The declarations are taken apart
(`metrics.elementwise.Program`) and put together again with every comparison answered: false for
a missing side (``!=``: true). Constants are float64: on Spark a bare ``1.0`` is a decimal, whose
means are rounded to a few digits without a word.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any

import narwhals as nw

from svcsim.metrics.elementwise import Program, UnknownPartError

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    f"__{name}__": getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")
}
_COMBINE: dict[str, Callable[[Any, Any], Any]] = {
    **{f"__{n}__": getattr(operator, f"__{n}__") for n in ("add", "sub", "mul", "and", "or")},
    "__truediv__": operator.truediv,
    "__rtruediv__": lambda x, y: y / x,
    "__radd__": lambda x, y: y + x,
    "__rsub__": lambda x, y: y - x,
    "__rmul__": lambda x, y: y * x,
    "__rand__": lambda x, y: y & x,
    "__ror__": lambda x, y: y | x,
}


def number(value: float) -> nw.Expr:
    """Return a constant as float64."""
    return nw.lit(float(value), dtype=nw.Float64())


class Told:
    """Expressions in an engine's terms, each in a column of its own.

    Parameters
    ----------
    expressions : iterable of narwhals.Expr
        Parts of metrics.

    Attributes
    ----------
    name : dict
        Column of each expression, by the identity of the expression.
    uses : set of str
        Columns and facts that they read; every column when one of them cannot be taken apart.
    """

    def __init__(self, expressions: Iterable[nw.Expr]) -> None:
        self.name: dict[int, str] = {}
        self.uses: set[str] = set()
        self._made: dict[str, nw.Expr] = {}
        program = Program()
        found: dict[int, int | nw.Expr] = {}
        for expression in expressions:
            try:
                found[id(expression)] = program.add(expression)
            except UnknownPartError:
                found[id(expression)] = expression
                self.uses |= _columns(expression)
        steps = _tell(program)
        self.uses |= {s[1] for s in program.steps if s[0] in _READS}
        for key, told in found.items():
            name = f"e{told}" if isinstance(told, int) else f"x{len(self._made)}"
            self.name[key] = name
            self._made[name] = steps[told] if isinstance(told, int) else told

    def add_to(self, table: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """Return the table with a column for every expression; a missing flag is false."""
        table = table.with_columns(**self._made)
        schema = table.collect_schema()
        answered = {
            name: (
                nw.col(name).fill_null(False)
                if schema[name] == nw.Boolean
                else nw.col(name).cast(nw.Float64())
            )
            for name in self._made
        }
        return table.with_columns(**answered)


_READS = ("column", "missing", "text", "text is")
"""Operations of a program whose first input is a column."""


def _tell(program: Program) -> list[nw.Expr]:
    """Return every step of a program as an expression without unanswered comparisons."""
    told: list[nw.Expr] = []
    for operation, *inputs in program.steps:
        if operation in ("column", "text"):
            told.append(nw.col(inputs[0]))
        elif operation == "missing":
            told.append(nw.col(inputs[0]).is_null())
        elif operation == "text is":
            name, text, compare = inputs
            same: nw.Expr = _COMPARE[compare](nw.col(name), text)
            told.append(same.fill_null(compare == "__ne__"))
        elif operation == "constant":
            value = inputs[0]
            told.append(nw.lit(value) if isinstance(value, bool) else number(value))
        else:
            told.append(_carry_out(operation, [told[k] for k in inputs]))
    return told


def _carry_out(operation: str, parts: list[nw.Expr]) -> nw.Expr:
    if operation == "__invert__":
        return ~parts[0]
    if operation == "log":
        return nw.when(parts[0] > number(0)).then(parts[0]).log()
    if operation == "choice":
        return nw.when(parts[0]).then(parts[1]).otherwise(parts[2])
    if operation in _COMPARE:
        met: nw.Expr = _COMPARE[operation](*parts)
        return met.fill_null(operation == "__ne__")
    combined: nw.Expr = _COMBINE[operation](*parts)
    return combined


def _columns(expression: nw.Expr) -> set[str]:
    """Return the columns that an expression reads, however deep."""
    found: set[str] = set()
    for node in getattr(expression, "_nodes", ()):
        found |= set(node.kwargs.get("names", ())) if node.name == "col" else set()
        for part in node.exprs:
            found |= _columns(part) if isinstance(part, nw.Expr) else set()
    return found
