"""Pictures of a reviewed period: funnels, parts of a change, trends, skill gaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from svcsim.report.figures import styled
from svcsim.report.scales import axis_unit, cut, finite, span, wrap
from svcsim.report.strokes import draw_left
from svcsim.report.style import AMBER, BLUE, GREEN, GRID, HALF, INK, MUTED, PALE, RED, WIDE
from svcsim.report.words import Words

NAMED = 6
"""Units outside the limits that are named in a funnel, the farthest first."""


class Dot(NamedTuple):
    """A unit in a funnel: name, contacts, value, status (inside, watch, act) and side."""

    name: str
    n: float
    value: float
    status: str
    side: str


class Share(NamedTuple):
    """One part of a change: name, value and interval."""

    name: str
    value: float
    low: float
    high: float


class Line(NamedTuple):
    """A unit's values over the periods, one list a KPI, with the colour of its verdict."""

    name: str
    values: tuple[tuple[float, ...], ...]
    tones: tuple[str, ...]
    last: tuple[str, ...]
    """Text of the last value of each KPI."""


def funnel(
    dots: Sequence[Dot],
    curve: Sequence[Sequence[float]],
    centre: float,
    unit: str,
    words: Words,
    *,
    target: float | None = None,
) -> Figure:
    """Values against contacts between 95 % (dashed) and 99.8 % limits; who lies outside is named.

    ``curve`` holds ``(n, act low, watch low, watch high, act high)``.
    """
    with styled():
        figure = Figure(figsize=(HALF, 2.35))
        axes = figure.add_axes((0.14, 0.165, 0.82, 0.76))
        lines = np.asarray(curve, dtype=float).reshape(-1, 5)
        every = [*(dot.value for dot in dots), *lines[:, 1:].ravel(), centre]
        scale, name = axis_unit(unit, every if target is None else [*every, target])
        n = lines[:, 0]
        for column, style in ((1, "-"), (2, (0, (3, 2))), (3, (0, (3, 2))), (4, "-")):
            axes.plot(n, lines[:, column] / scale, ls=style, color=MUTED, lw=0.8, zorder=1)
        axes.axhline(centre / scale, color=MUTED, lw=0.8, alpha=0.6, zorder=1)
        if target is not None:
            axes.axhline(target / scale, color=RED, lw=0.9, ls=(0, (4, 2)), zorder=1)
            axes.text(
                0.995, target / scale, words("target"), transform=axes.get_yaxis_transform(),
                ha="right", va="bottom", color=RED, size=6.5,
            )  # fmt: skip
        for dot in dots:
            axes.plot(dot.n, dot.value / scale, "o", ms=3.6, color=_tone(dot), mec="white", mew=0.4)
        if len(n):
            axes.set_xlim(float(n.min()) * 0.97, float(n.max()) * 1.03)
        low, high = span([*(dot.value for dot in dots), *_middle(lines)], scale)
        axes.set_ylim(max(low, 0.0) if unit != "points" else low, high)
        if unit == "share":
            axes.set_ylim(max(low, 0.0), min(high, 103.0))
        _name_outside(axes, dots, scale)
        axes.locator_params(axis="both", nbins=5)
        axes.set_xlabel(words("funnel_n"), labelpad=2)
        label = name.in_(words.lang)
        axes.text(0, 1.03, label, transform=axes.transAxes, color=MUTED, size=7)
    return figure


