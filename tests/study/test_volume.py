"""Volume apart: what distances of shape cannot see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from svcsim.study.sketch import Sketch
from svcsim.study.volume import volume_checks


def week(total: float, **categories: float) -> Sketch:
    """A week of so many openings, all of them on Monday at 00:00."""
    hours = np.zeros(168)
    hours[0] = total
    none = np.zeros(1)
    return Sketch(hours, hours, hours, hours, None, none, none, categories)


def test_twice_the_volume_is_seen_and_by_hand():
    """Simulated 90, 100, 110 (mean 100, sd 10): 200 came, z = 10."""
    sims = [week(v, a=v) for v in (90, 100, 110)]
    found = {(v.by, v.key): v for v in volume_checks(["2025-03-03"], [week(200, a=200)], [sims])}
    total = found["total", "2025-03-03"]
    assert (total.observed, total.expected, total.sd, total.z) == (200, 100, 10, 10)
    assert found["weekday", "mon"].z == found["category", "a"].z == 10
    assert ("weekday", "tue") not in found


def test_origins_are_summed_replication_by_replication():
    """Levels that rise and fall together add their spreads: 20 over two origins, not 14."""
    sims = [week(v) for v in (90, 100, 110)]
    rows = volume_checks(["a", "b"], [week(100), week(100)], [sims, sims])
    monday = next(v for v in rows if v.by == "weekday")
    assert monday.sd == pytest.approx(20)
    assert [v.key for v in rows if v.by == "total"] == ["a", "b"]


def test_a_category_that_calibration_lumped_with_others_is_not_held_against_nothing():
    sims = [replace(week(v), categories={"a": v}) for v in (90.0, 100.0, 110.0)]
    rows = volume_checks(["x"], [week(100, a=95, rare=5)], [sims])
    assert [v.key for v in rows if v.by == "category"] == ["a"]
