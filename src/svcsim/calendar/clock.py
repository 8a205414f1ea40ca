"""Business hours: windows by weekday, holidays, make-up days, a time zone; dated schedules.

An instant is open when its *local wall time* lies in one of the windows of its local date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

from svcsim.calendar.counting import Clock
from svcsim.calendar.layout import DAY, Layout, Window, lay_out
from svcsim.errors import Finding, InputError


@dataclass(frozen=True)
class WorkCalendar(Clock):
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

    def windows_on(self, day: date) -> Sequence[Window]:
        """Return the windows of a local date, in seconds of the day."""
        if day in self.makeup:
            return self.windows.get(self.makeup[day], ())
        return () if day in self.holidays else self.windows.get(day.weekday(), ())

    def _layout(self, start_s: float, end_s: float) -> Layout:
        """Return the layout over whole UTC days around a span."""
        return _lay_out(self, int(start_s // DAY) - 1, int(end_s // DAY) + 2)

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


@lru_cache(maxsize=32)
def _lay_out(calendar: WorkCalendar, first_day: int, last_day: int) -> Layout:
    zone = ZoneInfo(calendar.timezone)
    return lay_out(zone, calendar.windows_on, first_day, last_day)


def _merged(spans: Sequence[Window]) -> tuple[Window, ...]:
    """Return the windows in order, overlapping or touching ones joined."""
    out: list[Window] = []
    for low, high in sorted((float(a), float(b)) for a, b in spans):
        if out and low <= out[-1][1] and low < high:
            out[-1] = (out[-1][0], max(out[-1][1], high))
        else:
            out.append((low, high))
    return tuple(out)


@dataclass(frozen=True)
class Schedules(Clock):
    """Calendars in force one after the other.

    Parameters
    ----------
    parts : tuple of (float, WorkCalendar)
        Each calendar with the instant (epoch seconds) from which it is in force until the next;
        ascending. The first also covers what lies before it.

    Raises
    ------
    InputError
        Without a calendar, or when the instants do not ascend.
    """

    parts: tuple[tuple[float, WorkCalendar], ...]

    def __post_init__(self) -> None:
        since = [begin for begin, _ in self.parts]
        if not since or any(one >= other for one, other in pairwise(since)):
            raise InputError(
                Finding("calendar", "schedules out of order", "expected ascending first instants")
            )

    def _layout(self, start_s: float, end_s: float) -> Layout:
        """Return the open spans of each calendar cut to the time in which it is in force."""
        return _in_force(self, int(start_s // DAY) - 1, int(end_s // DAY) + 2)


@lru_cache(maxsize=32)
def _in_force(schedules: Schedules, first_day: int, last_day: int) -> Layout:
    changes = [first_day * DAY, *(begin for begin, _ in schedules.parts[1:]), last_day * DAY]
    spans: list[Window] = []
    for (begin, end), (_, calendar) in zip(pairwise(changes), schedules.parts, strict=True):
        low, high = max(begin, first_day * DAY), min(end, last_day * DAY)
        spans += calendar.spans(low, high) if low < high else []
    return Layout.of(spans)
