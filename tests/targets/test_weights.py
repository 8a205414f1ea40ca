"""Weights: rules that must hold whatever the data."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

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
    Candidate("res_full_p50", "timeliness", 0.5),
    Candidate("fcr_window(7d)", "resolution", 0.6),
    Candidate("csat_top2", "satisfaction", 0.2),
    Candidate("aht", "efficiency", 0.9),
)


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
            if "csat_top2" in weights:
                assert weights["csat_top2"] >= 30
            quality = weights.get("csat_top2", 0) + weights.get("fcr_window(7d)", 0)
            if quality:
                assert weights.get("aht", 0) <= 0.7 * quality


def test_one_or_two_kpis_share_the_whole_hundred() -> None:
    assert list(round_weights(KPIS[:1]).values()) == [100]
    two = round_weights([KPIS[0], KPIS[3]])
    assert sum(two.values()) == 100
    assert two["csat_top2"] >= 30
    assert round_weights([]) == {}


def test_a_more_reliable_kpi_never_weighs_less() -> None:
    low = ideal(KPIS)
    high = ideal([*KPIS[:2], Candidate("fcr_window(7d)", "resolution", 1.0), *KPIS[3:]])
    assert high["fcr_window(7d)"] > low["fcr_window(7d)"]
    assert sum(high.values()) == pytest.approx(100)


def test_the_reason_names_the_floor_when_satisfaction_is_lifted_to_it() -> None:
    weights = {w.metric: w for w in propose_weights(KPIS)}
    assert weights["csat_top2"].weight == 30
    assert "floor of 30 %" in weights["csat_top2"].why
    assert "mostly chance for one person" in weights["csat_top2"].why
    assert "满意度下限" in weights["csat_top2"].why_zh


def test_of_two_kpis_that_move_together_the_more_reliable_one_stays() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 200))
    runs = pd.DataFrame(
        {
            "frt_within(30min)": a,
            "res_full_p50": -2 * a + 0.1 * b,
            "fcr_window(7d)": b,
            "csat_top2": 0.5 * a + b,
            "aht": rng.normal(size=200),
        }
    )
    assert drop_twins(KPIS, runs) == {"frt_within(30min)": "res_full_p50"}


def test_at_most_five_kpis_and_one_of_each_dimension_first() -> None:
    many = [
        *KPIS,
        Candidate("frt_p50", "timeliness", 0.9),
        Candidate("reopen", "resolution", 0.5),
        Candidate("csat_mean", "satisfaction", 0.9),
    ]
    chosen = [c.metric for c in pick(many)]
    assert len(chosen) == 5
    assert {"frt_within(30min)", "fcr_window(7d)", "csat_top2", "aht"} < set(chosen)
    assert "csat_mean" not in chosen


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("frt_within(10min)", "timeliness"),
        ("fcr_window(7d)", "resolution"),
        ("csat_top2", "satisfaction"),
        ("aht", "efficiency"),
        ("occupancy", ""),
    ],
)
def test_dimension_of_a_metric(metric: str, expected: str) -> None:
    assert dimension(metric) == expected
