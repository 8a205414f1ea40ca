"""When contacts join a queue: as a clock noted it, else as far as the rows tell.

Rows hold where an agent's work on a contact starts and ends, not what lies between two spells of
work: back to a queue at once (transferred, handed on), or first to the customer (pending, resolved
and reopened). A clock may note every join (`ContactLog.joins`). Without these notes a gap is told
by what the row counts (transfers, reopens, pending time), and left open where that is not enough.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from svcsim.contacts.log import ContactLog

NAN = float("nan")
WHY = (
    "first", "transferred", "handed_on", "pending", "reopened", "reworked", "replied",
    "handed_back",
)  # fmt: skip
"""Why a contact joins a queue; a clock notes the position."""
FIRST, TRANSFERRED, HANDED_ON, PENDING, REOPENED, REWORKED, REPLIED, HANDED_BACK = range(len(WHY))


class Spell(NamedTuple):
    """One handling: agent, team that it was for, start, end, free again, position in the work."""

    agent: str
    team: str
    start: float
    end: float
    free: float
    number: int


class Join(NamedTuple):
    """A contact joins a queue.

    ``team`` is empty, ``time`` NaN and ``why`` empty where they are not known.
    """

    team: str
    time: float
    why: str


def spells_of(log: ContactLog) -> list[list[Spell]]:
    """Return the handlings of every contact in order of time, a list for each row of the log."""
    rows = {name: i for i, name in enumerate(log.frame["ticket_id"])}
    out: list[list[Spell]] = [[] for _ in rows]
    if log.work is None:
        return out
    work = log.work.reset_index(drop=True)
    free = work["free_s"] if "free_s" in work else work["end_s"]
    columns = (work["ticket_id"], work["agent"], work["team"], work["start_s"], work["end_s"], free)
    for number, (ticket, who, team, *times) in enumerate(zip(*columns, strict=True)):
        if ticket in rows:
            start, end, until = times
            out[rows[ticket]].append(Spell(who, team, start, end, until, number))
    for spells in out:
        spells.sort(key=lambda spell: (spell.start, spell.number))
    return out


def parted(spells: list[Spell]) -> tuple[list[Spell], list[Spell]]:
    """Return the handlings of a contact and the help given during them.

    A helper begins together with the agent who asks and is through before that handling ends.
    """
    last: dict[float, Spell] = {}
    for spell in spells:
        if spell.start not in last or spell.end > last[spell.start].end:
            last[spell.start] = spell
    handlings = [spell for spell in spells if last[spell.start] is spell]
    return handlings, [spell for spell in spells if last[spell.start] is not spell]


def joins_of(log: ContactLog, spells: list[list[Spell]]) -> list[list[Join]]:
    """Return the joins of every contact: the k-th leads to the k-th handling (or to none yet).

    Parameters
    ----------
    log : ContactLog
        A simulated log.
    spells : list of list of Spell
        What `spells_of` returned for it.
    """
    if log.joins is not None:
        return _noted(log)
    known = _Rows(log)
    return [known.joins(row, spells[row]) for row in range(len(log.frame))]


def _noted(log: ContactLog) -> list[list[Join]]:
    assert log.joins is not None
    rows = {name: i for i, name in enumerate(log.frame["ticket_id"])}
    out: list[list[Join]] = [[] for _ in rows]
    noted = log.joins.sort_values("time_s", kind="stable")
    columns = (noted["ticket_id"], noted["team"], noted["time_s"], noted["why"])
    for ticket, team, time, why in zip(*columns, strict=True):
        if time < log.observed_until:
            out[rows[ticket]].append(Join(str(team), float(time), str(why)))
    return out


class _Rows:
    """What the rows tell about joins."""

    def __init__(self, log: ContactLog) -> None:
        frame = log.frame
        self.log = log
        self.column = {
            name: frame[name].to_numpy()
            for name in (
                "team", "opened_s", "queued_s", "first_resolved_s", "resolved_s", "handlings",
                "transfers", "reopens", "pending_s",
            )
        }  # fmt: skip

    def joins(self, row: int, spells: list[Spell]) -> list[Join]:
        """Return the joins of one contact."""
        spells = parted(spells)[0]
        at = {name: values[row] for name, values in self.column.items()}
        team = spells[0].team if spells else str(at["team"])
        out = [Join(team, self._first(at, len(spells)), "first")]
        if not spells or spells[-1].end >= self.log.observed_until:
            ended = len(spells) - 1
        else:
            ended = len(spells) - int(at["resolved_s"] == spells[-1].end)
        moves = [one.team != two.team for one, two in pairwise(spells)]
        again = [spell.end == at["first_resolved_s"] for spell in spells[:ended]]
        left = {
            "handed_on": at["transfers"] - sum(moves),
            "reopened": at["reopens"] - sum(again),
            "pending": float(at["pending_s"] > 0),
        }
        unsure = sum(not (a or m) for a, m in zip(again, [*moves, False], strict=False))
        whole = at["handlings"] == len(spells)
        for k in range(max(ended, 0)):
            after = spells[k + 1].team if k + 1 < len(spells) else ""
            if k < len(moves) and moves[k]:
                out.append(Join(after, spells[k].end, "transferred"))
            elif again[k]:
                out.append(Join(after or spells[k].team, NAN, "reopened"))
            else:
                out.append(self._gap(at, spells[k], after, left, unsure if whole else 0))
        return out

    def _first(self, at: dict[str, float], spells: int) -> float:
        """Return the first join; not known when work was done before the simulation started."""
        if at["opened_s"] >= self.log.start:
            return float(at["queued_s"])
        fresh = at["handlings"] <= spells and not at["first_resolved_s"] < self.log.start
        return self.log.start if fresh else NAN

    def _gap(
        self, at: dict[str, float], spell: Spell, after: str, left: dict[str, float], unsure: int
    ) -> Join:
        """Return the join after a handling that neither moved the contact nor resolved it first.

        One kind of reason left to give: it is that one. A pending gap that is the only one lasts
        as long as the row was pending. ``after``: team of the next handling, empty when there is
        none; ``unsure``: number of such gaps, 0 when earlier ones are not in the log.
        """
        kinds = [why for why, count in left.items() if count > 0]
        if unsure == 0 or len(kinds) != 1:
            return Join(after, NAN, "")
        (why,) = kinds
        if why == "handed_on":
            return Join(
                after, spell.end, why
            )  # without a next handling: to which team is not known
        back = spell.end + float(at["pending_s"]) if why == "pending" and unsure == 1 else NAN
        return Join(after or spell.team, back, why)


def waits_of(
    log: ContactLog, spells: list[list[Spell]], joins: list[list[Join]]
) -> list[tuple[int, str, float, float]]:
    """Return every known stay in a queue: row, team, from, until (taken, gave up, end of the log).

    The number waiting at t is the number of stays with from <= t < until.
    """
    gone = log.frame["abandoned_s"].to_numpy()
    out = []
    for row, (every, told) in enumerate(zip(spells, joins, strict=True)):
        own = parted(every)[0]
        for k, join in enumerate(told):
            if not join.team or np.isnan(join.time) or join.time >= log.observed_until:
                continue
            left = own[k].start if k < len(own) else gone[row]
            until = log.observed_until if np.isnan(left) else min(left, log.observed_until)
            out.append((row, join.team, join.time, float(until)))
    return out
