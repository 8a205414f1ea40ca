"""Which contacts are about one problem: chains by customer and silence, or by named tickets."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from svcsim.contacts.mapping import CaseChain

Values = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]


def case_chain(
    chain: CaseChain, ids: Values, keys: list[Values], opened: Values, ended: Values
) -> tuple[Values, Values]:
    """Return case ids and contact numbers: rank in time within equal keys, after no long silence.

    A contact starts a new case when it opens more than ``silence`` after everything before it in
    its key has ended (or, ``counted_from: opening``, was opened). A contact that lacks a key is a
    case of its own. The case is named after its first ticket.
    """
    n = len(ids)
    lacking = np.zeros(n, dtype=bool)
    group = np.zeros(n, dtype=np.int64)
    for key in keys:
        codes, unique = pd.factorize(key)
        lacking |= codes < 0
        group = group * (len(unique) + 1) + codes + 1
    order = np.lexsort((opened, group))
    order = order[~lacking[order]]
    case, number = ids.copy(), np.ones(n)
    if not len(order):
        return case, number
    group, start = group[order], opened[order]
    end = start
    if chain.counted_from == "end":
        end = np.where(np.isnan(ended[order]), start, np.maximum(ended[order], start))
        end = pd.Series(end).groupby(group).cummax().to_numpy()
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (group[1:] != group[:-1]) | (start[1:] - end[:-1] > chain.silence_s)
    first = np.maximum.accumulate(np.where(fresh, np.arange(len(order)), 0))
    case[order] = ids[order][first]
    number[order] = np.arange(len(order)) - first + 1
    return case, number


def previous_chain(ids: Values, previous: Values, opened: Values) -> tuple[Values, Values, Flags]:
    """Follow ``previous`` tickets to the first of each case; tell which links lead nowhere.

    A contact's number is its rank in time within the case. A link to an unknown ticket, to itself
    or round in a circle is no link.
    """
    place = {ticket: k for k, ticket in enumerate(ids)}
    link = np.array([place.get(p, -1) if p is not None else -1 for p in previous], dtype=np.int64)
    here = np.arange(len(ids))
    given = np.array([p is not None for p in previous], dtype=bool)
    astray = given & ((link < 0) | (link == here))
    link = np.where(given & ~astray, link, -1)
    # Links go back in time (at one instant: up in the file), so no chain can run in a circle.
    later = (link >= 0) & (
        (opened[link] > opened[here]) | ((opened[link] == opened[here]) & (link > here))
    )
    astray |= later
    root = np.where((link >= 0) & ~later, link, here)
    for _ in range(64):
        above = root[root]
        if np.array_equal(above, root):
            break
        root = above
    case = ids[root]
    order = np.lexsort((here, opened, root))
    sorted_root = root[order]
    first = np.r_[True, sorted_root[1:] != sorted_root[:-1]] if len(order) else np.array([], bool)
    start = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    number = np.ones(len(ids))
    number[order] = np.arange(len(order)) - start + 1
    return case, number, astray
