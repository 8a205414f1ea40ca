"""Reliability and shrinkage against a simulated truth."""

import numpy as np
import pytest

from svcsim.scorecard.reliability import (
    Measured,
    believe,
    contact_noise,
    prior_contacts,
    rank_draws,
    score_reliability,
    standard_error,
)
from svcsim.stats.interval import wilson


def shares(hits: np.ndarray, n: np.ndarray) -> Measured:
    value = np.divide(hits, n, out=np.full(len(n), np.nan), where=n > 0)
    lower, upper = wilson(hits, n)
    return Measured(value, n.astype(float), lower, upper, "share")


def times(mean: np.ndarray, sd: np.ndarray, n: np.ndarray) -> Measured:
    half = 1.959964 * sd / np.sqrt(n)
    return Measured(mean, n.astype(float), mean - half, mean + half, "s")


def test_the_noise_of_a_share_is_binomial() -> None:
    kpi = shares(np.array([80.0, 160.0]), np.array([100.0, 200.0]))
    p = (240 + 0.5) / 301
    assert contact_noise(kpi) == pytest.approx(np.sqrt(p * (1 - p)))


def test_a_clustered_interval_means_more_noise() -> None:
    plain = shares(np.array([80.0, 160.0]), np.array([100.0, 200.0]))
    lower, upper = wilson(plain.value * plain.n / 4, plain.n / 4)
    clustered = Measured(plain.value, plain.n, lower, upper, "share")
    assert contact_noise(clustered) == pytest.approx(2 * contact_noise(plain), rel=0.05)


def test_times_are_compared_as_ratios() -> None:
    kpi = times(np.array([100.0, 200.0]), np.array([80.0, 160.0]), np.array([50.0, 50.0]))
    assert kpi.on_log
    assert contact_noise(kpi) == pytest.approx(0.8, rel=1e-3)
    assert standard_error(kpi, 64, at=100.0) == pytest.approx(10.0, rel=1e-3)


def test_reliability_is_the_share_of_true_variance() -> None:
    rng = np.random.default_rng(5)
    truth = np.clip(rng.normal(0.8, 0.05, 60), 0, 1)
    kpi = shares(rng.binomial(200, truth).astype(float), np.full(60, 200.0))
    found = believe(kpi, rng, shrink=True)
    assert found.tau == pytest.approx(0.05, rel=0.3)
    expected = found.tau**2 / (found.tau**2 + found.sigma**2 / 200)
    assert found.reliability == pytest.approx(np.full(60, expected))
    correlation = np.corrcoef(kpi.value, truth)[0, 1]
    assert expected == pytest.approx(correlation**2, abs=0.12)


def test_contacts_for_a_wanted_reliability() -> None:
    rng = np.random.default_rng(5)
    truth = np.clip(rng.normal(0.8, 0.05, 60), 0, 1)
    found = believe(shares(rng.binomial(200, truth) * 1.0, np.full(60, 200.0)), rng, shrink=True)
    n = found.contacts_for(0.7)
    assert found.tau**2 / (found.tau**2 + found.sigma**2 / n) == pytest.approx(0.7)


def test_shrinking_is_nearer_to_the_truth_than_the_raw_values() -> None:
    rng = np.random.default_rng(11)
    raw, shrunk = [], []
    for _ in range(20):
        truth = np.clip(rng.normal(0.85, 0.04, 20), 0, 1)
        kpi = shares(rng.binomial(30, truth) * 1.0, np.full(20, 30.0))
        found = believe(kpi, rng, shrink=True, draws=2)
        raw.append(((kpi.value - truth) ** 2).mean())
        shrunk.append(((found.value - truth) ** 2).mean())
    assert np.mean(shrunk) < 0.6 * np.mean(raw)


def test_posterior_intervals_cover_the_truth() -> None:
    rng = np.random.default_rng(12)
    inside = []
    for _ in range(40):
        truth = np.clip(rng.normal(0.8, 0.05, 12), 0, 1)
        kpi = shares(rng.binomial(60, truth) * 1.0, np.full(12, 60.0))
        found = believe(kpi, rng, shrink=True, draws=400)
        low, high = np.quantile(found.draws, [0.05, 0.95], axis=1)
        inside += list((low <= truth) & (truth <= high))
    assert 0.80 < np.mean(inside) < 0.97  # nominal .90; plug-in moments would cover about .5


def test_a_unit_without_contacts_gets_the_mean_and_the_spread_of_all() -> None:
    hits, n = np.array([90.0, 70.0, 80.0, 85.0, 0.0]), np.array([100.0, 100, 100, 100, 0])
    found = believe(shares(hits, n), np.random.default_rng(0), shrink=True)
    assert found.value[-1] == pytest.approx(0.8125, abs=0.01)
    assert found.draws[-1].std() > 1.3 * found.draws[0].std()
    assert found.reliability[-1] == 0


def test_few_contacts_are_pulled_farther_than_many() -> None:
    hits, n = np.array([10.0, 500.0, 400.0, 390.0, 410.0]), np.array([10.0, 500, 500, 500, 500])
    found = believe(shares(hits, n), np.random.default_rng(0), shrink=True)
    assert found.value[0] < found.value[1] < 1.0


def test_alone_or_in_pairs_nothing_is_shrunk() -> None:
    kpi = shares(np.array([9.0, 5.0]), np.array([10.0, 10.0]))
    found = believe(kpi, np.random.default_rng(0), shrink=True)
    assert found.value.tolist() == [0.9, 0.5]
    assert np.isnan(found.reliability).all()
    assert np.isnan(found.contacts_for(0.7))


def test_nothing_measured_gives_nothing() -> None:
    kpi = shares(np.zeros(4), np.zeros(4))
    found = believe(kpi, np.random.default_rng(0), shrink=True)
    assert np.isnan(found.value).all()
    assert np.isnan(found.draws).all()
    assert standard_error(kpi, 10, 0.5) == 0.0
    assert prior_contacts(kpi) == float("inf")


def test_shares_stay_between_0_and_1_and_times_above_0() -> None:
    rng = np.random.default_rng(0)
    perfect = believe(shares(np.full(5, 8.0), np.full(5, 8.0)), rng, shrink=False)
    assert perfect.draws.max() <= 1.0
    slow = times(np.full(4, 10.0), np.full(4, 40.0), np.full(4, 3.0))
    assert believe(slow, rng, shrink=True).draws.min() > 0


def test_ranks_share_ties_and_one_is_best() -> None:
    scores = np.array([[90.0, 10.0], [80.0, 20.0], [80.0, 30.0]])
    assert rank_draws(scores).tolist() == [[1, 3], [2.5, 2], [2.5, 1]]


def test_reliability_of_a_total_score() -> None:
    rng = np.random.default_rng(2)
    sure = np.array([[50.0], [60.0], [70.0]]) + rng.normal(0, 0.1, (3, 500))
    same = 60.0 + rng.normal(0, 5.0, (3, 500))
    assert score_reliability(sure) > 0.99
    assert score_reliability(same) < 0.05
    assert np.isnan(score_reliability(sure[:2]))
