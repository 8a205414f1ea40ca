"""Sums over rows by cell (group x period) and local day, made by an engine in one query.

Kinds say which sums they need (`Term`); all terms of metrics with the same dates are computed
together. Days are kept apart only where an interval needs them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from svcsim.metrics.warehouse.rows import Table, fetch

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CELL, DAY = "cell", "day"


class Term(NamedTuple):
    """One sum over the rows whose flag ``among`` holds; names are those of columns.

    ``count``   rows                              ``sum``    Σ one
    ``hits``    rows in which the flag ``one`` holds too   ``product``  Σ one · two
    ``known``   rows in which ``one`` is not missing
    ``deviation``  mean of (one − its mean)², both within the cell and day
    """

    operation: str
    among: str
    one: str = ""
    two: str = ""


def _value(term: Term) -> nw.Expr:
    """Return what a term adds up (or counts), NULL in rows that do not count."""
    among = nw.col(term.among)
    if term.operation in ("count", "hits"):
        counts = among & nw.col(term.one) if term.one else among
        one, zero = nw.lit(1, dtype=nw.Int64()), nw.lit(0, dtype=nw.Int64())
        return nw.when(counts).then(one).otherwise(zero)
    value = nw.col(term.one)
    return nw.when(among).then(value * nw.col(term.two) if term.two else value)


def _added(operation: str, column: str) -> nw.Expr:
    if operation == "known":
        return nw.col(column).count()
    return nw.col(column).var(ddof=0) if operation == "deviation" else nw.col(column).sum()


@dataclass(frozen=True)
class Sums:
    """Terms by cell and day: ``columns[term][k]`` belongs to ``cell[k]``.

    Without days there is one row a cell at most.
    """

    cell: Ints
    size: int
    columns: dict[Term, Floats]

    def rows(self, term: Term) -> Floats:
        """Return a term in every cell and day that has rows."""
        return self.columns[term]

    def total(self, term: Term) -> Floats:
        """Return a term in every cell, 0 where it has no rows."""
        return np.bincount(self.cell, self.columns[term], self.size).astype(np.float64)

    def count(self, among: str, one: str = "") -> Ints:
        """Return the rows of every cell that count."""
        return self.total(Term("hits" if one else "count", among, one)).astype(np.int64)

    def whole(self, among: str, value: str) -> Floats:
        """Return Σ value of every cell, NaN where one that counts is missing."""
        known = self.total(Term("known", among, value))
        complete = known == self.total(Term("count", among))
        return np.where(complete, self.total(Term("sum", among, value)), np.nan)

    def around_mean(self, among: str, value: str) -> Floats:
        """Return Σ (value − mean of the cell)², put together from those of its days.

        Σ_d [ M_d + n_d (mean_d − mean)² ]; source: Chan, Golub & LeVeque 1983.
        """
        n, sums = self.rows(Term("count", among)), self.rows(Term("sum", among, value))
        own = n * np.nan_to_num(self.rows(Term("deviation", among, value)))
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = self.whole(among, value) / self.total(Term("count", among))
            off = np.where(n > 0, n * (sums / n - mean[self.cell]) ** 2, 0.0)
        return np.bincount(self.cell, own + off, self.size).astype(np.float64)


def add_up(table: Table, terms: list[Term], cells: Any, size: int, *, by_day: bool) -> Sums:
    """Return the sums of a table with the columns `CELL` and, with days, `DAY`.

    ``cells`` turns the engine's numbers of cells into those of the result.
    """
    keys = [CELL, DAY] if by_day else [CELL]
    names = {term: f"t{k}" for k, term in enumerate(terms)}
    values = table.select(*keys, **{name: _value(term) for term, name in names.items()})
    added = {name: _added(term.operation, name) for term, name in names.items()}
    found = fetch(values.group_by(*keys).agg(**added))
    columns = {term: found[name].astype(np.float64) for term, name in names.items()}
    return Sums(cells(found[CELL].astype(np.int64)), size, columns)
