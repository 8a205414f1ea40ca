"""KPI distributions over replications in numbers: mean with its interval, and quantiles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit


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
