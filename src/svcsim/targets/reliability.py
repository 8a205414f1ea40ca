"""Reliability of an agent's period value, learned from history with the scorecard's own rules.

R = tau^2 / (tau^2 + sigma^2 / n): tau the spread of the agents' true levels, sigma the chance of
one contact, n the contacts an agent has in a period (Adams 2009, RAND TR-653). R = .3 means that
seven tenths of what a ranking of one period shows is luck. Values are compared at equal case mix.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcsim.contacts.log import ContactLog
from svcsim.metrics.catalogue import get_metric
from svcsim.scorecard.fairness import can_standardise, standardise
from svcsim.scorecard.measure import STRATUM, Question, measure
from svcsim.scorecard.period import Period
from svcsim.scorecard.reliability import MAY_PAY, TEAM_ONLY, Measured, believe, prior_contacts

__all__ = ["MAY_PAY", "TEAM_ONLY", "AgentReliability", "agent_reliability", "reliability_at"]

MIN_AGENTS = 4
MIN_CONTACTS = 5
"""Agents with fewer contacts in the whole history do not tell anything of their own."""


@dataclass(frozen=True)
class AgentReliability:
    """R of one agent's value in one period, and the contacts it would take for pay."""

    value: float | None
    n: float
    """Median contacts behind an agent's period value."""
    n_for_pay: float


OF_THE_QUEUE = ("abandon", "answered_within", "wait", "wait_p90")
"""Decided before an agent takes the contact (who hangs up has no agent): nobody's own value."""
UNKNOWN = AgentReliability(None, 0.0, math.nan)


def agent_reliability(
    log: ContactLog | None, metrics: Sequence[str], days: int
) -> dict[str, AgentReliability]:
    """Return R of every metric for a period of ``days``; None where agents cannot be told apart."""
    if log is None or log.frame["agent"].isna().all():
        return dict.fromkeys(metrics, UNKNOWN)
    periods = max(1.0, (log.end - log.start) / 86400.0 / days)
    return {
        m: UNKNOWN
        if m.split("(")[0] in OF_THE_QUEUE
        else reliability_at(_agents(log, m), get_metric(m).unit, periods)
        for m in metrics
    }


def reliability_at(rows: pd.DataFrame, unit: str, periods: float) -> AgentReliability:
    """Return R at a period's n from values measured over ``periods`` periods.

    Parameters
    ----------
    rows : DataFrame
        One row an agent: ``value, n, lower, upper`` over the whole history.
    unit : str
        The metric's unit.
    periods : float
        How many periods the history holds.
    """
    used = rows[(rows["n"] >= MIN_CONTACTS) & rows["value"].notna()]
    n = float(used["n"].median()) / periods if len(used) else 0.0
    if len(used) < MIN_AGENTS:
        return AgentReliability(None, n, math.nan)
    kpi = _measured(used, unit)
    posterior = believe(kpi, np.random.default_rng(0), shrink=True, draws=1)
    tau2, sigma2 = posterior.tau**2, posterior.sigma**2
    if not (math.isfinite(tau2) and math.isfinite(sigma2)) or n <= 0 or tau2 + sigma2 == 0:
        return AgentReliability(None, n, math.nan)
    value = float(tau2 / (tau2 + sigma2 / n))
    return AgentReliability(value, n, posterior.contacts_for(MAY_PAY))


def fair_agents(log: ContactLog, name: str) -> pd.DataFrame | None:
    """Return every agent's whole history at the case mix of all (`standardise`), where it can be.

    Tiers and shifts do different work; the spread that comes from it is not one between people.
    """
    metric = get_metric(name)
    if not can_standardise(metric) or log.frame["category"].isna().all():
        return None
    question = Question(metric, Period("history", log.start, log.end))
    cells = measure(log, question, "agent", strata=True)
    strength = prior_contacts(_measured(measure(log, question, STRATUM), metric.unit))
    return standardise(cells, metric.unit, strength)


def _agents(log: ContactLog, name: str) -> pd.DataFrame:
    """Return every agent's value over the whole history, at the case mix of all if possible."""
    rows = measure(log, Question(get_metric(name), Period("history", log.start, log.end)), "agent")
    table = fair_agents(log, name)
    if table is None:
        return rows
    fair = table["adjusted"].reindex(rows["unit"])
    ratio = np.where(rows["value"] > 0, fair.to_numpy() / rows["value"], 1.0)
    ratio = np.where(np.isfinite(ratio), ratio, 1.0)
    return rows.assign(**{c: rows[c] * ratio for c in ("value", "lower", "upper")})


def _measured(rows: pd.DataFrame, unit: str) -> Measured:
    value, n, lower, upper = (
        rows[name].to_numpy(dtype=float) for name in ("value", "n", "lower", "upper")
    )
    return Measured(value, n, lower, upper, unit)
