"""Scoring periods: local, half open, as people write them (2026-03, 2026-Q1, 2026-W12)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd

from svcsim.contacts.log import ContactLog, show_day
from svcsim.errors import Finding, InputError

Length = Literal["week", "4w", "month", "quarter"]
LENGTHS: tuple[str, ...] = get_args(Length)
"""From the shortest to the longest."""
SLACK = 86400.0
"""A log may begin or end up to a day inside a period and still cover it (first call at 08:00)."""
FORMS = "2026-03, 2026-Q1, 2026-W12 or 2026-03-01/2026-03-29 (the last day is not included)"

_STEP = {
    "week": pd.DateOffset(weeks=1),
    "4w": pd.DateOffset(weeks=4),
    "month": pd.DateOffset(months=1),
    "quarter": pd.DateOffset(months=3),
}


@dataclass(frozen=True)
class Period:
    """A half-open span ``[start, end)`` in UTC epoch seconds with the name people gave it."""

    label: str
    start: float
    end: float

    def to_json_dict(self, timezone: str) -> dict[str, str]:
        """Return label, first local day and the local day on which it ended (not included)."""
        return {
            "label": self.label,
            "start": show_day(self.start, timezone),
            "end": show_day(self.end, timezone),
        }


def parse_period(text: str, timezone: str, where: str = "--period") -> Period:
    """Return the period that ``text`` names in the desk's local time.

    Raises
    ------
    InputError
        When the text is none of the known forms or its end is not after its start.
    """
    raw = str(text).strip()
    try:
        first, last = _days(raw)
    except ValueError as error:
        raise InputError(
            Finding(where, f"'{text}' is not a period: {error}", f"write {FORMS}")
        ) from None
    return Period(raw, _epoch(first, timezone), _epoch(last, timezone))


def trailing(period: Period, length: str, timezone: str) -> Period:
    """Return the last ``length`` that ends with ``period``, or ``period`` if that is longer."""
    end = _local(period.end, timezone)
    start = _epoch(end - _STEP[length], timezone)
    if start >= period.start:
        return period
    return Period(f"{length} to {period.label}", start, period.end)


def previous(period: Period, timezone: str) -> Period:
    """Return the period of the same length that ends where ``period`` starts.

    Whole calendar months stay whole months (February before March); others have as many days.
    """
    first, last = _local(period.start, timezone), _local(period.end, timezone)
    months = 12 * (last.year - first.year) + last.month - first.month
    whole = months > 0 and all(at.day == 1 and at == at.normalize() for at in (first, last))
    start = first - (pd.DateOffset(months=months) if whole else last - first)
    return Period(_named(start, first), _epoch(start, timezone), period.start)


def last_whole(log: ContactLog, length: str) -> Period | None:
    """Return the last week, 4 weeks, month or quarter that the log covers whole, if any."""
    end = _local(log.end + SLACK, log.timezone).normalize()
    if length in ("week", "4w"):
        end -= pd.DateOffset(days=end.weekday())
    elif length == "month":
        end = end.replace(day=1)
    else:
        end = end.replace(month=3 * ((end.month - 1) // 3) + 1, day=1)
    start = end - _STEP[length]
    span = Period(
        _label(start, end, length), _epoch(start, log.timezone), _epoch(end, log.timezone)
    )
    return span if span.start + SLACK >= log.start else None


def periods_before(period: Period, log: ContactLog, most: int) -> tuple[Period, ...]:
    """Return up to ``most`` periods of the same length before ``period``, the oldest first.

    Only periods that the log covers whole are returned; the first gap ends the walk.
    """
    found = [period]
    while len(found) <= most:
        before = previous(found[-1], log.timezone)
        if coverage(before, log) != "whole":
            break
        found.append(before)
    return tuple(reversed(found[1:]))


def coverage(period: Period, log: ContactLog) -> Literal["whole", "part", "none"]:
    """Tell how much of the period lies inside the log's window of opening times."""
    if period.end <= log.start or period.start >= log.end:
        return "none"
    whole = log.start <= period.start + SLACK and period.end <= log.end + SLACK
    return "whole" if whole else "part"


def choose_period(log: ContactLog, period: str | Period | None, length: str) -> Period:
    """Return the period to score: as asked, else the last whole one, else the whole log.

    Raises
    ------
    InputError
        When the period asked for lies outside the log.
    """
    if period is None:
        whole = Period("all", log.start, log.end)
        return last_whole(log, length) or whole
    chosen = period if isinstance(period, Period) else parse_period(period, log.timezone)
    if coverage(chosen, log) == "none":
        inside = last_whole(log, length)
        raise InputError(
            Finding(
                "--period",
                f"{chosen.label} lies outside the log '{log.name}'",
                f"the log covers [{show_day(log.start, log.timezone)}, "
                f"{show_day(log.end, log.timezone)})",
                f"for example --period {inside.label}" if inside else "choose a period inside it",
            )
        )
    return chosen


def _days(raw: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first local day and the local day after the last."""
    if match := re.fullmatch(r"(\d{4})-(\d{2})", raw):
        month = pd.Timestamp(int(match[1]), int(match[2]), 1)
        return month, month + _STEP["month"]
    if match := re.fullmatch(r"(\d{4})-?[Qq]([1-4])", raw):
        quarter = pd.Timestamp(int(match[1]), 3 * int(match[2]) - 2, 1)
        return quarter, quarter + _STEP["quarter"]
    if match := re.fullmatch(r"(\d{4})-?[Ww](\d{2})", raw):
        week = pd.Timestamp.fromisocalendar(int(match[1]), int(match[2]), 1)
        return week, week + _STEP["week"]
    if match := re.fullmatch(r"(\d{4}-\d{2}-\d{2})/(\d{4}-\d{2}-\d{2})", raw):
        first, last = pd.Timestamp(match[1]), pd.Timestamp(match[2])
        if last <= first:
            message = "its end is not after its start"
            raise ValueError(message)
        return first, last
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", raw):
        day = pd.Timestamp(raw)
        return day, day + pd.DateOffset(days=1)
    message = "unknown form"
    raise ValueError(message)


def _label(start: pd.Timestamp, end: pd.Timestamp, length: str) -> str:
    if length == "week":
        return start.strftime("%G-W%V")
    if length == "month":
        return start.strftime("%Y-%m")
    if length == "quarter":
        return f"{start.year}-Q{(start.month + 2) // 3}"
    return f"{start:%Y-%m-%d}/{end:%Y-%m-%d}"


def _named(start: pd.Timestamp, end: pd.Timestamp) -> str:
    """Return the shortest form in which people write a span of local days."""
    if end == start + _STEP["month"] and start.day == 1:
        return _label(start, end, "month")
    if end == start + _STEP["quarter"] and start.day == 1 and start.month % 3 == 1:
        return _label(start, end, "quarter")
    if end == start + _STEP["week"] and start.weekday() == 0:
        return _label(start, end, "week")
    return _label(start, end, "4w")


def _local(epoch_s: float, timezone: str) -> pd.Timestamp:
    return pd.Timestamp(epoch_s, unit="s", tz="UTC").tz_convert(timezone).tz_localize(None)


def _epoch(day: pd.Timestamp, timezone: str) -> float:
    stamp = day.tz_localize(timezone, nonexistent="shift_forward", ambiguous=True)
    return float(stamp.timestamp())
