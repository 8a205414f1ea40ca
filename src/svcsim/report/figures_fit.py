"""Pictures of how a baseline fits: arrivals, handling, waits, people, places in the bands.

What was recorded is ink, what the desk simulates is blue with its 90 % band.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from svcsim.report.figures import styled
from svcsim.report.scales import cut, few
from svcsim.report.style import AMBER, BLUE, GRID, INK, MUTED, PALE, WIDE
from svcsim.report.words import Words

Curve = Mapping[str, Any]
TIMES = (
    (1, "1s"), (10, "10s"), (60, "1min"), (600, "10min"), (3600, "1h"), (6 * 3600, "6h"),
    (86400, "1d"), (7 * 86400, "7d"), (30 * 86400, "30d"),
)  # fmt: skip
"""Where an axis of log time may be ticked."""


def week_lines(series: Mapping[str, Sequence[float]], words: Words) -> Figure:
    """Series by local hour of week: the first recorded (dots), the others lines."""
    with styled():
        figure = Figure(figsize=(WIDE, 1.95))
        axes = figure.add_axes((0.055, 0.2, 0.93, 0.68))
        hours = np.arange(168)
        looks: tuple[dict[str, Any], ...] = (
            {"marker": ".", "ms": 3, "ls": "", "color": INK, "zorder": 3},
            {"color": BLUE, "lw": 1.3},
            {"color": AMBER, "lw": 1.1},
        )
        for (name, values), look in zip(series.items(), looks, strict=False):
            axes.plot(hours + 0.5, values, label=name, **look)
        for day in range(1, 7):
            axes.axvline(24 * day, color=PALE, lw=0.8)
        axes.set(xlim=(0, 168), ylim=(0, None))
        axes.set_xticks([24 * d + 12 for d in range(7)], words("weekdays").split())
        axes.tick_params(axis="x", length=0)
        axes.grid(axis="y", color=GRID, lw=0.6)
        axes.locator_params(axis="y", nbins=4)
        _key(axes, len(series))
    return figure


def daily(
    days: Sequence[str],
    counts: Sequence[float],
    spans: Sequence[Curve],
    words: Words,
    day: Callable[[str], str],
) -> Figure:
    """Contacts a day; over held-out days the forecast with its 90 % band.

    As much history before the first held-out day is shown as was held out.
    """
    first = int(spans[0]["grid"][0])
    begin = max(2 * first - len(counts), 0)
    days, counts = days[begin:], counts[begin:]
    with styled():
        figure = Figure(figsize=(WIDE, 2.1))
        axes = figure.add_axes((0.055, 0.19, 0.93, 0.68))
        axes.plot(np.arange(len(counts)), counts, color=MUTED, lw=0.8, label=words("recorded"))
        for number, span in enumerate(spans):
            at = np.asarray(span["grid"]) - begin
            label = words("forecast_band") if number == 0 else None
            axes.fill_between(at, span["low"], span["high"], color=BLUE, alpha=0.22, lw=0)
            axes.plot(at, span["median"], color=BLUE, lw=1.1, label=label)
            axes.plot(at, span["observed"], ".", color=INK, ms=3)
            axes.axvline(at[0] - 0.5, color=PALE, lw=0.8)
        axes.set(xlim=(-1, len(counts)), ylim=(0, None))
        keep = few(range(len(days)), 9)
        axes.set_xticks(keep, [day(days[i]) for i in keep])
        axes.grid(axis="y", color=GRID, lw=0.6)
        axes.locator_params(axis="y", nbins=4)
        _key(axes, 2)
    return figure


def handling(curves: Sequence[Curve], words: Words) -> Figure:
    """One panel a category: share of handlings that are shorter, against time on a log axis."""
    with styled():
        figure, panels = _panels(len(curves), 3, 1.75)
        for axes, curve in zip(panels, curves, strict=True):
            levels = np.asarray(curve["grid"])
            axes.fill_betweenx(levels, curve["low"], curve["high"], color=BLUE, alpha=0.25, lw=0)
            axes.plot(curve["median"], levels, color=BLUE, lw=1.2, label=words("simulated_band"))
            axes.plot(curve["observed"], levels, ".", color=INK, ms=4, label=words("recorded"))
            _time_axis(axes, [*curve["low"], *curve["high"], *curve["observed"]], words)
            _share_axis(axes)
            axes.set_title(cut(str(curve["name"]), 34), loc="left", size=8, pad=5)
        _figure_key(figure, panels[0])
    return figure


def waits(curves: Sequence[Curve], titles: Sequence[str], words: Words) -> Figure:
    """Share that still waits after a time: recorded against simulated with its band."""
    with styled():
        figure, panels = _panels(len(curves), 2, 2.1)
        for axes, curve, title in zip(panels, curves, titles, strict=True):
            at = np.asarray(curve["grid"])
            axes.fill_between(at, curve["low"], curve["high"], color=BLUE, alpha=0.25, lw=0)
            axes.plot(at, curve["median"], color=BLUE, lw=1.2, label=words("simulated_band"))
            axes.plot(at, curve["observed"], ".", color=INK, ms=4, label=words("recorded"))
            _time_axis(axes, list(at), words)
            _share_axis(axes)
            axes.set_title(title, loc="left", size=8, pad=5)
        _figure_key(figure, panels[0])
    return figure


def pit_bars(counts: Mapping[str, Sequence[int]], words: Words) -> Figure:
    """Ten bins of the places of observed values; the line is what a right model gives."""
    with styled():
        figure, panels = _panels(len(counts), 2, 1.75)
        for axes, (title, bins) in zip(panels, counts.items(), strict=True):
            total = max(sum(bins), 1)
            share = [100 * n / total for n in bins]
            axes.bar(np.arange(10) / 10 + 0.05, share, width=0.092, color=BLUE, alpha=0.55, lw=0)
            axes.axhline(10, color=INK, lw=1, ls=(0, (4, 2)))
            axes.set(xlim=(0, 1), ylim=(0, max(25, 1.1 * max(share))))
            axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
            axes.set_yticks([0, 10, 20], ["0", "10%", "20%"])
            axes.set_title(title, loc="left", size=8, pad=5)
            axes.set_xlabel(words("pit_axis"), labelpad=2, size=7)
    return figure


def _panels(number: int, across: int, height: float) -> tuple[Figure, list[Any]]:
    """Return a figure with panels side by side, a line of key below them."""
    rows = max(1, -(-number // across))
    tall = height * rows + 0.25
    figure = Figure(figsize=(WIDE, tall))
    wide = (1.0 - 0.055) / across
    panels = []
    for index in range(number):
        left = 0.055 + (index % across) * wide
        bottom = (tall - height * (index // across + 1) + 0.32) / tall
        panels.append(figure.add_axes((left, bottom, wide - 0.055, (height - 0.62) / tall)))
    return figure, panels


def _time_axis(axes: Any, values: Sequence[float], words: Words) -> None:
    known = [v for v in values if v > 0]
    low, high = (min(known), max(known)) if known else (1.0, 10.0)
    axes.set_xscale("log")
    axes.set_xlim(low / 1.15, max(high, low * 1.5) * 1.15)
    ticks = [(at, name) for at, name in TIMES if low / 1.15 <= at <= high * 1.15]
    axes.set_xticks([at for at, _ in ticks], [words(f"tick_{name}") for _, name in ticks])
    axes.minorticks_off()


def _share_axis(axes: Any) -> None:
    axes.set_ylim(-0.03, 1.03)
    axes.set_yticks([0, 0.5, 1], ["0", "50%", "100%"])
    axes.grid(axis="y", color=GRID, lw=0.6)


def _key(axes: Any, columns: int) -> None:
    """Name the lines above the frame, at its right end."""
    axes.legend(
        loc="lower right", bbox_to_anchor=(1.0, 0.98), ncols=columns, frameon=False, fontsize=7,
        handlelength=1.6, borderpad=0.1, columnspacing=1.4,
    )  # fmt: skip


def _figure_key(figure: Figure, axes: Any) -> None:
    """Name the lines once, below all panels."""
    lines, names = axes.get_legend_handles_labels()
    figure.legend(
        lines, names, loc="lower left", bbox_to_anchor=(0.05, 0.0), ncols=len(names),
        frameon=False, fontsize=7, handlelength=1.6, borderpad=0.1,
    )  # fmt: skip
