"""The fallback ladder: what is missing is said, and a desk is learned all the same.

One test per rung: the sample history without the columns in question is calibrated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from svcsim.calibration.fit import calibrate
from svcsim.calibration.ladder import ladder
from svcsim.calibration.questions import questions
from svcsim.calibration.short import WIDER, with_priors
from svcsim.contacts.log import ContactLog
from svcsim.contacts.read import read_history
from svcsim.errors import InputError
from svcsim.model.baseline import Baseline
from svcsim.model.quantity import walk
from svcsim.samples.history import PRESET, history_path

DAY = 86400.0


@pytest.fixture(scope="module")
def history() -> ContactLog:
    """Five weeks of the sample."""
    log = read_history(history_path(), preset=PRESET).log
    return log.window(log.start, log.start + 35 * DAY)


@pytest.fixture(scope="module")
def roster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve people of one team and ten of the other, on weekdays, six at the weekend too."""
    rows = ["agent,team,weekday,start,end"]
    for team, number in (("L1", 12), ("L2", 10)):
        for i in range(number):
            days = ("mon", "tue", "wed", "thu", "fri", *(("sat", "sun") if i < 6 else ()))
            rows += [f"{team} {i},{team},{day},08:00,18:00" for day in days]
    path = tmp_path_factory.mktemp("roster") / "roster.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def without(log: ContactLog, *columns: str) -> ContactLog:
    """The log without what some columns hold."""
    frame = log.frame
    blank = {n: pd.Series(None, index=frame.index, dtype=frame[n].dtype) for n in columns}
    return replace(log, frame=frame.assign(**blank))


def missing(rungs: Iterable[object]) -> set[str]:
    return {rung.name for rung in rungs if not rung.present}


def rung(baseline: Baseline, name: str) -> object:
    (found,) = [rung for rung in baseline.ladder if rung.name == name]
    assert not found.present
    assert found.fallback.zh
    assert found.effect.zh
    return found


def test_the_sample_lacks_nothing_but_a_roster(history: ContactLog):
    rungs = ladder(history)
    assert len(rungs) == 8
    assert missing(rungs) == {"hours"}
    assert missing(ladder(history, roster=True)) == set()
    assert all(rung.grade == "measured" for rung in rungs if rung.present)


def test_without_handling_times_work_is_read_from_gaps_between_stamps(history: ContactLog):
    baseline = calibrate(without(history, "handle_s", "handlings"))
    assert rung(baseline, "events").grade == "proxy"
    for category in baseline.model.categories.values():
        assert category.handling.mean.grade == "proxy"
        assert "from gaps between first response and resolution" in category.handling.mean.how
        assert category.handling.mean.interval[1] / category.handling.mean.interval[0] > 1.5
    assert "aht" in [question.name for question in baseline.questions]


def test_without_first_responses_the_desk_is_learned_all_the_same(history: ContactLog):
    baseline = calibrate(without(history, "first_response_s"))
    assert rung(baseline, "first_response").grade == "proxy"
    assert "no KPI of first response" in rung(baseline, "first_response").effect.en
    assert len(baseline.model.agents) == 24


def test_without_agents_a_roster_gives_a_team_level_model(history: ContactLog, roster: Path):
    log = without(history, "agent")
    with pytest.raises(InputError, match="--roster FILE"):
        calibrate(log)
    baseline = calibrate(log, roster=roster)
    assert rung(baseline, "agent").grade == "proxy"
    agents = baseline.model.agents
    assert [sum(a.team == team for a in agents.values()) for team in ("L1", "L2")] == [12, 10]
    assert {(a.speed.value, a.quality.value) for a in agents.values()} == {(1.0, 0.0)}
    assert baseline.model.staffing.presence.grade == "given"


def test_without_agents_and_handling_times_ten_minutes_are_assumed(
    history: ContactLog, roster: Path
):
    baseline = calibrate(without(history, "agent", "handle_s", "handlings"), roster=roster)
    assert rung(baseline, "events").grade == "assumed"
    means = [category.handling.mean for category in baseline.model.categories.values()]
    assert {(mean.value, mean.grade) for mean in means} == {(600.0, "assumed")}
    assert baseline.questions[0].name == "aht"


def test_without_categories_there_is_one_class_with_a_wider_spread(history: ContactLog):
    baseline = calibrate(without(history, "category"))
    assert rung(baseline, "category").grade == "assumed"
    (only,) = baseline.model.categories.values()
    assert only.handling.mean.grade == "measured"
    assert len(baseline.model.agents) == 24


def test_hours_are_inferred_where_there_is_no_roster(history: ContactLog):
    baseline = calibrate(history)
    assert rung(baseline, "hours").grade == "proxy"
    assert baseline.model.staffing.presence.grade == "proxy"
    assert "roster" in [question.name for question in baseline.questions]


def test_without_customers_only_reopening_is_modelled(history: ContactLog):
    log = without(history, "customer")
    alone = log.frame.assign(case_id=log.frame["ticket_id"], contact_no=1.0)
    baseline = calibrate(replace(log, frame=alone))
    assert rung(baseline, "customer").grade == "assumed"
    for category in baseline.model.categories.values():
        assert (category.repeat.value, category.repeat.grade) == (0.0, "assumed")
        assert category.reopen.grade == "measured"
    assert "customer" in [question.name for question in questions(baseline, most=9)]


def test_without_a_sent_flag_every_resolved_contact_counts_as_asked(history: ContactLog):
    baseline = calibrate(without(history, "survey_sent"))
    assert rung(baseline, "survey_sent").grade == "proxy"
    survey = baseline.model.survey
    assert (survey.asked.value, survey.asked.grade) == (1.0, "assumed")
    assert survey.answered.grade == "proxy"
    asked = [q for q in questions(baseline, most=9) if q.name == "survey_sent"]
    assert len(asked) == 1
    assert "odds x .5" in asked[0].why.en


def test_under_four_weeks_priors_hold_up_and_intervals_are_wider(history: ContactLog):
    log = history.window(history.start, history.start + 21 * DAY)
    baseline = calibrate(log)
    assert rung(baseline, "weeks").grade == "assumed"
    model = baseline.model
    assert (model.arrivals.day_cv.value, model.arrivals.day_ar.value) == (0.15, 0.4)
    busy = model.staffing.slowdown
    assert (busy.value, busy.grade) == (1.15, "assumed")
    assert any(note.en.startswith("under four weeks") for note in baseline.notes)


def test_how_far_priors_and_intervals_move(history: ContactLog):
    """(k + 50 x 12 %) / (n + 50), and half-widths 1.5 times as large on the log scale."""
    model = calibrate(history).model
    found, _ = with_priors(model)
    before, after = dict(walk(model)), dict(walk(found))
    name = next(iter(model.categories))
    old, new = (parts[f"categories.{name}.repeat"] for parts in (before, after))
    assert new.value == pytest.approx((old.value * old.n + 6.0) / (old.n + 50.0))
    path = f"categories.{name}.handling.mean"
    (low, high), (lower, higher) = before[path].interval, after[path].interval
    assert higher / before[path].value == pytest.approx((high / before[path].value) ** WIDER)
    assert lower / before[path].value == pytest.approx((low / before[path].value) ** WIDER)
    for path, quantity in after.items():
        if quantity.interval is not None:
            assert quantity.interval[0] <= quantity.value <= quantity.interval[1], path
