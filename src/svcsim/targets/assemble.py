"""Stages as a proposal shows them: targets with what they need, warnings and gates, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta

from svcsim.metrics.catalogue import get_metric
from svcsim.targets.attainment import harder, in_words
from svcsim.targets.desk import Desk
from svcsim.targets.proposal import Stage, Target
from svcsim.targets.stages import (
    INFEASIBLE,
    SEPARATE,
    Chosen,
    KpiFacts,
    agents_needed,
    gate_value,
    noise,
)
from svcsim.units import format_value

WEEKS_PER_STAGE = 13


def build_stages(
    chosen: Sequence[Chosen], kpis: Sequence[KpiFacts], desk: Desk, start: date, days: int
) -> tuple[Stage, ...]:
    """Return the stages as a proposal shows them."""
    stages = []
    for index, stage in enumerate(chosen):
        assert stage.joint_after is not None
        assert stage.joint_as_is is not None
        targets = tuple(_target(stage, kpi, desk, days, index) for kpi in kpis)
        gate, gate_zh = _gate(stage, kpis, desk, last=index == len(chosen) - 1)
        stages.append(
            Stage(
                name=stage.plan.name,
                zh=stage.plan.zh,
                start=(start + timedelta(weeks=WEEKS_PER_STAGE * index)).isoformat(),
                lever=stage.plan.scenario,
                aim=stage.plan.aim,
                targets=targets,
                p_joint=stage.joint_after,
                p_joint_as_is=stage.joint_as_is,
                gate=gate,
                gate_zh=gate_zh,
            )
        )
    return tuple(stages)


def _target(stage: Chosen, kpi: KpiFacts, desk: Desk, days: int, index: int) -> Target:
    metric, now = get_metric(kpi.metric), desk.as_is[kpi.metric]
    low, median, high = (float(q) for q in now.quantile([0.1, 0.5, 0.9]))
    after = stage.after[kpi.metric]
    needs, needs_zh = _needs(stage, kpi, desk)
    warning, warning_zh = _warning(stage, kpi, noise(now), index)
    return Target(
        metric=kpi.metric,
        zh=metric.zh,
        en=metric.en,
        unit=kpi.unit,
        period=f"{days // 7} weeks" if days % 7 == 0 else f"{days} days",
        value=stage.values[kpi.metric],
        direction="lower" if kpi.better == "lower" else "higher",
        now=kpi.now if math.isfinite(kpi.now) else median,
        now_from="history" if math.isfinite(kpi.now) else "simulation",
        median_as_is=median,
        low_as_is=low,
        high_as_is=high,
        p_met_as_is=stage.as_is[kpi.metric],
        p_met_after=after,
        p_met_interval=(after.low, after.high),
        needs=needs,
        needs_zh=needs_zh,
        n_period=kpi.n_period,
        noise=noise(now),
        warning=warning,
        warning_zh=warning_zh,
    )


def _needs(stage: Chosen, kpi: KpiFacts, desk: Desk) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what a target takes: nothing, the stage's change, or agents instead of it."""
    before, after = stage.as_is[kpi.metric], stage.after[kpi.metric]
    target, aim = stage.values[kpi.metric], stage.plan.aim
    if before.value >= aim:
        return (
            (f"nothing new: reached in {in_words(before)} as the desk is",),
            (f"无需改变：现状下达成概率 {in_words(before, zh=True)}",),
        )
    lever = desk.levers.get(stage.plan.scenario)
    name, zh = (lever.name, lever.scenario.zh) if lever else (stage.plan.scenario, "")
    en_out = [f"{name}: from {in_words(before)} to {in_words(after)}"]
    zh_out = [
        f"{zh or name}：达成概率由 {in_words(before, zh=True)} 变为 {in_words(after, zh=True)}"
    ]
    where, where_zh = (f" in {desk.team}", f"在 {desk.team} ") if desk.team else ("", "")
    more = agents_needed(desk.staffing, desk.as_is, kpi, target, aim)
    most = max(desk.staffing, default=0)
    if more is not None:
        who = f"{more[0]} agent{'s' if more[0] > 1 else ''} more"
        en_out.append(f"or {who}{where} without it: {in_words(more[1])}")
        zh_out.append(f"或不作改进而{where_zh}增加 {more[0]} 人：{in_words(more[1], zh=True)}")
    elif most > 0:
        en_out.append(f"{most} agents more{where} alone do not reach {aim:.0%}")
        zh_out.append(f"仅{where_zh}增加 {most} 人达不到 {aim:.0%}")
    if after.value < INFEASIBLE:
        en_out.append("capacity has to change first: this is a wish, not a target")
        zh_out.append("须先改变产能，否则只是愿望而非目标")
    return tuple(en_out), tuple(zh_out)


def _warning(stage: Chosen, kpi: KpiFacts, sd: float, index: int) -> tuple[str, str]:
    if kpi.metric in stage.capped and not math.isnan(kpi.benchmark):
        mark = format_value(kpi.benchmark, kpi.unit)
        return f"held at the benchmark {mark}", f"以标杆值 {mark.zh} 为限"
    if kpi.metric in stage.merged:
        if stage.after[kpi.metric].value < stage.plan.aim:
            return (
                "kept from the stage before, although the change makes it less likely",
                "沿用上一阶段目标，但该改进会降低其达成概率",
            )
        return (
            f"same as the stage before: the step would be under {SEPARATE} x the noise of a period",
            f"与上一阶段相同：差距不足周期随机波动的 {SEPARATE} 倍",
        )
    if index == 0 and stage.as_is[kpi.metric].value > 0.97:
        return "met almost always as the desk is", "现状下几乎总能达成"
    if index == 0 and harder(stage.values[kpi.metric], kpi.now, kpi.better) == kpi.now:
        seen, swing = format_value(kpi.now, kpi.unit), format_value(sd, kpi.unit, 2)
        return (
            f"easier than the last period ({seen}): periods swing by {swing} (sd), and the target "
            "shall hold in most of them",
            f"比上一周期（{seen.zh}）宽松：周期间标准差为 {swing.zh}，目标须在多数周期成立",
        )
    return "", ""


def _gate(stage: Chosen, kpis: Sequence[KpiFacts], desk: Desk, *, last: bool) -> tuple[str, str]:
    """Return when to move on: the posterior rule and the two-period means that satisfy it."""
    parts, parts_zh = [], []
    for kpi in kpis:
        metric, target = get_metric(kpi.metric), stage.values[kpi.metric]
        value = gate_value(target, kpi.better, noise(desk.as_is[kpi.metric]))
        sign = "≤" if kpi.better == "lower" else "≥"
        shown = format_value(min(value, 1.0) if kpi.unit == "share" else value, kpi.unit)
        parts.append(f"{metric.en} {sign} {shown}")
        parts_zh.append(f"{metric.zh} {sign} {shown.zh}")
    onward = "Keep this stage" if last else "Move on"
    onward_zh = "巩固本阶段" if last else "进入下一阶段"
    rule = "the true level meets its target with probability 70 % or more, judged over two periods"
    return (
        f"{onward} when for every KPI {rule}; that is, when the mean of the last two periods is "
        f"{', '.join(parts)}. One lucky period is not enough.",
        f"{onward_zh}的条件：以连续两个周期判断，每项指标真实水平达标的概率不低于 70%，"
        f"即两期均值满足 {'，'.join(parts_zh)}。单期偶然达标不算。",
    )
