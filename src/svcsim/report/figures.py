"""Pictures of the reports: matplotlib ``Figure`` objects, written as SVG whose text stays text.

Every function draws what it is given and returns the `Figure`; `svg` and `png` write it. Colours
are Okabe and Ito's (2008), told apart by colour-blind readers; labels stand at what they name.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, MaxNLocator

from svcsim.report.scales import (
    Band,
    Bar,
    Mark,
    Rung,
    axis_unit,
    breadth,
    cut,
    few,
    finite,
    span,
    two_lines,
)
from svcsim.report.style import (
    BLUE,
    FONT,
    GRID,
    HALF,
    INK,
    MUTED,
    PALE,
    RED,
    SERIES,
    STYLE,
    WIDE,
    inline,
)
from svcsim.report.words import Words


def svg(figure: Figure, alt: str) -> str:
    """Return the figure as an SVG element for inlining; equal figures give equal text."""
    buffer = io.StringIO()
    with styled(), warnings.catch_warnings():
        # A name may hold a character outside the shipped font: the reader's font will show it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return inline(buffer.getvalue(), figure.get_figwidth(), alt)


def png(figure: Figure, dpi: int = 150) -> bytes:
    """Return the figure as PNG bytes, drawn with the shipped font."""
    buffer = io.BytesIO()
    with styled():
        figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return buffer.getvalue()


@contextmanager
def styled() -> Iterator[None]:
    """Draw with the house style; what the caller's matplotlib is set to does not matter."""
    _register()
    base: Any = {k: v for k, v in mpl.rcParamsDefault.items() if not k.startswith("backend")}
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore", mpl.MatplotlibDeprecationWarning)
        mpl.rcParams.update(base)
        mpl.rcParams.update(STYLE)
        yield


@cache
def _register() -> None:
    font_manager.fontManager.addfont(str(FONT))


def arrivals_week(profile: Sequence[Sequence[float]], words: Words) -> Figure:
    """Heat map of expected new cases by weekday (rows) and local hour; day totals at the right."""
    with styled():
        rates = np.asarray(profile, dtype=float)
        figure = Figure(figsize=(WIDE, 2.05))
        axes = figure.add_axes((0.075, 0.13, 0.845, 0.79))
        top = max(float(np.nanmax(rates)), 1e-12)
        colours = mpl.colormaps["Blues"]
        axes.set(xlim=(0, 24), ylim=(7, 0), xticks=range(0, 25, 3), yticks=[])
        axes.spines[["left", "bottom"]].set_visible(False)
        digits = 0 if top >= 9.95 else 1
        for (day, hour), rate in np.ndenumerate(rates):
            shade = 0.85 * rate / top
            axes.add_patch(Rectangle((hour, day), 1, 1, fc=colours(shade), ec="white", lw=0.8))
            if rate >= 0.5 * 10**-digits:
                ink = "white" if shade > 0.5 else INK
                label = f"{rate:.{digits}f}"
                axes.text(hour + 0.5, day + 0.53, label, ha="center", va="center", size=6.5, c=ink)
        for day, name in enumerate(words("weekdays").split()):
            axes.text(-0.3, day + 0.53, name, ha="right", va="center_baseline", color=MUTED)
            total = float(np.nansum(rates[day]))
            axes.text(24.3, day + 0.53, f"{total:.{digits}f}", ha="left", va="center")
        axes.text(24.3, -0.35, words("per_day"), ha="left", va="center", color=MUTED, size=7)
        axes.tick_params(length=0, pad=1)
        axes.set_xlabel(words("local_hour"), labelpad=2)
    return figure


