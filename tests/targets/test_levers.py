"""Levers are changes of the baseline's own numbers; capacity is a planner's sum."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from small_desks import category, desk
from svcsim.samples.history import truth
from svcsim.targets.capacity import (
    bottleneck,
    offered_hours,
    staffed_hours,
    team_hours,
    week_of_hours,
)
from svcsim.targets.levers import (
    cross_serve,
    fewer_returns,
    join,
    more_agents,
    packages,
    singles,
    training,
)


def test_training_moves_only_those_below_their_teams_median_and_part_of_the_way() -> None:
    model = truth()
    lever = training(model, 0.5)
    assert lever is not None
    trained, _ = lever.scenario.apply(model)
    for team in model.teams:
        names = [n for n, a in model.agents.items() if a.team == team]
        before = np.array([model.agents[n].speed.value for n in names])
        after = np.array([trained.agents[n].speed.value for n in names])
        below = before < np.median(before)
        np.testing.assert_array_equal(after[~below], before[~below])
        wanted = before + 0.5 * (np.quantile(before, 0.75) - before)
        np.testing.assert_allclose(after[below], wanted[below], rtol=1e-4)


def test_a_team_without_spread_or_with_few_people_has_nothing_to_learn() -> None:
    assert training(desk(servers=8), 0.5) is None
    few = {"a": {"team": "team", "speed": 0.8}, "b": {"team": "team", "speed": 1.2}}
    assert training(desk(agents=few), 0.5) is None


@pytest.mark.parametrize(
    ("speeds", "qualities", "said", "unsaid"),
    [
        ((1, 1, 1, 1), (0.1, -0.1, 0.2, -0.2), "(with more returns than", "faster"),
        ((0.8, 0.9, 1.1, 1.2), (0, 0, 0, 0), "(slower than", "returns"),
        ((0.8, 0.9, 1.1, 1.2), (0.1, -0.1, 0.2, -0.2), "(slower or with more returns than", "0.0%"),
    ],
)
def test_training_tells_only_what_it_changes(
    speeds: tuple[float, ...], qualities: tuple[float, ...], said: str, unsaid: str
) -> None:
    agents = {
        f"a{i}": {"team": "team", "speed": float(s), "quality": float(q)}
        for i, (s, q) in enumerate(zip(speeds, qualities, strict=True))
    }
    lever = training(desk(agents=agents), 1 / 3)
    assert lever is not None
    assert said in lever.what
    assert unsaid not in lever.what
    assert ("提速" in lever.what_zh) is ("faster" in lever.what)


def test_fewer_returns_scales_every_category_that_has_any() -> None:
    model = truth()
    lever = fewer_returns(model)
    assert lever is not None
    changed, _ = lever.scenario.apply(model)
    for name, old in model.categories.items():
        new = changed.categories[name]
        assert new.repeat.value == pytest.approx(0.85 * old.repeat.value)
        assert new.reopen.value == pytest.approx(0.85 * old.reopen.value)
    assert fewer_returns(desk()) is None


def test_packages_grow_and_a_plain_desk_can_only_add_people() -> None:
    names = [lever.name if lever else "as is" for lever in packages(truth())]
    assert names == [
        "training",
        "training + knowledge base",
        "intensive training + knowledge base + 1 agent",
    ]
    plain = packages(desk())
    assert [lever.name if lever else "as is" for lever in plain] == [
        "as is",
        "+1 agent",
        "+2 agents",
    ]
    for lever in packages(truth()):
        assert lever is not None
        lever.scenario.apply(truth())


def test_a_joined_lever_makes_all_changes_and_says_all_of_it() -> None:
    model = truth()
    one, two = fewer_returns(model), more_agents(model, "L2", 1)
    assert one is not None
    both = join(one, two)
    assert both.scenario.changes == one.scenario.changes + two.scenario.changes
    assert both.what.startswith(one.what)
    assert both.what.endswith(two.what)


def test_the_idle_team_helps_the_busiest_one_unless_it_does_already() -> None:
    model = truth()
    assert bottleneck(model) == "L2"
    lever = cross_serve(model)
    assert lever is not None
    changed, _ = lever.scenario.apply(model)
    assert all("L2" in a.serves for a in changed.agents.values() if a.team == "L1")
    assert cross_serve(changed) is None
    assert cross_serve(desk()) is None
    assert {lever.name for lever in singles(model)} == {"knowledge base", "cross-serving"}


def test_offered_and_staffed_hours_of_a_desk_worked_by_hand() -> None:
    # 10 cases an hour x 168 h, half an hour each, half of them return once more (geometric: x 2)
    half = {"law": "fixed", "mean": 1800.0}
    model = desk(
        per_hour=10.0,
        servers=3,
        hours=(("08:00", "12:00"), ("13:00", "17:00")),
        categories={"all": category(handling=half, repeat=0.5)},
        staffing={"presence": 0.9, "slowdown": 1.2},
    )
    assert offered_hours(model)["team"] == pytest.approx(1680 * 0.5 * 2 * 1.2)
    assert staffed_hours(model)["team"] == pytest.approx(3 * 8 * 7 * 0.9)
    hours = team_hours(model)["team"]
    assert hours.agents == 3
    assert hours.load == pytest.approx(hours.offered / hours.staffed)


def test_a_transfer_splits_the_work_between_the_teams() -> None:
    # first handling at A; 40 % go on to B for the same work, with one pending round on average
    hour = {"law": "fixed", "mean": 3600.0}
    people = {"a": {"team": "A"}, "b": {"team": "B"}}
    rounds = {"again": 0.5, "pending": {"law": "fixed", "mean": 3600.0}}
    model = desk(
        per_hour=1.0,
        mode="ticket",
        teams=["A", "B"],
        agents=people,
        categories={
            "all": category(team="A", handling=hour, transfer=0.4, transfer_to="B", **rounds)
        },
    )
    found = offered_hours(model)
    assert found["A"] == pytest.approx(168 * (1 + 0.6 * 1))
    assert found["B"] == pytest.approx(168 * 0.4 * 2)


def test_where_the_hours_of_a_week_go_worked_by_hand() -> None:
    # 3 agents x 8 h x 7 days on the roster; two periods of a week, 160 h of work in the second
    model = desk(
        per_hour=1.0,
        servers=3,
        hours=(("08:00", "12:00"), ("13:00", "17:00")),
        categories={"all": category(handling={"law": "fixed", "mean": 3600.0})},
        staffing={
            "slowdown": 1.25,
            "off_share": 0.5,
            "off_time": {"law": "fixed", "mean": 600.0},
        },
    )
    hours = 3600.0
    runs = pd.DataFrame({"occupancy": [0.8, 0.8], "time_on_duty": [200 * hours, 200 * hours]})
    found = week_of_hours(model, runs, 7)
    assert found == pytest.approx(
        {"rostered": 168.0, "overtime": 32.0, "on_duty": 200.0, "recorded": 160.0,
         "unrecorded": 40.0, "off_queue": 168 * 0.5 / 6}
    )  # fmt: skip
    assert week_of_hours(model, runs, 14)["on_duty"] == pytest.approx(100.0)
    assert week_of_hours(model, runs.drop(columns="time_on_duty"), 7) == {}


def test_a_live_contact_has_no_pending_rounds() -> None:
    hour = {"law": "fixed", "mean": 3600.0}
    rounds = {"again": 0.5, "pending": {"law": "fixed", "mean": 3600.0}}
    both = {"channels": {"in": 0.25, "mail": 0.75}}
    model = desk(
        per_hour=1.0,
        channels={"in": {"mode": "live"}, "mail": {"mode": "ticket"}},
        categories={"all": category(handling=hour, **both, **rounds)},
    )
    assert offered_hours(model)["team"] == pytest.approx(168 * (0.25 * 1 + 0.75 * 2))
