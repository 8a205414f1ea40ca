from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import xlogy
from scipy.stats import gamma, norm

from svcsim.calibration.arrivals import ArrivalsEstimator
from svcsim.calibration.days import day_spread, day_table, surprise, total_sd
from svcsim.calibration.level import week_level
from svcsim.calibration.profile import cyclic_basis, fit_week
from svcsim.contacts.log import ContactLog, make_log
from svcsim.errors import InputError
from svcsim.model.demand import WEEKDAYS

DAY = 86400.0
ZONE = "Asia/Shanghai"
MONDAY = pd.Timestamp("2024-01-01", tz=ZONE).timestamp()


def week_shape() -> np.ndarray:
    """A desk busy from 9 to 18, quieter at weekends, with a rush on Monday morning."""
    hour = np.arange(24) + 0.5
    work = 0.03 + np.exp(-0.5 * ((hour - 10.5) / 2) ** 2)
    work += 0.8 * np.exp(-0.5 * ((hour - 15.5) / 2.5) ** 2)
    rest = 0.03 + 0.6 * np.exp(-0.5 * ((hour - 13) / 4) ** 2)
    days = [1.15, 1.05, 1, 1, 0.95, 0.5, 0.4]
    shape = np.array([d * (work if i < 5 else rest) for i, d in enumerate(days)])
    shape[0, 8:11] *= 1.3
    return shape / shape.sum()


def day_factors(rng: np.random.Generator, days: int, cv: float, phi: float) -> np.ndarray:
    score = np.empty(days)
    score[0] = rng.normal()
    for i in range(1, days):
        score[i] = phi * score[i - 1] + (1 - phi**2) ** 0.5 * rng.normal()
    return gamma.ppf(norm.cdf(score), 1 / cv**2) * cv**2


def opened(rng: np.random.Generator, rates: np.ndarray) -> np.ndarray:
    """Draw openings (epoch s) from rates per local day and hour, days from MONDAY on."""
    counts = rng.poisson(rates)
    cell = np.repeat(np.arange(counts.size), counts.ravel())
    return np.sort(MONDAY + 3600.0 * cell + np.floor(rng.uniform(0, 3600, len(cell))))


def log_of(times: np.ndarray, weeks: int, **columns: object) -> ContactLog:
    rows = pd.DataFrame(
        {"ticket_id": [f"t{i}" for i in range(len(times))], "opened_s": times, **columns}
    )
    return make_log(rows, start=MONDAY, end=MONDAY + weeks * 7 * DAY, timezone=ZONE)


def regular(level: float, weeks: int) -> np.ndarray:
    return np.tile(week_shape() * level, (weeks, 1))


def test_level_profile_and_day_factors_are_recovered():
    rng = np.random.default_rng(4)
    weeks, level = 40, 500
    factor = day_factors(rng, 7 * weeks, 0.2, 0.5)
    log = log_of(opened(rng, regular(level, weeks) * factor[:, None]), weeks)
    fitted = ArrivalsEstimator().fit(log)
    arrivals = fitted.arrivals_
    assert arrivals.level.interval[0] <= level <= arrivals.level.interval[1]
    assert arrivals.day_cv.value == pytest.approx(0.2, abs=0.04)
    assert arrivals.day_ar.value == pytest.approx(0.5, abs=0.25)
    found = np.array([arrivals.profile[name] for name in WEEKDAYS])
    assert found.sum() == pytest.approx(1)
    assert np.abs(found - week_shape()).sum() < 0.08
    assert fitted.observed_.shape == (7, 24)
    assert fitted.observed_.sum() == pytest.approx(len(log) / weeks)
    assert fitted.expected_daily_.index[0] == "2024-01-01"
    assert fitted.expected_daily_.sum() == pytest.approx(arrivals.level.value * weeks)


@pytest.mark.parametrize(("perday", "weeks", "limit"), [(8, 13, 60), (60, 4, 25), (600, 4, 8)])
def test_profile_is_as_good_thin_as_rich(perday: int, weeks: int, limit: float):
    """Excess Poisson deviance per 1000 contacts; raw cells have 410, 171 and 8 here or worse."""
    rng = np.random.default_rng(5)
    truth = week_shape() * perday * 7 * weeks
    loss = []
    for _ in range(4):
        fit = fit_week(rng.poisson(truth).astype(float), np.full((7, 24), float(weeks)))
        guess = fit.rate / fit.rate.sum() * truth.sum()
        loss.append(2000 * (xlogy(truth, truth / guess)).sum() / truth.sum())
    assert np.mean(loss) < limit


