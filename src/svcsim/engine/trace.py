"""Trace: one replication event by event, told from what it wrote down, so the same for any engine.

Events have the order of the engine, (time, kind, id): ends of handlings, agents through with one,
shifts, returns, arrivals, then matches; last what nobody at the desk notices at that instant
(customers who give up, answered surveys). `svcsim.engine.trace_lines` puts them into words.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from svcsim.contacts.log import ContactLog
from svcsim.engine.joins import NAN, Join, Spell, joins_of, parted, spells_of

END, FREE, SHIFT, BACK, ARRIVAL, TAKE, GONE, SURVEY = 0, 1, 2, 3, 4, 9, 10, 11

IS_BACK = {"pending": "is_back", "reopened": "reopens", "reworked": "is_reworked"}
"""Sentence of a contact that comes back to a queue later, by why it joins it."""
AT_ONCE = ("transferred", "handed_on", "replied", "handed_back")
"""Why a contact goes on to a queue in the instant in which a handling ends."""

_AFTER_CONTACTS = (1 << 44) - 1


@dataclass(frozen=True, order=True)
class Event:
    """Something that happened; ``what`` is the key of its sentence.

    ``row`` is the contact (-1: none), ``team`` the queue it joins or the agent's team, ``value``
    the number that the sentence says (seconds; the score of a survey), ``until`` an instant.
    """

    time: int
    kind: int
    ident: int
    what: str = field(compare=False)
    row: int = field(default=-1, compare=False)
    agent: str = field(default="", compare=False)
    team: str = field(default="", compare=False)
    value: float = field(default=NAN, compare=False)
    until: float = field(default=NAN, compare=False)
    outcome: str = field(default="", compare=False)
    joins: bool = field(default=False, compare=False)
    """The contact waits for ``team`` from this event on."""
    frees: bool = field(default=False, compare=False)
    """The agent's busy time with this contact ends with this event."""


def events(log: ContactLog) -> list[Event]:
    """Return every event of a simulated log in order.

    Parameters
    ----------
    log : ContactLog
        One replication, with ``work`` and ``staffed``; with ``joins`` and ``off`` every return to
        a queue and time off it is known, without them those that follow from the rows.
    """
    spells = spells_of(log)
    joins = joins_of(log, spells)
    people = _People(log, spells)
    found = [*people.events()]
    names = ["opened_s", "contact_no", "abandoned_s", "resolved_s", "survey_s", "csat"]
    numbers = list(zip(log.frame["case_id"], log.frame["contact_no"], strict=True))
    rows = {number: row for row, number in enumerate(numbers)}
    for row, values in enumerate(log.frame[names].to_numpy().tolist()):
        at = dict(zip(names, values, strict=True))
        before = rows.get((numbers[row][0], numbers[row][1] - 1), row)
        handlings, help_given = parted(spells[row])
        found += _Contact(
            row, before, at, log.start, handlings, joins[row], people, help_given
        ).events()
    return sorted(event for event in found if event.time < log.observed_until)


def rostered(log: ContactLog, spells: list[list[Spell]]) -> list[tuple[str, float, float]]:
    """Return (agent, start, end) of the staffed windows without overtime."""
    people = _People(log, spells)
    return [(who, a, b) for who, _, a, b in people.windows if not people.is_overtime(who, a, b)]


