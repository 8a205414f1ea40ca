"""From elementwise values to numbers: one reducer a kind, over all groups and replications."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.metrics import metric as kinds
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
        Cell of each row, -1 for a row outside every period.
    size : int
        Number of cells.
    column : callable
        Elementwise values of an expression (computed once a log).
    text : callable
        Whole-number codes of a text column, -1 for missing.
    day : callable or None
        Local day of each row for clustered intervals; None: no intervals wanted.
    """

    cell: Ints
    size: int
    column: Callable[[nw.Expr], NDArray[Any]]
    text: Callable[[str], Ints]
    day: Callable[[], Ints] | None
    _rows: dict[int, Ints] = field(default_factory=dict)
    _sorted: dict[tuple[int, int], tuple[Floats, Ints, Ints]] = field(default_factory=dict)

    def rows(self, among: nw.Expr) -> Ints:
        """Return the rows that count and lie in a cell."""
        if id(among) not in self._rows:
            self._rows[id(among)] = np.flatnonzero(self.column(among) & (self.cell >= 0))
        return self._rows[id(among)]

    def sum(self, rows: Ints, weights: Floats | None = None) -> Floats:
        """Return Σ weights (or the number of rows) by cell."""
        return np.bincount(self.cell[rows], weights, self.size).astype(np.float64)

    def ordered(self, among: nw.Expr, value: nw.Expr) -> tuple[Floats, Ints, Ints]:
        """Return values sorted within cells, the first position and the size of every cell."""
        key = (id(among), id(value))
        if key not in self._sorted:
            rows = self.rows(among)
            values, cell = self.column(value)[rows].astype(np.float64), self.cell[rows]
            counts = np.bincount(cell, minlength=self.size)
            values = values[np.lexsort((values, cell))] if self.size > 1 else np.sort(values)
            self._sorted[key] = (values, np.cumsum(counts) - counts, counts)
        return self._sorted[key]

    def blank(self) -> Floats:
        """Return NaN for every cell."""
        return np.full(self.size, np.nan)


def reduce(kind: kinds.Kind, cells: Cells) -> Reduced:
    """Return the value of a contact-based kind in every cell; an empty cell is NaN with n = 0."""
    return _REDUCERS[type(kind)](kind, cells)


def _count(kind: kinds.Count, cells: Cells) -> Reduced:
    n = cells.sum(cells.rows(kind.among))
    return Reduced(np.where(n > 0, n, np.nan), n.astype(np.int64), cells.blank(), cells.blank())


def _mean(kind: kinds.Mean, cells: Cells) -> Reduced:
    rows = cells.rows(kind.among)
    return _ratio(cells, rows, cells.column(kind.value)[rows], np.ones(len(rows)))


def _ratio_of_sums(kind: kinds.RatioOfSums, cells: Cells) -> Reduced:
    rows = cells.rows(kind.among)
    return _ratio(
        cells, rows, cells.column(kind.numerator)[rows], cells.column(kind.denominator)[rows]
    )


def _ratio(cells: Cells, rows: Ints, numerator: NDArray[Any], denominator: NDArray[Any]) -> Reduced:
    top, bottom = numerator.astype(np.float64), denominator.astype(np.float64)
    below = cells.sum(rows, bottom)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(below > 0, cells.sum(rows, top) / below, np.nan)
    n = cells.sum(rows).astype(np.int64)
    if cells.day is None or not len(rows):
        return Reduced(value, n, cells.blank(), cells.blank())
    error, df = ratio_error(top, bottom, cells.cell[rows], cells.size, cells.day()[rows])
    return Reduced(value, n, *t_interval(value, error, df))


