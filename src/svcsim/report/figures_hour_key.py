"""Key of the picture of an hour: the colour of each category and what the other looks mean."""

from __future__ import annotations

from typing import Any

from matplotlib.patches import Rectangle

from svcsim.report.scales import breadth, cut
from svcsim.report.style import AMBER, BLUE, GREEN, MUTED, PALE, PURPLE, RED, WIDE
from svcsim.report.words import Words
from svcsim.study.hour import Hour

CATEGORIES = (
    BLUE, AMBER, GREEN, PURPLE, "#56B4E9", "#8C6D31", "#332288", "#DDCC77", "#117733", "#F2A6C2",
)  # fmt: skip
"""Colours of the first categories of the desk, in its order, so that a category looks the same in
every hour and replication; the others share one grey. Red is for who gave up."""
PALE_ONES = {AMBER, "#56B4E9", "#DDCC77", "#F2A6C2"}
"""Colours on which dark letters are read better than white ones."""
OTHER = "#6f7a84"
OUT = "#e9edf0"
LEFT = 1.1
"""Inches: the left margin of the picture."""


def category_colours(hour: Hour, words: Words) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Return the key (name, colour) of the categories seen, and the colour of every category."""
    seen = {stay.category for stay in hour.stays}
    # what no list of the desk names comes last, so that it changes no colour of the others
    names = [*hour.categories, *sorted(seen - set(hour.categories))]
    colours = {
        name: CATEGORIES[i] if i < len(CATEGORIES) else OTHER for i, name in enumerate(names)
    }
    key = [
        (name or words("hour_none"), colours[name])
        for name in names[: len(CATEGORIES)]
        if name in seen
    ]
    if seen & set(names[len(CATEGORIES) :]):
        key.append((words("hour_other"), OTHER))
    return key, colours


def key_lines(
    categories: list[tuple[str, str]], hour: Hour, words: Words
) -> list[list[tuple[str, dict[str, Any]]]]:
    """Return the entries of the key in lines as wide as the picture: name and look of each."""
    looks: list[tuple[str, dict[str, Any]]] = [
        (cut(name, 24), {"fc": colour, "lw": 0}) for name, colour in categories
    ]
    if any(stay.free > stay.end for stay in hour.stays):
        after = {"fc": "white", "ec": MUTED, "hatch": "//////", "lw": 0.0}
        looks.append((words("hour_after"), after))
    free = words("hour_free") if hour.off is not None else words("hour_free_or_off")
    looks.append((free, {"fc": "white", "ec": PALE, "lw": 0.8}))
    if hour.off:
        off = {"fc": PALE, "ec": MUTED, "hatch": "xx", "lw": 0.0}
        looks.append((words("hour_off"), off))
    on = sum(shift.end - shift.start for shift in hour.shifts)
    if on < len(hour.agents) * (hour.end - hour.start):
        looks.append((words("hour_out"), {"fc": OUT, "lw": 0}))
    if hour.left:
        looks.append((words("hour_left"), {}))
    lines: list[list[tuple[str, dict[str, Any]]]] = [[]]
    room = WIDE - LEFT
    for name, look in looks:
        wide = _key_width(name)
        if room < wide:
            lines.append([])
            room = WIDE - LEFT
        lines[-1].append((name, look))
        room -= wide
    return lines


def _key_width(name: str) -> float:
    return 0.38 + 0.052 * breadth(name)


def draw_key(figure: Any, lines: list[list[tuple[str, dict[str, Any]]]], top: float) -> None:
    """Draw the key below the time axis, its first line at ``top`` inches; a cross: gave up."""
    tall = figure.get_figheight()
    for number, line in enumerate(lines):
        x, y = LEFT, top - 0.17 * number
        for name, look in line:
            if look:
                box = (x / WIDE, (y - 0.05) / tall)
                patch = Rectangle(
                    box, 0.17 / WIDE, 0.1 / tall, transform=figure.transFigure, **look
                )
                figure.add_artist(patch)
            else:
                figure.text((x + 0.085) / WIDE, y / tall, "×", size=11, color=RED,
                            ha="center", va="center")  # fmt: skip
            figure.text((x + 0.23) / WIDE, y / tall, name, size=7.5, va="center")
            x += _key_width(name)
