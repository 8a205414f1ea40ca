"""The estimator on moments that are linear in the factors, where everything is known."""

import numpy as np
import pytest

from svcsim.study.fit_moments import Fit, fitted

G = np.array([[1.0, 0.2], [0.5, -0.4], [-0.8, 0.3], [0.3, 0.9], [0.1, 0.1], [0.9, 0.0]])
MIX = np.eye(6) + 0.6 * np.tri(6, k=-1) - 0.3 * np.tri(6, k=-3)
S = 0.01 * MIX @ MIX.T
"""Covariance of the moments: strongly correlated."""


class Linear:
    """What `fitted` asks of replays: moments G x at the point x, without noise."""

    replications = 10**9

    def __init__(self, observed, names):
        self.observed, self.names = observed, names

    def simulated(self, point):
        return G[:, : len(self.names)] @ [point.get(name, 0.0) for name in self.names]

    def slope(self, point, names):
        return G[:, [self.names.index(name) for name in names]]

    def covariance(self, point):
        return S


def weighted_least_squares(observed, columns):
    w = 1 / np.diag(S)
    g = G[:, columns]
    return np.linalg.solve(g.T @ (w[:, None] * g), g.T @ (w * observed))


def test_one_factor_is_the_weighted_least_squares_estimate():
    observed = G[:, 0] * 0.15 + 0.02 * np.arange(6)
    fit = fitted(Linear(observed, ("slowdown",)), ("slowdown",), {"slowdown": 0.0})
    (truth,) = weighted_least_squares(observed, [0])
    assert fit.point["slowdown"] == pytest.approx(truth, abs=0.005)


def test_two_factors_on_a_response_surface_are_the_weighted_least_squares_estimate():
    names = ("slowdown", "repeat")
    observed = G @ [0.12, -0.2] + 0.01 * np.arange(6)
    fit = fitted(Linear(observed, names), names, {"slowdown": 0.0})
    assert [fit.point[n] for n in names] == pytest.approx(
        weighted_least_squares(observed, [0, 1]), abs=0.005
    )


def fits(count, shift=None):
    """Fits of one factor to noisy moments, in closed form."""
    rng = np.random.default_rng(11)
    root = np.linalg.cholesky(S)
    for _ in range(count):
        observed = G[:, 0] * 0.1 + root @ rng.standard_normal(6) + (0 if shift is None else shift)
        (best,) = weighted_least_squares(observed, [0])
        yield Fit({"slowdown": best}, ("slowdown",), observed - G[:, 0] * best, G[:, :1], S)


def test_sandwich_errors_are_the_spread_of_the_estimate():
    found = list(fits(2000))
    spread = np.std([fit.point["slowdown"] for fit in found])
    assert found[0].errors["slowdown"] == pytest.approx(spread, rel=0.06)


def test_the_test_of_the_fit_keeps_its_size_although_moments_are_correlated():
    """5 % of right models; the plain sum of squares against 5 degrees of freedom would not."""
    found = list(fits(3000))
    p = np.array([fit.test[2] for fit in found])
    assert np.mean(p < 0.05) == pytest.approx(0.05, abs=0.015)
    assert np.mean(p < 0.5) == pytest.approx(0.5, abs=0.04)


def test_a_structure_that_no_factor_mends_is_rejected():
    wrong = np.array([0.0, 0.5, 0.5, 0.0, -0.5, 0.0])
    assert np.mean([fit.test[2] < 0.01 for fit in fits(300, wrong)]) > 0.9


def test_the_score_test_of_a_fixed_factor_is_standard_normal_and_tells_the_direction():
    scores = np.array([fit.score(G[:, 1]) for fit in fits(2000)])
    assert scores.mean() == pytest.approx(0.0, abs=0.08)
    assert scores.std() == pytest.approx(1.0, abs=0.06)
    higher = [fit.score(G[:, 1]) for fit in fits(200, 0.4 * G[:, 1])]
    assert np.mean(higher) > 2


def test_simulation_noise_widens_the_errors():
    """R replications: variance (1 + 1/R) times that of the history alone."""
    observed = G[:, 0] * 0.1
    few = Linear(observed, ("slowdown",))
    few.replications = 4
    many = Linear(observed, ("slowdown",))
    start = {"slowdown": 0.0}
    errors = [fitted(x, ("slowdown",), start).errors["slowdown"] for x in (few, many)]
    assert errors[0] / errors[1] == pytest.approx(np.sqrt(1.25), rel=1e-6)


def test_a_surface_may_start_at_the_end_of_a_range():
    names = ("slowdown", "repeat")
    observed = G @ [0.9, 0.1]
    fit = fitted(Linear(observed, names), names, {"slowdown": 0.59})
    assert fit.point["slowdown"] <= np.log(1.8) + 1e-3
