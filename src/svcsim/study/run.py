"""One scenario from files to a results folder: resolve, run, summarise, keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from svcsim.contacts.log import ContactLog
from svcsim.engine.demand import Cases
from svcsim.engine.opening import Opening
from svcsim.engine.simulate import Engine, simulate
from svcsim.errors import Finding, InputError
from svcsim.metrics.evaluate import evaluate
from svcsim.model.baseline import Baseline
from svcsim.model.service import ServiceModel
from svcsim.scenario.applied import Applied
from svcsim.scenario.scenario import Scenario, place_of
from svcsim.study.backtest import with_values
from svcsim.study.duty import check_duty, told_at
from svcsim.study.experiment import Plan, Progress, run_experiment, write_table
from svcsim.study.opening import first_day, opening_backlog
from svcsim.study.refusals import check_length, check_metrics, check_span, check_warm_up
from svcsim.study.replayed import Replayed, replayed
from svcsim.study.results import Results, input_files
from svcsim.study.summary import run_summary, widest
from svcsim.study.told import too_short, unspoken, without_value
from svcsim.text import Text

DEFAULT_METRICS = (
    "volume", "frt_p50", "frt_p90", "frt_within(1h)", "wait", "abandon", "answered_within(20s)",
    "aht", "res_full_p50", "res_full_p90", "fcr_window(7d)", "repeat(7d)", "reopen", "csat_top2",
    "csat_response", "occupancy", "backlog",
)  # fmt: skip
WHERE_DECLARED = (
    "nps", "complaint", "churn", "quality_score", "rework", "hold", "empty_reply",
    "cost_per_contact", "cost_per_resolved",
)  # fmt: skip
"""Further KPIs that are shown without being asked for where the desk has what they measure."""


@dataclass(frozen=True)
class RunRequest:
    """What the command line asked for; None: as the scenario says."""

    scenario_file: Path
    folder: Path | None = None
    replications: int | None = None
    precision: float | None = None
    seed: int | None = None
    days: int | None = None
    start: date | None = None
    metrics: tuple[str, ...] = ()
    workers: int | None = None
    engine: Engine = "compiled"
    keep_contacts: bool = False
    trace: bool = False
    """Also hand back replication 1 (`Done.first`)."""
    trace_span: tuple[float, float] | None = None
    """Epoch seconds of the part that is wanted of it; None: all."""
    log_source: str | None = None
    """File or glob of the history."""
    reading: Mapping[str, Any] = field(default_factory=dict)
    """How the history was read and cut."""


@dataclass(frozen=True)
class Done:
    """A finished run; its folder waits to be marked complete (`Results.complete`)."""

    results: Results
    table: pd.DataFrame
    summary: dict[str, Any]
    changes: tuple[Applied, ...]
    first: ContactLog | None = None
    """Replication 1, when its contacts or its trace were asked for."""


def run_scenario(
    scenario: Scenario,
    baseline: Baseline,
    log: ContactLog | None,
    request: RunRequest,
    progress: Progress | None = None,
) -> Done:
    """Run one scenario into its results folder and return what came out."""
    model, changes = scenario.apply(baseline.model)
    plan, opening, cases = _planned(scenario, baseline, model, log, request)
    metrics, silent = _spoken(model, scenario, request, plan.days + plan.follow_up_days)
    _check(plan, scenario, baseline, model, request, started=opening is not None)
    results = _results(scenario, baseline, log, request, plan, metrics)

    def run(replications: int) -> pd.DataFrame:
        return run_experiment(
            baseline, {scenario.name: scenario}, replace(plan, replications=replications),
            metrics=metrics, opening=opening, cases=cases, progress=progress, store=results.folder,
        )  # fmt: skip

    table = run(plan.replications) if request.precision is None else _until(run, request.precision)
    valueless = without_value(table)
    table = table[~table["metric"].isin(valueless)]
    if table.empty:
        raise InputError([Finding(metric, why) for metric, why in valueless.items()])
    summary = run_summary(scenario, baseline, model, changes, plan, table, silent | valueless)
    if log is not None:
        table = pd.concat([_history(log, metrics, plan.days), table], ignore_index=True)
    write_table(table, results.folder / "kpis.parquet")
    results.json("summary.json", summary)
    first = None
    if request.keep_contacts or request.trace:
        first = simulate(
            model, plan.horizon, seed=plan.seed, replication=1, opening=opening, cases=cases,
            engine="simpy" if request.trace else "compiled", notes=request.trace,
        )  # fmt: skip
    if first is not None and request.keep_contacts:
        plan.counted(first).to_parquet(results.folder / "contacts.parquet")
    return Done(results, table, summary, changes, first)


def _planned(
    scenario: Scenario,
    baseline: Baseline,
    model: ServiceModel,
    log: ContactLog | None,
    request: RunRequest,
) -> tuple[Plan, Opening | None, Cases | None]:
    """Return what is run: days and replications, what it begins with, cases that are replayed."""
    run = scenario.run
    follow_up = -(-int(run.follow_up) // 86400)
    asked = request.start or (date.fromisoformat(run.start) if run.start else None)
    real = None
    if run.replay is not None:
        real = _replayed(run.replay, log, model, asked, baseline, request, follow_up)
    plan = Plan(
        start=real.start if real else asked or first_day(baseline, log),
        days=real.days if real else request.days or run.days,
        follow_up_days=follow_up,
        replications=request.replications or run.replications,
        seed=run.seed if request.seed is None else request.seed,
        workers=request.workers,
        engine=request.engine,
        warm_up_days=-(-int(run.warm_up) // 86400),
    )
    if real is not None:
        return plan, real.opening, real.cases
    return plan, None if log is None else opening_backlog(log, model), None


def _check(
    plan: Plan,
    scenario: Scenario,
    baseline: Baseline,
    model: ServiceModel,
    request: RunRequest,
    started: bool,
) -> None:
    """Refuse a run whose times do not fit, or in which nobody would ever serve a team."""
    check_warm_up(plan, started, request.scenario_file)
    check_length(plan, request.scenario_file)
    check_span(request.trace_span, plan, model.timezone)
    try:
        check_duty(model, plan.horizon, plan.seed)
    except InputError as error:
        file = request.scenario_file
        raise told_at(error, baseline.model, scenario, plan, file) from None


def _results(
    scenario: Scenario,
    baseline: Baseline,
    log: ContactLog | None,
    request: RunRequest,
    plan: Plan,
    metrics: list[str],
) -> Results:
    """Return the folder of the run, which belongs to these settings and inputs alone."""
    settings = {
        "scenario": scenario.model_dump(mode="json"),
        "baseline": baseline.model_dump(mode="json"),
        "start": str(plan.start), "days": plan.days, "follow_up_days": plan.follow_up_days,
        "seed": plan.seed, "metrics": metrics,
        "opening": None if log is None else [log.name, log.end, len(log)],
        "reading": dict(request.reading),
    }  # fmt: skip
    inputs = {"scenario": request.scenario_file, **input_files("log", request.log_source)}
    inputs |= input_files("mapping", request.reading.get("mapping"))
    return Results(request.folder, scenario.name, settings, inputs)


def _replayed(
    span: str,
    log: ContactLog | None,
    model: ServiceModel,
    start: date | None,
    baseline: Baseline,
    request: RunRequest,
    follow_up: int,
) -> Replayed:
    """Return the real cases of a span; what is wrong with it is told at its line of the file."""
    try:
        return replayed(
            span, log, model, start, earliest=first_day(baseline, log),
            days=request.days, follow_up_days=follow_up,
        )  # fmt: skip
    except InputError as error:
        place = place_of(request.scenario_file, "run", "replay")
        told = [replace(f, where=place, found=f"run.replay: {f.found}") for f in error.findings]
        raise InputError(told) from None


def _spoken(
    model: ServiceModel, scenario: Scenario, request: RunRequest, days: int
) -> tuple[list[str], dict[str, Text]]:
    """Return the KPIs asked for that the run can speak about, and why it cannot about others."""
    asked = list(request.metrics or scenario.metrics)
    if not asked:
        declared = [metric for metric in WHERE_DECLARED if unspoken(model, metric) is None]
        asked = [*DEFAULT_METRICS, *declared]
    check_metrics(asked, None if request.metrics else request.scenario_file)
    reasons = {metric: unspoken(model, metric) or too_short(metric, days) for metric in asked}
    silent = {metric: why for metric, why in reasons.items() if why is not None}
    metrics = [metric for metric in asked if metric not in silent]
    if not metrics:
        raise InputError(
            [
                Finding(metric, str(why), "expected a KPI that the baseline simulates")
                for metric, why in silent.items()
            ]
        )
    return metrics, silent


def _until(run: Any, precision: float, first: int = 30, most: int = 1000) -> pd.DataFrame:
    """Run 30 replications, then blocks until the widest mean is precise enough (at most 1000).

    A relative rule g is corrected to g / (1 + g) so that the error relative to the true mean
    stays below g (Law 2007).
    """
    replications = first
    table: pd.DataFrame = run(replications)
    while replications < most:
        width = widest(table)[1]
        if width <= precision / (1 + precision):
            break
        needed = int(np.ceil(replications * (width / precision) ** 2 / 10) * 10)
        replications = min(max(replications + 10, min(needed, 2 * replications)), most)
        table = run(replications)
    return table


def _history(log: ContactLog, metrics: list[str], days: int) -> pd.DataFrame:
    """Return the observed KPIs of the log's last ``days`` days, for comparison."""
    start = max(log.end - days * 86400.0, log.start)
    recent = log.window(start, log.end)
    table = evaluate(recent, with_values(recent, metrics))
    return table.assign(scenario="history", replication=0)
