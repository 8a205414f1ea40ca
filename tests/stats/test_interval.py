"""Intervals against published values, scipy and brute force."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from svcsim.stats import interval
from svcsim.stats.interval import (
    design_effect,
    poisson_interval,
    quantile_ranks,
    ratio_error,
    t_interval,
    wilson,
)


@pytest.mark.parametrize(
    ("n", "low", "high"),
    [
        (10, 0.596, 0.982),
        (20, 0.699, 0.972),
        (30, 0.744, 0.965),
        (50, 0.786, 0.957),
        (100, 0.826, 0.945),
        (200, 0.851, 0.934),
        (400, 0.867, 0.926),
    ],
)
def test_wilson_of_90_percent_is_the_published_table(n: int, low: float, high: float) -> None:
    lower, upper = wilson(0.9 * n, n)
    assert float(lower) == pytest.approx(low, abs=5e-4)
    assert float(upper) == pytest.approx(high, abs=5e-4)


def test_wilson_agrees_with_scipy_also_at_none_and_all() -> None:
    for k, n in [(0, 5), (5, 5), (1, 7), (321, 1000)]:
        theirs = stats.binomtest(k, n).proportion_ci(0.95, method="wilson")
        low, high = wilson(k, n)
        assert (float(low), float(high)) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_wilson_of_nothing_is_unknown() -> None:
    low, high = wilson([0, 3], [0, 4])
    assert np.isnan(low[0])
    assert np.isnan(high[0])
    assert 0 < low[1] < 0.75 < high[1] < 1


def test_mean_of_few_days_has_the_textbook_t_interval() -> None:
    values = np.array([3.0, 5.0, 9.0, 11.0, 4.0])
    cell = np.zeros(5, dtype=np.int64)
    error, df = ratio_error(values, np.ones(5), cell, 1, day=np.zeros(5, dtype=np.int64))
    low, high = t_interval(values.mean(), error, df)
    theirs = stats.t.interval(0.95, 4, values.mean(), stats.sem(values))
    assert (low[0], high[0]) == pytest.approx(theirs)


def test_from_eight_days_on_days_are_the_clusters() -> None:
    rng = np.random.default_rng(3)
    day = np.repeat(np.arange(10), 30)
    top = rng.normal(5, 1, 300) + rng.normal(0, 2, 10)[day]
    bottom = rng.uniform(1, 2, 300)
    cell = np.zeros(300, dtype=np.int64)
    error, df = ratio_error(top, bottom, cell, 1, day)
    ratio = top.sum() / bottom.sum()
    sums = [((top - ratio * bottom)[day == d]).sum() for d in range(10)]
    by_hand = np.sqrt(10 / 9 * np.sum(np.square(sums))) / bottom.sum()
    assert error[0] == pytest.approx(by_hand)
    assert df[0] == 9
    alone, _ = ratio_error(top, bottom, cell, 1, None)
    assert error[0] > 2 * alone[0]


def test_cells_do_not_see_each_other() -> None:
    rng = np.random.default_rng(4)
    top, cell = rng.normal(size=60), np.repeat([0, 1, 2], 20)
    day = np.tile(np.arange(20), 3)
    together, _ = ratio_error(top, np.ones(60), cell, 3, day)
    for c in range(3):
        part = cell == c
        zero = np.zeros(20, dtype=np.int64)
        alone, _ = ratio_error(top[part], np.ones(20), zero, 1, day[part])
        assert together[c] == pytest.approx(alone[0])


def test_one_observation_has_no_interval() -> None:
    error, df = ratio_error(np.array([3.0]), np.ones(1), np.zeros(1, dtype=np.int64), 1)
    low, high = t_interval(3.0, error, df)
    assert np.isnan(error).all()
    assert np.isnan(low).all()
    assert np.isnan(high).all()


def test_clustered_interval_covers_where_the_naive_one_does_not() -> None:
    """Known truth 0: days differ (sd 1) more than contacts of a day tell."""
    rng = np.random.default_rng(5)
    runs, days, each = 400, 30, 20
    effect = rng.normal(0, 1, (runs, days, 1))
    values = (effect + rng.normal(0, 1, (runs, days, each))).reshape(-1)
    cell = np.repeat(np.arange(runs), days * each)
    day = np.tile(np.repeat(np.arange(days), each), runs)
    mean = values.reshape(runs, -1).mean(axis=1)

    def cover(clusters: np.ndarray | None) -> float:
        error, df = ratio_error(values, np.ones(len(values)), cell, runs, clusters)
        low, high = t_interval(mean, error, df)
        return float(np.mean((low <= 0) & (high >= 0)))

    assert cover(day) == pytest.approx(0.95, abs=0.03)
    assert cover(None) < 0.6


def test_design_effect_is_one_without_day_effect_and_large_with() -> None:
    day = np.repeat(np.arange(20), 50)
    cell = np.zeros(1000, dtype=np.int64)
    alternating = np.arange(1000) % 2 == 0
    assert design_effect(alternating, cell, 1, day)[0] == 1.0
    by_day = day % 2 == 0
    assert design_effect(by_day, cell, 1, day)[0] == pytest.approx(50 * 20 / 19, rel=0.01)


@pytest.mark.parametrize("p", [0.5, 0.9])
def test_order_statistics_cover_the_quantile(p: float) -> None:
    n, runs = 200, 2000
    rng = np.random.default_rng(6)
    low, high = quantile_ranks(n, p)
    samples = np.sort(rng.exponential(size=(runs, n)), axis=1)
    truth = -np.log(1 - p)
    covered = (samples[:, int(low)] <= truth) & (truth <= samples[:, int(high)])
    assert 0.94 <= covered.mean() <= 0.985


def test_too_small_a_sample_has_no_quantile_interval() -> None:
    low, high = quantile_ranks([5, 10], 0.9)
    assert np.isnan([*low, *high]).all()


def test_level_is_95_percent() -> None:
    assert interval.LEVEL == 0.95


def test_poisson_interval_is_garwoods() -> None:
    low, high = poisson_interval([0, 1, 10])
    np.testing.assert_allclose(low, [0.0, 0.0253, 4.7954], atol=1e-4)
    np.testing.assert_allclose(high, [3.6889, 5.5716, 18.3904], atol=1e-4)
