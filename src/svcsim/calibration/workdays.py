"""Agent-days on shift templates: from a roster, from staffed spells, from inferred hours."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calendar.days import WEEKDAYS
from svcsim.calibration.estimator import local_time
from svcsim.calibration.offqueue import Spans
from svcsim.calibration.presence import by_local_day
from svcsim.calibration.roster import Roster
from svcsim.calibration.templates import (
    Windows,
    exact_templates,
    minute_of,
    templates_of,
    window_minutes,
)
from svcsim.contacts.log import ContactLog
from svcsim.model.staffing import RosterDay

MOST_DAYS = 8
"""Recorded days of each weekday that the roster replays, the most recent ones."""
TOLERANCE = 5
"""Minutes to which a recorded roster is rounded."""
MANY = 40
"""Distinct recorded days of windows above which they are merged into templates."""
SURELY_SOME = 7.0
"""An hour without contacts is a hole in the records where its weekday has more (P < 0.001)."""


def recorded_days(
    table: pd.DataFrame, log: ContactLog, all_dates: bool
) -> tuple[list[RosterDay], list[str]]:
    """Return recorded dates as roster days, the most recent of each weekday, and those left out.

    A date without agents on which contacts came is a closed day and is kept. Left out (unless
    ``all_dates``): days partly outside the window, and days with a hole in the records, that is an
    hour without any contact where the median day of that weekday, scaled to the contacts of the
    day, has more than seven.
    """
    opened = local_time(log.frame["opened_s"], log.timezone).tz_localize(None)
    dates = pd.DatetimeIndex(table["day"]).union(opened.normalize()).unique().sort_values()
    left_out: list[str] = []
    if not all_dates:
        dates = dates[whole_days(dates, log)]
        holes = _with_holes(opened, dates)
        left_out = [date.date().isoformat() for date in dates[holes]]
        dates = dates[~holes]
    days: list[RosterDay] = []
    for date in dates[::-1]:
        weekday = WEEKDAYS[date.weekday()]
        if sum(day.weekday == weekday for day in days) < MOST_DAYS:
            days.append(roster_day(weekday, date.date().isoformat(), table[table["day"] == date]))
    return days[::-1], left_out


def _with_holes(opened: pd.DatetimeIndex, dates: pd.DatetimeIndex) -> NDArray[np.bool_]:
    place = dates.get_indexer(opened.normalize())
    counts = np.zeros((len(dates), 24))
    np.add.at(counts, (place[place >= 0], opened.hour.to_numpy()[place >= 0]), 1.0)
    holes = np.zeros(len(dates), dtype=bool)
    for weekday in range(7):
        here = dates.day_of_week.to_numpy() == weekday
        if here.sum() >= 3:
            usual = np.median(counts[here], axis=0)
            level = np.minimum(counts[here].sum(axis=1) / max(usual.sum(), 1e-9), 1.0)
            expected = usual * level[:, None]
            holes[here] = ((counts[here] == 0) & (expected > SURELY_SOME)).any(axis=1)
    return holes


def of_roster(roster: Roster) -> tuple[pd.DataFrame, dict[str, Windows]]:
    """Return the agent-days of a planner's roster and its shifts."""
    key = ["agent", "weekday"] if roster.weekly else ["agent", "day", "weekday"]
    rows = [
        (values, _windows(list(zip(part["start"], part["end"], strict=True))))
        for values, part in roster.rows.groupby(key, sort=True)
    ]
    return _labelled(
        [dict(zip(key, values, strict=True)) for values, _ in rows], [w for _, w in rows]
    )


def of_spells(log: ContactLog) -> tuple[pd.DataFrame, dict[str, Windows]]:
    """Return the agent-days of the staffed spells of a log and their shifts."""
    assert log.staffed is not None
    spells = log.staffed.dropna(subset=["agent", "start_s", "end_s"]).copy()
    spells["touches"] = 99
    spells["idle_start_s"] = spells["idle_end_s"] = np.nan
    days = inside(by_local_day(spells, log.timezone), log)
    days = days[days["end"] - days["start"] >= TOLERANCE]
    rows, windows = [], []
    for (agent, day), part in days.groupby(["agent", "day"], sort=True):
        rows.append({"agent": agent, "day": day})
        windows.append(_windows(list(zip(part["start"], part["end"], strict=True))))
    if len(set(windows)) <= MANY:
        return _labelled(rows, windows)
    days = disjoint(days)
    templates = templates_of(days, MANY)
    days["shift"] = templates.of
    return without_overlap(days, templates.shifts), templates.shifts


def _labelled(
    rows: list[dict[str, object]], windows: list[Windows]
) -> tuple[pd.DataFrame, dict[str, Windows]]:
    templates = exact_templates(windows)
    table = pd.DataFrame(rows)
    table["start"] = [minute_of(w[0][0]) for w in windows]
    table["end"] = [minute_of(w[-1][1]) for w in windows]
    table["shift"] = templates.of
    return table, templates.shifts


