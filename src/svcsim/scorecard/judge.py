"""One KPI of a card in one period: measured, put on equal terms, believed, turned into points."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog, show_day
from svcsim.metrics.support import why_not
from svcsim.scorecard.audience import first_day, scoped
from svcsim.scorecard.curve import Curve, derive
from svcsim.scorecard.improvement import Base, base_of, better_of, written
from svcsim.scorecard.measure import (
    DESK,
    Question,
    align,
    followed_up,
    kind_of,
    measure,
)
from svcsim.scorecard.mix import case_mix, measured_of, on_equal_terms
from svcsim.scorecard.period import SLACK, Period, trailing
from svcsim.scorecard.reliability import MAY_PAY, Measured, Posterior, believe, standard_error
from svcsim.scorecard.roles import Roles
from svcsim.scorecard.scorecard import Kpi, Scorecard
from svcsim.scorecard.stand_in import settled, status_of, with_stand_in
from svcsim.scorecard.table import Asked

Floats = NDArray[np.float64]
Units = Mapping[str, list[str]]
"""Group (`measure.group_of`) -> names of its units, which are compared with one another."""

SEED = 20240701


@dataclass(frozen=True)
class Judged:
    """One KPI of all units of a kind.

    Parameters
    ----------
    table : DataFrame
        Indexed by unit: ``value, n, lower, upper, expected, adjusted, comparable, used, basis,
        reliability, p_met, points, as_measured, baseline, settled, status, asked``.
    draws : ndarray
        Units x draws of points from the posterior.
    posterior : Posterior
    fair : Measured
        What the posterior was learned from: measured values, at equal mix where they can be.
    shrunk : bool
        Whether units inform each other.
    """

    table: pd.DataFrame
    draws: Floats
    posterior: Posterior
    fair: Measured
    shrunk: bool

    @property
    def scaled(self) -> Floats:
        """Values on the scale of comparison, NaN where there is none."""
        return self.fair.scaled(np.where(self.fair.known, self.fair.value, np.nan))

    @property
    def error(self) -> Floats:
        """Standard errors on the scale of comparison."""
        with np.errstate(divide="ignore"):
            return np.where(self.fair.known, self.posterior.sigma / np.sqrt(self.fair.n), np.inf)


@dataclass(frozen=True)
class Line:
    """One KPI of the card: how it was applied, and its units by group (empty when left out).

    ``asks`` tells of every group which of its units the KPI is asked of.
    """

    asked: Asked
    judged: Mapping[str, Judged]
    asks: Mapping[str, NDArray[np.bool_]]


def judge(
    log: ContactLog,
    card: Scorecard,
    place: int,
    span: Period,
    units: Units,
    roles: Roles | None = None,
) -> Line:
    """Return the KPI at a place of the card for every unit."""
    kpi = card.kpis[place]
    log = scoped(log, kpi.for_, roles, first_day(log, span))
    question = Question(kpi.kind, _window(log, card, kpi, span))
    left_out = why_not(log, kpi.kind)
    asks = {group: _asks(log, kpi, group, names) for group, names in units.items()}
    tables = {
        group: align(measure(log, question, kind_of(group)), names)
        for group, names in units.items()
        if asks[group].any() and not left_out
    }
    people = [table[asks[g]] for g, table in tables.items() if kind_of(g) == "agent"]
    noise = {g: measured_of(table, kpi.kind) for g, table in tables.items() if g == DESK}
    if people:
        noise["agent"] = measured_of(pd.concat(people), kpi.kind)
    curve = _curve(kpi, log, question, noise)
    mature = followed_up(log, question)
    judged: dict[str, Judged] = {}
    for turn, (group, table) in enumerate(tables.items()):
        rng = np.random.default_rng([SEED, place, turn])
        found = _judged(log, question, kpi, group, table, curve, mature, rng)
        found.table["asked"] = asks[group]
        if kind_of(group) != "agent" and kpi.curve != "gate":
            desk = judged[DESK].table.iloc[0] if DESK in judged else None
            rows, draws = with_stand_in(found.table, found.draws, curve, desk, rng)
            found = replace(found, table=rows, draws=draws)
        judged[group] = found
    return Line(_asked(kpi, question, curve, left_out, mature, judged, log), judged, asks)


def _asks(log: ContactLog, kpi: Kpi, group: str, names: list[str]) -> NDArray[np.bool_]:
    """Tell which units of a group the KPI is asked of: of those in its scope with contacts."""
    kind = kind_of(group)
    if not kpi.applies_to(kind):
        return np.zeros(len(names), dtype=bool)
    if kpi.for_ is None or kind == DESK:
        return np.ones(len(names), dtype=bool)
    return np.isin(np.array(names, dtype=object), log.frame[kind].dropna().unique().tolist())


def _asked(
    kpi: Kpi,
    question: Question,
    curve: Curve,
    left_out: str,
    mature: float,
    judged: Mapping[str, Judged],
    log: ContactLog,
) -> Asked:
    """Return how the KPI was applied; of several roles, the one that tells agents apart least."""
    agents = [one for group, one in judged.items() if kind_of(group) == "agent"]
    counts = pd.concat([one.table["n"][one.table["asked"]] for one in agents]) if agents else None
    known = counts[counts > 0] if counts is not None else pd.Series(dtype=float)
    median = float(known.median()) if len(known) else float("nan")
    r = [one.posterior.reliability_at(median) for one in agents]
    need = [one.posterior.contacts_for(MAY_PAY) for one in agents]
    return Asked(
        kpi,
        question,
        curve,
        min_n_of(kpi),
        left_out,
        mature,
        float(np.nanmin(r)) if np.isfinite(r).any() else float("nan"),
        median,
        float(np.nanmax(need)) if np.isfinite(need).any() else float("nan"),
        log,
    )


def min_n_of(kpi: Kpi) -> int:
    """Return the contacts below which the KPI does not judge anybody."""
    return kpi.min_n if kpi.min_n is not None else kpi.kind.min_n


def _window(log: ContactLog, card: Scorecard, kpi: Kpi, span: Period) -> Period:
    """Return the KPI's own period: the card's, or the longer one that ends with it."""
    if kpi.period is None or kpi.period == card.period:
        return span
    window = trailing(span, kpi.period, log.timezone)
    if window.start + SLACK < log.start:
        first = show_day(log.start, log.timezone)
        window = replace(window, label=f"{window.label} (from {first})", start=log.start)
    return window


def _curve(kpi: Kpi, log: ContactLog, question: Question, noise: Mapping[str, Measured]) -> Curve:
    """Return the curve; floor and stretch that the card leaves open are derived."""
    target = kpi.target_on(show_day(question.period.end - 1, log.timezone)[:10])
    kind = "agent" if "agent" in noise and noise["agent"].known.any() else DESK
    error = 0.0
    if kind in noise:
        counts = noise[kind].n[noise[kind].known]
        judged = counts[counts >= min_n_of(kpi)]
        usual = judged if judged.size else counts
        error = standard_error(noise[kind], float(np.median(usual)) if usual.size else 0.0, target)
    floor, stretch = derive(target, kpi.better, kpi.kind.unit, error)
    derived = kpi.curve == "linear" and (kpi.floor is None or kpi.stretch is None)
    return Curve(
        kpi.curve,
        kpi.better,
        target,
        floor if kpi.floor is None else kpi.floor,
        stretch if kpi.stretch is None else kpi.stretch,
        kpi.points,
        derived,
    )


def _judged(
    log: ContactLog,
    question: Question,
    kpi: Kpi,
    group: str,
    table: pd.DataFrame,
    curve: Curve,
    mature: float,
    rng: np.random.Generator,
) -> Judged:
    kind, among = kind_of(group), None if kind_of(group) == group else list(table.index)
    table, measured, fair, posterior = _believed(log, question, kind, table, among, rng)
    adjusted = table["adjusted"].notna().to_numpy()
    shrunk = kind == "agent" and bool(np.isfinite(posterior.tau))
    table["used"] = posterior.value
    table["basis"] = [
        _basis(n, bool(own), shrunk) for n, own in zip(table["n"], adjusted, strict=True)
    ]
    table["reliability"] = posterior.reliability
    known = np.isfinite(posterior.draws).all(axis=1)
    table["p_met"] = np.where(known, curve.met(posterior.draws).mean(axis=1), np.nan)
    base = _base(log, question, kpi, group, table, among)
    table["baseline"] = base.value
    table["points"] = better_of(curve, posterior.value, base.value, base.counts)
    table["as_measured"] = curve.points(measured.value)
    enough = settled(measured.n, min_n_of(kpi), mature)
    table["settled"] = enough if kind != "agent" else measured.n > 0
    met = curve.met(np.where(measured.n > 0, fair.value, np.nan))
    table["status"] = [
        status_of(n, is_met, min_n_of(kpi), mature)
        for n, is_met in zip(table["n"], met, strict=True)
    ]
    draws = better_of(curve, posterior.draws, base.draws, base.counts[:, None])
    return Judged(table, draws, posterior, fair, shrunk)


def _believed(
    log: ContactLog,
    question: Question,
    kind: str,
    table: pd.DataFrame,
    among: Collection[str] | None,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, Measured, Measured, Posterior]:
    """Return measured rows with their case mix, both kinds of values, and what is believed."""
    table = table.join(case_mix(log, question, kind, among))
    fair, sigma = on_equal_terms(table, question.metric)
    posterior = believe(fair, rng, shrink=kind == "agent", sigma=sigma)
    return table, measured_of(table, question.metric), fair, posterior


def _base(
    log: ContactLog,
    question: Question,
    kpi: Kpi,
    group: str,
    table: pd.DataFrame,
    among: Collection[str] | None,
) -> Base:
    """Return what the units' improvement is measured from: their own previous period."""
    if kpi.curve != "improvement":
        return written(float("nan"), table, shrunk=False)
    kind = kind_of(group)
    if kpi.baseline is not None:
        return written(kpi.baseline, table, shrunk=kind == "agent")
    before = base_of(log, question)
    if before is None:
        return written(float("nan"), table, shrunk=False)
    rng = np.random.default_rng([SEED, len(group), int(before.period.start) % 2**31])
    rows = align(measure(log, before, kind), list(table.index))
    _, measured, _, posterior = _believed(log, before, kind, rows, among, rng)
    enough = settled(measured.n, min_n_of(kpi), 1.0)
    return Base.measured(posterior, table, enough, shrunk=kind == "agent")


def _basis(n: float, adjusted: bool, shrunk: bool) -> str:
    if n == 0:
        return "mean of all agents" if shrunk else "none"
    steps = [word for word, done in (("adjusted", adjusted), ("shrunk", shrunk)) if done]
    return ", ".join(steps) or "measured"
