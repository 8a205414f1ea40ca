"""KPIs shown without being asked for, and what of a scenario its summary keeps."""

from __future__ import annotations

import json

import pytest

from small_desks import category, desk
from svcsim.metrics.catalogue import get_metric
from svcsim.model.baseline import Baseline, Source
from svcsim.scenario.scenario import Scenario
from svcsim.study.run import DEFAULT_METRICS, WHERE_DECLARED, RunRequest, run_scenario
from svcsim.study.told import unspoken

SOURCE = Source(log="none", rows=0, start="2025-01-06", end="2025-03-03")
HOLD = {"share": "50%", "time": {"law": "fixed", "mean": "2min"}}


def run(folder, **scenario):
    model = desk(1.0, 4, categories={"all": category(handling={"law": "fixed", "mean": 600.0})})
    baseline = Baseline(svcsim="0", name="small", source=SOURCE, model=model)
    setting = {"days": 7, "replications": 2, "start": "2025-03-03"}
    asked = Scenario(name="s", run=setting, **scenario)
    (folder / "s.yaml").write_text("name: s\n", encoding="utf-8")
    request = RunRequest(scenario_file=folder / "s.yaml", folder=folder / "out", workers=1)
    run_scenario(asked, baseline, None, request)
    return json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))


def test_a_desk_shows_the_kpis_of_what_a_scenario_adds(tmp_path):
    """Costs, complaints, holds and rework are added and no KPIs are named."""
    changes = [
        {"path": "cost", "add": {"per_contact": 3}},
        {"path": "complaint", "add": {"share": "20%"}},
        {"path": "categories.*.hold", "add": HOLD},
        {"path": "categories.*.rework", "to": "10%"},
    ]
    shown = [kpi["metric"] for kpi in run(tmp_path, changes=changes)["kpis"]]
    more = ["complaint", "rework", "hold", "cost_per_contact", "cost_per_resolved"]
    assert [metric for metric in shown if metric not in DEFAULT_METRICS] == more


def test_what_the_desk_lacks_is_neither_shown_nor_missed(tmp_path):
    summary = run(tmp_path)
    named = {kpi["metric"] for kpi in summary["kpis"]} | set(summary["not_simulated"])
    assert named.isdisjoint(WHERE_DECLARED)


def test_kpis_that_are_named_are_all_there_are(tmp_path):
    changes = [{"path": "cost", "add": {"per_contact": 3}}]
    summary = run(tmp_path, changes=changes, metrics=["volume"])
    assert [kpi["metric"] for kpi in summary["kpis"]] == ["volume"]
    assert summary["definitions"] == {"volume": get_metric("volume").definition}


@pytest.mark.parametrize("metric", WHERE_DECLARED)
def test_a_desk_without_a_declaration_cannot_speak_of_it(metric):
    assert unspoken(desk(), metric) is not None


def test_the_summary_keeps_what_the_scenario_says_of_itself(tmp_path):
    summary = run(tmp_path, zh="甲", why="calls <b>instead</b> of tickets")
    assert (summary["scenario"], summary["zh"]) == ("s", "甲")
    assert summary["why"] == "calls <b>instead</b> of tickets"
