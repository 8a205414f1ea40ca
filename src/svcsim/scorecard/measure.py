"""KPIs of the desk, its teams and its agents in one scoring period, by the common metric code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog
from svcsim.metrics.evaluate import evaluate
from svcsim.metrics.facts import with_facts
from svcsim.metrics.metric import OVER_TIME, Across, Metric
from svcsim.metrics.periods import Periods
from svcsim.metrics.side import rows_of
from svcsim.scorecard.period import Period

DESK = "desk"
SCOPE = "in_scope"
"""Column of a log whose contacts are not all asked about (`audience.scoped`)."""
STRATUM = "category"
KINDS = ("category", "difficulty")
"""What makes contacts alike."""
QUEUES = (*KINDS, "priority", "channel")
"""What makes contacts alike for speed: who waits how long is decided by queue and priority."""
NO_LABEL = "-"
"""Stratum of a contact without a category."""
MATURE = 0.95
"""Share of the period that must have been followed up before a verdict is whole."""


@dataclass(frozen=True)
class Question:
    """One metric asked for one period."""

    metric: Metric
    period: Period


def group_of(kind: str, role: str = "") -> str:
    """Return the name of the units of a kind that are compared: all, or those of one role."""
    return f"{kind}/{role}" if role else kind


def kind_of(group: str) -> str:
    """Return the kind of unit of a group (`group_of`)."""
    return group.partition("/")[0]


def units_of(log: ContactLog, kind: str, span: Period) -> list[str]:
    """Return the names of the units of a kind that touched a contact of the period, sorted."""
    if kind == DESK:
        return [log.name]
    frame = log.frame
    seen = np.zeros(len(frame), dtype=bool)
    for name in ("opened_s", "resolved_s"):
        at = frame[name].to_numpy()
        seen |= (at >= span.start) & (at < span.end)
    return sorted(frame.loc[seen, kind].dropna().unique().tolist())


def measure(log: ContactLog, question: Question, kind: str, strata: bool = False) -> pd.DataFrame:
    """Return one metric of every unit of a kind (desk, team, agent or `STRATUM`) in a period.

    A contact belongs to the period of its metric's date; the others stay in the log, so that a
    repeat just after the period is still seen.

    Returns
    -------
    DataFrame
        ``unit, value, n, lower, upper``, with ``strata`` also ``stratum`` (category and, where
        labelled, difficulty).
    """
    span = question.period
    view = log
    if strata or kind == STRATUM:
        kinds = strata_of(log.frame, kinds_of(question.metric))
        if SCOPE in log.frame:
            kinds = kinds.where(log.frame[SCOPE])
        view = replace(log, frame=log.frame.assign(**{STRATUM: kinds}))
    whole = kind == DESK and SCOPE not in log.frame
    by = [] if whole else ["team" if kind == DESK else kind, *([STRATUM] if strata else [])]
    if kind == DESK and not whole:
        view = _one_team(log)
    periods = Periods(np.array([span.start, span.end]), (span.label,))
    table = evaluate(view, question.metric, by=by, period=periods, intervals=not strata)
    table = table if whole else table[table[by[0]].notna()]
    if kind == DESK:
        table = table.assign(desk=log.name)
    keys = [kind, *([STRATUM] if strata else [])]
    names = ["unit", *(["stratum"] if strata else [])]
    values = ["value", "n", "lower", "upper"]
    return table[keys + values].set_axis(names + values, axis=1).reset_index(drop=True)


def evaluate_units(
    log: ContactLog, metric: Metric, kind: str, periods: Periods, *, intervals: bool = True
) -> pd.DataFrame:
    """Return the KpiTable of a metric with the column ``unit``; the desk is what is in scope."""
    scoped = kind == DESK and SCOPE in log.frame
    view = _one_team(log) if scoped else log
    by = ["team"] if scoped else [] if kind == DESK else [kind]
    table = evaluate(view, metric, by=by, period=periods, intervals=intervals)
    for name in by:
        table = table[table[name].notna()]
    return table.assign(unit=log.name if kind == DESK else table[kind])


def _one_team(log: ContactLog) -> ContactLog:
    """Return the log with the contacts in scope, and their agents' spells, as one team."""
    inside = log.frame[SCOPE].astype(bool)
    agents = log.frame.loc[inside, "agent"].dropna().unique().tolist()

    def as_one(spells: pd.DataFrame | None) -> pd.DataFrame | None:
        if spells is None:
            return None
        return spells.assign(team=_labelled(spells["agent"].isin(agents), log.name))

    return replace(
        log,
        frame=log.frame.assign(team=_labelled(inside, log.name)),
        work=as_one(log.work),
        staffed=as_one(log.staffed),
        tables={
            name: rows.assign(team=_labelled(rows["agent"].notna(), log.name))
            if "agent" in rows
            else rows
            for name, rows in log.tables.items()
        },
    )


