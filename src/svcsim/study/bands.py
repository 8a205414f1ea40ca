"""Bands of simulated values, what lies inside them, and what chance allows.

Cells of one week rise and fall together, so shares inside a band are given with the week as the
unit of chance, and the verdict asks the simulated logs: each in the place of the observed one
shows how few values a right model may have inside its bands, and how far off its worst one is.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.metrics.catalogue import get_metric
from svcsim.model.fidelity import BANDS, LEVELS, Arrivals, Coverage, FidelityCell
from svcsim.stats.interval import wilson
from svcsim.study.pit import places

Array = NDArray[np.float64]
LEAST = 20
"""Cells with fewer observations are left out: their noise would tell nothing."""
STRICT_Z, LARGEST_Z = 3.0, 4.0
"""No |z| above 3; many cells allow more, as far as a right model would show it, never above 4."""


@dataclass(frozen=True)
class Cells:
    """Cells of one origin with the values behind them, observed first (`stacked`)."""

    cells: tuple[FidelityCell, ...] = ()
    stacked: Array | None = None

    def only(self, metric: str) -> Cells:
        """Return the cells of one KPI."""
        keep = [k for k, cell in enumerate(self.cells) if cell.metric == metric]
        if self.stacked is None or not keep:
            return Cells()
        return Cells(tuple(self.cells[k] for k in keep), self.stacked[:, keep])

    @property
    def periods(self) -> list[str]:
        """Return the period of each cell, unique over origins."""
        return [f"{cell.origin}/{cell.period}" for cell in self.cells]


def cells_of(observed: pd.DataFrame, simulated: Sequence[pd.DataFrame], origin: str = "") -> Cells:
    """Return the cells of a span from its KPI table and those of its replications."""
    table = pd.concat(simulated, ignore_index=True)
    run = np.repeat(np.arange(len(simulated)), [len(t) for t in simulated])
    wide = table.assign(run=run).pivot(index="run", columns=["metric", "period"], values="value")
    kept, columns = [], []
    for row in observed.to_dict("records"):
        key = (row["metric"], row["period"])
        values = wide[key].to_numpy(dtype=float) if key in wide.columns else np.array([])
        enough = row["n"] >= LEAST or get_metric(row["metric"]).unit == "count"
        if row["value"] != row["value"] or np.isfinite(values).sum() < 20 or not enough:
            continue
        kept.append(row)
        columns.append(np.concatenate([[float(row["value"])], values]))
    if not kept:
        return Cells()
    stacked = np.stack(columns, axis=1)
    at = places(stacked)[0]
    cells = [_cell(row, stacked[:, k], float(at[k]), origin) for k, row in enumerate(kept)]
    return Cells(tuple(cells), stacked)


def _cell(row: dict[Hashable, Any], column: Array, place: float, origin: str) -> FidelityCell:
    value, known = float(column[0]), column[1:][np.isfinite(column[1:])]
    # expected ranks of R values, (R + 1) p: else few replications make narrow bands
    quantiles = np.quantile(known, LEVELS, method="weibull")
    return FidelityCell(
        metric=str(row["metric"]),
        period=str(row["period"]),
        observed=value,
        n=int(row["n"]),
        low=float(quantiles[1]),
        median=float(quantiles[4]),
        high=float(quantiles[7]),
        z=round(distance(value, known), 3),
        inside=bool(quantiles[1] <= value <= quantiles[7]),
        unit=str(row["unit"]),
        origin=origin,
        pit=round(place, 4),
        quantiles=tuple(float(q) for q in quantiles),
    )


def distance(value: float, simulated: Array) -> float:
    """Return (value - mean) / sd of the simulated values; 99 where all of them are another."""
    sd = float(np.std(simulated, ddof=1))
    gap = float(value - np.mean(simulated))
    if sd > 0:
        return gap / sd
    return 0.0 if abs(gap) < 1e-9 else float(np.sign(gap)) * 99.0


@dataclass(frozen=True)
class Chance:
    """What a right model may show."""

    by_chance: float | None
    """Share of simulated logs with as few values inside their 90 % bands (the observed one in
    both counts)."""
    limit: float
    """|z| that the worst cell may reach."""


def chance(parts: Sequence[Cells]) -> Chance:
    """Return what the simulated logs of all origins say, each put in the observed one's place.

    limit = 95 % quantile of the simulated logs' own worst |z|, not below `STRICT_Z` and not above
    `LARGEST_Z`; inside by rank: place in (.05, .95) among all logs.
    """
    stacks = [part.stacked for part in parts if part.stacked is not None]
    if not stacks:
        return Chance(None, STRICT_Z)
    rows = min(len(stack) for stack in stacks)
    stacked = np.concatenate([stack[:rows] for stack in stacks], axis=1)
    at = places(stacked, mid=True)
    outside = ((at < 0.05) | (at > 0.95)).sum(axis=1)
    worst = _worst(stacked[1:])
    limit = float(np.clip(np.quantile(worst, 0.95), STRICT_Z, LARGEST_Z))
    return Chance(float((outside >= outside[0]).mean()), limit)


def _worst(values: Array) -> Array:
    """Return the largest |z| of each row against the other rows."""
    known = np.isfinite(values)
    n = np.maximum(known.sum(axis=0) - 1, 2)
    filled = np.where(known, values, 0.0)
    mean = (filled.sum(axis=0) - filled) / n
    square = ((filled**2).sum(axis=0) - filled**2) / n - mean**2
    sd = np.sqrt(np.maximum(square * n / (n - 1), 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(known & (sd > 1e-12 * np.abs(mean)), np.abs(values - mean) / sd, 0.0)
    worst: Array = np.nanmax(z, axis=1)
    return worst


def coverage(
    cells: Sequence[FidelityCell],
    arrivals: Arrivals = "real",
    metric: str = "",
    bands: Sequence[float] = BANDS,
) -> tuple[Coverage, ...]:
    """Return the share of cells inside each band with an interval that counts weeks, not cells."""
    cells = [cell for cell in cells if metric in ("", cell.metric)]
    out = []
    for band in bands:
        told = [(c.within(band), f"{c.origin}/{c.period}") for c in cells]
        known = [(bool(inside), period) for inside, period in told if inside is not None]
        if not known:
            continue
        inside = np.array([x for x, _ in known], dtype=float)
        periods = np.unique([p for _, p in known], return_inverse=True)[1]
        low, high = clustered(inside, periods)
        out.append(
            Coverage(
                band=band,
                arrivals=arrivals,
                cells=len(inside),
                inside=int(inside.sum()),
                share=round(float(inside.mean()), 4),
                low=round(low, 4),
                high=round(high, 4),
                periods=int(periods.max()) + 1,
                metric=metric,
            )
        )
    return tuple(out)


def clustered(inside: Array, cluster: NDArray[np.int64]) -> tuple[float, float]:
    """Return the 90 % Wilson interval of a share whose draws hang together within clusters.

    n is replaced by p (1 - p) / v with v the cluster-robust variance of the share, at least the
    number of clusters and at most the number of draws (Korn and Graubard 1998); for a share of 0
    or 1, which has no variance, n is the number of clusters.
    """
    p, groups = float(inside.mean()), int(cluster.max()) + 1
    n = float(groups)
    if 0 < p < 1 and groups > 1:
        sums = np.bincount(cluster, weights=inside - p, minlength=groups)
        variance = float((sums**2).sum()) / len(inside) ** 2 * groups / (groups - 1)
        n = p * (1 - p) / variance if variance > 0 else float(len(inside))
        n = float(np.clip(n, min(groups, len(inside)), len(inside)))
    low, high = wilson(p * n, n, level=0.9)
    return float(low), float(high)
