"""Pauses of a clock: ragged spells, many or none a row, made disjoint and cut to their rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from svcsim.calendar.layout import Floats

Ints = NDArray[np.int64]


def pauses_inside(
    start: Floats, end: Floats, row: ArrayLike, begin: ArrayLike, stop: ArrayLike
) -> tuple[Ints, Floats, Floats]:
    """Return row, begin and stop of disjoint pauses that lie inside ``[start, end)`` of their row.

    A pause without an end lasts until its row's end; one without a begin stays missing.
    """
    rows = np.atleast_1d(np.asarray(row, dtype=np.int64))
    first = np.atleast_1d(np.asarray(begin, dtype=float))
    last = np.atleast_1d(np.asarray(stop, dtype=float))
    last = np.where(np.isnan(last), end[rows], last)
    order = np.lexsort((first, rows))  # a missing begin comes last in its row
    rows, first, last = rows[order], first[order], last[order]
    first = np.fmax(first, np.where(np.isnan(first), np.nan, start[rows]))
    last = np.fmin(last, end[rows])
    first = np.fmax(first, np.where(np.isnan(first), np.nan, _reached_before(rows, last)))
    return rows, first, np.where(np.isnan(first), np.nan, np.maximum(first, last))


def _reached_before(row: Ints, last: Floats) -> Floats:
    """Return the latest end among the earlier pauses of the same row, -inf for the first.

    Ends are replaced by their ranks, raised by as much as there are pauses with every row: the
    running maximum over all pauses then never carries over from one row to the next.
    """
    if not len(row):
        return np.empty(0)
    ordered = np.sort(np.where(np.isnan(last), -np.inf, last))
    rank = np.searchsorted(ordered, np.where(np.isnan(last), -np.inf, last))
    number = np.cumsum(np.concatenate([[0], row[1:] != row[:-1]]))
    reached = np.maximum.accumulate(number * len(row) + rank) - number * len(row)
    before = np.concatenate([[-np.inf], ordered[reached[:-1]]])
    return np.where(np.concatenate([[True], row[1:] != row[:-1]]), -np.inf, before)