def _labelled(rows: pd.Series, name: str) -> pd.Series:
    """Return a text column with a name in some rows and nothing in the others."""
    return pd.Series(name, index=rows.index, dtype="str").where(rows)


def dated_inside(log: ContactLog, question: Question) -> NDArray[np.bool_]:
    """Return which contacts the metric dates inside the period (all, for a time average)."""
    if isinstance(question.metric.kind, OVER_TIME):
        return np.ones(len(log), dtype=bool)
    return _dated_inside(log.frame, question)


def _dated_inside(frame: pd.DataFrame, question: Question) -> NDArray[np.bool_]:
    dates = np.full(len(frame), np.nan)
    for name in question.metric.dated_by:
        dates = np.where(np.isnan(dates), frame[name].to_numpy(), dates)
    return np.asarray((dates >= question.period.start) & (dates < question.period.end))


def kinds_of(metric: Metric) -> tuple[str, ...]:
    """Return the columns that say which contacts are alike for a metric.

    Out of sample (each of three histories, one month from those before) priority and channel cut
    the squared error of a share answered in time by 20 to 33 % beyond category and difficulty,
    that of a mean wait or first response by 0 to 26 %, and those of quality, satisfaction and
    handling time by less than 2 %.
    """
    return QUEUES if metric.family == "efficiency" else KINDS


def strata_of(frame: pd.DataFrame, columns: Sequence[str] = KINDS) -> pd.Series:
    """Return the kind of each contact: its category and what else of the columns is labelled."""
    stratum = frame[columns[0]].fillna(NO_LABEL)
    for name in columns[1:]:
        if frame[name].nunique() > 1 or (name in KINDS and frame[name].notna().any()):
            stratum = stratum + " | " + frame[name].astype("str").fillna(NO_LABEL)
    return stratum


def counted_tickets(log: ContactLog, question: Question, kind: str, unit: str) -> list[str]:
    """Return the ticket ids behind one number: who counts, dated inside, of that unit."""
    metric = question.metric
    if isinstance(metric.kind, Across):
        return []  # two tables: no list of contacts stands for their ratio
    if metric.table != "contacts":
        frame = rows_of(log, metric.table)
        use = _dated_inside(frame, question)
    else:
        frame = with_facts(log, {name for need in metric.needs for name in need.split("|")})
        use = dated_inside(log, question)
    among = getattr(metric.kind, "among", None)
    if among is not None:
        counted = nw.from_native(frame).select(counted=among)["counted"].to_numpy()
        use = use & np.asarray(counted, dtype=bool)
    if kind != DESK:
        use = use & (frame[kind] == unit).to_numpy(dtype=bool)
    elif SCOPE in frame:
        use = use & frame[SCOPE].to_numpy(dtype=bool)
    if "ticket_id" not in frame:
        return []  # rows of a side table that name no contact
    return [str(ticket) for ticket in frame.loc[use, "ticket_id"]]


def followed_up(log: ContactLog, question: Question) -> float:
    """Return the share of the known period for which the metric's own window has passed."""
    span = question.period
    known = min(span.end, log.observed_until) - span.start
    seen = log.observed_until - question.metric.wait - span.start
    return float(np.clip(seen / known, 0.0, 1.0)) if known > 0 else 0.0


def align(table: pd.DataFrame, units: Sequence[str]) -> pd.DataFrame:
    """Return one row a unit in the given order; a unit without rows has n = 0 and no value."""
    rows = table.set_index("unit").reindex(list(units))
    rows["n"] = rows["n"].fillna(0)
    return rows
