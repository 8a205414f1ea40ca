"""How much weeks differ: four alike ones are no proof, many tell the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcsim.calibration.pace import capacity_spread, spread_of, week_spread


def test_four_weeks_alike_do_not_promise_that_all_are():
    """cv^2 = (2 x 0.05^2 + 3 x 0) / (2 + 3) = 0.001."""
    spread = spread_of(np.ones(4), 0.0, 0.05, "handling times")
    assert spread.value == pytest.approx(0.001**0.5)
    assert spread.grade == "proxy"


def test_without_weeks_the_prior_stands():
    spread = spread_of(np.zeros(0), 0.0, 0.03, "agent hours")
    assert spread.value == pytest.approx(0.03)
    assert spread.grade == "assumed"
    assert spread.interval[1] > 0.1  # two weeks' worth of knowledge is next to none


def test_sampling_noise_is_no_difference_of_weeks():
    """100 records of cv 1 a week: weekly means scatter by 10 %, and nothing else does."""
    rng = np.random.default_rng(3)
    week = np.repeat(np.arange(80), 100)
    seconds = rng.exponential(300.0, len(week))
    assert week_spread(week, seconds, np.full(len(week), 300.0)).value < 0.04


def test_the_spread_of_many_weeks_is_found():
    rng = np.random.default_rng(4)
    week = np.repeat(np.arange(150), 400)
    pace = np.exp(0.08 * rng.standard_normal(150))[week]
    seconds = rng.exponential(300.0, len(week)) * pace
    spread = week_spread(week, seconds, np.full(len(week), 300.0))
    assert spread.interval[0] < 0.08 < spread.interval[1]
    assert spread.grade == "measured"


@pytest.mark.parametrize(("between", "least", "most"), [(0.0, 0.0, 0.04), (0.1, 0.075, 0.13)])
def test_single_days_are_told_from_weeks(between, least, most):
    """Days vary by 15 %; weeks by nothing, or by 10 %.

    The variance of 52 weekly means, 0.15^2 / 5.6 = 0.004, is known to 0.0008: two of it are 0.04^2.
    """
    rng = np.random.default_rng(5)
    days = pd.date_range("2026-01-05", periods=7 * 52)
    usual = np.where(days.day_of_week < 5, 80.0, 30.0)
    week = np.repeat(1.0 + between * rng.standard_normal(52), 7)
    hours = usual * week * (1.0 + 0.15 * rng.standard_normal(len(days)))
    assert least <= capacity_spread(days, hours).value <= most
