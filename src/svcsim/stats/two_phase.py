"""A share known from few trials, steadied by a related share known from many.

A trial of the small set has two outcomes: before (B) and after (A). The other trials of the large
set have B alone. With common random numbers A follows B closely, so what B did in the large set
says how lucky the small one was.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from svcsim.stats.interval import wilson

Floats = NDArray[np.float64]


def two_phase_share(
    both: ArrayLike,
    gained: ArrayLike,
    lost: ArrayLike,
    neither: ArrayLike,
    more_hits: ArrayLike,
    more: ArrayLike,
    level: float,
) -> tuple[Floats, Floats, Floats]:
    """Return P(A) with its interval, stratified by B.

    P = w·a + (1 − w)·b, with w = P(B) of the large set, a = P(A | B) and b = P(A | not B) of the
    small one. It is the regression estimator P(A) + c·(P(B, all) − P(B, small)) with the best
    coefficient c = cov(A, B)/var(B), and the maximum-likelihood one (double sampling: Cochran
    1977, Sampling Techniques, chapter 12). Where the small set holds no trial with B (or none
    without), nothing is taken to change there: a = 1, b = 0.

    The interval squares and adds the distances of the Wilson limits of w, a and b from their
    values, each times its weight (a − b, w, 1 − w): Zou and Donner 2008 (MOVER), after Newcombe
    1998. Where a stratum is empty it also covers what follows if A did not depend on B. In
    simulations with 20 to 70 of 100 to 200 trials, nominal 90 % intervals held the truth in 87 to
    97 %; in up to 100 % where A always equals B, which no small sample can know
    (``benchmarks/paired_coverage.py``).

    Parameters
    ----------
    both, gained, lost, neither : array_like
        Trials of the small set: A and B, A without B, B without A, none.
    more_hits, more : array_like
        Trials of the large set outside the small one: those with B, and all of them.
    level : float
        Confidence of the two-sided interval.
    """
    counts = [np.asarray(c, dtype=float) for c in (both, gained, lost, neither, more_hits, more)]
    n_b, n_not = counts[0] + counts[2], counts[1] + counts[3]
    share = (counts[0] + counts[1]) / (n_b + n_not)
    value, low, high = _stratified(counts, n_b, n_not, 1.0, 0.0, level)
    _, also_low, also_high = _stratified(counts, n_b, n_not, share, share, level)
    return value, np.minimum(low, also_low), np.maximum(high, also_high)


def _stratified(
    counts: list[Floats],
    n_b: Floats,
    n_not: Floats,
    a_unknown: Floats | float,
    b_unknown: Floats | float,
    level: float,
) -> tuple[Floats, Floats, Floats]:
    """Return w·a + (1 − w)·b with its interval; an empty stratum has the given share."""
    both, gained, _, _, more_hits, more = counts
    every = n_b + n_not + more
    w = (n_b + more_hits) / every
    a = np.where(n_b > 0, both / np.maximum(n_b, 1), a_unknown)
    b = np.where(n_not > 0, gained / np.maximum(n_not, 1), b_unknown)
    value = w * a + (1 - w) * b
    w_low, w_high = wilson(n_b + more_hits, every, level)
    a_low, a_high = _limits(both, n_b, level)
    b_low, b_high = _limits(gained, n_not, level)
    less, greater = w - w_low, w_high - w
    step = np.abs(a - b)
    down = step * np.where(a > b, less, greater)
    up = step * np.where(a > b, greater, less)
    below = np.sqrt((w * (a - a_low)) ** 2 + ((1 - w) * (b - b_low)) ** 2 + down**2)
    above = np.sqrt((w * (a_high - a)) ** 2 + ((1 - w) * (b_high - b)) ** 2 + up**2)
    return value, np.clip(value - below, 0.0, 1.0), np.clip(value + above, 0.0, 1.0)


def _limits(hits: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    """Return Wilson limits; nothing observed is 0 to 1."""
    low, high = wilson(hits, n, level)
    return np.where(n > 0, low, 0.0), np.where(n > 0, high, 1.0)
