"""A desk's business hours as a file: hours in words, schedules by date, holidays, own days.

Example
-------
.. code-block:: yaml

    timezone: Asia/Shanghai
    holidays: CN
    closed: [2026-05-06]
    worked: {2026-05-09: mon}
    schedules:
      - hours: 周一至周五 9:00-12:00 13:00-18:00
      - valid_from: 2026-04-01
        hours: mon-fri 8:00-20:00; sat 10:00-14:00
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import field_validator, model_validator

from svcsim.calendar import (
    Clock,
    Schedules,
    SpecialDays,
    WorkCalendar,
    business_hours,
    holiday_dates,
    special_days,
    weekly,
)
from svcsim.calendar.special import CLOSED, kind_of
from svcsim.errors import Finding, InputError, ProblemsError
from svcsim.spec import Spec


class Schedule(Spec):
    """Hours in words, and from when they hold."""

    hours: str
    """Days and windows: ``mon-fri 9:00-12:00 13:00-18:00; sat 10:00-14:00``."""
    valid_from: str = ""
    """Local day or instant (``2026-04-01``, ``2026-04-01 19:00``) from which they hold."""

    @field_validator("hours")
    @classmethod
    def _readable(cls, text: str) -> str:
        _said(lambda: business_hours(text, "UTC"))
        return text

    @field_validator("valid_from", mode="before")
    @classmethod
    def _instant(cls, text: Any) -> str:
        try:
            return datetime.fromisoformat(str(text)).isoformat(sep=" ")
        except ValueError:
            message = f"'{text}' is not a day; write 2026-04-01, or 2026-04-01 19:00"
            raise ValueError(message) from None


class CalendarFile(Spec):
    """The holidays and special days of a desk, with or without its business hours."""

    timezone: str = ""
    """IANA zone of the wall clock; default: the log's."""
    holidays: str = ""
    """Country whose public holidays are closed (``CN``, ``US-CA``), make-up days worked."""
    closed: tuple[str, ...] = ()
    """Further local days on which the desk is closed."""
    worked: dict[str, str] = {}
    """Local days that are worked like a weekday: ``{2026-05-09: mon}``; they win over all else."""
    days: dict[str, str] = {}
    """Local days that are special to demand, with the name of their kind:
    ``{2026-11-11: sale, 2026-06-18: sale}``."""
    hours: str = ""
    """Days and windows, where they never changed. Give this or ``schedules``."""
    schedules: tuple[Schedule, ...] = ()
    """Schedules in force one after the other; the first also covers what lies before the second."""

    @field_validator("timezone")
    @classmethod
    def _zone(cls, name: str) -> str:
        _said(lambda: WorkCalendar({}, name or "UTC"))
        return name

    @field_validator("holidays")
    @classmethod
    def _country(cls, code: str) -> str:
        if code:
            _said(lambda: holiday_dates(code, [2024]))
        return code

    @field_validator("hours")
    @classmethod
    def _readable(cls, text: str) -> str:
        _said(lambda: business_hours(text, "UTC"))
        return text

    @field_validator("closed", mode="before")
    @classmethod
    def _days(cls, days: Any) -> Any:
        listed = isinstance(days, Iterable) and not isinstance(days, (str, Mapping))
        return tuple(_day(day).isoformat() for day in days) if listed else days

    @field_validator("worked", mode="before")
    @classmethod
    def _worked(cls, days: Any) -> Any:
        if not isinstance(days, Mapping):
            return days
        for weekday in days.values():
            _said(lambda weekday=weekday: weekly({str(weekday): ["0:00-24:00"]}))
        return {_day(day).isoformat(): str(weekday) for day, weekday in days.items()}

    @field_validator("days", mode="before")
    @classmethod
    def _kinds(cls, days: Any) -> Any:
        if not isinstance(days, Mapping):
            return days
        return {_day(day).isoformat(): kind_of(str(kind)) for day, kind in days.items()}

    def special_days(self, years: Iterable[int]) -> SpecialDays:
        """Return the special days; those named here win over the country's holidays."""
        wanted = tuple(years)
        country = special_days(self.holidays, wanted) if self.holidays else SpecialDays()
        closed = {date.fromisoformat(day) for day in self.closed}
        worked = {date.fromisoformat(day): _weekday(like) for day, like in self.worked.items()}
        named = {date.fromisoformat(day): kind for day, kind in self.days.items()}
        whole = replace(
            country,
            kinds={day: k for day, k in country.kinds.items() if day not in worked}
            | {day: country.kinds.get(day, CLOSED) for day in closed},
            worked={d: like for d, like in country.worked.items() if d not in closed} | worked,
            off=(country.off | closed) - set(worked),
        ).with_neighbours()
        return replace(whole, kinds={**whole.kinds, **named})


