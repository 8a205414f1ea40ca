"""Calendars from words and from the holiday tables of a country."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta

from svcsim.calendar.clock import WorkCalendar
from svcsim.calendar.days import WEEKDAYS
from svcsim.calendar.layout import DAY, Window
from svcsim.errors import Finding, InputError, nearest


def weekly(text: Mapping[str, Iterable[str]], timezone: str = "UTC") -> WorkCalendar:
    """Return a calendar from words: ``{"mon-fri": ["9:00-12:00", "13:00-18:00"]}``.

    Raises
    ------
    InputError
        For a day or a window that cannot be read.
    """
    windows: dict[int, list[Window]] = {}
    for days, spans in text.items():
        parsed = [_window(span) for span in spans]
        for day in _days(days):
            windows.setdefault(day, []).extend(parsed)
    return WorkCalendar(windows, timezone)


def holiday_dates(country: str, years: Iterable[int]) -> frozenset[date]:
    """Return the public holidays of a country (ISO code, ``CN`` or ``US-CA``) in some years.

    Raises
    ------
    InputError
        For a country that the holiday tables do not know.
    """
    wanted = tuple(years)
    return frozenset(day for day in _holiday_table(country, wanted) if day.year in wanted)


def makeup_dates(country: str, years: Iterable[int]) -> frozenset[date]:
    """Return weekend days that are worked to make up for a holiday (as in China)."""
    wanted = tuple(years)
    worked = getattr(_holiday_table(country, wanted), "weekend_workdays", ())
    return frozenset(day for day in worked if day.year in wanted)


def _holiday_table(country: str, years: tuple[int, ...]) -> Mapping[date, str]:
    import holidays

    code, _, part = country.partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if code not in known or (part and part not in known[code]):
        options = known if code not in known else [f"{code}-{p}" for p in known[code]]
        raise InputError(
            Finding("holidays", f"'{country}'", "expected an ISO code", nearest(country, options))
        )
    table: Mapping[date, str] = holidays.country_holidays(code, subdiv=part or None, years=years)
    return table


def _days(text: str) -> list[int]:
    first, _, last = text.strip().lower().partition("-")
    for name in (first, last or first):
        if name not in WEEKDAYS:
            raise InputError(
                Finding("calendar", f"'{text}'", f"expected {'/'.join(WEEKDAYS)} or mon-fri")
            )
    low, high = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    return [d % 7 for d in range(low, high + 1 if high >= low else high + 8)]


def _window(text: str) -> Window:
    try:
        low, high = (_second_of_day(part.strip()) for part in str(text).split("-"))
    except ValueError:
        raise InputError(
            Finding("calendar", f"'{text}'", "expected a window such as 9:00-18:00")
        ) from None
    return low, high


def _second_of_day(text: str) -> float:
    if text == "24:00":
        return DAY
    hour, _, minute = text.partition(":")
    clock = time(int(hour), int(minute or 0))
    return timedelta(hours=clock.hour, minutes=clock.minute).total_seconds()
