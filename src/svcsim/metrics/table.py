"""KpiTable: the tidy table of results, whoever computed them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.metrics.groups import Groups
from svcsim.metrics.metric import Metric
from svcsim.metrics.reduce import Reduced


def kpi_table(
    scenario: str,
    groups: Groups,
    labels: Sequence[str],
    metrics: Sequence[Metric],
    results: Sequence[Reduced],
) -> pd.DataFrame:
    """Return one row a group, period and metric; the metric varies fastest, the group slowest.

    ``labels`` are those of the periods; each result holds its cells as group x period.
    """
    shape = len(groups), len(labels), len(metrics)
    group, period, metric = np.indices(shape, dtype=np.int32)
    keys = groups.columns()
    data: dict[str, Any] = {"scenario": _chosen([scenario], np.zeros_like(group))}
    data["replication"] = keys.pop("replication")[group.ravel()]
    data["period"] = _chosen(labels, period)
    for name, texts in keys.items():
        data[name] = texts[group.ravel()]
    data["metric"] = _chosen([m.id for m in metrics], metric)
    for part, kind in (("value", "f8"), ("n", "i8"), ("lower", "f8"), ("upper", "f8")):
        columns = [getattr(result, part) for result in results]
        data[part] = np.column_stack(columns).ravel() if columns else np.empty(0, dtype=kind)
    data["unit"] = _chosen([m.unit for m in metrics], metric)
    return pd.DataFrame(data, copy=False)


def _chosen(texts: Sequence[str], which: NDArray[np.int32]) -> Any:
    """Return a text column: one of a few texts a row."""
    return pd.array(list(texts), dtype="str").take(which.ravel())
