"""P(after) from few trials steadied by many: worked counts, laws, and what 90 % means."""

from itertools import product

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import multivariate_normal

from svcsim.stats.interval import wilson
from svcsim.stats.two_phase import two_phase_share


def share(*counts: float) -> tuple[float, float, float]:
    return tuple(float(x) for x in two_phase_share(*counts, 0.90))


def test_the_share_is_put_together_by_what_was_met_before() -> None:
    # Small set: 12 of 16 hits stay, 1 of 4 misses is gained. Large set: 100 of 200 hits.
    value, low, high = share(12, 1, 4, 3, 84, 180)
    assert value == pytest.approx(0.5 * 0.75 + 0.5 * 0.25)
    assert 0.0 < low < value < high < 1.0


def test_it_is_the_regression_estimator_with_the_best_coefficient() -> None:
    before = np.repeat([1, 0, 1, 0], [12, 1, 4, 3]).astype(float)
    after = np.repeat([1, 1, 0, 0], [12, 1, 4, 3]).astype(float)
    slope = np.cov(after, before)[0, 1] / np.var(before, ddof=1)
    whole = (before.sum() + 84) / 200
    expected = after.mean() + slope * (whole - before.mean())
    assert share(12, 1, 4, 3, 84, 180)[0] == pytest.approx(expected)


def test_without_a_connection_the_many_trials_say_nothing() -> None:
    value, low, high = share(8, 8, 2, 2, 0, 180)
    other = share(8, 8, 2, 2, 180, 180)
    assert value == pytest.approx(0.8)
    assert other[0] == pytest.approx(0.8)
    plain = wilson(16, 20, 0.90)
    assert high - low > 0.9 * float(plain[1] - plain[0])


def test_a_perfect_connection_is_nearly_as_good_as_running_all_trials() -> None:
    _, low, high = share(35, 0, 0, 35, 65, 130)
    plain = wilson(100, 200, 0.90)
    few = wilson(35, 70, 0.90)
    assert plain[1] - plain[0] < high - low < few[1] - few[0]


def test_swapping_hits_and_misses_mirrors_value_and_interval() -> None:
    value, low, high = share(12, 1, 4, 3, 84, 180)
    mirrored = share(3, 4, 1, 12, 96, 180)
    assert mirrored == pytest.approx((1 - value, 1 - high, 1 - low))


def cells(before: float, after: float, correlation: float) -> np.ndarray:
    both = min(before, after)
    if correlation < 1:
        law = multivariate_normal([0, 0], [[1, correlation], [correlation, 1]])
        both = float(law.cdf(ndtri([before, after])))
    found = np.clip([both, after - both, before - both, 1 - before - after + both], 0, 1)
    return found / found.sum()


@pytest.mark.parametrize(("few", "many"), [(20, 140), (20, 200), (70, 140), (70, 200)])
@pytest.mark.parametrize("correlation", [0.0, 0.6, 0.9, 1.0])
def test_nominal_90_percent_intervals_hold_the_truth(
    few: int, many: int, correlation: float
) -> None:
    rng = np.random.default_rng([few, many, int(100 * correlation)])
    for before, after in product((0.1, 0.3, 0.7, 0.9), (0.1, 0.5, 0.8, 0.97)):
        counts = rng.multinomial(few, cells(before, after, correlation), 4000)
        more = rng.binomial(many - few, before, 4000)
        _, low, high = two_phase_share(*counts.T, more, many - few, 0.90)
        held = float(((low <= after) & (after <= high)).mean())
        # Monte-Carlo error .005; an outcome that always equals the one before is held too often.
        assert held >= 0.865, (before, after)
        assert held <= (0.98 if correlation < 1 else 1.0), (before, after)
