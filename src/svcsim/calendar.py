"""The clock of business hours: open seconds between instants, exact across days and DST.

An instant is open when its *local wall time* lies in one of the windows of its local date. The
calendar is laid out in UTC once for the span that is asked about; every question is then a
look-up of the cumulative open seconds, whatever the number of days between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike, NDArray

from svcsim.errors import Finding, InputError, nearest

Floats = NDArray[np.float64]
Window = tuple[float, float]
DAY = 86400.0
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EPOCH = date(1970, 1, 1).toordinal()
_MAX_YEARS = 30


@dataclass(frozen=True)
class WorkCalendar:
    """Opening windows by weekday, holidays and a time zone.

    Parameters
    ----------
    windows : mapping of int to sequence of (float, float)
        Weekday (Monday 0) -> half-open windows in seconds of the local day, at most 86 400;
        several a day, in any order. A weekday that is absent is closed.
    timezone : str
        IANA zone of the wall clock.
    holidays : frozenset of date
        Local dates on which the desk is closed.
    makeup : mapping of date to int
        Local dates that are worked like another weekday (make-up days); they win over holidays.
    """

    windows: Mapping[int, Sequence[Window]]
    timezone: str = "UTC"
    holidays: frozenset[date] = frozenset()
    makeup: Mapping[date, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tidy = {day: _merged(spans) for day, spans in self.windows.items() if spans}
        object.__setattr__(self, "windows", MappingProxyType(tidy))
        object.__setattr__(self, "makeup", MappingProxyType(dict(self.makeup)))
        object.__setattr__(self, "holidays", frozenset(self.holidays))
        self._check()

    def __hash__(self) -> int:
        windows = tuple(sorted((day, tuple(spans)) for day, spans in self.windows.items()))
        return hash((windows, self.timezone, self.holidays, tuple(sorted(self.makeup.items()))))

    def open_seconds(self, start_s: ArrayLike, end_s: ArrayLike) -> Floats:
        """Return the open seconds in ``[start, end)`` (epoch seconds); negative when reversed.

        Missing instants (NaN) give NaN.
        """
        start, end = np.broadcast_arrays(
            np.asarray(start_s, dtype=float), np.asarray(end_s, dtype=float)
        )
        known = np.concatenate([start[np.isfinite(start)], end[np.isfinite(end)]])
        if not known.size:
            return np.full(start.shape, np.nan)
        layout = self._layout(float(known.min()), float(known.max()))
        return layout.until(end) - layout.until(start)

    def add_open_seconds(self, start_s: ArrayLike, seconds: ArrayLike) -> Floats:
        """Return the earliest instant by which ``seconds`` open seconds have passed since start.

        Adding 0 gives the start itself, also when it lies in a closed hour.

        Raises
        ------
        InputError
            When the calendar has too few open hours in the next 30 years (is it ever open?).
        """
        start, wanted = np.broadcast_arrays(
            np.asarray(start_s, dtype=float), np.asarray(seconds, dtype=float)
        )
        known = np.isfinite(start) & np.isfinite(wanted)
        if not known.any():
            return np.full(start.shape, np.nan)
        low, high = float(start[known].min()), float(start[known].max())
        ahead = 14 * DAY + 2 * float(wanted[known].max())
        while True:
            layout = self._layout(low, high + ahead)
            goal = layout.until(start) + wanted
            if float(goal[known].max()) <= layout.total:
                break
            if ahead > _MAX_YEARS * 366 * DAY:
                raise InputError(
                    Finding("calendar", "too few open hours", "expected some opening window")
                )
            ahead *= 2
        return np.where(wanted > 0, layout.when(goal), np.where(known, start, np.nan))

    def is_open(self, instants: ArrayLike) -> NDArray[np.bool_]:
        """Return whether each instant lies in an opening window."""
        at = np.asarray(instants, dtype=float)
        known = at[np.isfinite(at)]
        if not known.size:
            return np.zeros(at.shape, dtype=bool)
        layout = self._layout(float(known.min()), float(known.max()))
        span = np.searchsorted(layout.starts, at, side="right") - 1
        inside = (span >= 0) & (span < len(layout.ends))
        return np.asarray(inside & (at < np.append(layout.ends, -np.inf)[span]), dtype=bool)

    def spans(self, start_s: float, end_s: float) -> list[Window]:
        """Return the open spans that overlap ``[start, end)``, in UTC epoch seconds."""
        layout = self._layout(start_s, end_s)
        cut = [
            (max(a, start_s), min(b, end_s))
            for a, b in zip(layout.starts.tolist(), layout.ends.tolist(), strict=True)
        ]
        return [(a, b) for a, b in cut if a < b]

    def windows_on(self, day: date) -> Sequence[Window]:
        """Return the windows of a local date, in seconds of the day."""
        if day in self.makeup:
            return self.windows.get(self.makeup[day], ())
        return () if day in self.holidays else self.windows.get(day.weekday(), ())

    def _layout(self, start_s: float, end_s: float) -> _Layout:
        """Return the layout over whole UTC days around a span."""
        first = int(start_s // DAY) - 1
        return _lay_out(self, first, int(end_s // DAY) + 2)

    def _check(self) -> None:
        findings = [
            Finding("calendar", f"weekday {day}", "expected 0 (Monday) to 6 (Sunday)")
            for day in (*self.windows, *self.makeup.values())
            if day not in range(7)
        ]
        for day, spans in self.windows.items():
            for low, high in spans:
                if not 0 <= low < high <= DAY:
                    findings.append(
                        Finding(
                            "calendar",
                            f"window {low:g}-{high:g} s on weekday {day}",
                            "expected a start before the end within one day",
                            "split a window over midnight in two",
                        )
                    )
        try:
            ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError):
            findings.append(
                Finding("calendar", f"time zone '{self.timezone}'", "expected an IANA name")
            )
        if findings:
            raise InputError(findings)


@dataclass(frozen=True)
class _Layout:
    """Open spans in UTC, ascending and disjoint, with the open seconds before each."""

    starts: Floats
    ends: Floats
    before: Floats
    total: float

    def until(self, instants: Floats) -> Floats:
        """Return the open seconds of the layout before each instant."""
        if not len(self.starts):
            return np.where(np.isnan(instants), np.nan, 0.0)
        span = np.searchsorted(self.starts, instants, side="right") - 1
        here = np.maximum(span, 0)
        inside = np.minimum(instants - self.starts[here], self.ends[here] - self.starts[here])
        return np.where(
            span < 0, np.where(np.isnan(instants), np.nan, 0.0), self.before[here] + inside
        )

    def when(self, seconds: Floats) -> Floats:
        """Return the earliest instant before which the layout has that many open seconds."""
        if not len(self.starts):
            return np.full(seconds.shape, np.nan)
        span = np.searchsorted(self.before, seconds, side="left") - 1
        here = np.maximum(span, 0)
        return np.asarray(self.starts[here] + (seconds - self.before[here]), dtype=np.float64)


@lru_cache(maxsize=32)
def _lay_out(calendar: WorkCalendar, first_day: int, last_day: int) -> _Layout:
    """Lay out the UTC days ``[first, last)`` (days since 1970).

    Between two changes of the zone's offset wall time is UTC plus a constant, so windows are
    shifted by it and cut to that stretch: hours that the clock skips or repeats come out right.
    """
    zone = ZoneInfo(calendar.timezone)
    stretches = _stretches(zone, first_day * DAY, last_day * DAY)
    starts: list[float] = []
    ends: list[float] = []
    for begin, end, offset in stretches:
        local_first = int((begin + offset) // DAY)
        local_last = int((end + offset) // DAY)
        for number in range(local_first, local_last + 1):
            midnight = number * DAY - offset
            for low, high in calendar.windows_on(date.fromordinal(_EPOCH + number)):
                a, b = max(midnight + low, begin), min(midnight + high, end)
                if a >= b:
                    continue
                if ends and ends[-1] == a:
                    ends[-1] = b
                else:
                    starts.append(a)
                    ends.append(b)
    opens, closes = np.array(starts), np.array(ends)
    lengths = closes - opens
    return _Layout(opens, closes, np.cumsum(lengths) - lengths, float(lengths.sum()))


def _stretches(zone: ZoneInfo, begin: float, end: float) -> list[tuple[float, float, float]]:
    """Return the stretches of constant UTC offset: (begin, end, offset seconds)."""
    cuts = [begin]
    days = np.arange(begin, end + DAY, DAY)
    for low, high in pairwise(days.tolist()):
        if _offset(zone, low) != _offset(zone, high):
            cuts.append(_change(zone, low, high))
    cuts.append(end)
    return [(a, b, _offset(zone, a)) for a, b in pairwise(cuts) if a < b]


def _change(zone: ZoneInfo, low: float, high: float) -> float:
    """Return the second at which the offset changes between two instants, by bisection."""
    before = _offset(zone, low)
    while high - low > 1:
        middle = float((low + high) // 2)
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high


def _offset(zone: ZoneInfo, instant: float) -> float:
    offset = datetime.fromtimestamp(instant, UTC).astimezone(zone).utcoffset()
    return offset.total_seconds() if offset is not None else 0.0


def _merged(spans: Sequence[Window]) -> tuple[Window, ...]:
    """Return the windows in order, overlapping or touching ones joined."""
    out: list[Window] = []
    for low, high in sorted((float(a), float(b)) for a, b in spans):
        if out and low <= out[-1][1] and low < high:
            out[-1] = (out[-1][0], max(out[-1][1], high))
        else:
            out.append((low, high))
    return tuple(out)


def open_seconds_in_force(
    schedules: Sequence[tuple[float, WorkCalendar]], start_s: ArrayLike, end_s: ArrayLike
) -> Floats:
    """Return open seconds when the calendar changed: each counts from its instant to the next.

    ``schedules`` are (in force from, calendar) in ascending order; the first also covers what
    lies before it.
    """
    start, end = np.asarray(start_s, dtype=float), np.asarray(end_s, dtype=float)
    changes = [-np.inf, *(since for since, _ in schedules[1:]), np.inf]
    total = np.zeros(np.broadcast(start, end).shape)
    for (low, high), (_, calendar) in zip(pairwise(changes), schedules, strict=True):
        total = total + calendar.open_seconds(np.clip(start, low, high), np.clip(end, low, high))
    return total


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
        if name not in DAYS:
            raise InputError(
                Finding("calendar", f"'{text}'", f"expected {'/'.join(DAYS)} or mon-fri")
            )
    low, high = DAYS.index(first), DAYS.index(last or first)
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
