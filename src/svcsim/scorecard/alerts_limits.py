"""Control limits from a simulated distribution, with the false-alarm rate that they have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from svcsim.errors import Finding, InputError

LEVEL = 0.95


@dataclass(frozen=True)
class ControlLimit:
    """A limit that a healthy period crosses with a stated probability.

    Parameters
    ----------
    value : float
        The limit, in the metric's unit; NaN when the replications are too few.
    lower, upper : float
        95 % interval of the true quantile, from order statistics.
    rate : float
        False-alarm rate that was asked for.
    rate_lower, rate_upper : float
        95 % interval of the rate that the limit really has.
    replications, needed : int
        How many there are, and the fewest with which the interval closes on both sides.
    """

    value: float
    lower: float
    upper: float
    rate: float
    rate_lower: float
    rate_upper: float
    replications: int
    needed: int


def control_limit(values: ArrayLike, rate: float, worse: Literal["up", "down"]) -> ControlLimit:
    """Return the limit beyond which a period is worse than all but a share ``rate`` of simulated.

    The limit is the order statistic X_(r), r = ⌈(n + 1)(1 − rate)⌉ of n replications (of the
    negated values where worse is down): a further period of the same desk exceeds it with
    probability 1 − r/(n + 1) ≤ rate exactly, whatever the distribution. Given the limit, that rate
    is Beta(n + 1 − r, r); the quantile lies between the order statistics l and u with
    P(l ≤ Binomial(n, 1 − rate) < u) ≥ .95. Source: David and Nagaraja 2003.

    Raises
    ------
    InputError
        When the rate is not between 0 and .5.
    """
    if not 0 < rate < 0.5:
        raise InputError(Finding("rate", f"{rate:g}", "a false-alarm rate between 0% and 50%"))
    sign = 1.0 if worse == "up" else -1.0
    sample = np.asarray(values, dtype=float)
    x = np.sort(sign * sample[np.isfinite(sample)])
    n, needed = len(x), replications_for(rate)
    place = int(np.ceil((n + 1) * (1 - rate)))
    if not 1 <= place <= n:
        return ControlLimit(np.nan, np.nan, np.nan, rate, 0.0, 1.0, n, needed)
    tail = (1 - LEVEL) / 2
    low = int(stats.binom.ppf(tail, n, 1 - rate))
    high = int(stats.binom.ppf(1 - tail, n, 1 - rate)) + 1
    lower = float(x[low - 1]) if low >= 1 else -np.inf
    upper = float(x[high - 1]) if high <= n else np.inf
    lower, upper = sorted((sign * lower, sign * upper))
    real = stats.beta.ppf([tail, 1 - tail], n + 1 - place, place)
    value = sign * float(x[place - 1])
    return ControlLimit(value, lower, upper, rate, float(real[0]), float(real[1]), n, needed)


def replications_for(rate: float) -> int:
    """Return the fewest replications with which the interval of the limit closes on both sides.

    The largest of n values exceeds the 1 − rate quantile with probability 1 − (1 − rate)^n; it is
    to be .975.
    """
    return int(np.ceil(np.log((1 - LEVEL) / 2) / np.log1p(-rate)))
