"""The simulated desk as the evidence of a proposal: distributions, curves, levers, staffing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from svcsim.calendar.days import WEEKDAYS
from svcsim.contacts.chains import new_cases
from svcsim.contacts.log import ContactLog
from svcsim.model.service import ServiceModel
from svcsim.targets.attainment import all_met, curve, judging, paired
from svcsim.targets.busiest import busiest_hour
from svcsim.targets.capacity import team_hours, week_of_hours
from svcsim.targets.levers import AS_IS, Lever
from svcsim.targets.proposal import (
    ChanceCurve,
    Distribution,
    LeverRow,
    Probability,
    StaffingPoint,
)
from svcsim.targets.stages import Chosen, KpiFacts

GRID = 31
"""Points of a curve P(met) against the target value."""


@dataclass(frozen=True)
class Desk:
    """What the simulation gave: one table of replications x metrics a scenario."""

    runs: Mapping[str, pd.DataFrame]
    counts: pd.DataFrame
    """Replications x metrics of the desk as it is: contacts behind each value."""
    levers: Mapping[str, Lever]
    staffing: Mapping[int, pd.DataFrame]
    """Agents more or less in the busiest team -> replications x metrics."""
    team: str
    observed: pd.DataFrame | None = None
    """History by period: ``period, metric, value, n``."""
    exploratory: bool = False
    by_agent: pd.DataFrame | None = None
    """KPIs of single agents as is and after the first package: ``scenario, replication, agent,
    metric, value, n``."""

    @property
    def as_is(self) -> pd.DataFrame:
        """Replications of the desk as it is."""
        return self.runs[AS_IS]


def lever_rows(desk: Desk, metrics: Sequence[str]) -> tuple[LeverRow, ...]:
    """Return every simulated change with the KPI medians after it.

    Median after = median as is + median of the paired differences (common random numbers), so
    that few replications are enough.
    """
    rows = []
    for name, lever in desk.levers.items():
        changes = tuple(
            {("from" if key == "from_" else key): value for key, value in c.items()}
            for c in (change.model_dump(exclude_none=True) for change in lever.scenario.changes)
        )
        rows.append(
            LeverRow(
                name=name,
                zh=lever.scenario.zh,
                what=lever.what,
                what_zh=lever.what_zh,
                changes=changes,
                medians=medians(desk.as_is, desk.runs[name], metrics),
            )
        )
    return tuple(rows)


def medians(before: pd.DataFrame, after: pd.DataFrame, metrics: Sequence[str]) -> dict[str, float]:
    """Return the median of each metric after a change, by paired differences."""
    out = {}
    for metric in metrics:
        if metric not in before or metric not in after:
            continue
        shift = (after[metric] - before[metric].reindex(after.index)).median()
        value = float(before[metric].median() + shift)
        if math.isfinite(value):
            out[metric] = _short(value)
    return out


def curves(
    desk: Desk, kpis: Sequence[KpiFacts], scenarios: Sequence[str]
) -> tuple[ChanceCurve, ...]:
    """Return P(met) against the target value for every KPI, as is and after each package.

    From the replications that judge the targets, so that curve and table agree.
    """
    out = []
    for kpi in kpis:
        columns = {name: desk.runs[name][kpi.metric] for name in scenarios}
        pooled = pd.concat(list(columns.values())).dropna()
        low, high = (float(q) for q in pooled.quantile([0.005, 0.995]))
        grid = np.linspace(low, high, GRID).tolist()
        before = judging(desk.as_is[kpi.metric])
        out.append(
            ChanceCurve(
                metric=kpi.metric,
                unit=kpi.unit,
                values=tuple(_short(x) for x in grid),
                p={
                    name: tuple(
                        round(float(p), 4) for p in curve(judging(values), grid, kpi.better, before)
                    )
                    for name, values in columns.items()
                },
            )
        )
    return tuple(out)


def distributions(
    desk: Desk, kpis: Sequence[KpiFacts], scenarios: Sequence[str]
) -> tuple[Distribution, ...]:
    """Return the simulated period values of every KPI, and the observed ones with the first."""
    out = []
    for kpi in kpis:
        for name in scenarios:
            values = desk.runs[name][kpi.metric].dropna()
            out.append(
                Distribution(
                    metric=kpi.metric,
                    unit=kpi.unit,
                    scenario=name,
                    values=tuple(_short(float(v)) for v in values),
                    observed=_observed(desk, kpi.metric) if name == AS_IS else (),
                )
            )
    return tuple(out)


def staffing_points(
    desk: Desk, stage: Chosen | None, kpis: Sequence[KpiFacts], agents: int
) -> tuple[StaffingPoint, ...]:
    """Return the staffing curve for the targets of the first stage.

    Chances from the replications that judge the targets, medians from all.
    """
    if stage is None:
        return ()
    pairs = {kpi.metric: (stage.values[kpi.metric], kpi.better) for kpi in kpis}
    names = [kpi.metric for kpi in kpis] + ["occupancy"]
    points = []
    for delta, runs in sorted({**desk.staffing, 0: desk.as_is}.items()):
        chances = {m: _chance(runs, desk.as_is, {m: pair}) for m, pair in pairs.items()}
        points.append(
            StaffingPoint(
                delta=delta,
                agents=agents + delta,
                p_stage=_chance(runs, desk.as_is, pairs),
                medians=medians(desk.as_is, runs, names),
                p_met={metric: chance.value for metric, chance in chances.items()},
            )
        )
    return tuple(points)


def _chance(
    runs: pd.DataFrame, as_is: pd.DataFrame, pairs: Mapping[str, tuple[float, str]]
) -> Probability:
    return paired(all_met(judging(runs), pairs), all_met(judging(as_is), pairs))


def arrivals(model: ServiceModel, log: ContactLog | None) -> dict[str, Any]:
    """Return expected and observed new cases by local hour of week, Monday first.

    ``busiest`` is the busiest hour for calls (`busiest_hour`), where some channel is live.
    """
    level = model.arrivals.level.value
    profile = [[_short(level * x) for x in model.arrivals.profile[day]] for day in WEEKDAYS]
    out: dict[str, Any] = {"profile": profile, "per_week": _short(level)}
    busiest = busiest_hour(model)
    if busiest is not None:
        out["busiest"] = busiest
    if log is None:
        return out
    first = log.frame.loc[new_cases(log.frame), "opened_s"]
    local = pd.to_datetime(first, unit="s", utc=True).dt.tz_convert(log.timezone)
    weeks = max((log.end - log.start) / 604800.0, 1e-9)
    table = np.zeros((7, 24))
    np.add.at(table, (local.dt.day_of_week.to_numpy(), local.dt.hour.to_numpy()), 1.0)
    out["observed"] = [[_short(x) for x in row] for row in (table / weeks).tolist()]
    return out


def capacity(model: ServiceModel, runs: pd.DataFrame, days: int) -> dict[str, Any]:
    """Return simulated occupancy, agents, offered and staffed hours per week, also by team.

    ``week`` tells where the hours of a simulated week go (`week_of_hours`), ``busy_factor`` how
    many times the recorded handling time an agent is busy.
    """
    hours = team_hours(model)
    out: dict[str, Any] = {
        "agents": len(model.agents),
        "offered_hours_per_week": _short(sum(h.offered for h in hours.values())),
        "staffed_hours_per_week": _short(sum(h.staffed for h in hours.values())),
        "teams": {
            h.team: {"agents": h.agents, "offered": _short(h.offered), "staffed": _short(h.staffed)}
            for h in hours.values()
        },
    }
    week = week_of_hours(model, runs, days)
    if week:
        out["week"] = {name: _short(value) for name, value in week.items()}
        out["busy_factor"] = _short(model.staffing.slowdown.value)
    if "occupancy" in runs and runs["occupancy"].notna().any():
        low, mid, high = (float(q) for q in runs["occupancy"].quantile([0.1, 0.5, 0.9]))
        out["occupancy"] = {"median": _short(mid), "p10": _short(low), "p90": _short(high)}
    return out


def _observed(desk: Desk, metric: str) -> tuple[tuple[str, float], ...]:
    if desk.observed is None:
        return ()
    rows = desk.observed[(desk.observed["metric"] == metric) & desk.observed["value"].notna()]
    return tuple(
        (str(period), _short(float(value)))
        for period, value in zip(rows["period"], rows["value"], strict=True)
    )


def _short(value: float) -> float:
    return float(f"{value:.6g}")
