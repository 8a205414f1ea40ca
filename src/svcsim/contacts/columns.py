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
    source: str

    @property
    def is_number(self) -> bool:
        """Whether the column is held as float64 with NaN for missing (text is pandas' ``str``)."""
        return self.type in ("int", "number", "time", "flag")


@cache
def columns() -> dict[str, Column]:
    """Return every column of the canonical log by name, in order."""
    text = files("svcsim.contacts").joinpath("columns.csv").read_text(encoding="utf-8")
    return {row["name"]: Column(**row) for row in csv.DictReader(text.splitlines())}
