"""Formulas of users' own metrics as trees: values, their expressions, their one spelling.

What is not known is neither so nor not so: a condition has a side that is *true* and a side that
is *false*, and a contact whose columns are missing is on neither (Kleene's logic). Sides and values
are Narwhals expressions that never lean on how an engine compares missing values: whatever could
be missing is asked first.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any, Protocol

import narwhals as nw

from svcsim.metrics.expressions import spell
from svcsim.metrics.vocabulary import Type, Word
from svcsim.units import format_share

_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul,
}  # fmt: skip
BINDS = {"or": 1, "and": 2, "not": 3, "compare": 4, "+": 5, "-": 5, "*": 6, "/": 6}
"""How tightly a part holds together; one that binds less stands in parentheses."""
_WHOLE = 9


def both(*asked: nw.Expr | None) -> nw.Expr | None:
    """Return where all of these hold; None is everywhere."""
    there = [one for one in asked if one is not None]
    return reduce(operator.and_, there) if there else None


def where(known: nw.Expr | None, so: nw.Expr) -> nw.Expr:
    """Return where something is known and so."""
    return so if known is None else known & so


class Leaf(Protocol):
    """A part that is a name of the vocabulary."""

    @property
    def word(self) -> Word:
        """The name."""


class Part:
    """A part of a formula: its type, where it is known, its leaves, its spelling."""

    type: Type
    binds = _WHOLE

    def known(self) -> nw.Expr | None:
        """Return where it has a value; None is everywhere."""
        raise NotImplementedError

    def leaves(self) -> Iterator[Leaf]:
        """Yield the leaves of it."""
        raise NotImplementedError

    def inside(self, binds: int) -> str:
        """Return its spelling inside another part, in parentheses where they are needed."""
        return f"({self})" if self.binds < binds else str(self)


class Value(Part):
    """A part that is a number, an instant or a duration."""

    def value(self) -> nw.Expr:
        """Return the value; what stands where it is not known means nothing."""
        raise NotImplementedError


class Condition(Part):
    """A part that is so, not so, or not known."""

    type: Type = "condition"

    def true(self) -> nw.Expr:
        """Return where it is so."""
        raise NotImplementedError

    def false(self) -> nw.Expr:
        """Return where it is not so."""
        raise NotImplementedError

    def known(self) -> nw.Expr | None:
        """Return where it is so or not so."""
        return self.true() | self.false()


@dataclass(frozen=True, eq=False)
class Constant(Value):
    """A written number; durations in seconds, shares as fractions."""

    number: float
    type: Type

    def known(self) -> None:
        """Return that it is always known."""

    def leaves(self) -> Iterator[Leaf]:
        """Yield nothing."""
        return iter(())

    def value(self) -> nw.Expr:
        """Return the number."""
        return nw.lit(self.number)

    def __str__(self) -> str:
        """Return it with its unit: 10min, 85%, 4.5."""
        if self.type == "duration":
            return spell(self.number).en
        return format_share(self.number, 15) if self.type == "share" else f"{self.number:.15g}"


@dataclass(frozen=True, eq=False)
class Name(Value):
    """A column or fact with numbers, or (only named, asked for or compared) with texts."""

    word: Word

    def __post_init__(self) -> None:
        object.__setattr__(self, "type", self.word.type)

    def known(self) -> nw.Expr | None:
        """Return where it is not missing."""
        return None if self.word.total else ~self.word.expression.is_null()

    def leaves(self) -> Iterator[Leaf]:
        """Yield itself."""
        yield self

    def value(self) -> nw.Expr:
        """Return the column."""
        return self.word.expression

    def __str__(self) -> str:
        """Return the name."""
        return self.word.name


@dataclass(frozen=True, eq=False)
class Arithmetic(Value):
    """``left op right``; a division by 0 has no value."""

    op: str
    left: Value
    right: Value
    type: Type

    @property
    def binds(self) -> int:  # type: ignore[override]
        """How tightly the operation holds together."""
        return BINDS[self.op]

    def known(self) -> nw.Expr | None:
        """Return where both sides are known and the divisor is not 0."""
        sides = both(self.left.known(), self.right.known())
        if self.op != "/" or isinstance(self.right, Constant):
            return sides
        return where(sides, self.right.value() != 0)

    def leaves(self) -> Iterator[Leaf]:
        """Yield the leaves of both sides."""
        yield from self.left.leaves()
        yield from self.right.leaves()

    def value(self) -> nw.Expr:
        """Return the result."""
        right = self.right.value()
        if self.op == "/":
            if not isinstance(self.right, Constant):
                right = nw.when(right != 0).then(right).otherwise(1.0)
            return self.left.value() / right
        result: nw.Expr = _OPERATIONS[self.op](self.left.value(), right)
        return result

    def __str__(self) -> str:
        """Return ``left op right``."""
        return f"{self.left.inside(self.binds)} {self.op} {self.right.inside(self.binds + 1)}"


@dataclass(frozen=True, eq=False)
class Logarithm(Value):
    """Natural logarithm; of a duration, that of its seconds. At or below 0 it has no value."""

    of: Value
    type: Type = "number"

    def known(self) -> nw.Expr | None:
        """Return where its argument is known and above 0."""
        return where(self.of.known(), self.of.value() > 0)

    def leaves(self) -> Iterator[Leaf]:
        """Yield the leaves of its argument."""
        return self.of.leaves()

    def value(self) -> nw.Expr:
        """Return the logarithm; engines refuse that of 0, so 1 stands in where it has none."""
        return nw.when(self.of.value() > 0).then(self.of.value()).otherwise(1.0).log()

    def __str__(self) -> str:
        """Return ``log(...)``."""
        return f"log({self.of})"


@dataclass(frozen=True, eq=False)
class Choice(Value):
    """``if condition then one else other``."""

    condition: Condition
    one: Value
    other: Value
    type: Type
    binds = 0

    def known(self) -> nw.Expr | None:
        """Return where the condition is known and so is what it chooses."""
        yes = where(self.one.known(), self.condition.true())
        return yes | where(self.other.known(), self.condition.false())

    def leaves(self) -> Iterator[Leaf]:
        """Yield the leaves of all three parts."""
        for part in (self.condition, self.one, self.other):
            yield from part.leaves()

    def value(self) -> nw.Expr:
        """Return what the condition chooses."""
        chosen = nw.when(self.condition.true()).then(self.one.value())
        return chosen.otherwise(self.other.value())

    def __str__(self) -> str:
        """Return ``if ... then ... else ...``."""
        return f"if {self.condition} then {self.one.inside(1)} else {self.other}"
