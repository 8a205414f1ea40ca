"""Local, half-open periods of a window: days, ISO weeks, months, quarters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.compiler import given
from svcsim.errors import Finding, InputError, nearest
from svcsim.metrics.compiled_reduce import run_locate

PERIODS = {"day": "D", "week": "W-MON", "month": "MS", "quarter": "QS"}
WHOLE = "all"
"""Label of the one period when a log is measured as a whole."""


@dataclass(frozen=True)
class Periods:
    """Consecutive periods ``[edges[i], edges[i+1])`` (epoch seconds) with their labels."""

    edges: NDArray[np.float64]
    labels: tuple[str, ...]

    def index(self, instants: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the period of each instant, -1 for one that is missing or outside."""
        return self.cells(instants, np.zeros(len(instants), dtype=np.int64))

    def cells(self, instants: NDArray[np.float64], group: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return group · number of periods + period of each instant, -1 outside all periods."""
        cell = np.empty(len(instants), dtype=np.int64)
        run_locate(given(self.edges, "f8"), given(instants, "f8"), given(group, "i8"), cell)
        return cell


@lru_cache(maxsize=64)
def local_periods(start: float, end: float, timezone: str, period: str) -> Periods:
    """Return every local period that overlaps ``[start, end)``; the outer ones are whole.

    Raises
    ------
    InputError
        For an unknown kind of period.
    """
    if period not in PERIODS:
        mend = nearest(period, PERIODS)
        raise InputError(
            Finding("--period", f"'{period}'", f"expected one of {', '.join(PERIODS)}", mend)
        )
    first = _local_day(start, timezone)
    last = _local_day(np.nextafter(end, -np.inf) if end > start else start, timezone)
    begins = {
        "day": first,
        "week": first - pd.Timedelta(days=first.weekday()),
        "month": first.replace(day=1),
        "quarter": first.replace(day=1, month=first.month - (first.month - 1) % 3),
    }
    days = pd.date_range(begins[period], last, freq=PERIODS[period])
    after = pd.date_range(days[-1], periods=2, freq=PERIODS[period])[1:]
    edges = pd.DatetimeIndex([*days, *after])
    return Periods(_epoch(edges, timezone), tuple(_label(d, period) for d in days))


def day_index(instants: NDArray[np.float64], timezone: str) -> NDArray[np.int64]:
    """Return the number of the local day (0 = the earliest) of each instant, -1 for NaN."""
    if not np.isfinite(instants).any():
        return np.full(len(instants), -1, dtype=np.int64)
    first, last = float(np.nanmin(instants)), float(np.nanmax(instants))
    return local_periods(first, np.nextafter(last, np.inf), timezone, "day").index(instants)


def _local_day(instant: float, timezone: str) -> pd.Timestamp:
    stamp = pd.Timestamp(instant, unit="s", tz="UTC").tz_convert(timezone)
    return stamp.tz_localize(None).normalize()


def _epoch(days: pd.DatetimeIndex, timezone: str) -> NDArray[np.float64]:
    """Return epoch seconds of local midnights; one that the clock skips moves forward."""
    first_of_two = np.ones(len(days), dtype=bool)
    local = days.tz_localize(timezone, nonexistent="shift_forward", ambiguous=first_of_two)
    return np.asarray(local.as_unit("s").asi8, dtype=np.float64)


def _label(day: pd.Timestamp, period: str) -> str:
    if period == "day":
        return day.strftime("%Y-%m-%d")
    if period == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    return day.strftime("%Y-%m") if period == "month" else f"{day.year}-Q{day.quarter}"
