"""Incidents: days and hours far from their usual, set aside from the fit and told one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calendar.days import midnight
from svcsim.calibration.days import DayTable, surprise
from svcsim.model.incident import Incident
from svcsim.model.quantity import Time

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

SPIKE = 5.0
"""Standard deviations beyond which a day or an hour is an incident."""
PART = 3.0
"""Standard deviations beyond which an hour belongs to the incident of its day or neighbour."""
LEAST_EXTRA = 10.0
"""Extra or missing cases below which an odd hour is no incident worth telling."""
FEW = 4
"""Days of a weekday from which its median tells what is usual."""
QUARTER = 900.0
BEARS = 0.1
"""Share of the extra cases that a category must bear to be named."""


@dataclass(frozen=True)
class Usual:
    """What is usual of every day and hour: medians over the days of a weekday that were kept."""

    hours: Array
    days: Array

    @classmethod
    def of(cls, table: DayTable, kept: Mask) -> Usual:
        """Return the usual counts; 0 where a weekday was kept on fewer than four days.

        Medians are not moved by the very incidents that are looked for.
        """
        hours, days = np.zeros_like(table.counts), np.zeros(len(table.dates))
        total = table.counts.sum(axis=1)
        for weekday in range(7):
            here = table.weekday == weekday
            if (here & kept).sum() >= FEW:
                hours[here] = np.median(table.counts[here & kept], axis=0)
                days[here] = np.median(total[here & kept])
        whole = table.watched.sum(axis=1) >= 23
        return cls(hours * np.minimum(table.watched, 1.0), np.where(whole, days, 0.0))


@dataclass(frozen=True)
class Found:
    """Odd days, and odd hours of usual days, with their standardised surprise."""

    days: Mask
    hours: Mask
    day_z: Array
    hour_z: Array


def find_odd(table: DayTable, kept: Mask, usual: Usual) -> Found:
    """Return which days and hours lie more than 5 standard deviations from their usual.

    Whole days first; an hour only where the day as a whole was usual. An hour beyond 3 standard
    deviations on the same side belongs to the odd hour beside it.
    """
    day_z, hour_z = np.zeros(len(kept)), np.zeros_like(table.counts)
    day_z[kept] = surprise(table.counts[kept].sum(axis=1), usual.days[kept])
    hour_z[kept] = surprise(table.counts[kept], usual.hours[kept])
    days = np.abs(day_z) > SPIKE
    hours = (np.abs(hour_z) > SPIKE) & (np.abs(table.counts - usual.hours) >= LEAST_EXTRA)
    hours &= ~days[:, None]
    while True:
        beside = np.zeros_like(hours)
        for shift in (1, -1):
            near, z = np.roll(hours, shift, axis=1), np.roll(hour_z, shift, axis=1)
            near[:, 0 if shift == 1 else -1] = False
            beside |= near & (np.abs(hour_z) > PART) & (np.sign(z) == np.sign(hour_z))
        if not (beside & ~hours).any():
            return Found(days, hours, day_z, hour_z)
        hours |= beside


def without(table: DayTable, found: Found) -> DayTable:
    """Return the table without the odd hours: not counted, and not watched either."""
    counts, watched = (np.where(found.hours, 0.0, part) for part in (table.counts, table.watched))
    return replace(table, counts=counts, watched=watched)


def incidents_of(
    table: DayTable,
    kept: Mask,
    usual: Usual,
    found: Found,
    cases: pd.DataFrame,
    timezone: str,
) -> tuple[Incident, ...]:
    """Return the incidents in order of time.

    Parameters
    ----------
    table, kept, usual, found
        Days of history, those that may be incidents, what is usual of them, and what was odd.
    cases : DataFrame
        ``opened_s`` and ``category`` of the new cases.
    timezone : str
        IANA zone of the desk.
    """
    out = []
    spans = [
        (i, *_span_of_day(found.hour_z[i], found.day_z[i]))
        for i in np.flatnonzero(found.days).tolist()
    ]
    for i in np.flatnonzero(found.hours.any(axis=1)).tolist():
        spans += [(i, *run) for run in _runs(found.hours[i])]
    for i, first, last in sorted(spans):
        like = kept & (table.weekday == table.weekday[i]) & ~found.days
        like[i] = False
        out.append(_incident(table, usual, found, cases, timezone, (i, first, last), like))
    return tuple(incident for incident in out if incident.categories)


def _span_of_day(hour_z: Array, day_z: float) -> tuple[int, int]:
    """Return the hours from the first to the last that are odd on the side of their day."""
    odd = np.flatnonzero(hour_z * np.sign(day_z) > PART)
    return (int(odd[0]), int(odd[-1]) + 1) if len(odd) else (0, 24)


def _runs(odd: Mask) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], odd.astype(int), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _incident(
    table: DayTable,
    usual: Usual,
    found: Found,
    cases: pd.DataFrame,
    timezone: str,
    span: tuple[int, int, int],
    like: Mask,
) -> Incident:
    i, first, last = span
    begin = midnight(table.dates[i].date(), timezone) + 3600.0 * first
    opened = cases["opened_s"]
    inside = cases[(opened >= begin) & (opened < begin + 3600.0 * (last - first))]
    number, mean = table.counts[i, first:last].sum(), usual.hours[i, first:last]
    expected = float(mean.sum())
    extra = float(number) - expected
    each = found.hour_z[i, first:last]
    z = found.day_z[i] if found.days[i] else each[np.argmax(np.abs(each))]
    days = [stamp.date() for stamp in table.dates[like]]
    split = _by_category(inside, cases, days, timezone, (first, last), extra)
    begins, over = _course(inside["opened_s"].to_numpy(), begin, mean)
    hour, minute = divmod(int(begins), 3600)
    return Incident(
        day=table.dates[i].date().isoformat(),
        from_hour=first,
        until_hour=last,
        n=int(number),
        expected=round(expected, 1),
        z=round(float(z), 1),
        categories=split,
        begins=f"{first + hour:02d}:{minute // 60:02d}" if extra > 0 else "",
        over=Time(value=round(over, -1)) if extra > 0 else None,
        of_day=round(float(usual.hours[i].sum()), 1),
    )


def _by_category(
    inside: pd.DataFrame,
    cases: pd.DataFrame,
    days: list[date],
    timezone: str,
    hours: tuple[int, int],
    extra: float,
) -> dict[str, float]:
    """Return the extra cases of each category that bears a tenth or more of them, largest first.

    What is usual of a category is its mean over the other days of the weekday in these hours.
    """
    opened, category = cases["opened_s"].to_numpy(), cases["category"].to_numpy()
    usual: dict[str, float] = {}
    for day in days:
        begin = midnight(day, timezone) + 3600.0 * hours[0]
        low, high = np.searchsorted(opened, [begin, begin + 3600.0 * (hours[1] - hours[0])])
        for name, count in zip(*np.unique(category[low:high], return_counts=True), strict=True):
            usual[str(name)] = usual.get(str(name), 0.0) + count / len(days)
    seen = inside["category"].value_counts()
    more = {name: float(seen.get(name, 0)) - usual.get(name, 0.0) for name in {*seen.index, *usual}}
    borne = {name: value for name, value in more.items() if value / extra >= BEARS}
    whole = sum(borne.values())
    order = sorted(borne, key=lambda name: (-borne[name] / extra, name))
    return {str(name): round(borne[name] / whole * extra, 1) for name in order}


def _course(opened: Array, begin: float, usual: Array) -> tuple[float, float]:
    """Return when after ``begin`` extra cases set in (s), and how long after it they come on mean.

    They set in with the first quarter of an hour that has 3 standard deviations more than usual.
    """
    quarters = 4 * len(usual)
    seen = np.bincount(
        np.clip(((opened - begin) // QUARTER).astype(int), 0, quarters - 1), minlength=quarters
    )
    mean = np.repeat(usual / 4, 4)
    more = seen - mean
    high = np.flatnonzero(more > PART * np.sqrt(np.maximum(mean, 1.0)))
    first = int(high[0]) if len(high) else 0
    late = np.maximum(more[first:], 0.0)
    if late.sum() <= 0:
        return 0.0, QUARTER
    delay = float((late * (np.arange(len(late)) + 0.5)).sum() / late.sum()) * QUARTER
    return first * QUARTER, max(delay, 60.0)
