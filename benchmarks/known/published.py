"""Figures that other programs printed: pyworkforce, turbotab, ContactCenters."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np

from known.desks import MONDAY, category, desk, exponential
from known.formulas import general_patience, transient_erlang_c
from known.measure import (
    DAY,
    Effort,
    Estimate,
    Row,
    agrees,
    between,
    equals,
    observe,
    ratio,
    tables,
)
from known.queues import HOUR, waited
from svcsim.engine.rows import NEVER, Tables
from svcsim.model.demand import WEEKDAYS
from svcsim.model.service import ServiceModel
from svcsim.stats import queueing

TWENTY = 20.0
"""Factor on time: calls of 3 minutes last an hour, and the limit of 20 s is 400 s."""


def erlang(effort: Effort) -> list[Row]:
    """E1, E2: pyworkforce's examples: 100 calls in 30 min of 3 min, 20 s; formula and desk."""
    wait = queueing.erlang_c(14, 10.0)
    level = 1.0 - queueing.wait_beyond(200.0, 20.0, 14, 20 / HOUR)
    more = 1.0 - queueing.wait_beyond(200.0, 20.0, 15, 20 / HOUR)
    lost = queueing.erlang_a(200.0, 20.0, 13, 12.0, within=20 / HOUR)
    again = general_patience(200.0, 20.0, 13, (0.0,), (12.0,), within=20 / HOUR)
    out = [
        equals("E1", "Erlang C, 14 agents: P(wait)", 0.1741319335950498, wait, 1e-12),
        equals("E1", "Erlang C, 14 agents: SL(20 s)", 0.8883500191794669, level, 1e-12),
        equals("E1", "Erlang C, 15 agents: SL(20 s)", 0.9415, more, 5e-5),
        equals("E1", "Erlang C, 14 agents: occupancy", 0.7142857, 10 / 14, 5e-8),
        equals("E2", "Erlang A, 13 agents: P(wait)", 0.2257970840, lost.p_wait, 1e-9),
        equals("E2", "Erlang A, 13 agents: P(lost)", 0.0249633036, lost.p_abandon, 1e-9),
        equals("E2", "Erlang A, 13 agents: mean wait min", 0.1248165182, lost.mean_wait * 60, 1e-8),
        equals("E2", "Erlang A, 13 agents: occupancy", 0.7500282280, lost.occupancy, 1e-9),
        equals("E2", "Erlang A, 13 agents: SL(20 s)", 0.858, lost.served_within, 5e-4),
        equals("E2", "Erlang A by sums on a grid: P(lost)", lost.p_abandon, again.p_abandon, 1e-6),
        equals("E2", "Erlang A by sums on a grid: served in time", lost.served_within,
               again.served_within, 1e-6),
    ]  # fmt: skip
    limit = 20 * TWENTY
    seen = observe(desk(10.0, 14), 6_000, effort, 900)
    out += [
        agrees("E1", "desk, 14 agents: P(wait)", wait, seen.mean(waited(seen))),
        agrees("E1", "desk, 14 agents: SL(20 s)", level, seen.mean(seen["wait"] <= limit)),
        agrees("E1", "desk, 14 agents: occupancy", 10 / 14,
               seen.an_hour(seen["handle"] / HOUR / 14)),
    ]  # fmt: skip
    seen = observe(desk(10.0, 13, patience={"hazard": (0.6,)}), 6_000, effort, 901)
    minutes = seen["wait"] / 60 / TWENTY
    in_time = (seen["wait"] <= limit) & ~seen.lost
    return [
        *out,
        agrees("E2", "desk, 13 agents: P(wait)", 0.226, seen.mean(waited(seen)), slack=5e-4),
        agrees("E2", "desk, 13 agents: P(lost)", 0.025, seen.mean(seen.lost), slack=5e-4),
        agrees("E2", "desk, 13 agents: mean wait min", 0.125, seen.mean(minutes), slack=5e-4),
        agrees("E2", "desk, 13 agents: SL(20 s)", 0.858, seen.mean(in_time), slack=5e-4),
    ]


