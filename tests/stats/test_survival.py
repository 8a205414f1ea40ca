"""Kaplan-Meier against published tables and brute force."""

from __future__ import annotations

import numpy as np
import pytest

from svcsim.stats.survival import kaplan_meier

# Remission times (weeks) of the 6-MP arm of Freireich et al. 1963, the textbook example of
# Kaplan-Meier; True = relapse.
SIX_MP = [
    (6, True), (6, True), (6, True), (6, False), (7, True), (9, False), (10, True), (10, False),
    (11, False), (13, True), (16, True), (17, False), (19, False), (20, False), (22, True),
    (23, True), (25, False), (32, False), (32, False), (34, False), (35, False),
]  # fmt: skip


def test_textbook_leukaemia_table() -> None:
    time, event = (np.array(column) for column in zip(*SIX_MP, strict=True))
    curve = kaplan_meier(time, event)
    assert curve.time.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve.survival == pytest.approx(
        [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482], abs=5e-5
    )
    error = curve.survival * np.sqrt(curve.hazard_variance)
    assert error == pytest.approx(
        [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346], abs=5e-5
    )
    assert curve.quantile(0.5) == 23
    assert curve.quantile_interval(0.5)[0] == 13


def test_without_censoring_it_is_the_empirical_share() -> None:
    time = np.array([5.0, 1.0, 3.0, 3.0])
    curve = kaplan_meier(time, np.ones(4, dtype=bool))
    for t in (0.5, 1, 2, 3, 4, 5, 6):
        assert curve.at(t) == pytest.approx(np.mean(time > t))
    assert curve.quantile(0.75) == 3


def test_never_reached_quantile_and_no_events_are_unknown() -> None:
    curve = kaplan_meier([1.0, 2.0, 3.0], [True, False, False])
    assert np.isnan(curve.quantile(0.5))
    empty = kaplan_meier([1.0, 2.0], [False, False])
    assert empty.at(5.0) == 1.0
    assert np.isnan(empty.interval_at(5.0)).all()


def test_interval_lies_inside_0_and_1_around_the_curve() -> None:
    time, event = (np.array(column) for column in zip(*SIX_MP, strict=True))
    curve = kaplan_meier(time, event)
    low, high = curve.interval_at(16)
    assert 0 < low < curve.at(16) < high < 1
    # published log(-log) bounds at 16 weeks
    assert (low, high) == pytest.approx((0.3675, 0.8049), abs=5e-4)


def test_half_ties_lie_between_the_two_orders() -> None:
    rng = np.random.default_rng(1)
    time, event = np.floor(rng.exponential(20, 500)) + 1, rng.random(500) < 0.4
    first = kaplan_meier(time, event)
    half = kaplan_meier(time, event, "half")
    last = kaplan_meier(time + np.where(event, 0.5, 0.0), event)
    for t in (5, 10, 20, 40):
        assert last.at(t + 0.5) < half.at(t) < first.at(t)


def test_half_ties_undo_rounding_up_to_whole_seconds() -> None:
    """Known truth: the same durations unrounded."""
    rng = np.random.default_rng(2)
    patience, offer = rng.exponential(30, 40_000), rng.exponential(5, 40_000)
    event = patience < offer
    time = np.minimum(patience, offer)
    exact = kaplan_meier(time, event)
    rounded = np.ceil(time)
    for t in (10, 20):
        textbook = abs(kaplan_meier(rounded, event).at(t) - exact.at(t))
        halved = abs(kaplan_meier(rounded, event, "half").at(t) - exact.at(t))
        assert halved < textbook / 5
