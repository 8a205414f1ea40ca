"""Rotating shifts: which of a few patterns of hours an agent worked on each day."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

MOST = 3
"""Patterns of one agent at most."""
STEPS, STARTS = 60, 4
SHARE = 0.1
"""Share of an agent's days that a pattern needs."""
SURE = 0.9
"""Mean posterior probability of the likeliest pattern below which days cannot be told apart."""
FEW_DAYS = 15
APART = 2
"""Hours that a pattern needs beyond every other: a part of another is a short day, no shift."""
BY_WEEKDAY = 0.9
"""Share of days on the usual pattern of their weekday from which the week tells the pattern."""
RATES = (0.02, 0.98)
"""Bounds of the probabilities that an hour on, or off, duty shows activity."""


@dataclass(frozen=True)
class Rotation:
    """Hours on duty of each pattern (patterns x 24), and the pattern of every active day."""

    on: Mask
    pattern: NDArray[np.int64]
    """Pattern of each of the days given, in their order."""
    score: float
    """Log likelihood less half the logarithm of the days for every hour (BIC / -2)."""


def rotation_of(active: Mask) -> Rotation | None:
    """Learn the patterns of an agent's days, or None when one pattern, or none, fits best.

    Each active day follows one of K patterns (K = 1..3); in an hour on duty of the pattern the
    agent is active with probability p1, else with p0. EM over patterns of days, on-hours where the
    likelihood is higher; starts: days sorted by when their activity lies. K by BIC, 24 hours a
    pattern. Patterns of a tenth of the days each, with two hours beyond every other, and days told
    apart with a mean posterior of .9, are needed: else short days would be read as other shifts.

    Parameters
    ----------
    active : ndarray of bool (days, 24)
        Hours with activity of the agent's active days.
    """
    if len(active) < FEW_DAYS:
        return None
    fits = [_mixture(active, number) for number in range(1, MOST + 1)]
    best = max((fit for fit in fits if fit is not None), key=lambda fit: fit.score, default=None)
    return best if best is not None and len(best.on) > 1 else None


def told_by_weekday(rotation: Rotation, weekday: NDArray[np.int64]) -> bool:
    """Return whether nearly every day has the usual pattern of its weekday: no rotation then."""
    counts = np.zeros((7, len(rotation.on)))
    np.add.at(counts, (weekday, rotation.pattern), 1.0)
    return bool(counts.max(axis=1).sum() >= BY_WEEKDAY * counts.sum())


def weekly_score(active: Mask, on: Mask) -> float:
    """Return the score of a weekly calendar for the same days, to compare with `Rotation.score`.

    ``on`` has the calendar's hours on duty of each day; 24 hours count for every distinct one.
    """
    hits, misses = active & on, ~active & on
    p1 = _inside(hits.sum() / max(on.sum(), 1))
    p0 = _inside((active & ~on).sum() / max((~on).sum(), 1))
    likelihood = hits.sum() * np.log(p1) + misses.sum() * np.log(1 - p1)
    likelihood += (active & ~on).sum() * np.log(p0) + (~active & ~on).sum() * np.log(1 - p0)
    distinct = len(np.unique(on, axis=0))
    return float(likelihood - 0.5 * 24 * distinct * np.log(len(active)))


def _mixture(active: Mask, number: int) -> Rotation | None:
    """Fit ``number`` patterns from several starts; None where a pattern has too few days."""
    days = len(active)
    hour = np.arange(24)
    middle = (active * hour).sum(axis=1) / np.maximum(active.sum(axis=1), 1)
    rank = np.argsort(np.argsort(middle, kind="stable"), kind="stable") / days
    rng = np.random.default_rng(20240701)
    best: tuple[float, Mask, Array] | None = None
    for start in range(1 if number == 1 else STARTS):
        cuts = np.arange(1, number) / number if start == 0 else np.sort(rng.random(number - 1))
        weight = np.eye(number)[np.searchsorted(cuts, rank, side="right")]
        found = _em(active, np.clip(weight, 0.02, None))
        if best is None or found[0] > best[0]:
            best = found
    assert best is not None
    likelihood, on, weight = best
    pattern = weight.argmax(axis=1)
    share = np.bincount(pattern, minlength=number) / days
    if number > 1 and (share.min() < SHARE or weight.max(axis=1).mean() < SURE):
        return None
    for i, j in permutations(range(number), 2):
        if (on[i] & ~on[j]).sum() < APART:
            return None
    score = likelihood - 0.5 * (24 * number + number - 1) * np.log(days)
    return Rotation(on, pattern, float(score))


def _em(active: Mask, weight: Array) -> tuple[float, Mask, Array]:
    """Return log likelihood, on-hours and posterior weights after EM from given weights."""
    p1, p0 = 0.6, 0.02
    on = np.zeros((weight.shape[1], 24), dtype=bool)
    likelihood = -np.inf
    for _ in range(STEPS):
        size = weight.sum(axis=0)
        hits = weight.T @ active
        gain = hits * np.log(p1 / p0) + (size[:, None] - hits) * np.log((1 - p1) / (1 - p0))
        on = gain > 0
        inside, outside = size @ on.sum(axis=1), size @ (~on).sum(axis=1)
        p1 = _inside(hits[on].sum() / max(inside, 1e-9))
        p0 = min(_inside(hits[~on].sum() / max(outside, 1e-9)), 0.5 * p1)
        share = np.maximum(size / size.sum(), 1e-9)
        rate = np.where(on, p1, p0)
        each = active @ np.log(rate).T + (~active) @ np.log1p(-rate).T + np.log(share)
        total = float(logsumexp(each, axis=1).sum())
        weight = np.exp(each - logsumexp(each, axis=1, keepdims=True))
        if abs(total - likelihood) < 1e-6:
            break
        likelihood = total
    return likelihood, on, weight


def _inside(p: float) -> float:
    return float(np.clip(p, *RATES))