def _middle(lines: Any) -> list[float]:
    """Return the outer limits at the middle of the contacts: the frame need not hold the mouth."""
    if not len(lines):
        return []
    row = lines[len(lines) // 4]
    return [float(row[1]), float(row[4])]


def _tone(dot: Dot) -> str:
    if dot.status in ("inside", "not comparable"):
        return PALE if dot.status == "not comparable" else MUTED
    if dot.side == "better":
        return GREEN
    return RED if dot.status == "act" else AMBER


def _name_outside(axes: Any, dots: Sequence[Dot], scale: float) -> None:
    outside = [dot for dot in dots if dot.status in ("act", "watch")]
    middle = sum(dot.value for dot in dots) / max(len(dots), 1)
    outside.sort(key=lambda dot: (dot.status != "act", -abs(dot.value - middle)))
    low, high = axes.get_xlim()
    for place, dot in enumerate(outside[:NAMED]):
        right = dot.n > low + 0.7 * (high - low)
        away = (-4 if right else 4, -8 if place % 2 else 2)
        axes.annotate(
            cut(dot.name, 16), (dot.n, dot.value / scale), away,
            textcoords="offset points", ha="right" if right else "left", size=6.5, color=_tone(dot),
        )  # fmt: skip


def change_parts(parts: Sequence[Share], unit: str, better: str, words: Words) -> Figure:
    """Bars from zero with intervals, the whole first: green is better, orange worse."""
    with styled():
        step = 0.24
        tall = step * max(len(parts), 1) + 0.5
        figure = Figure(figsize=(HALF, tall))
        axes = figure.add_axes((0.33, 0.36 / tall, 0.63, step * max(len(parts), 1) / tall))
        ends = [x for part in parts for x in (part.value, part.low, part.high)]
        scale, name = axis_unit(unit, finite(ends))
        axes.set(ylim=(len(parts) or 1, 0), yticks=[])
        axes.axvline(0, color=MUTED, lw=0.8)
        axes.grid(axis="x", color=GRID, lw=0.6)
        axes.spines["left"].set_visible(False)
        for row, part in enumerate(parts):
            good = (part.value > 0) == (better == "higher")
            colour = BLUE if row == 0 else GREEN if good else RED
            axes.barh(row + 0.5, part.value / scale, height=0.5, color=colour, alpha=0.75, lw=0)
            known = finite([part.low, part.high])
            if len(known) == 2:
                axes.plot([v / scale for v in known], [row + 0.5] * 2, color=INK, lw=0.9)
            draw_left(axes, row + 0.5, part.name, INK, 22)
        axes.locator_params(axis="x", nbins=5)
        label = words("points_of_share") if unit == "share" else name.in_(words.lang)
        axes.set_xlabel(label, labelpad=2)
    return figure


def trend_lines(kpis: Sequence[str], lines: Sequence[Line], words: Words) -> Figure:
    """One row a unit, one column a KPI: the line of its values, the last one written beside it.

    All lines of a KPI have one scale, so that what hardly moves looks so.
    """
    with styled():
        step, head, left, note = 0.25, 0.42, 1.35, 0.62
        tall = head + step * max(len(lines), 1) + 0.05
        figure = Figure(figsize=(WIDE, tall))
        wide = (WIDE - left) / max(len(kpis), 1)
        for column, kpi in enumerate(kpis):
            x = (left + wide * column) / WIDE
            title = wrap(kpi, max(int((wide - 0.1) * 15), 6))
            figure.text(x, 1 - 0.04 / tall, title, va="top", size=7, color=MUTED)
        for row, line in enumerate(lines):
            base = (tall - head - step * (row + 1)) / tall
            middle = base + 0.42 * step / tall
            name = cut(line.name, 20)
            figure.text((left - 0.1) / WIDE, middle, name, ha="right", va="center", size=7.5)
            for column, values in enumerate(line.values):
                x = left + wide * column
                size = ((wide - note - 0.12) / WIDE, 0.8 * step / tall)
                axes = figure.add_axes((x / WIDE, base + 0.04 * step / tall, *size))
                colour = {"better": GREEN, "worse": RED}.get(line.tones[column], MUTED)
                _spark(axes, values, colour, _range(lines, column))
                ink = INK if colour == MUTED else colour
                at = (x + wide - note - 0.06) / WIDE
                figure.text(at, middle, line.last[column], va="center", size=7, color=ink)
    return figure


def _range(lines: Sequence[Line], column: int) -> tuple[float, float]:
    known = finite([v for line in lines for v in line.values[column]]) or [0.0, 1.0]
    low, high = min(known), max(known)
    air = 0.06 * (high - low) or 0.05 * abs(high) or 0.5
    return low - air, high + air


def _spark(axes: Any, values: Sequence[float], colour: str, limits: tuple[float, float]) -> None:
    axes.axis("off")
    axes.set(xlim=(-0.3, max(len(values) - 1, 1) + 0.3), ylim=limits)
    known = [(x, v) for x, v in enumerate(values) if v == v]
    if known:
        axes.plot(*zip(*known, strict=True), color=colour, lw=1.2, clip_on=False)
        axes.plot(*known[-1], "o", ms=2.6, color=colour, clip_on=False)


def gap_map(
    agents: Sequence[str],
    kinds: Sequence[str],
    gaps: Sequence[Sequence[float]],
    listed: Sequence[Sequence[str]],
    size: float,
) -> Figure:
    """Agents (rows) by kinds of contact: orange = worse than the others, green = better.

    Full colour at three times the size worth training for; cells beyond noise are outlined.
    """
    with styled():
        step = 0.2
        head = 0.5
        tall = head + step * max(len(agents), 1) + 0.06
        figure = Figure(figsize=(WIDE, tall))
        left = 1.5
        axes = figure.add_axes(
            (left / WIDE, 0.03 / tall, (WIDE - left - 0.1) / WIDE, 1 - head / tall)
        )
        axes.set(xlim=(0, max(len(kinds), 1)), ylim=(len(agents), 0), xticks=[], yticks=[])
        for side in axes.spines.values():
            side.set_visible(False)
        width = (WIDE - left) / max(len(kinds), 1)
        for column, kind in enumerate(kinds):
            axes.text(
                column + 0.5, -0.25, wrap(kind, max(int(width * 18), 5), 3),
                ha="center", va="bottom", size=7, color=MUTED,
            )  # fmt: skip
        for row, name in enumerate(agents):
            draw_left(axes, row + 0.5, cut(name, 22), INK, 24)
            for column in range(len(kinds)):
                _cell(axes, row, column, gaps[row][column] / size, listed[row][column])
    return figure


def _cell(axes: Any, row: int, column: int, gap: float, listed: str) -> None:
    known = gap == gap
    shade = min(abs(gap) / 3, 1.0) if known else 0.0
    axes.add_patch(
        Rectangle(
            (column + 0.02, row + 0.06), 0.96, 0.88, lw=1.1 if listed else 0.4,
            ec=INK if listed else GRID, fc=(RED if gap > 0 else GREEN) if known else "none",
            alpha=None if not known else 0.12 + 0.78 * shade,
        )
    )  # fmt: skip
