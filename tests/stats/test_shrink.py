import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import norm

from svcsim.stats.shrink import beta_moments, logit_shift, shrink_normal


def test_posterior_of_two_units_equals_integration_over_centre_and_spread():
    y, s, scale = np.array([0.4, -0.1]), np.array([0.2, 0.3]), 0.25
    mu = np.linspace(-3, 3, 1201)[:, None]
    tau = np.linspace(1e-4, 5 * scale, 400)[None, :]
    weight = norm.pdf(tau, scale=scale)
    for yi, si in zip(y, s, strict=True):
        weight = weight * norm.pdf(yi, mu, np.sqrt(si**2 + tau**2))
    weight /= weight.sum()
    pull = tau**2 / (s[0] ** 2 + tau**2)
    mean0 = mu + pull * (y[0] - mu)
    mean = (weight * mean0).sum()
    var = (weight * (tau**2 * (1 - pull) + mean0**2)).sum() - mean**2
    found = shrink_normal(y, s, prior_scale=scale, points=801)
    assert found.mean[0] == pytest.approx(mean, abs=2e-3)
    assert found.sd[0] == pytest.approx(var**0.5, rel=0.01)


def test_units_known_exactly_stay_and_unknown_ones_go_to_the_centre():
    found = shrink_normal([1.0, 0.0, 5.0], [1e-6, 1e-6, np.inf], prior_scale=1.0)
    assert found.mean[:2] == pytest.approx([1.0, 0.0], abs=1e-3)
    assert found.mean[2] == pytest.approx(found.centre)
    assert found.sd[2] > found.tau


def test_moving_all_estimates_moves_the_posterior_alike():
    rng = np.random.default_rng(1)
    y, s = rng.normal(size=8), rng.uniform(0.1, 0.5, 8)
    at_zero = shrink_normal(y, s, prior_scale=0.3)
    moved = shrink_normal(y + 7, s, prior_scale=0.3)
    assert moved.mean == pytest.approx(at_zero.mean + 7)
    assert moved.sd == pytest.approx(at_zero.sd)


def test_nothing_known_leaves_the_prior():
    found = shrink_normal([np.nan, 1.0], [0.1, np.inf], prior_scale=0.2, centre=0.0)
    assert found.mean == pytest.approx([0, 0])
    assert found.sd == pytest.approx([0.2, 0.2])


def test_five_units_are_covered_though_their_spread_is_hardly_known():
    """With a plug-in spread these intervals cover about half (the spread is often put at 0)."""
    rng = np.random.default_rng(2)
    inside = []
    for _ in range(300):
        truth = rng.normal(0, 0.15, 5)
        found = shrink_normal(truth + rng.normal(0, 0.15, 5), np.full(5, 0.15), prior_scale=0.15)
        inside.append(np.abs(found.mean - truth) <= 1.645 * found.sd)
    assert 0.85 <= np.mean(inside) <= 0.95


def test_beta_law_of_the_units_is_recovered_and_pure_chance_has_no_spread():
    rng = np.random.default_rng(3)
    n = rng.integers(50, 200, 500)
    a, b = beta_moments(rng.binomial(n, rng.beta(8, 32, 500)), n)
    assert a / (a + b) == pytest.approx(0.2, abs=0.01)
    assert a + b == pytest.approx(40, rel=0.2)
    a, b = beta_moments(rng.binomial(n, 0.2), n)
    assert a + b > 500
    assert beta_moments([], []) == (1.0, 1.0)


def test_logit_shift_is_zero_at_expectation_and_finds_a_known_shift():
    p = np.linspace(0.05, 0.4, 400)
    shift, sd = logit_shift(p.sum(), p)
    assert shift == pytest.approx(0, abs=1e-9)
    assert sd == pytest.approx((p * (1 - p)).sum() ** -0.5)
    hits = expit(logit(p) + 0.7).sum()
    assert logit_shift(hits, p)[0] == pytest.approx(0.7, abs=0.02)


def test_logit_shift_stays_finite_for_none_and_all_and_unknown_without_trials():
    none, all_ = logit_shift(0, np.full(20, 0.1)), logit_shift(20, np.full(20, 0.1))
    assert -6 < none[0] < -1
    assert 3 < all_[0] < 9
    assert none[1] < 2
    assert logit_shift(0, []) == (0.0, np.inf)
