"""Forecasts: equal in law to what is simulated, with intervals that cover; trend; PIT of days."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from small_desks import desk
from svcsim.calendar.days import WEEKDAYS
from svcsim.calibration.arrivals import ArrivalsEstimator
from svcsim.calibration.days import DayTable
from svcsim.calibration.forecast import Forecast, daily_pit, forecast
from svcsim.calibration.level import trend_of, week_level
from svcsim.engine.compile_desk import compile_desk
from svcsim.engine.demand import Horizon, masses
from svcsim.engine.redraw import redraw
from svcsim.errors import InputError
from svcsim.model.demand import Arrivals
from svcsim.model.quantity import Effect, Factor, Rate

MONDAY = date(2024, 1, 1)
SHARES = np.array([0.18, 0.17, 0.17, 0.16, 0.16, 0.09, 0.07])
PROFILE = {
    name: tuple(share / 9 if 9 <= hour < 18 else 0.0 for hour in range(24))
    for name, share in zip(WEEKDAYS, SHARES, strict=True)
}


def arrivals(**parts: object) -> Arrivals:
    return Arrivals(level=Rate(value=420.0), profile=PROFILE, **parts)


def test_a_known_poisson_week_has_poisson_totals():
    coming = forecast(arrivals(), MONDAY, 28, draws=4000)
    totals = coming.totals(7)
    assert totals.shape == (4000, 4)
    assert totals.mean() == pytest.approx(420, rel=0.01)
    assert totals.var() == pytest.approx(420, rel=0.05)
    assert coming.counts[:, 5].mean() == pytest.approx(420 * 0.09, rel=0.02)


def test_trend_special_days_and_worked_days_move_their_days():
    model = arrivals(trend=Effect(value=0.1), special={"holiday-x": Factor(value=0.25)})
    coming = forecast(
        model, MONDAY, 14, draws=4000,
        special_days={"2024-01-03": "holiday-x"}, worked={"2024-01-13": "mon"},
    )  # fmt: skip
    mean = coming.counts.mean(axis=0)
    assert mean[2] == pytest.approx(420 * 0.17 * 0.25 * np.exp(0.1 * 2 / 7), rel=0.03)
    assert mean[12] == pytest.approx(420 * 0.18 * np.exp(0.1 * 12 / 7), rel=0.03)


def test_days_of_an_unknown_kind_are_refused():
    with pytest.raises(InputError, match="holiday-y"):
        forecast(arrivals(), MONDAY, 7, special_days={"2024-01-03": "holiday-y"})


def test_the_forecast_has_the_law_of_the_simulation():
    """Totals of 14 days: quantiles of the forecast against those of redrawn engine demand."""
    parts = {
        "level": Rate(value=420.0, interval=(360.0, 490.0)),
        "day_cv": Factor(value=0.2, interval=(0.1, 0.3)),
        "day_ar": Effect(value=0.5, interval=(0.1, 0.9)),
        "special": {"sale": Factor(value=2.0, interval=(1.5, 2.6))},
    }
    own = Arrivals(profile=PROFILE, **parts)
    model = desk().model_copy(update={"arrivals": own, "special_days": {"2024-01-04": "sale"}})
    rng = np.random.default_rng(1)
    simulated = []
    for replication in range(600):
        plain = compile_desk(model, redraw(model, 5, replication))
        mass = masses(plain, Horizon(MONDAY, 14, 0), 5, replication).sum()
        simulated.append(rng.poisson(mass))
    told = forecast(own, MONDAY, 14, special_days={"2024-01-04": "sale"}, draws=6000).totals()[:, 0]
    for level in (0.1, 0.5, 0.9):
        assert np.quantile(simulated, level) == pytest.approx(np.quantile(told, level), rel=0.05)
    assert np.std(simulated) == pytest.approx(np.std(told), rel=0.15)


def test_pit_is_uniform_where_the_forecast_is_right_and_bent_where_it_is_not():
    random = np.random.default_rng(2)
    days = tuple(MONDAY + timedelta(days=i) for i in range(300))
    right = Forecast(days, random.poisson(40.0, (1000, 300)).astype(float))
    names = [day.isoformat() for day in days]
    seen = dict(zip(names, random.poisson(40.0, 300), strict=True))
    assert kstest(daily_pit(right, seen), "uniform").pvalue > 0.01
    wide = {day: 40.0 + 3 * (count - 40.0) for day, count in seen.items()}
    assert daily_pit(right, wide).between(0.1, 0.9).mean() < 0.5
    high = {day: count + 10.0 for day, count in seen.items()}
    assert daily_pit(right, high).mean() > 0.8
    assert len(daily_pit(right, {"2030-01-01": 5.0})) == 0


def test_pit_of_one_day_by_hand():
    """Draws 1, 2, 2, 4 and 2 observed: between 1/5 and (3 + 1)/5."""
    one = Forecast((MONDAY,), np.array([[1.0], [2.0], [2.0], [4.0]]))
    values = [daily_pit(one, {"2024-01-01": 2.0}, seed=seed).iloc[0] for seed in range(200)]
    assert min(values) >= 1 / 5
    assert max(values) <= 4 / 5
    assert np.mean(values) == pytest.approx(0.5, abs=0.05)


def daily(weeks: int, growth: float, seed: int, walk: float = 0.0) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    path = np.cumsum(rng.normal(growth, walk, weeks)) if walk else growth * np.arange(weeks)
    share, day = np.tile(SHARES, weeks), np.arange(7 * weeks)
    return rng.poisson(800 * np.repeat(np.exp(path), 7) * share).astype(float), share, day


def test_steady_growth_is_a_trend_with_an_interval():
    y, share, day = daily(30, 0.03, 1)
    level = week_level(y, share, day, 0.0, 0.0)
    assert level.trend == pytest.approx(0.03, abs=3 * level.trend_sd)
    assert level.value == pytest.approx(800 * np.exp(0.03 * 29.5), rel=0.05)


@pytest.mark.parametrize(("growth", "walk"), [(0.0, 0.0), (0.0, 0.03)])
def test_a_level_that_stays_or_wanders_has_no_trend(growth: float, walk: float):
    found = [week_level(*daily(30, growth, seed, walk), 0.0, 0.0).trend for seed in range(30)]
    assert np.mean(np.array(found) != 0) <= 0.2


def test_the_slope_of_logs_by_hand():
    slope, sd = trend_of(np.exp(np.array([1.0, 1.1, 1.2, 1.3])))
    assert slope == pytest.approx(0.1)
    assert sd == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("phi", "walk"), [(0.0, 0.0), (0.5, 0.03)])
def test_nominal_90_percent_covers_the_coming_month(phi: float, walk: float):
    """The short form of benchmarks/arrivals_coverage.py: 26 weeks, 60 a day, day spread 0.15."""
    weeks, inside = 26, []
    dates = np.datetime64(MONDAY) + np.arange(7 * weeks)
    hours = np.array(list(PROFILE.values())) / SHARES[:, None]
    for seed in range(30):
        rng = np.random.default_rng([7, seed])
        days = 7 * (weeks + 4)
        score = rng.normal(size=days)
        for i in range(1, days):
            score[i] = phi * score[i - 1] + (1 - phi**2) ** 0.5 * score[i]
        factor = np.exp(0.15 * score - 0.15**2 / 2)
        path = np.repeat(np.exp(np.cumsum(rng.normal(0, walk, weeks + 4))), 7)
        rate = 420 * np.tile(SHARES, weeks + 4) * factor * path
        counts = rng.poisson(rate[:, None] * np.tile(hours, (weeks + 4, 1))).astype(float)
        past = counts[: 7 * weeks]
        table = DayTable(
            pd.DatetimeIndex(dates), past, np.ones_like(past), np.arange(7 * weeks) % 7
        )
        fitted = ArrivalsEstimator().fit_counts(table).arrivals_
        first = MONDAY + timedelta(days=7 * weeks)
        low, high = np.quantile(forecast(fitted, first, 28, seed=seed).totals(), [0.05, 0.95])
        inside.append(low <= counts[7 * weeks :].sum() <= high)
    assert np.mean(inside) >= 0.73
