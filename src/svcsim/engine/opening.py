"""History brought into a simulation: the opening state, and real arrivals to replay.

Starting empty would flatter every wait. A contact that nobody answered yet waits in its queue; an
answered one is pending, for a time drawn given how long it already waits. Contacts resolved
lately may still be reopened or repeated: each does with the chance that is left to it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd

from svcsim.contacts.chains import new_cases, next_contacts, orphans
from svcsim.contacts.log import ContactLog
from svcsim.engine.demand import Cases
from svcsim.model.service import ServiceModel

LOOK_BACK = 30 * 86400.0
"""Contacts resolved longer ago than this no longer come back."""


@dataclass(frozen=True)
class OpenContact:
    """One contact that is open at the start, or was resolved shortly before (``resolved_s``)."""

    ticket_id: str
    contact_no: int
    category: str
    channel: str
    tier: str
    priority: str
    opened_s: int
    first_response_s: float
    last_s: float
    """Last known activity: from here the pending time runs."""
    agent: str | None
    resolved_s: float
    handlings: int
    first_resolved_s: float = float("nan")
    team: str | None = None
    """Team that held it last; none: not known or not yet touched."""
    touched: bool = False
    """Whether ``last_s`` and ``handlings`` come from a record of every touch."""
    language: str | None = None
    segment: str | None = None
    customer: str | None = None


@dataclass(frozen=True)
class Opening:
    """What a desk starts with; empty by default."""

    waiting: tuple[OpenContact, ...] = ()
    pending: tuple[OpenContact, ...] = ()
    resolved: tuple[OpenContact, ...] = ()
    hindsight: float = 0.0
    """Seconds after the start during which no ``resolved`` contact is known to be reopened."""


def opening_state(
    log: ContactLog, instant: float, model: ServiceModel, grouped: pd.DataFrame | None = None
) -> Opening:
    """Return the desk's state at ``instant`` as far as the log tells.

    Parameters
    ----------
    log : ContactLog
        History; what happened at or after ``instant`` is not used.
    instant : float
        Epoch seconds.
    model : ServiceModel
        Whose categories, tiers and channels the contacts are mapped to.
    grouped : DataFrame, optional
        ``log.known_at(instant).frame`` with categories already mapped to the model's.
    """
    frame = log.known_at(instant).frame if grouped is None else grouped
    live = {name for name, channel in model.channels.items() if channel.mode == "live"}
    touches: dict[str, tuple[float, int]] = {}
    if log.work is not None and len(log.work):
        before = log.work[log.work["end_s"] < instant]
        spells = before.groupby("ticket_id")["end_s"].agg(["max", "size"])
        touches = {str(i): (float(m), int(n)) for i, m, n in spells.itertuples()}
    open_rows = frame[frame["outcome"] == "open"]
    recent = (frame["outcome"] == "resolved") & (frame["resolved_s"] > instant - LOOK_BACK)
    done = frame[recent.to_numpy() & (next_contacts(frame) < 0)]
    waiting: list[OpenContact] = []
    pending: list[OpenContact] = []
    for contact in _contacts(open_rows, model, touches):
        if contact.channel in live:
            continue  # a live caller does not wait across the start of a day
        unanswered = np.isnan(contact.first_response_s)
        (waiting if unanswered and not contact.handlings else pending).append(contact)
    # A log that goes on after the instant shows later reopens as contacts open at the instant.
    # Where the log has first resolutions, `known_at` already shows these as resolved.
    told = bool(len(done)) and done["first_resolved_s"].notna().mean() > 0.5
    hindsight = 0.0 if told else max(log.observed_until - instant, 0.0)
    resolved = _contacts(done, model, touches)
    return Opening(tuple(waiting), tuple(pending), tuple(resolved), hindsight)


def _contacts(
    rows: pd.DataFrame, model: ServiceModel, touches: dict[str, tuple[float, int]]
) -> list[OpenContact]:
    """Return rows in the model's words.

    The agent and the number of handlings of an open contact are taken from what had been done by
    then: its row may tell what only happened later.
    """
    categories, spoken = list(model.categories), model.languages
    largest = max(categories, key=lambda c: model.categories[c].share.value)
    spare_category = "other" if "other" in categories else largest
    out = []
    columns = [
        "ticket_id", "contact_no", "category", "channel", "difficulty", "priority", "opened_s",
        "first_response_s", "agent", "team", "first_resolved_s", "resolved_s", "handlings",
        "language", "segment", "customer",
    ]  # fmt: skip
    records: list[dict[str, Any]] = rows[columns].to_dict("records")  # type: ignore[assignment]
    for row in records:
        rule = model.expected_work
        label = row["difficulty"] if rule is None else rule.tier(row)
        name = row["category"] if row["category"] in model.categories else spare_category
        category = model.categories[name]
        first = float(row["first_response_s"])
        last, handlings = touches.get(str(row["ticket_id"]), (0.0, 0))
        every_touch = handlings > 0
        known = [row["opened_s"], last] + ([] if np.isnan(first) else [first])
        resolved = row["resolved_s"] == row["resolved_s"]
        if resolved and row["handlings"] == row["handlings"]:
            handlings = int(row["handlings"])
        touched = resolved or handlings > 0 or not np.isnan(first)
        out.append(
            OpenContact(
                ticket_id=str(row["ticket_id"]),
                contact_no=int(row["contact_no"]) if row["contact_no"] >= 1 else 1,
                category=name,
                channel=_one_of(row["channel"], model.channels, category.channels),
                tier=_one_of(label, model.difficulty, category.difficulty),
                priority=_one_of(row["priority"], category.priorities, category.priorities),
                opened_s=int(row["opened_s"]),
                first_response_s=first,
                last_s=max(known),
                agent=row["agent"] if touched and isinstance(row["agent"], str) else None,
                resolved_s=float(row["resolved_s"]),
                handlings=max(handlings, int(touched)),
                first_resolved_s=float(row["first_resolved_s"]),
                team=row["team"] if touched and row["team"] in model.teams else None,
                touched=every_touch,
                language=_one_of(row["language"], spoken, spoken) if spoken else None,
                segment=row["segment"] if row["segment"] in model.segments else None,
                customer=row["customer"] if isinstance(row["customer"], str) else None,
            )
        )
    return out


def _one_of(value: object, known: Collection[str], shares: Mapping[str, float]) -> str:
    """Return the value when the model knows it, else the most common one."""
    if isinstance(value, str) and value in known:
        return value
    return max(shares, key=lambda name: shares[name])


def customer_number(name: str | None, customers: int) -> int:
    """Return the number of a recorded customer in a population of ``customers``; -1: of no one.

    A simulated log calls customer 7 of the population ``K7``; another name takes a number by its
    CRC-32, the same wherever it occurs (two names may share one).
    """
    if name is None or customers <= 0:
        return -1
    if name[:1] == "K" and name[1:].isdecimal() and int(name[1:]) < customers:
        return int(name[1:])
    return crc32(name.encode()) % customers


def replay_cases(log: ContactLog, model: ServiceModel, start: float, stop: float) -> Cases:
    """Return the recorded new cases of ``[start, stop)``: real arrivals with their real attributes.

    Only new cases are arrivals; repeats and reopens come out of the simulation. A later contact
    of a case whose first is not in the log is replayed too: nothing simulated could lead to it.
    """
    frame = log.frame
    inside = (frame["opened_s"] >= start) & (frame["opened_s"] < stop)
    roots = frame[(new_cases(frame) | orphans(frame)) & inside].sort_values(
        "opened_s", kind="stable"
    )
    contacts = _contacts(roots, model, {})
    categories, channels = list(model.categories), list(model.channels)
    tiers, tick = list(model.difficulty), int(model.clock)
    priorities = list(dict.fromkeys(p for c in model.categories.values() for p in c.priorities))
    population = 0 if model.customers is None else model.customers.number
    return Cases(
        opened=np.array([c.opened_s // tick * tick for c in contacts], dtype=np.int64),
        category=np.array([categories.index(c.category) for c in contacts], dtype=np.int64),
        channel=np.array([channels.index(c.channel) for c in contacts], dtype=np.int64),
        tier=np.array([tiers.index(c.tier) for c in contacts], dtype=np.int64),
        priority=np.array([priorities.index(c.priority) for c in contacts], dtype=np.int64),
        customer=np.array([customer_number(c.customer, population) for c in contacts], np.int64),
        segment=np.array([position(c.segment, model.segments) for c in contacts], np.int64),
        language=np.array([position(c.language, model.languages) for c in contacts], np.int64),
    )


def position(name: str | None, names: Collection[str]) -> int:
    """Return the position of a name among names, -1 where it is not one of them."""
    return -1 if name is None or name not in names else list(names).index(name)
