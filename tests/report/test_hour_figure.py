"""The picture of an hour: a row per agent, a bar per contact, a panel per team."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace

import pytest
import sample_tables
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from english import english_of_page
from svcsim.report import figures
from svcsim.report.figures_hour import LANE, MOST, hour_at_the_desk
from svcsim.report.figures_hour_key import OUT, category_colours
from svcsim.report.kpi_report import render_kpis
from svcsim.report.style import AMBER, BLUE, GREEN, PURPLE, RED, standalone
from svcsim.report.words import Words
from svcsim.study.hour import Hour, Left, Stay, Stretch

EN, ZH = Words("en"), Words("zh")
T = 1740963600.0
"""Monday 2025-03-03 09:00 in Shanghai."""


def small() -> Hour:
    return Hour(
        replication=1, start=T, end=T + 3600, timezone="Asia/Shanghai",
        agents=[("陈静", "L1"), ("Bo", "L2")],
        stays=[Stay("陈静", "C0-1", "报修", T, T + 1500, T + 1800),
               Stay("Bo", "C1-1", "returns", T + 60, T + 90, T + 90)],
        shifts=[Stretch("陈静", T, T + 1200), Stretch("Bo", T, T + 3600)],
        off=[Stretch("Bo", T + 100, T + 700)],
        queues={"L1": [(T, 0), (T + 100, 3), (T + 160, 2)], "L2": [(T, 1)]},
        left=[Left("L1", T + 160, 3)], arrived=4, taken=2, unknown=0,
        categories=["报修", "returns", "billing"],
    )  # fmt: skip


def texts(svg: str) -> set[str]:
    return set(re.findall(r"<text[^>]*>([^<]*)</text>", svg))


def bars(axes, colour: str) -> list[tuple[float, float]]:
    found = [p for p in axes.patches if isinstance(p, Rectangle)]
    return [
        (p.get_x() - T, p.get_x() - T + p.get_width())
        for p in found
        if to_hex(p.get_facecolor()) == colour.lower()
    ]


def test_every_contact_is_a_bar_in_the_colour_of_its_category():
    *_, below = hour_at_the_desk(small(), EN).axes
    assert bars(below, BLUE) == [(0, 1500)]
    assert bars(below, AMBER) == [(60, 90)]
    assert bars(below, OUT) == [(0, 3600)]  # the ground; shifts lie on it in white
    white = bars(below, "#ffffff")
    assert {(0, 1200), (0, 3600), (1500, 1800)} == set(white)


def test_contacts_at_once_lie_above_each_other_in_a_taller_band():
    """Bo has three chats; in the minute in which two overlap neither covers the other."""
    chats = [
        Stay("Bo", "C2-1", "returns", T, T + 600, T + 600),
        Stay("Bo", "C3-1", "returns", T + 540, T + 1200, T + 1200),
        Stay("Bo", "C4-1", "returns", T + 1800, T + 2400, T + 2400),
    ]
    hour = replace(small(), stays=[small().stays[0], *chats], off=[])
    *_, below = hour_at_the_desk(hour, EN).axes
    found = {
        round(p.get_x() - T): (p.get_y(), p.get_y() + p.get_height())
        for p in below.patches
        if to_hex(p.get_facecolor()) == AMBER.lower()
    }
    (top, low), (high, bottom), alone = found[0], found[540], found[1800]
    assert low < high
    assert alone == pytest.approx((top, bottom))
    assert below.get_ylim() == (1 + 2 * LANE, 0)
    said = "Bars above each other: contacts of one agent at once"
    assert any(text.startswith(said) for text in texts(figures.svg(hour_at_the_desk(hour, EN), "")))
    alone = hour_at_the_desk(small(), EN)
    assert not any(text.startswith(said) for text in texts(figures.svg(alone, "")))


def test_a_category_has_its_colour_whatever_else_appears():
    """An hour with billing alone: the colour is that of the third category of the desk."""
    stays = [Stay("Bo", "C5-1", "billing", T, T + 60, T + 60)]
    key, colours = category_colours(replace(small(), stays=stays), EN)
    assert key == [("billing", GREEN)]
    _, all_of_them = category_colours(small(), EN)
    assert all_of_them == colours == {"报修": BLUE, "returns": AMBER, "billing": GREEN}


def test_a_contact_without_category_takes_no_colour_from_another():
    stays = [Stay("Bo", "C5-1", "", T, T + 60, T + 60), small().stays[1]]
    key, _ = category_colours(replace(small(), stays=stays), EN)
    assert key == [("returns", AMBER), ("no category", PURPLE)]


def test_a_queue_is_drawn_per_team_with_a_cross_where_a_customer_left():
    figure = hour_at_the_desk(small(), EN)
    assert len(figure.axes) == 3
    below_first, first = figure.axes[0], figure.axes[1]  # the last team stands lowest
    (steps,) = [line for line in first.lines if line.get_marker() == "None"]
    assert [(x - T, y) for x, y in zip(*steps.get_data(), strict=True)] == [
        (0, 0), (100, 3), (160, 2), (3600, 2),
    ]  # fmt: skip
    (cross,) = [line for line in first.lines if line.get_marker() == "x"]
    assert (cross.get_xdata()[0] - T, cross.get_ydata()[0]) == (160, 3)
    assert cross.get_color() == RED
    assert not [line for line in below_first.lines if line.get_marker() == "x"]
    assert first.get_ylim() == below_first.get_ylim()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (EN, {"Mon 2025-03-03, 09:00 to 10:00", "off the queue", "gave up", "free", "09:05"}),
        (ZH, {"周一 2025-03-03，09:00 至 10:00", "离队", "放弃", "空闲", "后续工作", "09:05"}),
    ],
)
def test_it_says_when_who_and_what(words, said):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg = figures.svg(hour_at_the_desk(small(), words), "x")
        assert figures.png(hour_at_the_desk(small(), words), dpi=40).startswith(b"\x89PNG")
    assert said | {"陈静", "Bo", "C0-1", "报修", "L1", "L2"} <= texts(svg)
    assert "C1-1" not in texts(svg)  # its bar is too narrow


def test_what_is_not_known_is_said():
    hour = replace(small(), off=None, unknown=3, left=[])
    found = texts(figures.svg(hour_at_the_desk(hour, EN), "x"))
    assert "free (or off the queue)" in found
    assert "gave up" not in found
    assert any(text.startswith("3 of the contacts taken") for text in found)


def test_many_agents_and_categories_and_an_empty_desk():
    names = [f"p{i:02d}" for i in range(MOST + 5)]
    many = replace(
        small(),
        agents=[(name, "L1") for name in names],
        stays=[
            Stay(n, "C", f"c{i % 12:02d}", T, T + 10 + i, T + 10 + i) for i, n in enumerate(names)
        ],
        shifts=[],
    )
    found = texts(figures.svg(hour_at_the_desk(many, EN), "x"))
    assert {"and 5 more agents", "other categories", "p64"} <= found
    assert "p00" not in found
    none = replace(small(), agents=[], stays=[], shifts=[], off=[], queues={}, left=[])
    assert figures.png(hour_at_the_desk(none, EN), dpi=40).startswith(b"\x89PNG")


def test_the_file_of_its_own_is_the_picture_of_the_page():
    svg = figures.svg(hour_at_the_desk(small(), EN), "an hour")
    alone = standalone(svg)
    assert alone.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert alone.count("http") == 1
    assert texts(alone) == texts(svg)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_shows_it_and_names_the_trace(lang):
    summary, table = sample_tables.simulation()
    page = render_kpis(summary, table, lang, small())
    assert len(re.findall("<svg", page)) == table["metric"].nunique() + 1
    assert ("trace.zh.txt" if lang == "zh" else "trace.txt") in page
    assert "http" not in page
    if lang == "zh":
        left = [text for text in english_of_page(page) if text not in str(summary["changes"])]
        assert left == []
