"""Control limits of a funnel: how far luck alone moves the value of a unit with n contacts."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta, binom, gamma, norm

Floats = NDArray[np.float64]
Law = Literal["binomial", "gamma", "normal", "order"]

WATCH, ACT = 0.95, 0.998
"""Two-sided levels of the inner and the outer limit. Source: Spiegelhalter 2005."""
TRIM = 0.10
"""Part of the z values winsorised at each end before their spread is taken."""
FEWEST = 5
"""Fewer units than this show no spread beyond chance."""


def binomial_limits(n: ArrayLike, p: ArrayLike, level: float) -> tuple[Floats, Floats]:
    """Return the exact binomial limits of a share, interpolated between whole successes.

    The lower limit is (r − a)/n with r the smallest number of successes whose P(R ≤ r) exceeds
    t = (1 − level)/2 and a = (P(R ≤ r) − t)/(P(R ≤ r) − P(R ≤ r − 1)); the upper limit is the same
    for 1 − t. A share strictly outside has probability at most t on either side. Source:
    Spiegelhalter 2005, Funnel plots for comparing institutional performance, appendix.
    """
    size, chance = np.broadcast_arrays(np.asarray(n, float), np.asarray(p, float))
    size = np.maximum(np.round(size), 1.0)
    tail = (1 - level) / 2
    low = _interpolated(size, chance, tail)
    high = 1.0 - _interpolated(size, 1.0 - chance, tail)
    return np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)


def _interpolated(size: Floats, chance: Floats, tail: float) -> Floats:
    r = binom.ppf(tail, size, chance)
    r = np.where(binom.cdf(r, size, chance) > tail, r, r + 1)
    upto, below = binom.cdf(r, size, chance), binom.cdf(r - 1, size, chance)
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(upto > below, (upto - tail) / (upto - below), 0.0)
    return np.asarray((r - part) / size)


def law_limits(
    law: Law, centre: ArrayLike, error: ArrayLike, level: float
) -> tuple[Floats, Floats]:
    """Return limits around a centre for a standard error.

    ``gamma``: a mean of positive, skew values is nearly gamma with shape (centre/error)²;
    ``normal``: centre ± z·error.
    """
    middle, spread = np.broadcast_arrays(np.asarray(centre, float), np.asarray(error, float))
    tail = (1 - level) / 2
    if law == "gamma":
        with np.errstate(invalid="ignore", divide="ignore"):
            shape = (middle / spread) ** 2
            low, high = (middle * gamma.ppf(t, shape) / shape for t in (tail, 1 - tail))
        return np.where(spread > 0, low, middle), np.where(spread > 0, high, middle)
    z = norm.ppf(1 - tail)
    return middle - z * spread, middle + z * spread


def order_shares(p: float, n: float, level: float) -> tuple[float, float]:
    """Return the shares of all contacts below the limits of the ``p`` quantile of ``n`` of them.

    The share below a sample quantile is beta((n + 1)·p, (n + 1)·(1 − p)). Source: David and
    Nagaraja 2003, Order Statistics.
    """
    tail = (1 - level) / 2
    low, high = beta.ppf([tail, 1 - tail], (n + 1) * p, (n + 1) * (1 - p))
    return float(low), float(high)


def order_limits(pool: Floats, p: float, n: Floats, level: float) -> tuple[Floats, Floats]:
    """Return limits of the ``p`` quantile of ``n`` contacts drawn from an ascending pool."""
    shares = np.array([order_shares(p, float(size), level) for size in n]).reshape(-1, 2)
    return np.quantile(pool, shares[:, 0]), np.quantile(pool, shares[:, 1])


def stretched(
    centre: ArrayLike, limits: tuple[Floats, Floats], factor: ArrayLike, *, on_log: bool = False
) -> tuple[Floats, Floats]:
    """Return limits moved away from the centre by a factor (on the log scale for times)."""
    middle = np.asarray(centre, dtype=float)
    if on_log:
        with np.errstate(invalid="ignore", divide="ignore"):
            low, high = (middle * (limit / middle) ** factor for limit in limits)
        return low, high
    low, high = (middle + (limit - middle) * factor for limit in limits)
    return low, high


def over_dispersion(z: Floats) -> float:
    """Return φ: the mean of z² winsorised by 10 % at each tail, at least 1.

    Units that really differ spread more than chance. The limits of a funnel are widened by √φ, so
    that they name who lies outside the usual spread, not everybody who is not average. Source:
    Spiegelhalter 2005.
    """
    known = z[np.isfinite(z)]
    if known.size < FEWEST:
        return 1.0
    low, high = np.quantile(known, [TRIM, 1 - TRIM])
    return max(float((np.clip(known, low, high) ** 2).mean()), 1.0)
