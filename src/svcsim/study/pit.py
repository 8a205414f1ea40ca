"""Probability integral transform: where observed values lie in their simulated distributions.

u = F(y-) + v (F(y) - F(y-)) with v uniform (randomised, for counts and ties) or v = 1/2
(mid-rank), F the empirical distribution of the observed and the simulated values together. A right
model gives uniform u. Ten bins: a U means bands too narrow, a hump too wide, a slope biased
(Dawid 1984; Czado, Gneiting and Held 2009). The values of one week hang together, so how uneven
ten bins may be by chance is not read from the chi-squared distribution: every simulated log is
put in the place of the observed one, which a right model makes exchangeable.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from svcsim.model.fidelity import Pit

Array = NDArray[np.float64]
BINS = 10
LEAST_VALUES = 30
"""Values below which the ten bins are shown but not tested."""
SIGNIFICANT = 0.05
Shape = Literal["flat", "U", "hump", "low", "high", "few"]


def places(stacked: Array, *, mid: bool = False, seed: int = 1) -> Array:
    """Return the place of every entry among the entries of its column, in (0, 1).

    Parameters
    ----------
    stacked : array of (logs, cells)
        Row 0 observed, the others simulated; missing entries get no place (NaN).
    mid : bool
        Mid-ranks instead of randomised ones: no chance, but ties heap up.
    """
    known = ~np.isnan(stacked)
    n = known.sum(axis=0)
    low = rankdata(stacked, method="min", axis=0, nan_policy="omit") - 1.0
    high = rankdata(stacked, method="max", axis=0, nan_policy="omit")
    v = np.full(stacked.shape, 0.5) if mid else np.random.default_rng(seed).random(stacked.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known, (low + v * (high - low)) / n, np.nan)


def unevenness(u: Array) -> Array:
    """Return the chi-squared statistic of ten equal bins for each row of places."""
    counts = np.stack([histogram(row) for row in u]).astype(float)
    expected = counts.sum(axis=1, keepdims=True) / BINS
    with np.errstate(invalid="ignore", divide="ignore"):
        chi2: Array = np.where(expected > 0, (counts - expected) ** 2 / expected, 0.0).sum(axis=1)
    return chi2


def histogram(u: Array) -> NDArray[np.int64]:
    """Return how many places lie in each of ten equal bins."""
    known = u[~np.isnan(u)]
    return np.bincount(np.minimum((known * BINS).astype(int), BINS - 1), minlength=BINS)


def pit_of(metric: str, u: Array, periods: Sequence[object]) -> Pit | None:
    """Return the record of the places ``u`` (row 0 observed), one period a column.

    p = (1 + simulated rows at least as uneven) / (1 + simulated rows), from `LEAST_VALUES` values
    up.
    """
    own = u[0]
    n = int((~np.isnan(own)).sum())
    if n == 0:
        return None
    chi2 = unevenness(u)
    p = None
    if n >= LEAST_VALUES and len(u) > 1:
        p = float((1 + (chi2[1:] >= chi2[0]).sum()) / len(u))
    return Pit(
        metric=metric,
        n=n,
        periods=len({str(p) for p in periods}),
        counts=tuple(int(c) for c in histogram(own)),
        mean=round(float(np.nanmean(own)), 4),
        chi2=round(float(chi2[0]), 3),
        p=None if p is None else round(p, 4),
        shape=shape_of(own, p),
    )


def shape_of(u: Array, p: float | None) -> Shape:
    """Return what the ten bins look like; a shape that chance explains is flat.

    The more uneven of the first two moments decides: the mean against 1/2 (a slope) or the
    variance against 1/12 (a U or a hump), each in its own standard errors.
    """
    if p is None:
        return "few"
    if p >= SIGNIFICANT:
        return "flat"
    known = u[~np.isnan(u)]
    n = len(known)
    slope = (known.mean() - 0.5) * np.sqrt(12 * n)
    # Var[(u - 1/2)^2] = 1/180
    bend = (np.mean((known - 0.5) ** 2) - 1 / 12) * np.sqrt(180 * n)
    if abs(slope) >= abs(bend):
        return "low" if slope < 0 else "high"
    return "U" if bend > 0 else "hump"
