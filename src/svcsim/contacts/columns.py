"""The columns of a ContactLog, read from ``columns.csv``: names, types, defaults, meaning."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

OUTCOMES = ("resolved", "abandoned", "open")


@dataclass(frozen=True)
class Column:
    """One column. ``type``: int, number (float64), time (UTC epoch seconds), flag (0/1), text."""

    name: str
    type: str
    unit: str
    status: str
    default: str
    description: str
    zh: str
    """The description in Chinese."""
    source: str

    @property
    def is_number(self) -> bool:
        """Whether it is held as float64 with NaN for missing (text: ``str`` or Categorical)."""
        return self.type in ("int", "number", "time", "flag")


@cache
def columns() -> dict[str, Column]:
    """Return every column of the canonical log by name, in order."""
    text = files("svcsim.contacts").joinpath("columns.csv").read_text(encoding="utf-8")
    return {row["name"]: Column(**row) for row in csv.DictReader(text.splitlines())}


def markdown() -> str:
    """Return the page ``docs/columns.md``: every column of the canonical log."""
    head = [
        "# Columns of the canonical log",
        "",
        "One row is one time a customer comes to the desk about a case: a call, a chat, or a",
        "ticket with all its handlings, pending delays and reopens. Times are whole UTC epoch",
        "seconds (`opened_s`) and, in files, UTC timestamps beside them (`opened_at`). Missing",
        "is missing, never zero. Generated from `src/svcsim/contacts/columns.csv`.",
        "",
        "| column | type | unit | status | default | meaning |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    rows = [
        f"| `{c.name}` | {c.type} | {c.unit} | {c.status} | {c.default} "
        f"| {c.description}<br>{c.zh} |"
        for c in columns().values()
    ]
    return "\n".join([*head, *rows]) + "\n"
