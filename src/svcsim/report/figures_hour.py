"""Picture of an hour at the desk: who waited (above) and what each agent did (below)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from svcsim.report.figures import styled
from svcsim.report.scales import breadth, cut
from svcsim.report.style import AMBER, BLUE, GREEN, GRID, INK, MUTED, PALE, PURPLE, RED, WIDE
from svcsim.report.words import Words
from svcsim.study.hour import Hour, Stay

CATEGORIES = (BLUE, AMBER, GREEN, PURPLE, "#56B4E9", "#8C6D31")
"""Colours of the categories with most work; the others share one grey. Red is for who gave up."""
PALE_ONES = {AMBER, "#56B4E9"}
"""Colours on which dark letters are read better than white ones."""
OTHER = "#6f7a84"
OUT = "#e9edf0"
MOST = 60
"""Agents that are drawn; who worked least is left out first."""
ROW, LEFT, RIGHT, HEAD, QUEUE, GAP = 0.175, 1.1, 0.5, 0.36, 0.6, 0.12
"""Inches: an agent, margins, title, the queue panel of a team and the space below it."""


def hour_at_the_desk(hour: Hour, words: Words) -> Figure:
    """Above the queue of each team, below a row per agent with a bar for each contact."""
    with styled():
        agents = _drawn(hour)
        keys, colours = _colours(hour, words)
        lines = _key_lines(keys, hour, words)
        body = ROW * max(len(agents), 1)
        foot = 0.34 + 0.17 * len(lines) + 0.15 * len(_remarks(hour, agents, words))
        step = QUEUE + GAP
        tall = HEAD + step * len(hour.queues) + body + foot
        figure = Figure(figsize=(WIDE, tall))
        wide = (WIDE - LEFT - RIGHT) / WIDE
        _title(figure, hour, words, tall)
        panels = []
        for number, team in enumerate(reversed(hour.queues)):
            bottom = (foot + body + GAP + step * number) / tall
            panels.append(figure.add_axes((LEFT / WIDE, bottom, wide, QUEUE / tall)))
            _queue(panels[-1], hour, team, words)
        below = figure.add_axes((LEFT / WIDE, foot / tall, wide, body / tall))
        _rows(below, hour, agents, colours)
        _time_axis(panels, below, hour)
        _key(figure, lines, foot - 0.36)
        for number, remark in enumerate(reversed(_remarks(hour, agents, words))):
            figure.text(LEFT / WIDE, (0.05 + 0.15 * number) / tall, remark, size=7, color=MUTED)
    return figure


def _drawn(hour: Hour) -> list[tuple[str, str]]:
    """Return the agents to draw: all, or of very many those who worked most."""
    busy: Counter[str] = Counter()
    for stay in hour.stays:
        busy[stay.agent] += int(stay.free - stay.start)
    most = sorted(hour.agents, key=lambda pair: (-busy[pair[0]], pair))[:MOST]
    return [pair for pair in hour.agents if pair in set(most)]


def _remarks(hour: Hour, agents: list[tuple[str, str]], words: Words) -> list[str]:
    """Return what the picture leaves out."""
    hidden = len(hour.agents) - len(agents)
    more = [words("hour_more", n=hidden)] if hidden else []
    return more + ([words("hour_unknown", n=hour.unknown)] if hour.unknown else [])


def _colours(hour: Hour, words: Words) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Return the key (name, colour) and the colour of each category, most work first."""
    work: Counter[str] = Counter()
    for stay in hour.stays:
        work[stay.category] += int(stay.free - stay.start) + 1
    names = sorted(work, key=lambda name: (-work[name], name))
    colours = {
        name: CATEGORIES[i] if i < len(CATEGORIES) else OTHER for i, name in enumerate(names)
    }
    key = [(name or words("hour_none"), colours[name]) for name in names[: len(CATEGORIES)]]
    if len(names) > len(CATEGORIES):
        key.append((words("hour_other"), OTHER))
    return key, colours


def _clock(hour: Hour, epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, ZoneInfo(hour.timezone))


