"""Drift: whether the desk changed inside the window, and from when on it is about steady."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calibration.changes import FEW_WEEKS, Change, best_split, changes_of, one_way
from svcsim.calibration.weekly import Series, weekly_series, weeks_of
from svcsim.contacts.log import ContactLog
from svcsim.model.baseline import Drift
from svcsim.model.weeks import Weeks
from svcsim.text import Text
from svcsim.units import spoken_duration

Array = NDArray[np.float64]

SEVERE = 5.0
"""Standardised size from which a large change (`Series.large`) makes one fit describe neither."""
STEADY_WEEKS = 3
MOST_CHANGES = 6
"""Changes reported of one series at most."""


@dataclass(frozen=True)
class Course:
    """What a desk did week by week: the series, and where each of them changed."""

    log: ContactLog
    starts: list[pd.Timestamp]
    table: list[Series]
    changes: list[list[Change]]

    @classmethod
    def of(cls, log: ContactLog) -> Course:
        """Measure the weeks of a log and look for changes."""
        rows, starts = weeks_of(log)
        table = weekly_series(log, rows)
        return cls(log, starts, table, [changes_of(series) for series in table])

    def drift(self) -> tuple[Drift, ...]:
        """Return the changes, strongest first (see `find_drift`)."""
        found = []
        for series, changes in zip(self.table, self.changes, strict=True):
            gradually = Text("{name}, moving one way throughout", "{name}（全程单向变化）")
            gradual = bool(changes) and one_way(series.values)
            strongest = sorted(changes, key=lambda change: -change.strength)
            for change in strongest[: 1 if gradual else MOST_CHANGES]:
                large = abs(change.after - change.before) > series.large
                found.append(
                    Drift(
                        what=gradually.fill(name=series.name) if gradual else series.name,
                        when=self.starts[change.at].date().isoformat(),
                        before=series.show(change.before),
                        after=series.show(change.after),
                        strength=round(change.strength, 1),
                        severe=large and change.strength >= SEVERE,
                    )
                )
        return tuple(sorted(found, key=lambda drift: -drift.strength))

    def weeks(self) -> Weeks:
        """Return the series as a baseline keeps them."""
        days = [start.date().isoformat() for start in self.starts]
        told = [
            series.told(tuple(days[change.at] for change in changes))
            for series, changes in zip(self.table, self.changes, strict=True)
        ]
        return Weeks(starts=tuple(days), series=tuple(told))

    def steady_from(self) -> date | None:
        """Return the first day of the longest steady tail (see `steady_from`)."""
        for first in range(0, len(self.starts) - STEADY_WEEKS + 1):
            if all(_steady(series, first) for series in self.table):
                return self.starts[first].date()
        return None


@dataclass(frozen=True)
class FitWindow:
    """The part of a history that one baseline can describe, and why not all of it.

    ``severe`` are the changes over which a mean describes neither side; without any the whole
    history is proposed. ``start`` is the first day of the proposed part: None where no tail of
    three weeks is steady.
    """

    course: Course
    drift: tuple[Drift, ...]
    severe: tuple[Drift, ...]
    start: date | None

    @property
    def begins(self) -> float:
        """Instant from which the proposed part counts; the start of the log where all does."""
        log = self.course.log
        if not self.severe or self.start is None:
            return log.start
        return max(float(pd.Timestamp(self.start, tz=log.timezone).timestamp()), log.start)

    @property
    def refused(self) -> bool:
        """Whether one baseline over the whole history would describe none of its parts."""
        return bool(self.severe) and (self.start is None or self.begins > self.course.log.start)

    @property
    def left_out(self) -> int:
        """Contacts opened in the window before the proposed part."""
        opened = self.course.log.frame["opened_s"]
        return int(((opened >= self.course.log.start) & (opened < self.begins)).sum())


def propose_window(log: ContactLog) -> FitWindow:
    """Return which part of a history one baseline can describe; nothing is cut here."""
    course = Course.of(log)
    drift = course.drift()
    severe = tuple(change for change in drift if change.severe)
    return FitWindow(course, drift, severe, course.steady_from())


def find_drift(log: ContactLog) -> tuple[Drift, ...]:
    """Return the changes inside the window, strongest first.

    Weekly series by opening week (`weekly_series`), each cut into levels by binary segmentation:
    the best split of a stretch is a change when it is larger than is worth caring about, at least
    4 times its standard error (weeks vary about the two levels, at least by sampling error), and
    rarer than 5 % when the weeks of the stretch are shuffled; both sides are then searched alike.
    Where no split is one, an inner stretch of three weeks or more is held against the rest.
    A series that moves one way throughout (Mann-Kendall) is said to, once. Severe is a change of
    5 standard errors over which a mean describes neither side (times to respond or to resolve: a
    factor 4; volume: 1.5; handling and pace: 1.21; shares: 10 points).

    Source: Scott & Knott 1974; Olshen et al. 2004 (circular binary segmentation); Mann 1945.
    """
    return Course.of(log).drift()


def steady_from(log: ContactLog) -> date | None:
    """Return the first day of the longest tail of the window that is about steady.

    The first day of the window where all of it is; None when no tail of three weeks is. A tail is
    steady when no weekly series changes its level so far that a mean describes neither side (see
    `find_drift`): not between its halves, at a clear split, or after its first week; a tail that is
    too short to look for a split may not end that far from where it began.
    """
    return Course.of(log).steady_from()


def steady_part(log: ContactLog) -> tuple[ContactLog, tuple[Drift, ...], Text]:
    """Return the part of a log that one baseline can describe, what drifted, and a note.

    Without severe drift that is the whole log. With it, the log from `steady_from` on: a mean over
    both sides of a change describes neither. Where no tail is steady, the whole log is returned
    and the note says so.
    """
    found = propose_window(log)
    note = window_note(found)
    return log.window(found.begins, log.end) if found.refused else log, found.drift, note


def window_note(found: FitWindow) -> Text:
    """Say what drifted severely and which part is fitted; empty where nothing did."""
    if not found.severe:
        return Text("")
    what = Text("drift: {what}", "漂移：{what}").fill(what=told_change(found.severe[0]))
    if found.start is None:
        unsteady = Text(
            "{what}; no part of the window is steady, so means describe no week",
            "{what}；整个时段没有平稳的部分，均值不代表任何一周",
        )
        return unsteady.fill(what=what)
    if not found.refused:
        return what
    cut = Text(
        "{what}; fitted from {steady} on, {n} contacts left out",
        "{what}；自 {steady} 起校准，舍去此前 {n} 条联络",
    )
    return cut.fill(what=what, steady=found.start, n=found.left_out)


def drift_note(found: FitWindow) -> Text:
    """Say that the desk changed inside the window that was fitted all the same."""
    changed = Text(
        "drift: the desk changed inside the window ({what}){hint}",
        "漂移：历史时段内服务台发生变化（{what}）{hint}",
    )
    steady = found.start if found.refused else None
    hint = Text("; about steady from {day}", "；自 {day} 起大致平稳").fill(day=steady)
    return changed.fill(what=found.severe[0].what, hint=hint if steady is not None else "")


def told_change(change: Drift) -> Text:
    """Return a change as words: what, from when, the level before and after."""
    return Text(
        "{what} from {when}: {before} -> {after}", "{what}自 {when} 起由 {before} 变为 {after}"
    ).fill(
        what=change.what,
        when=change.when,
        before=spoken_duration(change.before),
        after=spoken_duration(change.after),
    )


def _steady(series: Series, first: int) -> bool:
    values = series.values[first:]
    known = values[np.isfinite(values)]
    if len(known) < series.fewest:
        return True
    half = len(known) // 2
    if abs(float(known[:half].mean() - known[len(known) - half :].mean())) > series.large:
        return False
    # a split of one week is no level, but a tail may not begin with a week of the level before
    noise = series.noise[first:][np.isfinite(values)]
    if len(known) > 2 and abs(known[0] - np.median(known[1:])) > 2 * (series.large + noise[0]):
        return False
    if len(known) < FEW_WEEKS and abs(known[-1] - known[0]) > series.large:
        return False
    change = best_split(replace(series, values=values, noise=series.noise[first:]))
    return change is None or abs(change[3] - change[2]) <= series.large