def _share(kind: kinds.Share, cells: Cells) -> Reduced:
    rows = cells.rows(kind.among)
    counts = cells.column(kind.counts)[rows]
    n, successes = cells.sum(rows), cells.sum(rows[counts])
    with np.errstate(invalid="ignore"):
        value = np.where(n > 0, successes / n, np.nan)
    if cells.day is None or not len(rows):
        return Reduced(value, n.astype(np.int64), cells.blank(), cells.blank())
    effect: Floats | float = 1.0
    if kind.queue:
        effect = design_effect(counts, cells.cell[rows], cells.size, cells.day()[rows])
    return Reduced(value, n.astype(np.int64), *wilson(successes / effect, n / effect))


def _spread(kind: kinds.Spread, cells: Cells) -> Reduced:
    rows = cells.rows(kind.among)
    values, n = cells.column(kind.value)[rows].astype(np.float64), cells.sum(rows)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = cells.sum(rows, values) / n
        squares = cells.sum(rows, (values - mean[cells.cell[rows]]) ** 2)
        value = np.where(n > 1, np.sqrt(squares / (n - 1)), np.nan)
    return Reduced(value, n.astype(np.int64), cells.blank(), cells.blank())


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
    return Reduced(value, counts.astype(np.int64), low, high)


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
    rows = cells.rows(kind.among)
    observed = cells.column(kind.observed)[rows]
    if observed.all():
        return []
    running = cells.sum(rows[~observed]) > 0
    return _curves(cells, rows, cells.column(kind.value)[rows], observed, running)


def _curves(
    cells: Cells,
    rows: Ints,
    time: NDArray[Any],
    event: NDArray[Any],
    wanted: NDArray[np.bool_],
    ties: Ties = "events first",
) -> list[tuple[int, SurvivalCurve]]:
    order = np.argsort(cells.cell[rows], kind="stable")
    bounds = np.searchsorted(cells.cell[rows][order], np.arange(cells.size + 1))
    curves = []
    for where in np.flatnonzero(wanted):
        part = order[bounds[where] : bounds[where + 1]]
        curves.append((int(where), kaplan_meier(time[part], event[part], ties)))
    return curves


def _survival(kind: kinds.Survival, cells: Cells) -> Reduced:
    rows = cells.rows(kind.among)
    n = cells.sum(rows).astype(np.int64)
    value, low, high = cells.blank(), cells.blank(), cells.blank()
    time, event = cells.column(kind.time)[rows], cells.column(kind.event)[rows]
    for where, curve in _curves(cells, rows, time, event, n > 0, ties="half"):
        value[where] = curve.at(kind.at)
        if cells.day is not None:
            low[where], high[where] = curve.interval_at(kind.at)
    return Reduced(value, n, low, high)


def _distinct(kind: kinds.Distinct, cells: Cells) -> Reduced:
    rows, different = _different(kind.among, kind.column, cells)
    n = cells.sum(rows).astype(np.int64)
    value = np.where(n > 0, different, np.nan)
    return Reduced(value, n, cells.blank(), cells.blank())


def _per_distinct(kind: kinds.PerDistinct, cells: Cells) -> Reduced:
    rows, different = _different(kind.among, kind.column, cells)
    n = cells.sum(rows)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(different > 0, n / different, np.nan)
    return Reduced(value, n.astype(np.int64), cells.blank(), cells.blank())


def _different(among: nw.Expr, column: str, cells: Cells) -> tuple[Ints, Floats]:
    """Return the rows that count with a known code, and their distinct codes by cell."""
    codes, rows = cells.text(column), cells.rows(among)
    rows = rows[codes[rows] >= 0]
    span = int(codes.max(initial=0)) + 1
    pairs = pd.unique(cells.cell[rows] * span + codes[rows])
    return rows, np.bincount(pairs // span, minlength=cells.size).astype(np.float64)


_REDUCERS: dict[type, Callable[[Any, Cells], Reduced]] = {
    kinds.Count: _count,
    kinds.Mean: _mean,
    kinds.Spread: _spread,
    kinds.Quantile: _quantile,
    kinds.Share: _share,
    kinds.RatioOfSums: _ratio_of_sums,
    kinds.Survival: _survival,
    kinds.Distinct: _distinct,
    kinds.PerDistinct: _per_distinct,
}
