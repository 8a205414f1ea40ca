"""What to say about scores: flags of units and findings of the whole table, in two languages."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from svcsim.contacts.log import ContactLog, show_day
from svcsim.errors import Finding
from svcsim.scorecard.integrity.detection import Detection
from svcsim.scorecard.measure import MATURE, SCOPE
from svcsim.scorecard.period import Period, coverage
from svcsim.scorecard.reliability import TEAM_ONLY
from svcsim.scorecard.remark import Remark
from svcsim.scorecard.scorecard import Scorecard
from svcsim.scorecard.stand_in import AS_DESK, ON_TARGET
from svcsim.scorecard.table import Asked, Flag, KpiScore, UnitScore
from svcsim.text import Text, listed
from svcsim.units import format_share, format_value

LEAST_COMPARABLE = 0.8
AT_ONE_END = 0.8
"""With this share of agents at 0 or at 100 points a KPI tells nobody apart."""
UNKNOWN_AGENTS = 0.05
PAY = 0.6
"""Below this reliability of the total score a bonus pays luck about as often as skill."""
FAR_TOO_MANY = 100_000
"""Contacts in one period that no agent, and no team, has."""
MORE_THAN_ANY = "it would take more than any team has"
MORE_THAN_ANY_ZH = "所需条数多于任何班组所有"


def kpi_flags(kind: str, asked: Asked, kpi: KpiScore, comparable: float) -> Iterator[Flag]:
    """Return what to know about one KPI of one unit."""
    name = kpi.metric
    if asked.left_out:
        yield Flag(
            "left out", f"{asked.left_out}; scored without it", "缺少数据列，计分时已剔除", name
        )
        return
    if kpi.n == 0:
        rest, zh = _instead(kind, kpi)
        yield Flag("no data", f"no contact counts in the period{rest}", f"本期无数据{zh}", name)
        return
    rest, zh = _instead(kind, kpi) if kind != "agent" else ("", "")
    if kpi.n < asked.min_n:
        yield Flag(
            "thin",
            f"{kpi.n} contacts; {asked.min_n} are needed to judge{rest}",
            f"仅 {kpi.n} 条，至少需要 {asked.min_n} 条{zh}",
            name,
        )
    if asked.followed_up < MATURE:
        share = format_share(asked.followed_up, 2)
        yield Flag(
            "immature",
            f"only the first {share} of the period have been followed up{rest}",
            f"观察期未满：仅前 {share} 已可判定{zh}",
            name,
        )
    if kind == "agent" and kpi.reliability < TEAM_ONLY:
        yield Flag(
            "noisy",
            f"reliability {kpi.reliability:.2f}: use for the team only, not for one person",
            f"信度 {kpi.reliability:.2f}：仅适合看团队，不宜考核个人",
            name,
        )
    if comparable < LEAST_COMPARABLE:
        share, who = format_share(1 - comparable, 2), "此人" if kind == "agent" else "该团队"
        raw = math.isnan(kpi.adjusted_value)
        yield Flag(
            "mix",
            f"{share} of the contacts are of kinds that hardly "
            + ("anybody else handles" if kind == "agent" else "any other team handles")
            + ("; the value is not adjusted" if raw else ""),
            f"{share} 的工单类型几乎只有{who}处理，难以比较" + ("，数值未作调整" if raw else ""),
            name,
        )


def _instead(kind: str, kpi: KpiScore) -> tuple[str, str]:
    """Return what counts in place of a value that cannot be judged, in two languages."""
    if kind == "agent":
        return "; the mean of all agents stands in", "，暂以全体均值代替"
    if kpi.basis == AS_DESK:
        return "; the desk's value stands in", "，暂以全台数值代替"
    return "; it counts as on target until then", "，暂按恰好达标计分"


def integrity_flag(found: Detection) -> Flag:
    """Return the flag of a unit in which a detector found its pattern."""
    return Flag(found.detector.replace("_", " "), found.text.en, found.text.zh)


def table_findings(
    log: ContactLog,
    card: Scorecard,
    span: Period,
    asked: Sequence[Asked],
    units: Sequence[UnitScore],
    reliability: float,
    unasked: bool,
) -> Iterator[Finding]:
    """Return what to know about the whole table."""
    yield from _window(log, card, span, unasked)
    left = [one for one in asked if one.left_out]
    if left:
        share = format_share(sum(one.kpi.weight for one in left))
        names = "; ".join(f"{one.kpi.metric}: {one.left_out}" for one in left)
        yield Remark(
            card.name, f"{share} of the weight cannot be scored ({names})",
            "the scores are over the other KPIs, their weights made to sum to 100%",
            "map the missing columns or use another card", "warning",
            f"{share} 的权重缺少数据无法计分（{'、'.join(one.kpi.kind.zh for one in left)}），"
            "得分按其余指标重新折算",
        )  # fmt: skip
    yield from _unsettled(card, units)
    yield from _alone(card, units)
    yield from _who(log, card, asked)
    yield from _derived(card, asked)
    for one in asked:
        yield from _kpi_findings(log, card, span, one)
        yield from _at_the_end(card, one, units)
    if reliability < PAY:
        yield Remark(
            card.name, f"the agents' total scores have reliability {reliability:.2f}",
            f"below {PAY:g}, differences between agents are mostly luck: no individual pay on "
            "this period alone",
            "score a longer period or the team", "warning",
            f"个人总分信度 {reliability:.2f}，低于 {PAY:g}：差异多半来自运气，"
            "不宜单凭本期发放个人奖金",
        )  # fmt: skip


def _unsettled(card: Scorecard, units: Sequence[UnitScore]) -> Iterator[Remark]:
    """Say which part of the desk's score rests on KPIs that cannot be judged yet."""
    desk = next((unit for unit in units if unit.kind == "desk"), None)
    waiting = [kpi for kpi in desk.metrics if kpi.basis == ON_TARGET] if desk else []
    if waiting:
        share = format_share(sum(kpi.weight for kpi in waiting))
        names = ", ".join(kpi.metric for kpi in waiting)
        yield Remark(
            card.name, f"{share} of the desk's weight cannot be judged yet ({names})",
            "it counts as on target, and the interval covers 0 to 100 points of it",
            "score again when contacts and follow-up suffice", "warning",
            f"全台 {share} 的权重尚无法评判（{'、'.join(k.metric for k in waiting)}），暂按恰好达标"
            "计分，区间已涵盖 0 至 100 分",
        )  # fmt: skip


