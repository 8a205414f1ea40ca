"""Conditions of formulas: notions, comparisons, texts, what is known, and, or, not."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

import narwhals as nw

from svcsim.metrics.formula import BINDS, Condition, Leaf, Part, Value, both, where
from svcsim.metrics.vocabulary import Word

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Notion(Condition):
    """A notion of the vocabulary, or a column of yes and no (1, 0)."""

    word: Word

    def known(self) -> nw.Expr | None:
        """Return where the column is not missing; a notion always has an answer."""
        return ~self.word.expression.is_null() if self.word.is_flag_column else None

    def leaves(self) -> Iterator[Leaf]:
        """Yield itself."""
        yield self

    def true(self) -> nw.Expr:
        """Return where it is so."""
        return self._is(1) if self.word.is_flag_column else self.word.expression

    def false(self) -> nw.Expr:
        """Return where it is not so."""
        return self._is(0) if self.word.is_flag_column else ~self.word.expression

    def _is(self, flag: int) -> nw.Expr:
        return where(self.known(), self.word.expression == flag)

    def __str__(self) -> str:
        """Return the name."""
        return self.word.name


@dataclass(frozen=True, eq=False)
class Comparison(Condition):
    """``left op right`` of values."""

    op: str
    left: Value
    right: Value
    binds = BINDS["compare"]

    def known(self) -> nw.Expr | None:
        """Return where both sides are known."""
        return both(self.left.known(), self.right.known())

    def leaves(self) -> Iterator[Leaf]:
        """Yield the leaves of both sides."""
        yield from self.left.leaves()
        yield from self.right.leaves()

    def true(self) -> nw.Expr:
        """Return where both sides are known and compare so."""
        return where(self.known(), self._compared())

    def false(self) -> nw.Expr:
        """Return where both sides are known and do not compare so."""
        return where(self.known(), ~self._compared())

    def _compared(self) -> nw.Expr:
        result: nw.Expr = _COMPARE[self.op](self.left.value(), self.right.value())
        return result

    def __str__(self) -> str:
        """Return ``left op right``."""
        return f"{self.left.inside(5)} {self.op} {self.right.inside(5)}"


@dataclass(frozen=True, eq=False)
class OneOf(Condition):
    """A text column equals one of some texts; ``column == "a"`` is the case of one."""

    word: Word
    texts: tuple[str, ...]
    reversed: bool = False
    binds = BINDS["compare"]

    def known(self) -> nw.Expr | None:
        """Return where the text is not missing."""
        return ~self.word.expression.is_null()

    def leaves(self) -> Iterator[Leaf]:
        """Yield itself."""
        yield self

    def true(self) -> nw.Expr:
        """Return where the text is known and one of them (not, when reversed)."""
        return where(self.known(), ~self._equal() if self.reversed else self._equal())

    def false(self) -> nw.Expr:
        """Return where the text is known and not one of them (one, when reversed)."""
        return where(self.known(), self._equal() if self.reversed else ~self._equal())

    def _equal(self) -> nw.Expr:
        each: list[nw.Expr] = [self.word.expression == text for text in self.texts]
        return reduce(operator.or_, each)

    def __str__(self) -> str:
        """Return ``column == "a"`` or ``column in ["a", "b"]``, texts in order."""
        quoted = [_quoted(text) for text in sorted(self.texts)]
        if len(quoted) == 1:
            return f"{self.word.name} {'!=' if self.reversed else '=='} {quoted[0]}"
        return f"{self.word.name} {'not in' if self.reversed else 'in'} [{', '.join(quoted)}]"


@dataclass(frozen=True, eq=False)
class Known(Condition):
    """``part is known`` or ``part is missing``: always has an answer."""

    of: Part
    missing: bool
    binds = BINDS["compare"]

    def known(self) -> None:
        """Return that it always has an answer."""

    def leaves(self) -> Iterator[Leaf]:
        """Yield the leaves of the part."""
        return self.of.leaves()

    def true(self) -> nw.Expr:
        """Return where the part is known (missing)."""
        return self._answer(self.missing)

    def false(self) -> nw.Expr:
        """Return where it is not so."""
        return self._answer(not self.missing)

    def _answer(self, missing: bool) -> nw.Expr:
        known = self.of.known()
        if known is None:
            return nw.lit(not missing)
        return ~known if missing else known

    def __str__(self) -> str:
        """Return ``part is known`` or ``part is missing``."""
        return f"{self.of.inside(5)} is {'missing' if self.missing else 'known'}"


@dataclass(frozen=True, eq=False)
class Not(Condition):
    """``not condition``: where the condition is known and not so."""

    of: Condition
    binds = BINDS["not"]

    def known(self) -> nw.Expr | None:
        """Return where the condition is known."""
        return self.of.known()

    def leaves(self) -> Iterator[Leaf]:
        """Yield the leaves of the condition."""
        return self.of.leaves()

    def true(self) -> nw.Expr:
        """Return where the condition is not so."""
        return self.of.false()

    def false(self) -> nw.Expr:
        """Return where the condition is so."""
        return self.of.true()

    def __str__(self) -> str:
        """Return ``not condition``."""
        return f"not {self.of.inside(3)}"


@dataclass(frozen=True, eq=False)
class Joined(Condition):
    """``a and b and ...`` or ``a or b or ...``."""

    op: str
    parts: tuple[Condition, ...]

    @property
    def binds(self) -> int:  # type: ignore[override]
        """How tightly it holds together."""
        return BINDS[self.op]

    def leaves(self) -> Iterator[Leaf]:
        """Yield the leaves of every part."""
        for part in self.parts:
            yield from part.leaves()

    def true(self) -> nw.Expr:
        """Return where all parts (or: one of them) are so."""
        sides = [part.true() for part in self.parts]
        return reduce(operator.and_ if self.op == "and" else operator.or_, sides)

    def false(self) -> nw.Expr:
        """Return where one of the parts is not so (or: none of them is so)."""
        sides = [part.false() for part in self.parts]
        return reduce(operator.or_ if self.op == "and" else operator.and_, sides)

    def __str__(self) -> str:
        """Return the parts with the word between them."""
        return f" {self.op} ".join(part.inside(self.binds + 1) for part in self.parts)


def _quoted(text: str) -> str:
    return f"'{text}'" if '"' in text else f'"{text}"'
