"""What to say about scores: flags of units and findings of the whole table, in two languages."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from svcsim.contacts.log import ContactLog, show_day
from svcsim.errors import Finding
from svcsim.scorecard.measure import MATURE
from svcsim.scorecard.period import SLACK, Period, coverage
from svcsim.scorecard.reliability import TEAM_ONLY
from svcsim.scorecard.scorecard import Scorecard
from svcsim.scorecard.table import Asked, Flag, KpiScore, UnitScore
from svcsim.units import format_share, format_value

LEAST_COMPARABLE = 0.8
AT_ONE_END = 0.8
PAY = 0.6
"""Below this reliability of the total score a bonus pays luck about as often as skill."""


def kpi_flags(kind: str, asked: Asked, kpi: KpiScore, comparable: float) -> Iterator[Flag]:
    """Return what to know about one KPI of one unit."""
    name = kpi.metric
    if asked.left_out:
        yield Flag(
            "left out", f"{asked.left_out}; scored without it", "缺少数据列,计分时已剔除", name
        )
        return
    if kpi.n == 0:
        rest = "the mean of all agents stands in" if kind == "agent" else "scored without it"
        zh = "暂以全体均值代替" if kind == "agent" else "计分时未包含"
        yield Flag("no data", f"no contact counts in the period; {rest}", f"本期无数据,{zh}", name)
        return
    if kpi.n < asked.min_n:
        yield Flag(
            "thin",
            f"{kpi.n} contacts; {asked.min_n} are needed to judge",
            f"仅 {kpi.n} 条,至少需要 {asked.min_n} 条",
            name,
        )
    if asked.followed_up < MATURE:
        share = format_share(asked.followed_up, 2)
        yield Flag(
            "immature",
            f"only the first {share} of the period have been followed up",
            f"观察期未满:仅前 {share} 已可判定",
            name,
        )
    if kind == "agent" and kpi.reliability < TEAM_ONLY:
        yield Flag(
            "noisy",
            f"reliability {kpi.reliability:.2f}: use for the team only, not for one person",
            f"信度 {kpi.reliability:.2f}:仅适合看团队,不宜考核个人",
            name,
        )
    if kind == "agent" and comparable < LEAST_COMPARABLE:
        share = format_share(1 - comparable, 2)
        yield Flag(
            "mix",
            f"{share} of the contacts are of kinds that hardly anybody else handles",
            f"{share} 的工单类型几乎只有此人处理,难以比较",
            name,
        )


def short_flag(share: float, others: float, n: float) -> Flag:
    """Return the flag of an agent with unusually many handlings under 10 s."""
    own, rest = format_share(share, 2), format_share(others, 2)
    return Flag(
        "short handlings",
        f"{own} of {n:.0f} handlings last under 10 s (others: {rest}); please check",
        f"{n:.0f} 次处理中 {own} 不足 10 秒(其他人 {rest}),请核实",
    )


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
    window = f"[{show_day(log.start, log.timezone)}, {show_day(log.end, log.timezone)})"
    if unasked and span.label == "all":
        yield Finding(
            card.name, f"the log holds no whole {card.period}: all of it is scored", window,
            level="warning",
        )  # fmt: skip
    elif coverage(span, log) == "part":
        yield Finding(
            card.name, f"{span.label} lies only partly in the log", f"the log covers {window}",
            level="warning",
        )  # fmt: skip
    left = [one for one in asked if one.left_out]
    if left:
        share = format_share(sum(one.kpi.weight for one in left))
        names = "; ".join(f"{one.kpi.metric}: {one.left_out}" for one in left)
        yield Finding(
            card.name, f"{share} of the weight cannot be scored ({names})",
            "the scores are over the other KPIs, their weights made to sum to 100%",
            "map the missing columns or use another card", "warning",
        )  # fmt: skip
    team_only = sum(one.kpi.weight for one in asked if one.kpi.scope == "team")
    if team_only:
        yield Finding(
            card.name, f"{format_share(team_only)} of the weight is asked of the team only",
            "agents' scores are over the other KPIs", level="note",
        )  # fmt: skip
    yield from _derived(card, asked)
    for one in asked:
        yield from _kpi_findings(log, card, span, one)
        yield from _at_the_end(card, one, units)
    unknown = float(log.frame["agent"].isna().mean()) if len(log) else 0.0
    if unknown > 0.05:
        yield Finding(
            log.name, f"{format_share(unknown, 2)} of the contacts name no agent",
            "they count for the desk and for nobody's score", level="note",
        )  # fmt: skip
    if reliability < PAY:
        yield Finding(
            card.name, f"the agents' total scores have reliability {reliability:.2f}",
            f"below {PAY:g}, differences between agents are mostly luck: no individual pay on "
            "this period alone",
            "score a longer period or the team", "warning",
        )  # fmt: skip


def _derived(card: Scorecard, asked: Sequence[Asked]) -> Iterator[Finding]:
    """Say which ends of curves the card leaves open."""
    ends = []
    for one in asked:
        if one.curve.derived and not one.left_out:
            bounds = (one.curve.floor, one.curve.target, one.curve.stretch)
            shown = " / ".join(format_value(value, one.kpi.kind.unit) for value in bounds)
            ends.append(f"{one.kpi.metric} {shown}")
    if ends:
        yield Finding(
            card.name, f"0 / 80 / 100 points at {'; '.join(ends)}",
            "floor and stretch were derived and follow the noise of the period",
            "write them into the card to keep them", "note",
        )  # fmt: skip


def _at_the_end(card: Scorecard, asked: Asked, units: Sequence[UnitScore]) -> Iterator[Finding]:
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
            yield Finding(
                f"{card.name} {asked.kpi.metric}",
                f"{format_share(share, 2)} of the agents have {end:g} points",
                f"beyond {format_value(bound, asked.kpi.kind.unit)} the KPI tells nobody apart",
                "move the target or write floor and stretch that fit this desk", "warning",
            )  # fmt: skip


def _kpi_findings(
    log: ContactLog, card: Scorecard, span: Period, asked: Asked
) -> Iterator[Finding]:
    where = f"{card.name} {asked.kpi.metric}"
    window, kpi = asked.question.period, asked.kpi
    if window != span and abs(window.start - log.start) < SLACK and "(from" in window.label:
        yield Finding(
            where, f"the {kpi.period} is cut at the start of the log",
            f"[{show_day(window.start, log.timezone)}, {show_day(window.end, log.timezone)})",
            level="warning",
        )  # fmt: skip
    first = next(iter(kpi.stages), "")
    if first > show_day(span.end - 1, log.timezone)[:10]:
        yield Finding(
            where, f"its first target is in force from {first}", f"{span.label} is earlier",
            "the period is scored against it all the same", "note",
        )  # fmt: skip
    if not asked.left_out and asked.followed_up < MATURE:
        yield Finding(
            where, f"only the first {format_share(asked.followed_up, 2)} of the period have been "
            "followed up", "its value is provisional", "score again when its window has passed",
            "warning",
        )  # fmt: skip
    if math.isfinite(asked.reliability) and asked.reliability < TEAM_ONLY:
        need = asked.contacts_for_pay
        enough = f"; {need:,.0f} would do" if math.isfinite(need) else ""
        yield Finding(
            where, f"between agents its reliability is {asked.reliability:.2f}",
            f"a typical agent has {asked.contacts_median:.0f} contacts{enough}",
            "judge the team by it, not one person", "warning",
        )  # fmt: skip
