"""Several chats at once: arithmetic of the work clock, and desks whose slow-down is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from small_desks import MONDAY, category, desk
from svcsim.calibration.chats import ChatsEstimator
from svcsim.contacts.log import ContactLog, make_log
from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import simulate
from svcsim.model.staffing import Agent


def world(
    slowdown: float, slots: int = 3, days: int = 8, law: str = "lognormal", seed: int = 1
) -> ContactLog:
    """About 790 chats a day for five agents of different speed, two kinds of work."""
    shape: dict[str, Any] = {"law": law} | ({"cv": 0.8} if law == "lognormal" else {})
    kinds = {
        name: category(share=0.5, handling=shape | {"mean": mean}, channels={"chat": 1.0})
        for name, mean in (("short", 480.0), ("long", 900.0))
    }
    people = {
        f"agent {i}": {"team": "team", "slots": slots, "speed": 0.8 + 0.1 * i} for i in range(5)
    }
    model = desk(
        33, categories=kinds, agents=people, channels={"chat": {"mode": "live"}},
        chats={"slowdown": slowdown},
    )  # fmt: skip
    horizon = Horizon(MONDAY, days, 1)
    return simulate(model, horizon, seed=seed, replication=1, redraw_parameters=False)


def test_the_slow_down_comes_back_within_four_points_from_six_thousand_chats():
    log = world(0.30)
    assert len(log) > 6000
    slow = ChatsEstimator().fit(log).chats_.slowdown
    assert slow.value == pytest.approx(0.30, abs=0.04)
    assert slow.interval is not None
    assert slow.interval[0] <= 0.30 <= slow.interval[1]
    assert slow.grade == "measured"


def test_it_comes_back_although_work_is_not_lognormal():
    fitted = ChatsEstimator().fit(world(0.30, law="exponential"))
    assert fitted.chats_.slowdown.value == pytest.approx(0.30, abs=0.05)


def test_chats_that_cost_no_time_have_no_slow_down():
    slow = ChatsEstimator().fit(world(0.0)).chats_.slowdown
    assert slow.value < 0.04


def test_handling_becomes_work_instead_of_duration():
    log = world(0.30)
    fitted = ChatsEstimator().fit(log)
    seconds = fitted.as_work(log).frame["handle_s"]
    mean = seconds.groupby(log.frame["category"]).mean()
    # agents have speeds .8 to 1.2: the mean of 1 / speed over what each took is close to 1
    assert mean["short"] == pytest.approx(480, rel=0.06)
    assert mean["long"] == pytest.approx(900, rel=0.06)
    assert log.frame["handle_s"].mean() > 1.2 * seconds.mean()


def test_as_many_slots_as_chats_at_once():
    fitted = ChatsEstimator().fit(world(0.30))
    assert set(fitted.slots_.values()) == {3}
    agents = fitted.with_slots({"agent 1": Agent(team="team"), "new": Agent(team="team")})
    assert [agent.slots for agent in agents.values()] == [3, 3]


def test_agents_with_one_call_at_a_time_keep_one_slot():
    log = world(0.30, slots=1)
    fitted = ChatsEstimator().fit(log)
    assert fitted.channels_ == ()
    assert fitted.chats_.slowdown.value == 0
    assert fitted.with_slots({"agent 1": Agent(team="team")})["agent 1"].slots == 1
    assert fitted.as_work(log) is log
    assert fitted.notes_ == []


def pairs(n: int, overlap: float) -> ContactLog:
    """Chats of 100 s by one agent; each second one begins ``overlap`` before the first ends."""
    begin = np.repeat(np.arange(n) * 1000.0, 2) + np.tile([0.0, 100.0 - overlap], n)
    rows = {
        "ticket_id": [f"t{i}" for i in range(2 * n)],
        "channel": "chat",
        "category": "a",
        "agent": "ann",
        "opened_s": begin,
        "first_response_s": begin,
        "wait_s": 0.0,
        "resolved_s": begin + 100.0,
        "handle_s": 100.0,
    }
    return make_log(pd.DataFrame(rows), observed_until=1e9)


def test_ends_that_overlap_by_seconds_are_no_chats_at_once():
    assert ChatsEstimator().fit(pairs(200, overlap=5)).channels_ == ()
    assert ChatsEstimator().fit(pairs(200, overlap=50)).channels_ == ("chat",)


def test_the_work_clock_runs_slower_while_two_go_on():
    """100 s each, 50 s of them together: 50 + 50 / (1 + slowdown) seconds of work."""
    log = pairs(200, overlap=50)
    fitted = ChatsEstimator().fit(log)
    pace = 1 / (1 + fitted.chats_.slowdown.value)
    work = fitted.as_work(log).frame["handle_s"]
    assert work.to_numpy() == pytest.approx(50 + 50 * pace)
