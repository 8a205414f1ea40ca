"""KPI distributions over replications in numbers: mean with its interval, and quantiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from svcsim.metrics.catalogue import get_metric
from svcsim.model.baseline import Baseline
from svcsim.model.checks import remarks
from svcsim.model.load import staff_cost
from svcsim.model.service import ServiceModel
from svcsim.scenario.applied import Applied
from svcsim.scenario.compared import compared
from svcsim.scenario.scenario import Scenario
from svcsim.study.experiment import Plan
from svcsim.study.outside import outside
from svcsim.text import Text


def run_summary(
    scenario: Scenario,
    baseline: Baseline,
    model: ServiceModel,
    changes: tuple[Applied, ...],
    plan: Plan,
    table: pd.DataFrame,
    silent: Mapping[str, Text],
) -> dict[str, Any]:
    """Return what ``summary.json`` says."""
    notes = (note for change in changes for note in change.notes)
    wide = compared(baseline.model, model)
    said = (*notes, *wide, *remarks(model), *outside(model, plan.horizon))
    return {
        "scenario": scenario.name,
        "zh": scenario.zh,
        "why": scenario.why,
        "baseline": baseline.name,
        "fidelity": baseline.fidelity.verdict,
        "start": str(plan.start), "days": plan.days, "seed": plan.seed,
        "warm_up_days": plan.warm_up_days, "follow_up_days": plan.follow_up_days,
        "replications": int(table["replication"].max()),
        "changes": [change.text.data() for change in changes],
        "remarks": [text.data() for text in said],
        "staff": staff_cost(model),
        "kpis": summarise(table),
        "definitions": {m: get_metric(m).definition for m in table["metric"].unique()},
        "not_simulated": {metric: why.data() for metric, why in silent.items()},
    }  # fmt: skip


def summarise(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one entry per scenario, period and metric of a KPI table with replications.

    ``mean`` has a 95 % t interval over replications; quantiles are of the replications' values
    (what one period may look like), so they do not narrow with more replications.
    """
    out = []
    simulated = table[table["replication"] > 0]
    keys = ["scenario", "period", "metric"]
    for (scenario, period, metric), group in simulated.groupby(keys, sort=False):
        values = group["value"].dropna().to_numpy(dtype=float)
        entry: dict[str, Any] = {
            "scenario": scenario,
            "period": period,
            "metric": metric,
            "unit": str(group["unit"].iloc[0]),
            "replications": len(group),
            "missing": int(group["value"].isna().sum()),
            "observations": float(group["n"].mean()),
        }
        if len(values):
            quantiles = np.quantile(values, [0.05, 0.1, 0.5, 0.9, 0.95])
            names = ("p5", "p10", "p50", "p90", "p95")
            entry |= {"mean": float(values.mean()), "half_width": half_width(values)}
            entry |= dict(zip(names, (float(q) for q in quantiles), strict=True))
        out.append(entry)
    return out


def half_width(values: np.ndarray) -> float:
    """Return the half width of the 95 % t interval of a mean (NaN below two values)."""
    n = len(values)
    if n < 2:
        return float("nan")
    return float(stdtrit(n - 1, 0.975) * values.std(ddof=1) / np.sqrt(n))


def widest(table: pd.DataFrame, share_points: float = 0.01) -> tuple[str, float]:
    """Return the KPI whose mean is least precise and its half width, relative to the mean.

    Shares are judged in percentage points (1 pp counts as 5 %): near zero a relative rule never
    ends.
    """
    worst, name = 0.0, ""
    for metric, group in table[table["replication"] > 0].groupby("metric", sort=False):
        values = group["value"].dropna().to_numpy(dtype=float)
        if len(values) < 2:
            continue
        width = half_width(values)
        if group["unit"].iloc[0] == "share":
            relative = width / share_points * 0.05
        else:
            relative = width / abs(values.mean()) if values.mean() else 0.0
        if relative > worst:
            worst, name = float(relative), str(metric)
    return name, worst
