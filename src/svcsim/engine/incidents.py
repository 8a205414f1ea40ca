"""Incidents: when each happens and how many cases it may bring."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from svcsim.engine import draws
from svcsim.engine.plain_demand import PlainBurst
from svcsim.errors import Finding, InputError
from svcsim.model.events import MOST_CASES

HOUR_BITS, INCIDENT_BITS, CASE_BITS = 15, 4, 13
"""A case of an incident is keyed by hour, number of the incident in it, and its own number."""


@dataclass(frozen=True)
class Cells:
    """What `points` draws from, one entry a cell; ``row`` is the source that a cell belongs to."""

    mass: NDArray[np.float64]
    begin: NDArray[np.float64]
    length: NDArray[np.float64]
    base: NDArray[np.int64]
    room: NDArray[np.int64]
    row: NDArray[np.int64]

    @classmethod
    def joined(cls, parts: list[Cells]) -> Cells:
        """Return the cells of all parts; the row of each is the position of its part."""
        columns = {f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)}
        sizes = [len(part.mass) for part in parts]
        columns["row"] = np.repeat(np.arange(len(parts), dtype=np.int64), sizes)
        return cls(**columns)


def incidents(
    burst: PlainBurst,
    start: date,
    timezone: str,
    begin: NDArray[np.float64],
    length: NDArray[np.float64],
    seed: int,
    replication: int,
) -> Cells:
    """Return one cell for every incident of a kind: its expected cases, from its instant on.

    A random incident of an hour exists while the height of its point is below ``per_week`` / 168,
    so more incidents are the same ones and some more. A geometric number of cases with mean m is
    Poisson given an exponential mean, so that more cases are the same ones and some more, too.
    """
    if len(begin) > 1 << HOUR_BITS:
        raise InputError(
            Finding(
                f"bursts.{burst.name}", f"{len(begin)} hours are simulated",
                f"expected at most {1 << HOUR_BITS} where incidents are declared",
            )
        )  # fmt: skip
    law = "geometric" if burst.geometric else "poisson"
    if burst.size > MOST_CASES[law]:  # an uncertain size that was drawn larger
        raise InputError(crowded_incident(burst.name, f"an incident of {burst.size:.0f} cases"))
    found = _at(burst, start, timezone, len(begin))
    if burst.at is None:
        found = _random(burst, begin, length, seed, replication)
    hour = np.array([h for h, _, _ in found], dtype=np.int64)
    number = np.array([n for _, n, _ in found], dtype=np.int64)
    instant = np.array([t for _, _, t in found], dtype=np.float64)
    name = (hour << INCIDENT_BITS) | number
    mass = np.full(len(name), burst.size)
    if burst.geometric:
        u = draws.block(seed, replication, name, 0, 0, draws.BURST_HEIGHT >> 2, burst.stream)
        mass = mass * [-math.log(x) for x in u[draws.BURST_SIZE & 3].tolist()]
    return Cells(
        mass, instant, np.full(len(name), burst.over), name << CASE_BITS,
        np.full_like(name, 1 << CASE_BITS), name,
    )  # fmt: skip


def crowded_incident(name: str, found: str) -> Finding:
    """Return what is said of an incident whose cases could not be numbered."""
    most = " or ".join(f"{number} ({law})" for law, number in MOST_CASES.items())
    return Finding(
        f"bursts.{name}.size", found, f"expected at most {most} cases on average",
        "write several bursts instead",
    )  # fmt: skip


def _at(burst: PlainBurst, start: date, timezone: str, hours: int) -> list[tuple[int, int, float]]:
    """Return the hour and instant of the one incident at a local time, when it is simulated."""
    if burst.at is None:
        return []
    hour = (burst.at.date() - start).days * 24 + burst.at.hour
    instant = burst.at.replace(tzinfo=ZoneInfo(timezone)).timestamp()
    return [(hour, 0, instant)] if 0 <= hour < hours else []


def _random(
    burst: PlainBurst,
    begin: NDArray[np.float64],
    length: NDArray[np.float64],
    seed: int,
    replication: int,
) -> list[tuple[int, int, float]]:
    """Return (hour, number in it, instant) of the random incidents, in that order."""
    mass = burst.per_week / 168.0
    hour = np.arange(len(begin), dtype=np.int64)
    height = np.zeros(len(begin))
    found: list[tuple[int, int, float]] = []
    number = 0
    while len(hour) and number < 1 << INCIDENT_BITS:
        name = (hour << INCIDENT_BITS) | number
        u = draws.block(seed, replication, name, 0, 0, draws.BURST_HEIGHT >> 2, burst.stream)
        height = height - [math.log(x) for x in u[0].tolist()]
        here = height < mass
        instant = begin[hour] + u[1] * length[hour]
        found += [(h, number, t) for h, t in zip(hour[here].tolist(), instant[here], strict=True)]
        hour, height = hour[here], height[here]
        number += 1
    return sorted(found)
