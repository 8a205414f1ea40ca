"""The review in a score report: sentences, pictures and tables from ``scores.json`` alone."""

from __future__ import annotations

import json

import numpy as np
import pytest
from test_render import outline

from review_desks import DAY, drawn
from svcsim.report import figures, figures_funnel
from svcsim.report.render import to_markdown
from svcsim.report.score_report import render_scores, scores_document
from svcsim.report.style import AMBER, GREEN, MUTED, RED
from svcsim.report.words import Words
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.period import Period
from svcsim.scorecard.score import score
from svcsim.scorecard.scorecard import Scorecard

EN = Words("en")
LAST = Period("third", 56 * DAY, 84 * DAY)


@pytest.fixture(scope="module")
def reviewed() -> dict:
    card = Scorecard(
        name="c", period="4w",
        kpis=(
            Kpi(metric="csat_top2", weight=0.5, target=0.8),
            Kpi(metric="aht", weight=0.5, target=600.0),
        ),
    )  # fmt: skip
    log = drawn(np.random.default_rng(1), agents=8, n=300, days=84, skill={"a04": -0.3})
    return json.loads(json.dumps(score(log, card, LAST).to_json_dict()))


@pytest.mark.parametrize(
    ("lang", "heads"),
    [
        ("en", ("What changed, and why", "Talks before consequences", "Who differs by more",
                "Over the last periods", "Skill by type", "Typical cases")),
        ("zh", ("变化与原因", "先辅导，后奖惩", "超出偶然波动", "近期走势",
                "分类型能力", "典型案例")),
    ],
)  # fmt: skip
def test_every_part_of_the_review_has_its_section(reviewed, lang, heads):
    text = " ".join(outline(render_scores(reviewed, lang)).text)
    for head in heads:
        assert head in text


def test_the_talk_names_evidence_use_and_contacts(reviewed):
    text = to_markdown(scores_document(reviewed))
    part = text[text.index("## Talks before") :].split("\n## ")[0]
    (talk,) = reviewed["review"]["coaching"]
    assert "a04" in part
    assert talk["use"] in part
    assert all(ticket in part for ticket in talk["tickets"])
    assert "Nobody is accused" in part


def test_the_use_of_each_kpi_stands_beside_its_reliability(reviewed):
    text = to_markdown(scores_document(reviewed))
    details = text[text.index("## KPI by KPI") :]
    uses = {m["use"] for u in reviewed["units"] for m in u["metrics"] if u["kind"] == "agent"}
    assert uses
    assert all(use in details for use in uses)


def test_results_without_a_review_are_still_shown(reviewed):
    old = {key: value for key, value in reviewed.items() if key != "review"}
    assert "Talks before" not in render_scores(old, "en")


def test_a_desk_without_talks_says_so(reviewed):
    quiet = {**reviewed, "review": {**reviewed["review"], "coaching": []}}
    assert "Nobody: no unit lay outside" in render_scores(quiet, "en")


def test_the_same_results_give_the_same_page(reviewed):
    assert render_scores(reviewed, "en") == render_scores(reviewed, "en")


# --- figures ---------------------------------------------------------------------------------


def test_a_funnel_shows_each_unit_in_the_colour_of_its_place():
    dots = [
        figures_funnel.Dot("in", 50, 0.8, "inside", ""),
        figures_funnel.Dot("low", 60, 0.5, "act", "worse"),
        figures_funnel.Dot("near", 70, 0.65, "watch", "worse"),
        figures_funnel.Dot("high", 80, 0.99, "act", "better"),
    ]
    curve = [[40, 0.55, 0.65, 0.92, 0.97], [90, 0.65, 0.72, 0.88, 0.92]]
    figure = figures_funnel.funnel(dots, curve, 0.8, "share", EN, target=0.85)
    axes = figure.axes[0]
    colours = [line.get_color() for line in axes.lines if line.get_marker() == "o"]
    assert colours == [MUTED, RED, AMBER, GREEN]
    named = {text.get_text() for text in axes.texts}
    assert {"low", "near", "high"} <= named
    assert "in" not in named


def test_parts_of_a_change_are_green_where_they_help():
    parts = [
        figures_funnel.Share("in all", -0.03, -0.05, -0.01),
        figures_funnel.Share("better", 0.01, 0.0, 0.02),
        figures_funnel.Share("worse", -0.04, -0.05, -0.03),
    ]
    figure = figures_funnel.change_parts(parts, "share", "higher", EN)
    widths = [bar.get_width() for bar in figure.axes[0].patches]
    assert widths == pytest.approx([-3, 1, -4])


def test_names_in_pictures_stay_text():
    dots = [figures_funnel.Dot("<b>", 50, 0.2, "act", "worse")]
    curve = [[40, 0.5, 0.6, 0.9, 0.95], [90, 0.6, 0.7, 0.88, 0.92]]
    svg = figures.svg(figures_funnel.funnel(dots, curve, 0.8, "share", EN), "x")
    assert "<b>" not in svg
    assert "&lt;b&gt;" in svg


def test_lines_of_a_kpi_share_one_scale():
    lines = [
        figures_funnel.Line("a", ((0.5, 0.9),), ("",), ("90%",)),
        figures_funnel.Line("b", ((0.70, 0.71),), ("better",), ("71%",)),
    ]
    figure = figures_funnel.trend_lines(["CSAT"], lines, EN)
    limits = {axes.get_ylim() for axes in figure.axes}
    assert len(limits) == 1
    colours = [axes.lines[0].get_color() for axes in figure.axes]
    assert colours == [MUTED, GREEN]


def test_a_gap_map_outlines_what_exceeds_noise():
    figure = figures_funnel.gap_map(
        ["a", "b"], ["x"], [[0.2], [float("nan")]], [["train"], [""]], 0.05
    )
    known, empty = figure.axes[0].patches
    assert known.get_linewidth() > empty.get_linewidth()
