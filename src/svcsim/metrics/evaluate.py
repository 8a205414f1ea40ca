"""Evaluate metrics on a log: history, simulation and live periods take this one path.

Elementwise parts are computed once a log for all replications stacked in it; groups are whole
numbers; every kind is reduced over all groups at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.compiler import given
from svcsim.contacts.codes import coded
from svcsim.contacts.columns import columns
from svcsim.contacts.log import ContactLog
from svcsim.errors import Finding, InputError, nearest
from svcsim.metrics import spells
from svcsim.metrics.catalogue import get_metric
from svcsim.metrics.elementwise import elementwise
from svcsim.metrics.facts import FACTS
from svcsim.metrics.groups import group_rows
from svcsim.metrics.metric import OVER_TIME, Across, Distinct, Metric, PerDistinct
from svcsim.metrics.periods import WHOLE, Periods, day_index, local_periods
from svcsim.metrics.reduce import Cells, Reduced, reduce
from svcsim.metrics.side import side
from svcsim.metrics.support import missing_columns

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
    wanted = _metrics(metrics)
    keys = (by,) if isinstance(by, str) else tuple(by)
    _check_by(keys)
    run = _Run(log, wanted, keys, period, intervals)
    return run.table([run.reduce(metric) for metric in wanted])


class _Run:
    """What the metrics of one call share: groups, periods, elementwise values, dates."""

    def __init__(
        self,
        log: ContactLog,
        metrics: Sequence[Metric],
        by: tuple[str, ...],
        period: str | Periods | None,
        intervals: bool,
    ) -> None:
        self.log, self.metrics, self.intervals = log, metrics, intervals
        self.groups = group_rows(log.frame, by)
        self.periods = None if period is None else _cut(log, period)
        self.labels = (WHOLE,) if self.periods is None else self.periods.labels
        expressions = {
            id(part): part
            for metric in metrics
            for part in vars(metric.kind).values()
            if isinstance(part, nw.Expr) and metric.table == "contacts"
        }
        needs = {name for metric in metrics for name in _alternatives(metric)}
        self.values = elementwise(log, expressions.values(), needs)
        self.cells: dict[tuple[str, ...], Cells] = {}
        self.codes = {
            name: _codes(log, name)
            for name in {
                m.kind.column
                for m in metrics
                if isinstance(m.kind, (Distinct, PerDistinct)) and m.table == "contacts"
            }
        }

    def reduce(self, metric: Metric) -> Reduced:
        """Return every cell of one metric."""
        if isinstance(metric.kind, OVER_TIME):
            return spells.over_time(metric.kind, self.log, self.groups, self._spans().edges)
        if missing_columns(self.log, metric):
            blank = np.full(len(self.groups) * len(self.labels), np.nan)
            return Reduced(blank, np.zeros(len(blank), dtype=np.int64), blank, blank)
        if metric.table != "contacts" or isinstance(metric.kind, Across):
            return side(metric, self.log, self.groups, self._spans(), self.intervals)
        return reduce(metric.kind, self._dated(metric.dated_by))

    def _spans(self) -> Periods:
        """Return the periods, the window itself where there are none."""
        if self.periods is not None:
            return self.periods
        return Periods(np.array([self.log.start, self.log.end]), self.labels)

    def table(self, results: Sequence[Reduced]) -> pd.DataFrame:
        """Return the tidy table, metric varying fastest within group and period."""
        groups, periods, metrics = len(self.groups), len(self.labels), len(self.metrics)
        scenario = "history" if self.log.origin == "history" else self.log.name
        group, period, metric = np.indices((groups, periods, metrics), dtype=np.int32)
        keys = self.groups.columns()
        data: dict[str, Any] = {"scenario": _chosen([scenario], np.zeros_like(group))}
        data["replication"] = keys.pop("replication")[group.ravel()]
        data["period"] = _chosen(self.labels, period)
        for name, labels in keys.items():
            data[name] = labels[group.ravel()]
        data["metric"] = _chosen([m.id for m in self.metrics], metric)
        for part, kind in (("value", "f8"), ("n", "i8"), ("lower", "f8"), ("upper", "f8")):
            columns = [getattr(result, part) for result in results]
            data[part] = np.column_stack(columns).ravel() if columns else np.empty(0, dtype=kind)
        data["unit"] = _chosen([m.unit for m in self.metrics], metric)
        return pd.DataFrame(data, copy=False)

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


def _codes(log: ContactLog, column: str) -> tuple[Ints, int]:
    """Return the codes of a text column or of a fact that is a code, and their bound."""
    known = coded(log.frame, column).code if column in log.frame else FACTS[column](log)
    return given(known, "i8"), int(known.max(initial=-1)) + 1


def _chosen(texts: Sequence[str], which: NDArray[np.int32]) -> Any:
    """Return a text column: one of a few texts a row."""
    return pd.array(list(texts), dtype="str").take(which.ravel())


def _metrics(metrics: str | Metric | Iterable[str | Metric]) -> list[Metric]:
    names = [metrics] if isinstance(metrics, (str, Metric)) else list(metrics)
    found: list[Metric] = []
    findings: list[Finding] = []
    for name in names:
        try:
            found.append(name if isinstance(name, Metric) else get_metric(name))
        except InputError as error:
            findings += error.findings
    if findings:
        raise InputError(findings)
    return found


def _check_by(by: tuple[str, ...]) -> None:
    text = [name for name, column in columns().items() if not column.is_number]
    findings = [
        Finding("--by", f"'{name}'", f"expected among {', '.join(text)}", nearest(name, text))
        for name in by
        if name not in text
    ]
    if findings:
        raise InputError(findings)


def _alternatives(metric: Metric) -> list[str]:
    return [name for need in metric.needs for name in need.split("|")]


def _cut(log: ContactLog, period: str | Periods) -> Periods:
    """Return the periods of the window, the outer ones cut to it."""
    whole = (
        local_periods(log.start, log.end, log.timezone, period)
        if isinstance(period, str)
        else period
    )
    return Periods(np.clip(whole.edges, log.start, log.end), whole.labels)


def _once(compute: Any) -> Any:
    """Return a function that computes at the first call and remembers."""
    memory: list[Any] = []

    def remembered() -> Any:
        if not memory:
            memory.append(compute())
        return memory[0]

    return remembered
