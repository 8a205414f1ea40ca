"""How long something lasts: laws of duration, their quantiles and what is left of a started one.

Plain functions of scalars that all clocks call (see ``rules``). A duration is drawn by inverse
transform: the quantile of its law at a uniform that the caller drew.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from svcsim.engine.draws import normal

FIXED, EXPONENTIAL, LOGNORMAL, TABLE = 0, 1, 2, 3

_BELOW_ONE = 1.0 - 2.0**-53
LONGEST = 2.0**28
"""Longest duration in seconds (8.5 years): sums of a few still fit the 32 bits of rows."""

Numbers = Sequence[float]


class Law(NamedTuple):
    """A duration law: kind, mean in seconds, sd of the log, share of zeros, and its table.

    The table (quantiles relative to the mean) lies in the desk's ``tables`` from ``first`` up to,
    not including, ``last``.
    """

    kind: int
    mean: float
    sigma: float
    zero: float
    first: int
    last: int


NOTHING = Law(FIXED, 0.0, 0.0, 0.0, 0, 0)
"""The law of what takes no time."""


def whole(seconds: float, tick: int) -> int:
    """Return a duration on the clock's grid (half a tick rounds up), at most `LONGEST`."""
    if tick == 1:  # the usual grid, spared two of the slowest operations
        return int(min(seconds, LONGEST) + 0.5)
    return int(min(seconds, LONGEST) / tick + 0.5) * tick


def duration(law: Law, tables: Numbers, u: float) -> float:
    """Return the quantile of a duration law at ``u`` in seconds (inverse transform)."""
    if law.zero > 0.0:
        if u < law.zero:
            return 0.0
        u = min((u - law.zero) / (1.0 - law.zero), _BELOW_ONE)
    if law.kind == LOGNORMAL:
        return law.mean * math.exp(law.sigma * normal(u) - 0.5 * law.sigma * law.sigma)
    if law.kind == EXPONENTIAL:
        return -law.mean * math.log(1.0 - u)  # 1 - u is exact: u has 33 bits
    if law.kind == TABLE:
        place = u * (law.last - law.first - 1)
        i = int(place)
        low, high = tables[law.first + i], tables[law.first + i + 1]
        return law.mean * (low + (place - i) * (high - low))
    return law.mean


def elapsed_share(law: Law, tables: Numbers, seconds: float) -> float:
    """Return P(duration <= seconds) of a duration law (its distribution function)."""
    if seconds < 0.0:
        return 0.0
    if law.mean <= 0.0:
        return 1.0
    if law.kind == LOGNORMAL:
        z = math.log(max(seconds, 1e-9) / law.mean) + 0.5 * law.sigma * law.sigma
        base = 0.5 * math.erfc(-z / max(law.sigma, 1e-12) / math.sqrt(2.0))
    elif law.kind == EXPONENTIAL:
        base = -math.expm1(-seconds / law.mean)
    elif law.kind == TABLE:
        base = _table_share(law, tables, seconds / law.mean)
    else:
        base = 1.0 if seconds >= law.mean else 0.0
    return law.zero + (1.0 - law.zero) * base


def _table_share(law: Law, tables: Numbers, x: float) -> float:
    """Return the distribution function of a table at ``x`` (relative to the mean)."""
    i = law.first
    while i < law.last and tables[i] <= x:
        i += 1
    if i == law.first:
        return 0.0
    if i == law.last:
        return 1.0
    part = (x - tables[i - 1]) / (tables[i] - tables[i - 1])
    return (i - 1 - law.first + part) / (law.last - law.first - 1)


def remaining(law: Law, tables: Numbers, age: float, u: float) -> float:
    """Return a draw of the rest of a duration given that it already lasted ``age`` seconds."""
    done = elapsed_share(law, tables, age)
    if done >= 1.0 - 1e-12:
        return 0.0
    return max(duration(law, tables, min(done + (1.0 - done) * u, _BELOW_ONE)) - age, 0.0)
