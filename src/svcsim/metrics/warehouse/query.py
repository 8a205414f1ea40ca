"""The queries of one call: what an engine is asked for the metrics that date contacts alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.columns import columns
from svcsim.contacts.window import Window
from svcsim.metrics import metric as kinds
from svcsim.metrics.asked import alternatives, cut_periods
from svcsim.metrics.metric import Metric
from svcsim.metrics.periods import WHOLE, Periods, local_periods
from svcsim.metrics.reduce import Reduced
from svcsim.metrics.table import kpi_table
from svcsim.metrics.warehouse import kinds as finish
from svcsim.metrics.warehouse.backlog import backlog
from svcsim.metrics.warehouse.edges import period_of
from svcsim.metrics.warehouse.expressions import Told
from svcsim.metrics.warehouse.groups import KEY, Grouped, group
from svcsim.metrics.warehouse.keeping import Keeper
from svcsim.metrics.warehouse.rows import (
    FACTS_OF,
    GAP_OF,
    Table,
    canonical,
    fetch,
    gaps_after,
    returned,
    with_facts,
)
from svcsim.metrics.warehouse.sums import CELL, DAY, Sums, add_up

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


FEW_A_CELL, MANY = 300, 20_000_000
"""Contacts a cell, and in all, up to which their values come back one by one: quicker then."""


class Query:
    """What the metrics of one call share."""

    def __init__(
        self,
        frame: Any,
        window: Window,
        metrics: list[Metric],
        by: tuple[str, ...],
        period: str | Periods | None,
        intervals: bool,
        keeper: Keeper,
    ) -> None:
        self.window, self.metrics, self.intervals = window, metrics, intervals
        self.keeper = keeper
        self.periods = None if period is None else cut_periods(window, period)
        self.labels = (WHOLE,) if self.periods is None else self.periods.labels
        self.rows = canonical(frame, _columns_of(metrics, by))
        self.grouped: Grouped = group(self.rows, by, keeper)
        self.size = len(self.grouped.groups) * len(self.labels)

    def table(self) -> pd.DataFrame:
        """Return the tidy table."""
        results: dict[int, Reduced] = {}
        for dated_by in dict.fromkeys(metric.dated_by for metric in self.metrics):
            alike = [m for m in self.metrics if m.dated_by == dated_by and self._supported(m)]
            for metric, result in zip(alike, _Dated(self, dated_by, alike).reduce(), strict=True):
                results[id(metric)] = result
        empty = np.full(self.size, np.nan)
        nothing = Reduced(empty, np.zeros(self.size, dtype=np.int64), empty, empty)
        scenario = "history" if self.window.origin == "history" else self.window.name
        return kpi_table(
            scenario,
            self.grouped.groups,
            self.labels,
            self.metrics,
            [results.get(id(metric), nothing) for metric in self.metrics],
        )

    @cached_property
    def known(self) -> dict[str, float]:
        """How often each needed column is known at all, and first and last of the times."""
        names = [name for name in self.rows.columns if name != "replication"]
        counts = {f"{name} n": nw.col(name).count() for name in names}
        times = [name for name in names if columns()[name].type == "time"]
        ends = {f"{name} first": nw.col(name).min() for name in times}
        ends |= {f"{name} last": nw.col(name).max() for name in times}
        found = fetch(self.rows.select(**counts, **ends))
        return {name: float(value[0]) for name, value in found.items()}

    @cached_property
    def gaps(self) -> Table:
        """How soon contacts were followed by another of their case."""
        return self.keeper.keep(gaps_after(self.keeper.keep(returned(self.rows))))

    @property
    def repeats_are_rare(self) -> bool:
        """Whether counting equal values of a cell would hardly make them fewer."""
        contacts = self.known["opened_s n"]
        return contacts <= min(MANY, FEW_A_CELL * self.size)

    def _supported(self, metric: Metric) -> bool:
        return all(
            any(self.known.get(f"{name} n", 0) > 0 for name in need.split("|"))
            for need in metric.needs
        )

    def days(self, names: Sequence[str]) -> Floats:
        """Return the local midnights between which all times of some columns lie."""
        ends = [self.known[f"{name} {end}"] for name in names for end in ("first", "last")]
        known = [end for end in ends if end == end]
        if not known:
            return np.array([0.0, 1.0])
        last = np.nextafter(max(known), np.inf)
        return local_periods(min(known), last, self.window.timezone, "day").edges

    def cells(self, engine: Ints) -> Ints:
        """Return the cell of each of the engine's numbers, key of the group x period."""
        key, period = np.divmod(engine, len(self.labels))
        return self.grouped.of(key) * len(self.labels) + period


