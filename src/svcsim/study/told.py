"""Which KPIs a model can speak about: a rate that is 0 for want of data is no perfect desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from svcsim.model.quantity import Quantity
from svcsim.model.service import ServiceModel
from svcsim.text import Text

NO_LIMITS = Text(
    "the desk's own limits are not simulated; ask for a share within a stated limit",
    "模型不模拟工单系统自带的时限，请改用明确时限的达成率",
)
NO_SURVEY = Text("the baseline has no survey", "基线中没有满意度调查")
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


def unspoken(model: ServiceModel, metric: str) -> Text | None:
    """Return why a model cannot speak about a KPI, or None where it can.

    It cannot where nothing simulates the KPI (no survey, no live channel, the desk's own limits),
    nor where all that decides it was assumed: for want of data (the quantity says how), or left at
    0 by whoever wrote the desk.
    """
    stem = metric.split("(")[0]
    if stem == "close_in_time":
        return NO_LIMITS
    if stem.startswith("csat") and model.survey is None:
        return NO_SURVEY
    if stem in OF_THE_QUEUE and all(c.mode != "live" for c in model.channels.values()):
        return NOT_LIVE
    drivers = _DRIVERS.get(_DRIVEN_BY.get(stem, stem))
    known = drivers(model) if drivers is not None else []
    if known and all(q.grade == "assumed" and (q.how or q.value == 0) for q in known):
        how = known[0].how
        return Text("{why} ({how})", "{why}").fill(why=ASSUMED, how=how) if how else ASSUMED
    return None
