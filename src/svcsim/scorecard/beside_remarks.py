"""What to say about what stands beside the weighted score: roles, gates, bonus and penalty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from svcsim.contacts.log import ContactLog
from svcsim.scorecard.audience import first_day
from svcsim.scorecard.gate import GateScore
from svcsim.scorecard.measure import units_of
from svcsim.scorecard.period import Period
from svcsim.scorecard.remark import Remark
from svcsim.scorecard.roles import Roles
from svcsim.scorecard.scorecard import Scorecard
from svcsim.scorecard.table import Flag, UnitScore
from svcsim.text import Text
from svcsim.units import format_share

MOST_NAMES = 12
"""More names than this are counted rather than listed."""
LEAST_PEERS = 3
"""Fewer people than this in a role show no spread: they are scored, and compared with nobody."""


def gate_flags(gates: Sequence[GateScore]) -> list[Flag]:
    """Return a flag for every gate that was missed."""
    flags = []
    for gate in gates:
        if gate.status != "failed":
            continue
        chance = format_share(gate.p_failed, 2)
        luck, zh = ("; that may be luck: please look before it counts", "；可能只是偶然，请先核实")
        flags.append(
            Flag(
                "gate",
                f"missed on {gate.n} contacts: the total is at most {gate.cap:g}; "
                f"P(true level misses it) {chance}{luck if gate.unsure else ''}",
                f"{gate.n} 条数据未达红线要求：总分最高 {gate.cap:g}；真实水平未达标的概率 {chance}"
                f"{zh if gate.unsure else ''}",
                gate.metric,
            )
        )
    return flags


def beside_findings(
    log: ContactLog,
    card: Scorecard,
    roles: Roles | None,
    span: Period,
    agents: Sequence[str],
    units: Sequence[UnitScore],
) -> Iterator[Remark]:
    """Return what to know about roles, gates and bonus of a whole table.

    Parameters
    ----------
    log : ContactLog
        With the contacts of everybody.
    agents : sequence of str
        Whom the card scores.
    """
    if card.for_ is not None:
        yield from _outside(log, card, span, agents)
    if roles is not None:
        yield from _roles(log, card, roles, span, agents)
    yield from _gates(card, units)
    yield from _bonus(card, units)
    yield from _progress(card, units)


def _outside(
    log: ContactLog, card: Scorecard, span: Period, agents: Sequence[str]
) -> Iterator[Remark]:
    others = sorted(set(units_of(log, "agent", span)) - set(agents))
    if others:
        who = _names(others)
        yield Remark(
            card.name, f"the card is for {card.for_}: not scored are {who}",
            "their contacts count for nobody here", level="note",
            zh=f"本表只考核 {card.for_}；不计分的有：{who.zh}",
        )  # fmt: skip


def _roles(
    log: ContactLog, card: Scorecard, roles: Roles, span: Period, agents: Sequence[str]
) -> Iterator[Remark]:
    day = first_day(log, span)
    everybody = units_of(log, "agent", span)
    nameless = [name for name in everybody if name not in roles.people]
    if nameless:
        who = _names(nameless)
        yield Remark(
            roles.source, f"names no role for {who}",
            "they are compared with one another only, and no card for a role scores them",
            "add them to the file", "warning",
            f"未给出角色：{who.zh}；他们只互相比较，按角色制定的考核表不为其计分",
        )  # fmt: skip
    absent = sorted(set(roles.people) - set(everybody))
    if absent:
        who = _names(absent)
        yield Remark(
            roles.source, f"without a contact in {span.label}: {who}", "they have no score",
            level="note", zh=f"{span.label} 没有工单、因而没有得分：{who.zh}",
        )  # fmt: skip
    new = roles.newcomers(agents, day)
    if new:
        who = _names(new)
        yield Remark(
            card.name, f"at work for less than four weeks on {day}: {who}",
            "their numbers say more about learning than about work",
            "leave them out of comparisons", "warning",
            f"{day} 时入职不足四周：{who.zh}；其数据反映的是学习而非工作水平，请勿与他人比较",
        )  # fmt: skip
    sizes = {role: sum(roles.role(a) == role for a in agents) for role in map(roles.role, agents)}
    few = sorted(role for role, n in sizes.items() if n < LEAST_PEERS and role)
    if few:
        who = _names(few)
        yield Remark(
            card.name, f"fewer than {LEAST_PEERS} people have the role {who}",
            "their values are not shrunk and say little about one person",
            "judge the team", "note",
            f"角色 {who.zh} 不足 {LEAST_PEERS} 人：无法收缩估计，数值难以说明个人水平",
        )  # fmt: skip


def _gates(card: Scorecard, units: Sequence[UnitScore]) -> Iterator[Remark]:
    for kpi in card.gates:
        found = [(u, g) for u in units for g in u.gates if g.metric == kpi.metric]
        failed = [u.unit for u, g in found if g.status == "failed"]
        open_ = [u.unit for u, g in found if g.status == "not judged"]
        where = f"{card.name} {kpi.metric}"
        if failed:
            who = _names(failed)
            yield Remark(
                where, f"the gate was missed by {who}",
                f"their totals are at most {kpi.cap:g} points", level="warning",
                zh=f"{kpi.kind.zh} 触及红线：{who.zh}；总分最高 {kpi.cap:g} 分",
            )  # fmt: skip
        if open_:
            who = _names(open_)
            yield Remark(
                where, f"the gate cannot be judged yet for {who}",
                "too few contacts, no data or not followed up: it does not fire", level="note",
                zh=f"{kpi.kind.zh} 尚无法判定（样本不足或观察期未满），不触发红线：{who.zh}",
            )  # fmt: skip


def _bonus(card: Scorecard, units: Sequence[UnitScore]) -> Iterator[Remark]:
    agents = [unit for unit in units if unit.kind == "agent"]
    for item in card.bonus:
        own = [one for unit in agents for one in unit.extras if one.item == item.name]
        reason = next((Text.of(one.left_out) for one in own if one.left_out), None)
        if reason is not None:
            yield Remark(
                f"{card.name} {item.name}", str(reason), "the item is worth 0 points to everybody",
                "map the column or add the side table", "warning",
                f"{item.name}：{reason.in_('zh')}，全体此项计 0 分",
            )  # fmt: skip
        elif own and all(one.cut for one in own):
            yield Remark(
                f"{card.name} {item.name}", "everybody is beyond its cap",
                "an item that all have in full tells nobody apart", "raise the cap or per", "note",
                f"{item.name}：所有人都已超过上限，无法区分高低",
            )  # fmt: skip


def _progress(card: Scorecard, units: Sequence[UnitScore]) -> Iterator[Remark]:
    """Say when there is nothing to measure an improvement from."""
    for kpi in card.weighted:
        found = [m for unit in units for m in unit.metrics if m.metric == kpi.metric]
        if kpi.curve == "improvement" and found and all(m.baseline != m.baseline for m in found):
            yield Remark(
                f"{card.name} {kpi.metric}", "there is no baseline to improve on",
                "the log does not hold the whole previous period: only achievement counts",
                "score a longer log, or write baseline: in the card", "note",
                f"{kpi.kind.zh} 没有可比的基线（数据不含完整的上一期），只按达成水平计分",
            )  # fmt: skip


def _names(names: Sequence[str]) -> Text:
    """Return names with commas, the rest of a long list as a number."""
    shown, rest = list(names[:MOST_NAMES]), len(names) - MOST_NAMES
    en, zh = ", ".join(shown), "、".join(shown)
    return Text(f"{en} and {rest} more", f"{zh} 等 {len(names)} 个") if rest > 0 else Text(en, zh)
