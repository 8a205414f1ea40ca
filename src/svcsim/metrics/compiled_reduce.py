"""Loops from contacts to cells (group x period), in machine code where the compiler is installed.

Each goes over the rows once, in their order, so sums do not depend on who computes them. A row
counts in a cell when ``among`` holds and its ``cell`` is not -1. Results are written into arrays
that the caller has made (zeros); inputs are as `svcsim.compiler.given` returns them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from svcsim.compiler import Compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def place(edges: Floats, instant: float, near: int) -> int:
    """Return the largest i with edges[i] <= instant, -1 if there is none; ``near`` is tried first.

    A missing instant comes after all edges, as in a sorted array.
    """
    last = len(edges) - 1
    if 0 <= near < last and edges[near] <= instant < edges[near + 1]:
        return near
    low, high = 0, last + 1
    while low < high:
        middle = (low + high) // 2
        if edges[middle] > instant:
            high = middle
        else:
            low = middle + 1
    return low - 1


def locate(edges: Floats, instants: Floats, group: Ints, cell: Ints) -> None:
    """Set cell = group · periods + period of the instant; -1 when it is missing or outside."""
    periods, near = len(edges) - 1, 0
    for row in range(len(instants)):
        cell[row] = -1
        if instants[row] == instants[row]:
            near = place(edges, instants[row], near)
            if 0 <= near < periods:
                cell[row] = group[row] * periods + near


def count(cell: Ints, among: Flags, counts: Flags, n: Ints, successes: Ints) -> None:
    """Count the rows of every cell, and those of them with ``counts``."""
    for row in range(len(cell)):
        if cell[row] >= 0:  # one branch, foreseeable: flags are added up, not asked
            n[cell[row]] += among[row]
            successes[cell[row]] += among[row] & counts[row]


def total(cell: Ints, among: Flags, value: Floats, n: Ints, sums: Floats) -> None:
    """Count the rows of every cell and add up their values."""
    for row in range(len(cell)):
        if cell[row] >= 0:
            n[cell[row]] += among[row]
            sums[cell[row]] += value[row] if among[row] else 0.0


def squares(cell: Ints, among: Flags, value: Floats, centre: Floats, sums: Floats) -> None:
    """Add up (value − centre of the cell)²."""
    for row in range(len(cell)):
        if among[row] and cell[row] >= 0:
            sums[cell[row]] += (value[row] - centre[cell[row]]) ** 2


def gather(cell: Ints, among: Flags, first: Ints, rows: Ints) -> None:
    """Fill ``rows``: those of cell c, in their order, at first[c]:first[c + 1]."""
    cells = len(first) - 1
    for row in range(len(cell)):
        if among[row] and cell[row] >= 0:
            first[cell[row] + 1] += 1
    for c in range(cells):
        first[c + 1] += first[c]
    filled = first.copy()
    for row in range(len(cell)):
        if among[row] and cell[row] >= 0:
            rows[filled[cell[row]]] = row
            filled[cell[row]] += 1


def distinct(first: Ints, rows: Ints, code: Ints, codes: int, n: Ints, different: Ints) -> None:
    """Count the rows of every cell with a known code (not -1), and their different codes."""
    seen_in = np.full(codes, -1, dtype=np.int64)
    for c in range(len(first) - 1):
        for at in range(first[c], first[c + 1]):
            known = code[rows[at]]
            if known >= 0:
                n[c] += 1
                if seen_in[known] != c:
                    seen_in[known] = c
                    different[c] += 1


def once(order: Ints, who: Ints, start: Floats, end: Floats, reach: Floats) -> None:
    """Cut spells so that none of ``who`` overlaps an earlier one of the same; ``order``: by start.

    ``reach[w]``, -inf at first, is how far w's spells have come. A spell inside others has length
    0; missing times stay as they are.
    """
    for row in order:
        w = who[row]
        if w >= 0 and start[row] == start[row] and end[row] == end[row]:
            if start[row] < reach[w]:
                start[row] = min(reach[w], end[row])
            if end[row] > reach[w]:
                reach[w] = end[row]


def arrivals(
    edges: Floats, instants: Floats, group: Ints, at_edge: bool, counts: Floats, since: Floats
) -> None:
    """By group and edge e: the instants before e (with ``at_edge`` also those at e), and Σ e − x.

    ``counts`` and ``since`` have a row a group. Groups of -1 and missing instants never come.
    """
    sums, near = np.zeros(since.shape), 0
    for row in range(len(instants)):
        instant = instants[row]
        if group[row] < 0 or instant != instant:
            continue
        near = place(edges, instant, near)
        edge = near + 1
        while at_edge and edge > 0 and edges[edge - 1] == instant:
            edge -= 1
        if edge < len(edges):
            counts[group[row], edge] += 1.0
            sums[group[row], edge] += instant - edges[0]
    for g in range(counts.shape[0]):
        for e in range(1, len(edges)):
            counts[g, e] += counts[g, e - 1]
            sums[g, e] += sums[g, e - 1]
        for e in range(len(edges)):
            since[g, e] = counts[g, e] * (edges[e] - edges[0]) - sums[g, e]


run_locate = Compiled(locate, uses=[place])
run_count = Compiled(count, uses=[])
run_total = Compiled(total, uses=[])
run_squares = Compiled(squares, uses=[])
run_gather = Compiled(gather, uses=[])
run_distinct = Compiled(distinct, uses=[])
run_once = Compiled(once, uses=[])
run_arrivals = Compiled(arrivals, uses=[place])
