"""Metrics over time rather than over contacts: backlog and occupancy, by exact integration."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog
from svcsim.metrics.facts import ended_s
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
    came, before = _accumulate(group, opened, size, clipped, "right")
    went, left = _accumulate(group, ended, size, clipped, "left")
    length = np.diff(clipped)
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


def staffing(kind: SpellRatio, log: ContactLog, groups: pd.DataFrame, edges: Floats) -> Reduced:
    """Return Σ seconds of work / Σ staffed seconds, or the latter, of every group and period.

    Both are cut to the part of the period inside the window; ``n`` counts spells of work (spells
    on duty for the staffed time). Groups other than by agent and team have no staffed time and
    stay empty.
    """
    alone = isinstance(kind, StaffedTime)
    size = len(groups) * (len(edges) - 1)
    blank = np.full(size, np.nan)
    empty = Reduced(blank, np.zeros(size, dtype=np.int64), blank, blank)
    if log.staffed is None or (log.work is None and not alone):
        return empty
    clipped = np.clip(edges, log.start, min(log.end, log.observed_until))
    staffed = _groups_of(log.staffed, groups)
    if staffed is None:
        return empty
    present, shifts = _spell_seconds(log.staffed, staffed, len(groups), clipped)
    if alone or log.work is None:
        value = np.where(present > 0, present, np.nan).ravel()
        return Reduced(value, shifts.ravel().astype(np.int64), blank, blank)
    work = _groups_of(log.work, groups)
    if work is None:
        return empty
    busy, spells = _spell_seconds(log.work, work, len(groups), clipped)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(present > 0, busy / present, np.nan).ravel()
    n = np.where(np.isnan(value), 0, spells.ravel()).astype(np.int64)
    return Reduced(value, n, blank, blank)


def _accumulate(
    group: Ints, instants: Floats, size: int, edges: Floats, side: str
) -> tuple[Floats, Floats]:
    """Return, for each group and edge e, Σ max(0, e − x) and the number of x before e.

    ``side`` right counts x < e, left counts x <= e; a missing instant never comes.
    """
    never = len(edges)
    place = np.searchsorted(edges, instants, side="right" if side == "right" else "left")
    place = np.where(np.isnan(instants), never, place)
    key = group * (never + 1) + place
    since = np.where(place < never, instants - edges[0], 0.0)
    shape = (size, never + 1)
    counts = np.bincount(key, minlength=size * (never + 1)).reshape(shape)[:, :never]
    sums = np.bincount(key, since, size * (never + 1)).reshape(shape)[:, :never]
    before, total = np.cumsum(counts, axis=1), np.cumsum(sums, axis=1)
    return before * (edges - edges[0]) - total, before.astype(np.float64)


def _spell_seconds(
    spells: pd.DataFrame, group: Ints, size: int, edges: Floats
) -> tuple[Floats, Floats]:
    """Return seconds of the spells inside every group and period, and spells touching it."""
    starts, ends = spells["start_s"].to_numpy(float), spells["end_s"].to_numpy(float)
    use = (group >= 0) & np.isfinite(starts) & np.isfinite(ends)
    begun, before = _accumulate(group[use], starts[use], size, edges, "right")
    done, left = _accumulate(group[use], ends[use], size, edges, "left")
    return np.diff(begun - done, axis=1), before[:, 1:] - left[:, :-1]


def _groups_of(spells: pd.DataFrame, groups: pd.DataFrame) -> Ints | None:
    """Return the group of every spell, -1 for none; None when spells cannot tell groups apart."""
    keys = [name for name in groups.columns if name in spells]
    if keys != list(groups.columns):
        one_replication = groups["replication"].nunique() == 1
        if not one_replication or keys != [c for c in groups.columns if c != "replication"]:
            return None
    if not keys:
        return np.zeros(len(spells), dtype=np.int64)
    index = pd.MultiIndex.from_frame(groups[keys])
    wanted = pd.MultiIndex.from_frame(spells[keys])
    return np.asarray(index.get_indexer(wanted), dtype=np.int64)
