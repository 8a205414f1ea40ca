"""Small intermediate results that an engine computes once and holds until the table is made.

A lazy table is computed anew at every use. What several queries join is therefore kept where the
engine can do so: a temporary table in DuckDB (nothing of it remains, no file of the caller is
written), a cached frame in Spark, a collected one in Polars.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import narwhals as nw

from svcsim.metrics.warehouse.rows import Table

_numbers = count(1)


class Keeper:
    """Intermediate results of one call."""

    def __init__(self) -> None:
        self._release: list[Callable[[], Any]] = []

    def keep(self, table: Table) -> Table:
        """Return a table that is computed now, where the engine can hold it."""
        native: Any = nw.to_native(table)
        if table.implementation.is_duckdb():
            name = f"svcsim_kept_{next(_numbers)}"
            native.query("svcsim_part", f"CREATE TEMP TABLE {name} AS FROM svcsim_part")
            held: Table = nw.from_native(native.query("svcsim_part", f"SELECT * FROM temp.{name}"))
            self._release.append(lambda: native.query("svcsim_part", f"DROP TABLE temp.{name}"))
            return held
        if table.implementation.is_pyspark():
            cached = native.cache()
            self._release.append(cached.unpersist)
            held = nw.from_native(cached)
            return held
        return table.collect().lazy() if table.implementation.is_polars() else table

    def release(self) -> None:
        """Give everything back."""
        while self._release:
            self._release.pop()()
