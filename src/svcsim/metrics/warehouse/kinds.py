"""From sums and distributions that an engine made to values: one reducer a kind.

The same rules as `metrics.reduce`, from what is small enough to fetch: sums by cell and day,
counts at distinct values of every cell, counts of distinct labels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from svcsim.metrics import metric as kinds
from svcsim.metrics.reduce import Reduced
from svcsim.metrics.warehouse.sums import Sums, Term
from svcsim.stats.interval import (
    MIN_DAYS,
    clustered_error,
    excess_variance,
    quantile_ranks,
    t_interval,
    wilson,
)
from svcsim.stats.survival import SurvivalCurve, Ties, kaplan_meier_counted

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Name = Callable[[nw.Expr], str]


@dataclass(frozen=True)
class Distribution:
    """Values of the cells, ascending within each, with how often each came.

    Parameters
    ----------
    cell, value, n, seen : ndarray
        Cell, value, its rows, and those of them that are observed (not censored). Equal values
        may stand more than once.
    size : int
        Number of cells.
    """

    cell: Ints
    value: Floats
    n: Ints
    seen: Ints
    size: int

    @property
    def counts(self) -> Ints:
        """Rows of every cell."""
        return np.bincount(self.cell, self.n, self.size).astype(np.int64)

    def at(self, position: Ints) -> Floats:
        """Return the value at positions counted over all cells, one after the other."""
        return self.value[np.searchsorted(np.cumsum(self.n), position, side="right")]

    def curve(self, cell: int, ties: Ties) -> SurvivalCurve:
        """Return the Kaplan-Meier curve of a cell."""
        part = slice(*np.searchsorted(self.cell, [cell, cell + 1]))
        times, at = np.unique(self.value[part], return_inverse=True)
        events = np.bincount(at, self.seen[part], len(times)).astype(np.float64)
        alike = np.bincount(at, self.n[part], len(times)).astype(np.float64)
        return kaplan_meier_counted(times, events, alike - events, ties)


def terms_of(kind: kinds.Kind, name: Name, *, by_day: bool) -> list[Term]:
    """Return the sums that a kind needs, those of its interval with ``by_day``."""
    if isinstance(kind, kinds.Count):
        return [Term("count", name(kind.among))]
    if isinstance(kind, kinds.Share):
        among = name(kind.among)
        return [Term("count", among), Term("hits", among, name(kind.counts))]
    if isinstance(kind, (kinds.Mean, kinds.Spread)):
        among, value = name(kind.among), name(kind.value)
        around = by_day or isinstance(kind, kinds.Spread)
        more = [Term("deviation", among, value)] if around else []
        return [Term("count", among), *_sum(among, value), *more]
    if isinstance(kind, kinds.Sum):
        among, value = name(kind.among), name(kind.value)
        return [Term("count", among), *_sum(among, value)]
    if isinstance(kind, kinds.RatioOfSums):
        among, top, bottom = name(kind.among), name(kind.numerator), name(kind.denominator)
        pairs = ((top, top), (top, bottom), (bottom, bottom)) if by_day else ()
        products = [Term("product", among, *pair) for pair in pairs]
        return [Term("count", among), *_sum(among, top), *_sum(among, bottom), *products]
    return []


def _sum(among: str, value: str) -> list[Term]:
    return [Term("sum", among, value), Term("known", among, value)]


def needs_days(kind: kinds.Kind) -> bool:
    """Return whether the interval of a kind is clustered by day."""
    clustered = isinstance(kind, kinds.Share) and kind.queue
    return clustered or isinstance(kind, (kinds.Mean, kinds.RatioOfSums))


def from_sums(kind: kinds.Kind, sums: Sums, name: Name, *, intervals: bool) -> Reduced:
    """Return the value of a kind that sums suffice for."""
    return _FROM_SUMS[type(kind)](kind, sums, name, intervals)


def _count(kind: kinds.Count, sums: Sums, name: Name, intervals: bool) -> Reduced:
    n = sums.count(name(kind.among))
    return Reduced(np.where(n > 0, n, np.nan), n, _blank(sums.size), _blank(sums.size))


def _total(kind: kinds.Sum, sums: Sums, name: Name, intervals: bool) -> Reduced:
    n = sums.count(name(kind.among))
    total = sums.whole(name(kind.among), name(kind.value))
    return Reduced(np.where(n > 0, total, np.nan), n, _blank(sums.size), _blank(sums.size))


def _mean(kind: kinds.Mean, sums: Sums, name: Name, intervals: bool) -> Reduced:
    among, value = name(kind.among), name(kind.value)
    n = sums.count(among)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(n > 0, sums.whole(among, value) / n, np.nan)
    if not intervals or not n.any():
        return Reduced(mean, n, _blank(sums.size), _blank(sums.size))
    rows = sums.rows(Term("count", among))
    residual = sums.rows(Term("sum", among, value)) - mean[sums.cell] * rows
    squares = sums.around_mean(among, value)
    error, df = _clustered(sums, among, residual, squares, n.astype(np.float64))
    return Reduced(mean, n, *t_interval(mean, error, df))


def _ratio_of_sums(kind: kinds.RatioOfSums, sums: Sums, name: Name, intervals: bool) -> Reduced:
    among, top, bottom = name(kind.among), name(kind.numerator), name(kind.denominator)
    n, above, below = sums.count(among), sums.whole(among, top), sums.whole(among, bottom)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(below > 0, above / below, np.nan)
    if not intervals or not n.any():
        return Reduced(ratio, n, _blank(sums.size), _blank(sums.size))
    rows = [sums.rows(Term("sum", among, part)) for part in (top, bottom)]
    residual = rows[0] - ratio[sums.cell] * rows[1]
    product = {
        pair: sums.total(Term("product", among, *pair))
        for pair in ((top, top), (top, bottom), (bottom, bottom))
    }
    squares = product[top, top] - 2 * ratio * product[top, bottom]
    squares = np.maximum(squares + ratio * ratio * product[bottom, bottom], 0.0)
    error, df = _clustered(sums, among, residual, squares, below)
    return Reduced(ratio, n, *t_interval(ratio, error, df))


def _clustered(
    sums: Sums, among: str, residual: Floats, squares: Floats, bottom: Floats
) -> tuple[Floats, Floats]:
    """Return standard error and degrees of freedom: by day from `MIN_DAYS` days, else by row.

    ``residual`` is Σ u of every cell and day, ``squares`` Σ u² of every cell.
    """
    there = sums.rows(Term("count", among)) > 0
    days = np.bincount(sums.cell, there, sums.size).astype(np.float64)
    by_day = np.bincount(sums.cell, np.where(there, residual, 0.0) ** 2, sums.size)
    grouped = days >= MIN_DAYS
    clusters = np.where(grouped, days, sums.total(Term("count", among)))
    return clustered_error(np.where(grouped, by_day, squares), clusters, bottom)


def _share(kind: kinds.Share, sums: Sums, name: Name, intervals: bool) -> Reduced:
    among, counts = name(kind.among), name(kind.counts)
    n, successes = sums.count(among), sums.count(among, counts)
    with np.errstate(invalid="ignore"):
        share = np.where(n > 0, successes / n, np.nan)
    if not intervals or not n.any():
        return Reduced(share, n, _blank(sums.size), _blank(sums.size))
    effect: Floats | float = 1.0
    if kind.queue:
        rows, hits = sums.rows(Term("count", among)), sums.rows(Term("hits", among, counts))
        residual = hits - np.nan_to_num(share)[sums.cell] * rows
        squares = successes * (1 - share) ** 2 + (n - successes) * share**2
        size = n.astype(np.float64)
        error, _ = _clustered(sums, among, residual, squares, size)
        effect = excess_variance(error, share, size)
    return Reduced(share, n, *wilson(successes / effect, n / effect))


def _share_lower(kind: kinds.ShareLower, sums: Sums, name: Name, intervals: bool) -> Reduced:
    n, successes = sums.count(name(kind.among)), sums.count(name(kind.among), name(kind.counts))
    return Reduced(wilson(successes, n)[0], n, _blank(sums.size), _blank(sums.size))


def _spread(kind: kinds.Spread, sums: Sums, name: Name, intervals: bool) -> Reduced:
    among, value = name(kind.among), name(kind.value)
    n = sums.count(among)
    with np.errstate(invalid="ignore", divide="ignore"):
        deviation = np.where(n > 1, np.sqrt(sums.around_mean(among, value) / (n - 1)), np.nan)
    return Reduced(deviation, n, _blank(sums.size), _blank(sums.size))


_FROM_SUMS: dict[type, Callable[[Any, Sums, Name, bool], Reduced]] = {
    kinds.Count: _count,
    kinds.Sum: _total,
    kinds.Mean: _mean,
    kinds.Spread: _spread,
    kinds.Share: _share,
    kinds.ShareLower: _share_lower,
    kinds.RatioOfSums: _ratio_of_sums,
}


def quantile(kind: kinds.Quantile, found: Distribution, *, intervals: bool) -> Reduced:
    """Return the quantile of every cell; Kaplan-Meier's where contacts are still running."""
    counts, size = found.counts, found.size
    first = np.cumsum(counts) - counts
    value, low, high = _blank(size), _blank(size), _blank(size)
    full = counts > 0
    place = np.where(full, (counts - 1) * kind.p, 0.0)[full]
    below = np.floor(place).astype(np.int64)
    part = place - below
    left = found.at(first[full] + below)
    right = found.at(first[full] + below + (part > 0))
    value[full] = left + part * (right - left)
    if intervals:
        for bound, rank in zip((low, high), quantile_ranks(counts, kind.p), strict=True):
            known = np.isfinite(rank)
            bound[known] = found.at(first[known] + rank[known].astype(np.int64))
    if kind.observed is not None:
        seen = np.bincount(found.cell, found.seen, size)
        for cell in np.flatnonzero(seen < counts).tolist():
            curve = found.curve(cell, "events first")
            value[cell] = curve.quantile(kind.p)
            if intervals:
                bounds = curve.quantile_interval(kind.p)
                known_value = value[cell] == value[cell]
                low[cell], high[cell] = bounds if known_value else (np.nan, np.nan)
    return Reduced(value, counts, low, high)


def survival(kind: kinds.Survival, found: Distribution, *, intervals: bool) -> Reduced:
    """Return the Kaplan-Meier share of every cell."""
    counts, size = found.counts, found.size
    value, low, high = _blank(size), _blank(size), _blank(size)
    for cell in np.flatnonzero(counts).tolist():
        curve = found.curve(cell, "half")
        value[cell] = curve.at(kind.at)
        if intervals:
            low[cell], high[cell] = curve.interval_at(kind.at)
    return Reduced(value, counts, low, high)


def distinct(kind: kinds.Distinct | kinds.PerDistinct, n: Ints, different: Ints) -> Reduced:
    """Return the number of distinct labels of every cell, or the rows per label."""
    with np.errstate(invalid="ignore", divide="ignore"):
        value = n / different if isinstance(kind, kinds.PerDistinct) else different
    blank = _blank(len(n))
    return Reduced(np.where(n > 0, value, np.nan), n, blank, blank)


def _blank(size: int) -> Floats:
    return np.full(size, np.nan)
