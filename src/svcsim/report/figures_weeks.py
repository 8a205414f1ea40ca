"""The weeks of a history: one small picture for each series, with where its level changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from svcsim.report.figures import styled
from svcsim.report.scales import axis_unit
from svcsim.report.style import BLUE, MUTED, PALE, RED, WIDE
from svcsim.text import Text

UNITS = {"s": "s", "share": "share"}


def weekly_course(
    starts: Sequence[str], series: Sequence[Mapping[str, Any]], lang: str = "en"
) -> Figure:
    """Weekly values with their 90 % intervals; dashed where a new level begins.

    ``starts`` and ``series`` are those of `svcsim.model.weeks.Weeks`, dumped.
    """
    with styled():
        number = max(len(series), 1)
        figure = Figure(figsize=(WIDE, 0.3 + 0.78 * number))
        grid = figure.subplots(number, 1, sharex=True, squeeze=False)[:, 0]
        week = np.arange(len(starts))
        for axes, one in zip(grid, series, strict=False):
            mid, low, high = (
                np.array([np.nan if v is None else v for v in one[name]], dtype=float)
                for name in ("values", "low", "high")
            )
            unit = UNITS.get(one["unit"], "")
            scale, shown = axis_unit(unit, mid[np.isfinite(mid)]) if unit else (1.0, "")
            axes.fill_between(week, low / scale, high / scale, color=PALE, lw=0)
            axes.plot(week, mid / scale, color=BLUE, lw=1.2)
            for day in one["changes"]:
                axes.axvline(starts.index(day) - 0.5, color=RED, lw=0.9, ls="--")
            axes.set_ylim(bottom=0)
            axes.locator_params(axis="y", nbins=3)
            title = Text.of(one["name"]).in_(lang) + (f" ({shown})" if shown else "")
            axes.set_title(title, loc="left", size=7.5, color=MUTED, pad=2)
        ticks = week[:: max(len(week) // 8, 1)]
        grid[-1].set_xticks(ticks, [starts[i] for i in ticks])
        figure.subplots_adjust(left=0.07, right=0.99, top=1 - 0.2 / number, bottom=0.28 / number,
                               hspace=0.55)  # fmt: skip
    return figure
