"""Local days and instants."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@lru_cache(maxsize=8192)
def midnight(day: date, timezone: str) -> int:
    """Return the epoch second at which a local day begins."""
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone)).timestamp())


def local_day(epoch_s: float, timezone: str) -> date:
    """Return the local date of an instant."""
    return datetime.fromtimestamp(epoch_s, UTC).astimezone(ZoneInfo(timezone)).date()
