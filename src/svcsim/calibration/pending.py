"""How long pending tickets wait: elapsed times taken apart into waits, clock time, closed hours."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calendar import WorkCalendar
from svcsim.calibration.estimator import local_time, on_log
from svcsim.calibration.shape import Shape, shape_of
from svcsim.model.duration import Duration
from svcsim.model.quantity import Grade, Time
from svcsim.stats.shrink import shrink_normal
from svcsim.stats.survival import SurvivalCurve, kaplan_meier

Array = NDArray[np.float64]

POINTS = 1000
"""Equally likely values that stand for a law while it is taken apart."""
ROUNDS = 20
OPEN = 0.25
"""An hour of the week counts as open from this share of the mean number of resolutions an hour."""
FEW = 30
"""Waits from which a law of their own is learned."""
LOG_SPREAD = 0.5
"""Prior scale of the differences of log mean waits between categories."""
SHORTEST = 60.0
PIECES = 40
"""Pieces of a table: enough for the tail, few enough to read."""


def open_hours(resolved_s: Array, timezone: str) -> WorkCalendar:
    """Return the hours of the week in which a desk works, as its resolutions show them."""
    local = local_time(resolved_s[np.isfinite(resolved_s)], timezone)
    hour = local.day_of_week.to_numpy() * 24 + local.hour.to_numpy()
    counts = np.bincount(hour, minlength=168).astype(float)
    busy = counts >= OPEN * counts.mean() if counts.sum() else np.ones(168, dtype=bool)
    windows = {
        day: [(3600.0 * h, 3600.0 * (h + 1)) for h in range(24) if busy[24 * day + h]]
        for day in range(7)
    }
    return WorkCalendar(windows, timezone)


def pending_law(
    start: Array,
    elapsed: Array,
    ended: NDArray[np.bool_],
    again: float,
    hours: WorkCalendar,
    grade: Grade,
    how: str,
) -> Duration:
    """Return the law of one pending wait from elapsed times (clock time, seconds).

    A ticket's elapsed time is a geometric number (1, 2, ... with probability ``again`` of one
    more) of waits, each prolonged to the next open hour of the desk; ``again = 0`` when single
    waits were seen. Elapsed times are Kaplan-Meier's (tickets still waiting are censored); the
    law of one wait is moved, quantile by quantile, until its sums have their quantiles.

    Parameters
    ----------
    start : ndarray
        When the waiting began, epoch seconds.
    elapsed : ndarray
        Until it ended or until nothing more is known.
    ended : ndarray of bool
        Whether it ended.
    """
    target = quantiles_of(kaplan_meier(elapsed, ended), float(elapsed.max()))
    rng = np.random.default_rng(7)
    begin = rng.choice(start, POINTS)
    number = rng.geometric(1.0 - again, POINTS) if again > 0 else np.ones(POINTS, dtype=np.int64)
    number = np.minimum(number, 40)
    picks = rng.integers(0, POINTS, (POINTS, int(number.max())))
    picks[:, 0] = rng.permutation(POINTS)
    law = np.maximum(target / number.mean(), SHORTEST)
    best, least = law, np.inf
    for _ in range(ROUNDS):
        sums = np.sort(_elapsed(law, begin, number, picks, hours))
        step = np.log(np.maximum(target, SHORTEST) / np.maximum(sums, SHORTEST))
        error = float(np.abs(step).mean())
        if error < least:
            best, least = law, error
        smooth = _smooth(np.clip(step, -1.0, 1.0))
        law = np.sort(np.maximum(law * np.exp(0.7 * smooth), SHORTEST))
    n = int(ended.sum())
    log_sd = float(best.std() / best.mean()) / max(n, 1) ** 0.5
    spread = float(np.exp(1.645 * log_sd))
    mean = float(best.mean())
    value = Time(value=mean, interval=(mean / spread, mean * spread), n=n, grade=grade, how=how)
    return Duration(law="table", mean=value, table=_table(best))


def pure_laws(waits: pd.DataFrame, grade: Grade, how: str) -> dict[str, Duration]:
    """Return category -> law of waits recorded as such; a thin one is pulled to the others.

    The log means of all categories are shrunk together (`shrink_normal`): a category with under
    30 waits takes its shrunk mean with its error, and the shape of all.
    """
    names = [str(name) for name in waits["category"].unique()]
    parts = [waits[(waits["category"] == name).to_numpy()] for name in names]
    values = [part["elapsed"].to_numpy(dtype=float) for part in parts]
    common = float(waits["elapsed"].std() / waits["elapsed"].mean()) if len(waits) > 1 else 1.0
    errors = [max(common, 1e-3) / len(x) ** 0.5 for x in values]
    shrunk = shrink_normal([np.log(x.mean()) for x in values], errors, prior_scale=LOG_SPREAD)
    out = {}
    for i, (name, part) in enumerate(zip(names, parts, strict=True)):
        if len(part) >= FEW:
            out[name] = pure_law(part, grade, how)
            continue
        mean, sd = float(np.exp(shrunk.mean[i])), float(shrunk.sd[i])
        why = f"{how}; few waits: pulled to those of all categories"
        time = on_log(Time, mean, sd, len(part), grade, why)
        out[name] = _single_shape(waits).with_mean(time, grade, why)
    return out


def pure_law(waits: pd.DataFrame, grade: Grade, how: str) -> Duration:
    """Return the law of waits recorded as such: the mean of all, the shape of single ones.

    A ticket with several waits tells only their mean, which varies less than one wait.
    """
    values = waits["elapsed"].to_numpy(dtype=float)
    shape = _single_shape(waits)
    mean = float(values.mean())
    log_sd = shape.scv**0.5 / len(values) ** 0.5
    return shape.with_mean(on_log(Time, mean, log_sd, len(values), grade, how), grade, how)


def _single_shape(waits: pd.DataFrame) -> Shape:
    values = waits["elapsed"].to_numpy(dtype=float)
    alone = values[waits["alone"].to_numpy(dtype=bool)]
    return shape_of(alone if len(alone) >= FEW else values)


def quantiles_of(curve: SurvivalCurve, longest: float) -> Array:
    """Return `POINTS` equally likely values of a survival curve.

    Beyond the last event the hazard of the last third of the events goes on (a constant rate).
    """
    p = (np.arange(POINTS) + 0.5) / POINTS
    if not len(curve.time):
        return -max(longest, SHORTEST) * np.log1p(-p)
    cumulative = 1.0 - curve.survival
    place = np.searchsorted(cumulative, p - 1e-12, side="left")
    values = curve.time[np.minimum(place, len(curve.time) - 1)]
    tail = p > cumulative[-1] + 1e-12
    if tail.any():
        third = max(len(curve.time) * 2 // 3, 1)
        begin = curve.time[third - 1]
        spell = max(curve.time[-1] - begin, SHORTEST)
        fall = np.log(max(curve.survival[third - 1], 1e-9) / max(curve.survival[-1], 1e-9))
        rate = max(fall / spell, 1.0 / (30 * 86400.0))
        values[tail] = curve.time[-1] + np.log(curve.survival[-1] / (1.0 - p[tail])) / rate
    return values


def _elapsed(
    law: Array,
    begin: Array,
    number: NDArray[np.int64],
    picks: NDArray[np.int64],
    hours: WorkCalendar,
) -> Array:
    now = begin.copy()
    for k in range(picks.shape[1]):
        going = number > k
        now[going] = hours.next_open(now[going] + law[picks[going, k]])
    total: Array = now - begin
    return total


def _table(law: Array) -> tuple[float, ...]:
    """Return quantiles relative to the mean; the last piece keeps the mean of the longest waits."""
    table = np.quantile(law, np.arange(PIECES + 1) / PIECES)
    top = law[law >= table[-2]].mean()
    table[-1] = max(2 * top - table[-2], table[-2])
    table = table / (0.5 * (table[1:] + table[:-1])).mean()
    return tuple(float(f"{value:.4g}") for value in table)


def _smooth(values: Array, width: int = 41) -> Array:
    padded = np.pad(values, width // 2, mode="edge")
    return np.convolve(padded, np.ones(width) / width, mode="valid")


def sessions_of(work: pd.DataFrame, gap: float = 600.0) -> pd.DataFrame:
    """Return sessions ``ticket_id, agent, team, start_s, end_s``: touches of one agent in a row.

    Touches of the same ticket by the same agent within ten minutes are one session.
    """
    t = work.dropna(subset=["ticket_id", "end_s"]).sort_values(["ticket_id", "end_s"])
    start = t["start_s"].where(t["start_s"].notna(), t["end_s"])
    same = (t["ticket_id"] == t["ticket_id"].shift()) & (
        t["agent"].fillna("") == t["agent"].fillna("").shift()
    )
    near = start - t["end_s"].shift() <= gap
    session = (~(same & near)).cumsum()
    return (
        t.assign(start_s=start)
        .groupby(session, sort=False)
        .agg(
            ticket_id=("ticket_id", "first"),
            agent=("agent", "first"),
            team=("team", "first"),
            start_s=("start_s", "min"),
            end_s=("end_s", "max"),
        )
        .reset_index(drop=True)
    )
