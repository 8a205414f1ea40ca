"""Weights: rules that must hold whatever the data, and reliability with known truth."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from svcsim.targets.reliability import needed_n, reliability
from svcsim.targets.weights import (
    Candidate,
    dimension,
    drop_twins,
    ideal,
    pick,
    propose_weights,
    round_weights,
)

KPIS = (
    Candidate("frt_within(30min)", "timeliness", 0.3),
    Candidate("resolution_time_median", "timeliness", 0.5),
    Candidate("fcr_window(7d)", "resolution", 0.6),
    Candidate("csat_good", "satisfaction", 0.2),
    Candidate("aht", "efficiency", 0.9),
)


def panel(agents: int, periods: int, n: int, tau: float, seed: int, share: bool) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for agent in range(agents):
        level = 0.8 + tau * rng.normal() if share else 100 + tau * rng.normal()
        for period in range(periods):
            if share:
                value = rng.binomial(n, min(max(level, 0), 1)) / n
            else:
                value = level + rng.normal(scale=40 / np.sqrt(n)) + 10 * period
            rows.append({"agent": f"A{agent}", "period": str(period), "value": value, "n": n})
    return pd.DataFrame(rows)


@pytest.mark.parametrize("reliabilities", [*itertools.product([None, 0.05, 0.9], repeat=2)])
def test_weights_keep_every_rule(reliabilities: tuple[float | None, float | None]) -> None:
    first, second = reliabilities
    kpis = [
        Candidate(k.metric, k.dimension, first if i % 2 else second) for i, k in enumerate(KPIS)
    ]
    for size in range(3, 6):
        for chosen in itertools.combinations(kpis, size):
            weights = round_weights(chosen)
            assert sum(weights.values()) == 100
            assert all(w % 5 == 0 and 5 <= w <= 45 for w in weights.values())
            if "csat_good" in weights:
                assert weights["csat_good"] >= 30
            quality = weights.get("csat_good", 0) + weights.get("fcr_window(7d)", 0)
            if quality:
                assert weights.get("aht", 0) <= 0.7 * quality


def test_one_or_two_kpis_share_the_whole_hundred() -> None:
    assert list(round_weights(KPIS[:1]).values()) == [100]
    two = round_weights([KPIS[0], KPIS[3]])
    assert sum(two.values()) == 100
    assert two["csat_good"] >= 30
    assert round_weights([]) == {}


def test_a_more_reliable_kpi_never_weighs_less() -> None:
    low = ideal(KPIS)
    high = ideal([*KPIS[:2], Candidate("fcr_window(7d)", "resolution", 1.0), *KPIS[3:]])
    assert high["fcr_window(7d)"] > low["fcr_window(7d)"]
    assert sum(high.values()) == pytest.approx(100)


def test_the_reason_names_the_floor_when_satisfaction_is_lifted_to_it() -> None:
    weights = {w.metric: w for w in propose_weights(KPIS)}
    assert weights["csat_good"].weight == 30
    assert "floor of 30 %" in weights["csat_good"].why
    assert "mostly chance for one person" in weights["csat_good"].why
    assert "满意度下限" in weights["csat_good"].why_zh


def test_of_two_kpis_that_move_together_the_more_reliable_one_stays() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 200))
    runs = pd.DataFrame(
        {
            "frt_within(30min)": a,
            "resolution_time_median": -2 * a + 0.1 * b,
            "fcr_window(7d)": b,
            "csat_good": 0.5 * a + b,
            "aht": rng.normal(size=200),
        }
    )
    assert drop_twins(KPIS, runs) == {"frt_within(30min)": "resolution_time_median"}


def test_at_most_five_kpis_and_one_of_each_dimension_first() -> None:
    many = [
        *KPIS,
        Candidate("frt_median", "timeliness", 0.9),
        Candidate("reopen_rate", "resolution", 0.5),
        Candidate("csat_mean", "satisfaction", 0.9),
    ]
    chosen = [c.metric for c in pick(many)]
    assert len(chosen) == 5
    assert {"frt_within(30min)", "fcr_window(7d)", "csat_good", "aht"} < set(chosen)
    assert "csat_mean" not in chosen


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("frt_within(10min)", "timeliness"),
        ("fcr_window(7d)", "resolution"),
        ("csat_good", "satisfaction"),
        ("aht", "efficiency"),
        ("occupancy", ""),
    ],
)
def test_dimension_of_a_metric(metric: str, expected: str) -> None:
    assert dimension(metric) == expected


def test_reliability_of_shares_finds_the_known_truth() -> None:
    # tau .05, p .8, n 100: R = .0025 / (.0025 + .16 / 100) = .61
    found = [reliability(panel(40, 6, 100, 0.05, s, True), "share", 100) for s in range(20)]
    assert np.mean([f for f in found if f is not None]) == pytest.approx(0.61, abs=0.05)


def test_reliability_of_means_finds_the_known_truth_under_a_common_trend() -> None:
    # tau 4, sd of one contact 40, n 100: R = 16 / (16 + 1600 / 100) = .5
    found = [reliability(panel(40, 6, 100, 4.0, s, False), "s", 100) for s in range(20)]
    assert np.mean([f for f in found if f is not None]) == pytest.approx(0.5, abs=0.06)


def test_equal_agents_have_almost_no_reliability_and_few_agents_none_at_all() -> None:
    found = [reliability(panel(30, 6, 50, 0.0, s, True), "share", 50) for s in range(10)]
    assert np.mean([f for f in found if f is not None]) < 0.12
    assert reliability(panel(3, 6, 50, 0.05, 1, True), "share") is None


def test_needed_contacts_undo_the_reliability_formula() -> None:
    assert needed_n(0.5, 100, 0.8) == pytest.approx(400)
    assert needed_n(0.0, 100) == np.inf