class _People:
    """Shifts, overtime, time off the queue."""

    def __init__(self, log: ContactLog, spells: list[list[Spell]]) -> None:
        self.by_agent: dict[str, list[tuple[float, float, int]]] = {}
        self.last: dict[tuple[str, float], int] = {}
        """(agent, instant) -> number of the last handling with which the agent is through then."""
        for row, own in enumerate(spells):
            for spell in own:
                self.by_agent.setdefault(spell.agent, []).append((spell.start, spell.free, row))
                key = (spell.agent, spell.free)
                self.last[key] = max(self.last.get(key, -1), spell.number)
        for busy in self.by_agent.values():
            busy.sort()
        self.longest = {
            who: max(free - start for start, free, _ in busy) for who, busy in self.by_agent.items()
        }
        self.windows: list[tuple[str, str, float, float]] = []
        if log.staffed is not None:
            table = log.staffed
            columns = (table["agent"], table["team"], table["start_s"], table["end_s"])
            self.windows = list(zip(*columns, strict=True))
        ends = {(who, end) for who, _, _, end in self.windows}
        starts = {(who, start) for who, _, start, _ in self.windows}
        self.overtime = {
            (who, end): end - start
            for who, _, start, end in self.windows
            if (who, start) in ends and self._worked_late(who, start, end, starts)
        }
        """(agent, instant it ended) -> seconds past the end of a window."""
        away = log.off
        self.off: dict[tuple[str, float], float] = {}
        if away is not None:
            gone = zip(away["agent"], away["start_s"], away["end_s"], strict=True)
            self.off = {(who, start): end for who, start, end in gone}
        self.names = sorted({*self.by_agent, *(who for who, *_ in self.windows)})
        self.number = {name: i for i, name in enumerate(self.names)}

    def _worked_late(
        self, who: str, start: float, end: float, starts: set[tuple[str, float]]
    ) -> bool:
        """Tell overtime from a window that follows another: it lasts as long as the work does."""
        through = max((free for _, free, _ in self.busy_with(who, start)), default=start)
        return through == end or (end < through and (who, end) in starts)

    def is_overtime(self, who: str, start: float, end: float) -> bool:
        """Tell whether a staffed window is work past the end of another."""
        return self.overtime.get((who, end)) == end - start

    def busy_with(self, who: str, time: float) -> list[tuple[float, float, int]]:
        """Return the spells (start, free again, row) that an agent is in the middle of."""
        own = self.by_agent.get(who, [])
        if not own:
            return []
        # spells of chats overlap, so one that ends late may have begun before others
        first = bisect_left(own, (time - self.longest[who], -1.0, -1))
        until = bisect_left(own, (time, -1.0, -1))
        return [spell for spell in own[first:until] if spell[1] > time]

    def events(self) -> Iterator[Event]:
        """Yield starts and ends of shifts, and returns to the queue."""
        count = len(self.names)
        for who, team, start, end in self.windows:
            if self.is_overtime(who, start, end):
                continue
            number = self.number[who]
            yield Event(int(start), SHIFT, number, "starts", agent=who, team=team)
            busy = self.busy_with(who, end)
            what, row = ("stops_busy", busy[-1][2]) if busy else ("stops", -1)
            yield Event(int(end), SHIFT, count + number, what, row, who, team)
        for (who, _), back in self.off.items():
            last = _AFTER_CONTACTS - self.number[who]
            yield Event(int(back), BACK, last, "returns", agent=who)


