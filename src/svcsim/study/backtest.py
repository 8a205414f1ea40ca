"""Replay a span of history: real arrivals, true opening backlog, simulated service."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
from joblib import Parallel, delayed

from svcsim.calendar.days import midnight
from svcsim.compiler import available
from svcsim.contacts.log import ContactLog
from svcsim.engine.demand import Cases, Horizon
from svcsim.engine.opening import Opening, opening_state, replay_cases
from svcsim.engine.simulate import simulate
from svcsim.metrics.evaluate import evaluate
from svcsim.metrics.periods import Periods
from svcsim.model.service import ServiceModel

DAY = 86400
HEAVY = 400_000
"""Contacts to simulate from which processes are worth starting."""
BATCH = 10
"""Replications of one task of a process, so that the opening state is passed on once for all."""


@dataclass(frozen=True)
class Span:
    """A span of history to replay, with what the log knows of it and nothing more."""

    horizon: Horizon
    observed: ContactLog
    opening: Opening
    cases: Cases | None

    @classmethod
    def of(
        cls, log: ContactLog, model: ServiceModel, start: date, end: date, real: bool = True
    ) -> Span:
        """Cut ``[start, end)`` out of a log; events after the tail are hidden on both sides.

        The tail lets windows mature: at most 7 days, and no longer than the log knows.
        """
        first, last = (midnight(day, log.timezone) for day in (start, end))
        tail = int(min(7, max((log.observed_until - last) // DAY, 0)))
        until = midnight(end + timedelta(days=tail), log.timezone)
        horizon = Horizon(start, (end - start).days, tail)
        return cls(
            horizon=horizon,
            observed=log.known_at(until).window(first, last),
            opening=opening_state(log, first, model),
            cases=replay_cases(log, model, first, until) if real else None,
        )


def replay(
    model: ServiceModel,
    span: Span,
    reduce: Callable[[ContactLog], Any],
    *,
    replications: int,
    seed: int,
    redraw: bool,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Any]:
    """Return ``reduce(simulated log)`` of every replication of a replayed span, in order.

    Threads where the work is small (they share the compiled clock and the memory), processes where
    it is worth their start: what surrounds the clock holds the interpreter lock.
    """
    jobs = min(workers or os.cpu_count() or 1, replications)
    small = available() and len(span.observed) * replications < HEAVY
    size = 1 if small else max(min(replications // (4 * jobs), BATCH), 1)
    # The observed log is large and no worker needs it.
    task = (model, span.horizon, span.opening, span.cases, reduce)
    tasks = (
        delayed(_some)(*task, seed, range(first, min(first + size, replications + 1)), redraw)
        for first in range(1, replications + 1, size)
    )
    out: list[Any] = []
    backend = "threading" if small else "loky"
    for results in Parallel(n_jobs=jobs, return_as="generator", backend=backend)(tasks):
        out += results
        if progress is not None:
            progress(len(out), replications)
    return out


def _some(
    model: ServiceModel,
    horizon: Horizon,
    opening: Opening,
    cases: Cases | None,
    reduce: Callable[[ContactLog], Any],
    seed: int,
    replications: range,
    redraw: bool,
) -> list[Any]:
    return [
        reduce(
            simulate(
                model, horizon, seed=seed, replication=replication, opening=opening,
                redraw_parameters=redraw, cases=cases,
            )
        )
        for replication in replications
    ]  # fmt: skip


@dataclass(frozen=True)
class Kpis:
    """A picklable reduction: the KPI table of a log."""

    metrics: tuple[str, ...]
    period: str | Periods | None = None

    def __call__(self, log: ContactLog) -> pd.DataFrame:
        """Measure one simulated log."""
        return evaluate(log, self.metrics, period=self.period, intervals=False)


def with_values(log: ContactLog, metrics: Sequence[str]) -> list[str]:
    """Return the metrics that the log has values for."""
    table = evaluate(log, list(metrics), intervals=False)
    return [m for m, value in zip(table["metric"], table["value"], strict=True) if value == value]


def with_slowdown(model: ServiceModel, value: float, **learned: Any) -> ServiceModel:
    """Return the model with another slowdown factor."""
    from svcsim.model.quantity import Factor

    factor = Factor(value=value, **learned)
    return model.model_copy(
        update={"staffing": model.staffing.model_copy(update={"slowdown": factor})}
    )


def without_hindsight(log: ContactLog, instant: float) -> ContactLog:
    """Return the log as known at ``instant``, ending there."""
    known = log.known_at(instant)
    return replace(known, end=min(known.end, instant))