class _Dated:
    """The metrics of a query that date contacts alike."""

    def __init__(self, query: Query, dated_by: tuple[str, ...], metrics: list[Metric]) -> None:
        self.query, self.dated_by, self.metrics = query, dated_by, metrics
        self.date = nw.coalesce(*(nw.col(name) for name in dated_by))
        self._found: dict[tuple[str, ...], finish.Distribution] = {}

    def reduce(self) -> list[Reduced]:
        """Return the result of every metric."""
        query = self.query
        summed = [m.kind for m in self.metrics if finish.terms_of(m.kind, str, by_day=False)]
        sums, name = self._sums(summed) if summed else (None, {})
        results = []
        for metric in self.metrics:
            kind = metric.kind
            if isinstance(kind, kinds.TimeAverage):
                edges = [query.window.start, query.window.end]
                bounds = np.array(edges) if query.periods is None else query.periods.edges
                results.append(backlog(kind, query.grouped, query.window, bounds))
            elif isinstance(kind, (kinds.Quantile, kinds.Survival)):
                results.append(self._of_values(kind))
            elif isinstance(kind, (kinds.Distinct, kinds.PerDistinct)):
                results.append(finish.distinct(kind, *self._different(kind)))
            else:
                assert sums is not None
                results.append(
                    finish.from_sums(kind, sums, lambda e: name[id(e)], intervals=query.intervals)
                )
        return results

    def _told(self, asked: Sequence[kinds.Kind]) -> tuple[Told, Table]:
        """Return the expressions of kinds, and the rows of the cells with their values."""
        query = self.query
        told = Told(
            part for kind in asked for part in vars(kind).values() if isinstance(part, nw.Expr)
        )
        has_agents = query.known.get("agent n", 0) > 0
        rows = with_facts(query.grouped.table, query.window, told.uses, has_agents)
        if "next_contact_gap_s" in told.uses:
            rows = rows.join(query.gaps, on=GAP_OF, how="left")
        if query.periods is None:
            opened, window = nw.col("opened_s"), query.window
            inside = (opened >= window.start) & (opened < window.end)
            period = nw.lit(0, dtype=nw.Int64())
        else:
            period = period_of(self.date, query.periods.edges)
            inside = period >= 0
        table = told.add_to(rows.filter(inside))
        cell = nw.col(KEY) * len(query.labels) + period
        return told, table.with_columns(**{CELL: cell.cast(nw.Int64())})

    def _sums(self, asked: list[kinds.Kind]) -> tuple[Sums, dict[int, str]]:
        """Return what sums suffice for, and the names of the expressions in them."""
        query = self.query
        told, table = self._told(asked)
        by_day = query.intervals and any(finish.needs_days(kind) for kind in asked)
        if by_day:
            day = period_of(self.date, query.days(self.dated_by))
            table = table.with_columns(**{DAY: day})
        terms = [
            term
            for kind in asked
            for term in finish.terms_of(kind, lambda e: told.name[id(e)], by_day=query.intervals)
        ]
        once = list(dict.fromkeys(terms))
        return add_up(table, once, query.cells, query.size, by_day=by_day), told.name

    def _of_values(self, kind: kinds.Quantile | kinds.Survival) -> Reduced:
        """Return the result of a kind that needs all values of a cell."""
        value = kind.value if isinstance(kind, kinds.Quantile) else kind.time
        seen = kind.observed if isinstance(kind, kinds.Quantile) else kind.event
        told, table = self._told([kind])
        among, of_value = told.name[id(kind.among)], told.name[id(value)]
        of_seen = among if seen is None else told.name[id(seen)]
        key = str(id(kind.among)), str(id(value)), str(id(seen))
        if key not in self._found:
            self._found[key] = self._distribution(table, among, of_value, of_seen)
        found = self._found[key]
        if isinstance(kind, kinds.Quantile):
            return finish.quantile(kind, found, intervals=self.query.intervals)
        return finish.survival(kind, found, intervals=self.query.intervals)

    def _distribution(self, table: Table, among: str, value: str, seen: str) -> finish.Distribution:
        one, zero = nw.lit(1, dtype=nw.Int64()), nw.lit(0, dtype=nw.Int64())
        rows = table.filter(nw.col(among)).select(
            cell=nw.col(CELL),
            value=nw.col(value),
            seen=nw.when(nw.col(seen)).then(one).otherwise(zero),
        )
        if self.query.repeats_are_rare:
            found = fetch(rows)
            found["n"] = np.ones(len(found["cell"]), dtype=np.int64)
        else:
            counted = rows.group_by("cell", "value")
            found = fetch(counted.agg(n=nw.len(), seen=nw.col("seen").sum()))
        cell = self.query.cells(found["cell"].astype(np.int64))
        order = _ascending(cell, found["value"])
        n, seen_n = (found[name].astype(np.int64)[order] for name in ("n", "seen"))
        return finish.Distribution(
            cell[order], found["value"].astype(np.float64)[order], n, seen_n, self.query.size
        )

    def _different(self, kind: kinds.Distinct | kinds.PerDistinct) -> tuple[Ints, Ints]:
        """Return the rows of every cell with a known label, and the different labels."""
        told, table = self._told([kind])
        keys = [nw.col(name) for name in FACTS_OF.get(kind.column, (kind.column,))]
        if kind.column == "agent_day":
            day = period_of(nw.col("resolved_s"), self.query.days(("resolved_s",)))
            keys[-1] = nw.when(day >= 0).then(day)
        names = [f"k{i}" for i in range(len(keys))]
        rows = table.filter(nw.col(told.name[id(kind.among)]))
        rows = rows.select(cell=nw.col(CELL), **dict(zip(names, keys, strict=True)))
        rows = rows.filter(*(~nw.col(name).is_null() for name in names))
        each = rows.group_by("cell", *names).agg(n=nw.len())
        found = fetch(each.group_by("cell").agg(n=nw.col("n").sum(), different=nw.len()))
        cell = self.query.cells(found["cell"].astype(np.int64))
        n, different = (
            np.bincount(cell, found[name], self.query.size).astype(np.int64)
            for name in ("n", "different")
        )
        return n, different


