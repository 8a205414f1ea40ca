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
from svcsim.metrics.metric import Metric
from svcsim.scorecard.measure import Question, measure
from svcsim.scorecard.mix import case_mix, on_equal_terms, standardised
from svcsim.scorecard.period import Period
from svcsim.scorecard.reliability import MAY_PAY, TEAM_ONLY, believe
from svcsim.study.told import OF_THE_QUEUE

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
        else reliability_at(_agents(log, get_metric(m)), get_metric(m), periods)
        for m in metrics
    }


def reliability_at(rows: pd.DataFrame, metric: Metric, periods: float) -> AgentReliability:
    """Return R at a period's n from values measured over ``periods`` periods.

    Parameters
    ----------
    rows : DataFrame
        One row an agent: ``value, n, lower, upper, adjusted`` over the whole history.
    metric : Metric
        What was measured.
    periods : float
        How many periods the history holds.
    """
    used = rows[(rows["n"] >= MIN_CONTACTS) & rows["value"].notna()]
    n = float(used["n"].median()) / periods if len(used) else 0.0
    if len(used) < MIN_AGENTS:
        return AgentReliability(None, n, math.nan)
    fair, sigma = on_equal_terms(used, metric)
    posterior = believe(fair, np.random.default_rng(0), shrink=True, sigma=sigma, draws=1)
    value = posterior.reliability_at(n)
    if not math.isfinite(value):
        return AgentReliability(None, n, math.nan)
    return AgentReliability(value, n, posterior.contacts_for(MAY_PAY))


def fair_agents(log: ContactLog, name: str) -> pd.DataFrame | None:
    """Return every agent's whole history at the case mix of all (`standardised`), if it can be."""
    question = Question(get_metric(name), Period("history", log.start, log.end))
    return standardised(log, question, "agent")


def _agents(log: ContactLog, metric: Metric) -> pd.DataFrame:
    """Return every agent's value over the whole history, adjusted for case mix where it can be."""
    question = Question(metric, Period("history", log.start, log.end))
    return measure(log, question, "agent").join(case_mix(log, question, "agent"), on="unit")
