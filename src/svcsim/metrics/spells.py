"""Metrics over time rather than over contacts: backlog, its age, occupancy; exact integration."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog
from svcsim.metrics.facts import ended_s
from svcsim.metrics.groups import Groups
from svcsim.metrics.metric import OpenAge, PlanRatio, SpellRatio, StaffedTime, TimeAverage
from svcsim.metrics.planned import plan_ratio
from svcsim.metrics.reduce import Reduced
from svcsim.metrics.spans import accumulate, at_work, spell_seconds, times
from svcsim.stats.interval import quantile_ranks

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def over_time(
    kind: TimeAverage | OpenAge | SpellRatio | PlanRatio,
    log: ContactLog,
    groups: Groups,
    edges: Floats,
) -> Reduced:
    """Return a metric over time in every group and period."""
    if isinstance(kind, SpellRatio):
        return staffing(kind, log, groups, edges)
    if isinstance(kind, PlanRatio):
        return plan_ratio(kind, log, groups, edges)
    if isinstance(kind, OpenAge):
        return open_age(kind, log, groups.row, len(groups), edges)
    return backlog(kind, log, groups.row, len(groups), edges)


def open_age(kind: OpenAge, log: ContactLog, group: Ints, size: int, edges: Floats) -> Reduced:
    """Return the quantile of end − opening over the contacts open at the end of each period."""
    ends = np.clip(edges, log.start, min(log.end, log.observed_until))[1:]
    opened, ended = log.frame["opened_s"].to_numpy(), ended_s(log)
    value, low, high = np.full((3, size, len(ends)), np.nan)
    n = np.zeros((size, len(ends)), dtype=np.int64)
    for place, end in enumerate(ends):
        rows = np.flatnonzero((opened < end) & ~(ended <= end) & (group >= 0))
        rows = rows[np.lexsort((-opened[rows], group[rows]))]
        first = np.searchsorted(group[rows], np.arange(size + 1))
        for where in np.flatnonzero(np.diff(first)):
            age = end - opened[rows[first[where] : first[where + 1]]]
            n[where, place] = len(age)
            value[where, place] = np.quantile(age, kind.p)
            below, above = quantile_ranks(len(age), kind.p)
            if np.isfinite(below):
                low[where, place], high[where, place] = age[int(below)], age[int(above)]
    return Reduced(value.ravel(), n.ravel(), low.ravel(), high.ravel())


def backlog(kind: TimeAverage, log: ContactLog, group: Ints, size: int, edges: Floats) -> Reduced:
    """Return the open contacts of every group and period.

    Average: ∫ N(t) dt / length over the part of the period inside the window; at the end: N at
    the last instant of that part. ``n`` counts contacts that were open at some time in it.
    """
    clipped = np.clip(edges, log.start, min(log.end, log.observed_until))
    opened, ended = log.frame["opened_s"].to_numpy(), ended_s(log)
    came = accumulate(group, opened, size, clipped, at_edge=False)
    went = accumulate(group, ended, size, clipped, at_edge=True)
    return open_contacts(kind, came, went, clipped)


def open_contacts(
    kind: TimeAverage, opened: tuple[Floats, Floats], gone: tuple[Floats, Floats], edges: Floats
) -> Reduced:
    """Return the open contacts from what came and went before each edge.

    Both are (Σ max(0, e − x), number of x) by group and edge e: x < e of those opened, x <= e of
    those gone.
    """
    (came, before), (went, left) = opened, gone
    length = np.diff(edges)
    seen = before[:, 1:] - left[:, :-1]
    if kind.at_end:
        value = before[:, 1:] - left[:, 1:]
    else:
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.diff(came - went, axis=1) / length
    known = (seen > 0) & (length > 0)
    blank = np.full(value.size, np.nan)
    n = np.where(length > 0, seen, 0).astype(np.int64)
    return Reduced(np.where(known, value, np.nan).ravel(), n.ravel(), blank, blank)


def staffing(kind: SpellRatio, log: ContactLog, groups: Groups, edges: Floats) -> Reduced:
    """Return Σ seconds at work / Σ staffed seconds, or the latter, of every group and period.

    An agent with several contacts at once is at work once. Both are cut to the part of the period
    inside the window; ``n`` counts spells of work (spells on duty for the staffed time). Groups
    other than by agent and team have no staffed time and stay empty.
    """
    alone = isinstance(kind, StaffedTime)
    size = len(groups) * (len(edges) - 1)
    blank = np.full(size, np.nan)
    empty = Reduced(blank, np.zeros(size, dtype=np.int64), blank, blank)
    if log.staffed is None or (log.work is None and not alone):
        return empty
    clipped = np.clip(edges, log.start, min(log.end, log.observed_until))
    staffed = groups.of(log.staffed)
    if staffed is None:
        return empty
    present, shifts = spell_seconds(times(log.staffed), staffed, len(groups), clipped)
    if alone or log.work is None:
        value = np.where(present > 0, present, np.nan).ravel()
        return Reduced(value, shifts.ravel().astype(np.int64), blank, blank)
    work = groups.of(log.work)
    if work is None:
        return empty
    busy, spells = spell_seconds(at_work(log.work), work, len(groups), clipped)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(present > 0, busy / present, np.nan).ravel()
    n = np.where(np.isnan(value), 0, spells.ravel()).astype(np.int64)
    return Reduced(value, n, blank, blank)
