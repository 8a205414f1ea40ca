"""Warnings appear when, and only when, there is something to be warned of."""

from __future__ import annotations

import pandas as pd
import pytest

from svcsim.model.baseline import Baseline, Drift
from svcsim.model.quantity import Factor, Share
from svcsim.targets.advice import (
    about_balance,
    about_baseline,
    about_desk,
    about_promises,
    exploratory,
)


def with_staffing(baseline: Baseline, **changes) -> Baseline:
    staffing = baseline.model.staffing.model_copy(update=changes)
    return baseline.model_copy(
        update={"model": baseline.model.model_copy(update={"staffing": staffing})}
    )


def kinds(warnings) -> list[str]:
    return [warning.kind for warning in warnings]


def measured_presence(baseline: Baseline) -> Baseline:
    return with_staffing(baseline, presence=Share(value=0.95, grade="measured", n=100))


def test_a_proven_baseline_with_a_roster_gives_no_warning(tier_baseline: Baseline) -> None:
    assert about_baseline(measured_presence(tier_baseline)) == []
    assert exploratory(tier_baseline) == []


@pytest.mark.parametrize(("verdict", "loose"), [("fail", True), ("none", True), ("warn", True)])
def test_fidelity_decides_whether_numbers_are_exploratory(
    tier_baseline: Baseline, verdict: str, loose: bool
) -> None:
    fidelity = tier_baseline.fidelity.model_copy(update={"verdict": verdict})
    found = measured_presence(tier_baseline).model_copy(update={"fidelity": fidelity})
    assert bool(exploratory(found)) is loose
    warning = about_baseline(found)[0]
    assert warning.kind == "fidelity"
    assert warning.text.startswith("Exploratory") is loose
    assert warning.zh


@pytest.mark.parametrize(
    ("factor", "wrong"), [(0.7, True), (1.0, False), (1.3, False), (1.5, True)]
)
def test_busy_time_far_from_recorded_time_means_wrong_rosters(
    tier_baseline: Baseline, factor: float, wrong: bool
) -> None:
    found = with_staffing(measured_presence(tier_baseline), slowdown=Factor(value=factor))
    assert ("slowdown" in kinds(about_baseline(found))) is wrong
    assert bool(exploratory(found)) is wrong


@pytest.mark.parametrize(("grade", "word"), [("proxy", "inferred"), ("assumed", "assumed")])
def test_capacity_that_is_not_from_a_roster_is_said(
    tier_baseline: Baseline, grade: str, word: str
) -> None:
    found = with_staffing(tier_baseline, presence=Share(value=0.9, grade=grade))
    warning = next(w for w in about_baseline(found) if w.kind == "capacity")
    assert word in warning.text


def test_drift_is_told_with_its_day(tier_baseline: Baseline) -> None:
    drift = Drift(what="volume", when="2025-02-03", before="90", after="120", strength=4.0)
    found = measured_presence(tier_baseline).model_copy(update={"drift": (drift,)})
    (warning,) = about_baseline(found)
    assert (warning.kind, "2025-02-03" in warning.text) == ("drift", True)


def test_overload_and_a_growing_backlog_are_seen_in_the_simulation(
    tier_baseline: Baseline,
) -> None:
    model = tier_baseline.model
    calm = pd.DataFrame({"occupancy": [0.7, 0.72], "backlog_end": [20.0, 22.0]})
    past = pd.DataFrame({"metric": "backlog_end", "value": [18.0, 21.0, 20.0]})
    assert about_desk(model, calm, past) == []
    busy = pd.DataFrame({"occupancy": [0.93, 0.95], "backlog_end": [80.0, 90.0]})
    assert kinds(about_desk(model, busy, past)) == ["overload", "backlog"]
    assert kinds(about_desk(model, busy, None)) == ["overload"]


def test_more_work_than_rostered_hours_is_overload(tier_baseline: Baseline) -> None:
    model = with_staffing(tier_baseline, slowdown=Factor(value=3.0)).model
    calm = pd.DataFrame({"occupancy": [0.7, 0.72]})
    assert set(kinds(about_desk(model, calm, None))) == {"overload"}


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        (["frt_within(1h)", "fcr_window(7d)", "csat_top2"], []),
        (["frt_within(1h)", "fcr_window(7d)"], ["satisfaction"]),
        (["abandon", "aht"], ["satisfaction", "balance"]),
        (["aht", "throughput"], ["pace only"]),
        ([], []),
    ],
)
def test_a_card_without_customers_verdict_or_quality_is_warned_of(
    metrics: list[str], expected: list[str]
) -> None:
    assert kinds(about_balance(metrics)) == expected


def test_what_a_nominal_probability_is_worth_is_always_said() -> None:
    assert kinds(about_promises(26, 3)) == ["promise", "levers"]
    assert kinds(about_promises(8, 3)) == ["promise", "levers", "history"]
    assert kinds(about_promises(26, 0))[0] == "no target"
