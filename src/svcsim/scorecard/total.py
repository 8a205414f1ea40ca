"""From points of KPIs to a score: weighted sums of best values and of posterior draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svcsim.scorecard.fairness import MIN_COMPARABLE
from svcsim.scorecard.judge import Line
from svcsim.scorecard.measure import kind_of

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Total:
    """Weighted points of all units of a group: best value and posterior draws."""

    names: list[str]
    score: Floats
    draws: Floats
    par: Floats
    """Score of each unit, had it met every target exactly."""
    weight_scored: Floats
    as_measured: Floats
    """Weighted points of the values as measured, over the KPIs that have one."""
    alike: NDArray[np.int64]
    """Equal numbers: units that are asked the same KPIs, so that their scores compare."""


LEAST_WEIGHT = 0.5
"""An agent of whom less than this part of the card is asked gets no score, band or rank."""


def total_of(group: str, names: list[str], lines: list[Line]) -> Total:
    """Return Σ w·points / Σ w over the KPIs of each unit that have points.

    ``weight_scored`` is relative to the whole card: KPIs asked of the team alone count as not
    scored for agents, and an agent with less than `LEAST_WEIGHT` of the card has no score, because
    a rest of one or two KPIs is another card than the one that was agreed. KPIs that are for
    others (``for``) are no part of a unit's card. Gates carry no weight.
    """
    size = len(names)
    top, bottom, par, par_weight, whole, asked, own, raw, raw_weight = np.zeros((9, size))
    draws: Floats | float = 0.0
    alike = np.zeros(size, dtype=np.int64)
    for line in lines:
        kpi = line.asked.kpi
        if kpi.curve == "gate":
            continue
        mine, weight = line.asks[group], kpi.weight * line.asks[group]
        whole += kpi.weight * _part_of_card(line, group)
        asked += weight
        alike = 2 * alike + mine
        judged = line.judged.get(group)
        if judged is None:
            continue
        points = judged.table["points"].to_numpy(dtype=float)
        counted = np.where(np.isfinite(points), weight, 0.0)
        top += counted * np.nan_to_num(points)
        bottom += counted
        scored = np.where((counted > 0)[:, None], judged.draws, 0.0)
        draws = draws + counted[:, None] * scored
        own += weight * judged.table["settled"].to_numpy(dtype=float)
        measured = judged.table["as_measured"].to_numpy(dtype=float)
        raw += weight * np.nan_to_num(measured)
        raw_weight += np.where(np.isfinite(measured), weight, 0.0)
        par += weight * float(line.asked.curve.points(line.asked.curve.target))
        par_weight += weight
    with np.errstate(invalid="ignore", divide="ignore"):
        scores, as_measured = top / bottom, raw / raw_weight
        spread = np.asarray(draws / bottom[:, None]) if np.ndim(draws) else scores[:, None]
        par, own = par / par_weight, np.where(whole > 0, own / whole, own)
    if kind_of(group) == "agent":
        thin = asked < LEAST_WEIGHT * whole
        scores, as_measured = (np.where(thin, np.nan, part) for part in (scores, as_measured))
        spread = np.where(thin[:, None], np.nan, spread)
    return Total(names, scores, spread, par, own, as_measured, alike)


def _part_of_card(line: Line, group: str) -> NDArray[np.bool_]:
    """Tell for whom the KPI is part of the card, asked of this kind of unit or not."""
    mine, kpi = line.asks[group], line.asked.kpi
    return mine if kpi.for_ is not None else np.ones_like(mine)


def weight_alone(lines: list[Line], teams: int) -> Floats:
    """Return the share of the scored weight whose kinds of contact no other team handles."""
    alone, whole = np.zeros(teams), 0.0
    for line in lines:
        if "team" in line.judged and line.asked.kpi.curve != "gate":
            table = line.judged["team"].table
            lonely = (table["comparable"] < MIN_COMPARABLE) & table["settled"]
            alone += line.asked.kpi.weight * lonely.to_numpy()
            whole += line.asked.kpi.weight
    return alone / whole if whole else alone
