from __future__ import annotations

import numpy as np
import pytest

from svcsim.calibration.shape import quantile_table, shape_of, table_scv
from svcsim.model.quantity import Time


def draw(table: tuple[float, ...], n: int = 200_000) -> np.ndarray:
    place = (np.arange(n) + 0.5) / n * (len(table) - 1)
    return np.interp(place, np.arange(len(table)), table)


@pytest.mark.parametrize("sigma", [0.4, 0.9])
def test_lognormal_times_are_called_lognormal(sigma: float):
    shape = shape_of(np.random.default_rng(0).lognormal(3, sigma, 5000))
    assert shape.law == "lognormal"
    assert shape.scv == pytest.approx(np.expm1(sigma**2), rel=0.2)


def test_exponential_times_are_called_exponential():
    assert shape_of(np.random.default_rng(1).exponential(60, 5000)).law == "exponential"


def test_short_hang_ups_do_not_blow_up_the_mean():
    """Logarithms of near-zero times imply a mean almost twice the sample's: a table is kept."""
    rng = np.random.default_rng(2)
    x = np.where(rng.random(20000) < 0.1, rng.uniform(0.001, 0.02, 20000), rng.gamma(2, 1, 20000))
    implied = np.exp(np.log(x).mean() + np.log(x).var() / 2) / x.mean()
    assert implied > 1.5
    shape = shape_of(x)
    assert shape.law == "table"
    drawn = draw(shape.table)
    assert drawn.mean() == pytest.approx(1, abs=0.002)
    assert drawn.var() == pytest.approx(x.var() / x.mean() ** 2, rel=0.1)


@pytest.mark.parametrize("alpha", [3.0, 5.0])
def test_a_table_keeps_the_mean_and_most_of_the_spread_of_heavy_tails(alpha: float):
    x = np.random.default_rng(3).pareto(alpha, 30000)
    table = quantile_table(x)
    assert draw(table).mean() == pytest.approx(1, abs=0.002)
    assert table_scv(table) == pytest.approx(x.var() / x.mean() ** 2, rel=0.3)
    longest = x[x > np.quantile(x, 0.99)].sum() / x.sum()
    drawn = draw(table)
    assert drawn[drawn > np.quantile(drawn, 0.99)].sum() / drawn.sum() == pytest.approx(
        longest, rel=0.05
    )


def test_variance_of_a_table_is_that_of_its_draws():
    table = (0.0, 0.5, 1.5, 4.0)
    drawn = draw(table)
    assert table_scv(table) == pytest.approx(drawn.var() / drawn.mean() ** 2, rel=1e-3)


def test_few_times_are_taken_as_lognormal_with_their_spread():
    shape = shape_of([1.0, 2.0, 3.0])
    assert shape.law == "lognormal"
    assert shape.scv == pytest.approx(1 / 6)


def test_a_shape_becomes_a_duration_with_an_uncertain_cv():
    duration = shape_of(np.random.default_rng(4).lognormal(0, 0.7, 400)).with_mean(Time(value=60.0))
    assert duration.law == "lognormal"
    assert duration.cv.interval[0] < duration.cv.value < duration.cv.interval[1]
