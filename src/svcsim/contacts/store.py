"""The canonical log on disk: Parquet written and read by DuckDB, schema id in its metadata."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from svcsim.contacts.columns import columns
from svcsim.contacts.log import SCHEMA, ContactLog, make_log
from svcsim.contacts.tables import make_table, tables
from svcsim.contacts.window import Window
from svcsim.errors import Finding, InputError

SIDES = ("work", "staffed")
"""Tables of a log that are kept in files beside it."""
IDENTIFIERS = ("ticket_id", "case_id", "customer")
"""Text columns whose values are about as many as the rows."""


def side_of(path: Path, kind: str) -> Path:
    """Return the file of a table beside a log: ``<stem>.work.parquet``."""
    return path.with_suffix(f".{kind}.parquet")


def write_log(log: ContactLog, path: Path) -> None:
    """Write ``path``, and beside it ``<stem>.work.parquet`` and every other table that is known.

    Times go out twice: ``opened_at`` as a UTC timestamp for people and ``opened_s`` as BIGINT.
    """
    meta = {
        "schema": SCHEMA,
        "start": log.start,
        "end": log.end,
        "observed_until": log.observed_until,
        "openings_until": min(log.openings_until, log.observed_until),
        "origin": log.origin,
        "timezone": log.timezone,
        "name": log.name,
        "account": log.account,
    }
    parts = []
    for name, column in columns().items():
        whole = f"nullif({name}, 'nan'::DOUBLE)"
        if column.type in ("time", "int"):
            parts.append(f"CAST({whole} AS BIGINT) AS {name}")
        elif column.is_number:
            parts.append(f"{whole} AS {name}")
        else:
            parts.append(f"CAST({name} AS VARCHAR) AS {name}")
        if column.type == "time":
            stamp = name.removesuffix("_s") + "_at"
            parts.append(f"make_timestamp(CAST({whole} AS BIGINT) * 1000000) AS {stamp}")
    _copy(log.frame, ", ".join(parts), path, meta)
    sides = {"work": log.work, "staffed": log.staffed, **dict.fromkeys(tables()), **log.tables}
    for kind, side in sides.items():
        target = side_of(path, kind)
        if side is not None:
            _copy(side, "*", target, {"schema": f"{SCHEMA}/{kind}"})
        elif target.exists():
            target.unlink()


def is_log(path: Path) -> bool:
    """Tell whether ``path`` is a Parquet file that `write_log` wrote."""
    return path.suffix == ".parquet" and _metadata(path).get("schema") == SCHEMA


def read_log(path: str | Path) -> ContactLog:
    """Read a canonical log back.

    Raises
    ------
    InputError
        When the file is absent, not Parquet, or not a canonical log of this schema.
    """
    file = Path(path)
    meta = _canonical_metadata(file)
    log = make_log(
        _canonical_columns(file),
        start=float(meta["start"]),
        end=float(meta["end"]),
        observed_until=float(meta["observed_until"]),
        openings_until=float(meta.get("openings_until", "inf")),
        origin=meta["origin"],
        timezone=meta["timezone"],
        name=meta["name"],
        account=meta["account"],
    )
    sides: dict[str, Any] = {}
    for kind in SIDES:
        side = side_of(file, kind)
        if side.exists():
            table = _read(side)
            for name in ("agent", "team", "ticket_id"):
                if name in table:
                    table[name] = table[name].astype("str")
            sides[kind] = table
    beside = {name: file.with_suffix(f".{name}.parquet") for name in tables()}
    found = {name: make_table(name, _read(side)) for name, side in beside.items() if side.exists()}
    return replace(log, tables=found, **sides)


def side_files(path: Path) -> list[Path]:
    """Return the files of all tables that may lie beside a canonical log, whether they exist."""
    return [path.with_suffix(f".{kind}.parquet") for kind in ("work", "staffed", *tables())]


def _canonical_columns(path: Path) -> pd.DataFrame:
    """Read the canonical columns of a log one after the other, so that none is held twice.

    Equal texts share one object; the columns that hold nothing share one array.
    """
    out: dict[str, Any] = {}
    source = f"read_parquet('{_quoted(path)}')"
    with duckdb.connect() as con:
        there = {row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
        rows = con.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0]
        nothing = np.full(rows, np.nan)
        for name, column in columns().items():
            if name not in there:
                continue
            if column.is_number:
                told = con.execute(f"SELECT CAST({name} AS DOUBLE) AS v FROM {source}")
                values = np.ma.filled(told.fetchnumpy()["v"], np.nan)
                out[name] = nothing if np.isnan(values).all() else values
            elif name in IDENTIFIERS:
                rows_of = con.execute(f"SELECT {name} AS v FROM {source}").df()
                out[name] = rows_of["v"].astype("str")
            else:
                known = f"SELECT DISTINCT {name} FROM {source} WHERE {name} IS NOT NULL"
                con.execute(f"CREATE OR REPLACE TYPE label AS ENUM ({known})")
                rows_of = con.execute(f"SELECT CAST({name} AS label) AS v FROM {source}").df()
                out[name] = rows_of["v"].astype("str")
    return pd.DataFrame(out, copy=False)


def _read(path: Path) -> pd.DataFrame:
    with duckdb.connect() as con:
        return con.execute(f"SELECT * FROM read_parquet('{_quoted(path)}')").df()


def read_window(path: str | Path) -> Window:
    """Return the window of a canonical log without reading its rows.

    Raises
    ------
    InputError
        When the file is absent, not Parquet, or not a canonical log of this schema.
    """
    meta = _canonical_metadata(Path(path))
    return Window(
        start=float(meta["start"]),
        end=float(meta["end"]),
        observed_until=float(meta["observed_until"]),
        openings_until=float(meta.get("openings_until", "inf")),
        origin=meta["origin"],
        timezone=meta["timezone"],
        name=meta["name"],
    )


def count_rows(path: str | Path) -> int:
    """Return the number of rows of a Parquet file, from its footer."""
    with duckdb.connect() as con:
        sql = f"SELECT sum(num_rows) FROM parquet_file_metadata('{_quoted(Path(path))}')"
        rows = con.execute(sql).fetchall()
    return int(rows[0][0])


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write any table to Parquet; the file appears only when it is whole."""
    _copy(frame, "*", path, {"schema": "svcsim.table/1"})


