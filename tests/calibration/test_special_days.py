"""Holidays in the history: factors by kind, make-up days, and days that only look like holidays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from svcsim.calendar import SpecialDays, business_hours, special_days
from svcsim.calendar.special import AFTER, BEFORE, BRIDGE
from svcsim.calibration.arrivals import ArrivalsEstimator
from svcsim.calibration.holidays import Special, special_factors
from svcsim.contacts.hours import CalendarFile, read_special_days
from svcsim.contacts.log import ContactLog, make_log
from svcsim.errors import InputError

ZONE = "Asia/Shanghai"
NAMES = np.array(["login", "billing", "delivery"])


def desk(
    daily: dict[date, float] | None = None,
    *,
    first: date = date(2024, 8, 5),
    weeks: int = 12,
    level: float = 100.0,
    seed: int = 1,
    like: dict[date, int] | None = None,
) -> ContactLog:
    """``level`` contacts a weekday and a fifth at weekends, some days times a factor."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp(first, tz=ZONE).timestamp()
    times = []
    for i in range(7 * weeks):
        day = first + timedelta(days=i)
        weekday = (like or {}).get(day, day.weekday())
        mean = level * (1.0 if weekday < 5 else 0.2) * (daily or {}).get(day, 1.0)
        times.append(start + 86400 * i + 3600 * rng.uniform(9, 18, rng.poisson(mean)))
    opened = np.sort(np.floor(np.concatenate(times)))
    rows = pd.DataFrame(
        {
            "ticket_id": [f"t{i}" for i in range(len(opened))],
            "opened_s": opened,
            "category": NAMES[rng.integers(0, 3, len(opened))],
        }
    )
    end = start + weeks * 7 * 86400
    return make_log(rows, start=start, end=end, timezone=ZONE)


def test_golden_week_of_2024_with_the_days_off_and_worked_that_were_announced():
    days = special_days("CN", [2024]).with_neighbours()
    week = [date(2024, 10, day) for day in range(1, 8)]
    assert {days.kinds[day] for day in week} == {"national-day"}  # the weekend inside it as well
    assert days.kinds[date(2024, 9, 30)] == BEFORE
    assert days.kinds[date(2024, 10, 8)] == AFTER
    # announced: 29 September (Sunday) for Friday 4 October, 12 October (Saturday) for Monday 7
    assert days.worked[date(2024, 9, 29)] == 4
    assert days.worked[date(2024, 10, 12)] == 0
    assert days.kinds[date(2024, 2, 16)] == "chinese-new-year-spring-festival"
    assert days.official_until is not None
    assert days.official_until >= 2026


def test_movable_holidays_come_from_the_tables():
    kinds = {year: special_days("CN", [year]).kinds for year in (2024, 2025)}
    name = "chinese-new-year-spring-festival"
    first = [min(day for day, kind in kinds[y].items() if kind == name) for y in (2024, 2025)]
    assert first == [date(2024, 2, 10), date(2025, 1, 29)]


def test_a_friday_between_a_holiday_and_the_weekend_is_a_bridge_day():
    days = special_days("BR", [2016]).with_neighbours()  # Tiradentes, a Thursday
    assert days.kinds[date(2016, 4, 21)] == "tiradentes-day"
    assert days.kinds[date(2016, 4, 22)] == BRIDGE
    assert date(2016, 4, 23) not in days.kinds


def test_a_factor_is_shrunk_towards_that_of_all_holidays():
    """Two kinds of holiday: seen 20 and 150 where 200 and 300 were expected; k = 30."""
    seen, expected = np.array([20.0, 150.0]), np.array([200.0, 300.0])
    days = Special(("new-year", "labour-day"), seen, expected)
    common, factors = special_factors(
        days, {"new-year", "labour-day"}, {"new-year", "labour-day"}, 0
    )
    assert common.value == pytest.approx((170 + 30) / (500 + 30))
    assert factors["new-year"].value == pytest.approx((20 + 30 * common.value) / 230)
    assert factors["labour-day"].value == pytest.approx((150 + 30 * common.value) / 330)


def test_days_around_a_holiday_are_shrunk_towards_an_ordinary_day_and_unseen_kinds_have_none():
    days = Special((BEFORE,), np.array([130.0]), np.array([100.0]))
    common, factors = special_factors(days, {BEFORE, AFTER, "new-year", "sale"}, {"new-year"}, 0)
    assert factors[BEFORE].value == pytest.approx(160 / 130)
    assert set(factors) == {BEFORE, "sale"}  # a planner's own day stays, to be set by hand
    assert factors["sale"].grade == common.grade == "assumed"


