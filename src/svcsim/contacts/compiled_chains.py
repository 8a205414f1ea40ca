"""Loops over the contacts of each case, in machine code where the compiler is installed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from svcsim.compiler import Compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def follow(
    case: Ints, cases: int, in_time: Ints, opened: Floats, resolved: Floats, follower: Ints
) -> None:
    """Fill ``follower``: the first row of the case opened at or after the resolution.

    ``in_time`` are all rows by opening. A row of case -1, without resolution or without follower
    keeps what stands in ``follower``.
    """
    first = np.zeros(cases + 1, dtype=np.int64)
    for row in range(len(case)):
        if case[row] >= 0:
            first[case[row] + 1] += 1
    for c in range(cases):
        first[c + 1] += first[c]
    filled, order = first.copy(), np.empty(first[cases], dtype=np.int64)
    for row in in_time:
        if case[row] >= 0:
            order[filled[case[row]]] = row
            filled[case[row]] += 1
    for c in range(cases):
        stop = first[c + 1]
        if stop - first[c] < 2:
            continue  # nothing can follow a case's only contact
        for row in order[first[c] : stop]:
            low, high = first[c], stop
            while low < high:
                middle = (low + high) // 2
                if opened[order[middle]] >= resolved[row]:
                    high = middle
                else:
                    low = middle + 1
            if low < stop and order[low] == row:
                low += 1
            if low < stop and resolved[row] == resolved[row]:
                follower[row] = order[low]


def earliest(case: Ints, cases: int, opened: Floats, is_first: Flags) -> None:
    """Fill ``is_first``: whether no other row of its case opened before a row."""
    least = np.full(cases, np.inf)
    for row in range(len(case)):
        if case[row] >= 0 and opened[row] < least[case[row]]:
            least[case[row]] = opened[row]
    for row in range(len(case)):
        is_first[row] = case[row] >= 0 and opened[row] == least[case[row]]


run_follow = Compiled(follow, uses=[])
run_earliest = Compiled(earliest, uses=[])
