"""The business-hours clock: published values, DST, and a slow clock that looks at every minute."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcsim.calendar import (
    Schedules,
    WorkCalendar,
    holiday_dates,
    makeup_dates,
    weekly,
)
from svcsim.errors import InputError

OFFICE = {"mon-fri": ["9:00-12:00", "13:00-18:00"]}


def at(text: str, zone: str = "UTC") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def by_week_minutes(*spans: tuple[int, int]) -> WorkCalendar:
    """Return a UTC calendar from minutes since Sunday 00:00, cut at midnights."""
    windows: dict[int, list[tuple[float, float]]] = {}
    for low, high in spans:
        while low < high:
            day, stop = low // 1440, min(high, (low // 1440 + 1) * 1440)
            part = ((low - day * 1440) * 60.0, (stop - day * 1440) * 60.0)
            windows.setdefault((day - 1) % 7, []).append(part)
            low = stop
    return WorkCalendar(windows)


FIRST = by_week_minutes(
    (720, 1560), (2160, 3000), (3600, 4440), (5040, 5880), (6480, 7320), (7920, 8760),
    (9360, 10200),
)  # fmt: skip
SECOND = by_week_minutes((2340, 2910), (3780, 4350), (5220, 5790), (6660, 7230), (8100, 8670))


def test_first_reply_of_the_published_two_schedule_ticket() -> None:
    created = datetime(2020, 9, 29, 17, 1, 38, tzinfo=UTC).timestamp()
    changed = datetime(2020, 9, 30, 19, 1, 25, tzinfo=UTC).timestamp()
    answered = datetime(2020, 9, 30, 19, 1, 46, tzinfo=UTC).timestamp()
    every = Schedules(((0.0, FIRST), (changed, SECOND)))
    assert float(every.open_seconds(created, changed)) / 60 == pytest.approx(
        538.367 + 421.417, abs=1e-3
    )
    assert float(every.open_seconds(changed, answered)) == 21.0
    assert float(every.open_seconds(created, answered)) / 60 == pytest.approx(960.13, abs=0.005)
    last = float(SECOND.open_seconds(created, answered))  # as the vendor does
    assert last / 60 == pytest.approx(448.367 + 241.767, abs=1e-3)
    assert last / 60 == pytest.approx(690.13, abs=0.005)


def test_weekend_over_the_start_of_summer_time() -> None:
    desk = weekly({"mon-fri": ["9:00-18:00"]}, "America/New_York")
    start, end = (
        at("2024-03-09T17:30", "America/New_York"),
        at("2024-03-11T09:30", "America/New_York"),
    )
    assert (end - start) / 3600 == 39
    assert float(desk.open_seconds(start, end)) == 1800


@pytest.mark.parametrize(("day", "hours"), [("2024-03-31", 23), ("2024-10-27", 25)])
def test_a_day_open_all_day_has_the_hours_of_the_clock(day: str, hours: int) -> None:
    desk = weekly({"mon-sun": ["0:00-24:00"]}, "Europe/Berlin")
    start = at(f"{day}T00:00", "Europe/Berlin")
    end = at(str(date.fromordinal(date.fromisoformat(day).toordinal() + 1)), "Europe/Berlin")
    assert float(desk.open_seconds(start, end)) == hours * 3600
    assert float(desk.open_seconds(start, end)) == end - start


def test_lunch_night_weekend_and_holiday_do_not_count() -> None:
    desk = weekly(OFFICE, "Asia/Shanghai")
    closed = WorkCalendar(desk.windows, desk.timezone, frozenset({date(2024, 1, 1)}))
    friday, monday = at("2023-12-29T11:00", desk.timezone), at("2024-01-01T14:00", desk.timezone)
    assert float(desk.open_seconds(friday, monday)) == (1 + 5 + 3 + 1) * 3600
    assert float(closed.open_seconds(friday, monday)) == (1 + 5) * 3600


def test_a_make_up_saturday_runs_like_a_monday() -> None:
    desk = weekly(OFFICE, "Asia/Shanghai")
    saturday = date(2024, 2, 4)
    worked = WorkCalendar(desk.windows, desk.timezone, frozenset({saturday}), {saturday: 0})
    start = at("2024-02-04T00:00", desk.timezone)
    assert float(desk.open_seconds(start, start + 86400)) == 0
    assert float(worked.open_seconds(start, start + 86400)) == 8 * 3600


def test_missing_stays_missing_and_reversed_is_negative() -> None:
    desk = weekly(OFFICE)
    start = at("2024-01-02T10:00")
    out = desk.open_seconds([start, np.nan, start + 60], [start + 60, start, start])
    assert out[0] == 60
    assert np.isnan(out[1])
    assert out[2] == -60
    assert np.isnan(desk.add_open_seconds([np.nan], 5)).all()


def test_adding_open_time() -> None:
    desk = weekly(OFFICE)
    friday = at("2024-01-05T17:30")
    assert desk.add_open_seconds(friday, 3600) == at("2024-01-08T09:30")
    assert desk.add_open_seconds(friday, 1800) == at("2024-01-05T18:00")
    night = at("2024-01-05T22:00")
    assert desk.add_open_seconds(night, 0) == night
    assert desk.add_open_seconds(night, 8 * 3600 * 5) == at("2024-01-12T18:00")


def test_the_next_open_instant() -> None:
    desk = weekly(OFFICE)
    asked = ["2024-01-05T12:00", "2024-01-05T17:59", "2024-01-05T18:00", "2024-01-07T23:00"]
    opens = ["2024-01-05T13:00", "2024-01-05T17:59", "2024-01-08T09:00", "2024-01-08T09:00"]
    assert desk.next_open([at(t) for t in asked]).tolist() == [at(t) for t in opens]
    assert np.isnan(desk.next_open([np.nan])).all()


def test_is_open_is_half_open_and_spans_are_cut() -> None:
    desk = weekly(OFFICE)
    times = [f"2024-01-02T{t}" for t in ("08:59:59", "09:00", "11:59:59", "12:00", "13:00")]
    assert desk.is_open([at(t) for t in times]).tolist() == [False, True, True, False, True]
    cut = desk.spans(at("2024-01-02T11:00"), at("2024-01-02T14:00"))
    assert cut == [
        (at("2024-01-02T11:00"), at("2024-01-02T12:00")),
        (at("2024-01-02T13:00"), at("2024-01-02T14:00")),
    ]


def minute_by_minute(desk: WorkCalendar, start: int, end: int) -> int:
    """Return open minutes between two whole minutes by looking at the wall clock of each."""
    zone, total = ZoneInfo(desk.timezone), 0
    for instant in range(start, end, 60):
        wall = datetime.fromtimestamp(instant, zone)
        second = wall.hour * 3600 + wall.minute * 60
        total += any(low <= second < high for low, high in desk.windows_on(wall.date()))
    return total


ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe")
# around changes of the clock: 2024-03-10, 2024-03-31, 2024-04-07, 2024-10-27, 2024-11-03
STARTS = (1709942400, 1711756800, 1712361600, 1729900800, 1730505600)
SPAN = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda s: s[0] < s[1])
WEEK = st.dictionaries(st.integers(0, 6), st.lists(SPAN, max_size=3), min_size=1)


def desk_of(week: dict[int, list[tuple[int, int]]], zone: str) -> WorkCalendar:
    windows = {d: [(a * 60.0, b * 60.0) for a, b in spans] for d, spans in week.items()}
    return WorkCalendar(windows, zone, frozenset({date(2024, 3, 11)}), {date(2024, 11, 2): 1})


@settings(max_examples=40, deadline=None)
@given(
    week=WEEK,
    zone=st.sampled_from(ZONES),
    origin=st.sampled_from(STARTS),
    offset=st.integers(0, 2000),
    length=st.integers(0, 3000),
)
def test_equals_the_clock_that_looks_at_every_minute(
    week: dict[int, list[tuple[int, int]]], zone: str, origin: int, offset: int, length: int
) -> None:
    desk = desk_of(week, zone)
    start, end = origin + offset * 60, origin + (offset + length) * 60
    assert float(desk.open_seconds(start, end)) == 60 * minute_by_minute(desk, start, end)


@settings(max_examples=40, deadline=None)
@given(
    week=WEEK.filter(lambda w: any(w.values())),
    zone=st.sampled_from(ZONES),
    origin=st.sampled_from(STARTS),
    offset=st.integers(0, 4 * 86400),
    seconds=st.integers(1, 200_000),
)
def test_adding_is_the_inverse_of_counting(
    week: dict[int, list[tuple[int, int]]], zone: str, origin: int, offset: int, seconds: int
) -> None:
    desk, start = desk_of(week, zone), origin + offset
    end = float(desk.add_open_seconds(start, seconds))
    assert float(desk.open_seconds(start, end)) == seconds
    assert float(desk.open_seconds(start, end - 1)) == seconds - 1


@settings(max_examples=40, deadline=None)
@given(
    week=WEEK.filter(lambda w: any(w.values())),
    zone=st.sampled_from(ZONES),
    origin=st.sampled_from(STARTS),
    offset=st.integers(0, 4 * 86400),
)
def test_nothing_is_open_before_the_next_open_instant(
    week: dict[int, list[tuple[int, int]]], zone: str, origin: int, offset: int
) -> None:
    desk, start = desk_of(week, zone), origin + offset
    opens = float(desk.next_open(start))
    assert desk.is_open(opens)
    assert opens >= start
    assert float(desk.open_seconds(start, opens)) == 0
    assert opens == start or not desk.is_open(start)


def test_a_calendar_that_is_never_open_is_refused_when_it_matters() -> None:
    never = WorkCalendar({})
    assert float(never.open_seconds(0, 1e9)) == 0
    with pytest.raises(InputError, match="open hours"):
        never.add_open_seconds(0.0, 60)
    with pytest.raises(InputError, match="open hours"):
        never.next_open(0.0)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ({"mon-fry": ["9:00-18:00"]}, "mon-fry"),
        ({"mon": ["18:00-9:00"]}, "window"),
        ({"mon": ["9 to 5"]}, "9 to 5"),
    ],
)
def test_unreadable_hours_are_refused_in_words(text: dict[str, list[str]], found: str) -> None:
    with pytest.raises(InputError, match=found):
        weekly(text)


def test_unknown_zone_and_country_are_refused() -> None:
    with pytest.raises(InputError, match="Mars"):
        WorkCalendar({}, "Mars/Base")
    with pytest.raises(InputError, match="XX"):
        holiday_dates("XX", [2024])


def test_holiday_tables() -> None:
    china = holiday_dates("CN", [2024])
    assert {date(2024, 2, 10), date(2024, 10, 1)} <= china
    assert all(day.year == 2024 for day in china)
    assert date(2024, 2, 4) in makeup_dates("CN", [2024])
    assert makeup_dates("US", [2024]) == frozenset()
    assert date(2024, 3, 31) in holiday_dates("US-CA", [2024])  # Cesar Chavez Day
