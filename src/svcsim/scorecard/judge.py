"""One KPI of a card in one period: measured, put on equal terms, believed, turned into points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog, show_day
from svcsim.metrics.support import why_not
from svcsim.scorecard.curve import Curve, derive
from svcsim.scorecard.measure import DESK, MATURE, Question, align, followed_up, measure
from svcsim.scorecard.mix import case_mix, measured_of, on_equal_terms
from svcsim.scorecard.period import SLACK, Period, trailing
from svcsim.scorecard.reliability import MAY_PAY, Measured, Posterior, believe, standard_error
from svcsim.scorecard.scorecard import Kpi, Scorecard
from svcsim.scorecard.stand_in import settled, with_stand_in
from svcsim.scorecard.table import Asked

Floats = NDArray[np.float64]
Units = Mapping[str, list[str]]

SEED = 20240701


@dataclass(frozen=True)
class Judged:
    """One KPI of all units of a kind.

    Parameters
    ----------
    table : DataFrame
        Indexed by unit: ``value, n, lower, upper, expected, adjusted, comparable, used, basis,
        reliability, p_met, points, as_measured, settled, status``.
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
    """One KPI of the card: how it was applied, and its units by kind (empty when left out)."""

    asked: Asked
    judged: Mapping[str, Judged]


def judge(log: ContactLog, card: Scorecard, place: int, span: Period, units: Units) -> Line:
    """Return the KPI at a place of the card for every unit."""
    kpi = card.kpis[place]
    question = Question(kpi.kind, _window(log, card, kpi, span))
    left_out = why_not(log, kpi.kind)
    tables = {
        kind: align(measure(log, question, kind), names)
        for kind, names in units.items()
        if kpi.applies_to(kind) and names and not left_out
    }
    noise = {kind: measured_of(table, kpi.kind) for kind, table in tables.items()}
    curve = _curve(kpi, log, question, noise)
    mature = followed_up(log, question)
    judged: dict[str, Judged] = {}
    for turn, (kind, table) in enumerate(tables.items()):
        rng = np.random.default_rng([SEED, place, turn])
        found = _judged(log, question, kpi, kind, table, curve, mature, rng)
        if kind != "agent":
            desk = judged[DESK].table.iloc[0] if DESK in judged else None
            rows, draws = with_stand_in(found.table, found.draws, curve, desk, rng)
            found = replace(found, table=rows, draws=draws)
        judged[kind] = found
    agents = judged["agent"].posterior if "agent" in judged else None
    counts = tables["agent"]["n"] if agents is not None else pd.Series(dtype=float)
    median = float(counts[counts > 0].median()) if (counts > 0).any() else float("nan")
    asked = Asked(
        kpi,
        question,
        curve,
        min_n_of(kpi),
        left_out,
        mature,
        agents.reliability_at(median) if agents is not None else float("nan"),
        median,
        agents.contacts_for(MAY_PAY) if agents is not None else float("nan"),
    )
    return Line(asked, judged)


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
    kind: str,
    table: pd.DataFrame,
    curve: Curve,
    mature: float,
    rng: np.random.Generator,
) -> Judged:
    table = table.join(case_mix(log, question, kind))
    adjusted = table["adjusted"].notna().to_numpy()
    measured = measured_of(table, kpi.kind)
    fair, sigma = on_equal_terms(table, kpi.kind)
    posterior = believe(fair, rng, shrink=kind == "agent", sigma=sigma)
    shrunk = kind == "agent" and bool(np.isfinite(posterior.tau))
    table["used"] = posterior.value
    table["basis"] = [
        _basis(n, bool(own), shrunk) for n, own in zip(table["n"], adjusted, strict=True)
    ]
    table["reliability"] = posterior.reliability
    known = np.isfinite(posterior.draws).all(axis=1)
    table["p_met"] = np.where(known, curve.met(posterior.draws).mean(axis=1), np.nan)
    table["points"] = curve.points(posterior.value)
    table["as_measured"] = curve.points(measured.value)
    enough = settled(measured.n, min_n_of(kpi), mature)
    table["settled"] = enough if kind != "agent" else measured.n > 0
    met = curve.met(np.where(measured.n > 0, fair.value, np.nan))
    table["status"] = [
        status_of(n, is_met, min_n_of(kpi), mature)
        for n, is_met in zip(table["n"], met, strict=True)
    ]
    return Judged(table, curve.points(posterior.draws), posterior, fair, shrunk)


def status_of(n: float, met: bool, min_n: int, mature: float = 1.0) -> str:
    """Return ``no data``, ``immature``, ``too few``, ``met`` or ``not met``, in that order."""
    if n == 0:
        return "no data"
    if mature < MATURE:
        return "immature"
    if n < min_n:
        return "too few"
    return "met" if met else "not met"


def _basis(n: float, adjusted: bool, shrunk: bool) -> str:
    if n == 0:
        return "mean of all agents" if shrunk else "none"
    steps = [word for word, done in (("adjusted", adjusted), ("shrunk", shrunk)) if done]
    return ", ".join(steps) or "measured"
