"""Calendars from words and from the holiday tables of a country."""

from __future__ import annotations

import re
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
        for day in _days(_plain(days)):
            windows.setdefault(day, []).extend(parsed)
    return WorkCalendar(windows, timezone)


def business_hours(
    text: str, timezone: str, country: str | None = None, years: Iterable[int] = ()
) -> WorkCalendar:
    """Return a calendar from one line: ``mon-fri 9:00-12:00 13:00-18:00; sat 10:00-14:00``.

    Chinese reads as well: ``周一至周五 9:00-18:00；周六 10点-14点``.

    With a country its public holidays of ``years`` are closed, and weekend days worked to make up
    for one have Monday's hours.

    Raises
    ------
    InputError
        For a day, a window or a country that cannot be read, or hours that are never open.
    """
    parts = [part.split() for part in _plain(text).split(";") if part.strip()]
    if not parts or any(len(part) < 2 for part in parts):
        raise InputError(
            Finding("calendar", f"'{text}'", "expected days and windows, a semicolon between parts",
                    "write for example: mon-fri 9:00-12:00 13:00-18:00; sat 10:00-14:00")
        )  # fmt: skip
    plain = weekly({days: spans for days, *spans in parts}, timezone)
    if country is None:
        return plain
    wanted = tuple(years)
    makeup = dict.fromkeys(makeup_dates(country, wanted), 0)
    return WorkCalendar(plain.windows, timezone, holiday_dates(country, wanted), makeup)


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


def holiday_names(country: str, years: Iterable[int]) -> dict[date, str]:
    """Return the public holidays of a country with their names, in English where there are any.

    A day off for which a weekend day is worked has the name ``Day off (substituted from
    04/28/2024)``, with the day worked.
    """
    wanted = tuple(years)
    plain = _holiday_table(country, wanted)
    english = "en_US" in getattr(plain, "supported_languages", ())
    table = _holiday_table(country, wanted, "en_US") if english else plain
    return {day: table[day] for day in sorted(table) if day.year in wanted}


def _holiday_table(
    country: str, years: tuple[int, ...], language: str | None = None
) -> Mapping[date, str]:
    import holidays

    code, _, part = country.partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if code not in known or (part and part not in known[code]):
        options = known if code not in known else [f"{code}-{p}" for p in known[code]]
        raise InputError(
            Finding("holidays", f"'{country}'", "expected an ISO code", nearest(country, options))
        )
    table: Mapping[date, str] = holidays.country_holidays(
        code, subdiv=part or None, years=years, language=language
    )
    return table


def _days(text: str) -> list[int]:
    """Return the weekdays of ``mon``, ``mon-fri``, ``mon,wed``, ``daily``, 周一至周五."""
    found: list[int] = []
    for part in re.split("[,、，]", text.strip().lower()):
        if part in _GROUPS:
            found += _GROUPS[part]
            continue
        first, _, last = part.partition("-")
        low, high = (_weekday(name, text) for name in (first, last or first))
        found += [d % 7 for d in range(low, high + 1 if high >= low else high + 8)]
    return found


def _weekday(name: str, text: str) -> int:
    if name[:3] in WEEKDAYS and name in _ENGLISH[WEEKDAYS.index(name[:3])]:
        return WEEKDAYS.index(name[:3])
    chinese = _CHINESE_DAY.fullmatch(name)
    if chinese is not None:
        return min("一二三四五六日天".index(chinese[1]), 6)
    expected = f"expected {'/'.join(WEEKDAYS)}, mon-fri, mon,wed, daily, or 周一至周五、周六"
    raise InputError(Finding("calendar", f"'{text}'", expected))


def _window(text: str) -> Window:
    try:
        low, high = (_second_of_day(part.strip()) for part in _plain(str(text)).split("-"))
    except ValueError:
        raise InputError(
            Finding("calendar", f"'{text}'", "expected a window such as 9:00-18:00")
        ) from None
    if low >= high:
        raise InputError(
            Finding(
                "calendar", f"'{text}'", "expected the start before the end, within one day",
                "split a window over midnight in two",
            )
        )  # fmt: skip
    return low, high


def _second_of_day(text: str) -> float:
    text = re.sub("^([0-9]+)点(半|[0-9]+分?)?$", _oclock, text)
    if text in ("24:00", "24"):
        return DAY
    hour, _, minute = text.partition(":")
    clock = time(int(hour), int(minute or 0))
    return timedelta(hours=clock.hour, minutes=clock.minute).total_seconds()


def _oclock(match: re.Match[str]) -> str:
    minute = (match[2] or "0").rstrip("分")
    return f"{match[1]}:{'30' if minute == '半' else minute}"


def _plain(text: str) -> str:
    """Return hours with plain signs: one hyphen for 至, 到, ~ and dashes, no blanks around it."""
    plain = text.translate(_SIGNS)
    return re.sub(r"\s*-\s*", "-", plain)


_SIGNS = str.maketrans("：；，至到~～–—－", ":;,-------")
_CHINESE_DAY = re.compile("(?:周|星期|礼拜)?([一二三四五六日天])")
_ENGLISH = (
    ("mon", "monday"), ("tue", "tues", "tuesday"), ("wed", "wednesday"),
    ("thu", "thur", "thurs", "thursday"), ("fri", "friday"), ("sat", "saturday"),
    ("sun", "sunday"),
)  # fmt: skip
_GROUPS = {
    **dict.fromkeys(("daily", "每天", "每日", "全周"), range(7)),
    **dict.fromkeys(("weekdays", "工作日"), range(5)),
    **dict.fromkeys(("weekend", "周末"), range(5, 7)),
}
