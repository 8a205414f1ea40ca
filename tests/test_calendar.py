"""The business-hours clock: published values, DST, and a slow clock that looks at every minute."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendar_oracle import DESK, STARTS, open_minutes, wall_is_open
from svcsim.calendar import (
    Schedules,
    WorkCalendar,
    business_hours,
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


@settings(max_examples=40, deadline=None)
@given(
    desk=DESK, origin=st.sampled_from(STARTS), offset=st.integers(0, 2000),
    length=st.integers(0, 3000),
)  # fmt: skip
def test_equals_the_clock_that_looks_at_every_minute(
    desk: WorkCalendar, origin: int, offset: int, length: int
) -> None:
    start, end = origin + offset * 60, origin + (offset + length) * 60
    assert float(desk.open_seconds(start, end)) == 60 * open_minutes([(0.0, desk)], start, end)


INSTANTS = st.lists(st.integers(0, 5 * 86400), min_size=3, max_size=3).map(sorted)


@settings(max_examples=60, deadline=None)
@given(desk=DESK, origin=st.sampled_from(STARTS), steps=INSTANTS)
def test_open_time_adds_up_never_falls_and_never_exceeds_the_wall(
    desk: WorkCalendar, origin: int, steps: list[int]
) -> None:
    a, b, c = (origin + step for step in steps)
    first, second, whole = (float(desk.open_seconds(x, y)) for x, y in ((a, b), (b, c), (a, c)))
    assert first + second == whole
    assert 0 <= first <= whole
    assert second <= c - b
    assert float(desk.open_seconds(c, a)) == -whole


@settings(max_examples=40, deadline=None)
@given(
    desks=st.lists(DESK, min_size=1, max_size=3), origin=st.sampled_from(STARTS),
    changes=st.sets(st.integers(1, 4000), min_size=2, max_size=2).map(sorted),
    offset=st.integers(0, 2000), length=st.integers(0, 3000),
)  # fmt: skip
def test_schedules_count_each_in_its_time(
    desks: list[WorkCalendar], origin: int, changes: list[int], offset: int, length: int
) -> None:
    since = [0.0, *(origin + 60.0 * minute for minute in changes)]
    parts = list(zip(since, desks, strict=False))
    clock = Schedules(tuple(parts))
    start, end = origin + offset * 60, origin + (offset + length) * 60
    assert float(clock.open_seconds(start, end)) == 60 * open_minutes(parts, start, end)
    asked = [start + 60.0 * minute for minute in range(0, length, 97)]
    is_open = [wall_is_open([d for s, d in parts if s <= at][-1], at) for at in asked]
    assert clock.is_open(asked).tolist() == is_open


PAUSE = st.tuples(st.integers(0, 3), st.integers(-500, 4000), st.integers(0, 2000))


@settings(max_examples=40, deadline=None)
@given(
    desk=DESK, origin=st.sampled_from(STARTS), pauses=st.lists(PAUSE, max_size=9),
    spans=st.lists(
        st.tuples(st.integers(0, 1500), st.integers(0, 2500)), min_size=4, max_size=4
    ),
)  # fmt: skip
def test_pauses_count_once_and_only_inside_their_own_row(
    desk: WorkCalendar,
    origin: int,
    pauses: list[tuple[int, int, int]],
    spans: list[tuple[int, int]],
) -> None:
    start = [origin + 60 * low for low, _ in spans]
    end = [origin + 60 * (low + length) for low, length in spans]
    row = [r for r, _, _ in pauses]
    begin = [origin + 60 * low for _, low, _ in pauses]
    stop = [origin + 60 * (low + length) for _, low, length in pauses]
    found = desk.paused_open_seconds(start, end, row, begin, stop)
    for i in range(4):
        mine = [(b, s) for r, b, s in zip(row, begin, stop, strict=True) if r == i]
        assert found[i] == 60 * open_minutes([(0.0, desk)], start[i], end[i], mine)


def test_waiting_for_the_customer_stops_the_clock() -> None:
    """Opened Monday 10:00, two overlapping pauses over lunch, one that has not ended."""
    desk = weekly(OFFICE)
    opened, solved = at("2024-01-01T10:00"), at("2024-01-02T10:00")
    begin = [at("2024-01-01T11:00"), at("2024-01-01T11:30"), at("2024-01-02T09:30")]
    stop = [at("2024-01-01T14:00"), at("2024-01-01T15:00"), np.nan]
    out = desk.paused_open_seconds(
        [opened, opened, np.nan, opened], [solved, solved, solved, np.nan], [0, 0, 0], begin, stop
    )
    # of 2 + 5 + 1 open hours without 11-12, 13-15 and 9:30-10
    assert out[:2].tolist() == [(8 - 1 - 2 - 0.5) * 3600, 8 * 3600]
    assert np.isnan(out[2:]).all()
    unknown = desk.paused_open_seconds(opened, solved, [0], [np.nan], [solved])
    assert np.isnan(unknown).all()  # how long it took is not known


def test_opened_on_a_closed_day_counts_from_the_first_working_minute() -> None:
    desk = weekly(OFFICE)
    saturday, answered = at("2024-01-06T15:00"), at("2024-01-08T09:20")
    assert float(desk.open_seconds(saturday, answered)) == 20 * 60


def test_hours_in_chinese_are_the_same_hours() -> None:
    english = business_hours("mon-fri 9:00-12:00 13:00-18:30; sat,sun 10:00-14:00", "UTC")
    for text in (
        "周一至周五 9:00-12:00 13:00-18:30；周六、周日 10:00-14:00",
        "星期一 到 星期五 9：00－12：00 13点—18点半；周末 10点-14点",
        "工作日 9-12 13点-18点30分; 六,天 10:00~14:00",
    ):
        assert business_hours(text, "UTC") == english
    with pytest.raises(InputError, match="周八"):
        business_hours("周八 9:00-18:00", "UTC")


@settings(max_examples=40, deadline=None)
@given(
    desk=DESK.filter(lambda desk: bool(desk.windows)),
    origin=st.sampled_from(STARTS),
    offset=st.integers(0, 4 * 86400),
    seconds=st.integers(1, 200_000),
)
def test_adding_is_the_inverse_of_counting(
    desk: WorkCalendar, origin: int, offset: int, seconds: int
) -> None:
    start = origin + offset
    end = float(desk.add_open_seconds(start, seconds))
    assert float(desk.open_seconds(start, end)) == seconds
    assert float(desk.open_seconds(start, end - 1)) == seconds - 1


@settings(max_examples=40, deadline=None)
@given(
    desk=DESK.filter(lambda desk: bool(desk.windows)),
    origin=st.sampled_from(STARTS),
    offset=st.integers(0, 4 * 86400),
)
def test_nothing_is_open_before_the_next_open_instant(
    desk: WorkCalendar, origin: int, offset: int
) -> None:
    start = origin + offset
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