def test_hours_when_the_desk_is_shut_stay_empty():
    rng = np.random.default_rng(6)
    shape = np.zeros((7, 24))
    shape[:5, 9:18] = 1 / 45
    arrivals = (
        ArrivalsEstimator().fit(log_of(opened(rng, np.tile(shape * 420, (8, 1))), 8)).arrivals_
    )
    found = np.array([arrivals.profile[name] for name in WEEKDAYS])
    assert found[shape == 0].sum() == 0
    assert found[shape > 0] == pytest.approx(1 / 45, rel=0.25)


def test_a_quiet_hour_that_happened_to_be_empty_keeps_a_rate():
    counts = np.full((7, 24), 3.0)
    counts[2, 4] = 0
    assert fit_week(counts, np.full((7, 24), 4.0)).rate[2, 4] > 0


def test_only_first_contacts_arrive():
    rng = np.random.default_rng(7)
    times = opened(rng, regular(200, 6))
    number = np.where(np.arange(len(times)) % 5 == 0, 2, 1)
    fitted = ArrivalsEstimator().fit(log_of(times, 6, contact_no=number))
    assert fitted.arrivals_.level.n == (number == 1).sum()
    assert fitted.arrivals_.level.value == pytest.approx((number == 1).sum() / 6, rel=0.02)


def test_a_day_without_contacts_is_left_out_and_named():
    rng = np.random.default_rng(8)
    rates = regular(500, 6)
    rates[15] = 0
    fitted = ArrivalsEstimator().fit(log_of(opened(rng, rates), 6))
    assert fitted.left_out_ == ("2024-01-16",)
    assert "2024-01-16" in " ".join(fitted.notes_)
    assert fitted.arrivals_.level.interval[0] <= 500 <= fitted.arrivals_.level.interval[1]


def test_a_spike_day_does_not_move_the_level():
    rng = np.random.default_rng(9)
    rates = regular(500, 8)
    rates[16] *= 6
    fitted = ArrivalsEstimator().fit(log_of(opened(rng, rates), 8))
    assert "1 incident beyond 5" in " ".join(fitted.notes_)
    assert "2024-01-17" in " ".join(fitted.notes_)
    assert fitted.arrivals_.level.value == pytest.approx(500, rel=0.06)


def test_holidays_get_their_own_factor_and_do_not_lower_the_level():
    rng = np.random.default_rng(10)
    rates = regular(700, 12)
    days = [30, 37, 44]
    rates[days] *= 0.4
    names = [f"{pd.Timestamp('2024-01-01') + pd.Timedelta(days=d):%Y-%m-%d}" for d in days]
    arrivals = ArrivalsEstimator(names).fit(log_of(opened(rng, rates), 12)).arrivals_
    assert arrivals.level.value == pytest.approx(700, rel=0.04)
    # 30 contacts of prior on about 330 expected: (0.4 x 330 + 30) / 360
    assert arrivals.holiday.value == pytest.approx(0.45, abs=0.06)
    rates[days] = 0
    closed = ArrivalsEstimator(names).fit(log_of(opened(rng, rates), 12)).arrivals_
    assert closed.holiday.value == 0


def test_poisson_days_have_no_day_factor():
    rng = np.random.default_rng(11)
    arrivals = ArrivalsEstimator().fit(log_of(opened(rng, regular(350, 20)), 20)).arrivals_
    assert arrivals.day_cv.value < 0.06
    assert arrivals.day_cv.interval[1] < 0.12


def test_under_four_weeks_the_day_factor_is_assumed_and_said_so():
    rng = np.random.default_rng(12)
    fitted = ArrivalsEstimator().fit(log_of(opened(rng, regular(350, 3)), 3))
    assert fitted.arrivals_.day_cv.grade == "assumed"
    assert "21 days" in " ".join(fitted.notes_)


def test_a_log_without_first_contacts_is_refused():
    log = log_of(np.array([MONDAY + 10]), 1, contact_no=[2])
    with pytest.raises(InputError, match="no new case"):
        ArrivalsEstimator().fit(log)


