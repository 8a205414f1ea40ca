"""Fidelity: the replayed desk against held-out history, KPI by KPI and week by week.

A cell is one KPI in one period of one origin; it is inside when the observed value lies between
the 5 % and the 95 % quantile of the replications (parameters redrawn). Verdict on the cells with
real arrivals: **pass** when at least 80 % of `LEAST_CELLS` or more cells are inside and none is
further than 3 simulated standard deviations off (with many cells: further than a right model's
worst cell in 19 of 20 simulated logs, never beyond 4); **fail** when fewer than 60 % are inside,
unless a right model would do so one time in twenty and none is too far off, or one is further than
`FAR`; else **warn**. A pass with a level error beyond tolerance (`levels`) is a warn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from svcsim.calendar.days import midnight
from svcsim.contacts.log import ContactLog
from svcsim.metrics.catalogue import get_metric
from svcsim.metrics.evaluate import evaluate
from svcsim.metrics.periods import Periods
from svcsim.model.fidelity import Arrivals, Coverage, Fidelity, FidelityCell, Origin, Pit, Verdict
from svcsim.model.service import ServiceModel
from svcsim.study.backtest import Span, replay, with_values
from svcsim.study.bands import STRICT_Z, Cells, Chance, cells_of, chance, coverage
from svcsim.study.distances import distances
from svcsim.study.levels import level_errors
from svcsim.study.pictured import evidence_of
from svcsim.study.pit import pit_of, places
from svcsim.study.reasons import reasons_of
from svcsim.study.sketch import Sketch, Sketcher
from svcsim.study.told import unspoken
from svcsim.study.volume import volume_checks
from svcsim.text import Text

METRICS = (
    "volume", "frt_p50", "frt_p90", "frt_within(1h)", "wait", "answered_within(20s)", "abandon",
    "aht", "res_full_p50", "res_full_p90", "res_within(24h)", "transfers", "reopen",
    "repeat(7d)", "fcr_window(7d)", "csat_top2", "csat_response", "backlog",
)  # fmt: skip
"""What the verdict looks at, as far as the history has it."""

PASSING, WARNING = 0.8, 0.6
"""Shares of cells inside the 90 % band for pass and warn."""
LEAST_CELLS = 8
"""Cells below which no verdict is better than warn."""
FAR = 6.0
"""|z| of a value beyond which the verdict is fail, however many others lie inside."""
UNLIKELY = 0.05
"""What a right model does less often than this is held against the model."""


@dataclass(frozen=True)
class Trial:
    """One origin after its replays: what was seen and what the desk made of it."""

    origin: Origin
    seen: Sketch
    real: Cells
    sims: tuple[Sketch, ...] = ()
    forecast: Cells = Cells()
    drawn: tuple[Sketch, ...] = ()
    """Sketches of the replications with forecast arrivals."""


def run_trial(
    model: ServiceModel,
    log: ContactLog,
    start: date,
    end: date,
    *,
    replications: int,
    forecasts: int,
    seed: int,
    rows: int = 0,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Trial:
    """Replay ``[start, end)`` of a log that the model was not fitted on.

    ``replications`` times with the arrivals of the log (the service model is tested), ``forecasts``
    times with drawn ones (all of it is); either may be 0. ``rows``: contacts the fit has seen.
    """
    live = tuple(name for name, channel in model.channels.items() if channel.mode == "live")
    period = _weeks(start, end, log.timezone)
    total, done = replications + forecasts, 0
    found: dict[Arrivals, tuple[Cells, tuple[Sketch, ...]]] = {}
    seen: Sketch | None = None
    kinds: tuple[tuple[Arrivals, int], ...] = (("real", replications), ("forecast", forecasts))
    for arrivals, number in kinds:
        if not number:
            continue
        span = Span.of(log, model, start, end, real=arrivals == "real")
        metrics = _told_by(model, with_values(span.observed, METRICS), arrivals == "real")
        reduce = Sketcher(live, tuple(metrics), period)
        told = None if progress is None else _onward(progress, done, total)
        sims = replay(
            model, span, reduce,
            replications=number, seed=seed, redraw=True, workers=workers, progress=told,
        )  # fmt: skip
        done += number
        if seen is None:
            seen = Sketcher(live)(span.observed)
        table = evaluate(span.observed, metrics, period=period, intervals=False)
        tables = [sketch.kpis for sketch in sims]
        found[arrivals] = cells_of(table, tables, start.isoformat()), tuple(sims)
    assert seen is not None
    real, sims_real = found.get("real", (Cells(), ()))
    forecast, drawn = found.get("forecast", (Cells(), ()))
    origin = Origin(
        start=start.isoformat(),
        end=end.isoformat(),
        rows=rows,
        slowdown=round(float(model.staffing.slowdown.value), 4),
        cells=len(real.cells),
        inside=sum(c.inside for c in real.cells),
        forecast_cells=len(forecast.cells),
        forecast_inside=sum(c.inside for c in forecast.cells),
    )
    return Trial(origin, seen, real, sims_real, forecast, drawn)


def _onward(
    progress: Callable[[int, int], None], before: int, total: int
) -> Callable[[int, int], None]:
    return lambda done, _: progress(before + done, total)


def verdict_of(
    trials: Sequence[Trial],
    *,
    replications: int,
    halves: tuple[Sketch, Sketch] | None = None,
    log: ContactLog | None = None,
) -> Fidelity:
    """Return the verdict over all origins, with everything that stands behind it.

    ``log``: the whole history, for the series of the pictures.
    """
    judged: Arrivals = "real" if any(t.real.cells for t in trials) else "forecast"
    parts = [t.real if judged == "real" else t.forecast for t in trials]
    cells = tuple(cell for part in parts for cell in part.cells)
    other = tuple(cell for t in trials for cell in t.forecast.cells) if judged == "real" else ()
    allowed = chance(parts)
    verdict, why, share = judge(cells, allowed)
    seen = [t.seen for t in trials]
    drawn = [t.drawn for t in trials if t.drawn]
    sims = [t.sims for t in trials if t.sims]
    far = distances(seen, sims, "real", halves) if sims else ()
    if len(drawn) == len(trials):
        far = (*distances(seen, drawn, "forecast", halves), *far)
    shares = coverage(cells, judged) + coverage(other, "forecast") + _volume_cover(trials)
    found = Fidelity(
        verdict=verdict,
        why=why,
        inside_share=share,
        replications=replications,
        arrivals=judged,
        limit=round(allowed.limit, 3),
        by_chance=None if allowed.by_chance is None else round(allowed.by_chance, 4),
        cells=cells,
        forecast=other,
        origins=tuple(t.origin for t in trials),
        coverage=shares,
        pit=_pits(parts, [t.seen for t in trials if t.drawn], drawn),
        distances=far,
        volume=(
            volume_checks([t.origin.start for t in trials if t.drawn],
                          [t.seen for t in trials if t.drawn], drawn)
            if drawn else ()
        ),
        evidence=None if log is None else evidence_of(log, trials),
        definitions={c.metric: get_metric(c.metric).definition for c in (*cells, *other)},
    )  # fmt: skip
    found = found.model_copy(update={"levels": level_errors(found)})
    if found.verdict == "pass" and not all(level.within for level in found.levels):
        # wide bands hide what a desk would feel; the reasons name the level
        found = found.model_copy(update={"verdict": "warn"})
    return found.model_copy(update={"reasons": reasons_of(found)})


def _volume_cover(trials: Sequence[Trial]) -> tuple[Coverage, ...]:
    """Return how many forecasts of a period's volume cover it, and how often that is chance."""
    parts = [t.forecast.only("volume") for t in trials]
    rows = coverage([c for p in parts for c in p.cells], "forecast", "volume", (0.9,))
    luck = chance(parts).by_chance
    return tuple(row.model_copy(update={"by_chance": luck}) for row in rows)


