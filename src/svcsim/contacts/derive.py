"""Fill canonical columns from the texts of an export: the closed list that mappings may use."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from svcsim.contacts import stamps
from svcsim.contacts.cells import Cells
from svcsim.contacts.mapping_check import is_duration, kind_of
from svcsim.contacts.source import Source
from svcsim.errors import Finding
from svcsim.text import Text

Values = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]
HALF_DAY = 43200.0


class Deriver:
    """Evaluates the sources of a mapping over one raw table.

    A unit is a row (layout contacts) or a ticket (layout events). ``values`` holds, by name, one
    value a unit: float64 for stamps and numbers, objects with None for texts. ``work`` holds the
    same for spells of work, one value a row.
    """

    def __init__(self, cells: Cells) -> None:
        self.cells, self.mapping, self.account = cells, cells.mapping, cells.account
        self.rows = len(cells.frame)
        self.values: dict[str, Values] = {}
        self.work: dict[str, Values] = {}
        self.codes: npt.NDArray[np.intp] | None = None
        self.units = self.rows

    def group(self) -> None:
        """Give every kept row of an event log its ticket; rows without one are set aside."""
        assert self.mapping.group_by is not None
        ids = self.cells.text(self.mapping.group_by)
        self.account.aside(
            ids.isna().to_numpy(),
            Text(f"no {self.mapping.group_by}", f"缺 {self.mapping.group_by}"),
        )
        codes, unique = pd.factorize(ids.where(self.account.kept))
        self.codes, self.units = codes, len(unique)
        self.account.codes = codes

    def run(self) -> None:
        """Fill every helper and column of the mapping, in order."""
        self.cells.settle_date_order()
        for (part, name), source in self.mapping.sources():
            if part == "work":
                self.work[name] = self._spell(name, source)
            else:
                self.values[name] = self.evaluate(part, name, source)

    def evaluate(self, part: str, name: str, source: Source) -> Values:
        """Return one value a unit for a mapped name."""
        kind = kind_of(part, name)
        if source.first_of is not None:
            values = self.evaluate(part, name, source.first_of[0])
            if name == "resolved_s":
                self.values["resolved_filled"] = _missing(values).astype(float)
            for other in source.first_of[1:]:
                more = self.evaluate(part, name, other)
                values = np.where(_missing(values), more, values)
        elif source.between is not None:
            begin, end = (self.values[other] for other in source.between)
            values = end - begin
            if self.codes is None:
                values = np.where(self.cells.holds(source.where), values, np.nan)
        else:
            timed = source.after is not None or is_duration(part, name)
            values = self._leaf(name, source, "duration" if timed else kind)
        return self.placed(name, source, values) if kind == "time" else values

    def rows_of(self, name: str, source: Source, kind: str) -> tuple[Values, Flags]:
        """Return one value a row of the export and the rows on which the source applies."""
        rows = self.account.kept & self.cells.holds(source.where)
        if source.constant is not None:
            constant = source.constant if kind != "text" else _shown(source.constant)
            dtype = object if kind == "text" else float
            return np.full(self.rows, constant, dtype=dtype), rows
        if source.sum_of is not None:
            return self._sum(source, rows, kind), rows
        label = source.column or "-".join(source.join or source.date_and_time or ())
        text = self._joined(source).where(rows)
        if source.values is not None:
            table = {key: _shown(value) for key, value in source.values.items()}
            text = text.map(table).where(text.isin(list(table)), text)
            text = text.mask(text.isin([""]))
        return self.cells.parse(label, source, text, kind), rows

    def _spell(self, name: str, source: Source) -> Values:
        """Return one value a row for a column of the work spells."""
        assert self.mapping.work is not None
        kind = kind_of("work", name)
        values, rows = self.rows_of(name, source, kind)
        rows = rows & self.cells.holds(self.mapping.work.where)
        values = np.where(rows, values, np.array(_empty(values)))
        if kind == "time" and self.codes is None:
            values = self.placed(name, source, values)
            self.values[name] = values
        return values

    def _leaf(self, name: str, source: Source, kind: str) -> Values:
        if source.take in ("count", "time_in"):
            return self._counted(source)
        values, rows = self.rows_of(name, source, kind)
        if self.codes is None:
            return np.where(rows, values, np.array(_empty(values)))
        return self._taken(values, rows & (self.codes >= 0), source.take or "last")

    def _taken(self, values: Values, rows: Flags, take: str) -> Values:
        """Return one row's value for every ticket; ``last`` is the last row even if missing."""
        assert self.codes is not None
        out = np.full(self.units, _empty(values), dtype=values.dtype)
        use = rows & ~_missing(values) if take in ("min", "max", "last_known") else rows
        codes, picked = self.codes[use], values[use]
        if take == "first":
            codes, picked = codes[::-1], picked[::-1]
        elif take in ("min", "max"):
            order = np.argsort(picked if take == "max" else -picked, kind="stable")
            codes, picked = codes[order], picked[order]
        out[codes] = picked  # of several values for one ticket the last one stays
        return out

    def _counted(self, source: Source) -> Values:
        """Return for every ticket how many rows apply, or the time until the row after each."""
        assert self.codes is not None
        column = source.column or ""
        rows = self.cells.holds(source.where) & self.account.kept & (self.codes >= 0)
        if source.take == "count":
            rows &= self.cells.text(column).notna().to_numpy()
            return np.bincount(self.codes[rows], minlength=self.units).astype("float64")
        stamp = self.cells.parse(column, source, self.cells.text(column), "time")
        use = self.account.kept & (self.codes >= 0) & ~np.isnan(stamp)
        order = np.flatnonzero(use)[np.argsort(self.codes[use], kind="stable")]
        after, now = order[1:], order[:-1]
        same = self.codes[after] == self.codes[now]
        spans = np.where(same & rows[now], np.maximum(stamp[after] - stamp[now], 0.0), 0.0)
        return np.bincount(self.codes[now], weights=spans, minlength=self.units)

    def _joined(self, source: Source) -> pd.Series:
        if source.column is not None:
            return self.cells.text(source.column)
        parts = [self.cells.text(name) for name in (source.join or source.date_and_time or ())]
        glue = " " if source.date_and_time else "-"
        joined = parts[0].copy()
        for part in parts[1:]:
            joined = joined + glue + part
        return joined

    def _sum(self, source: Source, rows: Flags, kind: str) -> Values:
        total = np.zeros(self.rows)
        some = np.zeros(self.rows, dtype=bool)
        for column in source.sum_of or ():
            part = self.cells.parse(column, source, self.cells.text(column).where(rows), kind)
            total += np.nan_to_num(part)
            some |= ~np.isnan(part)
        return np.where(some, total, np.nan)

    def placed(self, name: str, source: Source, values: Values) -> Values:
        """Turn a duration into a stamp, move clock times to the next day, clip stamps."""
        if source.after is not None:
            values = self.values[source.after] + values
        if source.next_day_if_before is not None:
            late = values < self.values[source.next_day_if_before] - HALF_DAY
            if late.any():
                values = values.copy()
                values[late] = stamps.next_day(values[late], self.cells.zone)
                self._note(late, f"{name} moved to the next day (after midnight)")
        for other, sign in ((source.not_before, 1.0), (source.not_after, -1.0)):
            if other is not None:
                limit = self.values[other]
                wrong = sign * values < sign * limit
                if wrong.any():
                    side = "before" if sign > 0 else "after"
                    values = np.where(wrong, limit, values)
                    self._note(wrong, f"{name} {side} {other}, set to it")
        return values

    def _note(self, units: Flags, text: str) -> None:
        count = int((units & self.account.units_kept(self.units)).sum())
        if count:
            found = f"{count} contact{'s' * (count > 1)}: {text}"
            self.cells.notes.append(Finding(self.account.raw.source, found, level="note"))


def _empty(values: Values) -> float | None:
    return None if values.dtype == object else np.nan


def _missing(values: Values) -> Flags:
    return np.asarray(pd.isna(values), dtype=bool)


def _shown(value: str | float) -> str:
    """Return a mapped value as text: 1.0 is written 1."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
