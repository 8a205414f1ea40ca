"""The clock of business hours: open seconds between instants, exact across days and DST.

An instant is open when its *local wall time* lies in one of the windows of its local date. The
calendar is laid out in UTC once for the span that is asked about; every question is then a
look-up of the cumulative open seconds, whatever the number of days between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike, NDArray

from svcsim.calendar.layout import DAY, Floats, Layout, Window, lay_out
from svcsim.errors import Finding, InputError

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
        layout = self._layout_with(
            start[known],
            2 * float(wanted[known].max()),
            lambda layout: float((layout.until(start) + wanted)[known].max()) <= layout.total,
        )
        goal = layout.until(start) + wanted
        return np.where(wanted > 0, layout.when(goal), np.where(known, start, np.nan))

    def next_open(self, instants: ArrayLike) -> Floats:
        """Return the first open instant at or after each one: itself when it is open.

        Raises
        ------
        InputError
            When the calendar does not open in the next 30 years.
        """
        at = np.asarray(instants, dtype=float)
        known = at[np.isfinite(at)]
        if not known.size:
            return np.full(at.shape, np.nan)
        last = float(known.max())
        layout = self._layout_with(
            known, 0.0, lambda layout: len(layout.ends) > 0 and layout.ends[-1] > last
        )
        span = np.searchsorted(layout.ends, at, side="right")
        opens = layout.starts[np.minimum(span, len(layout.starts) - 1)]
        return np.where(np.isfinite(at), np.maximum(at, opens), np.nan)

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

    def _layout(self, start_s: float, end_s: float) -> Layout:
        """Return the layout over whole UTC days around a span."""
        first = int(start_s // DAY) - 1
        return _lay_out(self, first, int(end_s // DAY) + 2)

    def _layout_with(
        self, instants: Floats, ahead: float, enough: Callable[[Layout], bool]
    ) -> Layout:
        """Return a layout around instants that goes on until there is ``enough`` in it."""
        ahead += 14 * DAY
        while True:
            layout = self._layout(float(instants.min()), float(instants.max()) + ahead)
            if enough(layout):
                return layout
            if ahead > _MAX_YEARS * 366 * DAY:
                raise InputError(
                    Finding("calendar", "too few open hours", "expected some opening window")
                )
            ahead *= 2

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
