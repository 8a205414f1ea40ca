"""Rotating shifts: which pattern an agent worked on each day."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcsim.calibration.calendars import calendar_days
from svcsim.calibration.rotation import rotation_of, weekly_score

EARLY, LATE = slice(8, 16), slice(14, 22)


def days_of(rng, patterns, rate=1.0, stray=0.01):
    """Hours with activity: Poisson stamps at ``rate`` an hour on duty, strays elsewhere."""
    active = rng.random((len(patterns), 24)) < stray
    for row, hours in zip(active, patterns, strict=True):
        row[hours] |= rng.poisson(rate, hours.stop - hours.start) > 0
    return active[active.any(axis=1)]


def test_two_patterns_by_chance_are_found_hour_by_hour():
    """Ninety days, early or late by the toss of a coin, one stamp an hour on duty."""
    rng = np.random.default_rng(1)
    late = rng.random(90) < 0.5
    active = days_of(rng, [LATE if x else EARLY for x in late])
    found = rotation_of(active)
    assert found is not None
    assert [np.flatnonzero(on).tolist() for on in found.on] == [
        list(range(8, 16)), list(range(14, 22)),
    ]  # fmt: skip
    assert (found.pattern == late).mean() > 0.95


@pytest.mark.parametrize("rate", [0.5, 1.0, 3.0])
def test_one_pattern_is_not_split(rate):
    """Few stamps make short days; they are no short shifts."""
    rng = np.random.default_rng(2)
    split = [rotation_of(days_of(rng, [slice(9, 18)] * 65, rate)) for _ in range(40)]
    assert sum(found is not None for found in split) <= 1


def test_a_weekly_pattern_stays_a_weekly_calendar():
    """Early from Monday to Wednesday, late on Thursday and Friday: the weekday tells."""
    rng = np.random.default_rng(3)
    weekday = np.arange(130) % 5
    active = days_of(rng, [LATE if d >= 3 else EARLY for d in weekday], stray=0.0)
    on = np.zeros((len(active), 24), dtype=bool)
    on[:, EARLY] = True
    on[weekday >= 3] = False
    on[weekday >= 3, LATE] = True
    found = rotation_of(active)
    assert found is None or found.score < weekly_score(active, on) + 5.0


def test_rotating_agents_get_the_hours_of_the_day():
    """Weeks of early and of late shifts: eight hours a day, not the fourteen that both cover."""
    rng = np.random.default_rng(4)
    stamps = []
    for day in range(140):
        if day % 7 < 5:
            first = 8 if day // 7 % 2 else 14
            hours = rng.uniform(first, first + 8, rng.poisson(12))
            stamps += [pd.Timestamp("2026-01-05") + pd.Timedelta(hours=24 * day + h) for h in hours]
    at = pd.DatetimeIndex(stamps)
    agent = pd.Series(["a"] * len(at))
    table = calendar_days(at, agent, pd.Timestamp("2026-01-05"), 140)
    assert table["rotates"].all()
    assert (table["end"] - table["start"]).eq(480.0).mean() > 0.97
    starts = table["start"].to_numpy() / 60.0
    expected = np.where((table["day"] - pd.Timestamp("2026-01-05")).dt.days // 7 % 2, 8, 14)
    assert (starts == expected).mean() > 0.97
