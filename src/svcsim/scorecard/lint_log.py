"""What a log says against a card: targets without a pull, a card too big for the team, mixed work.

A target that everybody has met in each of the last periods moves nobody, and one that nobody met
moves nobody either (SMART: it must be achievable). Small teams and few contacts carry few KPIs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from svcsim.contacts.log import ContactLog
from svcsim.metrics.support import why_not
from svcsim.scorecard.audience import first_day, scoped
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.measure import (
    SCOPE,
    Question,
    align,
    followed_up,
    measure,
    strata_of,
    units_of,
)
from svcsim.scorecard.period import SLACK, Period, choose_period, coverage, previous, trailing
from svcsim.scorecard.remark import Remark
from svcsim.scorecard.roles import Roles
from svcsim.scorecard.scorecard import Scorecard
from svcsim.scorecard.stand_in import settled
from svcsim.units import format_share, format_value

PERIODS = 3
"""So many periods in a row tell whether a target is too easy or too hard; two at least."""
LEAST_JUDGED = 3
"""Fewer agents than this with contacts enough say nothing about a target."""
LEAST_OVERLAP = 0.5
"""People share less than this part of their kinds of contact: they do different work."""
LEAST_CONTACTS = 20
"""Contacts from which the kinds of contact of one person can be told."""
MANY_APART = 0.25
"""With more than this part of the people doing different work a card mixes roles."""


def lint_log(
    card: Scorecard, log: ContactLog, roles: Roles | None = None, span: Period | None = None
) -> list[Remark]:
    """Return what a log says against a card.

    Parameters
    ----------
    log : ContactLog
        With the contacts that the card is about.
    span : Period, optional
        The period to be scored; default: the last whole one of the log.
    """
    span = span or choose_period(log, None, card.period)
    day = first_day(log, span)
    if card.for_ is not None and SCOPE not in log.frame:
        log = scoped(log, card.for_, roles, day)
    return [
        *(
            remark
            for kpi in card.weighted
            for remark in _pull(card, kpi, scoped(log, kpi.for_, roles, day), span)
        ),
        *_size(card, log, span),
        *_mixed(card, log, roles, span),
    ]


def _pull(card: Scorecard, kpi: Kpi, log: ContactLog, span: Period) -> Iterator[Remark]:
    """Say when a target was met by all, or by nobody, in each of the last periods."""
    if why_not(log, kpi.kind):
        return
    target = kpi.target_on(first_day(log, span))
    shares = [
        share
        for period in _last_periods(log, card, kpi, span)
        if (share := _met(log, kpi, period, target)) is not None
    ]
    if len(shares) < 2 or len(set(shares)) > 1 or shares[0] not in (0.0, 1.0):
        return
    easy, n = shares[0] == 1.0, len(shares)
    shown = format_value(target, kpi.kind.unit)
    whom, whom_zh = ("agent", "坐席") if kpi.applies_to("agent") else ("team", "团队")
    every = f"by every {whom}" if easy else f"by no {whom}"
    who_zh = f"所有{whom_zh}都已达到" if easy else f"没有任何{whom_zh}达到"
    yield Remark(
        f"{card.name} {kpi.metric}",
        f"the target of {shown} was met {every} in each of the last {n} periods",
        "it asks for nothing new" if easy else "a target beyond reach moves nobody",
        "raise it, or keep it as a gate"
        if easy
        else "set a step that somebody can reach (svcsim propose)",
        "warning",
        f"{kpi.kind.zh} 的目标 {shown.zh} 在最近 {n} 期里{who_zh}，"
        + ("已不构成要求" if easy else "过难的目标起不到激励作用；请设分阶段目标"),
    )


def _last_periods(log: ContactLog, card: Scorecard, kpi: Kpi, span: Period) -> list[Period]:
    """Return the last whole periods of the KPI's own length up to the one scored."""
    period = span
    if kpi.period is not None and kpi.period != card.period:
        period = trailing(span, kpi.period, log.timezone)
    found: list[Period] = []
    while len(found) < PERIODS and coverage(period, log) == "whole":
        found.append(period)
        period = previous(period, log.timezone)
    return [one for one in found if one.start + SLACK >= log.start]


def _met(log: ContactLog, kpi: Kpi, period: Period, target: float) -> float | None:
    """Return the share of judged units that met a target, None where there are too few."""
    kind = "agent" if kpi.applies_to("agent") else "team"
    names = units_of(log, kind, period)
    if not names:
        return None
    question = Question(kpi.kind, period)
    rows = align(measure(log, question, kind), names)
    min_n = kpi.min_n if kpi.min_n is not None else kpi.kind.min_n
    value = rows["value"].to_numpy(dtype=float)
    use = settled(rows["n"].to_numpy(dtype=float), min_n, followed_up(log, question))
    use &= np.isfinite(value)
    if use.sum() < (LEAST_JUDGED if kind == "agent" else 1):
        return None
    good = value <= target if kpi.better == "lower" else value >= target
    return float(good[use].mean())


