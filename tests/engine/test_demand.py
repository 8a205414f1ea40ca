"""New cases: a Poisson process with the declared level, profile and day factors."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from small_desks import MONDAY, category, desk
from svcsim.calendar.days import WEEKDAYS, midnight
from svcsim.engine.compile_desk import compile_desk
from svcsim.engine.demand import Horizon, attributes, day_factors, generate


def arrivals(horizon, replications=20, zone="UTC", **changes):
    plain = compile_desk(desk(timezone=zone, **changes))
    return [generate(plain, horizon, 7, r).opened for r in range(1, replications + 1)]


def test_counts_are_poisson_and_gaps_exponential():
    horizon = Horizon(MONDAY, 14, 0)
    runs = arrivals(horizon, 60, per_hour=2.0)
    counts = np.array([len(run) for run in runs])
    expected = 2.0 * 24 * 14
    assert counts.mean() == pytest.approx(expected, abs=3.7 * np.sqrt(expected / 60))
    dispersion = counts.var(ddof=1) / expected * 59
    assert stats.chi2.sf(dispersion, 59) > 1e-3
    assert stats.chi2.cdf(dispersion, 59) > 1e-3
    gaps = np.concatenate([np.diff(run) for run in runs[:10]]) / 1800
    # stamps are whole seconds, so compare away from ties
    assert stats.kstest(gaps + 0.5 / 1800, "expon").pvalue > 1e-3


def test_arrivals_are_sorted_and_inside_the_horizon():
    horizon = Horizon(date(2025, 12, 30), 5, 3)
    start, _, stop = horizon.bounds("Asia/Shanghai")
    for run in arrivals(horizon, 5, zone="Asia/Shanghai"):
        assert (np.diff(run) >= 0).all()
        assert start <= run[0]
        assert run[-1] < stop


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York"])
def test_arrivals_follow_the_profile_in_local_time(zone):
    profile = {day: [1.0] * 24 for day in WEEKDAYS}
    profile["tue"] = [0.0] * 9 + [5.0] * 3 + [0.0] * 12
    profile["sun"] = [0.0] * 24
    level = 800.0
    runs = arrivals(Horizon(date(2025, 6, 2), 28, 0), 10, zone=zone,
                    arrivals={"level": level, "profile": profile})  # fmt: skip
    local = pd.to_datetime(np.concatenate(runs), unit="s", utc=True).tz_convert(zone)
    table = np.zeros((7, 24))
    np.add.at(table, (local.day_of_week, local.hour), 1)
    shares = np.array([profile[day] for day in WEEKDAYS]) / sum(map(sum, profile.values()))
    expected = shares * level * 40
    assert table[expected == 0].sum() == 0
    cells = expected > 0
    z2 = ((table[cells] - expected[cells]) ** 2 / expected[cells]).sum()
    assert 1e-3 < stats.chi2.sf(z2, cells.sum()) < 1 - 1e-3


def test_within_an_hour_arrivals_are_uniform():
    run = np.concatenate(arrivals(Horizon(MONDAY, 28, 0), 5))
    assert stats.kstest((run % 3600 + 0.5) / 3600, "uniform").pvalue > 1e-3


def test_counts_of_the_hours_are_poisson_and_independent():
    """Index of dispersion of 600 x 168 hourly counts; neighbours in time are uncorrelated."""
    horizon = Horizon(MONDAY, 7, 0)
    start = horizon.bounds("UTC")[0]
    runs = arrivals(horizon, 600, per_hour=1.5)
    counts = np.array([np.bincount((run - start) // 3600, minlength=168) for run in runs])
    dispersion = ((counts - 1.5) ** 2 / 1.5).sum()
    z = (dispersion - counts.size) / np.sqrt(counts.size * (2 + 1 / 1.5))
    assert abs(z) < 3.5
    assert abs(counts.mean(axis=0) - 1.5).max() < 4.2 * np.sqrt(1.5 / 600)
    assert abs(np.corrcoef(counts[:, :-1].ravel(), counts[:, 1:].ravel())[0, 1]) < 0.012
    seen = np.bincount(counts.ravel(), minlength=8)[:8]
    expected = stats.poisson(1.5).pmf(np.arange(8)) * counts.size
    assert stats.chi2.sf(((seen - expected) ** 2 / expected).sum(), 7) > 1e-3


@pytest.mark.parametrize(("cv", "phi"), [(0.16, 0.45), (0.4, 0.0), (0.3, -0.5), (0.6, 0.8)])
def test_day_factors_are_gamma_with_the_declared_spread_and_memory(cv, phi):
    model = desk(arrivals={"level": 100.0, "profile": {d: (1.0,) * 24 for d in WEEKDAYS},
                           "day_cv": cv, "day_ar": phi})  # fmt: skip
    plain = compile_desk(model)
    days = np.array([day_factors(plain, 200, 3, r) for r in range(1, 41)])
    assert days.min() > 0
    se = cv / np.sqrt(days.size * (1 - phi) / (1 + phi))
    assert days.mean() == pytest.approx(1.0, abs=4 * se)
    assert days.std() == pytest.approx(cv, rel=0.1)
    independent = days[:, ::25].ravel()
    assert stats.kstest(independent, stats.gamma(cv**-2, scale=cv**2).cdf).pvalue > 1e-3
    scores = stats.norm.ppf(stats.gamma(cv**-2, scale=cv**2).cdf(days))
    x, y = scores[:, :-1].ravel(), scores[:, 1:].ravel()
    assert np.corrcoef(x, y)[0, 1] == pytest.approx(phi, abs=0.05)
    assert np.corrcoef(scores[:, :-2].ravel(), scores[:, 2:].ravel())[0, 1] == pytest.approx(
        phi * phi, abs=0.06
    )
    factors = np.corrcoef(days[:, :-1].ravel(), days[:, 1:].ravel())[0, 1]
    assert factors == pytest.approx(phi, abs=0.08)


@pytest.mark.parametrize(("cv", "phi"), [(0.16, 0.45), (0.5, 0.0)])
def test_day_factors_may_be_lognormal(cv, phi):
    """log f is normal with variance log(1 + cv^2) and mean minus half of it; AR(1) on it."""
    model = desk(arrivals={"level": 100.0, "profile": {d: (1.0,) * 24 for d in WEEKDAYS},
                           "day_cv": cv, "day_ar": phi, "day_law": "lognormal"})  # fmt: skip
    plain = compile_desk(model)
    days = np.log([day_factors(plain, 200, 3, r) for r in range(1, 41)])
    variance = np.log1p(cv**2)
    scores = (days + variance / 2) / np.sqrt(variance)
    assert stats.kstest(scores[:, ::25].ravel(), "norm").pvalue > 1e-3
    assert np.corrcoef(scores[:, :-1].ravel(), scores[:, 1:].ravel())[0, 1] == pytest.approx(
        phi, abs=0.05
    )


def test_without_day_cv_every_day_counts_the_same():
    assert (day_factors(compile_desk(desk()), 30, 1, 1) == 1.0).all()


def test_daily_counts_have_the_variance_of_poisson_times_gamma():
    """Var(N) = m + m^2 cv^2 for a day with mean m."""
    m, cv = 96.0, 0.3
    runs = arrivals(
        Horizon(MONDAY, 100, 0), 10,
        arrivals={"level": 7 * m, "profile": {d: (1.0,) * 24 for d in WEEKDAYS}, "day_cv": cv},
    )  # fmt: skip
    start = Horizon(MONDAY, 1).bounds("UTC")[0]
    counts = np.array([np.bincount((run - start) // 86400, minlength=100) for run in runs])
    assert counts.mean() == pytest.approx(m, rel=0.04)
    assert counts.var() == pytest.approx(m + (m * cv) ** 2, rel=0.2)


def test_holidays_have_their_factor():
    common = {"level": 7000.0, "profile": {d: (1.0,) * 24 for d in WEEKDAYS}, "holiday": 0.35}
    runs = arrivals(Horizon(MONDAY, 14, 0), 3, arrivals=common, holidays=("2025-03-05",))
    start = Horizon(MONDAY, 1).bounds("UTC")[0]
    counts = sum(np.bincount((run - start) // 86400, minlength=14) for run in runs)
    assert counts[2] == pytest.approx(1050, abs=130)
    assert np.delete(counts, 2).min() > 2700


@pytest.mark.parametrize(("day", "hours"), [("2025-03-09", 23), ("2025-11-02", 25)])
def test_days_on_which_the_clock_changes_keep_their_volume_and_length(day, hours):
    zone, when = "America/New_York", date.fromisoformat(day)
    assert midnight(when + timedelta(days=1), zone) - midnight(when, zone) == hours * 3600
    horizon = Horizon(when, 1, 0)
    runs = arrivals(horizon, 40, zone=zone, per_hour=10.0)
    start, _, stop = horizon.bounds(zone)
    merged = np.concatenate(runs)
    assert len(merged) == pytest.approx(40 * 240, rel=0.04)
    assert stats.kstest((merged - start + 0.5) / (stop - start), "uniform").pvalue > 1e-3


def test_horizon_bounds_are_local_midnights():
    horizon = Horizon(date(2025, 3, 8), 2, 1)
    zone = "America/New_York"
    for epoch, day in zip(horizon.bounds(zone), ("03-08", "03-10", "03-11"), strict=True):
        stamp = pd.Timestamp(epoch, unit="s", tz=ZoneInfo(zone))
        assert stamp.isoformat().startswith(f"2025-{day}T00:00:00")
    assert [d.day for d in horizon.local_days()] == [8, 9, 10]


def test_attributes_have_the_declared_shares():
    model = desk(
        difficulty={"easy": {}, "hard": {"work": 2.0}},
        channels={"in": {"mode": "live"}, "mail": {"mode": "ticket"}},
        categories={
            "a": category(share=0.7, channels={"in": 0.2, "mail": 0.8},
                          difficulty={"easy": 0.9, "hard": 0.1}),
            "b": category(share=0.3, difficulty={"hard": 1.0},
                          priorities={"low": 0.25, "normal": 0.75}),
        },
    )  # fmt: skip
    plain = compile_desk(model)
    n = 20_000
    cases = attributes(plain, np.arange(n), 1, 1)
    a = cases.category == 0
    near = {"abs": 4 * 0.5 / np.sqrt(n * 0.3)}
    assert a.mean() == pytest.approx(0.7, **near)
    assert (cases.channel[a] == 1).mean() == pytest.approx(0.8, **near)
    assert (cases.tier[a] == 1).mean() == pytest.approx(0.1, **near)
    assert (cases.channel[~a] == 0).all()
    assert (cases.tier[~a] == 1).all()
    assert plain.priorities == ("normal", "low")
    assert (cases.priority[a] == 0).all()
    assert (cases.priority[~a] == 1).mean() == pytest.approx(0.25, **near)
