"""Kitagawa's split: a worked example, exactness, cells of one period only."""

import numpy as np
import pytest

from svcsim.scorecard.kitagawa import split

Parts = list[float]


def parts(top: object, bottom: object, parents: list[list[int]]) -> Parts:
    found = split(
        np.array([top], dtype=float),
        np.array([bottom], dtype=float),
        [np.array(p) for p in parents],
    )
    return [float(part[0]) for part in found]


def test_every_category_improves_and_the_whole_falls() -> None:
    # Shares .7/.3 become .5/.5, values .92/.70 become .93/.72.
    bottom = [[700, 300], [500, 500]]
    top = [[700 * 0.92, 300 * 0.70], [500 * 0.93, 500 * 0.72]]
    rate, mix = parts(top, bottom, [[0, 0]])
    assert (rate, mix) == pytest.approx((0.014, -0.043))
    assert rate + mix == pytest.approx(0.825 - 0.854)


def test_nested_parts_sum_to_the_change_whatever_the_numbers() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        # 2 periods x 12 cells in 6 groups in 3 groups; some cells are empty
        bottom = rng.integers(0, 40, (2, 12)) * (rng.random((2, 12)) > 0.3) + 0.0
        bottom[:, 0] += 5
        top = bottom * rng.random((2, 12))
        inner, middle = [i // 2 for i in range(12)], [i // 2 for i in range(6)]
        found = parts(top, bottom, [inner, middle, [0, 0, 0]])
        value = top.sum(axis=1) / bottom.sum(axis=1)
        assert len(found) == 4
        assert sum(found) == pytest.approx(value[1] - value[0], abs=1e-12)


def test_equal_rates_leave_only_mix_and_equal_shares_only_rate() -> None:
    bottom = np.array([[10.0, 30.0], [25.0, 15.0]])
    rate, mix = parts(bottom * [0.9, 0.5], bottom, [[0, 0]])
    assert rate == pytest.approx(0.0)
    assert mix == pytest.approx(0.75 - 0.6)
    same = np.array([[10.0, 30.0], [20.0, 60.0]])
    rate, mix = parts(same * [[0.9, 0.5], [0.8, 0.6]], same, [[0, 0]])
    assert mix == pytest.approx(0.0)
    assert rate == pytest.approx(0.25 * -0.1 + 0.75 * 0.1)


def test_a_category_that_is_new_is_mix() -> None:
    rate, mix = parts([[8, 0], [8, 1]], [[10, 0], [10, 10]], [[0, 0]])
    assert rate == pytest.approx(0.0)
    assert mix == pytest.approx(0.45 - 0.8)


def test_the_level_that_moved_gets_the_change() -> None:
    # One category; within it hard contacts (cell 1) grow from 10 to 30 of 40.
    bottom = [[30, 10], [10, 30]]
    top = [[27, 5], [9, 15]]
    within, category, difficulty = parts(top, bottom, [[0, 0], [0]])
    assert (within, category) == pytest.approx((0.0, 0.0))
    assert difficulty == pytest.approx(24 / 40 - 32 / 40)
