"""Queues as short recursions that know no events: a clock must equal them, difference exactly 0."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

NOT = -1.0
"""An instant that did not come."""


def first_come_first_served(
    arrivals: Sequence[int],
    service: Sequence[int],
    patience: Sequence[int],
    servers: int,
    stop: int,
) -> NDArray[np.float64]:
    """Return (wait, left at, begun at) of each customer of G/G/c+G; -1 where it did not come.

    The server who is free first takes the next customer: V = max(0, free - arrival); who is not
    as patient as V leaves. Nothing at or after ``stop`` happens.
    """
    free = [0] * servers
    rows = np.full((len(arrivals), 3), NOT)
    for i, (at, work, stay) in enumerate(zip(arrivals, service, patience, strict=True)):
        wait = max(0, free[0] - at)
        if stay < wait:
            if at + stay < stop:
                rows[i] = stay, at + stay, NOT
        elif at + wait < stop:
            rows[i] = wait, NOT, at + wait
            heapq.heapreplace(free, at + wait + work)
    return rows


def by_class(
    arrivals: Sequence[int],
    classes: Sequence[int],
    service: Sequence[int],
    patience: Sequence[int],
    servers: int,
    stop: int,
) -> NDArray[np.float64]:
    """Return the same of non-pre-emptive priorities: an event list and one line for each class.

    Class 0 goes first. Ends of one second come before arrivals, and both before matching.
    """
    events = [(int(at), 1, i) for i, at in enumerate(arrivals)]
    heapq.heapify(events)
    lines: list[list[int]] = [[] for _ in range(max(classes) + 1)]
    rows = np.full((len(arrivals), 3), NOT)
    idle = servers
    while events and events[0][0] < stop:
        now = events[0][0]
        while events and events[0][0] == now:
            _, kind, i = heapq.heappop(events)
            if kind:
                heapq.heappush(lines[classes[i]], i)
            else:
                idle += 1
        while idle and any(lines):
            i = heapq.heappop(next(line for line in lines if line))
            if arrivals[i] + patience[i] < now:
                rows[i] = patience[i], arrivals[i] + patience[i], NOT
                continue
            rows[i] = now - arrivals[i], NOT, now
            idle -= 1
            heapq.heappush(events, (now + int(service[i]), 0, i))
    for line in lines:
        for i in line:
            if arrivals[i] + patience[i] < stop:
                rows[i] = patience[i], arrivals[i] + patience[i], NOT
    return rows


def paused_overnight(
    arrivals: Sequence[int],
    service: Sequence[int],
    servers: int,
    hours: tuple[int, int],
    stop: int,
) -> NDArray[np.float64]:
    """Return the wait of each customer of G/G/c whose servers pause outside office hours; or -1.

    In the time that is staffed this is G/G/c: arrivals are mapped to it, beginnings back. Times
    are seconds since midnight of the first day, ``hours`` seconds of the day.
    """
    opens, closes = hours
    length = closes - opens
    free = [0] * servers
    out = np.full(len(arrivals), NOT)
    for i, (at, work) in enumerate(zip(arrivals, service, strict=True)):
        day, of_day = divmod(at, 86400)
        staffed = day * length + min(max(of_day - opens, 0), length)
        begin = max(staffed, free[0])
        heapq.heapreplace(free, begin + work)
        done, rest = divmod(begin, length)
        begun = at if begin == staffed and opens <= of_day < closes else done * 86400 + opens + rest
        if begun < stop:
            out[i] = begun - at
    return out


def offered_waits(
    arrivals: Sequence[int], begun: Sequence[int], work: Sequence[int], servers: int
) -> NDArray[np.int64]:
    """Return how long each customer would have waited who does not leave.

    ``begun`` and ``work`` of those served; -1 as ``begun`` for those who left.
    """
    free = [-(1 << 60)] * servers
    out = np.zeros(len(arrivals), dtype=np.int64)
    for i, (at, start, busy) in enumerate(zip(arrivals, begun, work, strict=True)):
        out[i] = max(0, free[0] - at)
        if start >= 0:
            heapq.heapreplace(free, start + busy)
    return out
