"""Every unit's KPI week by week, standardised against the weeks before."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog
from svcsim.metrics.evaluate import evaluate
from svcsim.metrics.periods import Periods
from svcsim.metrics.support import why_not
from svcsim.scorecard.fairness import can_standardise
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.measure import DESK
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
    days = Periods(edges, tuple(str(i) for i in range(len(edges) - 1)))
    seen = log.window(max(float(edges[0]), log.start), min(float(edges[-1]), log.end))
    sign = 1.0 if kpi.better == "lower" else -1.0
    for kind in KINDS:
        if not kpi.applies_to(kind):
            continue
        by = [] if kind == DESK else [kind]
        table = evaluate(seen, kpi.kind, by=by, period=days, intervals=False)
        names = pd.Series(log.name, index=table.index) if kind == DESK else table[kind]
        for unit, rows in table.groupby(names, sort=True, observed=True):
            place = rows["period"].astype(int).to_numpy()
            n, total = np.zeros((2, len(edges) - 1))
            n[place] = rows["n"].to_numpy(dtype=float)
            total[place] = n[place] * rows["value"].fillna(0.0).to_numpy(dtype=float)
            found = standardised(n, total, reference)
            if found is not None:
                z, value, usual = found
                yield Series(kpi, kind, str(unit), sign * z, value, usual)


def standardised(n: Floats, total: Floats, reference: int) -> tuple[Floats, float, float] | None:
    """Return z of the watched weeks, their pooled value and the usual one (see `watch`).

    ``n``, ``total``: contacts of each day, and the sum of their values; None with too few.
    """
    day_n, day_total = n[: 7 * reference], total[: 7 * reference]
    week_n, week_total = (x.reshape(-1, 7).sum(axis=1) for x in (n, total))
    n0 = float(day_n.sum())
    late = week_n[reference:]
    if n0 < MIN_REFERENCE_N or not (late >= MIN_WEEK_N).any():
        return None
    usual = float(day_total.sum()) / n0
    by_day = float(((day_total - usual * day_n) ** 2).sum()) / n0
    by_week = float(((week_total - usual * week_n)[:reference] ** 2).sum()) / n0
    phi = max(by_day, by_week) * reference / (reference - 1)
    if phi <= 0:
        return None
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(late >= MIN_WEEK_N, week_total[reference:] / late, np.nan)
        z = (value - usual) / np.sqrt(phi * (1 / late + 1 / n0))
    pooled = float(week_total[reference:].sum() / late.sum())
    return z, pooled, usual


def scatter_of_days(x: Floats, n: Floats) -> float:
    """Return the intra-day correlation ρ of misses, by moments (0 when chance explains them)."""
    use = n > 1
    if use.sum() < MIN_REFERENCE or x.sum() in (0.0, n.sum()):
        return 0.0
    p = x[use].sum() / n[use].sum()
    excess = ((x[use] - n[use] * p) ** 2 / (p * (1 - p)) - n[use]).sum()
    return float(np.clip(excess / (n[use] * (n[use] - 1)).sum(), 0.0, 0.5))
