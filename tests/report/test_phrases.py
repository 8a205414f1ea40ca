"""Values as people read them."""

from __future__ import annotations

import math

import pytest

from svcsim.report.phrases import Phrases
from svcsim.targets.proposal import Probability

EN, ZH = Phrases("en"), Phrases("zh")


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (600.0, "s", "10min"),
        (0.8153, "share", "81.5%"),
        (4.25, "score", "4.25"),
        (0, "count", "0"),
        (12.0, "per day", "12 per day"),
        (None, "s", "–"),
        (math.nan, "share", "–"),
    ],
)
def test_values(value, unit, shown):
    assert EN.value(value, unit) == shown


def test_a_target_says_on_which_side_it_lies():
    assert EN.target("lower", 600.0, "s") == "≤ 10min"
    assert EN.target("higher", 0.9, "share") == "≥ 90%"


def test_a_range_of_shares_keeps_one_percent_sign():
    assert EN.band(0.72, 0.83, "share") == "72–83%"
    assert EN.band(480.0, 720.0, "s") == "8min – 12min"
    assert EN.band(None, 720.0, "s") == "–"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.784, "78%"), (0.0, "0%"), (1.0, "100%"), (0.001, "<1%"), (0.999, ">99%"), (None, "–")],
)
def test_nearly_certain_is_not_called_certain(value, shown):
    assert EN.p(value) == shown


def test_a_probability_shows_its_interval_and_replications():
    chance = Probability(value=0.78, low=0.724, high=0.828, n=200)
    assert EN.p_note(chance) == "72–83%, n=200"
    assert EN.p_note(chance.model_dump()) == EN.p_note(chance)
    assert ZH.p_note(chance) == "72–83%，模拟200次"
    assert EN.p_note(0.78) == ""


def test_days_and_lengths_in_both_languages():
    assert EN.day("2026-04-06") == "6 Apr 2026"
    assert ZH.day("2026-04-06") == "2026年4月6日"
    assert EN.day("2026-Q1") == "2026-Q1"
    assert (EN.length("4 weeks"), ZH.length("4 weeks")) == ("4 weeks", "4周")
    assert (ZH.length("month"), ZH.length("3 months")) == ("月", "3个月")
    assert (EN.short_day("2026-03-09"), ZH.short_day("2026-03-09")) == ("9 Mar", "3/9")
    assert EN.short_day("2026-W12") == "W12"


def test_own_takes_the_chinese_text_only_where_there_is_one():
    both = {"why": "because", "why_zh": "因为", "needs": ("a", "b"), "needs_zh": ("甲",)}
    assert (EN.own(both, "why"), ZH.own(both, "why")) == ("because", "因为")
    assert ZH.own({"why": "because"}, "why") == "because"
    assert ZH.own_all(both, "needs") == ("a", "b")
    assert ZH.own_all({"needs": ("a",), "needs_zh": ("甲",)}, "needs") == ("甲",)