def kpi_distribution(
    rows: Mapping[str, Sequence[float]],
    unit: str,
    words: Words,
    *,
    marks: Sequence[Mark] = (),
    observed: Sequence[float] = (),
) -> Figure:
    """One strip per scenario: histogram of period values, P10-P90 bar with the median on it.

    Target lines cross all strips; the observed periods are dots below, the last one filled.
    """
    with styled():
        strips = [(name, finite(values)) for name, values in rows.items()]
        seen = finite(observed)
        everything = [*(v for _, s in strips for v in s), *seen, *(m.value for m in marks)]
        scale, unit_name = axis_unit(unit, everything)
        low, high = span(everything, scale)
        count = len(strips) + bool(seen)
        tall = 0.42 * count + 0.68
        figure = Figure(figsize=(HALF, tall))
        axes = figure.add_axes((0.235, 0.38 / tall, 0.73, 0.42 * count / tall))
        axes.set(xlim=(low, high), ylim=(count, 0), yticks=[])
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        for row, (name, values) in enumerate(strips):
            _strip(axes, row, name, [v / scale for v in values], SERIES[row % len(SERIES)])
        if seen:
            base = len(strips) + 0.55
            axes.plot([v / scale for v in seen], [base] * len(seen), "o", ms=4, mfc="none", c=INK)
            axes.plot(seen[-1] / scale, base, "o", ms=4, c=INK)
            _left(axes, base, words("observed"), INK)
        _targets(axes, [m._replace(value=m.value / scale) for m in marks])
        axes.set_xlabel(words("axis_value", unit=unit_name) if unit_name else "", labelpad=2.5)
    return figure


def p_met_curve(
    values: Sequence[float],
    curves: Mapping[str, Sequence[float]],
    unit: str,
    words: Words,
    *,
    direction: str,
    marks: Sequence[Mark] = (),
) -> Figure:
    """P(met) against the target value, a line per scenario; a dot where a stage's target lies."""
    with styled():
        scale, unit_name = axis_unit(unit, [*values, *(m.value for m in marks)])
        grid = np.asarray(values, dtype=float) / scale
        figure = Figure(figsize=(HALF, 2.25))
        axes = figure.add_axes((0.12, 0.175, 0.84, 0.685))
        axes.set(ylim=(-0.02, 1.03), yticks=(0, 0.25, 0.5, 0.75, 1))
        axes.set_yticklabels(["0", "25", "50", "75", "100%"])
        axes.set_xlim(*span([*values, *(m.value for m in marks)], scale))
        axes.grid(axis="y", color=GRID, lw=0.6)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.spines["left"].set_visible(False)
        for index, share in enumerate(curves.values()):
            colour = SERIES[index % len(SERIES)]
            axes.plot(grid, share, color=colour, lw=1.6, zorder=3 - 0.1 * index)
        order = np.argsort(grid)
        drawn = list(curves.values())
        for mark in marks:
            if not drawn:
                break
            heights = np.asarray(drawn[mark.series % len(drawn)], dtype=float)
            height = float(np.interp(mark.value / scale, grid[order], heights[order]))
            colour = SERIES[mark.series % len(SERIES)]
            axes.plot(mark.value / scale, height, "o", ms=5, c=colour, mec="white", zorder=5)
        _targets(axes, [m._replace(value=m.value / scale) for m in marks])
        _key(axes, list(curves), low=direction == "lower")
        axes.set_xlabel(words(f"axis_target_{direction}", unit=unit_name).strip(), labelpad=2.5)
    return figure


def stage_ladder(columns: Sequence[tuple[str, str, str]], rungs: Sequence[Rung]) -> Figure:
    """One row per KPI: from today's value through the stage targets, each with its P(met)."""
    with styled():
        step, head = 0.47, 0.51
        tall = step * max(len(rungs), 1) + head
        figure = Figure(figsize=(WIDE, tall))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, WIDE), ylim=(tall, 0))
        axes.axis("off")
        left = 2.1
        wide = (WIDE - left) / max(len(columns), 1)
        xs = [left + wide * (i + 0.5) for i in range(len(columns))]
        for x, (title, *more) in zip(xs, columns, strict=True):
            axes.text(x, 0.08, cut(title, 22), ha="center", va="center", size=8.5)
            for line, text in enumerate(more):
                place = 0.24 + 0.14 * line
                axes.text(x, place, cut(text, 24), ha="center", va="center", color=MUTED, size=7)
        for row, rung in enumerate(rungs):
            top = head + step * row
            axes.plot([0, WIDE], [top, top], color=GRID, lw=0.6)
            axes.text(0.02, top + 0.17, cut(rung.name, 34), va="center")
            axes.text(0.02, top + 0.32, rung.hint, va="center", color=MUTED, size=7)
            _rung(axes, rung, xs, top, step)
    return figure


