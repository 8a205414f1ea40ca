"""Where a simulated future starts: the day after the log, with the log's open contacts."""

from __future__ import annotations

from datetime import date, timedelta

from svcsim.calendar.days import local_day, midnight
from svcsim.contacts.log import ContactLog
from svcsim.engine.opening import Opening, opening_state
from svcsim.model.baseline import Baseline
from svcsim.model.service import ServiceModel


def first_day(baseline: Baseline, log: ContactLog | None) -> date:
    """Return the first Monday on or after the end of the history, in local days.

    Without a log the history ends where the baseline says that it was fitted until.
    """
    if log is not None:
        day = local_day(log.end - 1, log.timezone) + timedelta(days=1)
    else:
        day = date.fromisoformat(baseline.source.end[:10])
    return day + timedelta(days=(-day.weekday()) % 7)


def opening_backlog(log: ContactLog, model: ServiceModel) -> Opening:
    """Return the true state of the desk at the end of the log's window.

    It is carried over unchanged to the next Monday where the log ends in between: nobody knows
    what happens on the days that the log does not cover.
    """
    return opening_state(log, log.end, model)


def start_epoch(day: date, timezone: str) -> int:
    """Return the epoch second at which a local day begins."""
    return midnight(day, timezone)
