"""Everything one replication is given: desk, cases, windows, opening state, what is drawn ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from svcsim.calendar import WorkCalendar
from svcsim.calendar.days import WEEKDAYS
from svcsim.engine import draws, rules
from svcsim.engine.demand import Cases
from svcsim.engine.plain import PlainDesk
from svcsim.engine.rows import Contact
from svcsim.model.times import minutes_of_day

_AFTER = 366 * 86400
"""Seconds after the stop for which the SLA clock is known: due times lie there, too."""


@dataclass
class Setting:
    """What a clock starts from; both clocks read it, neither changes the desk."""

    desk: PlainDesk
    cases: Cases
    windows: NDArray[np.int64]
    """Staffed windows, one a row: start_s, end_s, agent; those over before the start left out."""
    seed: int
    replication: int
    start: int
    stop: int
    hired: Sequence[int]
    """Epoch second at which each agent was hired; long ago for the experienced."""
    contacts: list[Contact] = field(default_factory=list)
    """Contacts carried over from history; the clock adds to them."""
    planned: list[tuple[int, int, int]] = field(default_factory=list)
    """Events (time, kind, contact) of contacts carried over."""
    known: dict[int, str] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    capped: int = 0
    """Contacts of the opening state that a cap keeps from coming back."""
    notes: bool = False
    """Whether joins of queues and time off them are noted, for a trace (SimPy clock)."""
    pace: list[float] = field(init=False)
    """R4: factor on handling times of each week from the start."""
    capacity: list[float] = field(init=False)
    """R4: factor on the busy time per handled minute in each week from the start."""
    looks_at: list[int] = field(init=False)
    """R9: how many waiting contacts each agent chooses from."""

    def __post_init__(self) -> None:
        desk, key = self.desk, (self.seed, self.replication)
        every = np.asarray(self.windows, dtype=np.int64).reshape(-1, 3)
        self.windows = every[every[:, 1] > self.start]
        self.windows[:, 0] = np.maximum(self.windows[:, 0], self.start)
        early = int(self.cases.opened.min(initial=self.start))
        if early < self.start:
            message = f"a case at {early} cannot be planned at {self.start}, the start of the run"
            raise ValueError(message)
        weeks = range((self.stop - self.start) // rules.WEEK + 1)
        self.pace = [
            rules.week_factor(desk.week_cv, draws.uniform(*key, week, 0, 0, draws.WEEK_FACTOR))
            for week in weeks
        ]
        self.capacity = [
            rules.week_factor(desk.capacity_cv, draws.uniform(*key, week, 0, 0, draws.CAPACITY))
            for week in weeks
        ]
        behaviour = desk.behaviour
        self.looks_at = [
            behaviour.window
            if behaviour.cherry > 0
            and draws.uniform(*key, who, 0, 0, draws.CHERRY) < behaviour.cherry
            else 1
            for who in range(len(desk.agents))
        ]

    @cached_property
    def sla(self) -> tuple[list[int], list[int], list[int]]:
        """R2: windows of the SLA clock: begins, ends, seconds it ran before each.

        They begin at the oldest contact, so all contacts carried over must be known by the first
        use. Empty where nobody asks.
        """
        if self.desk.discipline != rules.DUE or not self.desk.model.routing.sla_hours:
            return [], [], []
        oldest = min((contact.opened for contact in self.contacts), default=self.start)
        spans = _sla_clock(self.desk).spans(min(oldest, self.start), self.stop + _AFTER)
        begins, ends = ([int(span[i]) for span in spans] for i in (0, 1))
        lengths = [end - begin for begin, end in zip(begins, ends, strict=True)]
        return begins, ends, [0, *accumulate(lengths)][: len(lengths)]

    def due(self, opened: int, priority: int) -> int:
        """R2: when the first response to a contact is due; 0 where nobody asks."""
        if self.desk.discipline != rules.DUE:
            return 0
        return rules.due_time(opened, self.desk.due[priority], len(self.sla[0]), *self.sla)


def _sla_clock(desk: PlainDesk) -> WorkCalendar:
    """Return the SLA hours as a calendar; it is closed on the desk's holidays."""
    model = desk.model
    windows = {
        WEEKDAYS.index(day): [
            (60.0 * minutes_of_day(a), 60.0 * minutes_of_day(b)) for a, b in spans
        ]
        for day, spans in model.routing.sla_hours.items()
    }
    closed = frozenset(date.fromisoformat(day) for day in model.holidays)
    makeup = {date.fromisoformat(day): WEEKDAYS.index(like) for day, like in model.worked.items()}
    return WorkCalendar(windows, model.timezone, closed, makeup)