def staffing_curve(
    agents: Sequence[int],
    share: Sequence[tuple[float, float, float]],
    now: int,
    medians: Mapping[str, tuple[str, Sequence[float]]],
    words: Words,
) -> Figure:
    """Against the number of agents: P(stage 1) with its interval, then the median of each KPI."""
    with styled():
        panels = 1 + len(medians)
        figure = Figure(figsize=(WIDE, 2.15))
        gap = 0.065
        wide = (0.985 - 0.055 - gap * (panels - 1)) / panels
        titles = [words("p_stage1"), *medians]
        for index, title in enumerate(titles):
            axes = figure.add_axes((0.055 + index * (wide + gap), 0.18, wide, 0.67))
            axes.grid(axis="y", color=GRID, lw=0.6)
            axes.xaxis.set_major_locator(FixedLocator(few(agents)))
            axes.axvline(now, color=PALE, lw=1, ls=(0, (3, 2)))
            place = axes.get_xaxis_transform()
            axes.text(now, 0.02, f" {words('now')}", transform=place, color=MUTED, size=7)
            axes.set_xlabel(words("agents"), labelpad=2.5)
            if index == 0:
                low, mid, high = ([row[i] * 100 for row in share] for i in (1, 0, 2))
                axes.fill_between(agents, low, high, color=BLUE, alpha=0.18, lw=0)
                axes.set(ylim=(-3, 104), yticks=(0, 50, 100))
                axes.set_yticklabels(["0", "50", "100"])
                unit_name = "%"
            else:
                unit, values = medians[title]
                scale, unit_name = axis_unit(unit, values)
                mid = [v / scale for v in values]
                axes.yaxis.set_major_locator(MaxNLocator(4))
            title = cut(title, int(100 / panels) - 4) + (f" ({unit_name})" if unit_name else "")
            axes.set_title(title, loc="left", size=8, pad=5, x=-0.06)
            axes.plot(agents, mid, "o-", color=BLUE, lw=1.6, ms=3.5)
    return figure


