"""Scenarios x replications -> KPI table; local threads or processes, reduced where it is made."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
from joblib import Parallel, delayed

from svcsim.calendar.days import midnight
from svcsim.compiler import available
from svcsim.contacts.log import ContactLog
from svcsim.engine.demand import Cases, Horizon
from svcsim.engine.opening import Opening
from svcsim.engine.simulate import Engine, simulate
from svcsim.metrics.evaluate import evaluate
from svcsim.model.baseline import Baseline
from svcsim.model.service import ServiceModel
from svcsim.scenario.scenario import Scenario
from svcsim.study.results import PARTS

Progress = Callable[[int, int], None]

SMALL = 12
"""Below this many replications in all, starting processes costs more than it saves."""


BATCH = 5
"""Replications per task: fixed, so that parts of an interrupted or extended run stay valid."""


@dataclass(frozen=True)
class Plan:
    """What to run.

    Parameters
    ----------
    start : date
        First local day of the period.
    days, follow_up_days : int
        Length of the period that counts, and of the tail in which windows mature.
    warm_up_days : int
        Simulated before the period and not counted.
    replications, seed : int
        Replications are numbered 1..n; chance depends on (seed, replication) alone.
    workers : int or None
        Threads or processes; None: as many as the machine has cores.
    engine : {"compiled", "simpy"}
        The clock; the rows are the same. Threads for the compiled one, processes for SimPy.
    """

    start: date
    days: int = 28
    follow_up_days: int = 7
    replications: int = 200
    seed: int = 1
    workers: int | None = None
    engine: Engine = "compiled"
    warm_up_days: int = 0

    @property
    def horizon(self) -> Horizon:
        """Return the simulated days, the warm-up included."""
        first = self.start - timedelta(days=self.warm_up_days)
        return Horizon(first, self.days + self.warm_up_days, self.follow_up_days)

    def counted(self, log: ContactLog) -> ContactLog:
        """Return a simulated log seen through the period that counts, without the warm-up."""
        if not self.warm_up_days:
            return log
        return replace(log, start=float(midnight(self.start, log.timezone)))


def run_experiment(
    baseline: Baseline,
    scenarios: Mapping[str, Scenario | None],
    plan: Plan,
    *,
    metrics: Sequence[str],
    opening: Opening | None = None,
    cases: Cases | None = None,
    by: Sequence[str] = (),
    beside: Mapping[str, Sequence[str]] | None = None,
    period: str | None = None,
    redraw: bool = True,
    replications: Mapping[str, int] | None = None,
    progress: Progress | None = None,
    store: Path | None = None,
) -> pd.DataFrame:
    """Return the KPI table of every scenario and replication (columns as `evaluate` gives).

    ``cases`` are replayed instead of drawn ones. How to run (days, warm-up, seed) is the plan's:
    the ``run`` of the scenarios is not read.
    Scenarios share chance replication by replication (common random numbers). ``replications``
    overrides the plan's number per scenario. ``beside`` names scenarios whose replications are also
    measured by other columns in the same pass: those rows carry the columns, which are missing on
    the others; contacts without a value of them are left out of these rows. ``store`` keeps every
    finished batch as a Parquet part, so an interrupted run goes on where it stopped; the caller
    answers for the folder belonging to the same inputs.
    """
    models: dict[str, ServiceModel] = {}
    for name, scenario in scenarios.items():
        models[name] = baseline.model if scenario is None else scenario.apply(baseline.model)[0]
    wanted = {name: (replications or {}).get(name, plan.replications) for name in models}
    total = sum(wanted.values())
    workers = min(plan.workers or os.cpu_count() or 1, total)
    if total < SMALL:
        workers = 1
    size = BATCH
    batches = [
        (name, first, min(first + size, wanted[name] + 1))
        for name in models
        for first in range(1, wanted[name] + 1, size)
    ]
    tables: dict[tuple[str, int], pd.DataFrame] = {}
    todo = []
    for batch in batches:
        part = _part(store, batch)
        if part is not None and part.exists():
            tables[batch[0], batch[1]] = read_table(part)
        else:
            todo.append(batch)
    done = total - sum(last - first for _, first, last in todo)
    jobs = (
        delayed(_batch)(
            models[name], plan, opening, cases, range(first, last), list(metrics),
            [list(by), list((beside or {}).get(name, ()))], period, redraw, name,
        )
        for name, first, last in todo
    )  # fmt: skip
    # The compiled clock lets go of the interpreter lock: threads share its code and memory.
    backend = "threading" if plan.engine == "compiled" and available() else "loky"
    results = Parallel(n_jobs=workers, return_as="generator", backend=backend)(jobs)
    if progress is not None:
        progress(done, total)
    for batch, table in zip(todo, results, strict=True):
        tables[batch[0], batch[1]] = table
        part = _part(store, batch)
        if part is not None:
            write_table(table, part)
        done += batch[2] - batch[1]
        if progress is not None:
            progress(done, total)
    return pd.concat([tables[name, first] for name, first, _ in batches], ignore_index=True)


def _batch(
    model: ServiceModel,
    plan: Plan,
    opening: Opening | None,
    cases: Cases | None,
    replications: range,
    metrics: list[str],
    by: list[list[str]],
    period: str | None,
    redraw: bool,
    name: str,
) -> pd.DataFrame:
    """Run some replications of one scenario and reduce each to its KPI table at once."""
    whole, beside = by

    def reduced(replication: int) -> list[pd.DataFrame]:
        # in a function of its own, so that no log is kept while the next one is made
        log = plan.counted(simulate(
            model, plan.horizon, seed=plan.seed, replication=replication, opening=opening,
            cases=cases, redraw_parameters=redraw, engine=plan.engine, named=False,
        ))  # fmt: skip
        tables = [evaluate(log, metrics, by=whole, period=period, intervals=False)]
        if beside:
            parts = evaluate(log, metrics, by=beside, period=period, intervals=False)
            tables.append(parts.dropna(subset=beside))
        return tables

    tables = [table for replication in replications for table in reduced(replication)]
    return pd.concat(tables, ignore_index=True).assign(scenario=name)


def _part(store: Path | None, batch: tuple[str, int, int]) -> Path | None:
    if store is None:
        return None
    name = "".join(c if c.isalnum() or c in "+-_" else "_" for c in batch[0])
    return store / PARTS / f"{name}-{batch[1]:06d}-{batch[2]:06d}.parquet"


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a KPI table to Parquet; the file appears only when it is whole."""
    from svcsim.contacts.store import write_frame

    write_frame(table, path)


def read_table(path: Path) -> pd.DataFrame:
    """Read a KPI table back."""
    from svcsim.contacts.store import read_frame

    return read_frame(path)
