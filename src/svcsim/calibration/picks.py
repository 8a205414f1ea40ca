"""What the contacts of a choice set looked like, and what the picks made of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calibration.choice import Threshold, threshold
from svcsim.calibration.estimator import category_of
from svcsim.calibration.handling import HandlingEstimator
from svcsim.calibration.waiting import Sets, Starts
from svcsim.model.routing import Routing

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

FEW_CONTESTS = 30
"""Decisions from which a rule is read."""
LOGIT_SETS = 6000
"""Sets of the logit; the other rules are counted on all of them."""
MOST_ALTERNATIVES = 30
"""Alternatives of a set that enter the logit: oldest, newest, the one taken and a sample."""
EASIER = 0.98
"""A contact is easier than the most urgent one when it means less than this share of its work."""
NO_PRIORITY = "normal"


@dataclass(frozen=True)
class Facing:
    """What the sets are compared by, one entry a row of the frame."""

    priority: Ints
    names: tuple[str, ...]
    work: Floats
    """Log of the expected seconds of one handling."""
    category: Ints


def facing(frame: pd.DataFrame, handling: HandlingEstimator) -> Facing:
    """Return what an agent sees of every row: priority, category, mean work of its kind."""
    code, names = pd.factorize(frame["priority"].astype("object").fillna(NO_PRIORITY))
    factor = {name: tier.work.value for name, tier in handling.difficulty_.difficulty_.items()}
    means = {name: law.mean.value for name, law in handling.handling_.items()}
    tier = handling.difficulty_.tier_of(frame).map(factor).astype(float).fillna(1.0)
    mean = category_of(frame).map(means).astype(float)
    mean = mean.fillna(mean.mean()).fillna(1.0).clip(lower=1.0)
    work = np.log(mean.to_numpy() * tier.to_numpy())
    category = pd.factorize(category_of(frame))[0].astype(np.int64)
    return Facing(code.astype(np.int64), tuple(str(name) for name in names), work, category)


def thinned(sets: Sets) -> Sets:
    """Return 6000 sets with at most 30 alternatives: first, last, the one taken and a sample.

    A uniform sample of alternatives leaves the estimates of a conditional logit consistent
    (McFadden 1978); first and last are kept because the features are about them.
    """
    rng = np.random.default_rng(2)
    keep = np.zeros(len(sets), dtype=bool)
    keep[rng.permutation(len(sets))[:LOGIT_SETS]] = True
    sets = sets.of(keep)
    size = sets.size
    if size.max() <= MOST_ALTERNATIVES:
        return sets
    lot = rng.random(len(sets.row))
    lot[sets.first] = lot[sets.first + size - 1] = lot[sets.chosen] = -1.0
    order = np.lexsort((lot, sets.pick))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order)) - np.repeat(sets.first, size)
    few = rank < MOST_ALTERNATIVES
    place = np.cumsum(few) - 1
    kept = np.bincount(sets.pick[few], minlength=len(sets))
    return Sets(
        sets.row[few], np.cumsum(kept) - kept, place[sets.chosen], sets.at, sets.agent, sets.live
    )


def features_of(starts: Starts, sets: Sets, desk: Facing) -> tuple[Floats, list[str]]:
    """Return the columns of the logit that vary, and which feature each belongs to."""
    row, pick = sets.row, sets.pick
    joined = starts.joined[row]
    oldest = joined == joined[sets.first][pick]
    newest = joined == joined[sets.first + sets.size - 1][pick]
    own = starts.owner[row] == sets.agent[pick]
    columns = [("oldest", oldest), ("newest", newest)]
    usual = np.argmax(np.bincount(desk.priority[row]))
    columns += [
        ("priority", desk.priority[row] == p) for p in np.unique(desk.priority[row]) if p != usual
    ]
    columns += [("work", desk.work[row]), ("own", own)]
    varied = [
        (name, column.astype(float))
        for name, column in columns
        if (
            np.maximum.reduceat(column, sets.first) != np.minimum.reduceat(column, sets.first)
        ).any()
    ]
    return np.column_stack([c for _, c in varied]) if varied else np.zeros((len(row), 0)), [
        name for name, _ in varied
    ]


def contests(
    starts: Starts, sets: Sets, desk: Facing, one: int, other: int
) -> tuple[Floats, Flags, Floats]:
    """Return by how much the head of ``other`` waited longer than that of ``one``, who won, when.

    Heads are the longest waiting contacts of a priority in the category of the contact taken:
    another category may wait for other people. Only picks of one of the two heads count.
    """
    row = sets.row
    joined, kind = starts.joined[row], desk.priority[row]
    alike = desk.category[row] == desk.category[row[sets.chosen]][sets.pick]
    ours, theirs = (
        np.minimum.reduceat(np.where(alike & (kind == priority), joined, np.inf), sets.first)
        for priority in (one, other)
    )
    taken, of = joined[sets.chosen], kind[sets.chosen]
    won = (of == one) & (taken == ours)
    lost = (of == other) & (taken == theirs)
    both = np.isfinite(ours) & np.isfinite(theirs) & (won | lost)
    order = np.argsort(sets.at[both], kind="stable")
    return (ours[both] - theirs[both])[order], won[both][order], sets.at[both][order]


def urgency_of(starts: Starts, sets: Sets, desk: Facing, routing: Routing) -> Floats:
    """Return the key by which the most urgent alternative is the lowest (rule R2)."""
    credit = np.array([routing.credit.get(name, 0.0) for name in desk.names])
    key: Floats = starts.joined[sets.row] - credit[desk.priority[sets.row]]
    return key


def easiest_of(
    starts: Starts, sets: Sets, desk: Facing, routing: Routing, window: int
) -> tuple[pd.DataFrame, float]:
    """Count per agent what was taken where the easiest of the first ones was not the most urgent.

    Returns ``n, easiest, urgent`` by agent, and how many of all picks follow one of the two rules.
    """
    key = urgency_of(starts, sets, desk, routing)
    pick = sets.pick
    order = np.lexsort((key, pick))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order)) - sets.first[pick]
    seen = np.where(rank < window, desk.work[sets.row], np.inf)
    least = np.minimum.reduceat(seen, sets.first)
    head = order[sets.first]
    easier = least < desk.work[sets.row[head]] + np.log(EASIER)
    easiest = easier & (seen[sets.chosen] == least)
    urgent = easier & (sets.chosen == head)
    table = pd.DataFrame(
        {"agent": sets.agent[easier], "easiest": easiest[easier], "urgent": urgent[easier]}
    )
    table["n"] = 1
    table = table.groupby("agent").sum().astype(float)
    # every window is judged on all picks: without an easier contact the most urgent is expected
    follows = easiest | (sets.chosen == head)
    return table, float(follows.sum())


def preferred(sets: Sets, urgency: Floats, mine: Flags) -> float | None:
    """Return how often an own contact is taken where it waits and is not the most urgent."""
    head = np.minimum.reduceat(urgency, sets.first)
    own = np.minimum.reduceat(np.where(mine, urgency, np.inf), sets.first)
    contest = np.isfinite(own) & (own > head)
    taken = urgency[sets.chosen]
    decided = contest & ((mine[sets.chosen] & (taken == own)) | (taken == head))
    if decided.sum() < FEW_CONTESTS:
        return None
    return float(mine[sets.chosen][decided].mean())


def kept_for(starts: Starts, sets: Sets, urgency: Floats, theirs: Flags) -> Threshold | None:
    """Return the wait from which a colleague's returning contact is taken as the most urgent."""
    head = np.lexsort((urgency, sets.pick))[sets.first]
    about = theirs[head]
    if about.sum() < FEW_CONTESTS:
        return None
    wait = sets.at - starts.joined[sets.row[head]]
    passed = sets.chosen != head
    return threshold(wait[about], passed[about])
