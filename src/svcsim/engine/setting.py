"""Everything one replication is given: desk, cases, windows, opening state, what is drawn ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from svcsim.engine import draws, rules
from svcsim.engine.demand import Cases, midnight
from svcsim.engine.plain import PlainDesk
from svcsim.engine.rows import Contact
from svcsim.model.demand import WEEKDAYS
from svcsim.model.times import minutes_of_day

WEEK = 7 * 86400
_BEFORE = 60
"""Days before the start for which the SLA clock is known: contacts may have been opened then."""


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
    pace: list[float] = field(init=False)
    """R4: factor on handling times of each week from the start."""
    looks_at: list[int] = field(init=False)
    """R9: how many waiting contacts each agent chooses from."""
    sla: tuple[list[int], list[int], list[int]] = field(init=False)
    """R2: windows of the SLA clock: begins, ends, seconds it ran before each."""

    def __post_init__(self) -> None:
        desk, key = self.desk, (self.seed, self.replication)
        every = np.asarray(self.windows, dtype=np.int64).reshape(-1, 3)
        self.windows = every[every[:, 1] > self.start]
        self.windows[:, 0] = np.maximum(self.windows[:, 0], self.start)
        early = int(self.cases.opened.min(initial=self.start))
        if early < self.start:
            message = f"a case at {early} cannot be planned at {self.start}, the start of the run"
            raise ValueError(message)
        self.pace = [
            rules.week_factor(desk.week_cv, draws.uniform(*key, week, 0, 0, draws.WEEK_FACTOR))
            for week in range((self.stop - self.start) // WEEK + 1)
        ]
        behaviour = desk.behaviour
        self.looks_at = [
            behaviour.window
            if behaviour.cherry > 0
            and draws.uniform(*key, who, 0, 0, draws.CHERRY) < behaviour.cherry
            else 1
            for who in range(len(desk.agents))
        ]
        self.sla = _sla_windows(desk, self.start, self.stop)

    def due(self, opened: int, priority: int) -> int:
        """R2: when the first response to a contact is due; 0 where nobody asks."""
        if self.desk.discipline != rules.DUE:
            return 0
        return rules.due_time(opened, self.desk.due[priority], len(self.sla[0]), *self.sla)


def _sla_windows(desk: PlainDesk, start: int, stop: int) -> tuple[list[int], list[int], list[int]]:
    begins: list[int] = []
    ends: list[int] = []
    done: list[int] = []
    hours, timezone = desk.model.routing.sla_hours, desk.model.timezone
    if desk.discipline != rules.DUE or not hours:
        return begins, ends, done
    day = date.fromtimestamp(start) - timedelta(days=_BEFORE)
    total = 0
    while midnight(day, timezone) < stop:
        first = midnight(day, timezone)
        for begin, end in hours.get(WEEKDAYS[day.weekday()], ()):
            begins.append(first + 60 * minutes_of_day(begin))
            ends.append(first + 60 * minutes_of_day(end))
            done.append(total)
            total += ends[-1] - begins[-1]
        day += timedelta(days=1)
    return begins, ends, done
