"""Where a weekly series changes its level: binary segmentation against shuffled weeks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from svcsim.calibration.weekly import Series

Array = NDArray[np.float64]

FEW_WEEKS = 5
"""Weeks that tell a change of level from noise; fewer can only be seen to move one way."""
CLEAR = 4.0
"""Standardised size from which a change is reported."""
SHORTEST_BUMP = 3
"""Weeks of a stretch that differs from before and after; shorter ones are incidents."""
SHUFFLES, CHANCE = 400, 0.05


@dataclass(frozen=True)
class Change:
    """A change of level: first week after it, its |t|, the levels before and after it."""

    at: int
    strength: float
    before: float
    after: float


def changes_of(series: Series) -> list[Change]:
    """Return the changes of a series in order of time, by binary segmentation."""
    if np.isfinite(series.values).sum() < FEW_WEEKS:
        return _ramp(series)
    cuts: dict[int, float] = {}
    stretches = [(0, len(series.values))]
    while stretches:
        low, high = stretches.pop()
        part = replace(series, values=series.values[low:high], noise=series.noise[low:high])
        split = best_split(part)
        found, strength = ((split[0],), split[1]) if split is not None else _bump(part)
        cuts |= {low + at: strength for at in found}
        edges = [low, *(low + at for at in found), high]
        stretches += list(pairwise(edges)) if found else []
    edges = [0, *sorted(cuts), len(series.values)]
    levels = [float(np.nanmean(series.values[low:high])) for low, high in pairwise(edges)]
    return [Change(at, cuts[at], levels[i], levels[i + 1]) for i, at in enumerate(sorted(cuts))]


def _ramp(series: Series) -> list[Change]:
    """Return the change of a window of four weeks: a large one, the same way in every week.

    Without a change the four weeks of a desk stand in order in one case of twelve; that they
    also end so far apart is far rarer. The split is the largest step, the levels are the ends.
    """
    known = np.flatnonzero(np.isfinite(series.values))
    if len(known) < FEW_WEEKS - 1:
        return []
    y, step = series.values[known], np.diff(series.values[known])
    strength = abs(y[-1] - y[0]) / max(float(np.hypot(*series.noise[known[[0, -1]]])), 1e-9)
    same_way = bool(np.all(step > 0) or np.all(step < 0))
    if not same_way or abs(y[-1] - y[0]) <= series.large or strength < CLEAR:
        return []
    at = int(known[1 + int(np.argmax(np.abs(step)))])
    return [Change(at, float(strength), float(y[0]), float(y[-1]))]


def best_split(series: Series) -> tuple[int, float, float, float] | None:
    """Return (first week after, |t|, level before, level after) of the best split, if clear."""
    known = np.flatnonzero(np.isfinite(series.values))
    if len(known) < FEW_WEEKS:
        return None
    y = series.values[known]
    floor = float(np.sqrt(np.nanmean(series.noise[known] ** 2)))
    size = _split_sizes(y[None, :], floor)[0]
    k = int(np.argmax(size))
    strength, before, after = float(size[k]), float(y[: k + 1].mean()), float(y[k + 1 :].mean())
    if strength < CLEAR or abs(after - before) < series.least:
        return None
    shuffled = np.random.default_rng(11).permuted(np.tile(y, (SHUFFLES, 1)), axis=1)
    beaten = (_split_sizes(shuffled, floor).max(axis=1) >= strength - 1e-9).mean()
    return (int(known[k + 1]), strength, before, after) if beaten <= CHANCE else None


def _bump(series: Series) -> tuple[tuple[int, ...], float]:
    """Return the first week of an inner stretch and of what follows it, and |t|; () if unclear.

    A desk that changed and changed back has no best split into two levels.
    """
    known = np.flatnonzero(np.isfinite(series.values))
    y, n = series.values[known], len(known)
    low, high = (edge.ravel() for edge in np.meshgrid(np.arange(n), np.arange(n)))
    inner = (low >= 2) & (high <= n - 2) & (high - low >= SHORTEST_BUMP)
    low, high = low[inner], high[inner]
    if not len(low):
        return (), 0.0
    floor = float(np.sqrt(np.nanmean(series.noise[known] ** 2)))
    size, gap = _bump_sizes(y, low, high, floor)
    k = int(np.argmax(size))
    if size[k] < CLEAR or gap[k] < series.least:
        return (), 0.0
    rng = np.random.default_rng(12)
    beaten = sum(
        bool(_bump_sizes(rng.permutation(y), low, high, floor)[0].max() >= size[k] - 1e-9)
        for _ in range(SHUFFLES)
    )
    if beaten > CHANCE * SHUFFLES:
        return (), 0.0
    return (int(known[low[k]]), int(known[high[k]])), float(size[k])


def _bump_sizes(
    y: Array, low: NDArray[np.intp], high: NDArray[np.intp], floor: float
) -> tuple[Array, Array]:
    """Return |t| of each stretch ``[low, high)`` against the rest, and the gap of their means."""
    n, m = len(y), (high - low).astype(float)
    sums, squares = np.append(0.0, np.cumsum(y)), float((y**2).sum())
    inside = sums[high] - sums[low]
    here, rest = inside / m, (sums[-1] - inside) / (n - m)
    within = np.maximum(squares - m * here**2 - (n - m) * rest**2, 0.0) / (n - 2)
    sd = np.maximum(np.sqrt(within), max(floor, 1e-9))
    gap: Array = np.abs(here - rest)
    size: Array = gap / (sd * np.sqrt(1 / m + 1 / (n - m)))
    return size, gap


def _split_sizes(y: Array, floor: float) -> Array:
    """Return |t| of every split of each row into two levels (before, after), noise within them.

    The noise of a week is the pooled standard deviation inside the two parts, at least the
    sampling error ``floor``.
    """
    n = y.shape[1]
    k = np.arange(1, n, dtype=float)
    first = np.cumsum(y, axis=1)[:, :-1]
    total, square = y.sum(axis=1, keepdims=True), (y**2).sum(axis=1, keepdims=True)
    before, after = first / k, (total - first) / (n - k)
    inside = np.maximum(square - k * before**2 - (n - k) * after**2, 0.0) / (n - 2)
    sd = np.maximum(np.sqrt(inside), max(floor, 1e-9))
    size: Array = np.abs(after - before) / (sd * np.sqrt(1 / k + 1 / (n - k)))
    # one week is no level
    size[:, [0, -1]] = 0.0
    return size


def one_way(y: Array) -> bool:
    """Return whether a series moves one way: Mann-Kendall |z| above 2.6, a line beats a step."""
    week = np.flatnonzero(np.isfinite(y))
    values = y[week]
    n = len(values)
    if n < 6:
        return False
    line = np.polyval(np.polyfit(week, values, 1), week)
    steps = [values[:k].var() * k + values[k:].var() * (n - k) for k in range(2, n - 1)]
    if float(((values - line) ** 2).sum()) > min(steps):
        return False
    sign = np.sign(values[None, :] - values[:, None])
    s = float(np.triu(sign, 1).sum())
    return bool((abs(s) - 1) / (n * (n - 1) * (2 * n + 5) / 18) ** 0.5 > 2.6)
