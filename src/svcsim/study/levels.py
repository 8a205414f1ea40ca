"""Level errors: how far KPIs are off on average, where a desk would feel it.

Tolerated: 5 points for a service level, 20 % for a time to the first response or a mean wait, 10 %
for volume. Beyond it no verdict is a pass, however wide the bands.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from svcsim.model.fidelity import Fidelity, FidelityCell, LevelError

POINTS, TIMES, VOLUME = 0.05, 0.20, 0.10
SERVICE_LEVELS = ("answered_within", "frt_within")
WAITS = ("frt_p50", "frt_p90", "wait")


def level_errors(found: Fidelity) -> tuple[LevelError, ...]:
    """Return the errors of service levels, times and volume over all held-out periods.

    Shares: mean of observed - median; times: exp(mean of log(observed / median)) - 1; both
    weighted by contacts. Volume: sum of observed / sum of forecast - 1.
    """
    groups: dict[str, list[FidelityCell]] = {}
    for cell in found.cells:
        groups.setdefault(cell.metric, []).append(cell)
    out = []
    for metric, cells in groups.items():
        if metric.startswith(SERVICE_LEVELS):
            error = _weighted([c.observed - c.median for c in cells], cells)
            out.append(_error(metric, error, POINTS, relative=False))
        elif metric in WAITS and all(c.observed > 0 and c.median > 0 for c in cells):
            logs = [math.log(c.observed / c.median) for c in cells]
            out.append(_error(metric, math.expm1(_weighted(logs, cells)), TIMES, relative=True))
    totals = [check for check in found.volume if check.by == "total"]
    expected = sum(check.expected for check in totals)
    if expected > 0:
        ratio = sum(check.observed for check in totals) / expected - 1
        out.append(_error("volume", ratio, VOLUME, relative=True))
    return tuple(out)


def _weighted(values: Sequence[float], cells: Sequence[FidelityCell]) -> float:
    total = sum(cell.n for cell in cells)
    return sum(v * c.n for v, c in zip(values, cells, strict=True)) / total if total else math.nan


def _error(metric: str, error: float, limit: float, *, relative: bool) -> LevelError:
    return LevelError(
        metric=metric, error=round(error, 4), limit=limit, relative=relative,
        within=abs(error) <= limit,
    )  # fmt: skip
