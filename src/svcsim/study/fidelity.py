"""Fidelity: the replayed desk against held-out history, KPI by KPI and week by week.

A cell is one KPI in one period; it is inside when the observed value lies between the 5 % and the
95 % quantile of the replications (parameters redrawn). Verdict: pass when at least 80 % of the
cells are inside and none is more than 4 simulated standard deviations off; warn when at least
60 % are inside; else fail.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Literal

import numpy as np
import pandas as pd

from svcsim.calendar.days import midnight
from svcsim.contacts.log import ContactLog
from svcsim.metrics.catalogue import get_metric
from svcsim.metrics.evaluate import evaluate
from svcsim.metrics.periods import Periods
from svcsim.model.baseline import Fidelity, FidelityCell, Verdict
from svcsim.model.service import ServiceModel
from svcsim.study.backtest import Kpis, Span, replay, with_values
from svcsim.study.told import unspoken
from svcsim.text import Text

METRICS = (
    "volume", "frt_p50", "frt_p90", "frt_within(1h)", "wait", "answered_within(20s)", "abandon",
    "aht", "res_full_p50", "res_full_p90", "res_within(24h)", "transfers", "reopen",
    "repeat(7d)", "fcr_window(7d)", "csat_top2", "csat_response", "backlog",
)  # fmt: skip
"""What the verdict looks at, as far as the history has it."""

LEAST = 20
"""Cells with fewer observations are left out: their noise would tell nothing."""


def check_fidelity(
    model: ServiceModel,
    log: ContactLog,
    start: date,
    end: date,
    *,
    replications: int = 100,
    seed: int = 7,
    arrivals: Literal["real", "forecast"] = "real",
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Fidelity:
    """Return the verdict on ``[start, end)`` of a log that the model was not fitted on."""
    span = Span.of(log, model, start, end, real=arrivals == "real")
    metrics = _told_by(model, with_values(span.observed, METRICS), arrivals == "real")
    period = _weeks(start, end, log.timezone)
    observed = evaluate(span.observed, metrics, period=period, intervals=False)
    tables = replay(
        model, span, Kpis(tuple(metrics), period),
        replications=replications, seed=seed, redraw=True, workers=workers, progress=progress,
    )  # fmt: skip
    cells = _cells(observed, pd.concat(tables, ignore_index=True))
    verdict, why, share = judge(cells)
    return Fidelity(
        verdict=verdict,
        why=why,
        inside_share=share,
        replications=replications,
        arrivals=arrivals,
        cells=cells,
        definitions={c.metric: get_metric(c.metric).definition for c in cells},
    )


def show_period(period: str) -> Text:
    """Return a period as sentences name it: ``all`` is the whole span."""
    return Text("all", "全程") if period == "all" else Text.same(period)


def judge(cells: tuple[FidelityCell, ...]) -> tuple[Verdict, Text, float | None]:
    """Return verdict, reason and the share of cells inside their band."""
    if not cells:
        nothing = Text(
            "no KPI could be compared on the held-out span", "留出历史上没有可比较的指标"
        )
        return "none", nothing, None
    worst = max(cells, key=lambda cell: abs(cell.z))
    inside = sum(cell.inside for cell in cells)
    share = inside / len(cells)
    text = Text(
        f"{inside} of {len(cells)} KPI x period cells inside the 90 % band; "
        f"worst: {worst.metric} {worst.period} (z = {worst.z:+.1f})",
        f"{len(cells)} 个指标周期中 {inside} 个落在 90% 带内；偏离最大："
        f"{get_metric(worst.metric).zh} {show_period(worst.period).zh}（z = {worst.z:+.1f}）",
    )
    if share >= 0.8 and abs(worst.z) <= 4:
        return "pass", text, share
    return ("warn" if share >= 0.6 else "fail"), text, share


def _told_by(model: ServiceModel, metrics: list[str], real: bool) -> list[str]:
    """Leave out KPIs that the model does not simulate (`unspoken`).

    Where every channel is live also times from the opening: they include the voice menu, which is
    not simulated, so the wait in the queue is judged. The volume of replayed arrivals without
    repeats is what it was: nothing to judge.
    """
    live = all(channel.mode == "live" for channel in model.channels.values())
    given = real and all(c.repeat.value == 0 for c in model.categories.values())
    return [
        metric
        for metric in metrics
        if unspoken(model, metric) is None
        and not (live and metric.startswith(("frt", "res_")))
        and not (given and metric == "volume")
    ]


def _weeks(start: date, end: date, timezone: str) -> Periods | None:
    """Return the weeks of a span from its first day on; None below two weeks: one period.

    A rest of five days or more counts as a week, a shorter one is not judged.
    """
    days = (end - start).days
    if days < 14:
        return None
    number = (days + 2) // 7
    starts = [start + timedelta(days=7 * k) for k in range(number)]
    last = min(starts[-1] + timedelta(days=7), end)
    edges = np.array([midnight(day, timezone) for day in [*starts, last]], dtype=float)
    return Periods(edges, tuple(_label(day) for day in starts))


def _label(day: date) -> str:
    year, week, weekday = day.isocalendar()
    return f"{year}-W{week:02d}" if weekday == 1 else day.isoformat()


def _cells(observed: pd.DataFrame, simulated: pd.DataFrame) -> tuple[FidelityCell, ...]:
    cells = []
    groups = {key: group["value"] for key, group in simulated.groupby(["metric", "period"])}
    for row in observed.to_dict("records"):
        key = (row["metric"], row["period"])
        values = groups[key].dropna().to_numpy() if key in groups else np.array([])
        enough = row["n"] >= LEAST or get_metric(row["metric"]).unit == "count"
        if row["value"] != row["value"] or len(values) < 20 or not enough:
            continue
        low, median, high = np.quantile(values, [0.05, 0.5, 0.95])
        sd = float(np.std(values, ddof=1))
        gap = float(row["value"] - np.mean(values))
        z = gap / sd if sd > 0 else (0.0 if abs(gap) < 1e-9 else float(np.sign(gap)) * 99.0)
        cells.append(
            FidelityCell(
                metric=row["metric"],
                period=str(row["period"]),
                observed=float(row["value"]),
                n=int(row["n"]),
                low=float(low),
                median=float(median),
                high=float(high),
                z=round(z, 3),
                inside=bool(low <= row["value"] <= high),
                unit=str(row["unit"]),
            )
        )
    return tuple(cells)