def fidelity_bands(panels: Mapping[str, tuple[str, Sequence[Band]]], words: Words) -> Figure:
    """One panel per KPI: simulated 90 % band of each held-out period and what was observed."""
    with styled():
        across = 3
        rows = max(1, -(-len(panels) // across))
        tall = 1.55 * rows + 0.2
        figure = Figure(figsize=(WIDE, tall))
        for index, (name, (unit, bands)) in enumerate(panels.items()):
            left = 0.06 + (index % across) * 0.328
            bottom = (tall - 1.55 * (index // across) - 1.3) / tall
            axes = figure.add_axes((left, bottom, 0.26, 0.98 / tall))
            _bands(axes, unit, bands)
            axes.set_title(cut(name, 34), loc="left", size=8, pad=5, x=-0.08)
        figure.text(0.06, 0.04 / tall, words("band_key"), size=7, color=MUTED)
    return figure


def score_bars(bars: Sequence[Bar], words: Words, *, full: float = 100.0) -> Figure:
    """Scores with their intervals, one line per unit, in the order given."""
    with styled():
        step = 0.235
        tall = step * max(len(bars), 1) + 0.5
        figure = Figure(figsize=(WIDE, tall))
        axes = figure.add_axes((0.24, 0.38 / tall, 0.6, step * max(len(bars), 1) / tall))
        top = max([full, *(bar.high for bar in bars)])
        axes.set(xlim=(0, top * 1.02), ylim=(len(bars) or 1, 0), yticks=[])
        axes.grid(axis="x", color=GRID, lw=0.6)
        axes.spines["left"].set_visible(False)
        for row, bar in enumerate(bars):
            y = row + 0.5
            axes.plot([bar.low, bar.high], [y, y], color=PALE, lw=5, solid_capstyle="butt")
            axes.plot(bar.value, y, "o", color=BLUE, ms=4.5)
            _left(axes, y, bar.label, INK, 28)
            axes.text(top * 1.1, y, f"{bar.value:.1f}", ha="right", va="center_baseline", size=7.5)
            axes.text(top * 1.13, y, bar.note, va="center_baseline", size=7.5, color=MUTED)
        axes.set_xlabel(words("axis_score"), labelpad=2.5)
    return figure


def _strip(axes: Axes, row: int, name: str, values: Sequence[float], colour: str) -> None:
    """Draw one scenario: histogram standing on its line, P10-P90 bar and median below it."""
    base = row + 0.72
    _left(axes, row + 0.5, name, colour)
    if not values:
        return
    low, high = axes.get_xlim()
    heights, edges = np.histogram(values, bins=36, range=(low, high))
    top = 0.6 * heights / max(int(heights.max()), 1)
    axes.stairs(base - top, edges, baseline=base, fill=True, color=colour, alpha=0.35, lw=0)
    p10, p50, p90 = np.quantile(values, [0.1, 0.5, 0.9])
    axes.plot([p10, p90], [base + 0.09] * 2, color=colour, lw=2.5, solid_capstyle="butt")
    axes.plot(p50, base + 0.09, "o", color=colour, ms=4, mec="white", mew=0.8)


def _rung(axes: Axes, rung: Rung, xs: Sequence[float], top: float, step: float) -> None:
    """Draw today's value and the stage targets of one KPI as a line within its row."""
    points = [(x, v) for x, v in zip(xs, rung.values, strict=True) if v is not None and v == v]
    levels = [v for _, v in points] or [0.0]
    low, spread = min(levels), (max(levels) - min(levels)) or 1.0
    flat = max(levels) == min(levels)
    heights = [top + step * (0.5 if flat else 0.58 - 0.14 * (v - low) / spread) for _, v in points]
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


def _bands(axes: Axes, unit: str, bands: Sequence[Band]) -> None:
    everything = [v for band in bands for v in (band.low, band.high, band.observed)]
    scale, unit_name = axis_unit(unit, everything)
    for x, band in enumerate(bands):
        bottom, top = band.low / scale, band.high / scale
        axes.plot([x, x], [bottom, top], color=BLUE, alpha=0.28, lw=9, solid_capstyle="butt")
        axes.plot(x, band.median / scale, "_", color=BLUE, ms=9, mew=1.3)
        colour, shape = (INK, "o") if band.inside else (RED, "D")
        axes.plot(x, band.observed / scale, shape, color=colour, ms=4.2, mec="white", mew=0.6)
    axes.margins(y=0.12)
    axes.set_xlim(-0.6, max(len(bands), 1) - 0.4)
    keep = few(range(len(bands)), 4)
    axes.set_xticks(keep, [bands[i].label for i in keep])
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.grid(axis="y", color=GRID, lw=0.6)
    axes.text(1.0, 1.04, unit_name, transform=axes.transAxes, ha="right", color=MUTED, size=7)


def _targets(axes: Axes, marks: Sequence[Mark]) -> None:
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


def _key(axes: Axes, names: Sequence[str], *, low: bool) -> None:
    """Name the curves in the corner they leave empty, each in its colour."""
    for index, name in enumerate(names):
        y = 0.04 + 0.085 * (len(names) - 1 - index) if low else 0.96 - 0.085 * index
        axes.text(
            0.99,
            y,
            cut(name, 26),
            transform=axes.transAxes,
            ha="right",
            va="bottom" if low else "top",
            size=7.5,
            color=SERIES[index % len(SERIES)],
            bbox={"fc": "white", "ec": "none", "pad": 0.6, "alpha": 0.85},
            zorder=6,
        )


def _left(axes: Axes, y: float, name: str, colour: str, width: int = 14) -> None:
    level = "center_baseline" if breadth(name) <= width else "center"
    axes.text(
        -0.02,
        y,
        two_lines(name, width),
        transform=axes.get_yaxis_transform(),
        ha="right",
        va=level,
        color=colour,
        linespacing=1.0,
    )
