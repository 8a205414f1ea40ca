"""Series behind the pictures of the calibration report, made once and kept with the baseline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from svcsim.calendar.days import local_day
from svcsim.contacts.log import ContactLog
from svcsim.model.fidelity import Curve, Evidence
from svcsim.study.sketch import LOG_STEP, Sketch, quantiles, sketch

if TYPE_CHECKING:
    from svcsim.study.fidelity import Trial

Array = NDArray[np.float64]
GRID = np.array([0.01, 0.02, 0.05, *np.arange(0.1, 0.91, 0.1), 0.95, 0.98, 0.99])
"""Levels at which handling times are compared."""
MOST_CATEGORIES, LEAST_TIMES = 6, 50
WAIT_POINTS = 36


def evidence_of(log: ContactLog, trials: Sequence[Trial]) -> Evidence:
    """Return the series of a history and of its held-out spans, earliest origin first."""
    ordered = sorted(trials, key=lambda trial: trial.origin.start)
    daily = sketch(log).days
    first = local_day(log.start, log.timezone)
    seen, sims = [t.seen for t in ordered], [t.sims or t.drawn for t in ordered]
    drawn = [t.drawn for t in ordered if t.drawn]
    weeks = sum(len(s.hours) for s in seen) / 168
    duty = [s.on_duty for group in sims for s in group if s.on_duty is not None]
    return Evidence(
        days=tuple((first + timedelta(days=k)).isoformat() for k in range(len(daily))),
        daily=_short(daily),
        forecast=tuple(_days(t, first) for t in ordered if t.drawn),
        openings=_short(np.sum([s.openings for s in seen], axis=0) / weeks),
        fitted_openings=_short(_mean(drawn, lambda s: s.openings) / weeks) if drawn else (),
        at_work=_short(np.mean([s.at_work for s in seen], axis=0)),
        fitted_at_work=_short(_mean(sims, lambda s: s.at_work) / len(sims)),
        fitted_on_duty=_short(np.mean(duty, axis=0)) if duty else (),
        handling=tuple(_handling(seen, sims)),
        waits=tuple(_waits(seen, sims)),
    )


def _mean(groups: Sequence[Sequence[Sketch]], value: Callable[[Sketch], Array]) -> Array:
    """Return the sum over origins of the mean over replications."""
    total: Array = np.sum([np.mean([value(s) for s in group], axis=0) for group in groups], axis=0)
    return total


def _days(trial: Trial, first: date) -> Curve:
    days = np.stack([s.days for s in trial.drawn])
    at = (date.fromisoformat(trial.origin.start) - first).days
    low, median, high = np.quantile(days, [0.05, 0.5, 0.95], axis=0)
    return Curve(
        name=trial.origin.start,
        grid=tuple(float(at + k) for k in range(days.shape[1])),
        observed=_short(trial.seen.days),
        low=_short(low),
        median=_short(median),
        high=_short(high),
    )


def _handling(seen: Sequence[Sketch], sims: Sequence[Sequence[Sketch]]) -> list[Curve]:
    """Return quantiles of recorded and simulated handling times of the largest categories."""
    totals: dict[str, float] = {}
    for s in seen:
        for name, counts in s.handling.items():
            totals[name] = totals.get(name, 0.0) + float(counts.sum())
    largest = sorted((n for n in totals if totals[n] >= LEAST_TIMES), key=lambda n: -totals[n])
    empty = np.zeros_like(seen[0].cycle)

    def pooled(name: str) -> Callable[[Sketch], Array]:
        return lambda s: s.handling.get(name, empty)

    out = []
    for name in largest[:MOST_CATEGORIES]:
        value = pooled(name)
        own = quantiles(np.sum([value(s) for s in seen], axis=0), GRID)
        runs = np.stack([quantiles(run, GRID) for run in _runs(sims, value)])
        if np.isfinite(runs).all(axis=1).sum() >= 10:
            out.append(_curve(name, GRID, own, runs[np.isfinite(runs).all(axis=1)]))
    return out


def _waits(seen: Sequence[Sketch], sims: Sequence[Sequence[Sketch]]) -> list[Curve]:
    """Return the share still waiting for a response, and for a resolution, after a time."""
    out = []
    kinds: tuple[tuple[str, Callable[[Sketch], Array]], ...] = (
        ("response", lambda s: s.response),
        ("resolution", lambda s: s.cycle),
    )
    for name, value in kinds:
        own = np.sum([value(s) for s in seen], axis=0)
        if own.sum() < LEAST_TIMES:
            continue
        filled = np.flatnonzero(own)
        edges = np.linspace(max(filled[0], 1), filled[-1] + 1, WAIT_POINTS)
        runs = np.stack([_beyond(run, edges) for run in _runs(sims, value) if run.sum()])
        out.append(_curve(name, np.expm1(edges * LOG_STEP), _beyond(own, edges), runs))
    return out


def _runs(sims: Sequence[Sequence[Sketch]], value: Callable[[Sketch], Array]) -> list[Array]:
    """Return the histogram of each replication, summed over origins."""
    rows = min(len(group) for group in sims)
    return [np.sum([value(group[i]) for group in sims], axis=0) for i in range(rows)]


def _beyond(counts: Array, edges: Array) -> Array:
    """Return the share of a histogram beyond each place (in bins)."""
    below = np.concatenate([[0.0], np.cumsum(counts)]) / counts.sum()
    share: Array = 1.0 - np.interp(edges, np.arange(len(below), dtype=float), below)
    return share


def _curve(name: str, grid: Array, observed: Array, runs: Array) -> Curve:
    low, median, high = np.quantile(runs, [0.05, 0.5, 0.95], axis=0)
    return Curve(
        name=name, grid=_short(grid), observed=_short(observed), low=_short(low),
        median=_short(median), high=_short(high),
    )  # fmt: skip


def _short(values: Array) -> tuple[float, ...]:
    return tuple(float(f"{v:.4g}") for v in values)
