"""Seconds and fractions inside, durations and percent outside."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcsim.units import (
    format_duration,
    format_share,
    format_value,
    parse_duration,
    parse_share,
    spoken_duration,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90), ("10min", 600), ("2h", 7200), ("1h30min", 5400), ("3d", 259_200),
        ("1w", 604_800), ("250ms", 0.25), ("1.5 h", 5400), ("2h 30min", 9000), ("-5min", -300),
        ("0", 0), (0, 0), (0.0, 0), ("1e3s", 1000), ("5m", 300), ("45sec", 45),
    ],
)  # fmt: skip
def test_durations_as_people_write_them(text, seconds):
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    ["", "10", 10, 2.5, "h", "10 apples", "5min later", "1h30", "1.5.2h", "10minutes", True, None,
     "--5min", "1h,30min", [1]],
)  # fmt: skip
def test_what_is_not_a_duration_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="write"):
        parse_duration(text)


def test_a_bare_number_is_told_what_it_could_have_meant():
    with pytest.raises(ValueError, match="12s, 12min or 12h"):
        parse_duration(12)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (89, "89s"), (90, "1.5min"), (5399, "89.98min"), (5400, "1.5h"), (86400, "24h"),
     (172_800, "2d"), (1e9, "11574d"), (-300, "-5min"), (math.nan, "n/a"), (89.99999, "1.5min"),
     (0.25, "0.25s")],
)  # fmt: skip
def test_durations_are_shown_in_a_readable_unit(seconds, text):
    assert format_duration(seconds) == text


@given(st.floats(min_value=1e-3, max_value=1e9))
def test_what_is_shown_reads_back_and_shows_the_same(seconds):
    for digits in (3, 6):
        text = format_duration(seconds, digits)
        back = parse_duration(text)
        assert back == pytest.approx(seconds, rel=10.0 ** (1 - digits))
        assert format_duration(back, digits) == text


@pytest.mark.parametrize(
    ("text", "share"), [("85%", 0.85), ("0.85", 0.85), (1, 1.0), ("0%", 0.0), (" 12.5 % ", 0.125)]
)
def test_shares_as_people_write_them(text, share):
    assert parse_share(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["101%", "-1%", 85, "1.2", "most", "", None, "nan", "%"])
def test_what_is_not_a_share_is_refused(text):
    with pytest.raises(ValueError, match=r"85% or 0\.85"):
        parse_share(text)


@given(st.floats(min_value=0, max_value=1))
def test_shares_read_back(share):
    assert parse_share(format_share(share, 6)) == pytest.approx(share, rel=1e-5, abs=1e-300)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(5400, "s", "1.5h"), (0.8512, "share", "85.1%"), (12.34, "count", "12.3"),
     (123_456, "count", "123456"), (None, "s", "n/a"), (math.nan, "share", "n/a")],
)  # fmt: skip
def test_kpi_values_are_shown_with_their_unit(value, unit, text):
    assert format_value(value, unit) == text


@pytest.mark.parametrize(
    ("text", "zh"),
    [("5min", "5 分钟"), ("2d", "2 天"), ("-1h30min", "-1 小时 30 分钟"), ("90s", "90 秒"),
     ("85%", "85%"), ("10:00", "10:00"), ("longest_idle", "longest_idle"),
     ("5 apples", "5 apples")],
)  # fmt: skip
def test_durations_in_chinese(text, zh):
    assert (spoken_duration(text).en, spoken_duration(text).zh) == (text, zh)


def test_values_of_a_kpi_have_both_languages():
    assert format_value(1500.0, "s").zh == "25 分钟"
    assert format_value(0.5, "share").zh == "50%"
    assert format_value(None, "s").zh == "n/a"
