"""Routing discipline: small queues written down, and desks whose rule is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from small_desks import MONDAY, category, desk
from svcsim.calibration.difficulty import DifficultyEstimator
from svcsim.calibration.discipline import DisciplineEstimator
from svcsim.calibration.handling import HandlingEstimator
from svcsim.calibration.waiting import choice_sets, starts_of
from svcsim.contacts.log import ContactLog, make_log
from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import simulate

CATEGORIES = {
    name: category(
        share=0.5,
        handling={"law": "exponential", "mean": mean},
        priorities={"normal": 0.7, "high": 0.3},
        channels={"phone": 1.0},
    )
    for name, mean in (("short", 300.0), ("long", 900.0))
}


def world(days: int = 6, mode: str = "live", seed: int = 1, **changes: Any) -> ContactLog:
    """Eight agents at load .92: short work and long, two priorities."""
    channels = {"phone": {"mode": mode}}
    model = desk(44, 8, categories=CATEGORIES, channels=channels, **changes)
    horizon = Horizon(MONDAY, days, 1)
    log = simulate(model, horizon, seed=seed, replication=1, redraw_parameters=False)
    if mode == "ticket":
        log.frame["channel"] = "email"
    return log


def learned(log: ContactLog) -> DisciplineEstimator:
    handling = HandlingEstimator().fit(log, DifficultyEstimator().fit(log))
    return DisciplineEstimator().fit(log, handling)


def calls(rows: list[tuple[float, float, str, str]]) -> ContactLog:
    """Calls as (joined, answered, agent, category)."""
    joined, answered, agent, kind = (list(column) for column in zip(*rows, strict=True))
    frame = pd.DataFrame(
        {
            "ticket_id": [f"t{i}" for i in range(len(rows))],
            "channel": "phone",
            "category": kind,
            "opened_s": joined,
            "queued_s": joined,
            "first_response_s": answered,
            "resolved_s": np.array(answered) + 100.0,
            "wait_s": np.array(answered) - np.array(joined),
            "agent": agent,
            "team": "desk",
        }
    )
    return make_log(frame, observed_until=1e6)


def test_the_set_of_a_pick_holds_those_who_had_joined_and_still_waited():
    log = calls(
        [
            (0, 50, "ann", "a"),  # taken while t1 and t2 wait
            (10, 90, "ann", "a"),
            (20, 70, "ann", "a"),  # taken before the older t1
            (60, 60, "ann", "a"),  # joined and taken at once: t1 and t2 are passed over
            (95, 95, "ann", "a"),  # nobody else
        ]
    )
    sets = choice_sets(log, starts_of(log))
    found = {
        int(sets.row[c]): sets.row[a:b].tolist()
        for c, a, b in zip(
            sets.chosen, sets.first, np.append(sets.first[1:], len(sets.row)), strict=True
        )
    }
    assert found == {0: [0, 1, 2], 2: [1, 2], 3: [1, 2, 3]}


def test_a_contact_that_the_agent_never_serves_is_not_passed_over():
    """Bo alone speaks for category b; ann takes younger contacts of a meanwhile."""
    rows = []
    for i in range(40):
        at = 1000.0 * i
        rows += [(at, at + 500, "bo", "b"), (at + 10, at + 100, "ann", "a")]
        rows += [(at + 20, at + 200, "ann", "a")]
    log = calls(rows)
    starts = starts_of(log)
    sets = choice_sets(log, starts)
    ann = starts.names.index("ann")
    kinds = log.frame["category"].to_numpy()[sets.row]
    assert (sets.agent == ann).sum() == 40
    assert set(kinds[np.repeat(sets.agent == ann, sets.size)]) == {"a"}


def test_first_come_first_served_is_seen_and_sets_nothing():
    fitted = learned(world(routing={}))
    assert fitted.order_ == "oldest"
    assert fitted.explained_ > 0.95
    assert fitted.routing_.model_dump(exclude_defaults=True) == {}
    assert fitted.behaviour_.cherry_picking.value == 0


@pytest.mark.parametrize("mode", ["live", "ticket"])
def test_a_credit_comes_back_from_calls_and_from_spells_of_work(mode: str):
    fitted = learned(world(mode=mode, routing={"credit": {"high": 90}}))
    found = fitted.credits_["high"]
    assert found.low <= 90 <= found.high
    assert fitted.routing_.credit["high"] == pytest.approx(90, abs=2)
    assert found.share > 0.95


def test_strict_priority_is_a_credit_longer_than_any_wait():
    log = world(routing={"credit": {"high": 1e6}})
    credit = learned(log).routing_.credit
    assert credit["high"] > log.frame["wait_s"].max()


def test_cherry_picking_comes_back_as_a_share_of_agents():
    """Four of the eight agents of this replication pick the easiest of the first five."""
    fitted = learned(world(behaviour={"cherry_picking": 0.4}))
    share = fitted.behaviour_.cherry_picking
    assert share.value == pytest.approx(0.5, abs=0.05)
    assert share.interval is not None
    assert share.interval[0] <= 0.4 <= share.interval[1]
    assert fitted.behaviour_.cherry_window == 5
    assert "easiest" in " ".join(fitted.notes_)


def queue(rule: str, n: int = 1500, seed: int = 0) -> ContactLog:
    """One agent, exponential services, the next contact chosen by ``rule``."""
    rng = np.random.default_rng(seed)
    joined = np.ceil(np.cumsum(rng.exponential(100, n)))
    waiting: list[int] = []
    answered, now, i = np.zeros(n), 0.0, 0
    for _ in range(n):
        while i < n and (joined[i] <= now or not waiting):
            now = max(now, joined[i]) if not waiting else now
            waiting.append(i)
            i += 1
        place = {"newest": -1, "random": int(rng.integers(len(waiting)))}[rule]
        answered[waiting.pop(place)] = now
        now += np.ceil(rng.exponential(92))
    return calls([(a, b, "ann", "a") for a, b in zip(joined, answered, strict=True)])


@pytest.mark.parametrize("rule", ["random", "newest"])
def test_an_order_that_the_model_cannot_do_is_said(rule: str):
    fitted = learned(queue(rule))
    assert fitted.order_ == rule
    assert fitted.routing_.model_dump(exclude_defaults=True) == {}
    assert "cannot do that" in " ".join(fitted.notes_)
    assert all(note.zh for note in fitted.notes_)


def test_a_rule_that_changed_is_learned_as_it_is_now():
    """No credit for ten days, then 90 seconds."""
    early, late = world(), world(routing={"credit": {"high": 90}}, seed=2)
    shift = 7 * 86400.0
    second = late.frame.copy()
    times = [name for name in second.columns if name.endswith("_s") and name in TIMES]
    second[times] += shift
    second["ticket_id"] = "late-" + second["ticket_id"].astype(str)
    second["case_id"] = "late-" + second["case_id"].astype(str)
    frame = pd.concat([early.frame, second], ignore_index=True)
    log = make_log(frame, observed_until=float(second["opened_s"].max() + 1e6))
    fitted = learned(log)
    assert fitted.routing_.credit["high"] == pytest.approx(90, abs=2)
    assert "the rule changed on 2025-03-1" in " ".join(fitted.notes_)


TIMES = {
    "opened_s", "queued_s", "first_response_s", "first_resolved_s", "resolved_s", "abandoned_s",
    "closed_s",
}  # fmt: skip


def test_a_log_without_starts_of_work_says_so():
    log = calls([(10.0 * i, 10.0 * i + 60, "ann", "a") for i in range(300)])
    log.frame["channel"] = "email"
    log.frame["wait_s"] = np.nan
    fitted = learned(log)
    assert fitted.order_ == "unknown"
    assert "when work on a contact began" in fitted.notes_[0]


@pytest.mark.parametrize(
    ("rule", "learned_rule"),
    [
        ({"own_first": True}, {}),
        ({"own_first": False}, {"own_first": False}),
        ({"own_first": True, "own_wait": 1800.0}, {"own_wait": 1800.0}),
    ],
)
def test_how_returning_tickets_are_kept_for_their_agent(
    rule: dict[str, Any], learned_rule: dict[str, Any]
):
    """A fifth of the tickets are repeats, which their agent takes first, not first, or alone."""
    kinds = {"all": category(handling=HANDLING, channels={"email": 1.0}, repeat=0.3)}
    model = desk(50, 8, categories=kinds, channels={"email": {"mode": "ticket"}}, routing=rule)
    horizon = Horizon(MONDAY, 8, 1)
    log = simulate(model, horizon, seed=1, replication=1, redraw_parameters=False)
    fitted = learned(log)
    found = fitted.routing_.model_dump(exclude_defaults=True)
    assert found == pytest.approx(learned_rule, rel=0.1)
    assert len(fitted.notes_) == 1 + len(learned_rule)


HANDLING = {"law": "exponential", "mean": 500.0}
