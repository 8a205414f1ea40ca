"""From elementwise values to numbers: one reducer a kind, over all groups and replications."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from svcsim.compiler import given
from svcsim.metrics import metric as kinds
from svcsim.metrics.compiled_reduce import (
    run_count,
    run_distinct,
    run_gather,
    run_squares,
    run_total,
)
from svcsim.stats.interval import (
    design_effect,
    quantile_ranks,
    ratio_error,
    t_interval,
    wilson,
)
from svcsim.stats.survival import SurvivalCurve, Ties, kaplan_meier

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Reduced(NamedTuple):
    """Value, count and interval of every cell."""

    value: Floats
    n: Ints
    lower: Floats
    upper: Floats


@dataclass
class Cells:
    """Rows of a log assigned to cells (group x period) under one dating rule.

    Parameters
    ----------
    cell : ndarray of int
        Cell of each row, -1 for a row outside every period (as `given` returns it).
    size : int
        Number of cells.
    flags, numbers : dict
        Elementwise values by the identity of their expression, as `given` returns them.
    codes : dict
        Whole-number codes of a text column (-1 for missing), and their bound.
    day : callable or None
        Local day of each row for clustered intervals; None: no intervals wanted.
    date : ndarray or None
        Instant by which each row is dated, for slopes.
    """

    cell: Ints
    size: int
    flags: dict[int, Flags]
    numbers: dict[int, Floats]
    codes: dict[str, tuple[Ints, int]]
    day: Callable[[], Ints] | None
    date: Floats | None = None
    _grouped: dict[int, tuple[Ints, Ints]] = field(default_factory=dict)
    _sorted: dict[tuple[int, int], Floats] = field(default_factory=dict)

    def rows(self, among: nw.Expr) -> Ints:
        """Return the rows that count and lie in a cell."""
        return np.flatnonzero(self.flags[id(among)] & (self.cell >= 0))

    def count(self, among: nw.Expr, counts: Flags | None = None) -> tuple[Ints, Ints]:
        """Return the number of rows of every cell, and of those with ``counts``."""
        n, successes = np.zeros((2, self.size), dtype=np.int64)
        use = self.flags[id(among)]
        run_count(self.cell, use, use if counts is None else given(counts, "?"), n, successes)
        return n, successes

    def total(self, among: nw.Expr, value: nw.Expr) -> tuple[Ints, Floats]:
        """Return the number of rows of every cell and Σ value."""
        n, sums = np.zeros(self.size, dtype=np.int64), np.zeros(self.size)
        run_total(self.cell, self.flags[id(among)], self.numbers[id(value)], n, sums)
        return n, sums

    def grouped(self, among: nw.Expr) -> tuple[Ints, Ints]:
        """Return the rows that count, cell after cell, and the first position of every cell."""
        if id(among) not in self._grouped:
            use = self.flags[id(among)]
            first = np.zeros(self.size + 1, dtype=np.int64)
            rows = np.empty(len(use), dtype=np.int64)
            run_gather(self.cell, use, first, rows)
            self._grouped[id(among)] = rows[: first[-1]], first
        return self._grouped[id(among)]

    def ordered(self, among: nw.Expr, value: nw.Expr) -> tuple[Floats, Ints, Ints]:
        """Return values sorted within cells, the first position and the size of every cell."""
        key = (id(among), id(value))
        rows, first = self.grouped(among)
        if key not in self._sorted:
            values = self.numbers[id(value)][rows]
            bounds = first.tolist()
            for start, end in pairwise(bounds):
                values[start:end].sort()
            self._sorted[key] = values
        return self._sorted[key], first[:-1], np.diff(first)

    def blank(self) -> Floats:
        """Return NaN for every cell."""
        return np.full(self.size, np.nan)


def reduce(kind: kinds.Kind, cells: Cells) -> Reduced:
    """Return the value of a contact-based kind in every cell; an empty cell is NaN with n = 0."""
    return _REDUCERS[type(kind)](kind, cells)


def _count(kind: kinds.Count, cells: Cells) -> Reduced:
    n, _ = cells.count(kind.among)
    return Reduced(np.where(n > 0, n, np.nan), n, cells.blank(), cells.blank())


def _sum(kind: kinds.Sum, cells: Cells) -> Reduced:
    n, sums = cells.total(kind.among, kind.value)
    return Reduced(np.where(n > 0, sums, np.nan), n, cells.blank(), cells.blank())


def _mean(kind: kinds.Mean, cells: Cells) -> Reduced:
    n, sums = cells.total(kind.among, kind.value)
    return _ratio(cells, kind.among, n, (sums, n), (kind.value, None))


def _ratio_of_sums(kind: kinds.RatioOfSums, cells: Cells) -> Reduced:
    n, above = cells.total(kind.among, kind.numerator)
    _, below = cells.total(kind.among, kind.denominator)
    return _ratio(cells, kind.among, n, (above, below), (kind.numerator, kind.denominator))


def _ratio(
    cells: Cells,
    among: nw.Expr,
    n: Ints,
    sums: tuple[Floats, NDArray[Any]],
    parts: tuple[nw.Expr, nw.Expr | None],
) -> Reduced:
    """Return Σ numerator / Σ denominator (None: 1 a row) with the interval from the rows."""
    above, below = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(below > 0, above / below, np.nan)
    if cells.day is None or not n.any():
        return Reduced(value, n, cells.blank(), cells.blank())
    rows = cells.rows(among)
    top = cells.numbers[id(parts[0])][rows]
    bottom = np.ones(len(rows)) if parts[1] is None else cells.numbers[id(parts[1])][rows]
    error, df = ratio_error(top, bottom, cells.cell[rows], cells.size, cells.day()[rows])
    return Reduced(value, n, *t_interval(value, error, df))


def _share(kind: kinds.Share, cells: Cells) -> Reduced:
    counts = cells.flags[id(kind.counts)]
    n, successes = cells.count(kind.among, counts)
    with np.errstate(invalid="ignore"):
        value = np.where(n > 0, successes / n, np.nan)
    if cells.day is None or not n.any():
        return Reduced(value, n, cells.blank(), cells.blank())
    effect: Floats | float = 1.0
    if kind.queue:
        rows = cells.rows(kind.among)
        effect = design_effect(counts[rows], cells.cell[rows], cells.size, cells.day()[rows])
    return Reduced(value, n, *wilson(successes / effect, n / effect))


def _share_lower(kind: kinds.ShareLower, cells: Cells) -> Reduced:
    n, successes = cells.count(kind.among, cells.flags[id(kind.counts)])
    return Reduced(wilson(successes, n)[0], n, cells.blank(), cells.blank())


def _slope(kind: kinds.Slope, cells: Cells) -> Reduced:
    """Return b = Σ(t − t̄)(y − ȳ)/Σ(t − t̄)² per 30 days, its error √(Σe²/df/Σ(t − t̄)²).

    Means are those of the labels of ``within``, df = n − labels − 1.
    """
    rows, first = cells.grouped(kind.among)
    n = np.diff(first)
    freedom = np.zeros(len(n))
    value, error = cells.blank(), cells.blank()
    assert cells.date is not None
    for where in np.flatnonzero(n > 2).tolist():
        part = rows[first[where] : first[where + 1]]
        time = cells.date[part] / (30 * 86400.0)
        y = cells.numbers[id(kind.value)][part]
        own = np.zeros(len(part), dtype=np.int64)
        if kind.within:
            own = np.unique(cells.codes[kind.within][0][part], return_inverse=True)[1]
        levels = np.bincount(own)
        time, y = (x - (np.bincount(own, x) / levels)[own] for x in (time, y))
        spread, freedom[where] = float(time @ time), len(part) - len(levels) - 1
        if spread > 1e-12 and freedom[where] > 0:
            value[where] = float(time @ y) / spread
            rest = y - value[where] * time
            error[where] = np.sqrt(float(rest @ rest) / freedom[where] / spread)
    counted = np.where(np.isnan(value), 0, n)
    if cells.day is None:
        return Reduced(value, counted, cells.blank(), cells.blank())
    return Reduced(value, counted, *t_interval(value, error, freedom))


def _spread(kind: kinds.Spread, cells: Cells) -> Reduced:
    n, sums = cells.total(kind.among, kind.value)
    squares = np.zeros(cells.size)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = given(sums / n, "f8")
        run_squares(
            cells.cell, cells.flags[id(kind.among)], cells.numbers[id(kind.value)], mean, squares
        )
        value = np.where(n > 1, np.sqrt(squares / (n - 1)), np.nan)
    return Reduced(value, n, cells.blank(), cells.blank())


def _quantile(kind: kinds.Quantile, cells: Cells) -> Reduced:
    values, first, counts = cells.ordered(kind.among, kind.value)
    value, low, high = cells.blank(), cells.blank(), cells.blank()
    full = counts > 0
    place = np.where(full, (counts - 1) * kind.p, 0.0)
    value[full] = _between(values, first[full], place[full])
    if cells.day is not None:
        for bound, rank in zip((low, high), quantile_ranks(counts, kind.p), strict=True):
            known = np.isfinite(rank)
            bound[known] = values[first[known] + rank[known].astype(np.int64)]
    if kind.observed is not None:
        blank = (np.nan, np.nan)
        for where, curve in _running(kind, cells):
            value[where] = curve.quantile(kind.p)
            if cells.day is not None:
                bounds = curve.quantile_interval(kind.p)
                low[where], high[where] = bounds if value[where] == value[where] else blank
    return Reduced(value, counts, low, high)


def _between(values: Floats, first: Ints, place: Floats) -> Floats:
    """Return the value at a fractional position counted from ``first``."""
    below = np.floor(place).astype(np.int64)
    part = place - below
    left = values[first + below]
    right = values[np.where(part > 0, first + below + 1, first + below)]
    return np.asarray(left + part * (right - left), dtype=np.float64)


def _running(kind: kinds.Quantile, cells: Cells) -> list[tuple[int, SurvivalCurve]]:
    """Return the Kaplan-Meier curve of every cell that holds contacts still running."""
    assert kind.observed is not None
    observed = cells.flags[id(kind.observed)]
    n, seen = cells.count(kind.among, observed)
    return _curves(cells, kind.among, kind.value, observed, seen < n)


def _curves(
    cells: Cells,
    among: nw.Expr,
    time: nw.Expr,
    event: Flags,
    wanted: Flags,
    ties: Ties = "events first",
) -> list[tuple[int, SurvivalCurve]]:
    """Return the curve of every wanted cell."""
    places = np.flatnonzero(wanted).tolist()
    if not places:
        return []
    rows, first = cells.grouped(among)
    times = cells.numbers[id(time)]
    parts = [(where, rows[first[where] : first[where + 1]]) for where in places]
    return [(where, kaplan_meier(times[part], event[part], ties)) for where, part in parts]


def _survival(kind: kinds.Survival, cells: Cells) -> Reduced:
    n, _ = cells.count(kind.among)
    value, low, high = cells.blank(), cells.blank(), cells.blank()
    event = cells.flags[id(kind.event)]
    for where, curve in _curves(cells, kind.among, kind.time, event, n > 0, ties="half"):
        value[where] = curve.at(kind.at)
        if cells.day is not None:
            low[where], high[where] = curve.interval_at(kind.at)
    return Reduced(value, n, low, high)


def _distinct(kind: kinds.Distinct, cells: Cells) -> Reduced:
    n, different = _different(kind.among, kind.column, cells)
    value = np.where(n > 0, different, np.nan)
    return Reduced(value, n, cells.blank(), cells.blank())


def _per_distinct(kind: kinds.PerDistinct, cells: Cells) -> Reduced:
    n, different = _different(kind.among, kind.column, cells)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(different > 0, n / different, np.nan)
    return Reduced(value, n, cells.blank(), cells.blank())


def _different(among: nw.Expr, column: str, cells: Cells) -> tuple[Ints, Ints]:
    """Return the rows that count with a known code, and their distinct codes, by cell."""
    code, codes = cells.codes[column]
    rows, first = cells.grouped(among)
    n, different = np.zeros((2, cells.size), dtype=np.int64)
    run_distinct(given(first, "i8"), given(rows, "i8"), code, codes, n, different)
    return n, different


_REDUCERS: dict[type, Callable[[Any, Cells], Reduced]] = {
    kinds.Count: _count,
    kinds.Sum: _sum,
    kinds.Mean: _mean,
    kinds.Spread: _spread,
    kinds.Quantile: _quantile,
    kinds.Share: _share,
    kinds.ShareLower: _share_lower,
    kinds.Slope: _slope,
    kinds.RatioOfSums: _ratio_of_sums,
    kinds.Survival: _survival,
    kinds.Distinct: _distinct,
    kinds.PerDistinct: _per_distinct,
}
