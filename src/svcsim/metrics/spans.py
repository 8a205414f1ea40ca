"""Seconds and instants inside periods: the exact integration that metrics over time share."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.compiler import given
from svcsim.contacts.codes import coded, dense
from svcsim.metrics.compiled_reduce import run_arrivals, run_once

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def accumulate(
    group: Ints, instants: Floats, size: int, edges: Floats, *, at_edge: bool
) -> tuple[Floats, Floats]:
    """Return, for each group and edge e, Σ max(0, e − x) and the number of x before e.

    ``at_edge`` counts x <= e, else x < e; a missing instant never comes.
    """
    before, since = np.zeros((2, size, len(edges)))
    inputs = given(edges, "f8"), given(instants, "f8"), given(group, "i8")
    run_arrivals(*inputs, at_edge, before, since)
    return since, before


def times(spells: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return the starts and the ends of spells."""
    return spells["start_s"].to_numpy(float), spells["end_s"].to_numpy(float)


def at_work(work: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return starts and ends of spells of work, cut so that no agent is at work twice at once."""
    starts, ends = times(work)
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


def spell_seconds(
    spells: tuple[Floats, Floats], group: Ints, size: int, edges: Floats
) -> tuple[Floats, Floats]:
    """Return seconds of the spells inside every group and period, and spells touching it."""
    starts, ends = spells
    group = np.where(np.isfinite(starts) & np.isfinite(ends), group, -1)
    begun, before = accumulate(group, starts, size, edges, at_edge=False)
    done, left = accumulate(group, ends, size, edges, at_edge=True)
    return np.diff(begun - done, axis=1), before[:, 1:] - left[:, :-1]
