"""Return rates at odds 1, and how much weeks differ."""

import numpy as np
import pytest

from svcsim.calibration.difficulty import at_unit_odds
from svcsim.calibration.pace import week_spread, with_weeks
from svcsim.model.quantity import Factor, Share, Time

ODDS = np.array([0.7, 1.9])


def test_the_average_over_the_mix_is_the_recorded_rate():
    weight = np.array([40.0, 60.0])
    base = at_unit_odds(Share(value=0.1, interval=(0.08, 0.12), n=500), ODDS, weight)
    p = base.value
    average = (weight * p * ODDS / (1 - p + p * ODDS)).sum() / weight.sum()
    assert average == pytest.approx(0.1, rel=1e-9)
    assert base.interval[0] < p < base.interval[1]


def test_odds_of_one_change_nothing():
    share = Share(value=0.1, n=500)
    assert at_unit_odds(share, [1.0], [500.0]) == share


def test_a_rate_of_zero_stays_zero():
    assert at_unit_odds(Share(value=0.0, n=500), ODDS, [1.0, 0.0]).value == 0.0


def test_agents_who_do_more_of_the_work_count_more():
    """A careless agent with most of the contacts explains part of the rate."""
    careless = at_unit_odds(Share(value=0.1, n=500), ODDS, [100.0, 400.0])
    careful = at_unit_odds(Share(value=0.1, n=500), ODDS, [400.0, 100.0])
    assert careless.value < 0.1 < careful.value


def test_weeks_that_differ_only_by_chance_have_no_spread_and_real_ones_do():
    rng = np.random.default_rng(1)
    week = np.repeat(np.arange(30.0), 400)
    expected = np.full(len(week), 100.0)
    chance = rng.exponential(100.0, len(week))
    level = np.exp(rng.normal(0, 0.10, 30))[week.astype(int)]
    assert week_spread(week, chance, expected).value < 0.03
    real = week_spread(week, chance * level, expected)
    assert real.value == pytest.approx(0.10, rel=0.35)
    assert real.interval[0] < 0.10 < real.interval[1]


def test_three_weeks_alike_leave_half_of_the_prior():
    """cv^2 = (2 x 0.05^2 + 2 x 0) / (2 + 2)."""
    week = np.repeat(np.arange(3.0), 400)
    spread = week_spread(week, np.full(1200, 90.0), np.full(1200, 100.0))
    assert spread.value == pytest.approx(0.05 / 2**0.5)


def test_the_interval_widens_by_what_the_weeks_of_the_history_were_off():
    mean = Time(value=100.0, interval=(98.0, 102.0), n=10, grade="measured")
    wide = with_weeks(mean, Factor(value=0.10, n=4))
    assert wide.interval[1] / wide.value == pytest.approx(np.exp(1.6449 * 0.0515), rel=0.01)
    assert with_weeks(mean, Factor(value=0.0, n=4)) == mean
