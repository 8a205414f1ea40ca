"""The desk in Cimba's Python front end: compiled model code on Cimba's C engine.

Its stores and resources know neither skills nor a longest idle server, so matching is written by
hand in the compiled subset: one first-in-first-out list a team and priority, one list of idle
agents a skill group. Ends of handling are Cimba events, shifts and returns are processes. Patience
is a deadline, looked at when a contact would be taken. Chance is drawn in the model by Cimba's own
generator, so it agrees with the other contenders in law. Rows come out as one Dataset a column,
for a model cannot give records.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import cimba as cb
import numba
import numpy as np
from cimba import random

from given import ABANDONED, ANSWERED, OPEN, ROW, Counts, counts
from workload import DAY, HOUR, Desk, log_moments

REPLICATIONS = 1000
COLUMNS = ("case", "contact", "opened", "start", "end", "agent", "outcome")


class Agent(cb.Model):
    """One agent."""

    floor: cb.Ref[Floor]
    number: int = 0
    group: int = 0
    speed: float = 1.0
    shift_start: float = 0.0
    row: int = -1
    on_shift: bool = False
    idle_since: float = 0.0
    next_idle: int = -1
    previous_idle: int = -1

    @cb.event
    def finish(self):
        """End a handling."""
        finish(self.floor, self.number, cb.now())

    @cb.process
    def attend(self):
        """Come and go; a running contact is finished."""
        for day in range(self.floor.days):
            begin = (day // 5 * 7 + day % 5) * 86400.0 + self.shift_start
            cb.hold(begin - cb.now())
            self.on_shift = True
            if self.row < 0:
                take_next(self.floor, self.number, cb.now())
            cb.hold(self.floor.shift_s)
            self.on_shift = False
            if self.row < 0:
                leave_idle(self.floor, self.number)


class Return(cb.Model):
    """A customer who comes again after a delay."""

    floor: cb.Ref[Floor]
    row: int
    delay: float

    @cb.process
    def come(self):
        """Wait, then open the next contact of the case."""
        cb.hold(self.delay)
        f, before = self.floor, self.row
        arrive(
            f, f.case[before], f.contact[before] + 1, f.category[before], f.tier[before],
            f.priority[before], cb.now(),
        )  # fmt: skip


class Floor(cb.Model):
    """The desk: its numbers, its rows, its lists."""

    agents: list[Agent]
    days: int
    shift_s: float
    patience_s: float
    return_mu: float
    return_sigma: float
    max_contacts: int
    groups: int
    teams: int
    tiers: int
    rates: cb.Array[float]
    category_cuts: cb.Array[float]
    tier_cuts: cb.Array[float]
    priority_cuts: cb.Array[float]
    category_team: cb.Array[int]
    mu: cb.Array[float]
    sigma: cb.Array[float]
    chance: cb.Array[float]
    serves: cb.Array[int]
    case: cb.Array[int]
    contact: cb.Array[int]
    category: cb.Array[int]
    tier: cb.Array[int]
    priority: cb.Array[int]
    opened: cb.Array[float]
    deadline: cb.Array[float]
    start: cb.Array[float]
    end: cb.Array[float]
    agent: cb.Array[int]
    outcome: cb.Array[int]
    following: cb.Array[int]
    head: cb.Array[int]
    tail: cb.Array[int]
    first_idle: cb.Array[int]
    last_idle: cb.Array[int]
    rows: int = 0
    out_case: cb.Dataset
    out_contact: cb.Dataset
    out_opened: cb.Dataset
    out_start: cb.Dataset
    out_end: cb.Dataset
    out_agent: cb.Dataset
    out_outcome: cb.Dataset

    @cb.process
    def arrivals(self):
        """Open the new cases, hour by hour of constant rate."""
        case = 0
        for day in range(self.days):
            for hour in range(24):
                rate = self.rates[day % 5 * 24 + hour]
                time = (day // 5 * 7 + day % 5) * 86400.0 + hour * 3600.0
                last = time + 3600.0
                while rate > 0.0:
                    time += random.exponential(1.0 / rate)
                    if time >= last:
                        break
                    cb.hold(time - cb.now())
                    category = pick(self.category_cuts)
                    tier = pick(self.tier_cuts)
                    arrive(self, case, 0, category, tier, pick(self.priority_cuts), cb.now())
                    case += 1

    @cb.on_end
    def write(self):
        """Write the rows out."""
        now = cb.now()
        for line in range(self.teams * 3):
            waiting(self, line, now)
        for row in range(self.rows):
            self.out_case.record(self.case[row])
            self.out_contact.record(self.contact[row])
            self.out_opened.record(self.opened[row])
            self.out_start.record(self.start[row])
            self.out_end.record(self.end[row])
            self.out_agent.record(self.agent[row])
            self.out_outcome.record(self.outcome[row])


@numba.njit
def pick(cuts):
    """Draw a position from a discrete law."""
    u = random.uniform(0.0, 1.0)
    place = 0
    while place < len(cuts) and u >= cuts[place]:
        place += 1
    return place


@numba.njit
def waiting(f, line, now):
    """Return the first of a list still waiting; those whose patience ended leave."""
    row = f.head[line]
    while row >= 0:
        if f.deadline[row] >= now:
            break
        f.start[row] = f.deadline[row]
        f.outcome[row] = 1
        row = f.following[row]
    f.head[line] = row
    if row < 0:
        f.tail[line] = -1
    return row


@numba.njit
def begin(f, agent, row, now):
    """Let an agent take a contact."""
    who = f.agents[agent]
    who.row = row
    category = f.category[row]
    work = random.lognormal(f.mu[category * f.tiers + f.tier[row]], f.sigma[category])
    f.start[row] = now
    f.agent[row] = agent
    cb.schedule(who.finish, max(work, 1.0) / who.speed)


@numba.njit
def make_idle(f, agent, now):
    """Put an agent at the end of the idle ones of the group."""
    who = f.agents[agent]
    last = f.last_idle[who.group]
    who.idle_since = now
    who.next_idle = -1
    who.previous_idle = last
    if last >= 0:
        f.agents[last].next_idle = agent
    else:
        f.first_idle[who.group] = agent
    f.last_idle[who.group] = agent


@numba.njit
def leave_idle(f, agent):
    """Take an agent from the idle ones."""
    who = f.agents[agent]
    before, after = who.previous_idle, who.next_idle
    if before >= 0:
        f.agents[before].next_idle = after
    else:
        f.first_idle[who.group] = after
    if after >= 0:
        f.agents[after].previous_idle = before
    else:
        f.last_idle[who.group] = before


@numba.njit
def take_next(f, agent, now):
    """Let a free agent take the first contact by priority, then age, or become idle."""
    group = f.agents[agent].group
    best, line = -1, -1
    for p in range(3):
        for team in range(f.teams):
            if f.serves[group * f.teams + team] == 1:
                row = waiting(f, team * 3 + p, now)
                if row >= 0 and (best < 0 or row < best):
                    best, line = row, team * 3 + p
        if best >= 0:
            break
    if best < 0:
        make_idle(f, agent, now)
        return
    f.head[line] = f.following[best]
    if f.head[line] < 0:
        f.tail[line] = -1
    begin(f, agent, best, now)


@numba.njit
def arrive(f, case, contact, category, tier, priority, now):
    """Open a contact: the longest idle agent takes it, or it waits."""
    row = f.rows
    f.rows += 1
    f.case[row] = case
    f.contact[row] = contact
    f.category[row] = category
    f.tier[row] = tier
    f.priority[row] = priority
    f.opened[row] = now
    f.start[row] = np.nan
    f.end[row] = np.nan
    f.agent[row] = -1
    f.outcome[row] = 2
    f.following[row] = -1
    team = f.category_team[category]
    longest = -1
    for group in range(f.groups):
        if f.serves[group * f.teams + team] == 1:
            agent = f.first_idle[group]
            if agent >= 0 and (
                longest < 0 or f.agents[agent].idle_since < f.agents[longest].idle_since
            ):
                longest = agent
    if longest >= 0:
        leave_idle(f, longest)
        begin(f, longest, row, now)
        return
    f.deadline[row] = now + random.exponential(f.patience_s)
    line = team * 3 + priority
    if f.tail[line] >= 0:
        f.following[f.tail[line]] = row
    else:
        f.head[line] = row
    f.tail[line] = row


@numba.njit
def finish(f, agent, now):
    """End a handling: perhaps another contact follows; the agent takes the next."""
    who = f.agents[agent]
    row = who.row
    who.row = -1
    f.end[row] = now
    f.outcome[row] = 0
    place = (f.category[row] * f.tiers + f.tier[row]) * len(f.agents) + agent
    if f.contact[row] + 1 < f.max_contacts and random.uniform(0.0, 1.0) < f.chance[place]:
        delay = random.lognormal(f.return_mu, f.return_sigma)
        cb.spawn(Return, floor=f, row=row, delay=delay)
    if who.on_shift:
        take_next(f, agent, now)


def _floor(desk: Desk) -> Floor:
    """Return the model of a desk."""
    floor = Floor()
    floor.days, floor.shift_s = desk.working_days, float(desk.shift_s)
    floor.patience_s, floor.max_contacts = desk.patience_s, desk.max_contacts
    floor.return_mu, floor.return_sigma = log_moments(desk.return_mean_s, desk.return_cv)
    floor.groups, floor.teams, floor.tiers = len(desk.groups), desk.teams, len(desk.tier_shares)
    week = sum(desk.weekdays) * sum(desk.hours)
    per_second = 5 * desk.cases_a_day / week / HOUR
    tables: dict[str, list[Any]] = {
        "rates": [w * h * per_second for w in desk.weekdays for h in desk.hours],
        "category_cuts": _cuts([c.share for c in desk.categories]),
        "tier_cuts": _cuts(desk.tier_shares),
        "priority_cuts": _cuts(desk.priority_shares),
        "category_team": [c.team for c in desk.categories],
        "mu": [
            log_moments(c.mean_s, c.cv)[0] + math.log(work)
            for c in desk.categories
            for work in desk.work()
        ],
        "sigma": [log_moments(c.mean_s, c.cv)[1] for c in desk.categories],
        "chance": desk.return_chance().ravel().tolist(),
        "serves": [int(t in served) for served in desk.groups for t in range(desk.teams)],
        **{name: [-1] * (desk.teams * 3) for name in ("head", "tail")},
        **{name: [-1] * len(desk.groups) for name in ("first_idle", "last_idle")},
    }
    for name, values in tables.items():
        setattr(floor, name, cb.Array(values))
    room = int(1.3 * desk.cases_a_day * desk.working_days + 1000)
    for name in (
        "case", "contact", "category", "tier", "priority", "opened", "deadline", "start", "end",
        "agent", "outcome", "following",
    ):  # fmt: skip
        setattr(floor, name, cb.Array(room))
    for name in COLUMNS:
        column = cb.Dataset()
        column.capture()
        setattr(floor, f"out_{name}", column)
    floor.agents = [_agent(floor, desk, i) for i in range(desk.agents)]
    return floor


def _agent(floor: Floor, desk: Desk, number: int) -> Agent:
    agent = Agent()
    agent.floor, agent.number = floor, number
    agent.group, agent.speed = desk.agent_group[number], desk.speed[number]
    agent.shift_start = float(desk.shift_starts[desk.agent_shift[number]])
    return agent


def _cuts(shares: Any) -> list[float]:
    return [float(x) for x in np.cumsum(shares)[:-1] / np.sum(shares)]


@cache
def experiment(desk: Desk) -> tuple[Floor, Any]:
    """Return the model and an experiment of many replications, of which single ones are run."""
    floor = _floor(desk)
    window = cb.Window(duration=float(desk.calendar_days * DAY))
    return floor, cb.Experiment(floor, replications=REPLICATIONS, window=window, seed=20250106)


def run(desk: Desk, replication: int) -> tuple[np.ndarray, ...]:
    """Simulate one replication; one array a column."""
    floor, trials = experiment(desk)
    results = trials.only(trials=[replication], workers=1, on_failure="raise")[floor]
    return tuple(getattr(results, f"out_{name}").trial(0, 0)[1] for name in COLUMNS)


def count(rows: tuple[np.ndarray, ...], desk: Desk) -> Counts:
    """Count for the comparison."""
    table = np.empty(len(rows[0]), dtype=ROW)
    for name, column in zip(COLUMNS, rows, strict=True):
        table[name] = column
    return counts(table, desk)


assert (ANSWERED, ABANDONED, OPEN) == (0, 1, 2), "compiled code has these as literals"
