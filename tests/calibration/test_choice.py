"""Conditional logit, thresholds and turning points against laws that generated the data."""

from __future__ import annotations

import numpy as np
import pytest

from svcsim.calibration.choice import conditional_logit, threshold, turning_point


def picks(beta: np.ndarray, sets: int, size: int, seed: int = 0):
    """Sets whose members are taken with the chances of a conditional logit."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(sets * size, len(beta)))
    score = x @ beta + rng.gumbel(size=sets * size)
    first = np.arange(sets) * size
    return x, first, first + score.reshape(sets, size).argmax(axis=1)


def test_a_logit_gives_back_the_coefficients_that_made_the_picks():
    beta = np.array([1.0, -0.5, 0.0])
    fit = conditional_logit(*picks(beta, 4000, 5))
    assert np.all(np.abs(fit.coefficient - beta) < 3 * fit.error)
    assert fit.error == pytest.approx([0.025] * 3, rel=0.3)


def test_two_alternatives_are_a_logistic_regression():
    """One feature that is 0 or 1: the coefficient is the log odds of taking the 1."""
    x = np.tile([0.0, 1.0], 400)[:, None]
    first = np.arange(400) * 2
    fit = conditional_logit(x, first, first + (np.arange(400) % 4 > 0))
    assert fit.coefficient[0] == pytest.approx(np.log(3), abs=0.01)


def test_picks_at_random_explain_nothing_and_a_rule_everything():
    x, first, _ = picks(np.zeros(2), 2000, 4)
    rng = np.random.default_rng(1)
    assert conditional_logit(x, first, first + rng.integers(0, 4, 2000)).explained < 0.01
    best = first + x[:, 0].reshape(-1, 4).argmax(axis=1)
    assert conditional_logit(x, first, best).explained > 0.95


@pytest.mark.parametrize("lapses", [0.0, 0.1])
def test_a_threshold_comes_back_although_some_ignore_it(lapses: float):
    rng = np.random.default_rng(2)
    lead = rng.integers(-300, 300, 3000) + 0.5
    yes = np.where(rng.random(3000) < lapses, rng.random(3000) < 0.5, lead < 90)
    found = threshold(lead, yes)
    assert found.low <= 90 <= found.high
    assert found.high - found.low < 8
    assert not found.beyond


def test_a_threshold_that_only_some_heed_is_found_with_their_share():
    rng = np.random.default_rng(3)
    lead = rng.integers(-200, 300, 4000).astype(float)
    yes = lead < np.where(rng.random(4000) < 0.5, 90, 0)
    found = threshold(lead, yes)
    assert found.value == pytest.approx(90, abs=3)
    assert found.share == pytest.approx(0.5, abs=0.05)


def test_without_a_threshold_its_interval_holds_zero():
    rng = np.random.default_rng(4)
    lead = rng.integers(-200, 300, 2000).astype(float)
    found = threshold(lead, lead < 0)
    assert found.low <= 0 <= found.high


def test_a_threshold_beyond_the_data_is_said_to_be():
    lead = np.linspace(-100, 100, 500)
    assert threshold(lead, np.ones(500, dtype=bool)).beyond


def test_intervals_of_a_soft_threshold_cover_as_often_as_they_say():
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(20):
        lead = rng.uniform(-200, 300, 300)
        yes = rng.random(300) < 1 / (1 + np.exp((lead - 60) / 15))
        found = threshold(lead, yes)
        held += found.low <= 60 <= found.high
    assert held >= 15


def test_a_turning_point_is_where_the_share_changed():
    yes = np.r_[np.zeros(100, bool), np.arange(200) % 2 == 0]
    turn = turning_point(yes)
    assert turn is not None
    assert abs(turn.place - 100) <= 2
    assert turn.after == pytest.approx(0.5, abs=0.02)


def test_a_steady_share_has_no_turning_point():
    rng = np.random.default_rng(6)
    assert all(turning_point(rng.random(400) < 0.3) is None for _ in range(50))
    assert turning_point(np.zeros(10, bool)) is None
