"""Scores of the sample history, whose agents' true quality is known."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from svcsim.contacts.read import read_history
from svcsim.samples.history import PRESET, history_path, truth
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.score import score
from svcsim.scorecard.scorecard import Scorecard
from svcsim.scorecard.table import ScoreTable

CARD = Scorecard(
    name="quality",
    kpis=(
        Kpi(metric="fcr_window(7d)", weight=0.5, target=0.85, floor=0.70, stretch=0.95),
        Kpi(metric="csat_top2", weight=0.5, target=0.80, floor=0.60, stretch=0.90),
    ),
)


@pytest.fixture(scope="module")
def tables() -> dict[str, ScoreTable]:
    log = read_history(history_path(), preset=PRESET).log
    return {
        "month": score(log, CARD, "2025-09"),
        "ten months": score(log, CARD, "2025-01-06/2025-10-27"),
    }


def quality(table: ScoreTable) -> list[float]:
    agents = truth().agents
    return [agents[unit.unit].quality.value for unit in table.units if unit.kind == "agent"]


def test_adjusting_for_mix_brings_values_nearer_to_the_truth(
    tables: dict[str, ScoreTable],
) -> None:
    table = tables["ten months"]
    fcr = [unit.metrics[0] for unit in table.units if unit.kind == "agent"]
    raw, adjusted = (
        spearmanr(quality(table), [getattr(kpi, name) for kpi in fcr]).statistic
        for name in ("value", "adjusted_value")
    )
    assert adjusted > raw + 0.1
    assert adjusted > 0.65


def test_bands_name_nobody_wrongly(tables: dict[str, ScoreTable]) -> None:
    table = tables["ten months"]
    middle = np.median(quality(table))
    named = {unit.unit: unit.band for unit in table.units if unit.kind == "agent"}
    true = dict(zip(named, quality(table), strict=True))
    assert "support" in named.values()
    assert all(true[name] < middle for name, band in named.items() if band == "support")
    assert all(true[name] > middle for name, band in named.items() if band == "top")


def test_reliability_says_how_far_scores_follow_the_truth(tables: dict[str, ScoreTable]) -> None:
    followed = {}
    for name, table in tables.items():
        scores = [unit.score for unit in table.units if unit.kind == "agent"]
        followed[name] = spearmanr(quality(table), scores).statistic
    month, whole = tables["month"], tables["ten months"]
    assert month.score_reliability < 0.45 < 0.6 < whole.score_reliability
    assert followed["month"] + 0.2 < followed["ten months"]
    assert followed["ten months"] > 0.65
