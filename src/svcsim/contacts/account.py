"""The account of rows: read = used + set aside, each set-aside row with one reason."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from svcsim.contacts.delimited import ROW, WRONG_WIDTH
from svcsim.contacts.raw import FILE, RawTable
from svcsim.errors import Finding

Flags = npt.NDArray[np.bool_]
SAMPLES = 5


class Account:
    """Which rows of an export are used, and why the others are not; the first reason counts.

    In an event log a *unit* (ticket) stands for all its rows: ``codes`` gives each row its unit.
    """

    def __init__(self, raw: RawTable) -> None:
        self.raw = raw
        self.reason = np.full(len(raw.frame), None, dtype=object)
        self._kept = np.ones(len(raw.frame), dtype=bool)
        self.codes: npt.NDArray[np.intp] | None = None
        self.planned: set[str] = set()

    @property
    def kept(self) -> Flags:
        """Rows that no reason has set aside so far."""
        return self._kept.copy()

    def aside(self, rows: Flags, reason: str, planned: bool = False) -> None:
        """Set rows aside; ``planned`` when the mapping says that they are not contacts."""
        fresh = rows & self._kept
        self.reason[fresh] = reason
        self._kept[fresh] = False
        if planned:
            self.planned.add(reason)

    def aside_units(self, units: Flags, reason: str) -> None:
        """Set units aside with all their rows."""
        if self.codes is None:
            self.aside(units, reason)
        else:
            self.aside((self.codes >= 0) & units[self.codes], reason)

    def aside_with_unit(self, rows: Flags, reason: str) -> None:
        """Set rows aside, in an event log with all rows of their tickets."""
        if self.codes is None:
            self.aside(rows, reason)
            return
        units = np.zeros(int(self.codes.max(initial=-1)) + 1, dtype=bool)
        units[self.codes[rows & (self.codes >= 0)]] = True
        self.aside_units(units, reason)

    def units_kept(self, n: int) -> Flags:
        """Return which of the ``n`` units still have a row."""
        if self.codes is None:
            return self.kept
        kept = np.zeros(n, dtype=bool)
        kept[self.codes[self.kept & (self.codes >= 0)]] = True
        return kept

    def where(self, rows: Flags, limit: int = SAMPLES) -> str:
        """Return ``file rows 2, 7, 9`` for the first of these rows."""
        frame = self.raw.frame
        picked = frame.iloc[np.flatnonzero(rows)[:limit]]
        if picked.empty:
            return self.raw.source
        parts = []
        for name, group in picked.groupby(FILE, sort=False):
            numbers = ", ".join(str(number) for number in group[ROW])
            parts.append(f"{name} row{'s' if len(group) > 1 else ''} {numbers}")
        return "; ".join(parts)

    def rejects(self) -> pd.DataFrame:
        """Return the rows that were set aside as they stood, with ``reason``, ``file``, ``row``."""
        frame = self.raw.frame.loc[~self.kept].copy()
        frame.insert(0, "reason", self.reason[~self.kept])
        broken = self.raw.broken
        if len(broken):
            frame = pd.concat([broken, frame], ignore_index=True)
        frame = frame.rename(columns={FILE: "file", ROW: "row"})
        front = ["reason", "file", "row"]
        return frame[[*front, *(name for name in frame.columns if name not in front)]]

    def summary(self, contacts: int) -> dict[str, Any]:
        """Return ``read``, ``used``, ``set_aside`` (most frequent first), contacts and files."""
        counts = Counter(reason for reason in self.reason if reason is not None)
        if len(self.raw.broken):
            counts[WRONG_WIDTH] += len(self.raw.broken)  # the only reason a row can be broken
        read = len(self.raw.frame) + len(self.raw.broken)
        return {
            "read": read,
            "used": int(self.kept.sum()),
            "set_aside": dict(counts.most_common()),
            "contacts": contacts,
            "files": self.raw.files,
        }

    def findings(self) -> list[Finding]:
        """Return one finding for each reason, with the first rows it applies to."""
        found = []
        counts = Counter(reason for reason in self.reason if reason is not None)
        for reason, count in counts.most_common():
            level = "note" if reason in self.planned else "warning"
            found.append(_aside_finding(self.where(self._with(reason)), count, reason, level))
        for reason, group in self.raw.broken.groupby("reason"):
            numbers = ", ".join(str(number) for number in group[ROW][:SAMPLES])
            place = f"{group[FILE].iloc[0]} rows {numbers}"
            found.append(_aside_finding(place, len(group), str(reason), "warning"))
        return found

    def _with(self, reason: str) -> Flags:
        return np.array([item == reason for item in self.reason], dtype=bool)


def _aside_finding(place: str, count: int, reason: str, level: str) -> Finding:
    rows = f"{count} row{'s' if count != 1 else ''}"
    mend = "--rejects FILE writes them out"
    return Finding(place, f"{rows} set aside: {reason}", "", mend, level)
