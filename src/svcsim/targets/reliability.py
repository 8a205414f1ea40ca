"""Reliability of an agent's period value, learned from history with the scorecard's own rule.

R = tau^2 / (tau^2 + sigma^2 / n): tau the spread of the agents' true levels, sigma the chance of
one contact, n the contacts an agent has in a period (Adams 2009, RAND TR-653). R = .3 means that
seven tenths of what a ranking of one period shows is luck.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcsim.contacts.log import ContactLog
from svcsim.metrics.catalogue import get_metric
from svcsim.metrics.evaluate import evaluate
from svcsim.scorecard.reliability import MAY_PAY, TEAM_ONLY, Measured, believe

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


def agent_reliability(
    log: ContactLog | None, metrics: Sequence[str], days: int
) -> dict[str, AgentReliability]:
    """Return R of every metric for a period of ``days``; None where agents cannot be told apart."""
    unknown = {metric: AgentReliability(None, 0.0, math.nan) for metric in metrics}
    if log is None or log.frame["agent"].isna().all():
        return unknown
    table = evaluate(log, metrics, by="agent")
    table = table[table["agent"].notna()]
    periods = max(1.0, (log.end - log.start) / 86400.0 / days)
    found = {
        str(metric): reliability_at(rows, get_metric(str(metric)).unit, periods)
        for metric, rows in table.groupby("metric")
    }
    return unknown | found


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
    value, size, lower, upper = (
        used[name].to_numpy(dtype=float) for name in ("value", "n", "lower", "upper")
    )
    kpi = Measured(value, size, lower, upper, unit)
    posterior = believe(kpi, np.random.default_rng(0), shrink=True, draws=1)
    tau2, sigma2 = posterior.tau**2, posterior.sigma**2
    if not (math.isfinite(tau2) and math.isfinite(sigma2)) or n <= 0 or tau2 + sigma2 == 0:
        return AgentReliability(None, n, math.nan)
    return AgentReliability(
        float(tau2 / (tau2 + sigma2 / n)), n, posterior.contacts_for(MAY_PAY)
    )
