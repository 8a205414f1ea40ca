"""The real new cases of a span of history, moved to where a scenario starts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from svcsim.calendar.days import local_day, midnight
from svcsim.contacts.log import ContactLog
from svcsim.engine.demand import Cases
from svcsim.engine.opening import Opening, opening_state, replay_cases
from svcsim.errors import Finding, InputError
from svcsim.model.service import ServiceModel
from svcsim.scenario.scenario import span_of

WHERE = "run.replay"


@dataclass(frozen=True)
class Replayed:
    """What a scenario is run with instead of drawn arrivals."""

    start: date
    days: int
    cases: Cases
    opening: Opening


def replayed(
    text: str,
    log: ContactLog | None,
    model: ServiceModel,
    start: date | None,
    *,
    earliest: date,
    days: int | None,
    follow_up_days: int,
) -> Replayed:
    """Return the new cases of the span ``text``, shifted by whole weeks of local time.

    Parameters
    ----------
    text : str
        ``FIRST/LAST``, local days, the last one excluded.
    start : date, optional
        First simulated day, on the weekday on which the span starts. Absent: the first such day
        at or after ``earliest``. On the span's own first day the desk also starts with the
        contacts that were open then, elsewhere with those open at the end of the log.
    days : int, optional
        Days that count; absent: the whole span. New cases of the tail are the ones that came
        after the span, as far as the log goes.
    """
    first, last = span_of(text)
    log = _covering(log, first, last)
    begin = _start(first, start, earliest)
    length = (last - first).days if days is None else days
    if length > (last - first).days:
        raise InputError(
            Finding(WHERE, f"{text} has {(last - first).days} days", f"but {length} are asked for")
        )
    zone = log.timezone
    until = min(float(midnight(first + timedelta(days=length + follow_up_days), zone)), log.end)
    cases = replay_cases(log, model, float(midnight(first, zone)), until)
    weeks = (begin - first).days // 7
    instant = float(midnight(first, zone)) if weeks == 0 else log.end
    return Replayed(
        begin, length, shifted(cases, weeks, zone, int(model.clock)),
        opening_state(log, instant, model),
    )  # fmt: skip


def shifted(cases: Cases, weeks: int, timezone: str, tick: int = 1) -> Cases:
    """Return the cases with their local times moved by whole weeks, on the grid of the clock."""
    opened = cases.opened
    if weeks:
        stamp = pd.to_datetime(pd.Series(opened), unit="s", utc=True).dt.tz_convert(timezone)
        moved = stamp.dt.tz_localize(None) + pd.Timedelta(weeks=weeks)
        again = moved.dt.tz_localize(
            timezone, ambiguous=np.zeros(len(moved), dtype=bool), nonexistent="shift_forward"
        )
        opened = again.map(lambda t: int(t.timestamp())).to_numpy(dtype=np.int64)
    opened = opened - opened % tick
    order = np.argsort(opened, kind="stable")
    names = ("category", "channel", "tier", "priority", "customer", "segment", "language")
    return replace(
        cases, opened=opened[order], **{name: getattr(cases, name)[order] for name in names}
    )


def _covering(log: ContactLog | None, first: date, last: date) -> ContactLog:
    """Return the log, refused where it does not have the whole span."""
    if log is None:
        raise InputError(
            Finding(WHERE, "no history to replay", "", "add  log: FILE  to the scenario, or --log")
        )
    known = (local_day(log.start, log.timezone), local_day(log.end - 1, log.timezone))
    if first < known[0] or last > known[1] + timedelta(days=1):
        raise InputError(
            Finding(
                WHERE, f"{first}/{last} is not in the log",
                f"it covers {known[0]}/{known[1] + timedelta(days=1)}",
            )
        )  # fmt: skip
    return log


def _start(first: date, start: date | None, earliest: date) -> date:
    """Return the first simulated day: on the same weekday as the first replayed one."""
    if start is None:
        return earliest + timedelta(days=(first.weekday() - earliest.weekday()) % 7)
    if start.weekday() != first.weekday():
        raise InputError(
            Finding(
                WHERE, f"{first:%A} {first} cannot be replayed from {start:%A} {start}",
                "cases are moved by whole weeks",
                f"start on {start + timedelta(days=(first.weekday() - start.weekday()) % 7)}",
            )
        )  # fmt: skip
    return start
