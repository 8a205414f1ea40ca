"""A canonical log in Parquet, measured by DuckDB without being read into memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pandas as pd

from svcsim.contacts.log import nothing_opened
from svcsim.contacts.store import SIDES, read_window, side_of
from svcsim.contacts.window import Window
from svcsim.metrics.asked import asked_metrics, check_by
from svcsim.metrics.catalogue import list_metrics
from svcsim.metrics.metric import Metric
from svcsim.metrics.support import local_instant, reason
from svcsim.metrics.warehouse.evaluate import evaluate_lazy
from svcsim.metrics.warehouse.refusals import why_not_here
from svcsim.text import Text

MEMORY = "2GB"
"""What DuckDB may hold at once; it writes the rest beside the system's temporary files."""


class Measured(NamedTuple):
    """A KpiTable with the window it is of, and what could not be measured.

    Parameters
    ----------
    window : Window
        Of the log, cut as asked.
    contacts : int
        Opened in it.
    table : DataFrame
        The KpiTable.
    wanted : list of Metric
        What it holds.
    refused : dict
        Why other metrics are not in it, by their id.
    """

    window: Window
    contacts: int
    table: pd.DataFrame
    wanted: list[Metric]
    refused: dict[str, Text]


@contextmanager
def open_log(path: str | Path, memory: str = MEMORY) -> Iterator[Any]:
    """Yield the rows of a canonical log as a DuckDB relation, for as long as the block lasts."""
    quoted = str(path).replace("'", "''")
    with (
        tempfile.TemporaryDirectory(prefix="svcsim-") as folder,
        duckdb.connect(config={"memory_limit": memory, "temp_directory": folder}) as connection,
    ):
        connection.execute("SET preserve_insertion_order = false")
        yield connection.sql(f"SELECT * FROM read_parquet('{quoted}')")


def measure_file(
    path: str | Path,
    metrics: Iterable[str] = (),
    by: Sequence[str] = (),
    period: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Measured:
    """Return the KpiTable of a canonical log on disk.

    Parameters
    ----------
    path : str or Path
        Parquet, as `ContactLog.to_parquet` writes it.
    metrics : iterable of str
        Default: every metric of the catalogue that the log and DuckDB support.
    by, period
        As for `metrics.evaluate.evaluate`.
    since, until : str, optional
        Local days that cut the window, as `metrics.support.window` does.

    Raises
    ------
    InputError
        For unknown names or days, a file that is no canonical log, a window without contacts.
    """
    keys = tuple(by)
    check_by(keys)
    asked = asked_metrics(metrics) or list_metrics()
    whole = read_window(path)
    start = whole.start if since is None else local_instant("--from", since, whole.timezone)
    end = whole.end if until is None else local_instant("--until", until, whole.timezone)
    window = replace(whole, start=max(start, whole.start), end=min(end, whole.end))
    with open_log(path) as rows:
        contacts = _opened(rows, start, end)
        if not contacts:
            raise nothing_opened(whole, start, end)
        beside = {kind for kind in SIDES if side_of(Path(path), kind).exists()}
        reasons = _reasons(rows, beside, window, asked, keys)
        wanted = [metric for metric, why in reasons.items() if not why]
        table = evaluate_lazy(rows, window, wanted, keys, period)
    refused = {metric.id: why for metric, why in reasons.items() if why}
    return Measured(window, contacts, table, wanted, refused)


def _opened(rows: Any, start: float, end: float) -> int:
    """Return how many contacts were opened in ``[start, end)``."""
    inside = f"count(*) FILTER (WHERE opened_s >= {start!r} AND opened_s < {end!r})"
    return int(rows.aggregate(inside).fetchall()[0][0])


def _reasons(
    rows: Any, beside: set[str], window: Window, asked: list[Metric], by: tuple[str, ...]
) -> dict[Metric, Text]:
    """Return for every metric why it cannot be measured, or an empty text."""
    names = rows.columns
    linked = "bool_or(case_id IS DISTINCT FROM ticket_id OR contact_no > 1)"
    counts = ", ".join(f'count("{name}") > 0' for name in names)
    *known, links = rows.aggregate(f"{counts}, {linked}").fetchall()[0]
    held = beside | {name for name, there in zip(names, known, strict=True) if there}
    unlinked = window.origin == "history" and not links

    def why(metric: Metric) -> Text:
        missing = [need for need in metric.needs if not held & set(need.split("|"))]
        return reason(metric, missing, by, unlinked=unlinked) or why_not_here(metric)

    return {metric: why(metric) for metric in asked}
