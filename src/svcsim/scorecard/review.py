"""What a planner needs beside the points: funnels, trends, causes, cases, gaps, coaching.

Everything is computed from the score table and its log, at the first use of `ScoreTable.review`;
none of it changes a score.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from svcsim.contacts.log import ContactLog
from svcsim.scorecard.cases import Case, typical_cases, usual_values
from svcsim.scorecard.change import Change, changes
from svcsim.scorecard.coaching import (
    DATA_FLAGS,
    OF,
    Coaching,
    Evidence,
    Use,
    below_limit,
    checks,
    suggestion,
    use_of,
)
from svcsim.scorecard.compare import kind_strength
from svcsim.scorecard.difficulty import PEERS, expected_values
from svcsim.scorecard.fairness import can_standardise
from svcsim.scorecard.funnel import Funnel, funnel
from svcsim.scorecard.gaps import Gap, skill_gaps
from svcsim.scorecard.kpi_rows import KpiRows, kpi_rows
from svcsim.scorecard.measure import DESK, Question
from svcsim.scorecard.period import Period, periods_before
from svcsim.scorecard.table import Asked, ScoreTable, UnitScore
from svcsim.scorecard.trend import MOST, Trend, name_trends, trends

Key = tuple[str, str, str]
"""Kind, unit and metric."""
KINDS = (DESK, "team", "agent")


@dataclass(frozen=True)
class Review:
    """A scored period looked at as a planner does.

    Parameters
    ----------
    periods : tuple of Period
        The periods of the trends, the scored one last.
    funnels : tuple of Funnel
        One a KPI and kind of unit (team, agent).
    trends, changes, cases, gaps, coaching : tuple
        See `trend`, `change`, `cases`, `gaps`, `coaching`.
    uses : mapping
        By kind, unit and metric: what the KPI may be used for.
    """

    periods: tuple[Period, ...]
    funnels: tuple[Funnel, ...]
    trends: tuple[Trend, ...]
    changes: tuple[Change, ...]
    cases: tuple[Case, ...]
    gaps: tuple[Gap, ...]
    coaching: tuple[Coaching, ...]
    uses: Mapping[Key, Use]

    def funnel(self, kind: str, metric: str, role: str = "") -> Funnel | None:
        """Return the funnel of a KPI over a kind of unit (agents: of one role)."""
        of = (f for f in self.funnels if (f.kind, f.metric, f.role) == (kind, metric, role))
        return next(of, None)

    def trend(self, kind: str, unit: str, metric: str) -> Trend | None:
        """Return the trend of one KPI of one unit."""
        key = (kind, unit, metric)
        return next((t for t in self.trends if (t.kind, t.unit, t.metric) == key), None)

    def change(self, kind: str, unit: str, metric: str) -> Change | None:
        """Return the change of one KPI of the desk or a team."""
        key = (kind, unit, metric)
        return next((c for c in self.changes if (c.kind, c.unit, c.metric) == key), None)


@dataclass(frozen=True)
class _Reviewed:
    """One KPI of the card, reviewed."""

    asked: Asked
    funnels: Sequence[Funnel]
    evidence: Mapping[tuple[str, str], tuple[Evidence, ...]]
    trends: list[Trend]
    changes: list[Change]
    cases: list[Case]
    gaps: list[Gap]
    periods: int
    """Periods looked at for a talk, the scored one included."""


def review_of(table: ScoreTable) -> Review:
    """Return the review of a score table."""
    log = table.log
    spans = (*periods_before(table.period, log, MOST), table.period)
    found = [
        _reviewed(table, asked, spans, _asked_of(table, asked))
        for asked in table.kpis
        if not asked.left_out
    ]
    uses: dict[Key, Use] = {}
    asked_of = {asked.kpi.metric: asked for asked in table.kpis}
    for unit in table.units:
        for kpi in unit.metrics:
            uses[unit.kind, unit.unit, kpi.metric] = use_of(
                unit.kind, kpi, asked_of[kpi.metric], exploratory=table.card.exploratory
            )
    odd = {
        unit.unit
        for unit in table.units
        if unit.kind == "agent" and any(flag.kind not in DATA_FLAGS for flag in unit.flags)
    }
    gaps = [
        replace(gap, listed="") if gap.listed == "shows how" and gap.agent in odd else gap
        for one in found
        for gap in one.gaps
    ]  # nobody learns from whom something is to be checked first
    return Review(
        spans,
        tuple(f for one in found for f in one.funnels),
        tuple(name_trends([t for one in found for t in one.trends])),
        tuple(c for one in found for c in one.changes),
        tuple(c for one in found for c in one.cases),
        tuple(gaps),
        tuple(_coaching(table, found, uses)),
        uses,
    )


def _asked_of(table: ScoreTable, asked: Asked) -> dict[str, list[str]]:
    """Return the names of the units of whom a KPI is asked, by kind."""
    names: dict[str, list[str]] = {kind: [] for kind in KINDS if asked.kpi.applies_to(kind)}
    for unit in table.units:
        if any(kpi.metric == asked.kpi.metric for kpi in unit.metrics):
            names[unit.kind].append(unit.unit)
    return names


def _log(table: ScoreTable, asked: Asked) -> ContactLog:
    """Return the contacts that a KPI is about."""
    return table.log if asked.log is None else asked.log


def _reviewed(
    table: ScoreTable, asked: Asked, spans: tuple[Period, ...], names: Mapping[str, list[str]]
) -> _Reviewed:
    log, question = _log(table, asked), asked.question
    better = asked.curve.direction
    own = (*periods_before(question.period, log, OF - 1), question.period)
    rows = kpi_rows(log, question, own)
    strengths = _strengths(table, asked, own)
    funnels: list[Funnel] = []
    evidence: dict[tuple[str, str], tuple[Evidence, ...]] = {}
    for kind, role, members in _peers(table, names):
        history = _history(table, asked, rows, own, kind, members, strengths)
        found = history[-1][1]
        # Teams do different work: without equal mix their values say what they are given.
        if found is not None and (kind == "agent" or _fair(table, found)):
            funnels.append(replace(found, role=role))
        if _fair(table, history[-1][1]):
            for name in members:
                evidence[kind, name] = below_limit(asked, history, name)
    moved = [
        change
        for kind in (DESK, "team")
        if kind in names and len(own) > 1
        for change in changes(
            *(log, question, rows, own[-2].label, kind, names[kind]),
            least=asked.min_n if kind == "team" else 1,
        )
    ]
    moves = [
        trend
        for kind, units in names.items()
        if units and len(spans) > 1
        for trend in trends(log, question, spans, kind, units, better)
    ]
    cases, gaps = _single_contacts(table, asked, rows, len(own) - 1, names)
    return _Reviewed(asked, funnels, evidence, moves, moved, cases, gaps, len(own))


def _peers(
    table: ScoreTable, names: Mapping[str, list[str]]
) -> Iterator[tuple[str, str, list[str]]]:
    """Yield whom to hold beside each other: teams, and the agents of each role."""
    role = {unit.unit: unit.role for unit in table.units if unit.kind == "agent"}
    for kind in ("team", "agent"):
        own = {name: role[name] if kind == "agent" else "" for name in names.get(kind, ())}
        for one in sorted(set(own.values())):
            members = [name for name in own if own[name] == one]
            if len(members) > 1:
                yield kind, one, members


def _history(
    table: ScoreTable,
    asked: Asked,
    rows: KpiRows | None,
    own: tuple[Period, ...],
    kind: str,
    names: list[str],
    strengths: Sequence[float | None],
) -> list[tuple[str, Funnel | None]]:
    """Return the funnels of the last periods of a KPI with their labels."""
    out = []
    for place, period in enumerate(own):
        part = None if rows is None else rows.of_period(place)
        asked_then = Question(asked.question.metric, period)
        curve = asked.curve
        found = funnel(
            *(_log(table, asked), asked_then, part, kind, names, curve.direction),
            target=curve.target,
            strength=strengths[place],
        )
        out.append((period.label, found))
    return out


def _strengths(table: ScoreTable, asked: Asked, own: tuple[Period, ...]) -> list[float | None]:
    """Return how far kinds of contact differ in every period, the same for teams and agents."""
    metric, log = asked.question.metric, _log(table, asked)
    if not can_standardise(metric) or not log.frame["category"].notna().any():
        return [None] * len(own)
    return [kind_strength(log, Question(metric, period)) for period in own]


def _fair(table: ScoreTable, found: Funnel | None) -> bool:
    """Tell whether people may be spoken to on the ground of a comparison.

    At equal mix, or where all do the same work: one team and no categories.
    """
    if found is None or found.adjusted:
        return found is not None
    teams = {unit.unit for unit in table.units if unit.kind == "team"}
    return len(teams) < 2 and table.log.frame["category"].nunique() < 2


def _single_contacts(
    table: ScoreTable,
    asked: Asked,
    rows: KpiRows | None,
    last: int,
    names: Mapping[str, list[str]],
) -> tuple[list[Case], list[Gap]]:
    """Return typical cases of teams and agents and the agents' skill gaps."""
    if rows is None:
        return [], []
    log = _log(table, asked)
    now, metric, better = rows.of_period(last), asked.kpi.kind, asked.curve.direction
    if not len(now.row):
        return [], []
    usual = usual_values(log, metric, now)
    cases = [
        case
        for kind in KINDS
        if names.get(kind)
        for case in typical_cases(log, metric, now, usual, kind, names[kind], better)
    ]
    gaps = []
    if now.adds_up and names.get("agent") and log.frame["category"].notna().any():
        expected, _ = expected_values(log, now, PEERS)
        gaps = skill_gaps(log, metric, now, expected, names["agent"], better)
    return cases, gaps


def _coaching(table: ScoreTable, found: list[_Reviewed], uses: Mapping[Key, Use]) -> list[Coaching]:
    """Return the reasons to talk, in the order of the units (by name, not by rank)."""
    out: list[Coaching] = []
    for unit in table.units:
        if unit.kind == DESK:
            continue
        for one in found:
            evidence = one.evidence.get((unit.kind, unit.unit), ())
            kpi = next((m for m in unit.metrics if m.metric == one.asked.kpi.metric), None)
            if evidence and kpi is not None:
                use = uses[unit.kind, unit.unit, kpi.metric]
                gaps, cases = _of(one, unit)
                out.append(
                    suggestion(unit, one.asked, kpi, evidence, use, gaps, cases, one.periods)
                )
        of_unit = {m.metric: uses[unit.kind, unit.unit, m.metric] for m in unit.metrics}
        out += checks(unit, of_unit)
    return out


def _of(one: _Reviewed, unit: UnitScore) -> tuple[list[Gap], list[Case]]:
    gaps = [gap for gap in one.gaps if unit.kind == "agent" and gap.agent == unit.unit]
    cases = [case for case in one.cases if (case.kind, case.unit) == (unit.kind, unit.unit)]
    return gaps, cases
