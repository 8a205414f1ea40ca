"""The report of a baseline."""

from __future__ import annotations

import re

import pytest
import sample_tables
from test_render import outline

from svcsim.model.questions import Question, Rung, Satisfaction
from svcsim.report.baseline_report import baseline_document, render_baseline
from svcsim.report.render import to_markdown
from svcsim.text import Text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_desk_its_fit_and_its_assumptions_are_shown(lang):
    page = render_baseline(sample_tables.baseline("warn"), lang)
    text = " ".join(outline(page).text)
    assert "http" not in page
    told = {"en": ("Shifts are inferred", "two KPIs are off"),
            "zh": ("班次由每天首末一次操作推断", "两个指标偏差超过 10%")}[lang]  # fmt: skip
    for words in ("returns", "14min", "7% – 9%", "Chen Jing", "1.12", "tuned so that waits match",
                  *told):  # fmt: skip
        assert words in text
    assert ("售后台" if lang == "zh" else "h1") in text
    assert len(re.findall("<svg", page)) == 2


def test_expected_arrivals_are_level_times_profile():
    text = to_markdown(baseline_document(sample_tables.baseline()))
    assert "1,203 in an ordinary week" in text


def test_every_quantity_but_those_of_agents_is_listed_with_its_grade():
    text = to_markdown(baseline_document(sample_tables.baseline()))
    numbers = text[text.index("## Every number") :]
    assert re.search(r"staffing\.slowdown \| 1\.12 \(1\.08 – 1\.17\) \| – \| Proxy", numbers)
    assert "agents." not in numbers


@pytest.mark.parametrize(("verdict", "loose"), [("pass", False), ("fail", True), ("none", True)])
def test_only_a_failed_or_untested_baseline_is_exploratory(verdict, loose):
    assert bool(baseline_document(sample_tables.baseline(verdict)).banner) == loose


def test_rendering_twice_gives_the_same_bytes():
    baseline = sample_tables.baseline()
    assert render_baseline(baseline, "zh") == render_baseline(baseline, "zh")


def test_a_desk_without_drift_has_no_empty_heading():
    calm = sample_tables.baseline().model_copy(update={"drift": ()})
    text = to_markdown(baseline_document(calm))
    assert "Changes found" not in text
    assert "Know before you trust" in text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_questions_the_ladder_and_who_did_not_answer_are_shown(lang):
    asked = Question(
        name="roster", ask=Text("Who?", "谁在岗？"), why=Text("inferred", "由推断得来"),
        how=Text("--roster FILE", "--roster 文件"), effect=Text("waits", "等待"), size=0.8,
    )  # fmt: skip
    gone = Rung(
        name="category", what=Text("category", "类别"), present=False,
        fallback=Text("one class", "归为一类"), grade="assumed", effect=Text("no mix", "没有构成"),
    )  # fmt: skip
    scored = Satisfaction(
        kind="csat_top2", answers=300, contacts=1200, naive=0.82, value=0.80,
        interval=(0.77, 0.83), method="g-formula",
        sensitivity={"1": 0.80, "0.67": 0.75, "0.5": 0.71},
    )  # fmt: skip
    bare = sample_tables.baseline()
    more = {"questions": (asked,), "ladder": (gone,), "satisfaction": scored}
    text = to_markdown(baseline_document(bare.model_copy(update=more), lang))
    for said in (asked.ask, asked.why, asked.how, gone.fallback, gone.effect):
        assert said.in_(lang) in text
    for number in ("82%", "80%", "77%", "75%", "71%", "g-formula"):
        assert number in text
    # a baseline of an older version has none of them
    assert "77%" not in to_markdown(baseline_document(bare, lang))
