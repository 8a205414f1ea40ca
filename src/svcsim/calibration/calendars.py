"""Weekly calendars of agents who leave few stamps: on or off in every hour of the week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calibration.rotation import rotation_of, told_by_weekday, weekly_score

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

STEPS = 100
START = (0.6, 0.02, 0.25)
"""P(active | on), P(active | off) and share of hours on from which the search starts."""
PRESENT = 0.2
"""Share of its dates on which an agent must be seen for a weekday to belong to the calendar."""
WEEKS, PER_HOUR, EVIDENCE = 4.0, 0.3, 4.0
"""Weeks of history, stamps an hour on duty, and their product, from which calendars are learned."""
COVERS = 0.85
"""Share of an agent's stamps that must fall into the hours of its calendar."""
RARE = 0.02
"""A run of hours on fewer agent-days (share) is taken as a variant of a usual one."""
FEW_STAMPS = 300
"""Stamps of alike agent-days from which part hours are told from whole ones."""
BREAK = 0.7
"""An hour inside a run with less than this part of the usual stamps holds a break."""
LONGER = 1.3
"""A calendar this many times longer than the days seen means rotating shifts, not one pattern."""


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
    Where an agent's days rather follow one of a few patterns (rotating shifts, `rotation_of`), each
    date has the hours of its pattern. Agents whose calendar leaves out over 15 % of their stamps,
    or is much longer than the days seen, have no rows. ``rotates`` tells the agents with patterns.
    """
    monday = first - pd.Timedelta(days=first.weekday())
    shift = (first - monday).days
    number = ((stamps.normalize() - monday).days).to_numpy().astype(np.int64)
    hour = stamps.hour.to_numpy().astype(np.int64)
    inside = np.flatnonzero((number >= shift) & (number < shift + days))
    code, names = pd.factorize(agent.iloc[inside], sort=True)
    order = np.argsort(code, kind="stable")
    edges = np.searchsorted(code[order], np.arange(len(names) + 1))
    rows: list[tuple[str, pd.Timestamp, float, float, int, bool]] = []
    for k, name in enumerate(names):
        own = inside[order[edges[k] : edges[k + 1]]]
        calendar = two_rate_calendar(number[own], hour[own], shift + days)
        counts = np.zeros((shift + days, 24))
        np.add.at(counts, (number[own], hour[own]), 1.0)
        on = _rotating(calendar, counts)
        if on is None and not _fits(calendar, counts):
            continue
        rows += [
            (str(name), monday + pd.Timedelta(days=date), 60.0 * a, 60.0 * b, touches,
             on is not None)
            for date, a, b, touches in _runs(_dated(calendar, counts) if on is None else on, counts)
        ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["agent", "day", "start", "end", "touches", "rotates"])
    table["idle_start"] = table["idle_end"] = np.nan
    return table


def refined(
    table: pd.DataFrame, stamps: pd.DatetimeIndex, agent: pd.Series, spill: float = 0.0
) -> pd.DataFrame:
    """Return agent-days with part hours at the edges of a run and breaks inside it.

    Hours of a calendar are whole, shifts are not. Agent-days with the same run of hours are put
    together; the first and last hour count for the part that their stamps make of those of the
    hour next to them, and an hour inside with under 70 % of its neighbours' stamps holds a break
    of the missing length. Handlings begun before a break or the end are stamped after it:
    ``spill`` minutes (the mean handling x the share of time busy) are taken off there.
    """
    table = _usual_runs(table)
    out = table.assign(known=False)
    if table.empty:
        return out
    keys = pd.MultiIndex.from_arrays([agent.to_numpy(), stamps.normalize()])
    minute = ((stamps - stamps.normalize()) / pd.Timedelta(minutes=1)).to_numpy()
    for start, end in table[["start", "end"]].drop_duplicates().to_numpy():
        rows = ((table["start"] == start) & (table["end"] == end)).to_numpy()
        days = pd.MultiIndex.from_frame(table.loc[rows, ["agent", "day"]])
        mine = keys.isin(days) & (minute >= start) & (minute < end)
        first, last = int(start // 60), int(end // 60)
        if mine.sum() < FEW_STAMPS or last - first < 4:
            continue
        rate = np.bincount((minute[mine] // 60).astype(int), minlength=24)[first:last].astype(float)
        head, tail = min(rate[0] / rate[1], 1.0), min(rate[-1] / rate[-2], 1.0)
        out.loc[rows, "start"] = start + 60.0 * (1.0 - head)
        out.loc[rows, "end"] = max(end - 60.0 * (1.0 - tail) - spill, end - 119.0)
        part = rate[1:-1] / np.maximum(0.5 * (rate[:-2] + rate[2:]), 1e-9)
        low = int(np.argmin(part))
        if part[low] < BREAK:
            hour = start + 60.0 * (low + 1)
            out.loc[rows, "idle_start"] = max(hour + 60.0 * part[low] - spill, hour - 30.0)
            out.loc[rows, "idle_end"] = hour + 60.0
            out.loc[rows, "known"] = True
    return out


def _usual_runs(table: pd.DataFrame) -> pd.DataFrame:
    """Return agent-days with rare runs (under 2 %) moved to the closest usual one within 3 hours.

    Rare runs far from any and of two hours or less are stray hours of the mixture: left out.
    """
    if table.empty:
        return table.copy()
    runs, place, counts = np.unique(
        table[["start", "end"]].to_numpy(), axis=0, return_inverse=True, return_counts=True
    )
    usual = runs[counts >= RARE * len(table)]
    to, keep = runs.copy(), np.ones(len(runs), dtype=bool)
    for i in np.flatnonzero(counts < RARE * len(table)) if len(usual) else ():
        gap = np.abs(usual - runs[i]).sum(axis=1)
        if gap.min() <= 180.0:
            to[i] = usual[int(np.argmin(gap))]
        else:
            keep[i] = runs[i, 1] - runs[i, 0] > 120.0
    rows = place.ravel()
    out = table.assign(start=to[rows, 0], end=to[rows, 1])
    return out[keep[rows]].reset_index(drop=True)


def _dated(calendar: Calendar, counts: Array) -> Mask:
    """Return the hours on duty of every date (dates x 24) under a weekly calendar."""
    return np.asarray(calendar.on[np.arange(len(counts)) % 7])


def _rotating(calendar: Calendar, counts: Array) -> Mask | None:
    """Return the hours on duty of every date where patterns explain the days better, else None."""
    date = np.flatnonzero(counts.any(axis=1))
    active = counts[date] > 0
    found = rotation_of(active)
    if found is None or told_by_weekday(found, date % 7):
        return None
    if found.score <= weekly_score(active, calendar.on[date % 7]):
        return None
    on = np.zeros(counts.shape, dtype=bool)
    on[date] = found.on[found.pattern]
    return on if counts[on].sum() >= COVERS * counts.sum() else None


def _runs(hours: Mask, counts: Array) -> list[tuple[int, int, int, int]]:
    """Return (date, first hour, hour after the last, stamps) of the runs of hours on duty."""
    out = []
    for date in np.flatnonzero(counts.any(axis=1)):
        on = hours[date]
        if not (counts[date] > 0)[on].any():
            continue
        edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(int), [0]])))
        for a, b in zip(edges[::2], edges[1::2], strict=True):
            out.append((int(date), int(a), int(b), int(counts[date, a:b].sum())))
    return out


def _fits(calendar: Calendar, counts: Array) -> bool:
    """Return whether a calendar explains an agent's stamps without being too long for them."""
    dates = np.flatnonzero(counts.sum(axis=1) > 2)
    on = calendar.on[np.arange(len(counts)) % 7]
    if not len(dates) or counts[on].sum() < COVERS * counts.sum():
        return False
    active = counts[dates] > 0
    first, last = active.argmax(axis=1), 23 - active[:, ::-1].argmax(axis=1)
    n = counts[dates].sum(axis=1)
    seen = (last - first + 1) * (n + 1) / np.maximum(n - 1, 1)
    return bool(on[dates].sum() <= LONGER * np.minimum(seen, 12.0).sum())


def rich_enough(stamps: pd.DatetimeIndex, agent: pd.Series, weeks: float) -> NDArray[np.bool_]:
    """Return which stamps belong to agents whose calendar can be learned.

    Four weeks of history, 0.3 stamps or more in an hour on duty (taking as on duty the time
    between the first and the last stamp of a day), and stamps an hour times weeks of 4 or more.
    """
    if weeks < WEEKS:
        return np.zeros(len(agent), dtype=bool)
    hours = (stamps - stamps.normalize()) / pd.Timedelta(hours=1)
    table = pd.DataFrame({"agent": agent.to_numpy(), "day": stamps.normalize(), "at": hours})
    day = table.groupby(["agent", "day"])["at"].agg(["min", "max", "size"])
    span = (day["max"] - day["min"]).groupby("agent").sum() + day.groupby("agent").size()
    rate = day["size"].groupby("agent").sum() / span
    enough = rate[(rate >= PER_HOUR) & (rate * weeks >= EVIDENCE)]
    return agent.isin(enough.index).to_numpy(dtype=bool)


def _inside(p: float) -> float:
    return float(np.clip(p, 1e-6, 1 - 1e-6))
