"""Score a period: points and uncertainty for the desk, its teams and its agents.

The same metric code measures history, simulation and live periods. Agents are put on equal terms
before they get points: their values are adjusted for their mix of contacts and shrunk to the mean
of all agents as far as they are noise. Teams are adjusted for their mix, not shrunk; the desk is
scored on what was measured; a KPI of theirs that cannot be judged yet counts as on target
(`stand_in`). Intervals of scores know that the KPIs of a unit rest on the same contacts (`joint`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from svcsim.contacts.log import ContactLog
from svcsim.errors import Finding, InputError, nearest
from svcsim.scorecard.audience import check_audiences, first_day, scoped
from svcsim.scorecard.beside_remarks import beside_findings
from svcsim.scorecard.bonus import Given, extras_of, points_used
from svcsim.scorecard.integrity.detect import detect
from svcsim.scorecard.joint import in_step
from svcsim.scorecard.judge import judge
from svcsim.scorecard.lint import lint
from svcsim.scorecard.lint_log import lint_log
from svcsim.scorecard.measure import DESK, group_of, kind_of, units_of
from svcsim.scorecard.period import Period, choose_period
from svcsim.scorecard.reliability import score_reliability
from svcsim.scorecard.remarks import table_findings
from svcsim.scorecard.roles import Roles
from svcsim.scorecard.scorecard import Scorecard
from svcsim.scorecard.table import ScoreTable
from svcsim.scorecard.total import Total, total_of
from svcsim.scorecard.unit_scores import Beside, units_scored

KINDS = (DESK, "team", "agent")


def score(
    log: ContactLog,
    card: Scorecard,
    period: str | Period | None = None,
    by: Sequence[str] = ("agent", "team"),
    *,
    roles: Roles | None = None,
    points: Sequence[Given] = (),
) -> ScoreTable:
    """Return the scores of a period.

    Parameters
    ----------
    log : ContactLog
        History, simulation (one replication) or live export.
    card : Scorecard
    period : str, Period or None
        ``2026-03``, ``2026-Q1``, ``2026-W12``, ``2026-03-01/2026-03-29`` (last day not included);
        None scores the last whole period of the card that the log covers.
    by : sequence of str
        Kinds of unit beside the desk: ``agent``, ``team``.
    roles : Roles or None
        Who has which role: agents are then compared within their role only.
    points : sequence of Given
        Points given by hand (`bonus.read_points`).

    Raises
    ------
    InputError
        For a period that cannot be read or lies outside the log, an unknown kind of unit, a log of
        several replications, a card for somebody whom nobody is, or points that the card has no
        item for.
    """
    _check(log, by)
    span = choose_period(log, period, card.period)
    check_audiences(log, card, roles, span)
    everybody, day = log, first_day(log, span)
    if card.for_ is not None:
        log = replace(scoped(log, card.for_, roles, day), name=f"{log.name}: {card.for_}")
    units = _groups(log, span, by, roles)
    lines = [judge(log, card, place, span, units, roles) for place in range(len(card.kpis))]
    for group, names in units.items():
        lines = in_step(log, lines, group, names)
    totals = {
        group: total_of(group, names, lines)
        for group, names in units.items()
        if names and any(kpi.applies_to(kind_of(group)) for kpi in card.kpis)
    }
    integrity = detect(log, span, [kpi.metric for kpi in card.kpis])
    agents = units_of(log, "agent", span)
    used, aside = points_used(points, everybody, card, span, agents) if points else ([], [])
    known = roles or Roles({})
    beside = Beside(
        extras_of(log, card, span, agents, used),
        {name: known.role(name) for name in agents},
        {name: known.tier(name, day) for name in agents},
        integrity,
    )
    scored = [
        unit
        for group, total in totals.items()
        for unit in units_scored(log, card, span, group, total, lines, beside)
    ]
    reliability = _reliability(totals)
    weighted = tuple(line.asked for line in lines if line.asked.kpi.curve != "gate")
    gates = tuple(line.asked for line in lines if line.asked.kpi.curve == "gate")
    findings = (
        *lint(card),
        *lint_log(card, log, roles, span),
        *beside_findings(everybody, card, roles, span, agents, scored),
        *aside,
        *table_findings(log, card, span, weighted, scored, reliability, period is None),
    )
    return ScoreTable(
        card, span, weighted, tuple(scored), reliability, findings, log, gates, integrity
    )


def _groups(
    log: ContactLog, span: Period, by: Sequence[str], roles: Roles | None
) -> dict[str, list[str]]:
    """Return the units by group: with roles, agents are compared with those of their role."""
    groups = {DESK: units_of(log, DESK, span)}
    if "team" in by:
        groups["team"] = units_of(log, "team", span)
    if "agent" not in by:
        return groups
    agents = units_of(log, "agent", span)
    if roles is None:
        return {**groups, "agent": agents}
    for role in sorted({roles.role(name) for name in agents}):
        groups[group_of("agent", role)] = [name for name in agents if roles.role(name) == role]
    return groups


def _reliability(totals: Mapping[str, Total]) -> float:
    """Return the reliability of the agents' scores; of several roles, the least."""
    found = [
        score_reliability(total.draws[np.isfinite(total.draws).all(axis=1)])
        for group, total in totals.items()
        if kind_of(group) == "agent"
    ]
    return float(np.nanmin(found)) if np.isfinite(found).any() else float("nan")


def _check(log: ContactLog, by: Sequence[str]) -> None:
    findings = [
        Finding("by", f"'{kind}' is no kind of unit", "expected agent, team", nearest(kind, KINDS))
        for kind in by
        if kind not in KINDS
    ]
    replications = log.frame["replication"].nunique()
    if replications > 1:
        findings.append(
            Finding(
                log.name,
                f"holds {replications} replications",
                "a score is of one period that happened",
                "score one replication at a time",
            )
        )
    if findings:
        raise InputError(findings)