def _alone(card: Scorecard, units: Sequence[UnitScore]) -> Iterator[Remark]:
    """Name the teams whose work nobody shares: whole-desk targets say nothing about them."""
    names = [u.unit for u in units if u.kind == "team" and not u.band and math.isfinite(u.score)]
    if names:
        yield Remark(
            card.name, f"hardly any other team handles the kinds of contact of {', '.join(names)}",
            "targets of the whole desk show what such a team is given, not how it works: no band",
            "write a card with targets of its own", "warning",
            f"{'、'.join(names)} 的工单类型几乎没有其他团队处理：全台目标反映的是分到的工单而非"
            "工作好坏，故不定档，请为其单独制定目标",
        )  # fmt: skip


def _who(log: ContactLog, card: Scorecard, asked: Sequence[Asked]) -> Iterator[Remark]:
    """Say what is not asked of agents, and how many contacts name none."""
    team_only = sum(one.kpi.weight for one in asked if one.kpi.scope == "team")
    if team_only:
        share = format_share(team_only)
        yield Remark(
            card.name, f"{share} of the weight is asked of the team only",
            "agents' scores are over the other KPIs", level="note",
            zh=f"{share} 的权重只考核团队，个人得分按其余指标计算",
        )  # fmt: skip
    rows = log.frame[log.frame[SCOPE]] if SCOPE in log.frame else log.frame
    unknown = float(rows["agent"].isna().mean()) if len(rows) else 0.0
    if unknown > UNKNOWN_AGENTS:
        share = format_share(unknown, 2)
        yield Remark(
            log.name, f"{share} of the contacts name no agent",
            "they count for the desk and for nobody's score", level="note",
            zh=f"{share} 的工单没有坐席，只计入全台",
        )  # fmt: skip


def _window(log: ContactLog, card: Scorecard, span: Period, unasked: bool) -> Iterator[Remark]:
    """Say when the period is not wholly in the log."""
    window = f"[{show_day(log.start, log.timezone)}, {show_day(log.end, log.timezone)})"
    if unasked and span.label == "all":
        yield Remark(
            card.name, f"the log holds no whole {card.period}: all of it is scored", window, "",
            "warning", f"数据不足一个完整考核周期，按全部数据 {window} 计分",
        )  # fmt: skip
    elif coverage(span, log) == "part":
        yield Remark(
            card.name, f"{span.label} lies only partly in the log", f"the log covers {window}", "",
            "warning", f"{span.label} 只有部分落在数据范围 {window} 内",
        )  # fmt: skip


