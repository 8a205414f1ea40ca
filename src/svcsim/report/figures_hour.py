"""Picture of an hour at the desk: who waited (above) and what each agent did (below)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from svcsim.report.figures import styled
from svcsim.report.figures_hour_key import (
    LEFT,
    OUT,
    PALE_ONES,
    category_colours,
    draw_key,
    key_lines,
)
from svcsim.report.scales import breadth, cut
from svcsim.report.style import GRID, INK, MUTED, PALE, RED, WIDE
from svcsim.report.words import Words
from svcsim.study.hour import Hour, Stay, lanes_of

MOST = 60
"""Rows that are drawn; who worked least is left out first."""
LANE = 0.7
"""Rows that each of several contacts at once takes."""
BETWEEN, APART = 0.24, 0.07
"""Rows left free between the bars of two agents, and of two contacts at once."""
ROW, RIGHT, HEAD, QUEUE, GAP = 0.175, 0.5, 0.36, 0.6, 0.12
"""Inches: a row, the right margin, title, the queue panel of a team and the space below it."""


class Band(NamedTuple):
    """The place of an agent in the picture: first row, how many rows, what lies in which lane."""

    agent: str
    team: str
    top: float
    rows: float
    stays: list[tuple[Stay, int, int]]
    """Contact, its lane, how many lanes share the band there."""


def hour_at_the_desk(hour: Hour, words: Words) -> Figure:
    """Above the queue of each team, below a band per agent with a bar for each contact."""
    with styled():
        bands = _bands(hour)
        keys, colours = category_colours(hour, words)
        lines = key_lines(keys, hour, words)
        remarks = _remarks(hour, bands, words)
        body = ROW * max(_rows_of(bands), 1)
        foot = 0.34 + 0.17 * len(lines) + 0.15 * len(remarks)
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
        _draw_bands(below, hour, bands, colours)
        _time_axis(panels, below, hour)
        draw_key(figure, lines, foot - 0.36)
        for number, remark in enumerate(reversed(remarks)):
            figure.text(LEFT / WIDE, (0.05 + 0.15 * number) / tall, remark, size=7, color=MUTED)
    return figure


def _bands(hour: Hour) -> list[Band]:
    """Return the band of each agent: of all, or where they are very many of who worked most."""
    busy: Counter[str] = Counter()
    own: dict[str, list[Stay]] = {name: [] for name, _ in hour.agents}
    for stay in hour.stays:
        busy[stay.agent] += int(stay.free - stay.start)
        own[stay.agent].append(stay)
    lanes = {name: lanes_of(stays) for name, stays in own.items()}
    rows = {
        name: max(1.0, LANE * max((n for _, n in found), default=1))
        for name, found in lanes.items()
    }
    drawn, left = set(), float(MOST)
    for pair in sorted(hour.agents, key=lambda pair: (-busy[pair[0]], pair)):
        left -= rows[pair[0]]
        if left < 0:
            break
        drawn.add(pair)
    bands, top = [], 0.0
    for name, team in hour.agents:
        if (name, team) in drawn:
            stays = [(s, *lane) for s, lane in zip(own[name], lanes[name], strict=True)]
            bands.append(Band(name, team, top, rows[name], stays))
            top += rows[name]
    return bands


def _rows_of(bands: list[Band]) -> float:
    return bands[-1].top + bands[-1].rows if bands else 0.0


def _remarks(hour: Hour, bands: list[Band], words: Words) -> list[str]:
    """Return how several contacts at once look, and what the picture leaves out."""
    hidden = len(hour.agents) - len(bands)
    several = any(lanes > 1 for band in bands for _, _, lanes in band.stays)
    said = [words("hour_lanes")] if several else []
    said += [words("hour_more", n=hidden)] if hidden else []
    return said + ([words("hour_unknown", n=hour.unknown)] if hour.unknown else [])


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


def _draw_bands(axes: Any, hour: Hour, bands: list[Band], colours: dict[str, str]) -> None:
    """Draw a band per agent: grey ground off shift, white on it, a bar for each contact."""
    at = {band.agent: band for band in bands}
    rows = _rows_of(bands)
    axes.set(ylim=(max(rows, 1), 0), yticks=[], xlim=(hour.start, hour.end))
    axes.spines["left"].set_visible(False)
    length = hour.end - hour.start
    axes.add_patch(Rectangle((hour.start, 0), length, rows, fc=OUT, lw=0, zorder=0))
    for shift in hour.shifts:
        if shift.agent in at:
            whole = at[shift.agent].top, at[shift.agent].rows
            _bar(axes, whole, shift.start, shift.end, fc="white", lw=0, zorder=1)
    for off in hour.off or ():
        if off.agent in at:
            place = _slice(at[off.agent])
            _bar(axes, place, off.start, off.end, fc=PALE, ec=MUTED, hatch="xx", lw=0)
    for band in bands:
        for stay, lane, lanes in band.stays:
            _stay(axes, _slice(band, lane, lanes), stay, colours[stay.category], length)
    across = axes.get_yaxis_transform()
    for number, band in enumerate(bands):
        axes.text(-0.008, band.top + band.rows / 2, cut(band.agent, 16), transform=across,
                  ha="right", va="center_baseline", size=7)  # fmt: skip
        if number == 0 or bands[number - 1].team != band.team:
            axes.plot([hour.start, hour.end], [band.top] * 2, color=MUTED, lw=0.8, zorder=4)
            axes.text(1.008, band.top + 0.5, cut(band.team, 8), transform=across,
                      va="center_baseline", size=7.5)  # fmt: skip
        elif max(band.rows, bands[number - 1].rows) > 1:
            axes.plot([hour.start, hour.end], [band.top] * 2, color=GRID, lw=0.6, zorder=2)


def _slice(band: Band, lane: int = 0, lanes: int = 1) -> tuple[float, float]:
    """Return the top and the height of a lane in a band, in rows."""
    step = (band.rows - BETWEEN + APART) / lanes
    return band.top + BETWEEN / 2 + lane * step, step - APART


def _stay(axes: Any, place: tuple[float, float], stay: Stay, colour: str, length: float) -> None:
    """Draw the contact, then hatched what it took after the customer was gone; its id if it fits.

    A letter is about 0.055 inches wide.
    """
    if stay.end > stay.start:
        _bar(axes, place, stay.start, stay.end, fc=colour, ec="white", lw=0.5)
    if stay.free > stay.end:
        _bar(axes, place, stay.end, stay.free, fc="white", ec=colour, hatch="//////", lw=0.0)
    inches = (stay.end - stay.start) / length * (WIDE - LEFT - RIGHT)
    if inches > 0.055 * breadth(stay.ticket) + 0.05:
        ink = INK if colour in PALE_ONES else "white"
        middle = ((stay.start + stay.end) / 2, place[0] + place[1] / 2 + 0.03)
        look = {"ha": "center", "va": "center", "size": 5.5, "color": ink, "zorder": 6}
        axes.text(*middle, stay.ticket, **look)


def _bar(axes: Any, place: tuple[float, float], start: float, end: float, **look: Any) -> None:
    top, high = place
    axes.add_patch(Rectangle((start, top), end - start, high, **{"zorder": 3, **look}))


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
