"""Intervals for measured values: Wilson, Student's t on ratio residuals, order statistics.

Everything is vectorised: arrays in, arrays out; no data gives NaN, never 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]
LEVEL = 0.95
"""Confidence level of the two-sided interval of a measured value."""
MIN_DAYS = 8
"""Distinct days from which standard errors are clustered by day."""


def wilson(successes: ArrayLike, n: ArrayLike, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Return the Wilson score interval of a share.

    (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n); ``n`` may be an effective (fractional)
    sample size. Source: Wilson 1927.
    """
    count, size = np.broadcast_arrays(
        np.asarray(successes, dtype=float), np.asarray(n, dtype=float)
    )
    z = special.ndtri(0.5 + level / 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = count / size
        centre = share + z * z / (2 * size)
        half = z * np.sqrt(share * (1 - share) / size + z * z / (4 * size * size))
        scale = 1 + z * z / size
        low, high = (centre - half) / scale, (centre + half) / scale
    empty = ~(size > 0)
    return (
        np.where(empty, np.nan, np.clip(low, 0.0, 1.0)),
        np.where(empty, np.nan, np.clip(high, 0.0, 1.0)),
    )


def poisson_interval(count: ArrayLike, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Return the exact interval of the mean of a Poisson count.

    χ²(2k; α/2)/2 and χ²(2k + 2; 1 − α/2)/2; the lower end of none is 0. Source: Garwood 1936.
    """
    k = np.asarray(count, dtype=float)
    tail = (1 - level) / 2
    with np.errstate(invalid="ignore"):
        low = np.where(k > 0, special.gammaincinv(np.maximum(k, 1e-9), tail), 0.0)
        high = special.gammaincinv(k + 1, 1 - tail)
    return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)


def t_interval(
    value: ArrayLike, se: ArrayLike, df: ArrayLike, level: float = LEVEL
) -> tuple[Floats, Floats]:
    """Return value ± t(df)·se; NaN where ``df`` is below 1."""
    centre, error = np.asarray(value, dtype=float), np.asarray(se, dtype=float)
    freedom = np.asarray(df, dtype=float)
    usable = freedom >= 1
    quantile = special.stdtrit(np.where(usable, freedom, 1.0), 0.5 + level / 2)
    half = np.where(usable, quantile * error, np.nan)
    return centre - half, centre + half


def ratio_error(
    numerator: Floats,
    denominator: Floats,
    cell: NDArray[np.int64],
    size: int,
    day: NDArray[np.int64] | None = None,
) -> tuple[Floats, Floats]:
    """Return standard error and degrees of freedom of Σnumerator/Σdenominator in each cell.

    Linearisation: residual u = y − R·x, se = √(G/(G−1)·Σ_g(Σ u)²)/Σx, with one cluster g a local
    day (contacts of a day share one queue) where a cell has observations on at least `MIN_DAYS`
    days, else a cluster per observation. A mean is the ratio with x = 1. Source: Taylor
    linearisation for cluster samples (Cochran 1977, Sampling Techniques).
    """
    bottom = np.bincount(cell, denominator, size).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(bottom > 0, np.bincount(cell, numerator, size) / bottom, np.nan)
    residual = numerator - ratio[cell] * denominator
    clusters = np.bincount(cell, minlength=size).astype(float)
    squares = np.bincount(cell, residual * residual, size).astype(float)
    if day is not None:
        days, day_squares = _by_day(residual, cell, day, size)
        grouped = days >= MIN_DAYS
        clusters = np.where(grouped, days, clusters)
        squares = np.where(grouped, day_squares, squares)
    return clustered_error(squares, clusters, bottom)


def clustered_error(squares: Floats, clusters: Floats, bottom: Floats) -> tuple[Floats, Floats]:
    """Return √(G/(G−1)·Σ_g(Σ u)²)/|Σx| and its degrees of freedom G − 1; see `ratio_error`.

    ``squares`` are Σ_g(Σ u)², ``clusters`` G, ``bottom`` Σx.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(squares * clusters / (clusters - 1)) / np.abs(bottom)
    return np.where(clusters > 1, error, np.nan), clusters - 1


def design_effect(
    successes: NDArray[np.bool_], cell: NDArray[np.int64], size: int, day: NDArray[np.int64]
) -> Floats:
    """Return how many times the variance of a share exceeds the binomial one, at least 1.

    Variance clustered by day over p(1−p)/n. Source: Kish 1965, Survey Sampling.
    """
    numerator, ones = successes.astype(float), np.ones(len(successes))
    n = np.bincount(cell, minlength=size).astype(float)
    error, _ = ratio_error(numerator, ones, cell, size, day)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.bincount(cell, numerator, size) / n
    return excess_variance(error, share, n)


def excess_variance(error: Floats, share: Floats, n: Floats) -> Floats:
    """Return error² over the binomial p(1−p)/n, at least 1, and 1 where either is not known."""
    with np.errstate(invalid="ignore", divide="ignore"):
        effect = error * error / (share * (1 - share) / n)
    return np.where(np.isfinite(effect), np.maximum(effect, 1.0), 1.0)


def quantile_ranks(n: ArrayLike, p: float, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Return the 0-based ranks of the order statistics that enclose the ``p`` quantile.

    The number of observations below the quantile is binomial(n, p); its two-sided central
    interval (normal approximation with continuity) gives the ranks. NaN where the sample is too
    small to hold both. Source: David & Nagaraja 2003, Order Statistics.
    """
    size = np.asarray(n, dtype=float)
    z = special.ndtri(0.5 + level / 2)
    half = z * np.sqrt(size * p * (1 - p))
    low = np.floor(size * p - half) - 1
    high = np.ceil(size * p + half)
    usable = (low >= 0) & (high <= size - 1)
    return np.where(usable, low, np.nan), np.where(usable, high, np.nan)


def _by_day(
    residual: Floats, cell: NDArray[np.int64], day: NDArray[np.int64], size: int
) -> tuple[Floats, Floats]:
    """Return, for each cell, the number of days with observations and Σ over days of (Σu)²."""
    first = int(day.min()) if len(day) else 0
    span = int(day.max()) - first + 1 if len(day) else 1
    key, inverse = np.unique(cell * span + (day - first), return_inverse=True)
    sums = np.bincount(inverse, residual, len(key))
    owner = key // span
    days = np.bincount(owner, minlength=size).astype(np.float64)
    return days, np.bincount(owner, sums * sums, size).astype(np.float64)
