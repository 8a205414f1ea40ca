"""Desks drawn from a known truth, for the tests of a review."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from svcsim.contacts.log import ContactLog, make_log
from svcsim.metrics.catalogue import get_metric
from svcsim.scorecard.kpi_rows import KpiRows, kpi_rows
from svcsim.scorecard.measure import Question
from svcsim.scorecard.period import Period

DAY = 86400.0
MONTH = Period("month", 0.0, 28 * DAY)


def drawn(
    rng: np.random.Generator,
    agents: int = 20,
    n: int = 60,
    *,
    mix: bool = True,
    skill: Mapping[str, float] | None = None,
    weak: Mapping[tuple[str, str], float] | None = None,
    days: int = 28,
    drift: Mapping[str, float] | None = None,
) -> ContactLog:
    """Return agents ``a00, ...`` with ``n`` contacts each, of two kinds.

    Easy contacts succeed (CSAT 5) with .93 and take 400 s in the mean of logs, hard ones .6 and
    1100 s. With ``mix`` the share of hard contacts grows from .1 to .9 over the agents. ``skill``
    is added to the chance of an agent, ``weak`` to that of an agent on one kind, ``drift`` to it
    every 28 days.
    """
    name = np.repeat([f"a{i:02d}" for i in range(agents)], n)
    chance = np.linspace(0.1, 0.9, agents) if mix else np.full(agents, 0.5)
    kind = np.where(rng.random(agents * n) < np.repeat(chance, n), "hard", "easy")
    opened = np.floor(rng.random(agents * n) * days * DAY)
    p = np.where(kind == "hard", 0.6, 0.93)
    for who, more in (skill or {}).items():
        p = p + more * (name == who)
    for (who, what), more in (weak or {}).items():
        p = p + more * ((name == who) & (kind == what))
    for who, more in (drift or {}).items():
        p = p + more * (name == who) * (opened // (28 * DAY))
    good = rng.random(agents * n) < p
    took = np.floor(np.exp(rng.normal(np.where(kind == "hard", 7.0, 6.0), 0.8))) + 1
    frame = pd.DataFrame({
        "ticket_id": [f"t{i}" for i in range(agents * n)], "agent": name, "team": "one",
        "category": kind, "opened_s": opened, "first_response_s": opened + took,
        "resolved_s": opened + took + 60, "handle_s": took, "outcome": "resolved",
        "csat": np.where(good, 5.0, 2.0), "survey_s": opened,
    })  # fmt: skip
    end = days * DAY
    return make_log(frame, start=0.0, end=end, observed_until=end + 30 * DAY, timezone="UTC")


def asked(metric: str, period: Period = MONTH) -> Question:
    return Question(get_metric(metric), period)


def rows_of(log: ContactLog, metric: str, period: Period = MONTH) -> KpiRows:
    rows = kpi_rows(log, asked(metric, period), (period,))
    assert rows is not None
    return rows


def names_of(log: ContactLog) -> list[str]:
    return sorted(log.frame["agent"].dropna().unique())
