"""Limits of a funnel: exact tails, laws, spread beyond chance."""

import numpy as np
import pytest
from scipy.stats import binom, norm

from svcsim.scorecard.funnel_limits import (
    ACT,
    WATCH,
    binomial_limits,
    law_limits,
    order_limits,
    over_dispersion,
    stretched,
)


@pytest.mark.parametrize("level", [WATCH, ACT])
@pytest.mark.parametrize("p", [0.05, 0.5, 0.85, 0.99])
@pytest.mark.parametrize("n", [3, 20, 150])
def test_a_share_outside_the_exact_limits_is_no_more_probable_than_the_tail(
    n: int, p: float, level: float
) -> None:
    low, high = binomial_limits(n, p, level)
    share = np.arange(n + 1) / n
    chance = binom.pmf(np.arange(n + 1), n, p)
    tail = (1 - level) / 2
    assert chance[share < low - 1e-12].sum() <= tail + 1e-12
    assert chance[share > high + 1e-12].sum() <= tail + 1e-12
    # and they are no wider than that asks: the next success on would be too probable
    inner = share[share >= low - 1e-12][0]
    assert binom.cdf(round(inner * n), n, p) > tail


def test_many_contacts_bring_the_binomial_limits_to_the_normal_ones() -> None:
    low, high = binomial_limits(40_000, 0.8, WATCH)
    half = norm.ppf(0.975) * np.sqrt(0.8 * 0.2 / 40_000)
    assert (low, high) == pytest.approx((0.8 - half, 0.8 + half), abs=2e-5)


def test_means_of_exponential_times_stay_within_gamma_limits() -> None:
    rng = np.random.default_rng(1)
    means = rng.exponential(100.0, (20_000, 12)).mean(axis=1)
    low, high = law_limits("gamma", 100.0, 100.0 / np.sqrt(12), WATCH)
    assert ((means < low) | (means > high)).mean() == pytest.approx(0.05, abs=0.006)


def test_quantiles_of_samples_stay_within_the_order_limits() -> None:
    rng = np.random.default_rng(2)
    pool = np.sort(rng.lognormal(6, 1, 200_000))
    low, high = order_limits(pool, 0.9, np.array([60.0]), WATCH)
    sample = np.quantile(rng.lognormal(6, 1, (5_000, 60)), 0.9, axis=1)
    assert ((sample < low) | (sample > high)).mean() == pytest.approx(0.05, abs=0.015)


def test_limits_are_stretched_about_the_centre_and_times_by_ratio() -> None:
    pair = (np.array([0.6]), np.array([0.9]))
    assert [x[0] for x in stretched(0.8, pair, 2.0)] == pytest.approx([0.4, 1.0])
    times = (np.array([50.0]), np.array([400.0]))
    assert [x[0] for x in stretched(100.0, times, 2.0, on_log=True)] == pytest.approx([25, 1600])


def test_spread_beyond_chance_is_estimated_and_never_below_one() -> None:
    rng = np.random.default_rng(3)
    assert over_dispersion(rng.standard_normal(5_000)) == 1.0
    # Winsorising at 10 % leaves .64 of the variance of a normal law.
    assert over_dispersion(3 * rng.standard_normal(5_000)) == pytest.approx(9 * 0.64, rel=0.1)


def test_one_wild_unit_does_not_widen_the_limits_of_all() -> None:
    z = np.append(np.zeros(30), 25.0)
    assert over_dispersion(z) == 1.0


def test_four_units_show_no_spread() -> None:
    assert over_dispersion(np.array([-9.0, 9.0, -9.0, 9.0])) == 1.0