def check_fidelity(
    model: ServiceModel,
    log: ContactLog,
    start: date,
    end: date,
    *,
    replications: int = 100,
    seed: int = 7,
    arrivals: Literal["real", "forecast", "both"] = "real",
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Fidelity:
    """Return the verdict on ``[start, end)`` of a log that the model was not fitted on."""
    trial = run_trial(
        model, log, start, end,
        replications=replications if arrivals != "forecast" else 0,
        forecasts=replications if arrivals != "real" else 0,
        seed=seed, workers=workers, progress=progress,
    )  # fmt: skip
    return verdict_of([trial], replications=replications)


def show_period(period: str) -> Text:
    """Return a period as sentences name it: ``all`` is the whole span."""
    return Text("all", "全程") if period == "all" else Text.same(period)


def judge(
    cells: tuple[FidelityCell, ...], allowed: Chance | None = None
) -> tuple[Verdict, Text, float | None]:
    """Return verdict, reason and the share of cells inside their band (rule: see the module)."""
    if not cells:
        nothing = Text(
            "no KPI could be compared on the held-out span", "留出历史上没有可比较的指标"
        )
        return "none", nothing, None
    allowed = allowed or Chance(None, STRICT_Z)
    worst = max(cells, key=lambda cell: abs(cell.z))
    inside = sum(cell.inside for cell in cells)
    share = inside / len(cells)
    when = show_period(worst.period)
    if worst.period == "all" and len({cell.origin for cell in cells}) > 1:
        when = Text.same(worst.origin)
    text = Text(
        f"{inside} of {len(cells)} KPI x period cells inside the 90 % band; "
        f"worst: {worst.metric} {when} (z = {worst.z:+.1f})",
        f"{len(cells)} 个指标周期中 {inside} 个落在 90% 带内；偏离最大："
        f"{get_metric(worst.metric).zh} {when.zh}（z = {worst.z:+.1f}）",
    )
    if share >= PASSING and abs(worst.z) <= allowed.limit and len(cells) >= LEAST_CELLS:
        return "pass", text, share
    near = abs(worst.z) <= allowed.limit
    if abs(worst.z) > FAR:
        return "fail", text, share
    lucky = near and allowed.by_chance is not None and allowed.by_chance >= UNLIKELY
    return ("warn" if share >= WARNING or lucky else "fail"), text, share


def _pits(
    parts: Sequence[Cells], seen: Sequence[Sketch], drawn: Sequence[Sequence[Sketch]]
) -> tuple[Pit, ...]:
    """Return the PIT of all cells, of each KPI, and of the forecast of daily openings."""
    stacks = [part.stacked for part in parts if part.stacked is not None]
    out = []
    if stacks:
        rows = min(len(stack) for stack in stacks)
        u = places(np.concatenate([stack[:rows] for stack in stacks], axis=1))
        periods = np.array([p for part in parts for p in part.periods])
        metrics = np.array([cell.metric for part in parts for cell in part.cells])
        out.append(pit_of("all", u, list(periods)))
        for name in dict.fromkeys(metrics):
            out.append(pit_of(str(name), u[:, metrics == name], list(periods[metrics == name])))
    if drawn:
        rows = min(len(sims) for sims in drawn)
        days = [_stacked_days(real, sims[:rows]) for real, sims in zip(seen, drawn, strict=True)]
        u = places(np.concatenate(days, axis=1))
        out.append(pit_of("volume by day", u, [str(k // 7) for k in range(u.shape[1])]))
    return tuple(pit for pit in out if pit is not None)


def _stacked_days(real: Sketch, sims: Sequence[Sketch]) -> NDArray[np.float64]:
    return np.stack([real.days, *(sim.days for sim in sims)])


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
