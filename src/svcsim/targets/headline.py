"""The proposal in one sentence, in English and Chinese."""

from __future__ import annotations

from svcsim.metrics.catalogue import get_metric
from svcsim.targets.advice import loud
from svcsim.targets.proposal import Proposal, Stage
from svcsim.text import Text, listed
from svcsim.units import format_value

FOUND = {"pass": "通过", "warn": "有保留", "fail": "未通过", "none": "未检验"}
"""Verdict of fidelity -> what it is called in Chinese."""


def headline(proposal: Proposal) -> tuple[str, str]:
    """Return (English, Chinese): what to ask from when, how likely, and with which change."""
    if not proposal.stages:
        return (
            "No KPI can be proposed from these data; the table of reasons says what is missing.",
            "现有数据不足以提议任何指标，原因见“未提议指标”表。",
        )
    first = proposal.stages[0]
    lever = next((row for row in proposal.levers if row.name == first.lever), None)
    joint, alone = first.p_joint, first.p_joint_as_is
    asks = "; ".join(_ask(first, i, zh=False) for i in range(len(first.targets)))
    asks_zh = "；".join(_ask(first, i, zh=True) for i in range(len(first.targets)))
    every, every_zh = _together(len(first.targets))
    en = (
        f"From {first.start} ask for {asks}. {every} met in {joint.value:.0%} of simulated "
        f"periods ({joint.low:.0%} to {joint.high:.0%})"
    )
    zh = (
        f"自 {first.start} 起要求：{asks_zh}。{every_zh}的模拟概率为 {joint.value:.0%}"
        f"（{joint.low:.0%}–{joint.high:.0%}）"
    )
    if lever is None:
        return _mark(proposal, en + ", with the desk as it is.", zh + "，无需改变现状。")
    return _mark(
        proposal,
        f"{en} with {lever.name}, in {alone.value:.0%} without it.",
        f"{zh}（实施“{lever.zh or lever.name}”），不实施则为 {alone.value:.0%}。",
    )


def _ask(stage: Stage, index: int, *, zh: bool) -> str:
    target = stage.targets[index]
    metric = get_metric(target.metric)
    sign = "≤" if target.direction == "lower" else "≥"
    value = format_value(target.value, target.unit)
    return f"{metric.zh} {sign} {value.zh}" if zh else f"{metric.en} {sign} {value}"


def _together(n: int) -> tuple[str, str]:
    if n == 1:
        return "It is", "达成"
    return f"All {n} together are", f"{n} 项同时达成"


def _mark(proposal: Proposal, en: str, zh: str) -> tuple[str, str]:
    """Say first that numbers are exploratory where they are."""
    if proposal.verdict == "exploratory":
        return f"Exploratory, not for use yet: {en}", f"仅供探索，暂勿使用：{zh}"
    return en, zh


def five_lines(proposal: Proposal, page: str, lang: str) -> list[str]:
    """Return verdict, proposal, first stage, what it needs and where the report lies.

    Warnings that nobody may miss stand before the last line.
    """
    zh = lang == "zh"
    fidelity = proposal.fidelity
    first = proposal.stages[0] if proposal.stages else None
    why = Text.of(fidelity["why"])
    verdict = f"{proposal.verdict}: fidelity {fidelity['verdict']} ({why.en})"
    if zh:
        word = "可用" if proposal.verdict == "ready" else "仅供探索"
        found = FOUND[fidelity["verdict"]]
        verdict = f"{word}：保真度{found}（{why.in_('zh')}）"
    out = [verdict, proposal.headline_zh if zh else proposal.headline]
    gate = listed(proposal.exploratory)
    if gate:
        out.insert(
            1, f"仅供探索，因为：{gate.in_('zh')}" if zh else f"exploratory because: {gate.en}"
        )
    beware = [f"注意：{x.zh}" if zh else f"beware: {x.text}" for x in loud(proposal.warnings)]
    report = f"{'报告' if zh else 'report'}: {page}"
    if first is None:
        return [*out, *beware, report]
    chances = "; ".join(
        f"{t.zh if zh else t.metric} {t.p_met_after.value:.0%}" for t in first.targets
    )
    out.append(f"第一阶段各项达成概率：{chances}" if zh else f"stage 1, P(met) each: {chances}")
    needs = [
        f"{t.zh if zh else t.metric}: {(t.needs_zh if zh else t.needs)[0]}"
        for t in first.targets
        if t.p_met_as_is.value < first.aim and t.needs
    ]
    nothing = "无需改变" if zh else "nothing beyond the desk as it is"
    out.append(("所需条件：" if zh else "needs: ") + ("; ".join(needs) or nothing))
    return [*out, *beware, report]