def _windows(spans: list[tuple[float, float]], grid: int = TOLERANCE) -> Windows:
    """Return a day's windows rounded to ``grid`` minutes, joined where they touch."""
    joined: list[list[int]] = []
    for a, b in sorted((round(a / grid) * grid, round(b / grid) * grid) for a, b in spans):
        if joined and a <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], b)
        elif b > a:
            joined.append([int(a), int(b)])
    return tuple((f"{a // 60:02d}:{a % 60:02d}", f"{b // 60:02d}:{b % 60:02d}") for a, b in joined)


def whole_days(dates: pd.DatetimeIndex, log: ContactLog) -> NDArray[np.bool_]:
    """Return which local days lie wholly inside the window of the log."""
    edge = local_time(np.array([log.start, log.end]), log.timezone).tz_localize(None)
    return np.asarray((dates >= edge[0]) & (dates + pd.Timedelta(days=1) <= edge[1]), dtype=bool)


def inside(days: pd.DataFrame, log: ContactLog) -> pd.DataFrame:
    """Return the agent-days wholly inside the window of the log."""
    return days[whole_days(pd.DatetimeIndex(days["day"]), log)].reset_index(drop=True)


def disjoint(days: pd.DataFrame) -> pd.DataFrame:
    """Join windows of an agent's day that touch each other."""
    table = days.sort_values(["agent", "day", "start"], ignore_index=True)
    table["known"] = table["known"].eq(True) if "known" in table else False
    reach = table.groupby(["agent", "day"])["end"].cummax()
    before = reach.groupby([table["agent"], table["day"]]).shift()
    fresh = (before.isna() | (table["start"] > before)).cumsum()
    return (
        table.groupby(fresh, sort=False)
        .agg(
            agent=("agent", "first"),
            day=("day", "first"),
            start=("start", "min"),
            end=("end", "max"),
            touches=("touches", "sum"),
            idle_start=("idle_start", "first"),
            idle_end=("idle_end", "first"),
            known=("known", "first"),
        )
        .reset_index(drop=True)
    )


def without_overlap(days: pd.DataFrame, shifts: dict[str, Windows]) -> pd.DataFrame:
    """Leave out the shorter of two templates of an agent's day that overlap."""
    low = days["shift"].map({name: minute_of(w[0][0]) for name, w in shifts.items()})
    high = days["shift"].map({name: minute_of(w[-1][1]) for name, w in shifts.items()})
    length = days["shift"].map({name: window_minutes(w) for name, w in shifts.items()})
    order = np.argsort(-length.to_numpy(), kind="stable")
    taken: dict[tuple[object, object], list[tuple[float, float]]] = {}
    keep = np.ones(len(days), dtype=bool)
    agent, day = days["agent"].to_numpy(), days["day"].to_numpy()
    begin, stop = low.to_numpy(dtype=float), high.to_numpy(dtype=float)
    for i in order:
        spans = taken.setdefault((agent[i], day[i]), [])
        if any(begin[i] < b and a < stop[i] for a, b in spans):
            keep[i] = False
        else:
            spans.append((begin[i], stop[i]))
    return days[keep].reset_index(drop=True)


def roster_day(weekday: str, label: str, rows: pd.DataFrame) -> RosterDay:
    """Return a roster day of agent-days on shifts, or with the hours worked (no ``shift``)."""
    if "shift" in rows:
        on = {
            str(shift): tuple(sorted(set(part["agent"].astype(str))))
            for shift, part in rows.groupby("shift", sort=True)
        }
        return RosterDay(weekday=weekday, label=label, on=on)
    worked = {}
    for agent, part in rows.groupby("agent", sort=True):
        windows = _windows(list(zip(part["start"], part["end"], strict=True)), 1)
        if windows:
            worked[str(agent)] = " ".join(f"{a}-{b}" for a, b in windows)
    return RosterDay(weekday=weekday, label=label, worked=worked)


def rostered_spans(
    days: pd.DataFrame, shifts: dict[str, Windows], team: dict[str, str], timezone: str
) -> Spans:
    """Return the rostered windows (or hours worked) of dated agent-days as epoch seconds."""
    midnight = pd.DatetimeIndex(days["day"]).tz_localize(
        timezone, ambiguous=np.ones(len(days), dtype=bool), nonexistent="shift_forward"
    )
    base = np.asarray((midnight - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1), dtype=float)
    name = days["agent"].map(team).fillna("").to_numpy(dtype=str)
    if "shift" not in days:
        start, end = (base + 60.0 * days[edge].to_numpy(dtype=float) for edge in ("start", "end"))
        return Spans(name, start, end, days["agent"].to_numpy(dtype=str))
    agent = days["agent"].to_numpy(dtype=str)
    parts = [
        (base[i] + 60.0 * minute_of(a), base[i] + 60.0 * minute_of(b), name[i], agent[i])
        for i, shift in enumerate(days["shift"])
        for a, b in shifts[shift]
    ]
    begin, stop, names, agents = (np.array(column) for column in zip(*parts, strict=True))
    return Spans(names, begin, stop, agents)
