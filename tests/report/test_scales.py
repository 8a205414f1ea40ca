"""Scales of axes and widths of texts."""

from __future__ import annotations

import math

import pytest

from svcsim.report.scales import axis_unit, breadth, cut, few, span, wrap


@pytest.mark.parametrize(
    ("unit", "values", "expected"),
    [
        ("s", [20.0, 90.0], (1.0, "s")),
        ("s", [600.0, 1200.0], (60.0, "min")),
        ("s", [3600.0, 86400.0], (3600.0, "h")),
        ("s", [864000.0], (86400.0, "d")),
        ("share", [0.9], (0.01, "%")),
        ("count", [5.0], (1.0, "")),
        ("s", [], (1.0, "s")),
    ],
)
def test_axes_take_the_unit_people_would(unit, values, expected):
    assert axis_unit(unit, values) == expected


def test_limits_leave_air_and_never_collapse():
    low, high = span([60.0, 120.0], 60.0)
    assert low < 1.0 < 2.0 < high
    for values in ([], [5.0], [0.0], [math.nan, 3.0]):
        low, high = span(values, 1.0)
        assert low < high


def test_few_keeps_at_most_so_many_and_the_first():
    assert few(range(21, 29), 4) == [21, 23, 25, 27]
    assert few([1, 2], 7) == [1, 2]


def test_a_chinese_character_is_as_wide_as_two_letters():
    assert breadth("ab首响") == 6
    assert cut("首次响应时间", 7) == "首次响…"
    assert cut("short", 10) == "short"


def test_long_names_break_at_a_blank_or_anywhere_in_chinese():
    assert wrap("returns playbook", 14) == "returns\nplaybook"
    assert wrap("退换货处理手册与培训", 10) == "退换货处理\n手册与培训"
    assert wrap("training + knowledge base", 14, 3) == "training +\nknowledge base"
    assert wrap("short", 14) == "short"
    assert wrap("one two", 3) == "one\ntwo"


def test_what_does_not_fit_the_last_line_is_cut():
    text = wrap("x" * 60, 14, 3)
    assert [breadth(line) for line in text.split("\n")] == [14, 14, 14]
    assert text.endswith("…")
