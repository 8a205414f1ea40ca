"""Open contacts over time, by exact integration, from arrivals counted by an engine."""

from __future__ import annotations

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from svcsim.contacts.window import Window
from svcsim.metrics.metric import TimeAverage
from svcsim.metrics.reduce import Reduced
from svcsim.metrics.spells import open_contacts
from svcsim.metrics.warehouse.edges import edges_before
from svcsim.metrics.warehouse.expressions import number
from svcsim.metrics.warehouse.groups import KEY, Grouped
from svcsim.metrics.warehouse.rows import ended, fetch

Floats = NDArray[np.float64]


def backlog(kind: TimeAverage, grouped: Grouped, window: Window, edges: Floats) -> Reduced:
    """Return the open contacts of every group and period; see `metrics.spells.backlog`."""
    clipped = np.clip(edges, window.start, min(window.end, window.observed_until))
    opened = _accumulate(grouped, nw.col("opened_s"), clipped, at_edge=False)
    gone = _accumulate(grouped, ended(), clipped, at_edge=True)
    return open_contacts(kind, opened, gone, clipped)


def _accumulate(
    grouped: Grouped, instant: nw.Expr, edges: Floats, *, at_edge: bool
) -> tuple[Floats, Floats]:
    """Return, for each group and edge e, Σ max(0, e − x) and the number of x before e.

    ``at_edge`` counts x <= e, else x < e; a missing instant never comes. The engine counts the
    instants between edges and adds up how far they are behind the first one.
    """
    table = grouped.table.select(key=nw.col(KEY), instant=instant)
    table = table.filter(~nw.col("instant").is_null())
    table = table.with_columns(
        edge=edges_before(nw.col("instant"), edges, at_edge=not at_edge),
        since=nw.col("instant") - number(float(edges[0])),
    )
    found = fetch(table.group_by("key", "edge").agg(n=nw.len(), since=nw.col("since").sum()))
    counts, sums = np.zeros((2, len(grouped.groups), len(edges) + 1))
    where = grouped.of(found["key"].astype(np.int64)), found["edge"].astype(np.int64)
    np.add.at(counts, where, found["n"])
    np.add.at(sums, where, found["since"])
    before, total = np.cumsum(counts, axis=1)[:, :-1], np.cumsum(sums, axis=1)[:, :-1]
    return before * (edges - edges[0]) - total, before
