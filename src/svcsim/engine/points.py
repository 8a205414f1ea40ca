"""Nested points: the cases of a cell are those points whose height is below the cell's mass.

A cell is an hour of a category, or one incident. Its points ``n = 0, 1, 2, ...`` have heights
that are running sums of unit exponentials, so those below the mass ``m`` are Poisson(m) in
number, and a smaller mass keeps a part of the points of a larger one: exactly the same cases.
Everything about a point is a function of (seed, replication, its key, its stream).

Plain functions of scalars and arrays, run as they are or as machine code with the same result.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from svcsim.compiler import Compiled
from svcsim.engine import draws

POINT, KIND = draws.CASE_POINT >> 2, draws.KIND_PRIORITY >> 2
OPENED, STREAM, KEY, CATEGORY, TIER, CHANNEL = 0, 1, 2, 3, 4, 5
COLUMNS: Final = 6
PRIORITY, CUSTOMER, SEGMENT, LANGUAGE = 6, 7, 8, 9
ALL_COLUMNS: Final = 10
NAMES: Final = (
    "opened", "stream", "key", "category", "tier", "channel", "priority", "customer", "segment",
    "language",
)  # fmt: skip
FULL, CROWDED = -1, -2
"""What `points` returns instead of a number: the output is full; a cell has too many points."""

SEGMENT_STREAM: Final = 0x5E67AE27
"""Stream of what belongs to a customer rather than to a case."""

block = draws.block


def pick(cuts: Any, row: int, u: float) -> int:
    """Return how many cut points of a row lie at or below ``u``: the drawn position."""
    place = 0
    while place < cuts.shape[1] and cuts[row, place] <= u:
        place += 1
    return place


def points(
    seed: int,
    replication: int,
    tick: int,
    stop: int,
    mass: Any,
    begin: Any,
    length: Any,
    base: Any,
    room: Any,
    row: Any,
    stream: Any,
    category: Any,
    sudden: Any,
    tier_cuts: Any,
    channel_cuts: Any,
    out: Any,
) -> int:
    """Write the points of all cells into ``out`` (column, point); return how many there are.

    Parameters
    ----------
    seed, replication, tick, stop : int
        ``tick``: the grid of seconds; points at or after ``stop`` are left out.
    mass, begin, length, base, room, row : array by cell
        Expected points, start and length (s), key of point 0, largest number of points, and
        which row of the next ones it belongs to.
    stream, category, sudden, tier_cuts, channel_cuts : array by row
        ``sudden``: places are exponential with mean ``length`` from ``begin``, not uniform.
    out : int64 array
        ``COLUMNS`` rows, as many columns as there is room for.
    """
    count = 0
    for cell in range(mass.shape[0]):
        limit = float(mass[cell])
        if limit <= 0.0:
            continue
        source = int(row[cell])
        chance = int(stream[source])
        first = int(base[cell])
        height = 0.0
        number = 0
        while True:
            u = block(seed, replication, first + number, 0, 0, POINT, chance)
            height -= math.log(u[0])
            if height >= limit:
                break
            if number >= room[cell]:
                return CROWDED
            if count >= out.shape[1]:
                return FULL
            place = -math.log(u[1]) if sudden[source] else u[1]
            opened = int(math.floor(begin[cell] + place * length[cell]))
            opened -= opened % tick
            if opened < stop:
                out[OPENED, count] = opened
                out[STREAM, count] = chance
                out[KEY, count] = first + number
                out[CATEGORY, count] = category[source]
                out[TIER, count] = pick(tier_cuts, source, u[2])
                out[CHANNEL, count] = pick(channel_cuts, source, u[3])
                count += 1
            number += 1
    return count


def kinds(
    seed: int,
    replication: int,
    drawn: Any,
    order: Any,
    priority_cuts: Any,
    priorities: Any,
    customers: int,
    segment_cuts: Any,
    segment_priority: Any,
    language_cuts: Any,
    out: Any,
) -> None:
    """Write the cases ``drawn`` (column, point) into ``out`` in an order, with what they lack.

    That is priority, customer, segment and language (-1: none). A customer of a population keeps
    the segment; without one the segment is the case's own.
    """
    for case in range(order.shape[0]):
        point = order[case]
        for column in range(COLUMNS):
            out[column, case] = drawn[column, point]
        u = block(seed, replication, int(out[KEY, case]), 0, 0, KIND, int(out[STREAM, case]))
        kind = out[CATEGORY, case]
        priority = priorities[kind, pick(priority_cuts, kind, u[0])]
        customer, segment, language = -1, -1, -1
        v = u[2]
        if customers > 0:
            customer = int(u[1] * customers)
            if segment_priority.shape[0] > 0:
                v = block(seed, replication, customer, 0, 0, KIND, SEGMENT_STREAM)[2]
        if segment_priority.shape[0] > 0:
            segment = pick(segment_cuts, 0, v)
            if segment_priority[segment] >= 0:
                priority = segment_priority[segment]
        if language_cuts.shape[0] > 0:
            language = pick(language_cuts, 0, u[3])
        out[PRIORITY, case] = priority
        out[CUSTOMER, case] = customer
        out[SEGMENT, case] = segment
        out[LANGUAGE, case] = language


def table(rows: list[tuple[float, ...]]) -> np.ndarray:
    """Return cut points as a matrix; shorter rows are filled with a value that no uniform has."""
    width = max((len(row) for row in rows), default=0)
    return np.array([[*row, *[2.0] * (width - len(row))] for row in rows]).reshape(len(rows), width)


_USES: list[Callable[..., Any]] = [draws.philox, draws.block, pick]
compiled_points = Compiled(points, uses=_USES)
compiled_kinds = Compiled(kinds, uses=_USES)
