"""Bonus and penalty: points beside the weighted score, never hidden inside it.

Counted items pay for whole steps of a count: points_per · ⌊count / per⌋, cut to the cap. Items
given by hand come from a table (``agent, points, reason, date``, and ``item`` where a card has
several): the points of rows dated in the period are added up and cut to the caps of the item. A
team and the desk have the mean of their agents (per head).
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from svcsim.contacts.log import ContactLog, show_day
from svcsim.errors import Finding, InputError, nearest
from svcsim.metrics.support import why_not
from svcsim.scorecard.bonus_item import BonusItem
from svcsim.scorecard.measure import Question, align, measure
from svcsim.scorecard.period import Period
from svcsim.scorecard.remark import Remark
from svcsim.scorecard.scorecard import Scorecard
from svcsim.scorecard.side_table import read_table

CHINESE = {"坐席": "agent", "分数": "points", "原因": "reason", "日期": "date", "项目": "item"}
"""Chinese headers of a table of points."""


@dataclass(frozen=True)
class Given:
    """Points that somebody gave an agent, with the reason."""

    where: str
    agent: str
    points: float
    reason: str
    day: str
    item: str = ""


@dataclass(frozen=True)
class Extra:
    """One bonus or penalty of one unit.

    Parameters
    ----------
    item : str
        Metric or name of the item.
    count : float
        What was counted, or the points given before the caps; of team and desk the mean per head.
    points : float
        Points that count: above 0 a bonus, below 0 a penalty.
    cut : bool
        Whether the cap took some away.
    reasons : tuple of str
        Why points were given by hand.
    left_out : Text
        Why it could not be counted; empty when it was.
    """

    item: str
    count: float
    points: float
    cut: bool
    reasons: tuple[str, ...] = ()
    left_out: str = ""


def read_points(path: str | Path) -> list[Given]:
    """Read a table of points: ``agent, points, reason, date``, and ``item`` where needed.

    Raises
    ------
    InputError
        With a finding for every cell that is missing or cannot be read.
    """
    needs = ("agent", "points", "reason", "date")
    out: list[Given] = []
    findings: list[Finding] = []
    for row in read_table(path, needs, ("item",), CHINESE):
        empty = [name for name in needs if name not in row.cells]
        if empty:
            findings.append(
                Finding(row.where, f"{', '.join(empty)} is empty",
                        "points need an agent, a number, a reason and a day")
            )  # fmt: skip
            continue
        try:
            points = float(row.cells["points"].removeprefix("+"))
            if not math.isfinite(points):
                raise ValueError
        except ValueError:
            found = f"'{row.cells['points']}' is not a number"
            findings.append(Finding(row.where, found, "expected points such as 2 or -1.5"))
            points = 0.0
        try:
            day = datetime.date.fromisoformat(row.cells["date"][:10]).isoformat()
        except ValueError:
            found = f"'{row.cells['date']}' is not a day"
            findings.append(Finding(row.where, found, "expected YYYY-MM-DD, such as 2026-03-14"))
            day = ""
        out.append(
            Given(row.where, row.cells["agent"], points, row.cells["reason"], day,
                  row.cells.get("item", ""))
        )  # fmt: skip
    if findings:
        raise InputError(findings)
    return out


def points_used(
    given: Sequence[Given],
    log: ContactLog,
    card: Scorecard,
    span: Period,
    agents: Sequence[str],
) -> tuple[list[Given], list[Finding]]:
    """Return the points that count in a period, and the rows set aside, each with its reason.

    Parameters
    ----------
    log : ContactLog
        With the contacts of everybody.
    agents : sequence of str
        Whom the card scores in the period.

    Raises
    ------
    InputError
        When there are points and the card has no item for them.
    """
    items = [item.item for item in card.bonus if item.item]
    if not items:
        raise InputError(
            Finding("--points", f"the card '{card.name}' has no item for points given by hand",
                    "expected e.g. bonus: [{item: supervisor, cap: 5}]", "leave --points out")
        )  # fmt: skip
    known = log.frame["agent"].dropna().unique().tolist()
    days = tuple(show_day(at, log.timezone)[:10] for at in (span.start, span.end - 1))
    used: list[Given] = []
    aside: list[Finding] = []
    for row in given:
        reason = _aside(row, items, known, days)
        if reason is None and row.agent not in agents:
            reason = Remark(
                row.where, f"set aside: {row.agent} is not scored by this card in {span.label}",
                "for another role, or without a contact", level="warning",
                zh=f"已搁置：{row.agent} 在 {span.label} 不由本表计分（角色不同或没有工单）",
            )  # fmt: skip
        if reason is None:
            used.append(row)
        else:
            aside.append(reason)
    return used, aside


def _aside(
    row: Given, items: Sequence[str], known: Sequence[str], days: tuple[str, ...]
) -> Remark | None:
    """Return why a row is set aside, None where it counts."""
    have = ", ".join(items)
    if row.agent not in known:
        found, expected = f"agent '{row.agent}' is not in the log", ""
        mend, zh = nearest(row.agent, known), f"数据中没有坐席“{row.agent}”"
    elif not days[0] <= row.day <= days[1]:
        found, expected = f"{row.day} lies outside the period", f"{days[0]} to {days[1]}"
        mend, zh = "", f"{row.day} 不在考核期 {days[0]} 至 {days[1]} 内"
    elif not row.item and len(items) > 1:
        found, expected = "it names no item", f"the card has {have}"
        mend, zh = "", f"未写明项目，考核表中有：{have}"
    elif row.item and row.item not in items:
        found, expected = f"the item '{row.item}' is not in the card", f"the card has {have}"
        mend, zh = nearest(row.item, items), f"考核表中没有项目“{row.item}”，只有：{have}"
    else:
        return None
    return Remark(row.where, f"set aside: {found}", expected, mend, "warning", f"已搁置：{zh}")


def extras_of(
    log: ContactLog, card: Scorecard, span: Period, agents: Sequence[str], given: Sequence[Given]
) -> dict[str, tuple[Extra, ...]]:
    """Return the bonus and penalty items of every agent, in the order of the card."""
    rows: dict[str, list[Extra]] = {name: [] for name in agents}
    for item in card.bonus:
        found = _counted(log, item, span, agents) if item.metric else _given(item, agents, given)
        for name, extra in found.items():
            rows[name].append(extra)
    return {name: tuple(extras) for name, extras in rows.items()}


def _counted(
    log: ContactLog, item: BonusItem, span: Period, agents: Sequence[str]
) -> dict[str, Extra]:
    metric = item.kind
    reason = why_not(log, metric)
    if reason:
        nothing = Extra(item.name, float("nan"), 0.0, cut=False, left_out=reason)
        return dict.fromkeys(agents, nothing)
    table = align(measure(log, Question(metric, span), "agent"), agents)
    counts = np.nan_to_num(table["value"].to_numpy(dtype=float))
    return {name: _paid(item, float(n)) for name, n in zip(agents, counts, strict=True)}


def _paid(item: BonusItem, count: float) -> Extra:
    earned = (item.points_per or 0.0) * math.floor(count / item.per + 1e-9)
    return Extra(item.name, count, *_cut(item, earned))


def _given(item: BonusItem, agents: Sequence[str], given: Sequence[Given]) -> dict[str, Extra]:
    out = {}
    for name in agents:
        own = [row for row in given if row.agent == name and row.item in ("", item.item)]
        total = math.fsum(row.points for row in own)
        reasons = tuple(f"{row.day} {row.points:+g}: {row.reason}" for row in own)
        out[name] = Extra(item.name, total, *_cut(item, total), reasons)
    return out


def _cut(item: BonusItem, points: float) -> tuple[float, bool]:
    low, high = item.bounds
    kept = min(max(points, low), high)
    return kept, kept != points


def per_head(extras: Mapping[str, tuple[Extra, ...]], members: Sequence[str]) -> tuple[Extra, ...]:
    """Return the mean of the members' items, in the order of the card."""
    rows = [extras[name] for name in members if name in extras]
    return tuple(
        Extra(
            same[0].item,
            math.fsum(one.count for one in same) / len(same),
            math.fsum(one.points for one in same) / len(same),
            any(one.cut for one in same),
            left_out=same[0].left_out,
        )
        for same in zip(*rows, strict=True)
    )


def plus_and_minus(extras: Sequence[Extra]) -> tuple[float, float]:
    """Return bonus and penalty, both as numbers of 0 and more."""
    return (
        math.fsum(max(one.points, 0.0) for one in extras),
        math.fsum(max(-one.points, 0.0) for one in extras),
    )