@dataclass
class _Contact:
    """The events of one contact."""

    row: int
    before: int
    """Row of the contact that it repeats; its own where that is not in the log."""
    at: dict[str, float]
    """What its row holds."""
    start: float
    """Of the simulation."""
    spells: list[Spell]
    joins: list[Join]
    people: _People
    help: list[Spell]
    """Of other agents, during its handlings."""

    def events(self) -> Iterator[Event]:
        """Yield them, handling by handling."""
        row, at = self.row, self.at
        yield from self._comes(at)
        for spell in self.help:
            yield self._helps(spell)
            number = self.people.number[spell.agent]
            yield Event(
                int(spell.end), FREE, number, "has_helped", row, spell.agent, frees=True,
                value=spell.end - spell.start,
            )  # fmt: skip
        for k, spell in enumerate(self.spells):
            join = self.joins[k] if k < len(self.joins) else Join("", NAN, "")
            if k > 0:
                yield from self._comes_back(join, self.spells[k - 1])
            yield self._taken(spell, self._waited(k, join, spell, at["opened_s"]))
            after = self.joins[k + 1] if k + 1 < len(self.joins) else None
            yield from self._ended(spell, after, spell.end == at["resolved_s"])
        if self.spells and len(self.joins) > len(self.spells):
            yield from self._comes_back(self.joins[len(self.spells)], self.spells[-1])
        if not np.isnan(at["abandoned_s"]):
            gone = int(at["abandoned_s"])
            yield Event(gone, GONE, row, "gives_up", row, value=gone - self.joins[0].time)
        if not np.isnan(at["survey_s"]):
            yield Event(int(at["survey_s"]), SURVEY, row, "survey", row, value=at["csat"])

    def _comes(self, at: dict[str, float]) -> Iterator[Event]:
        """Yield the arrival, and the first join where it is another event."""
        opened, row = int(at["opened_s"]), self.row
        first = self.joins[0] if self.joins else Join("", NAN, "")
        known = bool(first.team) and first.time == first.time
        if opened >= self.start:
            again = at["contact_no"] > 1
            what, kind = ("repeats", BACK) if again else ("arrives", ARRIVAL)
            here = known and first.time == opened
            ident = self.before if again else row
            yield Event(opened, kind, ident, what, row, team=first.team, joins=here)
            if known and not here:
                yield Event(int(first.time), BACK, row, "is_up", row, team=first.team, joins=True)
        elif known:
            what = IS_BACK.get(first.why, "was_open")
            yield Event(
                int(first.time), BACK, row, what, row, team=first.team, until=opened, joins=True
            )

    def _comes_back(self, join: Join, before: Spell) -> Iterator[Event]:
        """Yield the return to the queue, unless it is part of the end before it or not known."""
        if join.why in IS_BACK and join.team and join.time == join.time:
            yield Event(
                int(join.time), BACK, self.row, IS_BACK[join.why], self.row, team=join.team,
                value=join.time - before.end, joins=True,
            )  # fmt: skip

    def _waited(self, k: int, join: Join, spell: Spell, opened: float) -> float:
        """Return seconds in the queue; those of a contact left from before count from its opening.

        NaN: not known.
        """
        old = k == 0 and join.why == "first" and opened < self.start and join.time == join.time
        return spell.start - (opened if old else join.time)

    def _taken(self, spell: Spell, waited: float) -> Event:
        return Event(
            int(spell.start), TAKE, spell.number, "takes", self.row, spell.agent, spell.team, waited
        )

    def _helps(self, spell: Spell) -> Event:
        return Event(
            int(spell.start), TAKE, spell.number, "helps", self.row, spell.agent, spell.team
        )

    def _ended(self, spell: Spell, after: Join | None, resolved: bool) -> Iterator[Event]:
        """Yield the end of a handling, and the agent's, where it is later or goes on elsewhere."""
        why = after.why if after is not None else ("first" if resolved else "pending")
        resolved_then = dict.fromkeys(("first", "reopened", "reworked"), "resolved")
        outcome = {**resolved_then, "": "unfinished"}.get(why, why)
        at_once = after is not None and outcome in AT_ONCE
        joins = at_once and after is not None and bool(after.team)
        if at_once and not joins:
            outcome = "passed_on"
        who = spell.agent
        # of several chats only the last lets the agent go
        last = self.people.last[(who, spell.free)] == spell.number
        late = self.people.overtime.get((who, spell.free)) if last else None
        away = self.people.off.get((who, spell.free)) if last else None
        apart = spell.free > spell.end or late is not None or away is not None
        yield Event(
            int(spell.end), END, self.row, "ends", self.row, who,
            after.team if after is not None else "", spell.end - spell.start,
            after.time if after is not None and outcome == "pending" else NAN, outcome,
            joins, not apart,
        )  # fmt: skip
        if apart:
            what = "leaves" if away is not None else "through" if late is None else "goes_home"
            value = spell.free - spell.end if late is None else late
            yield Event(
                int(spell.free), FREE, self.people.number[who], what, self.row, who, "", value,
                NAN if away is None else away, frees=True,
            )  # fmt: skip
