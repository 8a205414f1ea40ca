"""Which metrics cannot be computed where the data are, and in words why not."""

from __future__ import annotations

from collections.abc import Iterable

import narwhals as nw

from svcsim.contacts.columns import columns
from svcsim.contacts.tables import tables
from svcsim.errors import Finding, InputError
from svcsim.metrics.asked import alternatives
from svcsim.metrics.metric import (
    Count,
    Distinct,
    Mean,
    Metric,
    PerDistinct,
    Quantile,
    RatioOfSums,
    Share,
    ShareLower,
    Spread,
    Sum,
    Survival,
    TimeAverage,
)
from svcsim.metrics.warehouse.expressions import Told
from svcsim.metrics.warehouse.rows import FACTS_OF
from svcsim.text import Text

_KINDS = (
    Count, Sum, Mean, Spread, Quantile, Share, ShareLower, RatioOfSums, Survival, Distinct,
    PerDistinct, TimeAverage,
)  # fmt: skip


def why_not_here(metric: Metric) -> Text:
    """Return why an engine cannot compute a metric, or an empty text when it can."""
    needs = alternatives(metric)
    if "hours" in needs:
        return Text(
            "business hours are counted in memory only",
            "营业时间只能在内存中计算",
        )
    beside = {"work", "staffed", *tables()} & set(needs)
    if type(metric.kind) not in _KINDS or metric.table != "contacts" or beside:
        return Text(
            "it needs tables beside the contacts, which are read in memory only",
            "它需要联络表之外的数据表，只能在内存中计算",
        )
    told = Told(part for part in vars(metric.kind).values() if isinstance(part, nw.Expr))
    here = {*columns(), *FACTS_OF} - {"agent_day"}  # labels to be counted, no value
    unknown = sorted(told.uses - here)
    if unknown:
        return Text(
            f"it reads {', '.join(unknown)}, which is known in memory only",
            f"它用到 {'、'.join(unknown)}，只能在内存中得到",
        )
    return Text("")


def refuse(metrics: Iterable[Metric]) -> None:
    """Refuse metrics that an engine cannot compute.

    Raises
    ------
    InputError
        Naming every such metric and why.
    """
    findings = [
        Finding(metric.id, str(why), "", "measure it in memory (svcsim measure --engine memory)")
        for metric in metrics
        if (why := why_not_here(metric))
    ]
    if findings:
        raise InputError(findings)
