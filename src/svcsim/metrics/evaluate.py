"""Evaluate metrics on a log: history, simulation and live periods take this one path.

Elementwise parts are computed once a log for all replications stacked in it; groups are whole
numbers; every kind is reduced over all groups at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.compiler import given
from svcsim.contacts.codes import coded
from svcsim.contacts.log import ContactLog
from svcsim.metrics import spells
from svcsim.metrics.asked import alternatives, asked_metrics, check_by, cut_periods
from svcsim.metrics.elementwise import Elementwise, Values
from svcsim.metrics.facts import FACTS
from svcsim.metrics.groups import group_rows
from svcsim.metrics.metric import OVER_TIME, Across, Distinct, Metric, PerDistinct, PlanRatio
from svcsim.metrics.periods import WHOLE, Periods, day_index
from svcsim.metrics.reduce import Cells, Reduced, reduce
from svcsim.metrics.replications import Part, replications
from svcsim.metrics.side import side
from svcsim.metrics.support import missing_columns
from svcsim.metrics.table import kpi_table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

__all__ = ["evaluate", "missing_columns"]


def evaluate(
    log: ContactLog,
    metrics: str | Metric | Iterable[str | Metric],
    by: str | Sequence[str] = (),
    period: str | Periods | None = None,
    intervals: bool = True,
) -> pd.DataFrame:
    """Return the KpiTable of a log: one row a replication, period, group and metric.

    Contacts count by the window of the log, ``[start, end)``: without a period those opened in
    it, whatever happened to them later; with periods those whose metric's date lies in it. Rows
    outside the window are context: they make repeats, backlog and work in progress known.

    Parameters
    ----------
    log : ContactLog
        May hold many replications; each is a group of its own.
    metrics : str, Metric or iterable of them
        ``"frt_p90"``, ``"frt_within(10min)"``, ...
    by : str or sequence of str
        Text columns to group by. Contacts without a value form a group labelled NaN.
    period : {None, "day", "week", "month", "quarter"} or Periods
        None measures the window as a whole (label ``all``); else local calendar periods, or any
        consecutive spans. Periods are cut to the window.
    intervals : bool
        Whether to compute 95 % intervals (leave out for simulated replications).

    Returns
    -------
    DataFrame
        ``scenario, replication, period, *by, metric, value, n, lower, upper, unit``; an empty
        group has value NaN and n 0.

    Raises
    ------
    InputError
        For an unknown metric, column or period.
    """
    wanted = asked_metrics(metrics)
    keys = (by,) if isinstance(by, str) else tuple(by)
    check_by(keys)
    run = _Run(log, wanted, keys, period, intervals)
    return run.table(run.results())


class _Run:
    """What the metrics of one call share: groups, periods, elementwise values, dates.

    A run of some replications of a log has the run of the ``whole``: groups, periods and what is
    known at all are told there.
    """

    def __init__(
        self,
        log: ContactLog,
        metrics: Sequence[Metric],
        by: tuple[str, ...],
        period: str | Periods | None,
        intervals: bool,
        whole: _Run | None = None,
    ) -> None:
        self.log, self.metrics, self.intervals = log, metrics, intervals
        self.by, self.period = by, period
        self.whole = self if whole is None else whole
        if whole is None:
            self.groups = group_rows(log.frame, by)
            self.periods = None if period is None else cut_periods(log, period)
            self.expressions = _expressions(metrics)
            self.lacks = {id(metric): bool(missing_columns(log, metric)) for metric in metrics}
        self.cells: dict[tuple[str, ...], Cells] = {}

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Of the periods."""
        return (WHOLE,) if self.periods is None else self.periods.labels

    @cached_property
    def values(self) -> Values:
        """Elementwise parts of the metrics."""
        return self.whole.expressions.values(self.log, self.whole.log)

    @cached_property
    def codes(self) -> dict[str, tuple[Ints, int]]:
        """Codes of columns whose labels are counted."""
        kinds = [m.kind for m in self.metrics if m.table == "contacts"]
        counted = {k.column for k in kinds if isinstance(k, (Distinct, PerDistinct))}
        return {name: _codes(self.log, name) for name in counted}

    def results(self) -> list[Reduced]:
        """Return every cell of every metric, by replications at once where there are many."""
        parts = replications(self.log, self.groups)
        if len(parts) < 2:
            return [self.reduce(metric) for metric in self.metrics]

        def measured(part: Part) -> list[Reduced]:
            run = _Run(part.log, self.metrics, self.by, self.period, self.intervals, self)
            run.groups, run.periods = part.groups, self.periods
            return [run.reduce(metric) for metric in self.metrics]

        with ThreadPoolExecutor(os.cpu_count()) as crew:
            found = list(crew.map(measured, parts))
        return [
            Reduced(*(np.concatenate(columns) for columns in zip(*results, strict=True)))
            for results in zip(*found, strict=True)
        ]

    def reduce(self, metric: Metric) -> Reduced:
        """Return every cell of one metric."""
        beside = metric.table != "contacts" or isinstance(metric.kind, (Across, PlanRatio))
        many = len(self.whole.groups.replications) > 1  # side tables are of one history
        if beside and many:
            return self._unknown()
        if isinstance(metric.kind, OVER_TIME):
            return spells.over_time(metric.kind, self.log, self.groups, self._spans().edges)
        if self.whole.lacks[id(metric)]:
            return self._unknown()
        if beside:
            return side(metric, self.log, self.groups, self._spans(), self.intervals)
        return reduce(metric.kind, self._dated(metric.dated_by))

    def _unknown(self) -> Reduced:
        """Return no value in every cell."""
        blank = np.full(len(self.groups) * len(self.labels), np.nan)
        return Reduced(blank, np.zeros(len(blank), dtype=np.int64), blank, blank)

    def _spans(self) -> Periods:
        """Return the periods, the window itself where there are none."""
        if self.periods is not None:
            return self.periods
        return Periods(np.array([self.log.start, self.log.end]), self.labels)

    def table(self, results: Sequence[Reduced]) -> pd.DataFrame:
        """Return the tidy table."""
        scenario = "history" if self.log.origin == "history" else self.log.name
        return kpi_table(scenario, self.groups, self.labels, self.metrics, results)

    def _dated(self, dated_by: tuple[str, ...]) -> Cells:
        if dated_by not in self.cells:
            dates = self.log.frame[dated_by[0]].to_numpy()
            for name in dated_by[1:]:
                dates = np.where(np.isnan(dates), self.log.frame[name].to_numpy(), dates)
            group = self.groups.row
            if self.periods is None:
                opened = self.log.frame["opened_s"].to_numpy()
                inside = (opened >= self.log.start) & (opened < self.log.end)
                cell = np.where(inside, group, -1)
            else:
                cell = self.periods.cells(dates, group)
            zone = self.log.timezone
            self.cells[dated_by] = Cells(
                given(cell, "i8"),
                len(self.groups) * len(self.labels),
                *self.values,
                self.codes,
                _once(lambda: day_index(dates, zone)) if self.intervals else None,
                dates,
            )
        return self.cells[dated_by]


def _expressions(metrics: Sequence[Metric]) -> Elementwise:
    """Return the expressions of metrics, each once."""
    expressions = {
        id(part): part
        for metric in metrics
        for part in vars(metric.kind).values()
        if isinstance(part, nw.Expr) and metric.table == "contacts"
    }
    needs = {name for metric in metrics for name in alternatives(metric)}
    return Elementwise(expressions.values(), needs)


def _codes(log: ContactLog, column: str) -> tuple[Ints, int]:
    """Return the codes of a text column or of a fact that is a code, and their bound."""
    known = coded(log.frame, column).code if column in log.frame else FACTS[column](log)
    return given(known, "i8"), int(known.max(initial=-1)) + 1


def _once(compute: Any) -> Any:
    """Return a function that computes at the first call and remembers."""
    memory: list[Any] = []

    def remembered() -> Any:
        if not memory:
            memory.append(compute())
        return memory[0]

    return remembered
