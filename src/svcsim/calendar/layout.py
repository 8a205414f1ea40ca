"""Opening windows laid out in UTC: the open spans of some days, whatever the clock does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Window = tuple[float, float]
WindowsOn = Callable[[date], Sequence[Window]]
"""Local date -> its windows in seconds of the day, ascending and disjoint."""
DAY = 86400.0
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Layout:
    """Open spans in UTC, ascending and disjoint, with the open seconds before each."""

    starts: Floats
    ends: Floats
    before: Floats
    total: float

    @classmethod
    def of(cls, spans: Sequence[Window]) -> Layout:
        """Return the layout of open spans, ascending and disjoint; touching ones are joined."""
        both = np.array(spans, dtype=float).reshape(-1, 2)
        apart = both[1:, 0] != both[:-1, 1]
        starts = both[np.concatenate([[True], apart])[: len(both)], 0]
        ends = both[np.concatenate([apart, [True]])[: len(both)], 1]
        lengths = ends - starts
        return cls(starts, ends, np.cumsum(lengths) - lengths, float(lengths.sum()))

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


def lay_out(zone: ZoneInfo, windows_on: WindowsOn, first_day: int, last_day: int) -> Layout:
    """Lay out the UTC days ``[first, last)`` (days since 1970).

    Between two changes of the zone's offset wall time is UTC plus a constant, so windows are
    shifted by it and cut to that stretch: hours that the clock skips or repeats come out right.
    """
    stretches = _stretches(zone, first_day * DAY, last_day * DAY)
    spans: list[Window] = []
    for begin, end, offset in stretches:
        local_first = int((begin + offset) // DAY)
        local_last = int((end + offset) // DAY)
        for number in range(local_first, local_last + 1):
            midnight = number * DAY - offset
            for low, high in windows_on(date.fromordinal(_EPOCH + number)):
                a, b = max(midnight + low, begin), min(midnight + high, end)
                if a < b:
                    spans.append((a, b))
    return Layout.of(spans)


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
