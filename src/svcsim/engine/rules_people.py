"""Rules of who works at the desk and how fast: plain functions of scalars (see ``rules``)."""

from __future__ import annotations

import math

YEAR = 365.25
"""Days."""


def learned(start: float, time_s: float, tenure_s: float) -> float:
    """R4: speed of an agent after a tenure, as a share of the own full speed.

    1 - (1 - start) exp(-tenure / time); ``start`` on the first day, 1 without end of tenure.
    """
    if time_s <= 0.0:
        return 1.0
    return 1.0 - (1.0 - start) * math.exp(-max(tenure_s, 0.0) / time_s)


def stays(per_year: float, u: float) -> float:
    """R8: days until an agent leaves: exponential, so that the share ``per_year`` leaves a year."""
    if per_year <= 0.0:
        return math.inf
    return YEAR * math.log(u) / math.log1p(-min(per_year, 1.0 - 1e-9))


def spell_begins(per_year: float, u: float) -> bool:
    """R8: whether a spell of absence begins on a day."""
    return u < per_year / YEAR


def spell_days(mean: float, u: float) -> int:
    """R8: calendar days of a spell of absence: geometric from 1 on."""
    if mean <= 1.0:
        return 1
    return 1 + int(math.log(u) / math.log1p(-1.0 / mean))