def _ascending(cell: Ints, value: Floats) -> Ints:
    """Return the order by cell, then value; whole values by one key, which is quicker."""
    if len(value) and np.isfinite(value).all() and (value == np.floor(value)).all():
        low, high = float(value.min()), float(value.max())
        if (high - low + 1) * (int(cell.max()) + 1) < 2**62:
            span = int(high - low) + 1
            return np.argsort(cell * span + (value - low).astype(np.int64))
    return np.lexsort((value, cell))


def _columns_of(metrics: Iterable[Metric], by: tuple[str, ...]) -> list[str]:
    """Return the columns that metrics, groups and facts read."""
    metrics = list(metrics)
    told = Told(
        part for m in metrics for part in vars(m.kind).values() if isinstance(part, nw.Expr)
    )
    names = {"replication", "opened_s", *by, *told.uses}
    names |= {name for m in metrics for name in (*m.dated_by, *alternatives(m))}
    names |= {
        m.kind.column for m in metrics if isinstance(m.kind, (kinds.Distinct, kinds.PerDistinct))
    }
    if any(isinstance(m.kind, kinds.TimeAverage) for m in metrics):
        names |= {"resolved_s", "abandoned_s", "closed_s", "outcome"}
    for fact in names & set(FACTS_OF):
        names |= set(FACTS_OF[fact])
    return [name for name in columns() if name in names]
