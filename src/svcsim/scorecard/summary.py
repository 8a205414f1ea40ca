"""A score table in lines of text: the desk's KPIs, then every unit with its interval."""

from __future__ import annotations

from collections.abc import Mapping

from svcsim.scorecard.labels import BANDS, FLAGS, GATES, STATUS
from svcsim.scorecard.table import ScoreTable, UnitScore
from svcsim.units import format_share, format_value

TRUE_EN, TRUE_ZH = "P(true level meets it)", "真实水平达标概率"
"""``p_met`` of a score: not the share of simulated periods that P(met) of a proposal is."""
KPI_HEADERS = {
    "en": ("KPI", "value", "95 % interval", "n", "target", "points", "status", TRUE_EN),
    "zh": ("指标", "数值", "95% 区间", "样本", "目标", "得分", "状态", TRUE_ZH),
}
UNIT_HEADERS = {
    "en": ("", "unit", "contacts", "score", "95 % interval", "band", "rank", "flags"),
    "zh": ("", "对象", "工单", "总分", "95% 区间", "档位", "名次区间", "提示"),
}
TOTAL_HEADERS = {"en": ("bonus", "penalty", "total"), "zh": ("加分", "扣分", "总计")}
"""Beside the score, where the card has a bonus or a gate."""
ROLE_HEADER = {"en": "role", "zh": "角色"}
GATE_HEADERS = {
    "en": ("gate", "unit", "value", "n", "must be", "status", "P(true level misses it)"),
    "zh": ("红线", "对象", "数值", "样本", "要求", "状态", "真实水平未达标概率"),
}
KINDS = {"desk": "全台", "team": "团队", "agent": "坐席"}


def kpi_lines(table: ScoreTable, lang: str) -> list[tuple[object, ...]]:
    """Return the desk's KPIs under `KPI_HEADERS`."""
    zh = lang == "zh"
    lines: list[tuple[object, ...]] = []
    asked = [one for one in table.kpis if one.kpi.applies_to("desk")]
    desk = [unit for unit in table.units if unit.kind == "desk"]
    for one, kpi in zip(asked, desk[0].metrics if desk else (), strict=False):
        metric, sign = one.kpi.kind, "<=" if one.curve.direction == "lower" else ">="
        value, low, high, target = (
            format_value(x, metric.unit, 3).in_(lang)
            for x in (kpi.value, kpi.lower, kpi.upper, kpi.target)
        )
        lines.append(
            (
                metric.zh if zh else kpi.metric,
                value,
                "" if kpi.lower is None or kpi.lower != kpi.lower else f"{low} .. {high}",
                kpi.n,
                f"{sign} {target}",
                format_value(kpi.points, "", 3),
                _say(STATUS, kpi.status, zh),
                format_share(kpi.p_met, 2),
            )
        )
    return lines


def unit_headers(table: ScoreTable, lang: str) -> tuple[str, ...]:
    """Return the headers of `unit_lines`: `UNIT_HEADERS` and what this table has beside them."""
    heads = UNIT_HEADERS[lang]
    total = TOTAL_HEADERS[lang] if table.has_total else ()
    role = (ROLE_HEADER[lang],) if _has_roles(table) else ()
    return (*heads[:2], *role, *heads[2:5], *total, *heads[5:])


def unit_lines(table: ScoreTable, lang: str) -> list[tuple[object, ...]]:
    """Return desk, teams and agents under `unit_headers`; agents by name, not by rank."""
    zh, lines = lang == "zh", []
    for unit in table.units:
        cells = _unit(unit, zh)
        total = _total(unit) if table.has_total else ()
        role = (unit.role,) if _has_roles(table) else ()
        lines.append((*cells[:2], *role, *cells[2:5], *total, *cells[5:]))
    return lines


def gate_lines(table: ScoreTable, lang: str) -> list[tuple[object, ...]]:
    """Return the gates under `GATE_HEADERS`: of the desk, and of every unit that missed one."""
    zh = lang == "zh"
    lines: list[tuple[object, ...]] = []
    for asked in table.gates:
        metric, sign = asked.kpi.kind, "<=" if asked.curve.direction == "lower" else ">="
        for unit in table.units:
            for gate in unit.gates:
                if gate.metric != metric.id or (gate.status != "failed" and unit.kind != "desk"):
                    continue
                lines.append(
                    (
                        metric.zh if zh else metric.id,
                        unit.unit,
                        format_value(gate.value, metric.unit, 3).in_(lang),
                        gate.n,
                        f"{sign} {format_value(gate.target, metric.unit, 3).in_(lang)}",
                        _say(GATES, gate.status, zh),
                        format_share(gate.p_failed, 2) if gate.p_failed == gate.p_failed else "",
                    )
                )
    return lines


def _has_roles(table: ScoreTable) -> bool:
    return any(unit.role for unit in table.units)


def _total(unit: UnitScore) -> tuple[object, ...]:
    """Return bonus, penalty and total of a unit."""
    total = f"{unit.total:.0f}" if unit.total == unit.total else "n/a"
    return (
        f"+{unit.bonus:.1f}" if unit.bonus else "",
        f"-{unit.penalty:.1f}" if unit.penalty else "",
        total,
    )


def _unit(unit: UnitScore, zh: bool) -> tuple[object, ...]:
    total, interval = f"{unit.score:.0f}", f"{unit.lower:.0f} .. {unit.upper:.0f}"
    if unit.score != unit.score:
        total, interval = "n/a", ""
    rank = "{}-{}/{}".format(*unit.rank_interval, unit.peers) if unit.rank_interval else ""
    seen = dict.fromkeys(flag.kind for flag in unit.flags if flag.kind != "left out")
    return (
        _say(KINDS, unit.kind, zh),
        unit.unit,
        unit.contacts,
        total,
        interval,
        _say(BANDS, unit.band, zh),
        rank,
        ", ".join(_say(FLAGS, flag, zh) for flag in seen),
    )


def _say(words: Mapping[str, str], word: str, zh: bool) -> str:
    return words.get(word, "") if zh else word
