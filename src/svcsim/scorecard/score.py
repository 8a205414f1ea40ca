"""Score a period: points and uncertainty for the desk, its teams and its agents.

The same metric code measures history, simulation and live periods. Agents are put on equal terms
before they get points: their values are adjusted for their mix of contacts and shrunk to the mean
of all agents as far as they are noise. Teams are adjusted for their mix, not shrunk; the desk is
scored on what was measured; a KPI of theirs that cannot be judged yet counts as on target
(`stand_in`). Intervals of scores know that the KPIs of a unit rest on the same contacts (`joint`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog
from svcsim.errors import Finding, InputError, nearest
from svcsim.scorecard.integrity.detect import detect
from svcsim.scorecard.integrity.detection import IntegrityTable
from svcsim.scorecard.joint import in_step
from svcsim.scorecard.judge import Line, judge
from svcsim.scorecard.lint import lint
from svcsim.scorecard.measure import DESK, units_of
from svcsim.scorecard.period import Period, choose_period
from svcsim.scorecard.reliability import rank_draws, score_reliability
from svcsim.scorecard.remarks import integrity_flag, kpi_flags, table_findings
from svcsim.scorecard.scorecard import Scorecard
from svcsim.scorecard.table import Flag, KpiScore, ScoreTable, UnitScore
from svcsim.scorecard.total import LEAST_WEIGHT, Total, total_of, weight_alone
from svcsim.stats.interval import LEVEL

Floats = NDArray[np.float64]

KINDS = (DESK, "team", "agent")
TAIL = 0.30
"""Share of the agents that the bands ``top`` and ``support`` speak of."""
SURE = 0.80
"""How probable a band must be before it is named."""
MIN_PEERS = 5
"""Fewer agents than this are not compared."""
_NUMBERS = (
    *("value", "lower", "upper", "points", "reliability"),
    *("expected", "adjusted", "comparable", "used", "p_met"),
)


def score(
    log: ContactLog,
    card: Scorecard,
    period: str | Period | None = None,
    by: Sequence[str] = ("agent", "team"),
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

    Raises
    ------
    InputError
        For a period that cannot be read or lies outside the log, an unknown kind of unit, or a
        log of several replications.
    """
    _check(log, by)
    span = choose_period(log, period, card.period)
    units = {kind: units_of(log, kind, span) for kind in KINDS if kind == DESK or kind in by}
    lines = [judge(log, card, place, span, units) for place in range(len(card.kpis))]
    for kind, names in units.items():
        lines = in_step(log, lines, kind, names)
    totals = {
        kind: total_of(kind, names, lines)
        for kind, names in units.items()
        if names and any(kpi.applies_to(kind) for kpi in card.kpis)
    }
    integrity = detect(log, span, [kpi.metric for kpi in card.kpis])
    scored = [
        unit
        for kind, total in totals.items()
        for unit in _units(log, span, kind, total, lines, integrity)
    ]
    agents = totals.get("agent")
    reliability = score_reliability(agents.draws) if agents is not None else float("nan")
    asked = tuple(line.asked for line in lines)
    findings = (
        *lint(card),
        *table_findings(log, card, span, asked, scored, reliability, period is None),
    )
    return ScoreTable(card, span, asked, tuple(scored), reliability, findings, log, integrity)


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