def staffing(effort: Effort) -> list[Row]:
    """E3: turbotab's example: 25 calls in 600 s of 180 s, 80 % in 20 s, shrinkage 30 %."""
    del effort  # nothing is random
    per_second = 25 / 600
    needed = queueing.servers_for(per_second, 1 / 180, 20.0, 0.8)
    out = [
        equals("E3", f"SL with {c} agents", level,
               1.0 - queueing.wait_beyond(per_second, 1 / 180, c, 20.0), 5e-5)
        for c, level in ((10, 0.7678), (11, 0.8808))
    ]  # fmt: skip
    return [
        *out,
        equals("E3", "productive agents", 11, needed, 0.0),
        equals("E3", "scheduled agents", 16, math.ceil(needed / 0.7), 0.0),
    ]


# -- E4: eight hours from empty ----------------------------------------------------------------

SIXTY = 60.0
"""Factor on time: a minute lasts an hour, the eight hours 20 days; 4 days without calls follow."""
BUSY, CYCLE = 20, 24


def from_empty(effort: Effort) -> list[Row]:
    """E4, E4b: ContactCenters' MMC and MMCAb: 4.2 calls a minute, 12 agents, 8 h from empty.

    Published over 1000 days with 95 % intervals; and against the exact transient. The clock's
    whole seconds matter at the published speed (a call ends every 10 s), so time is stretched.
    """
    steady = queueing.erlang_a(4.2, 0.5, 12, 1.0, within=1 / 3)
    level, wait, busy = transient_erlang_c(4.2, 0.5, 12, 480.0, 1 / 3)
    got = _eight_hours(None, effort, 910)
    out = [
        between("E4", "calls in time a day", 1812.6, 1819.7, got["in time"]),
        between("E4", "share in time", 0.900, 0.904, got["share"]),
        agrees("E4", "mean wait min", 0.099, got["wait"], slack=0.004),
        agrees("E4", "occupancy", 0.695, got["busy"], slack=0.0025),
        agrees("E4", "share in time, exact", level, got["share"]),
        agrees("E4", "calls in time a day, exact", 2016 * level, got["in time"]),
        agrees("E4", "mean wait min, exact", wait, got["wait"]),
        agrees("E4", "occupancy, exact", busy, got["busy"]),
        equals("E4", "steady P(wait), formula", 0.18389, queueing.erlang_c(12, 8.4), 5e-6),
        equals("E4", "steady mean wait min, formula", 0.10216, queueing.mean_wait(4.2, 0.5, 12),
               5e-6),
    ]  # fmt: skip
    got = _eight_hours({"hazard": (1.0,)}, effort, 911)
    return [
        *out,
        between("E4b", "calls lost a day", 57.66, 59.56, got["lost"]),
        agrees("E4b", "calls in time a day", 1908.0, got["in time"], slack=2.4),
        agrees("E4b", "in time / served", 0.975, got["of served"], slack=5e-4),
        agrees("E4b", "in time / (all - lost in time)", 0.968, got["of others"], slack=5e-4),
        agrees("E4b", "mean wait of the served min", 0.024, got["wait of served"], slack=5e-4),
        equals("E4b", "steady P(lost), formula", 0.029679, steady.p_abandon, 5e-7),
    ]


def _eight_hours(patience: dict | None, effort: Effort, seed: int) -> dict[str, Estimate]:
    """Simulate eight-hour days, each from empty, stretched so that a minute is an hour."""
    days = max(round(1_000 * effort.size), 12)
    count = math.ceil(days / 60)
    each = math.ceil(days / count)
    quiet = {
        f"after {k}": {
            "from": str(MONDAY + timedelta(days=k * CYCLE + BUSY)),
            "until": str(MONDAY + timedelta(days=(k + 1) * CYCLE)),
            "times": 0.0,
        }
        for k in range(each)
    }
    model = desk(
        4.2, 12, categories={"all": category(exponential(120 * SIXTY))}, patience=patience,
        campaigns=quiet,
    )  # fmt: skip
    parts = [
        _by_day(tables(model, each * CYCLE, seed, replication, effort.engine), each)
        for replication in range(1, count + 1)
    ]
    sums = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    ones = np.ones(count * each)
    served = sums["calls"] - sums["lost"]
    return {
        "in time": ratio(sums["in time"], ones),
        "lost": ratio(sums["lost"], ones),
        "share": ratio(sums["in time"], sums["calls"]),
        "of served": ratio(sums["in time"], served),
        "of others": ratio(sums["in time"], sums["calls"] - sums["lost in time"]),
        "wait": ratio(sums["wait"] / 60 / SIXTY, sums["calls"]),
        "wait of served": ratio(sums["wait of served"] / 60 / SIXTY, served),
        "busy": ratio(sums["busy"], ones * 12 * BUSY * DAY),
    }


