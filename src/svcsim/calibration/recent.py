"""Which part of a long history tells how the desk works today."""

from __future__ import annotations

import numpy as np

from svcsim.contacts.log import ContactLog, show_day
from svcsim.contacts.recent import MOST_CONTACTS
from svcsim.text import Text

WEEK = 7 * 86400.0
LEAST_WEEKS = 8
"""Weeks that are used in any case: rosters and habits show by week."""


def last_weeks(log: ContactLog, most: int = MOST_CONTACTS) -> tuple[ContactLog, Text]:
    """Return the last whole weeks of a log that hold at most ``most`` contacts, and a note.

    Eight weeks are used in any case. Handling, agents, hours and the like are as precise from two
    million contacts as anybody needs, and the recent ones tell best how the desk works now; only
    what comes and when (arrivals) is learned from all years. A log with no more is used whole.
    """
    if len(log) <= most:
        return log, Text("")
    opened = np.sort(log.frame["opened_s"].to_numpy(dtype=float))
    weeks = max(int((log.end - opened[-most]) // WEEK), LEAST_WEEKS)
    start = log.end - weeks * WEEK
    if start <= log.start:
        return log, Text("")
    part = log.between(start, log.end)
    note = Text(
        "fit: all but the arrivals is learned from the last {weeks} weeks (from {day}, {n} of "
        "{all} contacts)",
        "校准：除到达量外，其余部分只用最近 {weeks} 周（自 {day} 起，{all} 条联络中的 {n} 条）",
    )
    day = show_day(start, log.timezone)
    return part, note.fill(weeks=weeks, day=day, n=f"{len(part):,}", all=f"{len(log):,}")
