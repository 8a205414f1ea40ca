"""PIT: uniform where the model is right, and the shapes that tell how it is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest

from svcsim.study.pit import histogram, pit_of, places, shape_of, unevenness

CELLS, LOGS = 240, 99


def stacked(observed: np.ndarray, simulated_sd: float = 1.0, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.vstack([observed, simulated_sd * rng.normal(size=(LOGS, len(observed)))])


def test_a_worked_example_of_places():
    """Of five values 3 is the third: between 2/5 and 3/5, in the middle by mid-rank."""
    column = np.array([[3.0], [1.0], [2.0], [4.0], [5.0]])
    assert places(column, mid=True)[0, 0] == pytest.approx(0.5)
    assert 0.4 <= places(column)[0, 0] <= 0.6


def test_ties_share_the_range_of_their_ranks():
    """Two of four zeros and two ones: a zero lies between 0 and 1/2, in the middle at 1/4."""
    column = np.array([[0.0], [0.0], [1.0], [1.0]])
    assert places(column, mid=True)[:, 0].tolist() == [0.25, 0.25, 0.75, 0.75]


def test_a_missing_value_has_no_place_and_moves_no_other():
    column = np.array([[3.0], [np.nan], [1.0]])
    found = places(column, mid=True)[:, 0]
    assert np.isnan(found[1])
    assert found[[0, 2]].tolist() == [0.75, 0.25]


def test_randomised_places_of_counts_are_uniform_where_mid_ranks_heap():
    rng = np.random.default_rng(5)
    counts = rng.poisson(1.2, size=(200, 600)).astype(float)
    assert kstest(places(counts)[0], "uniform").pvalue > 0.01
    assert kstest(places(counts, mid=True)[0], "uniform").pvalue < 1e-6


def test_a_right_model_is_flat():
    found = pit_of("x", places(stacked(np.random.default_rng(1).normal(size=CELLS))), range(CELLS))
    assert found is not None
    assert found.shape == "flat"
    assert found.p is not None
    assert found.p > 0.05
    assert sum(found.counts) == CELLS == found.n


@pytest.mark.parametrize(
    ("spread", "shift", "shape"),
    [(0.5, 0.0, "U"), (2.0, 0.0, "hump"), (1.0, 0.6, "low"), (1.0, -0.6, "high")],
)
def test_shapes_tell_what_is_wrong(spread, shift, shape):
    """The simulated spread is too small or too large, or the simulated mean is off."""
    observed = np.random.default_rng(2).normal(size=CELLS) - shift
    found = pit_of("x", places(stacked(observed, spread)), range(CELLS))
    assert found is not None
    assert found.shape == shape
    assert found.p is not None
    assert found.p < 0.05


def test_a_few_values_are_shown_but_not_tested():
    found = pit_of("x", places(stacked(np.zeros(12))), range(12))
    assert found is not None
    assert (found.shape, found.p) == ("few", None)


def test_values_that_move_together_are_not_taken_for_a_wrong_model():
    """One shift for all cells of a log: uneven bins, which the other logs show as well."""
    rng = np.random.default_rng(8)
    logs = rng.normal(size=(100, CELLS)) + 3.0 * rng.normal(size=(100, 1))
    rejected = 0
    for k in range(40):
        order = np.roll(np.arange(100), -k)
        found = pit_of("x", places(logs[order]), range(CELLS))
        assert found is not None
        assert found.p is not None
        rejected += found.p < 0.05
    assert rejected <= 5


def test_chi_squared_of_ten_bins_by_hand():
    """Ten values in one bin: (10 - 1)^2 / 1 + 9 (0 - 1)^2 / 1 = 90."""
    assert unevenness(np.full((1, 10), 0.05))[0] == pytest.approx(90.0)
    assert histogram(np.array([0.05, 1.0, np.nan])).tolist() == [1] + [0] * 8 + [1]


def test_a_shape_that_chance_explains_is_flat():
    assert shape_of(np.zeros(50), 0.2) == "flat"
