"""From points of KPIs to a score: weighted sums of best values and of posterior draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svcsim.scorecard.fairness import MIN_COMPARABLE
from svcsim.scorecard.judge import Line

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Total:
    """Weighted points of all units of a kind: best value and posterior draws."""

    names: list[str]
    score: Floats
    draws: Floats
    par: float
    """Score of a unit that meets every target exactly."""
    weight_scored: Floats
    as_measured: Floats
    """Weighted points of the values as measured, over the KPIs that have one."""


LEAST_WEIGHT = 0.5
"""An agent of whom less than this part of the card is asked gets no score, band or rank."""


def total_of(kind: str, names: list[str], lines: list[Line]) -> Total:
    """Return Σ w·points / Σ w over the KPIs of each unit that have points.

    ``weight_scored`` is relative to the whole card: KPIs asked of the team alone count as not
    scored for agents, and an agent with less than `LEAST_WEIGHT` of the card has no score, because
    a rest of one or two KPIs is another card than the one that was agreed.
    """
    top, bottom = np.zeros(len(names)), np.zeros(len(names))
    draws: Floats | float = 0.0
    par = par_weight = whole = asked = 0.0
    own, raw, raw_weight = (np.zeros(len(names)) for _ in range(3))
    for line in lines:
        kpi = line.asked.kpi
        whole += kpi.weight
        if not kpi.applies_to(kind):
            continue
        asked += kpi.weight
        judged = line.judged.get(kind)
        if judged is None:
            continue
        points = judged.table["points"].to_numpy(dtype=float)
        known = np.isfinite(points)
        weight = np.where(known, kpi.weight, 0.0)
        top += weight * np.where(known, points, 0.0)
        bottom += weight
        draws = draws + weight[:, None] * np.where(known[:, None], judged.draws, 0.0)
        own += np.where(judged.table["settled"], kpi.weight, 0.0)
        measured = judged.table["as_measured"].to_numpy(dtype=float)
        raw += kpi.weight * np.nan_to_num(measured)
        raw_weight += np.where(np.isfinite(measured), kpi.weight, 0.0)
        par += kpi.weight * float(line.asked.curve.points(line.asked.curve.target))
        par_weight += kpi.weight
    with np.errstate(invalid="ignore", divide="ignore"):
        scores, as_measured = top / bottom, raw / raw_weight
        spread = np.asarray(draws / bottom[:, None]) if np.ndim(draws) else scores[:, None]
    if kind == "agent" and asked < LEAST_WEIGHT * whole:
        scores, spread = np.full_like(scores, np.nan), np.full_like(spread, np.nan)
        as_measured = scores
    return Total(
        names,
        scores,
        spread,
        par / par_weight if par_weight else float("nan"),
        own / whole if whole else own,
        as_measured,
    )


def weight_alone(lines: list[Line], teams: int) -> Floats:
    """Return the share of the scored weight whose kinds of contact no other team handles."""
    alone, whole = np.zeros(teams), 0.0
    for line in lines:
        if "team" in line.judged:
            table = line.judged["team"].table
            lonely = (table["comparable"] < MIN_COMPARABLE) & table["settled"]
            alone += line.asked.kpi.weight * lonely.to_numpy()
            whole += line.asked.kpi.weight
    return alone / whole if whole else alone
