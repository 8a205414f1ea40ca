"""An hour at the desk: what one replication did in a span, ready to be drawn.

Everything is cut to the span ``[start, end)``; epoch seconds throughout.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from svcsim.contacts.log import ContactLog
from svcsim.engine.joins import Spell, joins_of, parted, spells_of, waits_of
from svcsim.engine.trace import rostered


class Stay(NamedTuple):
    """An agent with a contact: from, until the contact left, until the agent was free again."""

    agent: str
    ticket: str
    category: str
    start: float
    end: float
    free: float


class Stretch(NamedTuple):
    """An agent in or out of something: a shift, time off the queue."""

    agent: str
    start: float
    end: float


class Left(NamedTuple):
    """A customer gave up: which team's queue, when, how many waited until then."""

    team: str
    time: float
    waiting: int


@dataclass(frozen=True)
class Hour:
    """What a span of one replication looks like.

    Parameters
    ----------
    replication : int
        Which one.
    start, end : float
        The span.
    timezone : str
        IANA zone of the desk's local time.
    agents : list of (name, team)
        Who was on duty or worked, by team and name.
    stays, shifts, off
        What they did; shifts without overtime; off (the queue) None where it is not known.
    queues : mapping of team to steps
        ``(time, waiting)``: so many wait from then on; the first step stands at ``start``.
    left : list of Left
        Customers who gave up.
    arrived, taken, unknown : int
        Contacts opened, handlings begun; handlings whose wait is not known, hence not in a queue.
    categories : list of str
        All categories of the desk in its order, whether or not they appear in the span.
    """

    replication: int
    start: float
    end: float
    timezone: str
    agents: list[tuple[str, str]]
    stays: list[Stay]
    shifts: list[Stretch]
    off: list[Stretch] | None
    queues: dict[str, list[tuple[float, int]]]
    left: list[Left]
    arrived: int
    taken: int
    unknown: int
    categories: list[str] = field(default_factory=list)

    def data(self) -> dict[str, Any]:
        """Return what ``hour.json`` holds."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Hour:
        """Read what `data` wrote."""
        plain = dict(data)
        plain["agents"] = [(str(name), str(team)) for name, team in data["agents"]]
        plain["stays"] = [Stay(*row) for row in data["stays"]]
        plain["left"] = [Left(*row) for row in data["left"]]
        plain["shifts"] = [Stretch(*row) for row in data["shifts"]]
        off = data["off"]
        plain["off"] = None if off is None else [Stretch(*row) for row in off]
        plain["queues"] = {
            str(team): [(float(at), int(n)) for at, n in steps]
            for team, steps in data["queues"].items()
        }
        return cls(**plain)


def hour_of(
    log: ContactLog, start: float, end: float, categories: Sequence[str] | None = None
) -> Hour:
    """Return what happened in ``[start, end)`` of a simulated log.

    Parameters
    ----------
    log : ContactLog
        One replication, with ``work`` and ``staffed``.
    start, end : float
        Epoch seconds.
    categories : sequence of str, optional
        The desk's categories in the order of the model; None: those of the whole log, by name.
    """
    spells = spells_of(log)
    joins = joins_of(log, spells)
    waits = waits_of(log, spells, joins)
    shifts = _stretches(rostered(log, spells), start, end)
    stays = _stays(log, spells, start, end)
    names = {*(shift.agent for shift in shifts), *(stay.agent for stay in stays)}
    agents = _agents(log, spells, names)
    teams = {team for _, team, a, b in waits if a < end and b > start}
    queues = {
        team: _steps([(a, b) for _, name, a, b in waits if name == team], start, end)
        for team in sorted({*teams, *(team for _, team in agents)})
    }
    known = {(row, until) for row, _, _, until in waits}
    begun = [
        (row, spell.start)
        for row, own in enumerate(spells)
        for spell in parted(own)[0]
        if start <= spell.start < end
    ]
    opened = log.frame["opened_s"]
    return Hour(
        replication=int(log.frame["replication"].iloc[:1].sum()),
        start=start, end=end, timezone=log.timezone, agents=agents, stays=stays, shifts=shifts,
        off=_off(log, start, end), queues=queues,
        left=_left(log, waits, queues, start, end),
        arrived=int(((opened >= start) & (opened < end)).sum()),
        taken=len(begun),
        unknown=sum(each not in known for each in begun),
        categories=_categories(log) if categories is None else list(categories),
    )  # fmt: skip


def busiest_hour(log: ContactLog, start: float, end: float) -> tuple[float, float]:
    """Return the full local hour in ``[start, end)`` with most contacts opened or taken.

    The first of several such hours; the first hour where nothing happens at all.
    """
    zone = ZoneInfo(log.timezone)
    shift = datetime.fromtimestamp(start, zone).utcoffset() or timedelta()
    past = shift.total_seconds() % 3600.0  # zones such as India's: the hour begins at half past
    taken = log.work["start_s"].to_numpy() if log.work is not None else np.empty(0)
    times = np.concatenate([log.frame["opened_s"].to_numpy(), taken])
    times = times[(times >= start) & (times < end)]
    if not times.size:
        return start, min(start + 3600.0, end)
    hours, counts = np.unique((times + past) // 3600.0, return_counts=True)
    begin = float(hours[np.argmax(counts)] * 3600.0 - past)
    return max(begin, start), min(begin + 3600.0, end)


def lanes_of(stays: Sequence[Stay]) -> list[tuple[int, int]]:
    """Return the lane of each stay of one agent and how many lanes stand beside it there.

    Stays ``[start, free)`` that overlap, one by one or through others, share their agent's row:
    each takes the first lane that is empty when it begins. A stay alone has the whole row, (0, 1).
    """
    order = sorted(range(len(stays)), key=lambda i: (stays[i].start, stays[i].free))
    lane = dict.fromkeys(order, 0)
    count = dict.fromkeys(order, 1)
    group: list[int] = []
    ends: list[float] = []
    for i in order:
        start, free = stays[i].start, stays[i].free
        if all(end <= start for end in ends):
            group, ends = [], []
        found = next((k for k, end in enumerate(ends) if end <= start), len(ends))
        ends[found : found + 1] = [free]
        lane[i] = found
        group.append(i)
        count.update(dict.fromkeys(group, len(ends)))
    return [(lane[i], count[i]) for i in range(len(stays))]


def _categories(log: ContactLog) -> list[str]:
    """Return the categories of a log: in the order of its type if that has one, else by name."""
    column = log.frame["category"]
    if isinstance(column.dtype, pd.CategoricalDtype):
        return [str(name) for name in column.cat.categories]
    return sorted(column.dropna().unique())


def _agents(log: ContactLog, spells: list[list[Spell]], names: set[str]) -> list[tuple[str, str]]:
    """Return names with teams, by team and name; a team of a roster counts before one of work."""
    home = {spell.agent: spell.team for own in spells for spell in own}
    if log.staffed is not None:
        home |= dict(zip(log.staffed["agent"], log.staffed["team"], strict=True))
    return sorted(((name, home[name]) for name in names), key=lambda pair: pair[::-1])


def _stays(log: ContactLog, spells: list[list[Spell]], start: float, end: float) -> list[Stay]:
    category = log.frame["category"].astype("str").fillna("")
    columns = (log.frame["ticket_id"], category, spells)
    return [
        Stay(
            s.agent, ticket, category, float(max(s.start, start)),
            float(min(max(s.end, start), end)), float(min(s.free, end)),
        )
        for ticket, category, own in zip(*columns, strict=True)
        for s in own
        if s.start < end and s.free > start
    ]  # fmt: skip


def _off(log: ContactLog, start: float, end: float) -> list[Stretch] | None:
    if log.off is None:
        return None
    columns = (log.off["agent"], log.off["start_s"], log.off["end_s"])
    return _stretches(zip(*columns, strict=True), start, end)


def _stretches(
    windows: Iterable[tuple[str, float, float]], start: float, end: float
) -> list[Stretch]:
    return [
        Stretch(str(who), float(max(a, start)), float(min(b, end)))
        for who, a, b in windows
        if a < end and b > start
    ]


def _steps(stays: list[tuple[float, float]], start: float, end: float) -> list[tuple[float, int]]:
    """Return how many wait from each instant on: stays ``[from, until)`` counted."""
    changes: Counter[float] = Counter()
    for a, b in stays:
        if a < b and a < end and b > start:
            changes[max(a, start)] += 1
            changes[b] -= 1
    steps, waiting = [(start, 0)], 0
    for time in sorted(time for time in changes if time < end):
        waiting += changes[time]
        if time == start:
            steps.clear()
        steps.append((time, waiting))
    return steps


def _left(
    log: ContactLog,
    waits: list[tuple[int, str, float, float]],
    queues: dict[str, list[tuple[float, int]]],
    start: float,
    end: float,
) -> list[Left]:
    """Return who gave up in the span, at the height of the queue just before."""
    gone = log.frame["abandoned_s"].to_numpy()
    out = []
    for row, team, _, until in waits:
        if until == gone[row] and start <= until < end:
            before = [n for time, n in queues[team] if time < until]
            out.append(Left(team, float(until), before[-1] if before else 1))
    return sorted(out, key=lambda left: left.time)
