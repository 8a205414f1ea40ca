"""Texts to numbers: stamps in every form, zones and clock changes, durations, flags."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcsim.contacts import stamps

MARCH = pd.Timestamp("2026-03-14 09:05", tz="Asia/Shanghai").timestamp()


def texts(*values: str | None) -> pd.Series:
    return pd.Series(values, dtype="str")


def read(text: str, order: str = "ymd", zone: str = "Asia/Shanghai") -> float:
    return float(stamps.parse_times(texts(text), None, order, zone).epoch[0])


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("2026-03-14 09:05", "ymd"),
        ("2026-03-14 09:05:00", "ymd"),
        ("2026-03-14T09:05:00.999", "ymd"),
        ("2026/3/14 9:05", "ymd"),
        ("2026.3.14 9:05:00", "ymd"),
        ("2026年3月14日 9:05", "ymd"),
        ("2026年3月14日 上午9:05", "ymd"),
        ("2026/3/14 9:05 AM", "ymd"),
        ("26-3-14 9:05", "ymd"),
        ("14/03/2026 09:05", "dmy"),
        ("14.3.26 9:05", "dmy"),
        ("3/14/2026 9:05 am", "mdy"),
        ("2026-03-14 09:05", "mdy"),  # a leading year is clear whatever the order
        ("2026-03-14T01:05:00Z", "ymd"),
        ("2026-03-14 03:05+02:00", "ymd"),
        ("2026-03-13 19:05-0600", "dmy"),
    ],
)
def test_forms_of_one_instant(text: str, order: str) -> None:
    assert read(text, order) == MARCH


def test_afternoon_and_midnight() -> None:
    assert read("2026/3/14 9:05 PM") == MARCH + 12 * 3600
    assert read("2026年3月14日 下午9:05") == MARCH + 12 * 3600
    assert read("2026/3/14 12:05 AM") == MARCH - 9 * 3600
    assert read("2026/3/14 12:05 PM") == MARCH + 3 * 3600
    assert read("2026-03-14") == MARCH - 9 * 3600 - 300


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30",
        "9999-12-31 00:00",
        "1900-01-01",
        "2026-13-01 10:00",
        "2026-03-14 25:00",
        "soon",
    ],
)
def test_what_is_no_stamp(text: str) -> None:
    found = stamps.parse_times(texts(text, None), None, "ymd", "UTC")
    assert found.unreadable.tolist() == [True, False]
    assert np.isnan(found.epoch).all()


def test_stated_formats_are_tried_in_turn() -> None:
    values = texts("990101 0:00:31", "1/2/2026", "2026-03-14T09:05")
    found = stamps.parse_times(
        values, ["%y%m%d %H:%M:%S", "%d/%m/%Y", "iso"], "ymd", "Asia/Shanghai"
    )
    expected = [
        pd.Timestamp(text, tz="Asia/Shanghai").timestamp()
        for text in ("1999-01-01 00:00:31", "2026-02-01")
    ]
    assert found.epoch.tolist() == [*expected, MARCH]


def test_epochs_and_utc_ignore_the_zone() -> None:
    values = texts(str(MARCH), f"{MARCH * 1000:.0f}", "2026-03-14 01:05:00")
    for text, form in zip(values, ["epoch", "epoch_ms", "utc"], strict=True):
        found = stamps.parse_times(texts(text), [form], "ymd", "America/Lima")
        assert found.epoch.tolist() == [MARCH]
        assert not found.naive


def test_the_hour_that_comes_twice_is_read_as_the_first() -> None:
    found = stamps.parse_times(texts("2025-10-26 02:30"), None, "ymd", "Europe/Madrid")
    assert found.epoch[0] == pd.Timestamp("2025-10-26 00:30", tz="UTC").timestamp()
    assert (found.repeated, found.skipped) == (1, 0)


def test_the_hour_that_never_was_moves_forward() -> None:
    found = stamps.parse_times(texts("2025-03-30 02:30"), None, "ymd", "Europe/Madrid")
    assert found.epoch[0] == pd.Timestamp("2025-03-30 03:00", tz="Europe/Madrid").timestamp()
    assert (found.repeated, found.skipped) == (0, 1)


def test_the_next_day_keeps_the_clock_time_over_a_clock_change() -> None:
    before = pd.Timestamp("2025-03-29 12:00", tz="Europe/Madrid").timestamp()
    after = pd.Timestamp("2025-03-30 12:00", tz="Europe/Madrid").timestamp()
    assert stamps.next_day(np.array([before, np.nan]), "Europe/Madrid")[0] == after
    assert after - before == 23 * 3600


def test_evidence_for_the_date_order() -> None:
    values = texts("2026-03-14", "02/03/2026", "14/03/2026", None, "01/02/26")
    assert stamps.date_evidence(values) == {"dmy": 2, "unclear": 1}
    assert stamps.date_evidence(texts("05/05/2026", "99/99/2026", "x")) == {}
    assert stamps.date_evidence(texts("03/14/2026")) == {"mdy": 0}


@pytest.mark.parametrize(
    ("text", "unit", "seconds"),
    [
        ("1500", "ms", 1.5),
        ("90", "s", 90),
        ("1.5", "min", 90),
        ("0.5", "h", 1800),
        ("2", "d", 172800),
        ("1:02:33", "hms", 3753),
        ("26:00", "hms", 93600),
        ("-0:01:00", "hms", -60),
    ],
)
def test_durations(text: str, unit: str, seconds: float) -> None:
    values, bad = stamps.parse_durations(texts(text, None), unit)
    assert values[0] == seconds
    assert np.isnan(values[1])
    assert not bad.any()


@pytest.mark.parametrize(("text", "unit"), [("ten", "min"), ("1:02", "min"), ("90", "hms")])
def test_what_is_no_duration(text: str, unit: str) -> None:
    values, bad = stamps.parse_durations(texts(text), unit)
    assert bad.all()
    assert np.isnan(values).all()


def test_flags() -> None:
    values, bad = stamps.parse_flags(texts("Yes", "否", "1", "FALSE", "perhaps", None))
    assert values.tolist()[:4] == [1, 0, 1, 0]
    assert bad.tolist() == [False, False, False, False, True, False]
