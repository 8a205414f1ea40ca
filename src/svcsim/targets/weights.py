"""Weights: at most five KPIs, what customers value times how well a KPI can be measured.

ideal weight = value of the KPI's dimension x (1 + R) / 2, R its reliability per agent and period;
then the vector in steps of 5 % nearest to it under the rules: satisfaction at least 30 %, every
KPI 5 to 45 %, handling time and volume together at most .7 of resolution and satisfaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcsim.targets.proposal import Weight
from svcsim.targets.reliability import MAY_PAY, TEAM_ONLY
from svcsim.text import Text, listed

MAX_KPIS = 5
STEP = 5
LOW, HIGH = 5, 45
CSAT_FLOOR = 30
EFFORT_CAP = 0.7
"""(volume + handling time) / (resolution + satisfaction) at most: beyond it rushing pays."""
TWINS = 0.9
"""Two KPIs whose simulated values correlate more than this say the same."""
CLEARLY = 0.2
"""Reliabilities are compared in steps of this size."""
UNKNOWN_RELIABILITY = 0.5

VALUE = {"timeliness": 30.0, "resolution": 30.0, "satisfaction": 30.0, "efficiency": 10.0}
"""What the dimensions are worth to a customer before reliability counts (a template)."""
ZH = {
    "timeliness": "时效",
    "resolution": "解决质量",
    "satisfaction": "满意度",
    "efficiency": "效率",
}
_DIMENSIONS = {
    "timeliness": ("frt", "wait", "answered", "abandon", "res_", "close_in"),
    "resolution": ("fcr", "reopen", "repeat", "transfers", "no_transfer"),
    "satisfaction": ("csat_top2", "csat_mean"),
    "efficiency": ("aht", "throughput", "volume"),
}


@dataclass(frozen=True)
class Candidate:
    """A KPI that may get a weight."""

    metric: str
    dimension: str
    reliability: float | None
    n_agent: float = 0.0
    """Contacts behind an agent's value in a period (median)."""


def dimension(metric: str) -> str:
    """Return timeliness, resolution, satisfaction or efficiency; empty for other metrics."""
    name = metric.split("(")[0]
    for label, starts in _DIMENSIONS.items():
        if name.startswith(starts):
            return label
    return ""


def pace_only(metrics: Sequence[str]) -> bool:
    """Tell whether all KPIs are of efficiency: speed that nothing holds to quality or promptness.

    Such targets are for discussion; no card is made of them, since handling time and volume may
    weigh at most `EFFORT_CAP` of resolution and satisfaction.
    """
    return bool(metrics) and all(dimension(metric) == "efficiency" for metric in metrics)


def drop_twins(candidates: Sequence[Candidate], runs: pd.DataFrame) -> dict[str, str]:
    """Return the KPIs to leave out and the one kept instead (|r| over replications > .9).

    Of a pair the clearly more reliable one stays, else the first in order of preference.
    """
    dropped: dict[str, str] = {}
    ranked = sorted(
        enumerate(candidates),
        key=lambda pair: (-round((pair[1].reliability or 0.0) / CLEARLY), pair[0]),
    )
    kept: list[str] = []
    for _, candidate in ranked:
        values = runs[candidate.metric]
        twin = next((k for k in kept if _correlation(values, runs[k]) > TWINS), None)
        if twin is None:
            kept.append(candidate.metric)
        else:
            dropped[candidate.metric] = twin
    return dropped


def pick(candidates: Sequence[Candidate], most: int = MAX_KPIS) -> list[Candidate]:
    """Return at most ``most`` KPIs: one of each dimension in turn, in order of preference."""
    by_dimension: dict[str, list[Candidate]] = {name: [] for name in VALUE}
    for candidate in candidates:
        by_dimension[candidate.dimension].append(candidate)
    # A second KPI of timeliness and of resolution adds something, a second one of the others not.
    chosen = [group[0] for group in by_dimension.values() if group]
    chosen += [*by_dimension["timeliness"][1:2], *by_dimension["resolution"][1:2]]
    order = {candidate.metric: i for i, candidate in enumerate(candidates)}
    return sorted(chosen[:most], key=lambda candidate: order[candidate.metric])


def ideal(kpis: Sequence[Candidate]) -> dict[str, float]:
    """Return value x (1 + R) / 2, shared within a dimension, scaled to 100."""
    size = pd.Series([kpi.dimension for kpi in kpis]).value_counts()
    raw = {
        kpi.metric: VALUE[kpi.dimension] / size[kpi.dimension] * _trust(kpi.reliability)
        for kpi in kpis
    }
    total = sum(raw.values())
    return {metric: 100.0 * value / total for metric, value in raw.items()}


