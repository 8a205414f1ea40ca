"""What experience says against a card before anybody is scored by it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from svcsim.contacts.log import ContactLog
from svcsim.errors import Finding
from svcsim.metrics.metric import Mean, Metric
from svcsim.metrics.support import why_not
from svcsim.scorecard.kpi import Kpi, show_value
from svcsim.scorecard.lint_log import lint_log
from svcsim.scorecard.period import Period
from svcsim.scorecard.remark import Remark, spoken
from svcsim.scorecard.roles import Roles
from svcsim.scorecard.scorecard import Scorecard
from svcsim.units import format_duration, format_share, spoken_duration

__all__ = ["Remark", "lint", "spoken"]

_QUALITY = ("quality", "satisfaction")
_HARMED = (*_QUALITY, "outcome")
"""Families of what haste can harm: a KPI of them is a counter to one of speed."""
_POSSIBLE = {
    "nps": (-100.0, 100.0),
    "score": (1.0, 5.0),
    "points": (0.0, 100.0),
    "share": (0.0, 1.0),
}
"""Range of values by metric, else by unit."""
_PACE = ("throughput", "volume", "aht", "aht_p50", "aht_p90")
_INSTEAD = {
    "frt": "frt_within({t}) or frt_p90",
    "wait": "answered_within({t}) or wait_p90",
    "res_full": "res_within({t}) or res_full_p90",
    "aht": "aht_p50",
}
"""What to ask for instead of the mean of a heavy-tailed time."""


def lint(
    card: Scorecard,
    available: ContactLog | Collection[str] | None = None,
    *,
    roles: Roles | None = None,
    span: Period | None = None,
) -> list[Finding]:
    """Return what speaks against a card: warnings and notes, none of which stops a score.

    The limits are the house's own (``rules`` in the card): number of KPIs, weight of satisfaction,
    pace against quality, what a small team is.

    Parameters
    ----------
    card : Scorecard
    available : ContactLog or collection of column names, optional
        What the data hold; with it, KPIs that cannot be computed are named. A log also tells
        whether targets are too easy or too hard, and whether the card fits the team (`lint_log`).
    roles : Roles, optional
        Who has which role, to tell who may be compared.
    span : Period, optional
        The period that the card is held against; default: the last whole one of the log.
    """
    found: list[Finding] = [
        *_shape(card),
        *_balance(card),
        *(remark for kpi in card.kpis for remark in _kpi(card, kpi)),
        *_availability(card, available),
    ]
    if isinstance(available, ContactLog):
        found += lint_log(card, available, roles, span)
    return found


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
    most, size = card.rules.most_kpis, len(card.weighted)
    if size > most:
        small = sorted(card.weighted, key=lambda kpi: kpi.weight)[: size - most]
        yield Remark(
            card.name,
            f"{size} KPIs",
            f"with more than {most} nobody knows what matters",
            f"leave out the lightest: {', '.join(kpi.metric for kpi in small)}",
            "warning",
            f"共 {size} 个指标，超过 {most} 个容易失焦；"
            f"建议去掉权重最小的：{'、'.join(kpi.kind.zh for kpi in small)}",
        )
    for kpi in card.weighted:
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
        family: sum(kpi.weight for kpi in card.weighted if kpi.kind.family == family)
        for family in _QUALITY
    }
    rules, least = card.rules, format_share(card.rules.least_satisfaction)
    if weight["satisfaction"] < rules.least_satisfaction - 1e-9:
        own = format_share(weight["satisfaction"])
        yield Remark(
            card.name,
            f"satisfaction weighs {own}",
            f"customers' own verdict should weigh {least} or more",
            "add weight to csat_top2",
            "warning",
            f"满意度权重为 {own}，建议不低于 {least}",
        )
    better = weight["quality"] + weight["satisfaction"]
    yield from _counters(card)
    pace = sum(kpi.weight for kpi in card.weighted if kpi.metric in _PACE)
    if better > 0 and pace > rules.most_pace * better + 1e-9:
        yield Remark(
            card.name,
            f"pace ({format_share(pace)}) weighs more than {rules.most_pace:g} x quality and "
            f"satisfaction ({format_share(better)})",
            "beyond that, rushing or picking easy contacts pays",
            "move weight from throughput or handling time to fcr_window or csat",
            "warning",
            f"数量与处理时长权重（{format_share(pace)}）超过质量与满意度权重"
            f"（{format_share(better)}）的 {rules.most_pace:g} 倍，挑单或草率处理会更划算",
        )


def _counters(card: Scorecard) -> Iterator[Remark]:
    """Ask for a counter to every KPI of speed: something that haste can harm, of the same people.

    A gate counts: it stops whoever buys speed with it.
    """
    for kind, who, zh in (("agent", "agents", "坐席"), ("team", "teams", "团队")):
        asked = [kpi for kpi in card.kpis if kpi.applies_to(kind)]
        speed = [kpi for kpi in asked if kpi.kind.family == "efficiency" and kpi.curve != "gate"]
        harmed = [kpi for kpi in asked if kpi.kind.family in _HARMED and kpi.kind.better != "none"]
        alone = [kpi for kpi in speed if not any(_of_the_same(kpi, other) for other in harmed)]
        if not alone:
            continue
        names, zh_names = ", ".join(k.metric for k in alone), "、".join(k.kind.zh for k in alone)
        yield Remark(
            card.name,
            f"speed is asked for and nothing that speed can harm ({names}, of {who})",
            "a card of speed alone buys rushed work and repeat contacts",
            "add fcr_window(7d) or csat_top2",
            "warning",
            f"对{zh}只考核速度（{zh_names}）而没有相应的质量指标，会换来草率处理和重复来访；"
            "请加入一次解决率或满意度",
        )
        return  # the same card of teams needs no second sentence


def _of_the_same(speed: Kpi, other: Kpi) -> bool:
    """Tell whether a KPI is asked of all people of whom a KPI of speed is asked."""
    return other.for_ is None or other.for_ == speed.for_


def _kpi(card: Scorecard, kpi: Kpi) -> Iterator[Remark]:
    where = f"{card.name} {kpi.metric}"
    metric = kpi.kind
    targets = [kpi.target] if kpi.target is not None else list(kpi.stages.values())
    yield from _agreed(where, kpi)
    yield from _impossible(where, kpi, targets)
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


def _agreed(where: str, kpi: Kpi) -> Iterator[Remark]:
    """Warn when the metric no longer means what the card was agreed on."""
    if kpi.definition and kpi.definition != kpi.kind.definition:
        yield Remark(
            where,
            f"the card was agreed on another definition ({kpi.definition}); this version of "
            f"svcsim measures {kpi.kind.definition}",
            "numbers by two definitions do not compare",
            f"read svcsim list metrics, agree anew and write definition: {kpi.kind.definition}",
            "warning",
            f"{kpi.kind.zh}：考核表约定的口径为 {kpi.definition}，当前版本的口径为 "
            f"{kpi.kind.definition}，两者的数字不可比；请重新确认口径",
        )


def _impossible(where: str, kpi: Kpi, targets: list[float]) -> Iterator[Remark]:
    """Warn of values that no period can have."""
    usual = _POSSIBLE.get(kpi.kind.unit, (0.0, float("inf")))
    low, high = _POSSIBLE.get(kpi.metric, usual)
    ends = [end for end in (kpi.floor, kpi.stretch) if end is not None]
    for value in dict.fromkeys([*targets, *ends]):
        if not low <= value <= high:
            shown, bound = show_value(value, kpi.kind.unit), f"{low:g} .. {high:g}"
            yield Remark(
                where,
                f"{shown} lies outside the possible range",
                f"values lie in {bound}",
                "write a value inside it",
                "warning",
                f"{kpi.kind.zh} 的 {shown} 超出可能范围 {bound}",
            )


def _bounds(where: str, kpi: Kpi, metric: Metric, targets: list[float]) -> Iterator[Remark]:
    perfect = 1.0 if kpi.better == "higher" else 0.0
    if perfect in targets and kpi.curve != "gate":
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
            gate = kpi.curve == "gate"
            yield Remark(
                f"{card.name} {kpi.metric}",
                reason,
                "the gate never fires" if gate else f"{share} of the score cannot be computed",
                "map the column, or move the weight to a KPI that can be measured",
                "warning",
                f"{kpi.kind.zh} 缺少所需数据列，"
                + ("红线不会触发" if gate else f"{share} 的权重无法计分"),
            )
