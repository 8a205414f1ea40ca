"""Small tables beside a log: what contacts do not tell (articles, checks, revenue, plans ...).

`tables.csv` declares them. They are files of a folder, each named after its table
(``knowledge.csv``, ``reviews.xlsx``), with our column names and stamps that begin with the year.
Every row is used or set aside with a reason; a column that is not declared is an error.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.delimited import ROW
from svcsim.contacts.raw import RawTable, read_raw
from svcsim.contacts.stamps import parse_flags, parse_numbers, parse_times
from svcsim.errors import Finding, InputError, nearest
from svcsim.text import Text

CHOICES = {
    ("messages", "author"): ("customer", "agent", "note", "machine"),
    ("stages", "waiting_for"): ("desk", "customer", "other"),
    ("knowledge", "action"): ("new", "update", "cite"),
    ("sales", "kind"): (
        "referral", "repurchase", "retention", "renewal", "crosssell", "lead", "intent", "advice",
    ),
    ("schedule", "activity"): ("work", "break", "meeting", "training", "leave", "absence"),
}  # fmt: skip
"""Columns whose texts are a closed list."""
USUAL = {
    ("reviews", "lowest"): 0.0, ("reviews", "highest"): 100.0, ("reviews", "weight"): 1.0,
    ("schedule", "paid"): 1.0, ("sales", "success"): 1.0,
}  # fmt: skip
"""What stands for a number that is left out: in a cell, or (sales) as a whole column."""
_SUFFIXES = (".csv", ".tsv", ".xlsx", ".json", ".jsonl", ".parquet", ".csv.gz", ".zip")


@dataclass(frozen=True)
class TableColumn:
    """One column of a side table. ``type``: text, time, number or flag."""

    table: str
    name: str
    type: str
    status: str
    description: str
    zh: str

    @property
    def held(self) -> str:
        """How the column is called once read: times are UTC epoch seconds, ``time`` -> time_s."""
        return f"{self.name}_s" if self.type == "time" else self.name


@cache
def tables() -> dict[str, dict[str, TableColumn]]:
    """Return every declared table with its columns by name."""
    text = files("svcsim.contacts").joinpath("tables.csv").read_text(encoding="utf-8")
    found: dict[str, dict[str, TableColumn]] = {}
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(row["table"], {})[row["name"]] = TableColumn(**row)
    return found


class Aside(NamedTuple):
    """A row of a side table that is not used."""

    table: str
    row: int
    reason: Text


@dataclass(frozen=True)
class SideTables:
    """Side tables as read, with the account of their rows."""

    frames: Mapping[str, pd.DataFrame]
    read: Mapping[str, int]
    aside: tuple[Aside, ...] = ()
    findings: tuple[Finding, ...] = field(default=())


def make_table(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return a side table with every declared column: times float64, texts ``str``, no column odd.

    Raises
    ------
    InputError
        For an unknown table or column, or a missing required one.
    """
    if name not in tables():
        raise InputError(Finding("side table", f"'{name}'", "", nearest(name, tables())))
    declared = {column.held: column for column in tables()[name].values()}
    findings = [
        Finding(name, f"unknown column {odd}", f"known: {', '.join(declared)}")
        for odd in rows.columns
        if odd not in declared
    ]
    findings += [
        Finding(name, f"column {held} is missing")
        for held, column in declared.items()
        if column.status == "required" and held not in rows
    ]
    if findings:
        raise InputError(findings)
    data: dict[str, object] = {}
    for held, column in declared.items():
        if column.type == "text":
            given = rows[held] if held in rows else pd.Series([None] * len(rows))
            data[held] = given.reset_index(drop=True).astype("str")
            continue
        usual = USUAL.get((name, column.name), np.nan)
        values = np.full(len(rows), usual)
        if held in rows:
            values = pd.to_numeric(rows[held]).to_numpy(dtype="float64", na_value=np.nan)
            if name != "sales":  # there an empty cell is a case that is not decided yet
                values = np.where(np.isnan(values), usual, values)
        data[held] = values
    return pd.DataFrame(data)


def read_tables(folder: str | Path, timezone: str) -> SideTables:
    """Read the side tables of a folder; stamps without an offset are local times of ``timezone``.

    Raises
    ------
    InputError
        When the folder is not there, a file is named after no table, or a header does not fit.
        Findings of all files are gathered.
    """
    place = Path(folder).expanduser()
    if not place.is_dir():
        raise InputError(
            Finding("--tables", f"'{folder}' is no folder", "expected one with knowledge.csv, ...")
        )
    findings: list[Finding] = []
    frames: dict[str, pd.DataFrame] = {}
    read: dict[str, int] = {}
    sources: dict[str, Path] = {}
    aside: list[Aside] = []
    for path in sorted(p for p in place.iterdir() if p.is_file() and not p.name.startswith(".")):
        name = path.name.split(".")[0].lower()
        if not path.name.lower().endswith(_SUFFIXES):
            continue  # notes and pictures may lie beside the tables
        if name not in tables():
            mend = nearest(name, tables()) or f"tables: {', '.join(tables())}"
            findings.append(Finding(str(path), f"'{name}' is no side table", "", mend))
            continue
        try:
            raw = read_raw(path)
            findings += _header(name, raw, path)
            if not findings:
                frames[name], rejected = _typed(name, raw, timezone)
                read[name] = len(raw.frame) + len(raw.broken)
                sources[name] = path
                aside += rejected
        except InputError as error:
            findings += error.findings
    if findings:
        raise InputError(findings)
    if not frames:
        raise InputError(
            Finding(
                "--tables", f"'{folder}' holds no side table", f"expected {', '.join(tables())}"
            )
        )
    return SideTables(frames, read, tuple(aside), tuple(_told(sources, aside, read)))


