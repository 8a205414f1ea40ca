"""Which KPIs a model can speak about: a rate that is 0 for want of data is no perfect desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from svcsim.contacts.tables import tables
from svcsim.metrics.catalogue import get_metric
from svcsim.metrics.metric import Quantile
from svcsim.model.quantity import Quantity
from svcsim.model.service import ServiceModel
from svcsim.text import Text
from svcsim.units import spoken_duration

if TYPE_CHECKING:
    import pandas as pd

NO_LIMITS = Text(
    "the desk's own limits are not simulated; ask for a share within a stated limit",
    "模型不模拟工单系统自带的时限，请改用明确时限的达成率",
)
NO_SURVEY = Text("the baseline has no survey", "基线中没有满意度调查")
NO_NPS = Text("the survey of the baseline does not ask for NPS", "基线的调查不问推荐意愿")
NO_CSAT = Text("the survey of the baseline asks for NPS", "基线的调查问的是推荐意愿")
NOT_SIMULATED = Text(
    "the model does not produce it: it can be measured and scored, not proposed",
    "模型不产生这项数据：可以统计和考核，但无法提出目标建议",
)
NOT_DECLARED = Text("the baseline does not declare it", "基线没有声明这一项")
TOO_SHORT = Text(
    "no contact is known for {limit} in a run of {days} days: it is too short (run.days, "
    "run.follow_up)",
    "模拟只有 {days} 天（run.days 加 run.follow_up），太短，没有联络能满 {limit}",
)
NO_VALUE = Text(
    "no contact of the run has a value: the period and its follow_up are too short, or nothing of "
    "the kind happened",
    "模拟中没有联络得出该指标：周期和后续观察期太短，或没有发生这类情形",
)
TOO_FEW = Text(
    "too few contacts support it: on average {n:.0f} of a run count, and in no replication does a "
    "value follow from them (lengthen run.days or run.follow_up)",
    "支持该指标的联络太少：每次模拟平均有 {n:.0f} 条计入，但没有一次模拟能得出数值"
    "（请加长 run.days 或 run.follow_up）",
)
TOO_FEW_ENDED = Text(
    "too few contacts support {percentile}: on average {n:.0f} of a run count, but so many of them "
    "were still open at its end that no replication knows {percentile} (lengthen run.follow_up, "
    "or ask for a lower percentile)",
    "支持 {percentile} 的联络太少：每次模拟平均有 {n:.0f} 条计入，但期末仍未结束的过多，没有一次"
    "模拟能得出 {percentile}（请加长 run.follow_up，或改用较低的分位数）",
)
NOT_LIVE = Text("no channel is live in the baseline", "基线中没有实时渠道")
ASSUMED = Text(
    "what drives it is assumed in the baseline, not learned",
    "决定该指标的参数在基线中是假设值，并非由数据得出",
)
OF_THE_QUEUE = ("abandon", "wait", "wait_p90", "answered_within")
"""Decided before an agent takes the contact (who hangs up has no agent): nobody's own value."""

_DRIVERS: Mapping[str, Callable[[ServiceModel], list[Quantity]]] = {
    "aht": lambda model: [c.handling.mean for c in model.categories.values()],
    "repeat": lambda model: [c.repeat for c in model.categories.values()],
    "reopen": lambda model: [c.reopen for c in model.categories.values()],
}
_DRIVEN_BY = {
    "aht_p50": "aht",
    "aht_p90": "aht",
    "occupancy": "aht",
    "fcr_window": "repeat",
}
"""KPIs that the same parameters decide."""


_NEVER_SIMULATED = frozenset(
    {
        "replies", "customer_messages", "commenters", "meaningful_s", "turns", "requester_wait_s",
        "desk_turn_s", "effort", "csat_first", "recovered", "fault", *tables(),
    }
)  # fmt: skip
"""Columns and side tables that no simulated log holds."""
_DECLARED: Mapping[str, Callable[[ServiceModel], bool]] = {
    "complaint": lambda model: model.complaint is not None,
    "churn": lambda model: model.churn is not None,
    "quality_score": lambda model: model.quality_check is not None,
    "cost_per_contact": lambda model: model.cost is not None,
    "cost_per_resolved": lambda model: model.cost is not None,
    "rework": lambda model: any(c.rework.value > 0 for c in model.categories.values()),
    "empty_reply": lambda model: model.behaviour.empty_reply.value > 0,
    "hold": lambda model: any(c.hold is not None for c in model.categories.values()),
}


def too_short(metric: str, days: int) -> Text | None:
    """Return why a run of so many days, follow-up included, cannot speak about a KPI, or None."""
    if get_metric(metric).wait > days * 86400.0:
        limit = metric.partition("(")[2].rstrip(")")
        return TOO_SHORT.fill(limit=spoken_duration(limit), days=days)
    return None


def without_value(table: pd.DataFrame) -> dict[str, Text]:
    """Return the KPIs that have a value in no replication of a KPI table, and why."""
    out = {}
    for metric, rows in table.groupby("metric", sort=False):
        if rows["value"].notna().any():
            continue
        n, kind = float(rows["n"].mean()), get_metric(str(metric)).kind
        if not rows["n"].any():
            out[str(metric)] = NO_VALUE
        elif isinstance(kind, Quantile) and kind.observed is not None:
            out[str(metric)] = TOO_FEW_ENDED.fill(n=n, percentile=f"P{100 * kind.p:g}")
        else:
            out[str(metric)] = TOO_FEW.fill(n=n)
    return out


def unspoken(model: ServiceModel, metric: str) -> Text | None:
    """Return why a model cannot speak about a KPI, or None where it can.

    It cannot where nothing simulates the KPI (no survey, no live channel, the desk's own limits),
    nor where all that decides it was assumed: for want of data (the quantity says how), or left at
    0 by whoever wrote the desk.
    """
    stem = metric.split("(")[0]
    if stem == "close_in_time":
        return NO_LIMITS
    needs = {name for need in get_metric(metric).needs for name in need.split("|")}
    if needs & _NEVER_SIMULATED:
        return NOT_SIMULATED
    if (stem.startswith("csat") or stem == "nps") and model.survey is None:
        return NO_SURVEY
    if model.survey is not None and (stem == "nps") != (model.survey.kind == "nps"):
        if stem == "nps":
            return NO_NPS
        if stem in ("csat_mean", "csat_top2"):
            return NO_CSAT
    if stem in _DECLARED and not _DECLARED[stem](model):
        return NOT_DECLARED
    if stem in OF_THE_QUEUE and all(c.mode != "live" for c in model.channels.values()):
        return NOT_LIVE
    drivers = _DRIVERS.get(_DRIVEN_BY.get(stem, stem))
    known = drivers(model) if drivers is not None else []
    if known and all(q.grade == "assumed" and (q.how or q.value == 0) for q in known):
        how = known[0].how
        return Text("{why} ({how})", "{why}").fill(why=ASSUMED, how=how) if how else ASSUMED
    return None
