"""What a clock writes down: contacts, spells of work and staffed time, as plain tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

NAN = float("nan")
NEVER = -(2**31)
"""In a table of rows: a time that has not come, a number not known."""

TIMES = (
    "opened", "first_response", "first_resolved", "resolved", "abandoned", "auto_reply", "survey",
)  # fmt: skip
"""Columns that hold instants: whole seconds since the start of the run."""

COUNTS = (
    "case", "no", "category", "channel", "tier", "priority", "segment", "language", "customer",
    "live", "team", "agent", "handlings", "handle", "hold", "transfers", "reopens", "reworks",
    "pending", "pending_customer", "wait", "survey_sent", "score", "complaint", "churned",
    "empty_reply", "hidden",
)  # fmt: skip

ROW = np.dtype([(name, np.int32) for name in (*TIMES, *COUNTS)] + [("checked", np.float64)])
"""One contact as both clocks write it down; ``checked`` is NaN where no check was made."""

SPELL = np.dtype(
    [(name, np.int32) for name in ("agent", "team", "contact", "start", "end", "free")]
)
"""One agent working on one contact, in seconds since the start of the run."""

WINDOW = np.dtype([(name, np.int32) for name in ("start", "end", "agent")])
"""Staffed time, in seconds since the start of the run."""


class Contact:
    """One contact while it is simulated; positions stand for names, NaN for not (yet) known.

    Times are epoch seconds. ``key`` and ``stream`` are what the chance of its case is keyed by.
    """

    __slots__ = (
        "abandoned", "agent", "auto_reply", "begun", "case", "category", "chance", "channel",
        "checked", "churned", "complaint", "customer", "deadline", "earlier", "empty_reply", "ends",
        "first_resolved", "first_response", "handle", "handlings", "held", "hidden", "hold",
        "kept_until",
        "key", "language", "left", "live", "no", "number", "opened", "own", "pending",
        "pending_customer", "priority", "queue", "queued", "queued_from", "reopens", "replies",
        "replying", "resolved", "resumes", "rework_due", "reworks", "score", "segment",
        "serving", "since",
        "spell", "stream", "survey", "survey_sent", "team", "tier", "transfers", "urgency",
        "version", "wait", "wrap", "last_team",
    )  # fmt: skip

    def __init__(
        self, number: int, case: int, key: int, stream: int, no: int, opened: int, category: int,
        channel: int, tier: int, priority: int, live: bool, team: int,
        customer: int = -1, segment: int = -1, language: int = -1,
    ) -> None:  # fmt: skip
        self.number, self.case, self.key, self.stream, self.no = number, case, key, stream, no
        self.opened, self.category, self.channel, self.tier = opened, category, channel, tier
        self.priority, self.live = priority, live
        self.customer, self.segment, self.language = customer, segment, language
        self.team = self.last_team = team
        # waiting
        self.queue = self.urgency = self.version = 0
        self.queued, self.queued_from = opened, -1
        self.deadline = self.kept_until = -1
        self.own = self.agent = -1
        # being worked on
        self.serving = -1
        self.begun = self.since = self.wrap = self.held = self.spell = 0
        self.ends, self.resumes = -1, False
        self.earlier = 0
        """Contacts of the case in which somebody was served before this one."""
        self.left = 0.0
        self.replying = False
        self.replies = self.rework_due = 0
        self.chance = (NAN, NAN, NAN, NAN)
        # what is written down
        self.handlings = self.handle = self.hold = self.transfers = 0
        self.reopens = self.reworks = self.pending = self.pending_customer = 0
        self.empty_reply = self.hidden = 0
        self.first_response = self.first_resolved = self.resolved = self.abandoned = NAN
        self.auto_reply = self.wait = self.score = self.survey = NAN
        self.survey_sent = self.complaint = self.churned = self.checked = NAN


@dataclass
class Record:
    """Everything one replication wrote down."""

    start: int
    """Epoch second that tables count from."""
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
    joins: list[tuple[int, int, int, int]] | None = None
    """(contact number, team, time, position in `joins.WHY`) of every join of a queue, if noted."""
    off: list[tuple[int, int, int]] | None = None
    """(start, end, agent) of time off the queue, if noted."""

    def tables(self) -> Tables:
        """Return the record as tables."""
        rows = np.zeros(len(self.contacts), dtype=ROW)
        for name in TIMES:
            rows[name] = _since(self.start, [getattr(c, name) for c in self.contacts])
        for name in COUNTS:
            attribute = "last_team" if name == "team" else name
            rows[name] = _since(0, [getattr(c, attribute) for c in self.contacts])
        rows["checked"] = [c.checked for c in self.contacts]
        work = np.zeros(len(self.work), dtype=SPELL)
        if self.work:
            columns = np.array(self.work, dtype=np.int64)
            for i, name in enumerate(SPELL.names or ()):
                work[name] = columns[:, i] - (self.start if i >= 3 else 0)
        staffed = np.zeros(len(self.staffed), dtype=WINDOW)
        if self.staffed:
            columns = np.array(self.staffed, dtype=np.int64)
            staffed["start"], staffed["end"] = (
                columns[:, 0] - self.start,
                columns[:, 1] - self.start,
            )
            staffed["agent"] = columns[:, 2]
        return Tables(
            self.start, rows, work, staffed, self.known, self.cases, self.capped,
            self.joins, self.off,
        )  # fmt: skip


def _since(start: int, values: list[Any]) -> NDArray[np.int32]:
    numbers = np.array(values, dtype=np.float64)
    known = np.where(np.isnan(numbers), NEVER, numbers - start)
    return known.astype(np.int64).astype(np.int32)


@dataclass(frozen=True)
class Tables:
    """One replication as both clocks hand it over: equal in every field, whichever made it."""

    start: int
    rows: NDArray[Any]
    work: NDArray[Any]
    staffed: NDArray[Any]
    known: dict[int, str]
    cases: dict[int, str]
    capped: int
    joins: list[tuple[int, int, int, int]] | None = None
    """As in `Record`: only where it was asked for, from the SimPy clock."""
    off: list[tuple[int, int, int]] | None = None