def hour_span(hour: Hour, words: Words) -> dict[str, str]:
    """Return the day and the times of a span as its title says them."""
    start, end = _clock(hour, hour.start), _clock(hour, hour.end)
    day = f"{words('weekdays').split()[start.weekday()]} {start:%Y-%m-%d}"
    return {"day": day, "start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}


def _title(figure: Any, hour: Hour, words: Words, tall: float) -> None:
    y = 1 - 0.14 / tall
    title = words("hour_title", **hour_span(hour, words))
    figure.text(LEFT / WIDE, y, title, size=9.5, va="center")
    counts = words(
        "hour_counts", n=hour.replication, arrived=hour.arrived, taken=hour.taken,
        left=len(hour.left),
    )  # fmt: skip
    figure.text(1 - RIGHT / WIDE, y, counts, size=8, va="center", ha="right", color=MUTED)


def _queue(axes: Any, hour: Hour, team: str, words: Words) -> None:
    """Draw how many wait for a team as steps, with a cross where a customer gave up.

    All teams share one scale, so that heights compare.
    """
    steps = hour.queues[team]
    top = max([2, *(n for each in hour.queues.values() for _, n in each)])
    edges = [*(time for time, _ in steps), hour.end]
    counts = [n for _, n in steps]
    axes.stairs(counts, edges, fill=True, color=PALE, lw=0, zorder=1.5)
    axes.step(edges, [*counts, counts[-1]], where="post", color=INK, lw=1.1, zorder=3)
    size = 5.0 if len(hour.left) <= 15 else 3.5
    for left in hour.left:
        if left.team == team:
            look = {"color": RED, "ms": size, "mew": size / 3, "clip_on": False, "zorder": 5}
            axes.plot(left.time, left.waiting, "x", **look)
    axes.set(ylim=(0, top * 1.1))
    axes.locator_params(axis="y", nbins=3, integer=True)
    axes.grid(axis="y", color=GRID, lw=0.6)
    axes.spines["left"].set_visible(False)
    place = axes.transAxes
    axes.text(1.008, 0.5, cut(team, 8), transform=place, va="center", size=7.5)
    axes.text(-0.05, 0.5, words("hour_waiting"), transform=place, ha="right", va="center",
              size=7.5, color=MUTED)  # fmt: skip


def _rows(axes: Any, hour: Hour, agents: list[tuple[str, str]], colours: dict[str, str]) -> None:
    """Draw a row per agent: grey ground off shift, white on it, a bar for each contact."""
    row = {name: i for i, (name, _) in enumerate(agents)}
    axes.set(ylim=(max(len(agents), 1), 0), yticks=[], xlim=(hour.start, hour.end))
    axes.spines["left"].set_visible(False)
    length = hour.end - hour.start
    axes.add_patch(Rectangle((hour.start, 0), length, len(agents), fc=OUT, lw=0, zorder=0))
    for shift in hour.shifts:
        if shift.agent in row:
            _bar(axes, row[shift.agent], shift.start, shift.end, fc="white", lw=0, zorder=1)
    for off in hour.off or ():
        if off.agent in row:
            _bar(axes, row[off.agent], off.start, off.end, fc=PALE, ec=MUTED, hatch="xx", lw=0)
    for stay in hour.stays:
        if stay.agent in row:
            _stay(axes, row[stay.agent], stay, colours[stay.category], length)
    place = axes.get_yaxis_transform()
    for number, (name, team) in enumerate(agents):
        axes.text(-0.008, number + 0.5, cut(name, 16), transform=place, ha="right",
                  va="center_baseline", size=7)  # fmt: skip
        if number == 0 or agents[number - 1][1] != team:
            axes.plot([hour.start, hour.end], [number, number], color=MUTED, lw=0.8, zorder=4)
            axes.text(1.008, number + 0.5, cut(team, 8), transform=place, va="center_baseline",
                      size=7.5)  # fmt: skip


def _stay(axes: Any, row: int, stay: Stay, colour: str, length: float) -> None:
    """Draw the contact, then hatched what it took after the customer was gone; its id if it fits.

    A letter is about 0.055 inches wide.
    """
    if stay.end > stay.start:
        _bar(axes, row, stay.start, stay.end, fc=colour, ec="white", lw=0.5)
    if stay.free > stay.end:
        _bar(axes, row, stay.end, stay.free, fc="white", ec=colour, hatch="//////", lw=0.0)
    inches = (stay.end - stay.start) / length * (WIDE - LEFT - RIGHT)
    if inches > 0.055 * breadth(stay.ticket) + 0.05:
        ink = INK if colour in PALE_ONES else "white"
        middle = (stay.start + stay.end) / 2
        look = {"ha": "center", "va": "center", "size": 5.5, "color": ink, "zorder": 6}
        axes.text(middle, row + 0.53, stay.ticket, **look)


def _bar(axes: Any, row: int, start: float, end: float, **look: Any) -> None:
    high = 1.0 if look.get("zorder") == 1 else 0.76
    low = row + (1 - high) / 2
    axes.add_patch(Rectangle((start, low), end - start, high, **{"zorder": 3, **look}))


def _time_axis(panels: list[Any], below: Any, hour: Hour) -> None:
    """Mark all panels at the same round local times, at most about twelve."""
    length = hour.end - hour.start
    steps = (60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600)
    step = next((s for s in steps if length / s <= 12), 21600)
    past = (_clock(hour, hour.start).utcoffset() or timedelta()).total_seconds()
    first = -(-(hour.start + past) // step) * step - past
    ticks = []
    while first <= hour.end:
        ticks.append(first)
        first += step
    for axes in (*panels, below):
        axes.set(xlim=(hour.start, hour.end), xticks=ticks)
        axes.grid(axis="x", color=GRID, lw=0.6)
        axes.set_axisbelow(True)
    for axes in panels:
        axes.tick_params(axis="x", length=0, labelbottom=False)
    below.set_xticks(ticks, [f"{_clock(hour, tick):%H:%M}" for tick in ticks])


def _key_lines(
    categories: list[tuple[str, str]], hour: Hour, words: Words
) -> list[list[tuple[str, dict[str, Any]]]]:
    """Return the entries of the key in lines as wide as the picture: name and look of each."""
    looks: list[tuple[str, dict[str, Any]]] = [
        (cut(name, 24), {"fc": colour, "lw": 0}) for name, colour in categories
    ]
    some = categories[0][1] if categories else MUTED
    if any(stay.free > stay.end for stay in hour.stays):
        after = {"fc": "white", "ec": some, "hatch": "//////", "lw": 0.0}
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


def _key(figure: Any, lines: list[list[tuple[str, dict[str, Any]]]], top: float) -> None:
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
