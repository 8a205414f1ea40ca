"""A run whose teams have nobody on duty is refused before the clock starts, each team by name."""

from __future__ import annotations

from datetime import date

import pytest

from small_desks import MONDAY, category, desk
from svcsim.engine.demand import Horizon
from svcsim.errors import InputError
from svcsim.model.baseline import Baseline, Source
from svcsim.model.demand import WEEKDAYS
from svcsim.scenario.scenario import Scenario
from svcsim.study.duty import check_duty
from svcsim.study.run import RunRequest, run_scenario

HORIZON = Horizon(MONDAY, 7, 3)


def two_teams(ann=None, bob=None, **changes):
    kinds = {"a": category(share=0.5, team="front"), "b": category(share=0.5, team="back")}
    agents = {"Ann": {"team": "front"} | (ann or {}), "Bob": {"team": "back"} | (bob or {})}
    return desk(teams=["front", "back"], categories=kinds, agents=agents, **changes)


def without_duty(model, horizon=HORIZON):
    try:
        check_duty(model, horizon, 1)
    except InputError as error:
        return [finding.where for finding in error.findings]
    return []


ALWAYS = [{"weekday": day, "from": "00:00", "to": "24:00", "teams": ["front"]} for day in WEEKDAYS]


@pytest.mark.parametrize(
    ("changes", "teams"),
    [
        ({}, []),
        ({"ann": {"leaves": "2025-03-03"}}, ["team front"]),
        ({"ann": {"leaves": "2025-03-04"}}, []),
        ({"bob": {"hired": "2025-03-13"}}, ["team back"]),
        ({"bob": {"hired": "2025-03-12"}}, []),
        ({"ann": {"leaves": "2025-02-01"}, "bob": {"hired": "2026-01-01"}},
         ["team front", "team back"]),
        ({"ann": {"leaves": "2025-02-01"}, "bob": {"serves": ["front"]}}, []),
        ({"staffing": {"meetings": ALWAYS}}, ["team front"]),
        ({"staffing": {"meetings": ALWAYS[:6]}}, []),
        ({"staffing": {"presence": 0.01, "absence": {"per_year": 300.0, "days": 300.0}}}, []),
    ],
)  # fmt: skip
def test_each_team_with_work_needs_somebody_on_duty(changes, teams):
    assert without_duty(two_teams(**changes)) == teams


def test_a_team_without_work_needs_nobody():
    model = two_teams(ann={"leaves": "2025-02-01"})
    data = model.model_dump(by_alias=True)
    data["categories"]["a"]["share"]["value"], data["categories"]["b"]["share"]["value"] = 0.0, 1.0
    assert without_duty(type(model).model_validate(data)) == []
    data["bursts"] = {"x": {"at": "2025-03-04 10:00", "category": "a", "size": 3, "over": 60.0}}
    assert without_duty(type(model).model_validate(data)) == ["team front"]


def test_days_on_which_the_desk_is_closed_have_nobody():
    model = desk(staffing={"days": [{"weekday": "mon", "on": {"all": ["agent 00"]}}]})
    assert without_duty(model, Horizon(date(2025, 3, 4), 2, 0)) == ["team team"]
    assert without_duty(model, Horizon(date(2025, 3, 4), 7, 0)) == []


def test_one_kind_of_monday_is_enough():
    days = [{"weekday": "mon", "on": {}}] * 3 + [{"weekday": "mon", "on": {"all": ["agent 00"]}}]
    assert without_duty(desk(staffing={"days": days}), Horizon(MONDAY, 1, 0)) == []


def refused(folder, model, changes, lines):
    """The findings of a run of a scenario file whose changes stand on the lines from the third."""
    source = Source(log="none", rows=0, start="2025-01-06", end="2025-03-03")
    baseline = Baseline(svcsim="0", name="small", source=source, model=model)
    run = {"days": 7, "replications": 1, "start": "2025-03-03"}
    file = folder / "s.yaml"
    file.write_text("\n".join(["name: s", "changes:", *lines, "run: {days: 7}"]), encoding="utf-8")
    scenario = Scenario(name="s", run=run, changes=changes)
    request = RunRequest(scenario_file=file, folder=folder / "out")
    with pytest.raises(InputError) as caught:
        run_scenario(scenario, baseline, None, request)
    assert not (folder / "out").exists()
    return [
        (f.where.rpartition("/")[2], f.found.partition(", but")[0]) for f in caught.value.findings
    ]


def test_a_desk_without_anybody_is_told_where_its_days_are_chosen(tmp_path):
    """Ann had left before the scenario changed anything."""
    changes = [{"path": "arrivals.level", "times": 2.0}]
    told = refused(
        tmp_path, two_teams(ann={"leaves": "2025-02-01"}), changes, ["  arrivals.level: {times: 2}"]
    )
    assert told == [("s.yaml:4", "team front has work")]


def test_the_change_that_leaves_nobody_on_duty_is_named(tmp_path):
    """Line 4 sends the front team to meetings for good; on line 5 Bob is not hired in time."""
    lines = ["  arrivals.level: {times: 2}", "  staffing.meetings: {add: [...]}",
             "  agents.Bob.hired: {add: 2026-01-01}"]  # fmt: skip
    changes = [
        {"path": "arrivals.level", "times": 2.0},
        {"path": "staffing.meetings", "add": ALWAYS},
        {"path": "agents.Bob.hired", "add": "2026-01-01"},
    ]
    assert refused(tmp_path, two_teams(), changes, lines) == [
        ("s.yaml:4", "staffing.meetings: team front has work"),
        ("s.yaml:5", "agents.Bob.hired: team back has work"),
    ]