class HoursFile(CalendarFile):
    """The business hours of a desk."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        mistakes = []
        if bool(self.hours) == bool(self.schedules):
            mistakes.append("hours: expected these or schedules, one of the two")
        mistakes += [
            f"schedules (entry {number + 1}): every schedule after the first needs valid_from"
            for number, schedule in enumerate(self.schedules)
            if number and not schedule.valid_from
        ]
        dated = [s.valid_from for s in self.schedules[1:] if s.valid_from]
        if any(one >= other for one, other in pairwise(dated)):
            mistakes.append("schedules: expected valid_from to ascend from entry to entry")
        mistakes += [
            f"worked: {day} is also closed; keep one of the two"
            for day in self.closed
            if day in self.worked
        ]
        if mistakes:
            raise ProblemsError(mistakes)
        return self

    def clock(self, timezone: str, years: Iterable[int]) -> Clock:
        """Return the clock; ``timezone`` where the file has none, holidays of ``years``."""
        zone, wanted = self.timezone or timezone, tuple(years)
        if self.hours:
            return self._calendar(self.hours, zone, wanted)
        return Schedules(
            tuple(
                (_epoch(schedule.valid_from, zone), self._calendar(schedule.hours, zone, wanted))
                for schedule in self.schedules
            )
        )

    def _calendar(self, hours: str, zone: str, years: tuple[int, ...]) -> WorkCalendar:
        plain = business_hours(hours, zone, self.holidays or None, years)
        closed = frozenset(date.fromisoformat(day) for day in self.closed)
        makeup = {day: like for day, like in plain.makeup.items() if day not in closed}
        for day, weekday in self.worked.items():
            makeup[date.fromisoformat(day)] = _weekday(weekday)
        return replace(plain, holidays=plain.holidays | closed, makeup=makeup)


def _epoch(text: str, zone: str) -> float:
    """Return the instant of a local day or time; a first schedule without one is always older."""
    if not text:
        return float("-inf")
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def read_special_days(source: str, years: Iterable[int]) -> SpecialDays:
    """Return the special days of a country (``CN``, ``US-CA``) or of a calendar file (YAML).

    A file of business hours serves as well.

    Raises
    ------
    InputError
        For a file or a country that cannot be read.
    """
    if source.endswith((".yaml", ".yml")):
        return CalendarFile.from_yaml(source).special_days(years)
    if "." in source or "/" in source:
        found = f"{source} is neither a country nor a calendar file"
        expected = "expected an ISO code (CN, US-CA) or a .yaml file"
        raise InputError(Finding("--calendar", found, expected, "see docs/hours.md"))
    try:
        return special_days(source, years).with_neighbours()
    except InputError as error:
        raise InputError([replace(f, where="--calendar") for f in error.findings]) from None


def _weekday(text: str) -> int:
    """Return the number of one weekday in words, Monday 0."""
    return next(iter(weekly({text: ["0:00-24:00"]}).windows))


def _day(text: Any) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        message = f"'{text}' is not a day; write for example 2026-05-09"
        raise ValueError(message) from None


def _said(make: Any) -> None:
    """Make something, its findings turned into the plain message of a file."""
    try:
        make()
    except InputError as error:
        found = error.findings[0]
        text = "; ".join(part for part in (found.found, found.expected, found.mend) if part)
        raise ValueError(text) from None
