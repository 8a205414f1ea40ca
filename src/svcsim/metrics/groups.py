"""Groups of a table: every replication with every combination of labels that occurs in any."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.codes import Coded, coded, dense

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
BLOCK = 32768
"""Rows computed at a time."""


@dataclass(frozen=True)
class Groups:
    """Groups in the order of replications, then labels (missing text first).

    Parameters
    ----------
    row : ndarray of int
        Group of each row of the log.
    replications : ndarray of int
        The different replications.
    labels : dict
        By column, its different labels, ascending.
    code : ndarray of int
        One number for each combination of labels that occurs, ascending: its places among the
        labels as digits (0 = missing), the first column first.
    """

    row: Ints
    replications: Ints
    labels: dict[str, pd.Index]
    code: Ints

    def __len__(self) -> int:
        return len(self.replications) * len(self.code)

    def columns(self) -> dict[str, Any]:
        """Return the replication and the labels of every group."""
        out: dict[str, Any] = {"replication": np.repeat(self.replications, len(self.code))}
        rest = self.code
        for name, labels in reversed(self.labels.items()):
            rest, digit = np.divmod(rest, len(labels) + 1)
            out[name] = _texts(labels, np.tile(digit, len(self.replications)) - 1)
        return {name: out[name] for name in ("replication", *self.labels)}

    def of(self, spells: pd.DataFrame) -> Ints | None:
        """Return the group of every spell, -1 for none; None when spells cannot tell them apart."""
        if any(name not in spells for name in self.labels):
            return None
        if "replication" not in spells and len(self.replications) > 1:
            return None
        digits = [_digits(labels, coded(spells, name)) for name, labels in self.labels.items()]
        if len(digits) == 1:  # a group is a label: placed once a label, not once a spell
            ((of_label, code),) = digits
            group = np.where(of_label < 0, -1, _place(self.code, of_label))[code]
        else:
            code = np.zeros(len(spells), dtype=np.int64)
            unknown: Flags = np.zeros(len(spells), dtype=bool)
            for (of_label, own), labels in zip(digits, self.labels.values(), strict=True):
                digit = of_label[own]
                unknown |= digit < 0
                code = code * (len(labels) + 1) + digit
            group = _place(self.code, np.where(unknown, -1, code))
        if "replication" in spells:
            numbers = spells["replication"].to_numpy().astype(np.int64)
            replication = _place(self.replications, numbers)
            alone = (group < 0) | (replication < 0)
            group = np.where(alone, -1, replication * len(self.code) + group)
        return group


def _digits(labels: pd.Index, own: Coded) -> tuple[Ints, Ints]:
    """Return the digit of each label of spells, and the place of every spell's label among them.

    A digit is 1 .. for one of ours, -1 for another, 0 (the last) for a missing one.
    """
    digits = np.append(labels.get_indexer(own.labels), -1) + 1
    digits[:-1][digits[:-1] == 0] = -1
    return digits, own.code


def group_rows(frame: pd.DataFrame, by: Sequence[str]) -> Groups:
    """Return the groups of a log's frame by text columns.

    Computed in blocks of rows, so that nothing as long as the log is made beside the result.
    """
    found = {name: coded(frame, name) for name in by}
    ranks = {name: known.ranks() for name, known in found.items()}
    row = np.zeros(len(frame), dtype=np.int64)
    span = math.prod(len(labels) + 1 for _, labels in ranks.values())
    narrow = span <= 4 * len(frame) + 1000
    occurs = np.zeros(span if narrow else 0, dtype=bool)
    for block in _blocks(len(frame)):
        for name, (rank, labels) in ranks.items():
            row[block] = row[block] * (len(labels) + 1) + rank[found[name].code[block]] + 1
        if narrow:
            occurs[row[block]] = True
    if narrow:
        different = np.flatnonzero(occurs)
        place = np.cumsum(occurs) - 1
        for block in _blocks(len(frame)):
            row[block] = place[row[block]]
    else:
        row, different = dense(row)
    numbers = _add_replications(row, frame["replication"].to_numpy(), len(different))
    return Groups(row, numbers, {name: labels for name, (_, labels) in ranks.items()}, different)


def _add_replications(row: Ints, replication: NDArray[Any], each: int) -> Ints:
    """Shift rows by ``each`` groups a replication; return the different ones, ascending."""
    if len(row) and not (replication[1:] >= replication[:-1]).all():
        rank, numbers = dense(replication.astype(np.int64))
        row += rank * each
        return numbers
    first = np.flatnonzero(np.append(True, replication[1:] != replication[:-1])[: len(row)])
    for k, (start, stop) in enumerate(pairwise([*first.tolist(), len(row)])):
        row[start:stop] += k * each
    return replication[first].astype(np.int64)


def _blocks(rows: int) -> Iterator[slice]:
    """Yield spans of rows that stay in a processor's cache."""
    for start in range(0, rows, BLOCK):
        yield slice(start, start + BLOCK)


def _texts(labels: pd.Index, places: Ints) -> Any:
    """Return labels by place, -1 for a missing one; identifiers may be whole numbers."""
    if labels.dtype.kind in "iu":
        return labels.to_numpy()[places]
    return pd.array(labels.to_numpy(), dtype="str").take(places, allow_fill=True)


def _place(ascending: Ints, values: Ints) -> Ints:
    """Return where each value stands, -1 for one that is not there."""
    if not len(ascending) or not len(values):
        return np.full(len(values), -1, dtype=np.int64)
    last = int(ascending[-1])
    if ascending[0] >= 0 and last <= 4 * len(values) + 1000:
        places = np.full(last + 2, -1, dtype=np.int64)
        places[ascending] = np.arange(len(ascending))
        return places[np.where((values < 0) | (values > last), last + 1, values)]
    at = np.minimum(np.searchsorted(ascending, values), len(ascending) - 1)
    return np.where(ascending[at] == values, at, -1)
