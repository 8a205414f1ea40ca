"""Special days: holidays by name, the days around them, and weekend days worked to make up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial

from svcsim.calendar.words import holiday_names, makeup_dates

BEFORE, AFTER, BRIDGE = "day-before-holiday", "day-after-holiday", "bridge-day"
CLOSED = "closed"
ONE = timedelta(days=1)
_SUBSTITUTED = re.compile(r"\(substituted from (\d\d)/(\d\d)/(\d{4})\)")
_ASIDE = re.compile(r"\s*\((observed|estimated)[^)]*\)")
MONDAY = 0


@dataclass(frozen=True)
class SpecialDays:
    """Local dates that are not like their weekday.

    Parameters
    ----------
    kinds : mapping of date to str
        Kind of day: the holiday's name (``national-day``), ``day-before-holiday``, ...
    worked : mapping of date to int
        Make-up days and the weekday (Monday 0) that they replace.
    off : frozenset of date
        Those that are holidays or closed.
    official_until : int or None
        Last year whose arrangement has been published, where it is published year by year.
    """

    kinds: Mapping[date, str] = field(default_factory=dict)
    worked: Mapping[date, int] = field(default_factory=dict)
    off: frozenset[date] = frozenset()
    official_until: int | None = None

    def with_neighbours(self) -> SpecialDays:
        """Return them with the day before and the day after each run of days off as own kinds.

        Weekend days between two days off are part of the run. A working day between a day off
        and the weekend, which many take off, is a bridge day.
        """
        kinds, off = dict(self.kinds), set(self.off)
        for day in sorted(self.off):
            gap = [day + ONE, day + 2 * ONE]
            while gap and gap[-1] + ONE not in off:
                gap.pop()
            if gap and all(d.weekday() >= 5 and d not in self.worked for d in gap):
                kinds |= {d: kinds.get(d, kinds[day]) for d in gap}
                off |= set(gap)
        for day in off:
            for step, kind in ((-ONE, BEFORE), (ONE, AFTER)):
                near = day + step
                bridge = near.weekday() < 5 <= (near + step).weekday()
                kinds.setdefault(
                    near, BRIDGE if bridge and near + step not in self.worked else kind
                )
        return SpecialDays(kinds, self.worked, frozenset(off), self.official_until)


def special_days(country: str, years: Iterable[int]) -> SpecialDays:
    """Return the public holidays of a country by name, and its make-up days.

    A day off that is made up for belongs to the nearest holiday, and the day worked instead
    behaves like the weekday of the day off. Movable holidays (lunar ones, Easter) come from the
    holiday tables.

    Raises
    ------
    InputError
        For a country that the holiday tables do not know.
    """
    wanted = tuple(years)
    names = holiday_names(country, wanted)
    named = {day: kind_of(name) for day, name in names.items() if not _SUBSTITUTED.search(name)}
    worked = dict.fromkeys(makeup_dates(country, wanted), MONDAY)
    kinds = dict(named)
    for day, name in names.items():
        found = _SUBSTITUTED.search(name)
        if found is None:
            continue
        kinds[day] = named[min(named, key=partial(_distance, day))]
        month, of_month, year = map(int, found.groups())
        if (instead := date(year, month, of_month)) in worked:
            worked[instead] = day.weekday()
    listed = makeup_dates(country, range(2001, max(wanted, default=2001) + 10))
    official = max((day.year for day in listed), default=None)
    return SpecialDays(kinds, worked, frozenset(kinds), official)


def _distance(day: date, other: date) -> tuple[timedelta, date]:
    """Return the order of other days by nearness; of two as near, the earlier."""
    return abs(other - day), other


def kind_of(name: str) -> str:
    """Return a holiday's name as the name of a kind: ``Labor Day (observed)`` -> ``labor-day``."""
    plain = _ASIDE.sub("", name).lower().replace("'", "").replace("\u2019", "")
    return re.sub(r"[^\w]+", "-", plain).strip("-")
