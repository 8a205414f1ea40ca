"""Facts beside the canonical columns that expressions of metrics may use, computed once a log.

``observed_until``      end of knowledge, the same on every row
``openings_until``      until when contacts that were opened are in the log, the same on every row
``is_resolved``         outcome is resolved
``is_abandoned``        outcome is abandoned
``names_agents``        whether the log names agents at all
``next_contact_gap_s``  next contact of the same case opened − this contact resolved, seconds
``agent_day``           whole number for (agent, local day of resolution), -1 when unknown
``open_response_s``     open seconds from opening to first response; NaN without business hours
``open_resolution_s``   open seconds from opening to resolution
``open_age_s``          open seconds from opening to the end of knowledge
``own_resolution_s``    from opening to resolution without waiting for the customer
``own_open_resolution_s``  the same in open seconds; NaN without business hours or stages
``same_problem_gap_s``  next contact of the customer in the same category − this one resolved
``difficulty_index``    expected handling time / mean, from what was known at arrival
``opened_hour``         local hour (0-23) of the opening
``referral_gap_s``      next referral of the customer − this contact resolved (table ``sales``)
``repurchase_gap_s``    next repurchase of the customer − this contact resolved
``since_alert_s``       opened − last confirmed proactive alert to the customer (``alerts``)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calendar import Clock, WorkCalendar
from svcsim.contacts.attach import waits_for_customer
from svcsim.contacts.chains import follower_of, next_contacts
from svcsim.contacts.codes import coded, dense, memory_of
from svcsim.contacts.log import ContactLog
from svcsim.metrics.difficulty import difficulty_index
from svcsim.metrics.periods import day_index


def outcome_is(log: ContactLog, outcome: str) -> NDArray[np.bool_]:
    """Return which rows ended with ``outcome``."""
    known = coded(log.frame, "outcome")
    return np.asarray(known.code == known.position(outcome), dtype=bool)


def ended_s(log: ContactLog) -> NDArray[np.float64]:
    """Return when each contact was resolved (else closed) or abandoned, NaN while it is open."""
    frame = log.frame
    ended = np.fmin(frame["resolved_s"].to_numpy(), frame["abandoned_s"].to_numpy())
    ended = np.where(np.isnan(ended), frame["closed_s"].to_numpy(), ended)
    return np.where(outcome_is(log, "open"), np.nan, ended)


def next_contact_gap(log: ContactLog) -> NDArray[np.float64]:
    """Return the first opening within the case at or after the own resolution, minus that.

    A contact opened while this one was still open is not one that follows its resolution.
    """
    return _gap_to(log, next_contacts(log.frame))


def same_problem_gap(log: ContactLog) -> NDArray[np.float64]:
    """Return the same for the next contact of the customer in the same category."""
    customer, category = coded(log.frame, "customer"), coded(log.frame, "category")
    replication, _ = dense(log.frame["replication"].to_numpy().astype(np.int64))
    key = (replication * len(customer.labels) + customer.code) * len(category.labels)
    key, different = dense(key + category.code)
    lacking = (customer.code < 0) | (category.code < 0)
    return _gap_to(log, follower_of(log.frame, np.where(lacking, -1, key), len(different)))


def _gap_to(log: ContactLog, follower: NDArray[np.int64]) -> NDArray[np.float64]:
    opened, resolved = log.frame["opened_s"].to_numpy(), log.frame["resolved_s"].to_numpy()
    gap = np.full(len(follower), np.nan)
    followed = np.flatnonzero(follower >= 0)
    gap[followed] = opened[follower[followed]] - resolved[followed]
    return gap


def agent_day(log: ContactLog) -> NDArray[np.int64]:
    """Return a code of (agent, local day of resolution), -1 without agent or resolution."""
    agent = coded(log.frame, "agent").code
    resolved = log.frame["resolved_s"].to_numpy()
    day = day_index(resolved, log.timezone)
    span = int(day.max(initial=0)) + 1
    return np.where((agent < 0) | (day < 0), -1, agent * span + day)


def open_seconds(log: ContactLog, until: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return the seconds of the desk's business hours between opening and ``until``."""
    opened = log.frame["opened_s"].to_numpy()
    if log.hours is None:
        return np.full(len(opened), np.nan)
    return np.asarray(log.hours.open_seconds(opened, until), dtype=np.float64)


def own_resolution(log: ContactLog) -> NDArray[np.float64]:
    """Return the seconds from opening to resolution without those waiting for the customer.

    Stages, where the log has them, tell when it waited (overlaps count once); contacts without
    any take the sum ``pending_customer_s``.
    """
    frame = log.frame
    resolved = frame["resolved_s"].to_numpy()
    by_sum = resolved - frame["opened_s"].to_numpy() - frame["pending_customer_s"].to_numpy()
    by_stage = _without_customer(log, _ALWAYS)
    return by_sum if by_stage is None else np.where(np.isnan(by_stage), by_sum, by_stage)


def own_open_resolution(log: ContactLog) -> NDArray[np.float64]:
    """Return the open seconds from opening to resolution without waiting for the customer.

    Only stages can tell it: a sum of waiting time does not say how much of it was open.
    """
    found = None if log.hours is None else _without_customer(log, log.hours)
    return np.full(len(log.frame), np.nan) if found is None else found


