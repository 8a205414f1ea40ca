"""Points by hand: 0 at the floor, 80 at the target, 100 at the stretch."""

import numpy as np
import pytest

from svcsim.scorecard.curve import Curve, derive

HIGHER = Curve("linear", "higher", target=0.85, floor=0.75, stretch=0.95)
LOWER = Curve("linear", "lower", target=7200.0, floor=14400.0, stretch=3600.0)


@pytest.mark.parametrize(
    ("value", "points"),
    [
        (0.0, 0), (0.75, 0), (0.80, 40), (0.85, 80), (0.90, 90), (0.95, 100), (1.0, 100),
        (0.775, 20), (0.8625, 82.5),
    ],
)  # fmt: skip
def test_a_share_runs_in_two_straight_lines(value: float, points: float) -> None:
    assert HIGHER.points(value) == pytest.approx(points)


@pytest.mark.parametrize(
    ("hours", "points"),
    [
        (4.0, 0), (100.0, 0), (2.0, 80), (1.0, 100), (0.1, 100), (0.0, 100),
        (2 * 2**0.5, 40),  # half way from 4 h to 2 h as a ratio
        (2**0.5, 90),
    ],
)  # fmt: skip
def test_a_time_is_scored_by_its_ratio_to_the_target(hours: float, points: float) -> None:
    assert LOWER.points(hours * 3600) == pytest.approx(points)


def test_no_value_has_no_points_and_is_not_met() -> None:
    assert np.isnan(HIGHER.points(np.nan))
    assert np.isnan(LOWER.points(np.nan))
    assert not HIGHER.met(np.nan)
    assert not LOWER.met(np.nan)


def test_exactly_on_target_is_met_on_both_sides() -> None:
    assert HIGHER.met([0.8499, 0.85, 0.86]).tolist() == [False, True, True]
    assert LOWER.met([7200.1, 7200.0, 60.0]).tolist() == [False, True, True]


def test_a_step_pays_all_or_nothing() -> None:
    step = Curve("step", "higher", target=0.9, floor=0.0, stretch=1.0)
    assert step.points([0.899, 0.9, 1.0]).tolist() == [0, 100, 100]


def test_knots_are_joined_by_lines_and_constant_outside() -> None:
    curve = Curve("points", "higher", 0.9, 0.0, 1.0, knots=((0.6, 0), (0.8, 50), (0.9, 100)))
    values = curve.points([0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 1])
    assert values.tolist() == pytest.approx([0, 0, 25, 50, 75, 100, 100])


@pytest.mark.parametrize("curve", [HIGHER, LOWER])
def test_points_never_fall_as_the_value_gets_better(curve: Curve) -> None:
    values = np.linspace(0.0, 2 * max(curve.floor, curve.stretch), 400)
    points = curve.points(values if curve.direction == "higher" else values[::-1])
    assert (np.diff(points) >= 0).all()
    assert points.min() == 0
    assert points.max() == 100


@pytest.mark.parametrize(
    ("target", "direction", "unit", "error", "floor", "stretch"),
    [
        (0.90, "higher", "share", 0.0, 0.80, 0.925),  # twice the misses, three quarters of them
        (0.30, "higher", "share", 0.0, 0.00, 0.375),
        (0.90, "higher", "share", 0.05, 0.74, 0.94),  # span 4 x .05 = .2
        (0.98, "higher", "share", 0.05, 0.82, 1.00),  # cut at 100 %
        (7200.0, "lower", "s", 0.0, 14400.0, 7200 * 2**-0.25),
        (7200.0, "lower", "s", 2700.0, 7200 * np.exp(1.2), 7200 * np.exp(-0.3)),  # S = 1.5
        (7200.0, "lower", "s", 3600.0, 28800.0, 7200 * 2**-0.5),  # S = 2 at most 2.5 ln 2
        (7200.0, "lower", "s", 1e6, 28800.0, 7200 * 2**-0.5),
        (0.02, "lower", "share", 0.05, 0.08, 0.02 * 2**-0.5),
        (0.90, "higher", "share", 0.30, 0.70, 0.95),  # at most 20 points away
        (0.50, "higher", "share", 0.30, 0.00, 0.625),  # twice the misses are farther
        (4.5, "higher", "score", 0.50, 3.6, 4.725),  # twice the plain line
        (20.0, "higher", "per day", 0.0, 10.0, 22.5),
        (4.5, "higher", "score", 0.0, 4.05, 4.6125),
        (0.6, "lower", "share", 0.0, 1.0, 0.6 * 2**-0.25),  # 1.2 is cut at 100 %
    ],
)  # fmt: skip
def test_ends_left_open_are_derived(target, direction, unit, error, floor, stretch) -> None:
    assert derive(target, direction, unit, error) == pytest.approx((floor, stretch))


def test_a_derived_line_is_straight_through_the_target() -> None:
    floor, stretch = derive(0.85, "higher", "share", 0.03)
    curve = Curve("linear", "higher", 0.85, floor, stretch)
    slope = np.diff(curve.points(np.linspace(floor, stretch, 50)))
    assert slope == pytest.approx(np.full(49, slope[0]))


def test_a_target_of_100_percent_has_no_stretch_beyond() -> None:
    floor, stretch = derive(1.0, "higher", "share")
    curve = Curve("linear", "higher", 1.0, floor, stretch)
    assert stretch == 1.0
    assert curve.points([floor, 1.0]).tolist() == [0, 100]


def test_a_value_far_beyond_the_target_earns_nothing_however_noisy_it_is() -> None:
    """An average of 46.6 h against a target of 2 h, 23 times of it."""
    floor, stretch = derive(7200.0, "lower", "s", error=1e9)
    curve = Curve("linear", "lower", 7200.0, floor, stretch)
    hours = np.array([46.6, 8.0, 4.0, 2.0])
    assert curve.points(hours * 3600) == pytest.approx([0, 0, 40, 80])
