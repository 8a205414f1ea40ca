"""Special days: the factor of each kind, and dates that look like holidays nobody told us of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calendar.special import AFTER, BEFORE, BRIDGE
from svcsim.calibration.days import RICH, DayTable
from svcsim.calibration.estimator import local_days, on_log
from svcsim.model.quantity import Factor

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

STRENGTH = 30.0
"""Contacts that the prior of a factor is worth."""
SURELY_SOME = 7.0
"""P(no contact) < 0.001 where this many are expected."""
NEIGHBOURS = (BEFORE, AFTER, BRIDGE)
AGAIN = 0.15
"""Least coefficient of variation between the days of one kind: two New Years are never alike."""
UNLIKE = 0.3
"""Standard deviation (log scale) between the factors of different holidays, before any is seen."""
LOW, LOW_Z = 0.6, -3.0
"""A weekday day below 60 % of its usual and 3 standard deviations low may be a holiday."""
LOW_CATEGORY = 0.75


@dataclass(frozen=True)
class Special:
    """Contacts of the special days of a history against what their weekday would have brought."""

    kind: tuple[str, ...]
    seen: Array
    expected: Array

    def of(self, kinds: Collection[str]) -> tuple[Array, Array]:
        """Return seen and expected contacts of the days of some kinds."""
        here = np.array([kind in kinds for kind in self.kind], dtype=bool)
        return self.seen[here], self.expected[here]


def special_factors(
    days: Special, kinds: Collection[str], off: Collection[str], v: float
) -> tuple[Factor, dict[str, Factor]]:
    """Return the factor of all holidays together, and that of every kind of day.

    ``(seen + k prior) / (expected + k)`` with ``k`` = 30 contacts. The prior of a holiday is the
    factor of all holidays together (itself with prior 1), that of other kinds (the days around,
    days named by a planner) is 1. Holidays and neighbours of which the history has no day get no
    factor of their own: the former have the common one, the latter are ordinary days.

    Parameters
    ----------
    days : Special
        The special days of the history.
    kinds, off
        Kinds to learn, and which of them are holidays.
    v : float
        Squared coefficient of variation of ordinary days.
    """
    common = _factor(*days.of(off), 1.0, v, "all holidays together")
    out = {}
    for kind in sorted(kinds):
        seen, expected = days.of([kind])
        prior = common.value if kind in off else 1.0
        if expected.sum() > 0:
            out[kind] = _factor(seen, expected, prior, v, _said(kind in off, len(seen)))
        elif kind not in (*off, *NEIGHBOURS):
            how = "no such day in the history: taken as an ordinary day"
            bounds = (0.8, 1.25)
            out[kind] = Factor(value=1.0, interval=bounds, n=0, grade="assumed", how=how)
    return common, out


def _said(off: bool, days: int) -> str:
    towards = "the factor of all holidays" if off else "1"
    return f"{days} such days against what their weekday brings, shrunk to {towards}"


def _factor(seen: Array, expected: Array, prior: float, v: float, how: str) -> Factor:
    """Return one factor; none of its days had a contact: exactly 0, the desk is closed."""
    count, mass = float(seen.sum()), float(expected.sum())
    if mass <= 0:
        how = "no listed holiday lies in the history"
        return Factor(value=1.0, interval=(0.5, 2.0), n=0, grade="assumed", how=how)
    if count == 0 and mass > SURELY_SOME:
        how = "no contact came on the listed holidays"
        return Factor(value=0.0, interval=(0.0, 3.0 / mass), n=0, grade="measured", how=how)
    factor = (count + STRENGTH * prior) / (mass + STRENGTH)
    weight = mass / (mass + STRENGTH)
    noise = 1.0 / (count + STRENGTH * prior)
    spread = max(v, _spread(seen, expected, factor), AGAIN**2)
    noise += spread * float((expected**2).sum()) / mass**2 * weight
    noise += (1.0 - weight) ** 2 * UNLIKE**2
    return on_log(Factor, factor, noise**0.5, round(count), how=how)


def _spread(seen: Array, expected: Array, factor: float) -> float:
    """Return how much days of one kind differ beyond Poisson noise (squared, relative)."""
    if len(seen) < 2:
        return 0.0
    mean = factor * expected
    beyond = ((seen - mean) ** 2).sum() * len(seen) / (len(seen) - 1) - mean.sum()
    return max(float(beyond) / float((mean**2).sum()), 0.0)


def look_like_holidays(
    table: DayTable, kept: Mask, day_z: Array, usual: Array, cases: pd.DataFrame, timezone: str
) -> Mask:
    """Return which days from Monday to Friday are far too quiet in most categories.

    A failed channel or feed empties one category; a holiday empties most of them. Below 60 % of
    the usual and 3 standard deviations low as a whole, and below 75 % in at least half of the
    categories (two or more, if the desk has several) that bring five or more contacts on such a
    day.
    """
    total = table.counts.sum(axis=1)
    quiet = (usual > 0) & (day_z < LOW_Z) & (total < LOW * usual)
    found: Mask = np.asarray(kept & (table.weekday < 5) & quiet, dtype=np.bool_)
    if not found.any():
        return found
    by_day = pd.crosstab(local_days(cases["opened_s"], timezone), cases["category"].to_numpy())
    by_day = by_day.reindex(table.dates, fill_value=0)
    counts = by_day.to_numpy(dtype=np.float64)
    for i in np.flatnonzero(found):
        like = kept & (table.weekday == table.weekday[i])
        mean = np.median(counts[like], axis=0)
        rich = mean >= RICH
        low = int((counts[i, rich] < LOW_CATEGORY * mean[rich]).sum())
        found[i] = low >= max(min(2, rich.sum()), rich.sum() / 2)
    return found


def kinds_by_day(table: DayTable, kinds: Mapping[str, str]) -> list[str]:
    """Return the kind of every day of the table, empty for an ordinary one."""
    return [kinds.get(stamp.date().isoformat(), "") for stamp in table.dates]
