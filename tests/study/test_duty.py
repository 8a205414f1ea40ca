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


def test_such_a_run_is_refused_and_leaves_no_folder(tmp_path):
    source = Source(log="none", rows=0, start="2025-01-06", end="2025-03-03")
    model = two_teams(ann={"leaves": "2025-02-01"})
    baseline = Baseline(svcsim="0", name="small", source=source, model=model)
    run = {"days": 7, "replications": 1, "start": "2025-03-03"}
    request = RunRequest(scenario_file=tmp_path / "s.yaml", folder=tmp_path / "out")
    with pytest.raises(InputError, match="team front  has work, but nobody"):
        run_scenario(Scenario(name="s", run=run), baseline, None, request)
    assert not (tmp_path / "out").exists()
