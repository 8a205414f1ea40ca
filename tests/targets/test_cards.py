"""Cards against synthetic periods: worked verdicts."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from svcsim.scorecard.scorecard import Scorecard
from svcsim.targets.cards import card_metrics, judge_card

CARD = Scorecard.model_validate(
    {
        "name": "three",
        "zh": "三项",
        "kpis": [
            {"metric": "frt", "weight": "25%", "target": "2h"},
            {"metric": "fcr_window(7d)", "weight": "40%", "target": "85%"},
            {"metric": "csat_top2", "weight": "35%", "target": "90%", "period": "quarter"},
        ],
    }
)
RUNS = pd.DataFrame(
    {
        "frt": [3600.0, 7200.0, 7201.0, 9000.0],
        "fcr_window(7d)": [0.80, 0.81, 0.82, 0.83],
        "csat_top2": [math.nan] * 4,
    }
)


def judged(**changes):
    options = {"start": "2026-01-05", "days": 28, "unmeasured": {}, "doubtful": {}} | changes
    return judge_card("three", CARD, RUNS, **options)


def test_each_target_is_counted_and_the_least_likely_one_is_named() -> None:
    found = judged(unmeasured={"csat_top2": ("the log has no csat", "没有满意度")})
    chances = {row["metric"]: row["p_met"] and row["p_met"]["value"] for row in found.targets}
    assert chances == {"frt": 0.5, "fcr_window(7d)": 0.0, "csat_top2": None}
    assert "≥ 85% is met in 0 of 4 simulated 28-day periods" in found.verdict
    assert "1 KPI (35% of the weight) cannot be measured" in found.verdict
    assert "4 个模拟周期" in found.verdict_zh
    assert found.p_joint is not None
    assert (found.p_joint.value, found.p_joint.n) == (0.0, 4)


def test_a_kpi_without_data_gives_its_reason_in_both_languages() -> None:
    reason = ("the log has no csat", "没有满意度")
    row = judged(unmeasured={"csat_top2": reason}).targets[2]
    assert (row["p_met"], row["why"], row["why_zh"]) == (None, *reason)
    assert judged().targets[2]["why"] == "the simulated desk has no value for it"


def test_out_of_reach_doubtful_and_quarterly_targets_are_warned_of() -> None:
    found = judged(doubtful={"frt": ("not given back", "未复现")})
    text = " ".join(found.warnings)
    assert "85% is out of reach" in text
    assert "not given back" in text
    assert "quarter" in text
    assert len(found.warnings) == len(found.warnings_zh)


def test_a_card_of_which_nothing_can_be_measured_is_not_judged() -> None:
    nothing = {kpi.metric: ("no data", "无数据") for kpi in CARD.kpis}
    found = judged(unmeasured=nothing)
    assert found.p_joint is None
    assert "nothing can be said" in found.verdict


def test_a_target_that_is_always_met_asks_for_nothing() -> None:
    easy = RUNS.assign(frt=60.0)
    found = judge_card("three", CARD, easy, start="2026-01-05", days=28, unmeasured={}, doubtful={})
    assert any("met anyway" in text for text in found.warnings)


def test_metrics_of_several_cards_are_listed_once() -> None:
    assert card_metrics({"a": CARD, "b": CARD}) == [kpi.metric for kpi in CARD.kpis]


@pytest.mark.parametrize(("day", "value"), [("2026-02-01", 1.0), ("2026-05-01", 0.0)])
def test_the_dated_target_in_force_is_judged(day: str, value: float) -> None:
    dated = Scorecard.model_validate(
        {
            "name": "dated",
            "kpis": [
                {
                    "metric": "fcr_window(7d)",
                    "weight": "100%",
                    "stages": {"2026-01-01": "75%", "2026-04-01": "95%"},
                }
            ],
        }
    )
    found = judge_card("dated", dated, RUNS, start=day, days=28, unmeasured={}, doubtful={})
    assert found.p_joint is not None
    assert found.p_joint.value == value