def _header(name: str, raw: RawTable, path: Path) -> Iterator[Finding]:
    declared = tables()[name]
    for column in raw.header:
        if column not in declared:
            mend = nearest(column, declared) or f"columns: {', '.join(declared)}"
            yield Finding(f"{path} row 1", f"column '{column}' is unknown", "", mend)
    for column, spec in declared.items():
        if spec.status == "required" and column not in raw.header:
            yield Finding(
                f"{path} row 1", f"column '{column}' is missing", spec.description,
                nearest(column, [c for c in raw.header if c not in declared]),
            )  # fmt: skip


def _typed(name: str, raw: RawTable, timezone: str) -> tuple[pd.DataFrame, list[Aside]]:
    """Return the rows that can be used, typed, and the others with the first reason of each."""
    frame = raw.frame
    bad: NDArray[np.bool_] = np.zeros(len(frame), dtype=bool)
    aside = [
        Aside(name, int(row), Text(str(reason)))
        for row, reason in zip(raw.broken[ROW], raw.broken["reason"], strict=True)
    ]
    data: dict[str, object] = {}
    for column, spec in tables()[name].items():
        if column not in frame:
            continue
        text = frame[column].str.strip()
        text = text.where(text != "")
        wrong = np.zeros(len(frame), dtype=bool)
        if spec.type == "text":
            data[column] = text
            known = CHOICES.get((name, column))
            if known is not None:
                data[column] = text = text.str.lower()
                wrong = (text.notna() & ~text.isin(known)).to_numpy()
        elif spec.type == "time":
            stamps = parse_times(text, None, "ymd", timezone)
            data[spec.held], wrong = stamps.epoch, stamps.unreadable
        else:
            parse = parse_flags if spec.type == "flag" else parse_numbers
            data[spec.held], wrong = parse(text)
        lacking = text.isna().to_numpy() & (spec.status == "required")
        if (name, column) == ("reviews", "score"):
            lacking[:] = False  # an item that does not apply has no score
        for mask, reason in (
            (wrong, _unreadable(name, spec)),
            (lacking, Text(f"{column} is empty", f"{column} 为空")),
        ):
            fresh = np.flatnonzero(mask & ~bad)
            aside += [Aside(name, int(frame[ROW].iloc[k]), reason) for k in fresh]
            bad |= mask
    if {"start_s", "end_s"} <= set(data):
        start, end = np.asarray(data["start_s"]), np.asarray(data["end_s"])
        backwards = (end < start) & ~bad
        reason = Text("it ends before it starts", "结束早于开始")
        aside += [Aside(name, int(frame[ROW].iloc[k]), reason) for k in np.flatnonzero(backwards)]
        bad |= backwards
    return make_table(name, pd.DataFrame(data)[~bad].reset_index(drop=True)), aside


def _unreadable(name: str, spec: TableColumn) -> Text:
    choices = CHOICES.get((name, spec.name))
    if choices is not None:
        listed = ", ".join(choices)
        return Text(f"{spec.name} is none of {listed}", f"{spec.name} 不在 {listed} 之中")
    what = {
        "text": Text("a text", "文字"),
        "time": Text("a stamp that begins with the year", "以年份开头的时刻"),
        "number": Text("a number", "数字"),
        "flag": Text("yes or no (1 or 0)", "是或否（1 或 0）"),
    }[spec.type]
    return Text(f"{spec.name} is not {what}", f"{spec.name} 不是{what.zh}")


def _told(
    sources: Mapping[str, Path], aside: list[Aside], read: Mapping[str, int]
) -> Iterator[Finding]:
    """Say how many rows of each table were set aside, with the first of each reason."""
    for name, count in read.items():
        mine = [one for one in aside if one.table == name]
        for reason in dict.fromkeys(one.reason for one in mine):
            rows = [one.row for one in mine if one.reason == reason]
            yield Finding(
                f"{sources[name]} row {rows[0]}",
                f"{len(rows)} of {count} rows set aside: {reason}",
                level="warning",
            )


def markdown() -> str:
    """Return the page ``docs/tables.md``: every side table and its columns."""
    lines = [_PAGE]
    for name, declared in tables().items():
        lines += [
            f"\n## {name}\n",
            "| column | type | status | meaning |",
            "| --- | --- | --- | --- |",
        ]
        lines += [
            f"| `{c.name}` | {c.type} | {c.status} | {c.description}<br>{c.zh} |"
            for c in declared.values()
        ]
    return "\n".join(lines) + "\n"


_PAGE = """\
<!-- Written by svcsim.contacts.tables.markdown(); change tables.csv, not this page. -->
# Side tables

Some KPIs need what contacts do not tell: articles written, checks made, revenue, plans. Each is a
small file named after its table (`knowledge.csv`; also TSV, Excel, JSON lines, Parquet, gzipped) in
one folder:

```
svcsim measure log.parquet --tables tables/ --by agent
svcsim score log.parquet --scorecard stars --tables tables/
```

Columns are named as below; another name is an error with the nearest ones. Stamps begin with the
year (`2026-03-05 09:30`, `2026/3/5`), may carry an offset, and are otherwise local times of the
log. A row that cannot be read is set aside with its reason; the others are used. Rows that name an
agent without a team count for the team for which that agent mostly worked; rows that name a contact
(`ticket_id`) take category, channel, priority, segment, language, team and agent from it where they
do not say them. A KPI whose table is missing says so; it is never 0. Rows by labels that no contact
of the log has count in the table without grouping only.

`messages` and `stages` also fill columns of the log: `replies`, `customer_messages`, `commenters`,
`meaningful_s`, `turns`, `turn_wait_s`; `requester_wait_s`, `desk_turn_s`, `pending_customer_s`.
What an export says itself stays. A contact that `messages` does not know keeps them empty."""
