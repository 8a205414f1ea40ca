"""Return rates at odds 1, and intervals that know that weeks differ."""

import numpy as np
import pytest

from svcsim.calibration.difficulty import at_unit_odds
from svcsim.calibration.handling import week_spread, with_weeks
from svcsim.model.demand import Difficulty
from svcsim.model.quantity import Share, Time

TIERS = {"easy": Difficulty(returns=0.7), "hard": Difficulty(returns=1.9)}


def test_the_average_over_the_mix_is_the_recorded_rate():
    mix = {"easy": 0.4, "hard": 0.6}
    base = at_unit_odds(Share(value=0.1, interval=(0.08, 0.12), n=500), TIERS, mix)
    p = base.value
    average = sum(
        w * p * TIERS[t].returns.value / (1 - p + p * TIERS[t].returns.value)
        for t, w in mix.items()
    )
    assert average == pytest.approx(0.1, rel=1e-9)
    assert base.interval[0] < p < base.interval[1]


def test_one_tier_at_odds_one_changes_nothing():
    share = Share(value=0.1, n=500)
    assert at_unit_odds(share, {"standard": Difficulty()}, {"standard": 1.0}) == share


def test_a_rate_of_zero_stays_zero():
    assert at_unit_odds(Share(value=0.0, n=500), TIERS, {"easy": 1.0}).value == 0.0


def test_weeks_that_differ_only_by_chance_have_no_spread_and_real_ones_do():
    rng = np.random.default_rng(1)
    week = np.repeat(np.arange(30.0), 400)
    expected = np.full(len(week), 100.0)
    chance = rng.exponential(100.0, len(week))
    level = np.exp(rng.normal(0, 0.10, 30))[week.astype(int)]
    assert week_spread(week, chance, expected) < 0.03
    assert week_spread(week, chance * level, expected) == pytest.approx(0.10, rel=0.35)


def test_the_interval_widens_by_the_spread_of_weeks():
    mean = Time(value=100.0, interval=(98.0, 102.0), n=10, grade="measured")
    wide = with_weeks(mean, 0.05)
    assert wide.interval[1] / wide.value == pytest.approx(np.exp(1.6449 * 0.0515), rel=0.01)
    assert with_weeks(mean, 0.0) == mean
