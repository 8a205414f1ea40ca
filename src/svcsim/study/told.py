"""Which KPIs a model can speak about: a rate that is 0 for want of data is no perfect desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from svcsim.model.service import ServiceModel
from svcsim.text import Text


def _no_survey(model: ServiceModel) -> bool:
    return model.survey is None


def _no_reopens(model: ServiceModel) -> bool:
    return all(c.reopen.value == 0 for c in model.categories.values())


def _no_repeats(model: ServiceModel) -> bool:
    return all(c.repeat.value == 0 for c in model.categories.values())


def _not_live(model: ServiceModel) -> bool:
    return all(channel.mode != "live" for channel in model.channels.values())


def _work_assumed(model: ServiceModel) -> bool:
    means = [category.handling.mean for category in model.categories.values()]
    return all(mean.grade == "assumed" and mean.how for mean in means)


_SILENT: Mapping[str, tuple[tuple[str, ...], Callable[[ServiceModel], bool], Text]] = {
    "limits": (
        ("close_in_time",),
        lambda model: True,
        Text(
            "the desk's own limits are not simulated; ask for a share within a stated limit",
            "模型不模拟工单系统自带的时限，请改用明确时限的达成率",
        ),
    ),
    "survey": (
        ("csat_top2", "csat_response", "csat_mean"),
        _no_survey,
        Text("the baseline has no survey", "基线中没有满意度调查"),
    ),
    "reopens": (
        ("reopen",),
        _no_reopens,
        Text("reopenings are not modelled", "模型不含重开"),
    ),
    "repeats": (
        ("repeat", "fcr_window"),
        _no_repeats,
        Text("repeat contacts are not modelled", "模型不含重复来访"),
    ),
    "queue": (
        ("abandon", "wait", "wait_p90", "answered_within"),
        _not_live,
        Text("no channel is live in the baseline", "基线中没有实时渠道"),
    ),
    "work": (
        ("aht", "aht_p50", "aht_p90", "occupancy"),
        _work_assumed,
        Text(
            "handling times are assumed in the baseline, not learned",
            "基线中的处理时间是假设值，并非由数据得出",
        ),
    ),
}


def unspoken(model: ServiceModel, metric: str) -> Text | None:
    """Return why a model cannot speak about a KPI, or None where it can."""
    stem = metric.split("(")[0]
    for stems, silent, why in _SILENT.values():
        if stem in stems and silent(model):
            return why
    return None