def _units(
    log: ContactLog,
    span: Period,
    kind: str,
    total: Total,
    lines: list[Line],
    integrity: IntegrityTable,
) -> list[UnitScore]:
    alpha = (1 - LEVEL) / 2
    known = np.asarray(np.isfinite(total.draws).all(axis=1))
    with np.errstate(invalid="ignore"):
        lower, upper = np.quantile(total.draws, [alpha, 1 - alpha], axis=1)
        on_target = np.where(known, (total.draws >= total.par - 1e-9).mean(axis=1), np.nan)
    ranks, bands = _ranks(kind, total, known, on_target)
    if kind == "team":
        alone = weight_alone(lines, len(total.names)) >= LEAST_WEIGHT
        bands = ["" if lonely else band for lonely, band in zip(alone, bands, strict=True)]
    opened = log.frame["opened_s"]
    rows = log.frame[(opened >= span.start) & (opened < span.end)]
    contacts = rows[kind].value_counts() if kind != DESK else None
    teams = rows.groupby("agent")["team"].agg(_most) if kind == "agent" else None
    units = []
    for i, name in enumerate(total.names):
        metrics, flags = _metrics(kind, i, lines)
        flags += [integrity_flag(found) for found in integrity.of(kind, name)]
        units.append(
            UnitScore(
                kind=kind,
                unit=name,
                team=str(teams.get(name, "")) if teams is not None else "",
                contacts=len(rows) if contacts is None else int(contacts.get(name, 0)),
                score=float(total.score[i]),
                score_as_measured=float(total.as_measured[i]),
                lower=float(lower[i]),
                upper=float(upper[i]),
                p_on_target=float(on_target[i]),
                band=bands[i],
                rank_interval=ranks[i],
                peers=int(known.sum()),
                weight_scored=float(total.weight_scored[i]),
                metrics=metrics,
                flags=tuple(flags),
            )
        )
    return units


def _ranks(
    kind: str, total: Total, known: NDArray[np.bool_], on_target: Floats
) -> tuple[list[tuple[int, int] | None], list[str]]:
    """Return rank intervals and bands; both need peers, and desk and teams face targets."""
    ranks: list[tuple[int, int] | None] = [None] * len(total.names)
    bands = [""] * len(total.names)
    peers = int(known.sum())
    if kind != "agent":
        for i in np.flatnonzero(known):
            sure, unsure = on_target[i] >= SURE, on_target[i] > 1 - SURE
            bands[i] = "on target" if sure else "uncertain" if unsure else "below target"
    if kind == DESK or peers < 2:
        return ranks, bands
    drawn = rank_draws(total.draws[known])
    alpha = (1 - LEVEL) / 2
    low, high = np.quantile(drawn, [alpha, 1 - alpha], axis=1)
    few = int(np.ceil(TAIL * peers))
    top = (drawn <= few).mean(axis=1)
    bottom = (drawn > peers - few).mean(axis=1)
    for place, i in enumerate(np.flatnonzero(known)):
        ranks[i] = (int(np.floor(low[place])), int(np.ceil(high[place])))
        if kind == "agent" and peers >= MIN_PEERS:
            is_top, is_bottom = top[place] >= SURE, bottom[place] >= SURE
            bands[i] = "top" if is_top else "support" if is_bottom else "typical"
    return ranks, bands


def _metrics(kind: str, i: int, lines: list[Line]) -> tuple[tuple[KpiScore, ...], list[Flag]]:
    """Return the KPIs of unit ``i`` of a kind and what to know about them."""
    metrics: list[KpiScore] = []
    flags: list[Flag] = []
    for line in lines:
        asked, judged = line.asked, line.judged.get(kind)
        if not asked.kpi.applies_to(kind):
            continue
        row = judged.table.iloc[i].to_dict() if judged is not None else {}
        number = {name: float(row.get(name, "nan")) for name in _NUMBERS}
        metrics.append(
            KpiScore(
                metric=asked.kpi.metric,
                value=number["value"],
                n=int(row.get("n", 0)),
                lower=number["lower"],
                upper=number["upper"],
                target=asked.curve.target,
                points=number["points"],
                weight=asked.kpi.weight,
                reliability=number["reliability"],
                expected_value=number["expected"],
                adjusted_value=number["adjusted"],
                used_value=number["used"],
                basis=row.get("basis", "none"),
                p_met=number["p_met"],
                met=bool(asked.curve.met(number["value"])) if row.get("n", 0) else None,
                status=row.get("status", "no data"),
            )
        )
        flags += kpi_flags(kind, asked, metrics[-1], number["comparable"])
    return tuple(metrics), flags


def _most(teams: pd.Series) -> str:
    """Return the most frequent team, the first by name of equals."""
    counts = teams.value_counts()
    return "" if counts.empty else str(min(counts[counts == counts.max()].index))
