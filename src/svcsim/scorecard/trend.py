"""Trends: the same KPI of the same unit over the last periods, and whether it moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control
from scipy.stats import t as student

from svcsim.contacts.log import ContactLog
from svcsim.metrics.periods import Periods
from svcsim.scorecard.curve import Direction
from svcsim.scorecard.measure import DESK, Question, evaluate_units
from svcsim.scorecard.mix import measured_of
from svcsim.scorecard.period import Period
from svcsim.scorecard.reliability import Measured, contact_noise
from svcsim.stats.interval import LEVEL

Floats = NDArray[np.float64]
Verdict = Literal["rising", "falling", "no change seen"]

MOST = 6
"""Periods looked back from the scored one."""
LEAST = 3
"""Fewer periods with a value show no trend."""
FALSE_DISCOVERIES = 0.10
"""Share of the named trends that may be luck (Benjamini and Hochberg 1995)."""


@dataclass(frozen=True)
class Trend:
    """One KPI of one unit over consecutive periods, the scored one last.

    Parameters
    ----------
    values, n : tuple
        As measured; NaN and 0 where there is nothing.
    slope, lower, upper : float
        Change a period with its 95 % interval, in the metric's unit; of times a growth factor
        minus 1 (0.05 = 5 % longer every period).
    relative : bool
        Whether the slope is such a factor.
    p, q : float
        Two-sided p value and the smallest false discovery rate at which it is named.
    verdict : str
        ``rising``, ``falling`` or ``no change seen``: of the value, whichever side is better.
    side : str
        ``better`` or ``worse`` where it moves.
    """

    metric: str
    kind: str
    unit: str
    values: tuple[float, ...]
    n: tuple[int, ...]
    slope: float
    lower: float
    upper: float
    relative: bool
    p: float
    q: float
    verdict: Verdict
    side: Literal["better", "worse", ""]


def trends(
    log: ContactLog,
    question: Question,
    periods: Sequence[Period],
    kind: str,
    names: Sequence[str],
    better: Direction,
) -> list[Trend]:
    """Return the trend of every unit of a kind; nothing is named yet (`name_trends`).

    Weighted least squares on the period number with weights n/σ² (σ the noise of one contact,
    pooled over units and periods; on the log scale for times). The spread of the residuals beyond
    σ, pooled over units (χ²/degrees of freedom, at least 1), widens the error; Student's t with
    the pooled degrees of freedom.
    """
    value, n, measured = _grid(log, question, periods, kind, names)
    sigma = contact_noise(measured)
    y = measured.scaled(value)
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = np.where(np.isfinite(y) & (n > 0), n / sigma**2, 0.0)
    slope, error, chi2, df = _lines(np.nan_to_num(y), weight)
    freedom = float(df.sum())
    scatter = max(float(chi2.sum()) / freedom, 1.0) if freedom > 0 else 1.0
    error = error * np.sqrt(scatter)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = 2 * student.sf(np.abs(slope / error), max(freedom, 1.0))
    reach = student.ppf(0.5 + LEVEL / 2, max(freedom, 1.0)) * error
    low, mid, high = (
        np.expm1(x) if measured.on_log else x for x in (slope - reach, slope, slope + reach)
    )
    return [
        Trend(
            question.metric.id,
            kind,
            name,
            tuple(float(x) for x in value[i]),
            tuple(int(x) for x in n[i]),
            float(mid[i]),
            float(low[i]),
            float(high[i]),
            measured.on_log,
            float(p[i]),
            float("nan"),
            "no change seen",
            _side(float(slope[i]), better),
        )
        for i, name in enumerate(names)
    ]


def name_trends(found: Sequence[Trend]) -> list[Trend]:
    """Return the trends with those named that a false discovery rate of 10 % lets through.

    The family is every unit of a kind with every KPI: among 30 agents and 5 KPIs seven lines
    would lie beyond a 95 % limit by luck alone.
    """
    out = list(found)
    for kind in {trend.kind for trend in found}:
        places = [i for i, t in enumerate(found) if t.kind == kind and np.isfinite(t.p)]
        if not places:
            continue
        q = false_discovery_control([found[i].p for i in places])
        for i, rate in zip(places, q, strict=True):
            verdict: Verdict = "no change seen"
            if rate <= FALSE_DISCOVERIES:
                verdict = "rising" if found[i].slope > 0 else "falling"
            out[i] = replace(found[i], q=float(rate), verdict=verdict)
    return [
        replace(trend, side="") if trend.verdict == "no change seen" else trend for trend in out
    ]


def _grid(
    log: ContactLog,
    question: Question,
    periods: Sequence[Period],
    kind: str,
    names: Sequence[str],
) -> tuple[Floats, Floats, Measured]:
    """Return values and contacts (units x periods), and all of them as one KPI for its noise."""
    edges = np.array([periods[0].start, *(period.end for period in periods)])
    labels = tuple(str(i) for i in range(len(periods)))
    table = evaluate_units(log, question.metric, kind, Periods(edges, labels))
    table = table.assign(unit=names[0]) if kind == DESK else table
    measured = measured_of(table, question.metric)
    value, n = (
        table.pivot_table(index="unit", columns="period", values=name, dropna=False)
        .reindex(index=list(names), columns=list(labels))
        .to_numpy(dtype=float)
        for name in ("value", "n")
    )
    return value, np.nan_to_num(n), measured


def _lines(y: Floats, weight: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return slope, its error, χ² of the residuals and degrees of freedom of every row."""
    x = np.arange(y.shape[1], dtype=float)
    total = weight.sum(axis=1, keepdims=True)
    seen = (weight > 0).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        centred = x - (weight * x).sum(axis=1, keepdims=True) / total
        mean = (weight * y).sum(axis=1, keepdims=True) / total
        spread = (weight * centred**2).sum(axis=1)
        slope = (weight * centred * (y - mean)).sum(axis=1) / spread
        residual = y - mean - slope[:, None] * centred
        chi2 = (weight * residual**2).sum(axis=1)
        error = spread**-0.5
    enough = seen >= LEAST
    blank = np.full(len(y), np.nan)
    return (
        np.where(enough, slope, blank),
        np.where(enough, error, blank),
        np.where(enough, chi2, 0.0),
        np.where(enough, seen - 2.0, 0.0),
    )


def _side(slope: float, better: Direction) -> Literal["better", "worse", ""]:
    if not slope:
        return ""
    return "better" if (slope > 0) == (better == "higher") else "worse"
