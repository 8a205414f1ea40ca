"""Instants among consecutive edges (days, weeks, months of a local calendar), as expressions.

An engine is told the edges themselves, computed in Python with the zone's rules, so that a day of
23 or 25 hours is the same day everywhere. Edges in equal steps are told as one division, the
others as a choice by halves.
"""

from __future__ import annotations

from typing import NamedTuple

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from svcsim.metrics.warehouse.expressions import number

Floats = NDArray[np.float64]


class _Run(NamedTuple):
    """Edges from ``first`` on in steps of ``step`` (0: only one)."""

    first: int
    start: float
    step: float


def period_of(instant: nw.Expr, edges: Floats) -> nw.Expr:
    """Return i with edges[i] <= instant < edges[i+1] (whole number), -1 outside or missing."""
    before = edges_before(instant, edges, at_edge=True)
    inside = (before > 0) & (before < len(edges))
    return nw.when(inside).then(before - 1).otherwise(nw.lit(-1, dtype=nw.Int64()))


def edges_before(instant: nw.Expr, edges: Floats, *, at_edge: bool) -> nw.Expr:
    """Return how many edges are before an instant (``at_edge``: or at it); 0 for a missing one.

    Edges ascend and may be equal.
    """
    runs = _runs(edges)
    after = [_count(instant, run, at_edge) for run in runs]
    after[-1] = number(len(edges))  # behind the last edge
    return _choose(instant, runs, after, at_edge).cast(nw.Int64())


def _runs(edges: Floats) -> list[_Run]:
    """Return edges cut where their steps change; the last edge is a run of its own."""
    steps, runs, at, last = np.diff(edges), [], 0, len(edges) - 1
    while at < last:
        end = at + 1
        while end < last and steps[end] == steps[at] and steps[at] > 0:
            end += 1
        runs.append(_Run(at, float(edges[at]), float(steps[at]) if end > at + 1 else 0.0))
        at = end
    return [*runs, _Run(last, float(edges[last]), 0.0)]


def _count(instant: nw.Expr, run: _Run, at_edge: bool) -> nw.Expr:
    """Return the edges before an instant that lies in a run."""
    if run.step == 0:
        return number(run.first + 1)
    steps = (instant - number(run.start)) / number(run.step)
    passed = steps.floor() + number(1) if at_edge else steps.ceil()
    return passed + number(run.first)


def _choose(instant: nw.Expr, runs: list[_Run], after: list[nw.Expr], at_edge: bool) -> nw.Expr:
    """Return the count of the last run that begins before the instant, by halves."""
    nothing = number(0)

    def among(low: int, high: int) -> nw.Expr:
        """Choose among runs low .. high - 1; the instant is behind the start of low (-1: none)."""
        if high - low == 1:
            return nothing if low < 0 else after[low]
        middle = (low + high) // 2
        start = number(runs[middle].start)
        behind = instant >= start if at_edge else instant > start
        return nw.when(behind).then(among(middle, high)).otherwise(among(low, middle))

    return among(-1, len(runs))
