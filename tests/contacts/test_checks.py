"""Consistency checks: each finds its fault, with examples, and is silent on a sound log."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from svcsim.contacts import checks, oddities
from svcsim.contacts.log import ContactLog, make_log

MONDAY = pd.Timestamp("2026-03-02", tz="Asia/Shanghai").timestamp()
DAY = 86400.0


def rows(days: int = 28, per_day: int = 12) -> list[dict[str, Any]]:
    """Return a sound history: contacts every day, four agents, odd minutes and seconds."""
    made = []
    for day in range(days):
        for k in range(per_day):
            n = day * per_day + k
            opened = MONDAY + day * DAY + 9 * 3600 + k * 2111 + 17
            made.append(
                {
                    "ticket_id": f"T{n}",
                    "agent": f"A{n % 4}",
                    "customer": f"K{n}",
                    "channel": "phone",
                    "opened_s": opened,
                    "first_response_s": opened + 61,
                    "resolved_s": opened + 661,
                    "closed_s": opened + 700,
                    "wait_s": 61,
                    "handle_s": 600 if n % 25 else 5,
                    "csat": 1 + n % 5,
                }
            )
    return made


def log_of(made: list[dict[str, Any]]) -> ContactLog:
    days = round((max(row["opened_s"] for row in made) - MONDAY) / DAY + 0.5)
    return make_log(made, start=MONDAY, end=MONDAY + days * DAY, timezone="Asia/Shanghai", name="h")


def test_a_sound_log_has_no_findings() -> None:
    assert checks.run_checks(log_of(rows())) == []


def change(index: int, **values: Any) -> Callable[[list[dict[str, Any]]], None]:
    def apply(made: list[dict[str, Any]]) -> None:
        made[index].update(values)

    return apply


def early(name: str, than: str) -> Callable[[list[dict[str, Any]]], None]:
    def apply(made: list[dict[str, Any]]) -> None:
        made[3][name] = made[3][than] - 100

    return apply


def abandon(made: list[dict[str, Any]]) -> None:
    made[3].update(first_response_s=None, resolved_s=None, closed_s=None, handle_s=None)
    made[3].update(abandoned_s=made[3]["opened_s"] + 500, wait_s=61)


def leave_before_queueing(made: list[dict[str, Any]]) -> None:
    abandon(made)
    made[3].update(queued_s=made[3]["opened_s"] + 600, wait_s=None)


def bulk(made: list[dict[str, Any]]) -> None:
    for row in made[:24]:
        row.update(agent="A1", resolved_s=MONDAY + 3 * DAY + 30, closed_s=MONDAY + 3 * DAY + 30)


def whole_hours(made: list[dict[str, Any]]) -> None:
    for n, row in enumerate(made):
        if n % 5:
            row["opened_s"] -= row["opened_s"] % 3600


def one_customer(made: list[dict[str, Any]]) -> None:
    for row in made[:60]:
        row["customer"] = "shared"


def hole(made: list[dict[str, Any]]) -> None:
    del made[12 * 8 : 12 * 9]


def cut(made: list[dict[str, Any]]) -> None:
    del made[-8:]


def hang_up(made: list[dict[str, Any]]) -> None:
    for row in made:
        if row["agent"] == "A2" and int(row["ticket_id"][1:]) % 3 == 0:
            row["handle_s"] = 4


def swap_numbers(made: list[dict[str, Any]]) -> None:
    made[3].update(case_id="C", contact_no=2)
    made[9].update(case_id="C", contact_no=1)


FAULTS = [
    ("resolved before opened", "error", early("resolved_s", "opened_s")),
    ("first response before opened", "error", early("first_response_s", "opened_s")),
    ("left before queueing", "error", leave_before_queueing),
    ("negative handle_s", "error", change(3, handle_s=-1)),
    ("ticket id comes twice", "error", change(3, ticket_id="T7")),
    ("satisfaction outside 1..5", "error", change(3, csat=7)),
    ("resolved before the first response", "warning", early("resolved_s", "first_response_s")),
    ("closed before resolved", "warning", early("closed_s", "resolved_s")),
    ("both resolved and abandoned", "warning", change(3, abandoned_s=MONDAY + 9 * DAY)),
    ("outcome without its stamp", "warning", change(3, outcome="abandoned")),
    ("handling time longer than the contact", "warning", change(3, handle_s=36000)),
    ("wait of a customer who left differs", "warning", abandon),
    ("contact numbers out of order", "warning", swap_numbers),
    ("stamps in the future", "warning", change(3, closed_s=time.time() + 99 * DAY)),
    ("80% of opened_s are on the whole hour", "warning", whole_hours),
    ("resolved in bulk", "warning", bulk),
    ("1 agents end many services within 10 s: A2", "warning", hang_up),
    ("customer shared has 60 of 336 contacts", "warning", one_customer),
    ("1 days without any contact: 2026-03-10", "warning", hole),
    ("long ids were rounded", "warning", change(3, customer="4.2101E+17")),
    ("2026-03-29 has 4 contacts; usual are 12", "warning", cut),
]


@pytest.mark.parametrize(("text", "level", "spoil"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_each_fault_is_found(
    text: str, level: str, spoil: Callable[[list[dict[str, Any]]], None]
) -> None:
    made = rows()
    spoil(made)
    found = [f for f in checks.run_checks(log_of(made)) if text in f.found]
    assert [f.level for f in found] == [level]


def test_examples_are_named() -> None:
    made = rows()
    for k in range(7):
        made[k]["handle_s"] = -1
    (found,) = checks.negative_durations(log_of(made))
    assert found.found == "7 contacts: negative handle_s, such as T0, T1, T2, T3, T4"


def test_whole_minutes_are_only_noted() -> None:
    made = rows()
    for row in made:
        row["opened_s"] -= row["opened_s"] % 60
    (found,) = oddities.coarse_stamps(log_of(made))
    assert (found.level, found.found) == ("note", "opened_s is recorded in whole minutes")


def test_a_closed_weekday_is_no_hole() -> None:
    made = [row for n, row in enumerate(rows()) if (n // 12) % 7 < 5]
    assert oddities.empty_days(log_of(made)) == []


def test_a_simulated_future_is_no_fault() -> None:
    log = log_of(rows())
    frame = log.frame.assign(closed_s=np.where(log.frame.index == 3, time.time() + 99 * DAY, 0))
    assert checks.future_stamps(replace(log, frame=frame, origin="simulated")) == []
    assert len(checks.future_stamps(replace(log, frame=frame))) == 1


def test_replications_may_share_ticket_ids() -> None:
    made = [{**row, "replication": r} for r in (1, 2) for row in rows()]
    log = replace(log_of(made), origin="simulated")
    assert checks.duplicate_tickets(log) == []
    assert checks.chain_order(log) == []
