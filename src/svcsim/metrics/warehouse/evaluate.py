"""Evaluate metrics where the contacts are: DuckDB, Spark, Polars or pandas, one code for all.

The declarations of the catalogue are Narwhals expressions; here an engine carries them out and
adds up. What comes back is small: sums by cell (group x period) and day, counts at the distinct
values of every cell, counts of labels. Quantiles, Kaplan-Meier and intervals are finished from
these with the formulas of `metrics.evaluate`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from svcsim.contacts.log import ContactLog
from svcsim.contacts.window import Window
from svcsim.metrics.asked import asked_metrics, check_by
from svcsim.metrics.metric import Metric
from svcsim.metrics.periods import Periods
from svcsim.metrics.warehouse.keeping import Keeper
from svcsim.metrics.warehouse.query import Query
from svcsim.metrics.warehouse.refusals import refuse


def evaluate_lazy(
    frame: Any,
    window: Window | ContactLog,
    metrics: str | Metric | Iterable[str | Metric],
    by: str | Sequence[str] = (),
    period: str | Periods | None = None,
    intervals: bool = True,
) -> pd.DataFrame:
    """Return the KpiTable of contacts that stay where they are, equal to that of `evaluate`.

    Values are those of `metrics.evaluate.evaluate` on the same rows: counts, distinct labels and
    quantiles exactly, means and other sums up to the order of addition (1e-12 relative). Rows,
    columns and labels are the same too.

    Null rule: NULL and NaN both mean missing. A comparison with something missing is false (``!=``
    is true), so a missing value never counts unless a metric asks whether it is missing. A value
    missing in a contact that counts makes a mean or a ratio unknown.

    Parameters
    ----------
    frame : DuckDB relation, Spark or Polars or pandas frame, ...
        Anything Narwhals knows, with canonical columns (docs/columns.md); absent ones are
        missing. Times are whole UTC epoch seconds.
    window : Window or ContactLog
        Window of openings, end of knowledge, time zone and name (a log's own frame is not read).
    metrics, by, period, intervals
        As for `evaluate`. Intervals agree to about 1e-9; those of ratios in groups of fewer than
        8 days come from sums of squares and lose digits where the values hardly vary.

    Returns
    -------
    DataFrame
        ``scenario, replication, period, *by, metric, value, n, lower, upper, unit``.

    Raises
    ------
    InputError
        For an unknown metric, column or period; for metrics that need other tables (work, staffed
        time) or business hours; for a frame without the required columns.
    """
    wanted = asked_metrics(metrics)
    keys = (by,) if isinstance(by, str) else tuple(by)
    check_by(keys)
    refuse(wanted)
    seen = Window.of(window) if isinstance(window, ContactLog) else window
    keeper = Keeper()
    try:
        return Query(frame, seen, wanted, keys, period, intervals, keeper).table()
    finally:
        keeper.release()
