"""A clock that looks at the wall at every minute: slow, and obviously right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from svcsim.calendar import WorkCalendar

ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe")
# around changes of the clock: 2024-03-10, 2024-03-31, 2024-04-07, 2024-10-27, 2024-11-03
STARTS = (1709942400, 1711756800, 1712361600, 1729900800, 1730505600)
SPAN = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda s: s[0] < s[1])
WEEK = st.dictionaries(st.integers(0, 6), st.lists(SPAN, max_size=3), min_size=1)
DAYS = tuple(date(2024, month, day) for month, day in ((3, 10), (3, 31), (4, 1), (4, 7), (10, 27)))
DESK = st.builds(
    lambda week, zone, closed, worked: WorkCalendar(
        {d: [(a * 60.0, b * 60.0) for a, b in spans] for d, spans in week.items()},
        zone, frozenset(closed), worked,
    ),
    WEEK, st.sampled_from(ZONES), st.sets(st.sampled_from(DAYS), max_size=3),
    st.dictionaries(st.sampled_from(DAYS), st.integers(0, 6), max_size=2),
)  # fmt: skip
"""Random weeks, zones, holidays and make-up days."""


def wall_is_open(desk: WorkCalendar, instant: float) -> bool:
    """Return whether the desk is open, by the wall clock and the rule of its windows."""
    wall = datetime.fromtimestamp(instant, ZoneInfo(desk.timezone))
    day, second = wall.date(), wall.hour * 3600 + wall.minute * 60 + wall.second
    if day in desk.makeup:
        windows = desk.windows.get(desk.makeup[day], ())
    else:
        windows = () if day in desk.holidays else desk.windows.get(day.weekday(), ())
    return any(low <= second < high for low, high in windows)


def open_minutes(
    parts: Sequence[tuple[float, WorkCalendar]],
    start: int,
    end: int,
    pauses: Sequence[tuple[int, int]] = (),
) -> int:
    """Return the open minutes of ``[start, end)`` outside every pause, minute after minute."""
    total = 0
    for instant in range(start, end, 60):
        desk = [calendar for since, calendar in parts if since <= instant][-1]
        if not any(low <= instant < high for low, high in pauses):
            total += wall_is_open(desk, instant)
    return total
