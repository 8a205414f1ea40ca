"""Text columns as whole numbers: which rows hold the same value, without comparing texts again.

A text column of a log may be pandas' ``str`` (what histories hold), a Categorical (its codes are
ready) or, for identifiers, whole numbers (equal = same; a simulation numbers its contacts and
cases and writes no names until somebody reads them). The codes of ``str`` columns are computed
once a frame and kept as long as the frame lives: a frame is not changed once it is in a log.
"""

from __future__ import annotations

import weakref
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]


class Coded(NamedTuple):
    """``labels[code]`` is the value of each row; code -1 is missing."""

    code: Ints
    labels: pd.Index

    def sorted(self) -> Coded:
        """Return the same with only the labels that occur, ascending."""
        rank, labels = self.ranks()
        return Coded(rank[self.code], labels)

    def ranks(self) -> tuple[Ints, pd.Index]:
        """Return the rank of each code (-1, the last, stays -1) among those that occur, and these.

        Ranks follow the labels, ascending.
        """
        occurs = np.zeros(len(self.labels) + 1, dtype=bool)
        occurs[self.code] = True
        found = np.flatnonzero(occurs[:-1])
        found = found[np.argsort(self.labels[found].to_numpy(), kind="stable")]
        rank = np.full(len(self.labels) + 1, -1, dtype=np.int64)
        rank[found] = np.arange(len(found))
        return rank, self.labels[found]

    def position(self, label: str) -> int:
        """Return the code of a label, -2 for one that does not occur."""
        return self.labels.get_loc(label) if label in self.labels else -2  # type: ignore[return-value]


_frames: dict[int, tuple[weakref.ref[pd.DataFrame], dict[str, Any]]] = {}


def coded(frame: pd.DataFrame, column: str) -> Coded:
    """Return a text column as codes with their labels; identifiers may be whole numbers."""
    values = frame[column].array
    memory = memory_of(frame)
    known: tuple[Any, Coded] | None = memory.get(column)
    if known is None or known[0] is not values:
        known = memory[column] = (values, _codes(frame[column]))
    return known[1]


def case_codes(frame: pd.DataFrame) -> tuple[Ints, int]:
    """Return a number of (replication, case) for every row, -1 without case, and their bound."""
    case = coded(frame, "case_id")
    replication, numbers = dense(frame["replication"].to_numpy().astype(np.int64))
    span, many = len(case.labels), len(numbers)
    code = case.code
    if many > 1:
        code = np.where(code < 0, -1, replication * span + code)
    return code, span * many


def dense(values: Ints) -> tuple[Ints, Ints]:
    """Return the rank of each value among the different ones, and these ascending."""
    if not len(values):
        return values, values
    low, high = int(values.min()), int(values.max())
    if low == high:
        return np.zeros(len(values), dtype=np.int64), np.array([low], dtype=np.int64)
    if high - low > 4 * len(values) + 1000:
        different, rank = np.unique(values, return_inverse=True)
        return rank.astype(np.int64), different
    occurs = np.bincount(values - low) > 0
    rank = np.cumsum(occurs) - 1
    return rank[values - low], np.flatnonzero(occurs) + low


def memory_of(frame: pd.DataFrame) -> dict[str, Any]:
    """Return what is kept about a frame for as long as it lives, by name."""
    key = id(frame)
    known = _frames.get(key)
    if known is None or known[0]() is not frame:
        known = _frames[key] = (weakref.ref(frame, lambda _: _frames.pop(key, None)), {})
    return known[1]


def _codes(values: pd.Series) -> Coded:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return Coded(values.cat.codes.to_numpy().astype(np.int64), values.cat.categories)
    if values.dtype.kind in "iu":
        code = values.to_numpy(dtype=np.int64)
        low, high = (int(code.min()), int(code.max())) if len(code) else (0, -1)
        if low >= 0 and high <= 4 * len(code) + 1000:
            return Coded(code, pd.RangeIndex(high + 1))
        code, numbers = dense(code)
        return Coded(code, pd.Index(numbers))
    code, labels = pd.factorize(values)
    return Coded(code.astype(np.int64), pd.Index(labels))
