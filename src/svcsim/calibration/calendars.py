"""Weekly calendars of agents who leave few stamps: on or off in every hour of the week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

STEPS = 100
START = (0.6, 0.02, 0.25)
"""P(active | on), P(active | off) and share of hours on from which the search starts."""
PRESENT = 0.2
"""Share of its dates on which an agent must be seen for a weekday to belong to the calendar."""
WEEKS, PER_HOUR = 4.0, 1.0
"""Weeks of history, and stamps an hour on duty, from which calendars can be learned."""


@dataclass(frozen=True)
class Calendar:
    """Hours on duty by weekday (7 x 24) with the rates that told them from the others."""

    on: Mask
    active_on: float
    active_off: float
    presence: Array
    """Share of each weekday's dates on which the agent was seen."""


def two_rate_calendar(day: NDArray[np.int64], hour: NDArray[np.int64], days: int) -> Calendar:
    """Learn in which hours of the week an agent is on duty, by a two-rate mixture.

    In an hour of the week that is on duty the agent is active on a date it is present with
    probability p1, else with p0 (strays); a share pi of the hours is on. EM, 100 steps from
    (0.6, 0.02, 0.25); on where the posterior is above one half. Weekdays on which the agent is
    seen on under 20 % of the dates are dropped.

    Parameters
    ----------
    day, hour : ndarray of int
        Local day (0 is a Monday) and hour of every stamp.
    days : int
        Days of history.
    """
    active = np.zeros((days, 24), dtype=bool)
    active[day, hour] = True
    weekday = np.arange(days) % 7
    present = active.any(axis=1)
    dates = np.bincount(weekday, minlength=7).astype(float)
    seen = np.bincount(weekday[present], minlength=7).astype(float)
    hits = np.zeros((7, 24))
    np.add.at(hits, weekday[present], active[present].astype(float))
    trials = np.repeat(seen[:, None], 24, axis=1)
    p1, p0, pi = START
    posterior = np.zeros((7, 24))
    known = trials > 0
    for _ in range(STEPS):
        log_on = np.log(pi) + hits * np.log(p1) + (trials - hits) * np.log1p(-p1)
        log_off = np.log1p(-pi) + hits * np.log(p0) + (trials - hits) * np.log1p(-p0)
        posterior = 1.0 / (1.0 + np.exp(np.clip(log_off - log_on, -700, 700)))
        weight = posterior * known
        p1 = _inside((weight * hits).sum() / max((weight * trials).sum(), 1e-9))
        rest = known - weight
        p0 = _inside((rest * hits).sum() / max((rest * trials).sum(), 1e-9))
        pi = _inside(weight.sum() / max(known.sum(), 1))
    presence = np.divide(seen, dates, out=np.zeros(7), where=dates > 0)
    on = (posterior > 0.5) & known & (presence >= PRESENT)[:, None] & (p1 > p0)
    return Calendar(on, p1, p0, presence)


def calendar_days(
    stamps: pd.DatetimeIndex, agent: pd.Series, first: pd.Timestamp, days: int
) -> pd.DataFrame:
    """Return agent-days ``agent, day, start, end, touches`` under the agents' calendars.

    An agent is on for the hours of its calendar on every date on which it was active in at least
    one of them: absences stay as recorded. Rows are runs of hours, in minutes after midnight.
    """
    monday = first - pd.Timedelta(days=first.weekday())
    shift = (first - monday).days
    number = ((stamps.normalize() - monday).days).to_numpy().astype(np.int64)
    hour = stamps.hour.to_numpy().astype(np.int64)
    inside = (number >= shift) & (number < shift + days)
    names = agent.to_numpy()
    rows: list[tuple[str, pd.Timestamp, float, float, int]] = []
    for name in np.unique(names[inside]):
        own = inside & (names == name)
        calendar = two_rate_calendar(number[own], hour[own], shift + days)
        counts = np.zeros((shift + days, 24))
        np.add.at(counts, (number[own], hour[own]), 1.0)
        for date in np.flatnonzero(counts.any(axis=1)):
            on = calendar.on[date % 7]
            if not (counts[date] > 0)[on].any():
                continue
            edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(int), [0]])))
            for a, b in zip(edges[::2], edges[1::2], strict=True):
                touches = int(counts[date, a:b].sum())
                at = monday + pd.Timedelta(days=int(date))
                rows.append((str(name), at, 60.0 * a, 60.0 * b, touches))
    table = pd.DataFrame(rows, columns=["agent", "day", "start", "end", "touches"])
    table["idle_start"] = table["idle_end"] = np.nan
    return table


def rich_enough(stamps: pd.DatetimeIndex, agent: pd.Series, weeks: float) -> Mask:
    """Return which stamps belong to agents whose calendar can be learned.

    Four weeks of history and one stamp or more in an hour on duty, taking as hours on duty the
    time between the first and the last stamp of each day.
    """
    if weeks < WEEKS:
        return np.zeros(len(agent), dtype=bool)
    hours = (stamps - stamps.normalize()) / pd.Timedelta(hours=1)
    table = pd.DataFrame({"agent": agent.to_numpy(), "day": stamps.normalize(), "at": hours})
    day = table.groupby(["agent", "day"])["at"].agg(["min", "max", "size"])
    span = (day["max"] - day["min"]).groupby("agent").sum() + day.groupby("agent").size()
    rate = day["size"].groupby("agent").sum() / span
    return (agent.map(rate) >= PER_HOUR).to_numpy(dtype=bool)


def _inside(p: float) -> float:
    return float(np.clip(p, 1e-6, 1 - 1e-6))