def _by_day(made: Tables, days: int) -> dict[str, np.ndarray]:
    """Return sums over the calls of every (stretched) day; busy time in the eight hours alone."""
    rows, work = made.rows, made.work
    day, of = rows["opened"] // (CYCLE * DAY), work["start"] // (CYCLE * DAY)
    lost, soon = rows["abandoned"] != NEVER, rows["wait"] <= 20 * SIXTY
    close = of * CYCLE * DAY + BUSY * DAY
    inside = np.maximum(np.minimum(work["end"], close) - work["start"], 0)
    columns = {
        "calls": (day, np.ones(len(rows))),
        "in time": (day, soon & ~lost),
        "lost": (day, lost),
        "lost in time": (day, soon & lost),
        "wait": (day, rows["wait"]),
        "wait of served": (day, np.where(lost, 0, rows["wait"])),
        "busy": (of, inside),
    }
    return {name: np.bincount(at, x, minlength=days) for name, (at, x) in columns.items()}


# -- E5: a call centre with busy and quiet days ------------------------------------------------

CALLS = (100, 150, 150, 180, 200, 150, 150, 150, 120, 100, 80, 70, 60)
CREW = (4, 6, 8, 8, 8, 7, 8, 8, 6, 6, 4, 4, 4)


def call_centre() -> ServiceModel:
    """Return ContactCenters' CallCC: 13 hours, gamma(10, 10) days, changing crews, balking."""
    hours = [f"{8 + h:02d}:00" for h in range(14)]
    spans = {
        f"s{k}": [(hours[h], hours[h + 1]) for h in range(13) if CREW[h] > k] for k in range(8)
    }
    people = {f"a{k}": {"team": "team"} for k in range(8)}
    on = {f"s{k}": [f"a{k}"] for k in range(8)}
    return desk(
        1.0, people,
        categories={"all": category(exponential(100.0))},
        patience={"hazard": (3.6,), "balk": 0.1},
        staffing={"shifts": spans, "days": [{"weekday": day, "on": on} for day in WEEKDAYS]},
        arrivals={
            "level": 7.0 * sum(CALLS), "day_cv": 0.1**0.5,
            "profile": {day: (0.0,) * 8 + CALLS + (0.0,) * 3 for day in WEEKDAYS},
        },
    )  # fmt: skip


def busy_days(effort: Effort) -> list[Row]:
    """E5: CallCC, published over 1000 days with 90 % intervals; ratios over the expected 1660."""
    model = call_centre()
    total = max(round(6_000 * effort.size), 40)
    count = math.ceil(total / 1_000)
    parts = []
    for replication in range(1, count + 1):
        rows = tables(model, total // count, 920, replication, effort.engine).rows
        day = rows["opened"] // DAY
        wait = np.where(rows["wait"] == NEVER, 0, rows["wait"])
        # a wait of 20 s on the clock of whole seconds is one of 19.5 to 20.5 s: half are in time
        soon = 0.5 * (wait < 20) + 0.5 * (wait <= 20)
        parts.append(np.array([
            np.bincount(day, values, minlength=total // count)
            for values in (np.ones(len(rows)), wait, soon, rows["abandoned"] != NEVER)
        ]))  # fmt: skip
    calls, waits, soon, lost = np.concatenate(parts, axis=1)
    expected = np.full(len(calls), float(sum(CALLS)))
    spread = calls.std(ddof=1)
    error = spread / math.sqrt(2 * len(calls)) * 1.3  # gamma days: heavier than normal
    return [
        agrees("E5", "calls a day", 1660.0, ratio(calls, np.ones(len(calls)))),
        agrees("E5", "calls a day, published 1639.5 of 1000 days", 1639.5,
               ratio(calls, np.ones(len(calls))), slack=1.645 * 513 / math.sqrt(1000)),
        agrees("E5", "sd of calls a day", math.sqrt(1660 + 0.1 * 1660**2),
               Estimate(float(spread), float(error))),
        between("E5", "mean wait s", 10.06, 13.61, ratio(waits, expected)),
        between("E5", "share out of the queue in 20 s", 0.844, 0.862, ratio(soon, expected)),
        between("E5", "share lost", 0.0311, 0.0374, ratio(lost, expected)),
    ]  # fmt: skip
