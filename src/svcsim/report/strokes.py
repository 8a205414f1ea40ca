"""Parts of figures, drawn on axes they are given: strips, rungs, bands, targets, names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from svcsim.report.scales import Band, Mark, Rung, axis_unit, cut, few, span, wrap
from svcsim.report.style import BLUE, GRID, INK, MUTED, PALE, RED, SERIES


def draw_strip(axes: Any, row: int, name: str, values: Sequence[float], colour: str) -> None:
    """Draw one scenario: histogram standing on its line, P10-P90 bar and median below it."""
    base = row + 0.72
    draw_left(axes, row + 0.5, name, colour)
    if not values:
        return
    low, high = axes.get_xlim()
    heights, edges = np.histogram(values, bins=36, range=(low, high))
    top = 0.6 * heights / max(int(heights.max()), 1)
    axes.stairs(base - top, edges, baseline=base, fill=True, color=colour, alpha=0.35, lw=0)
    p10, p50, p90 = np.quantile(values, [0.1, 0.5, 0.9])
    axes.plot([p10, p90], [base + 0.09] * 2, color=colour, lw=2.5, solid_capstyle="butt")
    axes.plot(p50, base + 0.09, "o", color=colour, ms=4, mec="white", mew=0.8)


def draw_rung(axes: Any, rung: Rung, xs: Sequence[float], top: float, step: float) -> None:
    """Draw today's value and the stage targets of one KPI as a line within its row."""
    points = [(x, v) for x, v in zip(xs, rung.values, strict=True) if v is not None and v == v]
    levels = [v for _, v in points] or [0.0]
    low, spread = min(levels), (max(levels) - min(levels)) or 1.0
    flat = max(levels) == min(levels)
    heights = [top + step * (0.5 if flat else 0.57 - 0.11 * (v - low) / spread) for _, v in points]
    axes.plot([x for x, _ in points], heights, color=PALE, lw=1.4, zorder=1)
    texts = list(zip(xs, rung.values, rung.above, rung.below, strict=True))
    shown = iter(heights)
    for index, (x, value, above, below) in enumerate(texts):
        if value is None or value != value:
            axes.text(x, top + step / 2, "–", ha="center", va="center", color=MUTED)
            continue
        y = next(shown)
        face = "white" if index == 0 else BLUE
        axes.plot(x, y, "o", ms=5, mfc=face, mec=MUTED if index == 0 else BLUE, zorder=2)
        axes.text(x, y - 0.05, above, ha="center", va="bottom", size=8)
        axes.text(x, y + 0.055, below, ha="center", va="top", color=MUTED, size=7)


def draw_bands(axes: Any, unit: str, bands: Sequence[Band], lang: str) -> None:
    """Draw the held-out periods of one KPI: band, median, and the observed value."""
    everything = [v for band in bands for v in (band.low, band.high, band.observed)]
    everything += [v for band in bands for pair in band.further for v in pair]
    thick = 9.0 if len(bands) <= 8 else 5.5
    scale, unit_name = axis_unit(unit, everything)
    for x, band in enumerate(bands):
        for low, high in ((band.low, band.high), *band.further):
            ends = [low / scale, high / scale]
            alpha = 0.18 if band.further else 0.28
            axes.plot([x, x], ends, color=BLUE, alpha=alpha, lw=thick, solid_capstyle="butt")
        axes.plot(x, band.median / scale, "_", color=BLUE, ms=thick, mew=1.3)
        colour, shape = (INK, "o") if band.inside else (RED, "D")
        axes.plot(
            x,
            band.observed / scale,
            shape,
            color=colour,
            ms=4.2 if thick > 6 else 3.4,
            mec="white",
            mew=0.6,
        )
    axes.margins(y=0.12)
    axes.set_xlim(-0.6, max(len(bands), 1) - 0.4)
    keep = few(range(len(bands)), 4)
    axes.set_xticks(keep, [bands[i].label for i in keep])
    axes.locator_params(axis="y", nbins=4)
    axes.grid(axis="y", color=GRID, lw=0.6)
    axes.text(
        1.0, 1.04, unit_name.in_(lang), transform=axes.transAxes, ha="right", color=MUTED, size=7
    )


def window(values: Sequence[float]) -> tuple[float, float]:
    """Return limits at least a tenth of the value apart, so that a hair is not a mountain."""
    low, high = span(values, 1.0)
    lack = max(0.0, 0.1 * max(abs(low), abs(high)) - (high - low)) / 2
    return low - lack, high + lack


def draw_targets(axes: Any, marks: Sequence[Mark]) -> None:
    """Draw target lines; labels above the frame climb a level where they would meet."""
    low, high = axes.get_xlim()
    last: list[float] = []
    for mark in sorted(marks, key=lambda m: m.value):
        gap = (high - low) * 0.022 * (len(mark.label) + 3)
        level = next((i for i, x in enumerate(last) if mark.value - x >= gap), len(last))
        last[level : level + 1] = [mark.value]
        axes.axvline(mark.value, color=RED, lw=1, ls=(0, (4, 2)), zorder=2)
        axes.annotate(
            mark.label,
            (mark.value, 1),
            (0, 2 + 8.5 * level),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            color=RED,
            size=7,
        )


def draw_key(figure: Any, names: Sequence[str]) -> None:
    """Name the curves below the picture, each in its colour, the first at the top."""
    tall = figure.get_figheight()
    for index, name in enumerate(names):
        y = (0.04 + 0.145 * (len(names) - 1 - index)) / tall
        colour = SERIES[index % len(SERIES)]
        figure.text(0.12, y, f"– {cut(name, 56)}", size=7.5, color=colour)


def draw_left(axes: Any, y: float, name: str, colour: str, width: int = 14) -> None:
    """Write the name of a row at its left, in up to three lines around ``y``."""
    text = wrap(name, width, 3)
    size = 7.5 if "\n" not in text else 7.0
    place = axes.get_yaxis_transform()
    up = 4.0 * text.count("\n")
    draw_lines(axes, -0.02, y, text, place, up=up, ha="right", color=colour, size=size)


def draw_lines(
    axes: Any, x: float, y: float, text: str, place: Any = "data", *, up: float = 0.0, **look: Any
) -> None:
    """Write lines below one another, 8 points apart, the first ``up`` points above ``y``.

    Line by line, because the height of a text block depends on which letters it holds.
    """
    for number, line in enumerate(text.split("\n")):
        axes.annotate(
            line,
            (x, y),
            (0, up - 8.0 * number),
            xycoords=place,
            textcoords="offset points",
            va="center_baseline",
            annotation_clip=False,
            **look,
        )
