"""Which contacts are about one problem: chains by customer and silence, or by named tickets."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from svcsim.compiler import given
from svcsim.contacts.codes import case_codes
from svcsim.contacts.compiled_chains import run_earliest, run_follow
from svcsim.contacts.mapping import CaseChain

Values = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.int64]

REPEAT_WITHIN = 30 * 86400.0
"""Longest time (seconds) after a resolution at which a contact still counts as following it."""


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


def next_contacts(frame: pd.DataFrame) -> Positions:
    """Return for every contact the position of the one that follows its resolution, -1 for none.

    That is the first contact of the same case opened at or after the resolution; one opened while
    this one was still open does not follow it.
    """
    return follower_of(frame, *case_codes(frame))


def follower_of(frame: pd.DataFrame, key: Positions, keys: int) -> Positions:
    """Return for every contact the position of the first with its key opened after it ended.

    ``key`` is a whole number below ``keys``, -1 for a contact that nothing follows.
    """
    follower = np.full(len(frame), -1, dtype=np.int64)
    opened = given(frame["opened_s"], "f8")
    if (opened[1:] >= opened[:-1]).all():
        in_time = np.arange(len(frame))
    else:
        in_time = np.argsort(opened, kind="stable")
    resolved = given(frame["resolved_s"], "f8")
    run_follow(given(key, "i8"), keys, given(in_time, "i8"), opened, resolved, follower)
    return follower


def new_cases(frame: pd.DataFrame) -> Flags:
    """Return which contacts are new demand, not the return of a customer after a resolution.

    New is a contact that follows no resolution of its case within 30 days: the first of a case,
    and also a further one opened while the one before was still open. A later contact whose
    predecessors are not in the frame counts as a return. One definition for arrival rates,
    replayed demand and repeats: together they make up all contacts.
    """
    follower = next_contacts(frame)
    led = follower >= 0
    gap = frame["opened_s"].to_numpy()[follower[led]] - frame["resolved_s"].to_numpy()[led]
    new: Flags = np.ones(len(frame), dtype=bool)
    new[follower[led][gap <= REPEAT_WITHIN]] = False
    return new & ~orphans(frame)


def orphans(frame: pd.DataFrame) -> Flags:
    """Return which contacts are later ones of a case whose first is not in the frame."""
    number = frame["contact_no"].fillna(1).to_numpy()
    case, cases = case_codes(frame)
    is_first = np.zeros(len(frame), dtype=bool)
    run_earliest(given(case, "i8"), cases, given(frame["opened_s"], "f8"), is_first)
    alone: Flags = (number > 1) & is_first
    return alone