def _without_customer(log: ContactLog, clock: Clock) -> NDArray[np.float64] | None:
    """Return a clock's seconds to the resolution, paused by stages; NaN without any stage."""
    stages = log.tables.get("stages")
    if stages is None or not len(stages):
        return None
    rows = pd.DataFrame({"ticket_id": log.frame["ticket_id"].astype("str")})
    held = stages.assign(paused=waits_for_customer(stages)).merge(
        rows.assign(row=np.arange(len(rows))), on="ticket_id"
    )
    pauses = held[held["paused"]]
    found = clock.paused_open_seconds(
        log.frame["opened_s"], log.frame["resolved_s"], pauses["row"], pauses["start_s"],
        pauses["end_s"],
    )  # fmt: skip
    known = np.isin(np.arange(len(log.frame)), held["row"].to_numpy())
    return np.where(known, found, np.nan)


_ALWAYS = WorkCalendar({day: [(0.0, 86400.0)] for day in range(7)})
"""Calendar time as a clock."""


def opened_hour(log: ContactLog) -> NDArray[np.float64]:
    """Return the local hour of the opening, 0 to 23."""
    stamps = pd.to_datetime(log.frame["opened_s"], unit="s", utc=True)
    return np.asarray(stamps.dt.tz_convert(log.timezone).dt.hour, dtype=np.float64)


def sale_gap(log: ContactLog, kind: str) -> NDArray[np.float64]:
    """Return the first success of a kind with the customer at or after the resolution, minus it."""
    sales = log.tables.get("sales")
    if sales is None:
        return np.full(len(log.frame), np.nan)
    wanted = sales[(sales["kind"] == kind) & (sales["success"] == 1)]
    return _nearest_s(log, "resolved_s", wanted, "forward")


def since_alert(log: ContactLog) -> NDArray[np.float64]:
    """Return the seconds since the last confirmed alert to the customer when the contact opened."""
    alerts = log.tables.get("alerts")
    if alerts is None:
        return np.full(len(log.frame), np.nan)
    return -_nearest_s(log, "opened_s", alerts[alerts["confirmed"] == 1], "backward")


def _nearest_s(
    log: ContactLog, stamp: str, events: pd.DataFrame, direction: Literal["forward", "backward"]
) -> NDArray[np.float64]:
    """Return the time of the customer's nearest event in a direction, minus the contact's stamp."""
    contacts = pd.DataFrame(
        {"at": log.frame[stamp].to_numpy(), "customer": log.frame["customer"].astype("str")}
    ).reset_index(drop=True)
    known = contacts.dropna().sort_values("at", kind="stable")
    there = events[["time_s", "customer"]].dropna().sort_values("time_s", kind="stable")
    there = there.assign(customer=there["customer"].astype("str"))
    found = pd.merge_asof(
        known.reset_index(names="row"), there, left_on="at", right_on="time_s", by="customer",
        direction=direction,
    )  # fmt: skip
    gap = np.full(len(contacts), np.nan)
    gap[found["row"].to_numpy()] = (found["time_s"] - found["at"]).to_numpy()
    return gap


FACTS: dict[str, Callable[[ContactLog], Any]] = {
    "observed_until": lambda log: np.float64(log.observed_until),
    "openings_until": lambda log: np.float64(min(log.openings_until, log.observed_until)),
    "is_resolved": lambda log: outcome_is(log, "resolved"),
    "is_abandoned": lambda log: outcome_is(log, "abandoned"),
    "names_agents": lambda log: (coded(log.frame, "agent").code >= 0).any(),
    "next_contact_gap_s": next_contact_gap,
    "agent_day": agent_day,
    "open_response_s": lambda log: open_seconds(log, log.frame["first_response_s"].to_numpy()),
    "open_resolution_s": lambda log: open_seconds(log, log.frame["resolved_s"].to_numpy()),
    "open_age_s": lambda log: open_seconds(log, log.observed_until),
    "own_resolution_s": own_resolution,
    "own_open_resolution_s": own_open_resolution,
    "same_problem_gap_s": same_problem_gap,
    "difficulty_index": difficulty_index,
    "opened_hour": opened_hour,
    "referral_gap_s": lambda log: sale_gap(log, "referral"),
    "repurchase_gap_s": lambda log: sale_gap(log, "repurchase"),
    "since_alert_s": since_alert,
}
"""How each fact is computed: an array, or one value where it is the same on every row."""
COSTLY = {
    "next_contact_gap_s": "case_id",
    "agent_day": "agent",
    "own_resolution_s": "pending_customer_s",
    "own_open_resolution_s": "stages",
    "same_problem_gap_s": "customer",
    "difficulty_index": "handle_s",
    "referral_gap_s": "sales",
    "repurchase_gap_s": "sales",
    "since_alert_s": "alerts",
}
"""Facts that are computed only for metrics that need the column behind them."""


OF_THE_WHOLE = {"names_agents"}
"""Facts that are about the whole log, also where only a part of it is computed."""


def fact(name: str, log: ContactLog, whole: ContactLog) -> Any:
    """Return a fact of a log that is all or a part (some replications) of ``whole``."""
    if name not in OF_THE_WHOLE:
        return FACTS[name](log)
    known = memory_of(whole.frame)
    if name not in known:
        known[name] = FACTS[name](whole)
    return known[name]


def with_facts(log: ContactLog, needs: set[str], whole: ContactLog | None = None) -> pd.DataFrame:
    """Return the frame of the log with the facts that metrics with these needs may use."""
    columns = {
        name: fact(name, log, log if whole is None else whole)
        for name in FACTS
        if name not in COSTLY or COSTLY[name] in needs
    }
    return log.frame.assign(**columns)
