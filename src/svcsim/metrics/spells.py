"""Metrics over time rather than over contacts: backlog and occupancy, by exact integration."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.compiler import given
from svcsim.contacts.codes import coded, dense
from svcsim.contacts.log import ContactLog
from svcsim.metrics.compiled_reduce import run_arrivals, run_once
from svcsim.metrics.facts import ended_s
from svcsim.metrics.groups import Groups
from svcsim.metrics.metric import SpellRatio, StaffedTime, TimeAverage
from svcsim.metrics.reduce import Reduced

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def backlog(kind: TimeAverage, log: ContactLog, group: Ints, size: int, edges: Floats) -> Reduced:
    """Return the open contacts of every group and period.

    Average: ∫ N(t) dt / length over the part of the period inside the window; at the end: N at
    the last instant of that part. ``n`` counts contacts that were open at some time in it.
    """
    clipped = np.clip(edges, log.start, min(log.end, log.observed_until))
    opened, ended = log.frame["opened_s"].to_numpy(), ended_s(log)
    came = _accumulate(group, opened, size, clipped, at_edge=False)
    went = _accumulate(group, ended, size, clipped, at_edge=True)
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
    present, shifts = _spell_seconds(_times(log.staffed), staffed, len(groups), clipped)
    if alone or log.work is None:
        value = np.where(present > 0, present, np.nan).ravel()
        return Reduced(value, shifts.ravel().astype(np.int64), blank, blank)
    work = groups.of(log.work)
    if work is None:
        return empty
    busy, spells = _spell_seconds(_at_work(log.work), work, len(groups), clipped)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(present > 0, busy / present, np.nan).ravel()
    n = np.where(np.isnan(value), 0, spells.ravel()).astype(np.int64)
    return Reduced(value, n, blank, blank)


def _accumulate(
    group: Ints, instants: Floats, size: int, edges: Floats, *, at_edge: bool
) -> tuple[Floats, Floats]:
    """Return, for each group and edge e, Σ max(0, e − x) and the number of x before e.

    ``at_edge`` counts x <= e, else x < e; a missing instant never comes.
    """
    before, since = np.zeros((2, size, len(edges)))
    inputs = given(edges, "f8"), given(instants, "f8"), given(group, "i8")
    run_arrivals(*inputs, at_edge, before, since)
    return since, before


def _times(spells: pd.DataFrame) -> tuple[Floats, Floats]:
    return spells["start_s"].to_numpy(float), spells["end_s"].to_numpy(float)


def _at_work(work: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return starts and ends of spells of work, cut so that no agent is at work twice at once."""
    starts, ends = _times(work)
    own = coded(work, "agent")
    who, many = own.code, len(own.labels)
    if "replication" in work:
        replication, numbers = dense(work["replication"].to_numpy().astype(np.int64))
        who, many = np.where(who < 0, -1, replication * many + who), many * len(numbers)
    in_order = bool(np.all(starts[1:] >= starts[:-1]))  # as simulated logs are
    order = np.arange(len(starts)) if in_order else np.argsort(starts, kind="stable")
    starts = starts.copy()
    reach = np.full(many, -np.inf)
    run_once(given(order, "i8"), given(who, "i8"), starts, given(ends, "f8"), reach)
    return starts, ends


def _spell_seconds(
    spells: tuple[Floats, Floats], group: Ints, size: int, edges: Floats
) -> tuple[Floats, Floats]:
    """Return seconds of the spells inside every group and period, and spells touching it."""
    starts, ends = spells
    group = np.where(np.isfinite(starts) & np.isfinite(ends), group, -1)
    begun, before = _accumulate(group, starts, size, edges, at_edge=False)
    done, left = _accumulate(group, ends, size, edges, at_edge=True)
    return np.diff(begun - done, axis=1), before[:, 1:] - left[:, :-1]