def read_frame(path: Path) -> pd.DataFrame:
    """Read a table that `write_frame` wrote.

    Raises
    ------
    InputError
        When the file is absent or not Parquet.
    """
    _metadata(path)
    return _read(path)


def _copy(frame: pd.DataFrame, select: str, path: Path, meta: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    text = json.dumps(meta, default=_plain).replace("'", "''")
    with duckdb.connect() as con:
        con.register("rows", frame)
        try:
            con.execute(
                f"COPY (SELECT {select} FROM rows) TO '{_quoted(partial)}' "
                f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{svcsim: '{text}'}})"
            )
        except duckdb.IOException:
            raise InputError(
                Finding(str(path), "cannot be written", "expected a folder one may write to")
            ) from None
    partial.replace(path)


def _metadata(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise InputError(Finding(str(path), "no such file", "expected a log in Parquet"))
    try:
        with duckdb.connect() as con:
            rows = con.execute(
                "SELECT decode(value) FROM parquet_kv_metadata("
                f"'{_quoted(path)}') WHERE decode(key) = 'svcsim'"
            ).fetchall()
    except duckdb.Error:
        raise InputError(
            Finding(str(path), "cannot be read as Parquet", "expected a canonical log")
        ) from None
    return dict(json.loads(rows[0][0])) if rows else {}


def _canonical_metadata(file: Path) -> dict[str, Any]:
    meta = _metadata(file)
    if meta.get("schema") != SCHEMA:
        raise InputError(
            Finding(
                str(file),
                f"schema {meta.get('schema')!r}",
                f"expected a canonical log ({SCHEMA})",
                "make one with: svcsim check HISTORY --preset NAME -o log.parquet",
            )
        )
    return meta


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else str(value)
