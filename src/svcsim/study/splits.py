"""Time splits of a history: what is held out, from the latest weeks backwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from svcsim.calendar.days import local_day, midnight
from svcsim.contacts.log import ContactLog
from svcsim.errors import Finding, InputError
from svcsim.text import Text

ORIGINS = 3
"""Time splits where the history is long enough."""
LONGEST = 28
"""Days of a held-out span at most, unless more are asked for."""
FEWER = Text(
    "fidelity: the history of {days} days allows {n} time split{s} instead of 3 (weeks held out "
    "are disjoint and at most half of it)",
    "保真度：历史只有 {days} 天，只能切分 {n} 次而非 3 次（留出的周互不重叠，且不超过历史的一半）",
)


@dataclass(frozen=True)
class Splits:
    """Disjoint held-out spans that end a history, the latest last."""

    first: date
    """First day of the history."""
    spans: tuple[tuple[date, date], ...]
    last: date
    """Day after the last."""
    note: Text = Text("")

    def latest(self) -> tuple[tuple[date, date], ...]:
        """Return the spans, the latest first."""
        return self.spans[::-1]


def time_splits(log: ContactLog, days: int | None = None, number: int | None = None) -> Splits:
    """Return the held-out spans of a log: three of whole weeks, disjoint, at most half of it.

    Left to choose, a span has four weeks at most; a history below six weeks gets fewer spans of
    one week, below four weeks a single one (`hold_out`). Every split leaves the earlier half of
    the history, or more, to fit on.

    Raises
    ------
    InputError
        When the history cannot spare what is asked for.
    """
    first, last = _bounds(log)
    length = (last - first).days
    room = length // 2
    if days is None and (number == 1 or length < 28):
        split = hold_out(log)[1]
        note = FEWER.fill(days=length, n=1, s="") if number is None else Text("")
        if number not in (None, 1):
            raise InputError(_too_many(log.name, length, number, None))
        return Splits(first, ((split, last),), last, note)
    if days is None:
        wanted = number or ORIGINS
        days = min(LONGEST, room // wanted // 7 * 7) or (7 if number is None else room // wanted)
    if days < 1 or days > room or (number is not None and number * days > room):
        if number is None or number == 1:
            raise InputError(_too_short(log.name, length, days))
        raise InputError(_too_many(log.name, length, number, days))
    count = number or min(ORIGINS, room // days)
    ends = [last - timedelta(days=days * k) for k in range(count)][::-1]
    few = number is None and count < ORIGINS
    return Splits(
        first=first,
        spans=tuple((end - timedelta(days=days), end) for end in ends),
        last=last,
        note=FEWER.fill(days=length, n=count, s="s" if count > 1 else "") if few else Text(""),
    )


def hold_out(log: ContactLog, days: int | None = None) -> tuple[date, date, date]:
    """Return (first day, first held-out day, day after the last) of a log for a single split.

    A quarter of the window is held out: whole weeks, one at least, at most four; below three
    weeks what exceeds the two that a fit needs. A held-out day takes two days of history.
    """
    first, last = _bounds(log)
    length = (last - first).days
    asked = days
    if days is None:
        days = min(4, max(length // 28, 1)) * 7
        if length < 21:
            days = length - 14 if length > 14 else max(length // 4, 1)
    if not 1 <= days <= length // 2:
        raise InputError(_too_short(log.name, length, asked))
    return first, last - timedelta(days=days), last


def _bounds(log: ContactLog) -> tuple[date, date]:
    """Return the first whole local day of a log and the day after its last."""
    first = local_day(log.start, log.timezone)
    if midnight(first, log.timezone) < log.start - 3600:
        first += timedelta(days=1)
    return first, local_day(log.end - 1, log.timezone) + timedelta(days=1)


def _too_short(name: str, length: int, asked: int | None) -> Finding:
    """Say how much history is needed: to fit at all, or for the held-out days that were asked."""
    have = f"{length} whole day{'s' if length != 1 else ''} of history" if length else "under a day"
    if asked is None or length < 2:
        return Finding(
            name, f"the history is too short: {have}",
            "three weeks are needed (two and 200 contacts to fit, one to check)",
            "give more history; eight weeks or more tell one season from one odd week",
        )  # fmt: skip
    return Finding(
        name, f"{have} cannot spare {asked} held-out days",
        f"{2 * asked} days of history are needed for that",
        f"give more history (--from earlier) or --hold-out {length // 2} at most",
    )  # fmt: skip


def _too_many(name: str, length: int, number: int, days: int | None) -> Finding:
    """Say that so many splits do not fit, and how many do."""
    each = days or 7
    most = max(length // 2 // each, 1)
    return Finding(
        name, f"{length} days of history cannot spare {number} spans of {each} held-out days",
        f"{2 * number * each} days of history are needed: every split leaves half of it to fit on",
        f"give more history (--from earlier) or --origins {most}",
    )  # fmt: skip
