"""What experience says against a card before anybody is scored by it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from svcsim.contacts.log import ContactLog
from svcsim.errors import Finding
from svcsim.metrics.metric import Mean, Metric
from svcsim.metrics.support import why_not
from svcsim.scorecard.kpi import Kpi, show_value
from svcsim.scorecard.scorecard import Scorecard
from svcsim.units import format_duration, format_share, spoken_duration

MOST_KPIS = 5
LEAST_SATISFACTION = 0.30
PACE_TO_QUALITY = 0.7
"""Weight on pace (throughput, handling time) per weight on quality and satisfaction."""


@dataclass(frozen=True)
class Remark(Finding):
    """A finding in two languages: ``zh`` says all of it in one sentence."""

    zh: str = ""


def spoken(finding: Finding, lang: str) -> Finding:
    """Return the finding as people of a language read it."""
    zh = finding.zh if isinstance(finding, Remark) and lang == "zh" else ""
    return Finding(finding.where, zh, level=finding.level) if zh else finding


_QUALITY = ("quality", "satisfaction")
_PACE = ("throughput", "volume", "aht", "aht_p50", "aht_p90")
_INSTEAD = {
    "frt": "frt_within({t}) or frt_p90",
    "wait": "answered_within({t}) or wait_p90",
    "res_full": "res_within({t}) or res_full_p90",
    "aht": "aht_p50",
}
"""What to ask for instead of the mean of a heavy-tailed time."""


def lint(card: Scorecard, available: ContactLog | Collection[str] | None = None) -> list[Finding]:
    """Return what speaks against a card: warnings and notes, none of which stops a score.

    Parameters
    ----------
    card : Scorecard
    available : ContactLog or collection of column names, optional
        What the data hold; with it, KPIs that cannot be computed are named.
    """
    return [
        *_shape(card),
        *_balance(card),
        *(remark for kpi in card.kpis for remark in _kpi(card, kpi)),
        *_availability(card, available),
    ]


def _shape(card: Scorecard) -> Iterator[Remark]:
    if card.exploratory:
        yield Remark(
            card.name,
            "the card is exploratory: its targets come from a proposal that is not fit for use yet",
            "scores by it are for discussion, not for appraisal or pay",
            "calibrate until fidelity passes and propose again",
            "warning",
            "该考核表仅供探索：其目标来自尚不可用的建议；据此所得分数只供讨论，不可用于考核或奖金",
        )
    if len(card.kpis) > MOST_KPIS:
        small = sorted(card.kpis, key=lambda kpi: kpi.weight)[: len(card.kpis) - MOST_KPIS]
        yield Remark(
            card.name,
            f"{len(card.kpis)} KPIs",
            f"with more than {MOST_KPIS} nobody knows what matters",
            f"leave out the lightest: {', '.join(kpi.metric for kpi in small)}",
            "warning",
            f"共 {len(card.kpis)} 个指标，超过 {MOST_KPIS} 个容易失焦；"
            f"建议去掉权重最小的：{'、'.join(kpi.kind.zh for kpi in small)}",
        )
    for kpi in card.kpis:
        if kpi.weight < 0.05:
            share = format_share(kpi.weight)
            yield Remark(
                f"{card.name} {kpi.metric}",
                f"a weight of {share} moves a score by less than its noise",
                mend="5% or more, or leave it out",
                level="note",
                zh=f"{kpi.kind.zh} 权重仅 {share}，影响小于随机波动",
            )


def _balance(card: Scorecard) -> Iterator[Remark]:
    weight = {
        family: sum(kpi.weight for kpi in card.kpis if kpi.kind.family == family)
        for family in ("efficiency", *_QUALITY)
    }
    if weight["satisfaction"] < LEAST_SATISFACTION:
        own, least = format_share(weight["satisfaction"]), format_share(LEAST_SATISFACTION)
        yield Remark(
            card.name,
            f"satisfaction weighs {own}",
            f"customers' own verdict should weigh {least} or more",
            "add weight to csat_top2",
            "warning",
            f"满意度权重为 {own}，建议不低于 {least}",
        )
    better = weight["quality"] + weight["satisfaction"]
    if weight["efficiency"] > 0 and better == 0:
        yield Remark(
            card.name,
            "speed is asked for and nothing that speed can harm",
            "a card of speed alone buys rushed work and repeat contacts",
            "add fcr_window(7d) or csat_top2",
            "warning",
            "只考核速度而没有质量指标，会换来草率处理和重复来访；请加入一次解决率或满意度",
        )
    pace = sum(kpi.weight for kpi in card.kpis if kpi.metric in _PACE)
    if better > 0 and pace > PACE_TO_QUALITY * better + 1e-9:
        yield Remark(
            card.name,
            f"pace ({format_share(pace)}) weighs more than {PACE_TO_QUALITY:g} x quality and "
            f"satisfaction ({format_share(better)})",
            "beyond that, rushing or picking easy contacts pays",
            "move weight from throughput or handling time to fcr_window or csat",
            "warning",
            f"数量与处理时长权重（{format_share(pace)}）超过质量与满意度权重"
            f"（{format_share(better)}）的 {PACE_TO_QUALITY:g} 倍，挑单或草率处理会更划算",
        )


def _kpi(card: Scorecard, kpi: Kpi) -> Iterator[Remark]:
    where = f"{card.name} {kpi.metric}"
    metric = kpi.kind
    targets = [kpi.target] if kpi.target is not None else list(kpi.stages.values())
    if metric.unit == "s" and isinstance(metric.kind, Mean):
        asked = spoken_duration(format_duration(targets[-1]))
        instead = _INSTEAD.get(metric.id, "a share or a quantile").format(t=asked)
        yield Remark(
            where,
            f"a target of {asked} on an average is a target for the slowest few: one contact "
            "that waits for days outweighs a hundred quick ones",
            "most contacts can be far below it while the average is above",
            f"ask for {instead}",
            "warning",
            f"{metric.zh} 用平均值设目标（{asked.zh}），实际由少数极慢工单决定；建议改用 {instead}",
        )
    if metric.better != "none" and kpi.better != metric.better:
        yield Remark(
            where, f"direction {kpi.better}", f"usually {metric.better} is better", "", "warning",
            f"{metric.zh} 的方向与通常相反",
        )  # fmt: skip
    if metric.unit == "share":
        yield from _bounds(where, kpi, metric, targets)
    if kpi.curve == "step":
        yield Remark(
            where,
            "a step pays all or nothing at the target",
            "it follows true quality worse than a line and rewards stopping at the target",
            "curve: linear",
            "note",
            f"{metric.zh} 采用一刀切计分，比线性计分更难反映真实水平",
        )


def _bounds(where: str, kpi: Kpi, metric: Metric, targets: list[float]) -> Iterator[Remark]:
    perfect = 1.0 if kpi.better == "higher" else 0.0
    if perfect in targets:
        shown = show_value(perfect, metric.unit)
        yield Remark(
            where,
            f"a target of {shown} leaves no room for chance",
            "a single contact decides",
            "ask for a little less",
            "warning",
            f"{metric.zh} 目标为 {shown}，一单失误即不达标",
        )


def _availability(
    card: Scorecard, available: ContactLog | Collection[str] | None
) -> Iterator[Remark]:
    if available is None:
        return
    for kpi in card.kpis:
        reason: str
        if isinstance(available, ContactLog):
            reason = why_not(available, kpi.kind)
        else:
            missing = [
                need.replace("|", " or ")
                for need in kpi.kind.needs
                if not any(name in available for name in need.split("|"))
            ]
            reason = f"the data have no {', no '.join(missing)}" if missing else ""
        if reason:
            share = format_share(kpi.weight)
            yield Remark(
                f"{card.name} {kpi.metric}",
                reason,
                f"{share} of the score cannot be computed",
                "map the column, or move the weight to a KPI that can be measured",
                "warning",
                f"{kpi.kind.zh} 缺少所需数据列，{share} 的权重无法计分",
            )
