"""Distances between two logs, with what chance alone makes of them.

The formulas are those of the package log-distance-measures 2.2.0 (Wasserstein-1 by scipy): times
in bins, hours since the first arrival, hours of the day by weekday, people at work by hour. Times
are taken on the log scale as well, where 10 % longer counts alike for a minute and a day. Mass is
normalised, so volume does not show (`svcsim.study.volume`); hours are not circular: 23:00 to
00:00 is 23. A distance says nothing by itself: it is held against the distances between simulated
logs of the same span, whose queues are as autocorrelated as the real one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import wasserstein_distance

from svcsim.model.fidelity import Arrivals, LogDistance
from svcsim.study.sketch import LOG_STEP, Sketch

Array = NDArray[np.float64]
Distance = Callable[[Sketch, Sketch], float]
ONLY_ONE = 23.0
"""Distance of a weekday that only one log has: the most that hours 0 to 23 can give."""
TWINS = 30
"""Simulated logs that are compared with one another: 435 pairs."""


def between(a: Array, b: Array) -> float:
    """Return the Wasserstein-1 distance of two histograms on the same bins, in bins (NaN: none).

    ``integral |F_a - F_b|`` of the normalised histograms.
    """
    if not a.sum() or not b.sum():
        return float("nan")
    bins = np.arange(len(a), dtype=float)
    return float(wasserstein_distance(bins, bins, a, b))


def cycle_time(a_s: Array, b_s: Array, bin_s: float) -> float:
    """Return the distance of two samples of durations (s) in bins of ``bin_s`` from the least."""
    least = min(a_s.min(), b_s.min())
    first, second = (np.floor((x - least) / bin_s) for x in (a_s, b_s))
    return float(wasserstein_distance(first, second))


def circadian(a: Array, b: Array) -> float:
    """Return the mean over weekdays of the distance of hours 0-23 (168 counts, Monday first)."""
    days = zip(a.reshape(7, 24), b.reshape(7, 24), strict=True)
    return float(np.mean([_weekday(one, other) for one, other in days]))


def workforce(a: Array, b: Array) -> float:
    """Return `circadian` of people at work, to hundredths of a person as the package counts."""
    return circadian(np.floor(a * 100), np.floor(b * 100))


def _weekday(a: Array, b: Array) -> float:
    if not a.sum() and not b.sum():
        return 0.0
    return between(a, b) if a.sum() and b.sum() else ONLY_ONE


KINDS: tuple[tuple[str, Arrivals, Distance], ...] = (
    ("arrivals", "forecast", lambda a, b: between(a.hours, b.hours)),
    ("circadian_openings", "forecast", lambda a, b: circadian(a.openings, b.openings)),
    ("circadian_work", "real", lambda a, b: circadian(a.events, b.events)),
    ("workforce", "real", lambda a, b: workforce(a.at_work, b.at_work)),
    ("cycle_time", "real", lambda a, b: between(a.cycle, b.cycle) * LOG_STEP),
    ("response", "real", lambda a, b: between(a.response, b.response) * LOG_STEP),
)
"""Name, arrivals with which it is judged, distance of two sketches."""
HALVES = ("circadian_openings", "circadian_work", "workforce", "cycle_time", "response")
"""Kinds that do not depend on which days a half has."""


def distances(
    observed: Sequence[Sketch],
    simulated: Sequence[Sequence[Sketch]],
    arrivals: Arrivals,
    halves: tuple[Sketch, Sketch] | None = None,
) -> tuple[LogDistance, ...]:
    """Return the distances of the kinds that are judged with these arrivals.

    Parameters
    ----------
    observed : sequence
        One sketch an origin.
    simulated : sequence
        The simulated sketches of each origin; `TWINS` of them are used.

    With d(i) the mean distance of log i from the simulated ones other than itself, averaged over
    the origins: value d(observed), floor the median of d over simulated logs, p the rank of the
    observed among them.
    """
    out = []
    for kind, asked, distance in KINDS:
        if asked != arrivals:
            continue
        spans = zip(observed, simulated, strict=True)
        rows = [_mean_distances([real, *sims[:TWINS]], distance) for real, sims in spans]
        size = min((len(row) for row in rows), default=0)
        means = np.mean([row[:size] for row in rows], axis=0) if size > 2 else np.array([np.nan])
        if np.isnan(means).any():
            continue
        own, twins = float(means[0]), means[1:]
        floor = float(np.median(twins))
        half = distance(*halves) if halves is not None and kind in HALVES else float("nan")
        out.append(
            LogDistance(
                kind=kind,
                arrivals=arrivals,
                value=own,
                floor=floor,
                floor_high=float(np.quantile(twins, 0.95)),
                relative=own / floor if floor > 0 else None,
                p=float((1 + (twins >= own).sum()) / (1 + len(twins))),
                halves=None if np.isnan(half) else half,
            )
        )
    return tuple(out)


def _mean_distances(logs: Sequence[Sketch], distance: Distance) -> Array:
    """Return each log's mean distance from the simulated ones (all but the first) besides it."""
    n = len(logs)
    table = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1, n):
            table[i, j] = table[j, i] = distance(logs[i], logs[j])
    others = np.full(n, n - 2.0)
    others[0] = n - 1
    means: Array = table[:, 1:].sum(axis=1) / np.maximum(others, 1)
    return means