def test_factors_of_golden_week_and_of_make_up_days_are_recovered():
    week = [date(2024, 10, day) for day in range(1, 8)]
    truth = dict.fromkeys(week, 0.4) | {date(2024, 9, 30): 1.5}
    calendar = special_days("CN", range(2023, 2027)).with_neighbours()
    log = desk(truth, level=300, like=dict(calendar.worked))
    fitted = ArrivalsEstimator(calendar=calendar).fit(log)
    special = fitted.arrivals_.special
    low, high = special["national-day"].interval
    assert low <= 0.4 <= high
    assert special["national-day"].value == pytest.approx(0.4, abs=0.06)
    # 15 and 30 September and 1 January's eve are days before; only one of two was busy
    assert special[BEFORE].interval[1] > 1.2
    assert fitted.arrivals_.level.value == pytest.approx(300 * 5.4, rel=0.03)
    assert fitted.incidents_ == ()  # a worked Sunday is no spike
    fields = fitted.special_fields()
    assert fields["special_days"]["2024-10-04"] == "national-day"
    assert fields["worked"]["2024-09-29"] == "fri"
    assert "2025-10-01" in fields["special_days"]


def test_a_worked_sunday_would_be_taken_for_an_incident_without_the_calendar():
    sunday = date(2024, 9, 29)
    log = desk(level=300, like={sunday: 4})
    found = ArrivalsEstimator().fit(log).incidents_
    assert [incident.day for incident in found] == [sunday.isoformat()]


def test_without_a_calendar_days_that_look_like_holidays_are_said_and_set_aside():
    week = [date(2024, 10, day) for day in (1, 2, 3, 4, 7)]
    fitted = ArrivalsEstimator().fit(desk(dict.fromkeys(week, 0.3)))
    assert fitted.suspects_ == tuple(day.isoformat() for day in week)
    note = next(note for note in fitted.notes_ if "look like holidays" in note)
    assert "2024-10-01" in note
    assert "--calendar" in note
    assert fitted.arrivals_.level.value == pytest.approx(540, rel=0.06)
    assert fitted.incidents_ == ()


def test_a_quiet_category_alone_does_not_look_like_a_holiday():
    log = desk(level=300)
    day = date(2024, 10, 1)
    begin = pd.Timestamp(day, tz=ZONE).timestamp()
    opened, category = log.frame["opened_s"], log.frame["category"]
    gone = opened.between(begin, begin + 86400) & category.isin(["login"])
    gone |= opened.between(begin, begin + 86400) & (category == "billing") & (opened % 3 > 0)
    rows = log.frame[~gone][["ticket_id", "opened_s", "category"]]
    one_feed = make_log(rows, start=log.start, end=log.end, timezone=ZONE)
    assert ArrivalsEstimator().fit(one_feed).suspects_ in ((), (day.isoformat(),))
    only = opened.between(begin, begin + 86400) & (category == "login")
    rows = log.frame[~only][["ticket_id", "opened_s", "category"]]
    one_feed = make_log(rows, start=log.start, end=log.end, timezone=ZONE)
    assert ArrivalsEstimator().fit(one_feed).suspects_ == ()


def test_holidays_of_the_desks_own_hours_count():
    clock = business_hours("mon-fri 9:00-18:00", ZONE, "CN", [2024])
    off = [date(2024, 9, 16), *(date(2024, 10, day) for day in (1, 2, 3, 4, 7))]
    log = desk(dict.fromkeys(off, 0.3), like=dict(clock.makeup))
    fitted = ArrivalsEstimator().fit(replace(log, hours=clock))
    assert fitted.suspects_ == ()
    assert fitted.arrivals_.holiday.value < 1
    assert "2024-10-01" in fitted.special_fields()["holidays"]


def test_holidays_beyond_the_last_published_year_are_said():
    calendar = SpecialDays(
        {date(2024, 10, 1): "national-day", date(2027, 10, 1): "national-day"},
        off=frozenset([date(2024, 10, 1), date(2027, 10, 1)]),
        official_until=2026,
    )
    notes = ArrivalsEstimator(calendar=calendar).fit(desk({date(2024, 10, 1): 0.3})).notes_
    assert any("official until 2026" in note for note in notes)


def test_a_calendar_file_names_days_closes_some_and_works_others(tmp_path):
    path = tmp_path / "calendar.yaml"
    path.write_text(
        "holidays: CN\nclosed: [2024-08-15]\nworked: {2024-10-07: mon}\n"
        "days: {2024-11-11: Sale Day}\n",
        encoding="utf-8",
    )
    days = read_special_days(str(path), [2024])
    assert days.kinds[date(2024, 8, 15)] == "closed"
    assert days.kinds[date(2024, 11, 11)] == "sale-day"
    assert date(2024, 10, 7) not in days.kinds  # worked: the run of days off ends on Friday
    assert days.kinds[date(2024, 10, 5)] == AFTER
    assert days.worked[date(2024, 10, 7)] == 0
    assert days.kinds[date(2024, 8, 14)] == BEFORE


def test_a_file_of_business_hours_serves_as_calendar():
    data = {"holidays": "CN", "hours": "mon-fri 9:00-18:00"}
    days = CalendarFile.from_data(data, "hours.yaml").special_days([2024])
    assert days.kinds[date(2024, 10, 1)] == "national-day"


@pytest.mark.parametrize(
    ("source", "told"),
    [("XX", "'XX'"), ("holidays.csv", "neither a country nor a calendar file")],
)
def test_an_unknown_country_or_another_file_is_refused(source: str, told: str):
    with pytest.raises(InputError, match=told) as caught:
        read_special_days(source, [2024])
    assert caught.value.findings[0].where == "--calendar"
