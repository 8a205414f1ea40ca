"""What a clock writes down: contacts, spells of work and staffed time, turned into a ContactLog."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from svcsim.contacts.columns import columns
from svcsim.contacts.log import ContactLog
from svcsim.engine.demand import Cases
from svcsim.engine.plain import PlainDesk

NAN = float("nan")


class Contact:
    """One contact while it is simulated; positions stand for names, NaN for not (yet) known."""

    __slots__ = (
        "abandoned", "agent", "case", "category", "chance", "channel", "csat", "deadline",
        "first_resolved",
        "first_response", "handle", "handlings", "key", "last_team", "live", "no", "number",
        "opened", "own", "pending", "priority", "queued", "reopens", "resolved", "survey",
        "survey_sent", "team", "tier", "transfers", "version", "wait",
    )  # fmt: skip

    def __init__(
        self, number: int, case: int, no: int, opened: int, category: int, channel: int,
        tier: int, priority: int, live: bool, team: int,
    ) -> None:  # fmt: skip
        self.number = number
        self.case = case
        self.no = no
        self.opened = opened
        self.category = category
        self.channel = channel
        self.tier = tier
        self.priority = priority
        self.live = live
        self.team = self.last_team = team
        self.queued = opened
        self.key = 0
        self.deadline = -1
        self.version = 0
        self.own = self.agent = -1
        self.handlings = self.handle = self.transfers = self.reopens = self.pending = 0
        self.first_response = self.first_resolved = self.resolved = self.abandoned = NAN
        self.wait = self.csat = self.survey = NAN
        self.survey_sent = NAN
        self.chance = (NAN, NAN, NAN, NAN)


@dataclass
class Record:
    """Everything one replication wrote down."""

    contacts: list[Contact] = field(default_factory=list)
    known: dict[int, str] = field(default_factory=dict)
    """Contact number -> ticket id of contacts that came from history."""
    cases: dict[int, str] = field(default_factory=dict)
    """Case number -> name of cases that came from history."""
    work: list[tuple[int, int, int, int, int, int]] = field(default_factory=list)
    """(agent, team, contact number, start, end, free again)."""
    staffed: list[tuple[int, int, int]] = field(default_factory=list)
    """(start, end, agent)."""
    capped: int = 0
    """Cases cut off at ``max_contacts`` and contacts at ``max_handlings``."""


def to_log(
    record: Record,
    desk: PlainDesk,
    replication: int,
    bounds: tuple[int, int, int],
    name: str,
    drawn: Cases | None = None,
) -> ContactLog:
    """Return the record as a ContactLog; events at or after the end of the tail are not known."""
    start, end, until = bounds
    contacts = record.contacts

    def numbers(attribute: str) -> np.ndarray:
        return np.array([getattr(c, attribute) for c in contacts], dtype=np.float64)

    def names(attribute: str, known: tuple[str, ...]) -> pd.Series:
        codes = np.array([getattr(c, attribute) for c in contacts], dtype=np.int64)
        values = pd.array([*known, None], dtype="str")
        return pd.Series(values.take(np.where(codes < 0, len(known), codes)))

    ids, cases = _names(record)
    people = _people(record, desk, drawn, cases)
    resolved, abandoned = numbers("resolved"), numbers("abandoned")
    data = {
        "replication": np.full(len(contacts), float(replication)),
        "ticket_id": pd.array(ids, dtype="str"),
        "case_id": pd.array(cases, dtype="str"),
        "contact_no": numbers("no"),
        "channel": names("channel", desk.channels),
        "category": names("category", tuple(c.name for c in desk.categories)),
        "difficulty": names("tier", desk.tiers),
        "priority": names("priority", desk.priorities),
        **people,
        "agent": names("agent", desk.agents),
        "team": names("last_team", desk.teams),
        "opened_s": numbers("opened"),
        "queued_s": numbers("opened"),
        "first_response_s": numbers("first_response"),
        "first_resolved_s": numbers("first_resolved"),
        "resolved_s": resolved,
        "resolved_filled": np.zeros(len(contacts)),
        "closed_s": resolved,
        "abandoned_s": abandoned,
        # Exports know how long a caller waited, but not when a ticket was first looked at.
        "wait_s": np.where(numbers("live") > 0, numbers("wait"), NAN),
        "handle_s": numbers("handle"),
        "handlings": numbers("handlings"),
        "transfers": numbers("transfers"),
        "reopens": numbers("reopens"),
        "pending_s": numbers("pending"),
        "outcome": pd.array(
            np.where(~np.isnan(resolved), "resolved",
                     np.where(~np.isnan(abandoned), "abandoned", "open")).tolist(),
            dtype="str",
        ),
        "in_time": np.full(len(contacts), NAN),
        "survey_sent": numbers("survey_sent"),
        "csat": numbers("csat"),
        "survey_s": numbers("survey"),
    }  # fmt: skip
    frame = pd.DataFrame({column: data[column] for column in columns()})
    return ContactLog(
        frame=frame,
        start=float(start),
        end=float(end),
        observed_until=float(until),
        origin="simulated",
        timezone=desk.model.timezone,
        name=name,
        work=_work(record, desk),
        staffed=_staffed(record, desk),
        account={"capped": record.capped},
    )


def _names(record: Record) -> tuple[list[str], list[str]]:
    """Return the ticket and case ids of all contacts; new ones never equal one from history."""
    prefix = "C"
    while any(name.startswith(prefix) for name in record.cases.values()):
        prefix += "C"
    cases = [record.cases.get(c.case, f"{prefix}{c.case}") for c in record.contacts]
    ids = [
        record.known.get(c.number) or f"{case}-{c.no}"
        for c, case in zip(record.contacts, cases, strict=True)
    ]
    return ids, cases


def _people(
    record: Record, desk: PlainDesk, drawn: Cases | None, cases: list[str]
) -> dict[str, Any]:
    """Return the columns customer, segment and language of all contacts.

    A case without a customer of the population is a customer of its own.
    """
    known: dict[str, list[str | None]] = {
        "customer": [],
        "segment": [*desk.demand.segments, None],
        "language": [*desk.demand.languages, None],
    }
    out: dict[str, Any] = {}
    for column, names in known.items():
        code = np.full(len(cases), -1, dtype=np.int64)
        if drawn is not None:
            case = np.array([c.case for c in record.contacts], dtype=np.int64)
            here = case < len(drawn.opened)
            code[here] = getattr(drawn, column)[case[here]]
        if column == "customer":
            own = [f"K{k}" if k >= 0 else name for k, name in zip(code, cases, strict=True)]
            out[column] = pd.array(own, dtype="str")
        else:
            out[column] = pd.array(names, dtype="str").take(code)
    return out


def _work(record: Record, desk: PlainDesk) -> pd.DataFrame:
    agent, team, contact, start, end, free = (
        np.array(column, dtype=np.int64)
        for column in (zip(*record.work, strict=True) if record.work else ((),) * 6)
    )
    ids = pd.array(_names(record)[0], dtype="str")
    return pd.DataFrame(
        {
            "agent": pd.array(desk.agents, dtype="str").take(agent),
            "team": pd.array(desk.teams, dtype="str").take(team),
            "ticket_id": ids.take(contact),
            "start_s": start.astype(np.float64),
            "end_s": end.astype(np.float64),
            "free_s": free.astype(np.float64),
        }
    )


def _staffed(record: Record, desk: PlainDesk) -> pd.DataFrame:
    start, end, agent = (
        np.array(column, dtype=np.int64)
        for column in (zip(*record.staffed, strict=True) if record.staffed else ((),) * 3)
    )
    team = np.array(desk.agent_team, dtype=np.int64)[agent]
    return pd.DataFrame(
        {
            "agent": pd.array(desk.agents, dtype="str").take(agent),
            "team": pd.array(desk.teams, dtype="str").take(team),
            "start_s": start.astype(np.float64),
            "end_s": end.astype(np.float64),
        }
    )