def round_weights(kpis: Sequence[Candidate]) -> dict[str, int]:
    """Return the allowed weights in steps of 5 % nearest to the ideal ones (least squares)."""
    if not kpis:
        return {}
    wish = ideal(kpis)
    target = np.array([wish[kpi.metric] for kpi in kpis])
    high = _high(kpis)
    best: tuple[float, tuple[int, ...]] | None = None
    for parts in _splits(100 // STEP, len(kpis), LOW // STEP, high // STEP):
        weights = tuple(STEP * part for part in parts)
        if not _allowed(kpis, weights):
            continue
        distance = float(((np.array(weights) - target) ** 2).sum())
        if best is None or distance < best[0] - 1e-9:
            best = (distance, weights)
    if best is None:
        return {kpi.metric: w for kpi, w in zip(kpis, _even(len(kpis)), strict=True)}
    return {kpi.metric: w for kpi, w in zip(kpis, best[1], strict=True)}


def propose_weights(kpis: Sequence[Candidate]) -> tuple[Weight, ...]:
    """Return the weights with the reason of each in words (English and Chinese)."""
    wish, weights = ideal(kpis) if kpis else {}, round_weights(kpis)
    out = []
    for kpi in kpis:
        weight = weights[kpi.metric]
        why = _why(kpi, kpis, wish[kpi.metric], weight)
        out.append(
            Weight(
                metric=kpi.metric,
                weight=weight,
                why=why.en,
                why_zh=why.zh,
                reliability=kpi.reliability,
            )
        )
    return tuple(out)


def _trust(reliability: float | None) -> float:
    known = UNKNOWN_RELIABILITY if reliability is None else reliability
    return (1.0 + known) / 2.0


def _high(kpis: Sequence[Candidate]) -> int:
    """Return the largest weight: 45 %, or more where fewer than three KPIs share 100 %."""
    if len(kpis) >= 3:
        return HIGH
    return 100 if len(kpis) == 1 else 70


def _allowed(kpis: Sequence[Candidate], weights: Sequence[int]) -> bool:
    total = dict.fromkeys(VALUE, 0)
    for kpi, weight in zip(kpis, weights, strict=True):
        total[kpi.dimension] += weight
    rated = any(kpi.dimension == "satisfaction" for kpi in kpis)
    if rated and total["satisfaction"] < CSAT_FLOOR:
        return False
    quality = total["resolution"] + total["satisfaction"]
    return quality == 0 or total["efficiency"] <= EFFORT_CAP * quality + 1e-9


def _splits(total: int, parts: int, low: int, high: int) -> Iterator[tuple[int, ...]]:
    """Yield every way to write ``total`` as ``parts`` whole numbers in low..high."""
    if parts == 1:
        if low <= total <= high:
            yield (total,)
        return
    for first in range(low, high + 1):
        rest = total - first
        if low * (parts - 1) <= rest <= high * (parts - 1):
            for tail in _splits(rest, parts - 1, low, high):
                yield (first, *tail)


def _even(parts: int) -> list[int]:
    """Return 100 in steps of 5, as even as possible, the first ones larger."""
    whole, more = divmod(100 // STEP, parts)
    return [STEP * (whole + (i < more)) for i in range(parts)]


def _correlation(a: pd.Series, b: pd.Series) -> float:
    both = np.isfinite(a) & np.isfinite(b)
    x, y = a[both].to_numpy(dtype=float), b[both].to_numpy(dtype=float)
    if len(x) < 10 or x.std() == 0 or y.std() == 0:
        return 0.0
    return abs(float(np.corrcoef(x, y)[0, 1]))


def _why(kpi: Candidate, kpis: Sequence[Candidate], wish: float, weight: int) -> Text:
    """Return how a weight came about, in words."""
    value = f"{VALUE[kpi.dimension]:.0f}"
    parts = [
        Text(
            f"{kpi.dimension} is worth {value} of 100 to the customer",
            f"{ZH[kpi.dimension]}对客户的价值记 {value} 分（满分 100）",
        )
    ]
    shared = sum(other.dimension == kpi.dimension for other in kpis)
    if shared > 1:
        parts.append(Text(f", shared by {shared} KPIs", f"，由 {shared} 个指标分担"))
    parts += [
        *_how_reliable(kpi.reliability),
        Text(f"; value x reliability gives {wish:.0f} %", f"；价值×可靠度为 {wish:.0f}%"),
        *_how_rounded(kpi, wish, weight),
        Text(".", "。"),
    ]
    return listed(parts, ("", ""))


def _how_reliable(reliability: float | None) -> list[Text]:
    if reliability is None:
        return [
            Text(
                "; the history does not tell agents apart on it (counted with reliability .5)",
                "；历史数据无法区分到个人（可靠度按 0.5 计）",
            )
        ]
    parts = [
        Text(
            f"; reliability per agent and period {reliability:.2f}",
            f"；单人单周期可靠度 {reliability:.2f}",
        )
    ]
    if reliability < TEAM_ONLY:
        parts.append(
            Text(
                ": mostly chance for one person, so score the team on it",
                "，对个人主要是偶然，宜按团队考核",
            )
        )
    elif reliability < MAY_PAY:
        parts.append(Text(": feedback for a person, not pay", "，可用于个人反馈，不宜与奖金挂钩"))
    return parts


def _how_rounded(kpi: Candidate, wish: float, weight: int) -> list[Text]:
    if kpi.dimension == "satisfaction" and weight == CSAT_FLOOR and wish < CSAT_FLOOR - 2.5:
        return [
            Text(
                f", raised to the floor of {CSAT_FLOOR} % for satisfaction",
                f"，按满意度下限提高到 {CSAT_FLOOR}%",
            )
        ]
    if abs(weight - wish) <= 2.5:
        return []
    moved = Text("raised", "提高") if weight > wish else Text("lowered", "降低")
    text = Text(", {moved} to {weight} % by the rules", "，按约束规则{moved}到 {weight}%")
    return [text.fill(moved=moved, weight=weight)]
