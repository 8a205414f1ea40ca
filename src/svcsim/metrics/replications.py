"""A log of many replications in parts: each fits a processor's cache, and several go at once.

Groups never span replications, and neither do cases or agents, so every part is measured by
itself, to the same bits as the whole.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from svcsim.contacts.codes import memory_of
from svcsim.contacts.log import ContactLog
from svcsim.metrics.groups import Groups, Ints

WORTH_IT = 200_000
"""Rows below which a log is measured as a whole: a part costs about a millisecond by itself."""


class Part(NamedTuple):
    """One replication: its log, and its groups with the rows of that log."""

    log: ContactLog
    groups: Groups


def replications(log: ContactLog, groups: Groups) -> list[Part]:
    """Return a big log replication by replication, or nothing when it is not held like that.

    Rows, and those of the tables beside them, must come replication after replication.
    """
    if len(log) < WORTH_IT or len(groups.replications) < 2:
        return []
    held: dict[str, Any] = {f.name: getattr(log, f.name) for f in fields(log)}
    tables = {n: table for n, table in held.items() if isinstance(table, pd.DataFrame)}
    cut = {name: _cut(table, groups.replications) for name, table in tables.items()}
    if not all(cut.values()):
        return []
    combinations = len(groups.code)
    parts, start = [], 0
    for k, number in enumerate(groups.replications):
        frames: dict[str, Any] = {name: pieces[k] for name, pieces in cut.items()}
        stop = start + len(frames["frame"])
        own = groups.row[start:stop] - k * combinations
        own_groups = replace(groups, row=own, replications=np.array([number], dtype=np.int64))
        parts.append(Part(replace(log, **frames), own_groups))
        start = stop
    return parts


def _cut(table: pd.DataFrame, numbers: Ints) -> list[pd.DataFrame]:
    """Return the rows of each replication, nothing unless the table holds them in that order.

    Kept as long as the table, so that codes of texts are made once.
    """
    memory, key = memory_of(table), f"parts by replication {hash(numbers.tobytes())}"
    if key not in memory:
        memory[key] = _pieces(table, numbers)
    pieces: list[pd.DataFrame] = memory[key]
    return pieces


def _pieces(table: pd.DataFrame, numbers: Ints) -> list[pd.DataFrame]:
    if "replication" not in table:
        return []
    replication = table["replication"].to_numpy()
    if not (replication[1:] >= replication[:-1]).all():
        return []
    bounds = np.append(np.searchsorted(replication, numbers), len(table))
    return [table.iloc[a:b] for a, b in zip(bounds[:-1], bounds[1:], strict=True)]
