"""``svcsim measure --engine``: whether a log is read into memory or measured where it lies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from svcsim.cli.output import Output
from svcsim.cli.words import word
from svcsim.errors import Finding, InputError

if TYPE_CHECKING:
    from svcsim.metrics.warehouse.duckdb_log import Measured

BIG = 5_000_000
"""Contacts from which a canonical log stays on disk: in memory they would take 2 GB and more."""


def stays_on_disk(source: str, engine: str | None, others: dict[str, Any]) -> bool:
    """Return whether DuckDB measures the log: asked for, or a big canonical one.

    ``others`` are the options that only a log in memory can serve, with their values.

    Raises
    ------
    InputError
        When DuckDB is asked for and something else needs the log in memory.
    """
    from svcsim.contacts.store import count_rows, is_log

    path = Path(source)
    if engine == "memory" or (engine is None and path.suffix != ".parquet"):
        return False
    given = [name for name, value in others.items() if value]
    canonical = path.is_file() and is_log(path)
    if engine == "duckdb":
        findings = [
            Finding("--engine duckdb", f"with {name}", "", "leave one of them out")
            for name in given
        ]
        if not canonical:
            findings.append(
                Finding(
                    "--engine duckdb",
                    f"{source} is no canonical log",
                    "expected Parquet that svcsim wrote",
                    "make one with: svcsim check HISTORY -o log.parquet",
                )
            )
        if findings:
            raise InputError(findings)
        return True
    return canonical and not given and count_rows(path) >= BIG


def measure_on_disk(
    source: str,
    metrics: list[str],
    by: list[str],
    period: str | None,
    days: tuple[str | None, str | None],
    timezone: str | None,
    out: Output,
) -> Measured:
    """Measure a canonical log with DuckDB and say so; ``days`` are --from and --until."""
    from svcsim.contacts.read import check_zone
    from svcsim.contacts.store import count_rows, read_window
    from svcsim.metrics.warehouse.duckdb_log import MEMORY, measure_file

    check_zone(Path(source), timezone, read_window(source).timezone)
    out.say(word("on_duckdb", n=count_rows(source), memory=MEMORY.replace("GB", " GB")))
    return measure_file(source, metrics, by, period, *days)
