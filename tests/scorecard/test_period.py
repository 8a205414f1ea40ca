"""Periods are local and half open."""

import pandas as pd
import pytest

from svcsim.contacts.log import ContactLog, make_log
from svcsim.errors import InputError
from svcsim.scorecard.period import (
    Period,
    choose_period,
    coverage,
    last_whole,
    parse_period,
    trailing,
)

ZONE = "Asia/Shanghai"


def at(day: str, zone: str = ZONE) -> float:
    return pd.Timestamp(day, tz=zone).timestamp()


def log_of(start: str, end: str, zone: str = ZONE) -> ContactLog:
    rows = [{"ticket_id": "1", "opened_s": at(start, zone)}]
    return make_log(rows, start=at(start, zone), end=at(end, zone), timezone=zone, name="desk")


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2026-03", "2026-03-01", "2026-04-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("2026-Q1", "2026-01-01", "2026-04-01"),
        ("2026Q4", "2026-10-01", "2027-01-01"),
        ("2026-W12", "2026-03-16", "2026-03-23"),
        ("2020-W53", "2020-12-28", "2021-01-04"),
        ("2026-03-01/2026-03-29", "2026-03-01", "2026-03-29"),
        ("2026-03-05", "2026-03-05", "2026-03-06"),
    ],
)
def test_forms_that_people_write(text: str, first: str, after: str) -> None:
    period = parse_period(text, ZONE)
    assert (period.start, period.end) == (at(first), at(after))
    assert period.label == text


@pytest.mark.parametrize(
    "text",
    ["2026-13", "2026-00", "2026-Q5", "2026-W54", "2025-W53", "March", "2026/03", "",
     "2026-03-29/2026-03-01", "2026-03-01/2026-03-01", "2026-02-30/2026-03-05"],
)  # fmt: skip
def test_what_is_not_a_period_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(InputError, match=r"2026-Q1") as caught:
        parse_period(text, ZONE)
    assert len(caught.value.findings) == 1


def test_a_month_with_a_change_of_clocks_is_an_hour_short() -> None:
    march = parse_period("2026-03", "Europe/Berlin")
    assert march.end - march.start == 31 * 86400 - 3600


def test_a_quarterly_kpi_ends_with_the_month() -> None:
    span = trailing(parse_period("2026-02", ZONE), "quarter", ZONE)
    assert (span.start, span.end) == (at("2025-12-01"), at("2026-03-01"))


def test_a_shorter_kpi_period_takes_the_whole_card_period() -> None:
    march = parse_period("2026-03", ZONE)
    assert trailing(march, "week", ZONE) == march


@pytest.mark.parametrize(
    ("length", "label"),
    [
        ("month", "2026-03"),
        ("quarter", "2026-Q1"),
        ("week", "2026-W15"),
        ("4w", "2026-03-16/2026-04-13"),
    ],
)
def test_the_last_whole_period_of_a_log(length: str, label: str) -> None:
    found = last_whole(log_of("2026-01-01", "2026-04-15"), length)
    assert found is not None
    assert found.label == label


def test_a_log_that_ends_late_on_the_last_day_holds_the_month() -> None:
    found = last_whole(log_of("2026-01-01", "2026-03-31 18:00"), "month")
    assert found is not None
    assert found.label == "2026-03"


def test_a_log_shorter_than_the_period_has_none() -> None:
    log = log_of("2026-03-10", "2026-03-20")
    assert last_whole(log, "month") is None
    assert choose_period(log, None, "month") == Period("all", log.start, log.end)


def test_coverage() -> None:
    log = log_of("2026-01-02 08:00", "2026-03-15")
    january, march = (parse_period(t, ZONE) for t in ("2026-01", "2026-03"))
    assert coverage(march, log) == "part"
    assert coverage(january, log) == "part"
    assert coverage(parse_period("2026-02", ZONE), log) == "whole"
    assert coverage(parse_period("2026-04", ZONE), log) == "none"


def test_a_period_outside_the_log_says_what_the_log_covers() -> None:
    with pytest.raises(InputError) as caught:
        choose_period(log_of("2026-01-01", "2026-04-01"), "2026-05", "month")
    text = str(caught.value)
    assert "2026-05 lies outside the log 'desk'" in text
    assert "[2026-01-01, 2026-04-01)" in text
    assert "--period 2026-03" in text