def test_totals_of_the_coming_month_are_covered_though_the_level_moves():
    """Monte Carlo, nominal 90 %; Poisson noise alone would cover a quarter of these months."""
    rng = np.random.default_rng(13)
    weeks, ahead = 26, 28
    share = np.tile(week_shape().sum(axis=1), weeks + 4)
    past, future = np.arange(7 * weeks), np.arange(ahead)
    hits = []
    for _ in range(150):
        factor = day_factors(rng, 7 * (weeks + 4), 0.15, 0.5)
        path = np.repeat(400 * np.exp(np.cumsum(rng.normal(0, 0.03, weeks + 4))), 7)
        y = rng.poisson(path * share * factor).astype(float)
        level = week_level(y[past], share[past], past, 0.15**2, 0.5)
        days = total_sd(level.value * share[-ahead:], future, 0.15**2, 0.5)
        error = np.log(y[-ahead:].sum() / (4 * level.value))
        hits.append(abs(error) <= 1.645 * np.hypot(level.log_sd, days))
    assert 0.78 <= np.mean(hits) <= 0.97


def test_spread_of_a_total_is_poisson_plus_shared_day_factors():
    day = np.arange(4)
    mu = np.array([10.0, 20.0, 10.0, 20.0])
    lag = np.abs(day[:, None] - day[None, :])
    expected = np.sqrt(mu.sum() + 0.04 * mu @ 0.5**lag @ mu) / mu.sum()
    assert total_sd(mu, day, 0.04, 0.5) == pytest.approx(expected)
    assert total_sd(mu, day, 0.0, 0.0) == pytest.approx(60**-0.5)


def test_moments_of_day_factors_are_nearly_unbiased():
    rng = np.random.default_rng(14)
    found = []
    for _ in range(200):
        mu = np.full(26 * 7, 30.0)
        y = rng.poisson(mu * rng.gamma(1 / 0.15**2, 0.15**2, mu.size)).reshape(26, 7)
        fitted = np.tile(y.mean(axis=0), (26, 1))
        spread = day_spread(y.ravel().astype(float), fitted.ravel(), np.arange(y.size), 26.0)
        found.append(spread.v)
    assert np.mean(found) == pytest.approx(0.15**2, rel=0.08)


def test_intervals_of_day_factors_cover_the_truth():
    """Monte Carlo, nominal 90 %, a third of a year."""
    rng = np.random.default_rng(15)
    share, day = week_shape().sum(axis=1), np.arange(17 * 7)
    hits = []
    for _ in range(150):
        factor = day_factors(rng, day.size, 0.15, 0.5)
        y = rng.poisson(400 * np.tile(share, 17) * factor).astype(float)
        mu = np.tile(y.reshape(17, 7).mean(axis=0), 17)
        spread = day_spread(y, mu, day, 17.0)
        hits.append(
            (
                abs(spread.v - 0.15**2) <= 1.645 * spread.v_sd,
                abs(spread.phi - 0.5) <= 1.645 * spread.phi_sd,
            )
        )
    assert (np.mean(hits, axis=0) >= 0.80).all()


def test_exposure_follows_the_clock_when_it_is_put_forward_and_back():
    zone = "Europe/Berlin"
    start = pd.Timestamp("2024-03-31", tz=zone).timestamp()
    table = day_table(np.array([start + 60]), start, start + 23 * 3600, zone)
    assert len(table.dates) == 1
    assert table.watched[0].tolist() == [1, 1, 0] + [1] * 21
    start = pd.Timestamp("2024-10-27", tz=zone).timestamp()
    table = day_table(np.array([start + 60]), start, start + 25 * 3600, zone)
    assert table.watched[0, 2] == 2


def test_a_surprise_is_counted_in_standard_deviations_of_robust_spread():
    mu = np.full(20, 100.0)
    y = mu.copy()
    y[3] = 400
    z = surprise(y, mu)
    assert z[3] == pytest.approx(30)
    assert np.delete(z, 3) == pytest.approx(0)
    assert surprise(np.array([9.0]), np.array([2.0])).tolist() == [0.0]


def test_spline_basis_is_a_partition_of_one_and_closes_the_day():
    basis = cyclic_basis(np.array([0.0, 5.3, 23.9, 24.0]))
    assert basis.sum(axis=1) == pytest.approx(1)
    assert basis[0] == pytest.approx(basis[3])
