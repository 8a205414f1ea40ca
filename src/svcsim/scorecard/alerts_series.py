"""Every unit's KPI week by week, standardised against the weeks before."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog
from svcsim.metrics.periods import Periods
from svcsim.metrics.support import why_not
from svcsim.scorecard.fairness import can_standardise
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.measure import DESK, evaluate_units
from svcsim.scorecard.period import Period

Floats = NDArray[np.float64]

MIN_REFERENCE = 8
"""Weeks from which a series learns what is usual."""
MOST_WATCHED = 12
MOST_WEEKS = 52
MIN_REFERENCE_N = 30
MIN_WEEK_N = 5
KINDS = (DESK, "team", "agent")


@dataclass(frozen=True)
class Series:
    """One unit's KPI in the watched weeks, standardised so that up is worse."""

    kpi: Kpi
    kind: str
    unit: str
    z: Floats
    value: float
    usual: float


def weeks_of(log: ContactLog, span: Period) -> tuple[Floats, int]:
    """Return edges of days (a multiple of seven) up to the period's end, and reference weeks."""
    zone = log.timezone
    end = pd.Timestamp(min(span.end, log.end + 1), unit="s", tz="UTC").tz_convert(zone)
    last = end.tz_localize(None).normalize()
    first = pd.Timestamp(log.start, unit="s", tz="UTC").tz_convert(zone).tz_localize(None).ceil("D")
    weeks = min(max((last - first).days, 0) // 7, MOST_WEEKS)
    inside = math.ceil((min(span.end, log.end) - span.start) / (7 * 86400) - 0.2)
    watched = int(np.clip(weeks - MIN_REFERENCE, max(inside, 1), max(MOST_WATCHED, inside)))
    days = pd.date_range(last - pd.Timedelta(days=7 * weeks), last, freq="D")
    local = days.tz_localize(zone, nonexistent="shift_forward", ambiguous=np.ones(len(days), bool))
    edges = np.array([stamp.timestamp() for stamp in local])
    return edges, max(weeks - watched, 0) if weeks - watched >= MIN_REFERENCE else 0


def series_of(log: ContactLog, kpi: Kpi, edges: Floats, reference: int) -> Iterator[Series]:
    """Yield the series of every unit that has enough contacts."""
    if not can_standardise(kpi.kind) or why_not(log, kpi.kind):
        return
    seen = log.window(max(float(edges[0]), log.start), min(float(edges[-1]), log.end))
    sign = 1.0 if kpi.better == "lower" else -1.0
    desk = next(iter(_days(seen, kpi, DESK, edges)), None)
    for kind in KINDS if desk is not None else ():
        for unit, n, total in _days(seen, kpi, kind, edges) if kpi.applies_to(kind) else ():
            guide = None if kind == DESK or desk is None else (desk[1] - n, desk[2] - total)
            found = standardised(n, total, reference, guide, times=kpi.kind.unit == "s")
            if found is not None:
                z, value, usual = found
                yield Series(kpi, kind, unit, sign * z, value, usual)


def _days(
    log: ContactLog, kpi: Kpi, kind: str, edges: Floats
) -> Iterator[tuple[str, Floats, Floats]]:
    """Yield every unit of a kind with its contacts and the sum of their values, day by day."""
    days = Periods(edges, tuple(str(i) for i in range(len(edges) - 1)))
    table = evaluate_units(log, kpi.kind, kind, days, intervals=False)
    for unit, rows in table.groupby("unit", sort=True, observed=True):
        place = rows["period"].astype(int).to_numpy()
        n, total = np.zeros((2, len(edges) - 1))
        n[place] = rows["n"].to_numpy(dtype=float)
        total[place] = n[place] * rows["value"].fillna(0.0).to_numpy(dtype=float)
        yield str(unit), n, total


def standardised(
    n: Floats,
    total: Floats,
    reference: int,
    guide: tuple[Floats, Floats] | None = None,
    *,
    times: bool = False,
) -> tuple[Floats, float, float] | None:
    """Return z of the watched weeks, their pooled value and the usual one; None with too few.

    With v0 the value over the reference weeks, E_w what a week lets expect (v0; with a guide, the
    rest of the desk, v0 times or plus what the desk's week departs from the desk's usual: a busy
    week is nobody's own), and the residual e = total − n·E of a day, φ = Σ e²/Σ n over the days of
    the reference, or over its weeks where that is more; then, for r the lag-one correlation of the
    reference weeks' residuals (not below 0, shrunk by 1 − 2/√weeks), φ·(1 + r)/(1 − r): queues
    remember. z = (v − E)/√(φ/n·(1 + w/w0)) with w watched and w0 reference weeks (all share the
    error of v0); of times on the log scale, E·log(v/E) in place of v − E.

    Parameters
    ----------
    n, total : ndarray
        Contacts of each day, and the sum of their values; a multiple of seven days.
    reference : int
        Weeks from which the usual is learned.
    guide : pair of ndarray, optional
        The same of the rest of the desk.
    times : bool
        Durations: departures are ratios.
    """
    week_n, week_total = (x.reshape(-1, 7).sum(axis=1) for x in (n, total))
    n0, late = float(week_n[:reference].sum()), week_n[reference:]
    if n0 < MIN_REFERENCE_N or not (late >= MIN_WEEK_N).any():
        return None
    usual = float(week_total[:reference].sum()) / n0
    expected = _expected(usual, len(week_n), reference, guide, times=times)
    left = week_total - week_n * expected
    # a guide moves the level a little: what is left over the reference is put back
    bias = float(left[:reference].sum()) / n0
    expected, left = expected + bias, left - week_n * bias
    by_day = (total - n * np.repeat(expected, 7))[: 7 * reference]
    squares = max(float((by_day**2).sum()), float((left[:reference] ** 2).sum()))
    phi = squares / n0 * reference / (reference - 1) * _memory(left[:reference])
    if phi <= 0:
        return None
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(late >= MIN_WEEK_N, week_total[reference:] / late, np.nan)
        beside = expected[reference:]
        away = beside * np.log(value / beside) if times else value - beside
        z = away / np.sqrt(phi / late * (1 + len(late) / reference))
    pooled = float(week_total[reference:].sum() / late.sum())
    return np.where(np.isfinite(z), z, np.nan), pooled, usual


def _expected(
    usual: float,
    weeks: int,
    reference: int,
    guide: tuple[Floats, Floats] | None,
    *,
    times: bool,
) -> Floats:
    """Return what every week lets expect."""
    if guide is None:
        return np.full(weeks, usual)
    n, total = (x.reshape(-1, 7).sum(axis=1) for x in guide)
    before = float(n[:reference].sum())
    if before < MIN_REFERENCE_N:
        return np.full(weeks, usual)
    level = float(total[:reference].sum()) / before
    with np.errstate(invalid="ignore", divide="ignore"):
        now = np.where(n >= MIN_WEEK_N, total / n, level)
    if times:
        return usual * now / level if level > 0 else np.full(weeks, usual)
    return np.clip(usual + now - level, 1e-6, None)


def _memory(left: Floats) -> float:
    """Return the factor by which weekly residuals that hang together widen a lasting sum."""
    size = float((left**2).sum())
    if size <= 0:
        return 1.0
    r = float((left[1:] * left[:-1]).sum()) / size * max(1 - 2 / np.sqrt(len(left)), 0.0)
    r = float(np.clip(r, 0.0, 0.8))
    return (1 + r) / (1 - r)


def scatter_of_days(x: Floats, n: Floats) -> float:
    """Return the intra-day correlation ρ of misses, by moments (0 when chance explains them)."""
    use = n > 1
    if use.sum() < MIN_REFERENCE or x.sum() in (0.0, n.sum()):
        return 0.0
    p = x[use].sum() / n[use].sum()
    excess = ((x[use] - n[use] * p) ** 2 / (p * (1 - p)) - n[use]).sum()
    return float(np.clip(excess / (n[use] * (n[use] - 1)).sum(), 0.0, 0.5))
