"""Who gets which contact: live before tickets, own before foreign, longest idle, credited waits."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from small_desks import MONDAY, category, desk
from svcsim.engine.demand import Cases, Horizon
from svcsim.engine.simulate import simulate

START = Horizon(MONDAY, 1).bounds("UTC")[0]
MIXED = {"call": {"mode": "live"}, "mail": {"mode": "ticket"}}


def cases(seconds, channel=None, priority=None, kind=None):
    n = len(seconds)
    zeros = np.zeros(n, dtype=np.int64)

    def given(values):
        return zeros if values is None else np.array(values, dtype=np.int64)

    opened = np.array(seconds, dtype=np.int64) + START
    return Cases(opened, given(kind), given(channel), zeros, given(priority))


def started(model, arrived, days=1):
    """Ticket ids in the order in which they were first taken, and by whom."""
    out = simulate(model, Horizon(MONDAY, days, 0), seed=1, replication=1, cases=arrived)
    first = out.work.sort_values("start_s", kind="stable").drop_duplicates("ticket_id")
    return [t.removesuffix("-1") for t in first["ticket_id"]], first["agent"].to_list()


@pytest.mark.parametrize(("live_first", "order"), [(True, "0213"), (False, "0123")])
def test_live_contacts_go_before_tickets(live_first, order):
    model = desk(
        servers=1,
        channels=MIXED,
        categories={"all": category(channels={"call": 0.5, "mail": 0.5})},
        routing={"live_first": live_first},
    )
    got, _ = started(model, cases([0, 10, 20, 30], channel=[1, 1, 0, 1]))
    assert "".join(t[1:] for t in got) == order


@pytest.mark.parametrize(("credit", "order"), [("15s", "0213"), ("5s", "0123")])
def test_a_credit_lets_a_contact_pass_those_that_came_shortly_before(credit, order):
    model = desk(
        servers=1,
        categories={"all": category(priorities={"normal": 0.5, "high": 0.5})},
        routing={"credit": {"high": credit}},
    )
    got, _ = started(model, cases([0, 10, 20, 30], priority=[0, 0, 1, 0]))
    assert "".join(t[1:] for t in got) == order


def test_the_longest_idle_agent_is_next():
    fixed = category(handling={"law": "fixed", "mean": 60.0})
    model = desk(servers=3, categories={"all": fixed})
    _, who = started(model, cases([0, 10, 20, 100, 200, 300, 1000, 1001]))
    assert [name[-1] for name in who] == list("01201201")


def test_an_agent_who_takes_more_readily_works_more():
    def share(take):
        people = {"eager": {"team": "team", "take": take}, "slow": {"team": "team"}}
        short = {"all": category(handling={"law": "fixed", "mean": 60.0})}
        model = desk(1.0, agents=people, categories=short)
        work = simulate(model, Horizon(MONDAY, 60, 0), seed=1, replication=1).work
        return (work["agent"] == "eager").mean()

    shares = [share(take) for take in (1 / 3, 1.0, 3.0)]
    assert shares[1] == pytest.approx(0.5, abs=0.01)
    assert shares[2] > 0.6
    assert shares[0] == pytest.approx(1 - shares[2], abs=0.03)


def test_helpers_take_foreign_contacts_only_when_their_own_queue_is_empty():
    model = desk(
        agents={"a": {"team": "one"}, "b": {"team": "two", "serves": ["one"]}},
        teams=["one", "two"],
        categories={
            "x": category(share=0.5, team="one", handling={"law": "fixed", "mean": 600.0}),
            "y": category(share=0.5, team="two", handling={"law": "fixed", "mean": 600.0}),
        },
    )
    got, who = started(model, cases([0, 1, 2, 3, 4], kind=[0, 0, 0, 1, 1]))
    assert dict(zip(got, who, strict=True)) == {
        "C0": "a", "C1": "b", "C2": "a", "C3": "b", "C4": "b",
    }  # fmt: skip


def returning(own_wait, **routing):
    return desk(
        2.0,
        servers=8,
        mode="ticket",
        categories={
            "all": category(
                again=0.4, pending={"law": "exponential", "mean": 20_000.0}, reopen=0.2, repeat=0.3
            )
        },
        routing={"own_wait": own_wait} | routing,
        returns={
            "reopen_after": {"law": "exponential", "mean": 20_000.0},
            "repeat_after": {"law": "exponential", "mean": 20_000.0},
        },
    )


def same_agent(model):
    """Share of later handlings of a case by the agent of the handling before, by kind."""
    work = simulate(model, Horizon(MONDAY, 30, 0), seed=1, replication=1).work
    case = work["ticket_id"].str.split("-").str[0]
    work = work.assign(case=case).sort_values("start_s", kind="stable")
    before = work.groupby("case")[["agent", "ticket_id"]].shift()
    later = before["agent"].notna()
    kept = (before["agent"] == work["agent"])[later]
    return kept.groupby((before["ticket_id"] == work["ticket_id"])[later]).mean()


def test_what_returns_is_kept_for_its_agent():
    always = same_agent(returning("60d"))
    assert (always == 1.0).all()
    assert list(always.index) == [False, True]  # repeats, and pending or reopened tickets
    some, never = same_agent(returning("1h")), same_agent(returning("60d", own_first=False))
    assert (never < 0.35).all()
    assert ((some > never + 0.1) & (some < 1.0)).all()


def test_a_kept_contact_is_released_to_the_team_after_its_time():
    """Its agent has gone home; the others get it after `own_wait` and not before."""
    fixed = {"law": "fixed", "mean": 600.0}
    model = desk(
        mode="ticket",
        agents={"early": {"team": "team"}, "late": {"team": "team"}},
        categories={"all": category(handling=fixed, again=0.99, pending=fixed)},
        staffing={
            "shifts": {"a": [("08:00", "08:10")], "b": [("08:05", "20:00")]},
            "days": [{"weekday": "mon", "on": {"a": ["early"], "b": ["late"]}}],
        },
        routing={"own_wait": "30min"},
    )
    out = simulate(
        model, Horizon(MONDAY, 1, 0), seed=1, replication=1, cases=cases([8 * 3600]),
    )  # fmt: skip
    first, second = out.work.iloc[0], out.work.iloc[1]
    assert (first["agent"], second["agent"]) == ("early", "late")
    assert first["start_s"] == START + 8 * 3600
    # 10 min of work, 10 min pending, 30 min kept
    assert second["start_s"] == START + 8 * 3600 + 50 * 60


def test_a_repeat_goes_back_to_the_first_team_though_the_second_resolved_it():
    """Who does not serve the first team is not asked to, even where own contacts are kept."""
    model = desk(
        3.0,
        mode="ticket",
        agents={f"one {i}": {"team": "one"} for i in range(4)} | {"two": {"team": "two"}},
        teams=["one", "two"],
        categories={"all": category(team="one", transfer=0.2, transfer_to="two", repeat=0.5)},
        routing={"own_wait": "10d"},
    )
    out = simulate(model, Horizon(MONDAY, 14, 0), seed=1, replication=1)
    teams = out.work.groupby("agent")["team"].unique()
    assert list(teams["two"]) == ["two"]
    frame = out.frame
    resolved_by_two = set(frame.loc[frame["agent"] == "two", "case_id"])
    again = frame[(frame["contact_no"] == 2) & frame["case_id"].isin(resolved_by_two)]
    assert len(again) > 20
    wait = again["first_response_s"] - again["opened_s"]
    assert wait.median() < 86400


def test_the_minute_of_a_window_end_starts_nothing_and_its_start_does():
    fixed = category(handling={"law": "fixed", "mean": 60.0})
    model = desk(servers=1, hours=(("09:00", "12:00"),), mode="ticket",
                 categories={"all": fixed})  # fmt: skip
    out = simulate(
        model, Horizon(MONDAY, 2, 0), seed=1, replication=1,
        cases=cases([8 * 3600, 12 * 3600 - 1, 12 * 3600]),
    )  # fmt: skip
    begun = pd.to_datetime(out.work["start_s"], unit="s").dt.strftime("%d %H:%M:%S").to_list()
    assert begun == ["03 09:00:00", "03 11:59:59", "04 09:00:00"]
    overtime = out.staffed.sort_values("start_s")
    assert [b - a for a, b in overtime[["start_s", "end_s"]].to_numpy()] == [10_800, 59, 10_800]
    assert MONDAY + timedelta(days=1) == pd.Timestamp("2025-03-04").date()


def test_a_ticket_is_picked_up_at_its_opening_and_a_call_is_not():
    fixed = {"law": "fixed", "mean": 600.0}
    model = desk(
        channels=MIXED,
        agents={"a": {"team": "one"}, "b": {"team": "two"}},
        teams=["one", "two"],
        categories={
            "all": category(
                team="one", channels={"call": 0.5, "mail": 0.5}, handling=fixed,
                transfer=1.0, transfer_to="two", pickup={"law": "fixed", "mean": 3600.0},
            )
        },
    )  # fmt: skip
    out = simulate(
        model, Horizon(MONDAY, 1, 0), seed=1, replication=1,
        cases=cases([0, 20_000], channel=[1, 0]),
    )  # fmt: skip
    begun = (out.work["start_s"] - START).groupby(out.work["ticket_id"]).apply(list)
    assert begun["C0-1"] == [3600, 4200]
    assert begun["C1-1"] == [20_000, 20_600]
    frame = out.frame.set_index("ticket_id")
    assert frame.loc["C0-1", "opened_s"] == START
    assert frame.loc["C0-1", "first_response_s"] == START + 4200
