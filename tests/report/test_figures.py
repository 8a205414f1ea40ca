"""Figures: what is drawn is what was given."""

from __future__ import annotations

import re
import warnings

import matplotlib as mpl
import numpy as np
import pytest

from svcsim.report import figures
from svcsim.report.scales import Band, Bar, Mark, Rung
from svcsim.report.style import GREEN, RED, SERIES
from svcsim.report.words import WORDS, Words

EN, ZH = Words("en"), Words("zh")


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def lines(axes, colour: str) -> list:
    return [line for line in axes.lines if line.get_color() == colour]


@pytest.fixture
def distribution():
    rows = {"as is": [600.0, 660.0, 720.0, 780.0], "more agents": [480.0, 540.0, 600.0]}
    marks = [Mark("S1", 720.0), Mark("S2", 600.0, 1)]
    return figures.kpi_distribution(rows, "s", EN, marks=marks, observed=[630.0, 690.0, 750.0])


def test_text_stays_text_and_nothing_is_fetched(distribution):
    svg = figures.svg(distribution, "First reply")
    assert {"S1", "S2", "as is", "more agents", "observed"} <= set(texts(svg))
    assert "http" not in svg
    assert 'aria-label="First reply"' in svg


def test_the_same_figure_is_the_same_text(distribution):
    again = figures.svg(distribution, "x")
    assert figures.svg(distribution, "x") == again


def test_the_house_style_does_not_depend_on_the_callers_settings():
    def draw() -> str:
        return figures.svg(figures.score_bars([Bar("a", 70.0, 60.0, 80.0)], EN), "x")

    before = draw()
    with mpl.rc_context({"font.size": 23, "axes.grid": True, "lines.linewidth": 9}):
        assert draw() == before
        assert mpl.rcParams["font.size"] == 23


def test_names_from_outside_cannot_become_markup():
    evil = "<script>alert(1)</script>"
    svg = figures.svg(figures.score_bars([Bar(evil, 70.0, 60.0, 80.0)], EN), evil + '"')
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg


def test_a_rare_character_is_left_to_the_readers_font():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg = figures.svg(figures.score_bars([Bar("𠮷田", 70.0, 60.0, 80.0)], ZH), "x")
    assert "𠮷田" in texts(svg)


def test_no_word_of_the_reports_lacks_a_glyph_when_drawn():
    with figures.styled(), warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = figures.Figure(figsize=(4, 4))
        for text in {text for pair in WORDS.values() for text in pair}:
            figure.text(0.5, 0.5, text)
        assert figures.png(figure, dpi=40).startswith(b"\x89PNG")


def test_distribution_has_a_strip_per_scenario_and_a_ring_per_observed_period(distribution):
    axes = distribution.axes[0]
    medians = [line.get_xdata()[0] for c in SERIES[:2] for line in lines(axes, c)[1::2]]
    assert medians == [11.5, 9.0]
    rings = [line for line in axes.lines if line.get_marker() == "o" and len(line.get_xdata()) == 3]
    assert list(rings[0].get_xdata()) == [10.5, 11.5, 12.5]
    assert [float(line.get_xdata()[0]) for line in lines(axes, RED)] == [10.0, 12.0]


def test_distribution_survives_values_that_are_missing_or_all_the_same():
    figure = figures.kpi_distribution({"as is": [0.5] * 9, "b": [float("nan")]}, "share", EN)
    assert "as is" in texts(figures.svg(figure, "x"))


def test_curve_puts_the_dot_of_a_stage_on_the_curve_of_its_change():
    values = [600.0, 660.0, 720.0]
    curves = {"as is": [0.1, 0.5, 0.9], "more": [0.4, 0.8, 1.0]}
    marks = [Mark("S1", 690.0, 0), Mark("S2", 630.0, 1)]
    figure = figures.p_met_curve(values, curves, "s", EN, direction="lower", marks=marks)
    axes = figure.axes[0]
    dots = [(line.get_xdata()[0], line.get_ydata()[0]) for line in axes.lines
            if line.get_marker() == "o"]  # fmt: skip
    assert sorted(dots) == [(10.5, pytest.approx(0.6)), (11.5, pytest.approx(0.7))]
    assert texts(figures.svg(figure, "x")).count("target: at most (min)") == 1


def test_ladder_writes_every_target_and_leaves_a_dash_where_a_stage_has_none():
    columns = [("Now", "", ""), ("Stage 1", "6 Apr", "as is"), ("Stage 2", "6 Jul", "more")]
    rungs = [
        Rung("First reply", "lower is better", (700.0, 720.0, 600.0), tuple("abc"), ("", "P", "Q")),
        Rung("Satisfaction", "higher is better", (0.8, 0.8, None), ("d", "e", ""), ("", "R", "")),
    ]  # fmt: skip
    found = texts(figures.svg(figures.stage_ladder(columns, rungs), "x"))
    assert {"Stage 1", "6 Jul", "a", "b", "c", "d", "e", "P", "Q", "R"} <= set(found)
    assert found.count("–") == 1


def test_heat_map_has_a_cell_per_hour_and_writes_the_totals_of_the_days():
    profile = np.zeros((7, 24))
    profile[0, 9], profile[6, 10] = 24.0, 3.0
    figure = figures.arrivals_week(profile.tolist(), ZH)
    assert len(figure.axes[0].patches) == 168
    found = texts(figures.svg(figure, "x"))
    assert found.count("24") == 3  # the hour of the axis, the cell and the day's total
    assert "周日" in found


def test_staffing_marks_today_and_draws_a_panel_per_kpi():
    share = [(0.2, 0.15, 0.25), (0.5, 0.45, 0.55), (0.8, 0.75, 0.85)]
    medians = {"Occupancy": ("share", [0.9, 0.85, 0.8]), "Wait": ("s", [900.0, 600.0, 300.0])}
    figure = figures.staffing_curve([23, 24, 25], share, 24, medians, EN)
    assert len(figure.axes) == 3
    assert list(figure.axes[0].lines[-1].get_ydata()) == [20.0, 50.0, 80.0]
    assert list(figure.axes[2].lines[-1].get_ydata()) == [15.0, 10.0, 5.0]
    assert {"Occupancy (%)", "Wait (min)"} <= set(texts(figures.svg(figure, "x")))


def test_a_value_outside_its_band_is_a_diamond():
    bands = [Band("W1", 0.8, 0.85, 0.9, 0.86, True), Band("W2", 0.8, 0.85, 0.9, 0.95, False)]
    axes = figures.fidelity_bands({"Satisfaction": ("share", bands)}, EN).axes[0]
    shapes = [(line.get_marker(), float(line.get_ydata()[0])) for line in axes.lines]
    assert ("D", pytest.approx(95.0)) in shapes
    assert ("o", pytest.approx(86.0)) in shapes


def test_scores_keep_the_order_they_are_given_in():
    bars = [Bar("Chen", 60.0, 50.0, 70.0, "rank 2–5"), Bar("Hu", 80.0, 70.0, 85.0, "rank 1–3")]
    found = texts(figures.svg(figures.score_bars(bars, EN), "x"))
    assert found.index("Chen") < found.index("Hu")
    assert {"60.0", "rank 1–3"} <= set(found)


def test_colours_of_scenarios_repeat_rather_than_run_out():
    curves = {f"lever {i}": [0.1, 0.9] for i in range(7)}
    axes = figures.p_met_curve([1.0, 2.0], curves, "count", EN, direction="higher").axes[0]
    assert len([line for line in axes.lines if len(line.get_xdata()) == 2]) == 7
    assert len(lines(axes, GREEN)) == 1