def _size(card: Scorecard, log: ContactLog, span: Period) -> Iterator[Remark]:
    """Ask small teams, and agents with few contacts, for few KPIs and long periods."""
    rules, kpis = card.rules, len(card.weighted)
    counts = _contacts(log, span)
    if not len(counts):
        return
    people, usual = len(counts), float(counts.median())
    small, few = people < rules.small_team, usual < rules.few_contacts
    if (
        not (small or few)
        or kpis <= rules.most_kpis_small
        and (not few or all((kpi.period or card.period) == "quarter" for kpi in card.weighted))
    ):
        return
    most = rules.most_kpis_small
    yield Remark(
        card.name,
        f"{kpis} KPIs for {people} agents with {usual:.0f} contacts each",
        f"a team of fewer than {rules.small_team}, or with fewer than {rules.few_contacts} "
        "contacts each, cannot fill them",
        f"{most} KPIs or fewer over a quarter, such as the card small-team",
        "warning",
        f"{people} 名坐席、人均 {usual:.0f} 条工单，却有 {kpis} 个指标，样本撑不起来；建议不超过 "
        f"{most} 个指标并按季度合并考核，例如考核表 small-team",
    )


def _contacts(log: ContactLog, span: Period) -> pd.Series:
    """Return the contacts of each agent that were opened in the period."""
    opened = log.frame["opened_s"]
    rows = log.frame[(opened >= span.start) & (opened < span.end)]
    return rows["agent"].dropna().astype("str").value_counts()


def _mixed(card: Scorecard, log: ContactLog, roles: Roles | None, span: Period) -> Iterator[Remark]:
    """Say when people who do different work are held to one card and compared."""
    if not log.frame["category"].notna().any() or not any(
        kpi.applies_to("agent") for kpi in card.kpis
    ):
        return
    opened = log.frame["opened_s"]
    rows = log.frame[(opened >= span.start) & (opened < span.end) & log.frame["agent"].notna()]
    who = rows["agent"].astype("str")
    if roles is not None:
        yield from _roles_apart(card, rows, who.map(roles.role))
        return
    counts = pd.crosstab(who, strata_of(rows))
    counts = counts[counts.sum(axis=1) >= LEAST_CONTACTS]
    if len(counts) < LEAST_JUDGED:
        return
    apart = [name for name, own in _overlaps(counts).items() if own < LEAST_OVERLAP]
    if len(apart) <= MANY_APART * len(counts):
        return
    yield Remark(
        card.name,
        f"{len(apart)} of {len(counts)} agents share less than {format_share(LEAST_OVERLAP)} of "
        "their kinds of contact with the others",
        "people who do different work are compared only within their role",
        "write a card for each role and score with --roles FILE",
        "warning",
        f"{len(counts)} 名坐席中有 {len(apart)} 名与其他人的工单类型重合不足 "
        f"{format_share(LEAST_OVERLAP)}：工作不同者只应在同一角色内比较；请按角色制定考核表，"
        "并用 --roles 给出角色",
    )


def _roles_apart(card: Scorecard, rows: pd.DataFrame, role: pd.Series) -> Iterator[Remark]:
    """Say when one card, with one set of targets, spans roles whose work hardly overlaps."""
    counts = pd.crosstab(role[role != ""], strata_of(rows[role != ""]))
    counts = counts[counts.sum(axis=1) >= LEAST_CONTACTS]
    if len(counts) < 2:
        return
    apart = [str(name) for name, own in _overlaps(counts).items() if own < LEAST_OVERLAP]
    if apart:
        names, zh = ", ".join(apart), "、".join(apart)
        yield Remark(
            card.name,
            f"one card for roles whose kinds of contact hardly overlap ({names})",
            "they are compared within their role, but face the same targets",
            "write a card for each role (for: {role: ...})",
            "warning",
            f"同一考核表覆盖了工单类型几乎不重合的角色（{zh}）：名次只在角色内比较，目标却相同；"
            "请为各角色分别制定考核表",
        )


def _overlaps(counts: pd.DataFrame) -> Mapping[object, float]:
    """Return Σ_k min(p_k, q_k) of every row's kinds of contact (p) and those of the others (q)."""
    n = counts.to_numpy(dtype=float)
    rest = n.sum(axis=0) - n
    own = n / n.sum(axis=1, keepdims=True)
    others = rest / np.maximum(rest.sum(axis=1, keepdims=True), 1.0)
    overlap: Sequence[float] = np.minimum(own, others).sum(axis=1).tolist()
    return dict(zip(counts.index, overlap, strict=True))
