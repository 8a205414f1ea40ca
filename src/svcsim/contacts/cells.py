"""The cells of an export: what their texts say, and which of them cannot be read."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from svcsim.contacts import stamps
from svcsim.contacts.account import Account
from svcsim.contacts.mapping import Mapping
from svcsim.contacts.mapping_check import kind_of
from svcsim.contacts.source import Source, Test
from svcsim.errors import Finding, InputError
from svcsim.text import Text

Values = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]
MOST = 0.5
"""More unreadable cells than this share: the stated form is wrong, not the cells."""


class Cells:
    """Texts of one raw table, read by the rules of a mapping.

    A row with a cell that cannot be read is set aside (in an event log, its whole ticket is).
    """

    def __init__(self, mapping: Mapping, account: Account, zone: str, order: str | None) -> None:
        self.mapping, self.account, self.zone = mapping, account, zone
        self.stated = order is not None
        self.order: str = order or mapping.date_order or ""
        self.frame = account.raw.frame
        self.notes: list[Finding] = []
        self.naive: list[str] = []
        self._clean: dict[str, pd.Series] = {}

    def text(self, name: str) -> pd.Series:
        """Return a column of the export, stripped, with its missing tokens as NaN."""
        if name not in self._clean:
            codes, unique = pd.factorize(self.frame[name])
            empty = {*self.mapping.missing, ""}
            texts = np.asarray(unique, dtype=object).tolist()
            words = [word if (word := text.strip()) not in empty else None for text in texts]
            table = np.array([*words, None], dtype=object)
            self._clean[name] = pd.Series(table[codes], dtype="str")
        return self._clean[name]

    def holds(self, condition: MappingOf[str, Test]) -> Flags:
        """Return the rows on which all tests of a condition hold."""
        rows = np.ones(len(self.frame), dtype=bool)
        for name, test in condition.items():
            raw, text = self.frame[name].str.strip(), self.text(name)
            if test.any_of is not None:
                rows &= raw.isin(test.any_of).to_numpy()
            if test.none_of is not None:
                rows &= ~raw.isin(test.none_of).to_numpy()
            if test.above is not None:
                rows &= stamps.parse_numbers(text)[0] > test.above
            if test.below is not None:
                rows &= stamps.parse_numbers(text)[0] < test.below
            if test.missing is not None:
                rows &= text.isna().to_numpy() == test.missing
        return rows

    def parse(self, label: str, source: Source, text: pd.Series, kind: str) -> Values:
        """Return typed values of texts; rows that cannot be read are set aside."""
        if kind == "text":
            return text.astype(object).where(text.notna(), None).to_numpy()
        if kind == "time":
            values, bad = self._times(label, source, text)
            what, mend = (
                Text("a date and time", "日期时间"),
                "state its form with dates: or --date-order",
            )
        elif kind == "flag":
            values, bad = stamps.parse_flags(text)
            what, mend = Text("yes or no", "是或否"), "say what it means with values:"
        elif kind == "duration":
            values, bad = stamps.parse_durations(text, source.unit)
            what = Text(f"a duration in {source.unit}", f"以 {source.unit} 计的时长")
            mend = "state its unit with unit:"
        else:
            values, bad = stamps.parse_numbers(text)
            what, mend = Text("a number", "数字"), "say what it means with values:"
        self._unreadable(label, text, bad, what, mend)
        return values

    def _times(self, label: str, source: Source, text: pd.Series) -> tuple[Values, Flags]:
        formats = source.dates or self.mapping.dates
        if self.stated and not (formats and set(formats) & {"epoch", "epoch_ms"}):
            formats = None
        found = stamps.parse_times(text, formats, self.order, self.zone)
        for count, what in (
            (found.repeated, "stamps fall into the hour that the clock showed twice: first taken"),
            (found.skipped, "stamps fall into the hour that the clock skipped: moved forward"),
        ):
            if count:
                place = f"{self.account.raw.source} {label}"
                self.notes.append(Finding(place, f"{count} {what}", level="note"))
        if found.naive:
            self.naive.append(label)
        return found.epoch, found.unreadable

    def settle_date_order(self) -> None:
        """Settle the order of day and month: as stated, or as all date columns together allow.

        Raises
        ------
        InputError
            When they contradict each other, or nothing tells day from month.
        """
        if self.order:
            return
        seen: dict[str, tuple[str, int]] = {}
        for (part, name), source in self.mapping.sources():
            timed = kind_of(part, name) == "time"
            for item in source.parts() if timed and not self.mapping.dates else ():
                label = item.column or (item.date_and_time or (None,))[0]
                if label is not None and item.after is None and item.dates is None:
                    text = self.text(label).where(self.account.kept)
                    for kind, row in stamps.date_evidence(text).items():
                        seen.setdefault(kind, (label, row))
        both: list[str] = [kind for kind in ("dmy", "mdy") if kind in seen]
        if len(both) == 1 or not seen:
            self.order = both[0] if both else "ymd"
            return
        raise InputError(self._unclear_dates(seen, both))

    def _unclear_dates(self, seen: dict[str, tuple[str, int]], both: list[str]) -> Finding:
        what = "are day first on some rows and month first on others"
        if not both:
            what = "do not tell day from month"
        picked = [seen[kind] for kind in both] or [seen["unclear"]]
        if not both:
            label, row = picked[0]
            others = self.text(label).where(self.account.kept).dropna()
            picked += [(label, int(k)) for k in others.index if k != row][:1]
        rows = np.zeros(len(self.frame), dtype=bool)
        rows[[row for _, row in picked]] = True
        samples = " and ".join(f"{label} '{self.text(label).iloc[row]}'" for label, row in picked)
        return Finding(
            self.account.where(rows),
            f"dates {what}: {samples}",
            "expected to know the order of day, month and year",
            "state it with --date-order dmy, --date-order mdy or --date-order ymd",
        )

    def _unreadable(self, label: str, text: pd.Series, bad: Flags, what: Text, mend: str) -> None:
        bad = bad & self.account.kept
        count, there = int(bad.sum()), int((text.notna().to_numpy() & self.account.kept).sum())
        if not count:
            return
        samples = ", ".join(f"'{value}'" for value in text[bad].unique()[:2])
        if count > MOST * there:
            raise InputError(
                Finding(
                    self.account.where(bad, 2),
                    f"{label}: {count} of {there} values are not {what}, such as {samples}",
                    f"expected {what}",
                    mend,
                )
            )
        unread = Text("{label} is not {what}", "{label} 不是{what}")
        self.account.aside_with_unit(bad, unread.fill(label=label, what=what))
