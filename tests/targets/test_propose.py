"""The whole road of a proposal on a small desk that is its own truth."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from svcsim.contacts.log import ContactLog
from svcsim.errors import InputError
from svcsim.metrics.catalogue import get_metric
from svcsim.model.baseline import Baseline, FidelityCell
from svcsim.report.proposal_report import proposal_document
from svcsim.report.render import to_markdown
from svcsim.scenario.changes import Change
from svcsim.scenario.scenario import Scenario
from svcsim.scorecard.score import score
from svcsim.scorecard.scorecard import Scorecard
from svcsim.targets.advice import loud
from svcsim.targets.attainment import probability
from svcsim.targets.caution import widened
from svcsim.targets.headline import five_lines
from svcsim.targets.proposal import Probability, Proposal
from svcsim.targets.propose import propose, scorecard_for_stage


def test_proposal_is_json_that_reads_back_and_holds_the_contract_keys(
    tier_proposal: Proposal,
) -> None:
    text = tier_proposal.model_dump_json()
    data = json.loads(text)
    assert Proposal.model_validate_json(text) == tier_proposal
    assert data["fidelity"]["verdict"] == "pass"
    assert 0 < data["capacity"]["occupancy"]["median"] < 1
    assert {"metric", "role", "period", "value", "direction", "p_met_as_is", "p_met_after",
            "p_met_interval", "needs"} <= set(data["stages"][0]["targets"][0])  # fmt: skip
    assert {"metric", "weight", "why", "reliability"} <= set(data["weights"][0])
    assert {"warnings", "gaming", "incentives", "pilot", "evidence"} <= set(data)
    assert "null" not in json.dumps(data["stages"])


def test_the_parts_of_a_week_explain_occupancy_and_load(tier_proposal: Proposal) -> None:
    capacity = tier_proposal.capacity
    week = capacity["week"]
    assert week["on_duty"] == pytest.approx(week["rostered"] + week["overtime"], rel=1e-4)
    assert week["rostered"] == pytest.approx(capacity["staffed_hours_per_week"], rel=1e-4)
    assert week["overtime"] > 0
    occupancy = week["recorded"] / week["on_duty"]
    assert occupancy == pytest.approx(capacity["occupancy"]["median"], rel=1e-4)
    busy = week["recorded"] + week["unrecorded"]
    assert busy == pytest.approx(capacity["offered_hours_per_week"], rel=0.1)


def test_three_stages_thirteen_weeks_apart_from_the_monday_after_the_history(
    tier_proposal: Proposal,
) -> None:
    assert [stage.start for stage in tier_proposal.stages] == [
        "2025-03-03", "2025-06-02", "2025-09-01",
    ]  # fmt: skip
    assert [stage.aim for stage in tier_proposal.stages] == [0.80, 0.65, 0.50]
    assert tier_proposal.stages[0].lever == "training"


def test_every_probability_says_from_how_many_replications_it_is(tier_proposal: Proposal) -> None:
    counts = tier_proposal.evidence["replications"]
    for stage in tier_proposal.stages:
        assert stage.p_joint.n == counts[stage.lever] // 2  # the judging half
        for target in stage.targets:
            assert target.p_met_as_is.n == counts["as is"] // 2 == 5
            assert target.p_met_after.low <= target.p_met_after.value <= target.p_met_after.high
            assert stage.p_joint.value <= target.p_met_after.value


def test_targets_get_no_easier_and_the_first_stage_is_even_odds_as_is(
    tier_proposal: Proposal,
) -> None:
    for targets in zip(*(stage.targets for stage in tier_proposal.stages), strict=True):
        values = [target.value for target in targets]
        assert values == sorted(values, reverse=targets[0].direction == "lower")
        assert targets[0].p_met_as_is.value >= 0.5


def test_at_most_five_kpis_with_weights_of_hundred_and_satisfaction_at_thirty(
    tier_proposal: Proposal,
) -> None:
    weights = {row.metric: row.weight for row in tier_proposal.weights}
    assert 3 <= len(weights) <= 5
    assert sum(weights.values()) == 100
    assert weights["csat_top2"] >= 30
    assert set(weights) == {t.metric for t in tier_proposal.stages[0].targets}


def test_more_agents_in_the_busiest_team_never_answer_later(tier_proposal: Proposal) -> None:
    # Replies and resolutions within a day move together here; the more reliable of them is asked.
    reply = next(
        t.metric
        for t in tier_proposal.stages[0].targets
        if t.metric.startswith(("frt_within", "res_within"))
    )
    found = [point.medians[reply] for point in tier_proposal.staffing]
    assert [point.delta for point in tier_proposal.staffing] == [-2, -1, 0, 1, 2, 3]
    assert [point.agents for point in tier_proposal.staffing] == [7, 8, 9, 10, 11, 12]
    assert (np.diff(found) > -0.001).all()
    assert found[-1] > found[0]


def test_levers_say_what_they_change_and_that_its_size_is_assumed(tier_proposal: Proposal) -> None:
    training = next(lever for lever in tier_proposal.levers if lever.name == "training")
    assert "assumption" in training.what
    assert "假设" in training.what_zh
    assert {"path", "times"} <= set(training.changes[0])
    base = next(lever for lever in tier_proposal.levers if lever.name == "knowledge base")
    solved = next(m for m in base.medians if m.startswith("fcr"))
    now = next(t.median_as_is for t in tier_proposal.stages[0].targets if t.metric == solved)
    assert base.medians[solved] > now


def test_curves_of_attainability_fall_as_targets_get_harder(tier_proposal: Proposal) -> None:
    for found in tier_proposal.curves:
        sign = -1 if get_metric(found.metric).better == "higher" else 1
        for chances in found.p.values():
            assert (sign * np.diff(chances) >= 0).all()


def test_shipped_cards_are_held_against_the_desk(tier_proposal: Proposal) -> None:
    verdicts = {card.card: card for card in tier_proposal.cards}
    assert {"seed-25-40-35", "seed-30-40-30", "seed-20-15-30-20-10-5"} <= set(verdicts)
    broad = {row["metric"]: row for row in verdicts["seed-20-15-30-20-10-5"].targets}
    assert broad["close_in_time"]["p_met"] is None
    assert "in_time" in broad["close_in_time"]["why"]
    assert "cannot be measured" in verdicts["seed-20-15-30-20-10-5"].verdict


def test_a_stage_becomes_a_card_that_scores_the_history(
    tier_proposal: Proposal, tier_log: ContactLog, tmp_path
) -> None:
    card = scorecard_for_stage(tier_proposal, tier_proposal.stages[0])
    file = tmp_path / "card.yaml"
    file.write_text(card.to_yaml(), encoding="utf-8")
    again = Scorecard.from_yaml(file)
    assert [kpi.target for kpi in again.kpis] == pytest.approx(
        [target.value for target in tier_proposal.stages[0].targets], rel=1e-12
    )
    assert again.period == "4w"
    scores = score(tier_log, again).to_json_dict()
    desk = next(unit for unit in scores["units"] if unit["kind"] == "desk")
    assert len(desk["metrics"]) == len(card.kpis)


def test_kpis_that_do_not_tell_agents_apart_are_asked_of_teams(tier_proposal: Proposal) -> None:
    card = scorecard_for_stage(tier_proposal, tier_proposal.stages[0])
    reliability = {row.metric: row.reliability or 0.0 for row in tier_proposal.weights}
    assert {kpi.metric: kpi.scope for kpi in card.kpis} == {
        metric: "both" if value >= 0.4 else "team" for metric, value in reliability.items()
    }


def test_what_the_history_lacks_is_not_proposed_and_said(
    tier_baseline: Baseline, tier_log: ContactLog
) -> None:
    frame = tier_log.frame.assign(csat=math.nan, survey_s=math.nan, handle_s=math.nan)
    found = propose(
        tier_baseline, replace(tier_log, frame=frame), replications=4, workers=1, stages=1, cards={}
    )
    why = {row["metric"]: row["why"] for row in found.not_proposed}
    assert "csat" in why["csat_top2"]
    assert "handle_s" in why["aht"]
    assert not {"csat_top2", "aht"} & {row.metric for row in found.weights}


def test_a_failed_baseline_gives_an_exploratory_proposal_with_wider_intervals(
    tier_baseline: Baseline, tier_log: ContactLog
) -> None:
    cell = FidelityCell(
        metric="fcr_window(7d)", period="2025-W05", observed=0.5, n=200, low=0.8, median=0.85,
        high=0.9, z=-9.0, inside=False,
    )  # fmt: skip
    failed = tier_baseline.fidelity.model_copy(update={"verdict": "fail", "cells": (cell,)})
    loose = tier_baseline.model_copy(update={"fidelity": failed})
    found = propose(loose, tier_log, replications=4, workers=1, stages=1, cards={})
    assert found.verdict == "exploratory"
    assert found.headline.startswith("Exploratory")
    assert found.warnings[0].kind == "fidelity"
    why = {row["metric"]: row["why"] for row in found.not_proposed}
    assert "does not give its history back" in why["fcr_window(7d)"]
    for target in found.stages[0].targets:
        nominal = probability(round(target.p_met_as_is.value * 2), 2)
        assert target.p_met_as_is.low == pytest.approx(max(0.0, nominal.low - 0.1))
        assert target.p_met_as_is.high == pytest.approx(min(1.0, nominal.high + 0.1))
        assert target.p_met_interval == (target.p_met_after.low, target.p_met_after.high)


def test_one_event_has_one_interval_wherever_it_stands(
    tier_baseline: Baseline, tier_log: ContactLog
) -> None:
    """A stage of one KPI: the target alone is all together, as is, after, on the staffing curve."""
    failed = tier_baseline.fidelity.model_copy(update={"verdict": "fail"})
    loose = tier_baseline.model_copy(update={"fidelity": failed})
    for baseline in (tier_baseline, loose):
        found = propose(
            baseline, tier_log, metrics=["csat_top2"], replications=4, workers=1, stages=1
        )
        stage = found.stages[0]
        assert stage.targets[0].p_met_after == stage.p_joint
        assert stage.targets[0].p_met_as_is == stage.p_joint_as_is
        assert next(p.p_stage for p in found.staffing if p.delta == 0) == stage.p_joint_as_is
        low, high = f"{stage.p_joint.low:.0%}", f"{stage.p_joint.high:.0%}"
        assert f"({low} to {high})" in found.headline


def test_wider_by_ten_points_at_both_ends_everywhere(tier_proposal: Proposal) -> None:
    found = widened(tier_proposal)
    pairs = [
        *zip(_chances(tier_proposal), _chances(found), strict=True),
        *(
            (Probability.model_validate(a["p_met"]), Probability.model_validate(b["p_met"]))
            for one, two in zip(tier_proposal.cards, found.cards, strict=True)
            for a, b in zip(one.targets, two.targets, strict=True)
            if a["p_met"] is not None
        ),
    ]
    assert len(pairs) > 50
    for before, after in pairs:
        assert (after.value, after.n) == (before.value, before.n)
        assert after.low == pytest.approx(max(0.0, before.low - 0.1))
        assert after.high == pytest.approx(min(1.0, before.high + 0.1))
    assert (
        found.model_copy(
            update={p: getattr(tier_proposal, p) for p in ("stages", "staffing", "cards", "agents")}
        )
        == tier_proposal
    )


def _chances(proposal: Proposal) -> list[Probability]:
    """Return every probability of a proposal that is one by its type, in order."""
    out = [p for s in proposal.stages for p in (s.p_joint, s.p_joint_as_is)]
    out += [p for s in proposal.stages for t in s.targets for p in (t.p_met_as_is, t.p_met_after)]
    out += [point.p_stage for point in proposal.staffing]
    out += [card.p_joint for card in proposal.cards if card.p_joint is not None]
    out += [c.p_met for row in proposal.agents for c in row.chances]
    return out + [row.p_joint for row in proposal.agents if row.p_joint is not None]


def test_own_kpis_own_levers_and_benchmarks_are_used(
    tier_baseline: Baseline, tier_log: ContactLog
) -> None:
    fewer = Scenario(
        name="half the repeats", zh="返单减半", why="better answers",
        changes=tuple(
            Change(path=f"categories.{name}.repeat", times=0.5) for name in ("setup", "repair")
        ),
    )  # fmt: skip
    found = propose(
        tier_baseline, tier_log, metrics=["fcr_window(7d)"], levers=[fewer], replications=8,
        workers=1, stages=2, cards={}, benchmarks={"fcr_window(7d)": 0.80}, horizon_days=14,
    )  # fmt: skip
    assert [stage.lever for stage in found.stages] == ["half the repeats"] * 2
    first, second = (stage.targets[0] for stage in found.stages)
    assert second.value <= max(first.value, 0.80)
    assert [row.weight for row in found.weights] == [100]
    assert found.horizon["days"] == 14
    assert first.period == "2 weeks"


def test_an_unknown_kpi_is_refused_with_the_nearest(
    tier_baseline: Baseline, tier_log: ContactLog
) -> None:
    with pytest.raises(InputError, match="frt_within"):
        propose(tier_baseline, tier_log, metrics=["frt_withn(1h)"], replications=4, workers=1)


def test_without_history_it_says_so_and_knows_nothing_of_agents(tier_baseline: Baseline) -> None:
    found = propose(
        tier_baseline, None, replications=4, workers=1, stages=1, cards={}, horizon_days=14
    )
    assert "opening" in {warning.kind for warning in found.warnings}
    assert {row.reliability for row in found.weights} == {None}
    assert found.horizon["start"] == "2025-03-03"


def test_without_history_what_stands_as_now_is_said_to_be_simulated(
    tier_baseline: Baseline, tier_log: ContactLog
) -> None:
    blind = propose(
        tier_baseline, None, metrics=["csat_top2"], replications=4, workers=1, stages=1, cards={}
    )
    target = blind.stages[0].targets[0]
    assert target.now_from == "simulation"
    assert target.now == target.median_as_is
    assert [x.kind for x in loud(blind.warnings)] == ["few periods", "opening"]
    lines = five_lines(blind, "page", "en")
    assert any(line.startswith("beware: No history was given") for line in lines)
    for lang, head, other, beware in (
        ("en", "As is, simulated", "Now", "No history was given (--log)"),
        ("zh", "现状（模拟）", "当前", "未提供历史数据"),
    ):
        front = to_markdown(proposal_document(blind, lang)).split("\n## ")[0]
        assert head in front
        assert f"| {other} |" not in front
        assert beware in front
    seen = propose(
        tier_baseline, tier_log, metrics=["csat_top2"], replications=60, workers=2, stages=1,
        cards={},
    )  # fmt: skip
    assert seen.stages[0].targets[0].now_from == "history"
    assert loud(seen.warnings) == []
    assert "| Now |" in to_markdown(proposal_document(seen, "en"))