def _derived(card: Scorecard, asked: Sequence[Asked]) -> Iterator[Remark]:
    """Say which ends of curves the card leaves open."""
    ends = []
    for one in asked:
        if one.curve.derived and not one.left_out:
            bounds = (one.curve.floor, one.curve.target, one.curve.stretch)
            texts = [format_value(value, one.kpi.kind.unit) for value in bounds]
            en, zh = (" / ".join(text.in_(lang) for text in texts) for lang in ("en", "zh"))
            ends.append(Text(f"{one.kpi.metric} {en}", f"{one.kpi.metric} {zh}"))
    if ends:
        yield Remark(
            card.name, f"0 / 80 / 100 points at {listed(ends)}",
            "floor and stretch were derived and follow the noise of the period",
            "write them into the card to keep them", "note",
            f"0 / 80 / 100 分对应：{listed(ends).zh}；底线与挑战值为自动推算，"
            "写入考核表可固定",
        )  # fmt: skip


def _at_the_end(card: Scorecard, asked: Asked, units: Sequence[UnitScore]) -> Iterator[Remark]:
    """Say when nearly all agents sit at one end of the curve, where it tells nobody apart."""
    points = [
        kpi.points
        for unit in units
        for kpi in unit.metrics
        if unit.kind == "agent" and kpi.metric == asked.kpi.metric and math.isfinite(kpi.points)
    ]
    if not points or asked.curve.shape == "step":
        return
    for end, bound in ((0.0, asked.curve.floor), (100.0, asked.curve.stretch)):
        share = sum(one == end for one in points) / len(points)
        if share >= AT_ONE_END:
            shown, limit = format_share(share, 2), format_value(bound, asked.kpi.kind.unit)
            yield Remark(
                f"{card.name} {asked.kpi.metric}",
                f"{shown} of the agents have {end:g} points",
                f"beyond {limit} the KPI tells nobody apart",
                "move the target or write floor and stretch that fit this desk", "warning",
                f"{asked.kpi.kind.zh}：{shown} 的坐席得 {end:g} 分，超出 {limit.zh} 后无法区分高低",
            )  # fmt: skip


def _kpi_findings(log: ContactLog, card: Scorecard, span: Period, asked: Asked) -> Iterator[Remark]:
    where, zh = f"{card.name} {asked.kpi.metric}", asked.kpi.kind.zh
    window, kpi = asked.question.period, asked.kpi
    if window != span and window.start == log.start:
        days = f"[{show_day(window.start, log.timezone)}, {show_day(window.end, log.timezone)})"
        yield Remark(
            where, f"the {kpi.period} is cut at the start of the log", days, "", "warning",
            f"{zh} 的考核期被数据起点截断为 {days}",
        )  # fmt: skip
    first = next(iter(kpi.stages), "")
    if first > show_day(span.end - 1, log.timezone)[:10]:
        yield Remark(
            where, f"its first target is in force from {first}", f"{span.label} is earlier",
            "the period is scored against it all the same", "note",
            f"{zh} 的首个目标自 {first} 生效，本期仍按其计分",
        )  # fmt: skip
    if not asked.left_out and asked.followed_up < MATURE:
        share = format_share(asked.followed_up, 2)
        yield Remark(
            where, f"only the first {share} of the period have been followed up",
            "its value is provisional", "score again when its window has passed", "warning",
            f"{zh} 观察期未满，仅前 {share} 可判定，数值为暂定",
        )  # fmt: skip
    if math.isfinite(asked.reliability) and asked.reliability < TEAM_ONLY:
        need = asked.contacts_for_pay
        more = MORE_THAN_ANY if need > FAR_TOO_MANY else f"{need:,.0f} would do"
        more_zh = MORE_THAN_ANY_ZH if need > FAR_TOO_MANY else f"约需 {need:,.0f} 条"
        known = math.isfinite(need)
        yield Remark(
            where, f"between agents its reliability is {asked.reliability:.2f}",
            f"a typical agent has {asked.contacts_median:.0f} contacts"
            + (f"; {more}" if known else ""),
            "judge the team by it, not one person", "warning",
            f"{zh} 的个人信度仅 {asked.reliability:.2f}（人均 {asked.contacts_median:.0f} 条"
            + (f"，{more_zh}" if known else "") + "），只宜考核团队",
        )  # fmt: skip
