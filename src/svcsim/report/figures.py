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
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from svcsim.report.scales import (
    Band,
    Bar,
    Mark,
    Rung,
    axis_unit,
    cut,
    few,
    finite,
    span,
    wrap,
)
from svcsim.report.strokes import (
    draw_bands,
    draw_key,
    draw_left,
    draw_lines,
    draw_rung,
    draw_strip,
    draw_targets,
    window,
)
from svcsim.report.style import (
    BLUE,
    FONT,
    GRID,
    HALF,
    INK,
    MUTED,
    PALE,
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
        axes.locator_params(axis="x", nbins=5)
        for row, (name, values) in enumerate(strips):
            draw_strip(axes, row, name, [v / scale for v in values], SERIES[row % len(SERIES)])
        if seen:
            base = len(strips) + 0.55
            axes.plot([v / scale for v in seen], [base] * len(seen), "o", ms=4, mfc="none", c=INK)
            axes.plot(seen[-1] / scale, base, "o", ms=4, c=INK)
            draw_left(axes, base, words("observed"), INK)
        draw_targets(axes, [m._replace(value=m.value / scale) for m in marks])
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
        tall = 2.1 + 0.145 * len(curves)
        figure = Figure(figsize=(HALF, tall))
        axes = figure.add_axes((0.12, (tall - 1.78) / tall, 0.84, 1.45 / tall))
        axes.set(ylim=(-0.02, 1.03), yticks=(0, 0.25, 0.5, 0.75, 1))
        axes.set_yticklabels(["0", "25", "50", "75", "100%"])
        axes.set_xlim(*span([*values, *(m.value for m in marks)], scale))
        axes.grid(axis="y", color=GRID, lw=0.6)
        axes.locator_params(axis="x", nbins=5)
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
        draw_targets(axes, [m._replace(value=m.value / scale) for m in marks])
        draw_key(figure, list(curves))
        axes.set_xlabel(words(f"axis_target_{direction}", unit=unit_name).strip(), labelpad=2.5)
    return figure


def stage_ladder(columns: Sequence[tuple[str, str, str]], rungs: Sequence[Rung]) -> Figure:
    """One row per KPI: from today's value through the stage targets, each with its P(met)."""
    with styled():
        step, head = 0.43, 0.6
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
            lines = "\n".join(wrap(text, 24) for text in more)
            draw_lines(axes, x, 0.26, lines, ha="center", color=MUTED, size=7)
        for row, rung in enumerate(rungs):
            top = head + step * row
            axes.plot([0, WIDE], [top, top], color=GRID, lw=0.6)
            name = wrap(rung.name, 32)
            draw_lines(axes, 0.02, top + 0.12, name)
            below = top + 0.165 + 0.112 * (name.count("\n") + 1)
            axes.text(0.02, below, rung.hint, va="center_baseline", color=MUTED, size=7)
            draw_rung(axes, rung, xs, top, step)
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
        figure = Figure(figsize=(WIDE, 2.3))
        gap = 0.065
        wide = (0.985 - 0.055 - gap * (panels - 1)) / panels
        titles = [words("p_stage1"), *medians]
        for index, title in enumerate(titles):
            axes = figure.add_axes((0.055 + index * (wide + gap), 0.17, wide, 0.62))
            axes.grid(axis="y", color=GRID, lw=0.6)
            axes.set_xticks(few(agents))
            axes.axvline(now, color=PALE, lw=1, ls=(0, (3, 2)))
            place = axes.get_xaxis_transform()
            axes.text(now, 0.02, f" {words('now')}", transform=place, color=MUTED, size=7)
            axes.set_xlabel(words("agents"), labelpad=2.5)
            if index == 0:
                low, mid, high = ([row[i] * 100 for row in share] for i in (1, 0, 2))
                axes.fill_between(agents, low, high, color=BLUE, alpha=0.18, lw=0)
                axes.set(ylim=(-3, 104), yticks=(0, 50, 100))
                axes.set_yticklabels(["0", "50", "100"])
                unit_name = axis_unit("share", ())[1]
            else:
                unit, values = medians[title]
                scale, unit_name = axis_unit(unit, values)
                mid = [v / scale for v in values]
                axes.set_ylim(*window(mid))
                axes.locator_params(axis="y", nbins=4)
            title += f" ({unit_name.in_(words.lang)})" if unit_name else ""
            axes.set_title(wrap(title, 104 // panels), loc="left", size=8, pad=5, x=-0.06)
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
            draw_bands(axes, unit, bands, words.lang)
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
            draw_left(axes, y, bar.label, INK, 28)
            axes.text(top * 1.1, y, f"{bar.value:.1f}", ha="right", va="center_baseline", size=7.5)
            axes.text(top * 1.13, y, bar.note, va="center_baseline", size=7.5, color=MUTED)
        axes.set_xlabel(words("axis_score"), labelpad=2.5)
    return figure
