"""A log in a few histograms: what volume, distances and pictures of fidelity are made of.

History and every simulated replication are sketched by the same code, inside the worker, so that
no simulated row is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog
from svcsim.metrics.evaluate import evaluate
from svcsim.metrics.periods import Periods

Array = NDArray[np.float64]
LOG_STEP = 0.05
"""Width of the bins of log(1 + seconds): a time is known to 5 %."""
LOG_BINS = 370
"""Bins up to three years."""
SLOT_S = 300
WEEK_HOURS = 168


@dataclass(frozen=True)
class Sketch:
    """Histograms of a log's window, by local time; see the module."""

    hours: Array
    """Openings by local hour since the first day of the window."""
    openings: Array
    """Openings by local hour of week (168, Monday first)."""
    events: Array
    """First responses and last resolutions by local hour of week."""
    at_work: Array
    """Different people with such an event in an hour of week, mean over its days."""
    on_duty: Array | None
    """People staffed by hour of week, mean; None where nobody knows."""
    cycle: Array
    """log(1 + resolution time) of resolved contacts."""
    response: Array
    """log(1 + time to the first response), on live channels to the end of the wait."""
    categories: Mapping[str, float]
    """Openings by category."""
    handling: Mapping[str, Array] = field(default_factory=dict)
    """log(1 + handling time) by category."""
    kpis: pd.DataFrame | None = None

    @property
    def days(self) -> Array:
        """Openings by local day of the window."""
        by_day: Array = self.hours.reshape(-1, 24).sum(axis=1)
        return by_day


@dataclass(frozen=True)
class Sketcher:
    """A picklable reduction: the sketch of a log, with its KPI table where metrics are given."""

    live: tuple[str, ...] = ()
    """Channels that are served live."""
    metrics: tuple[str, ...] = ()
    period: Periods | None = None

    def __call__(self, log: ContactLog) -> Sketch:
        """Sketch one log."""
        kpis = None
        if self.metrics:
            kpis = evaluate(log, self.metrics, period=self.period, intervals=False)
        return replace(sketch(log, self.live), kpis=kpis)


def sketch(log: ContactLog, live: tuple[str, ...] = ()) -> Sketch:
    """Return the histograms of the contacts opened in a log's window and of its work."""
    frame = log.frame
    opened = frame["opened_s"].to_numpy()
    own = frame[(opened >= log.start) & (opened < log.end)]
    first = own["opened_s"].to_numpy()
    hours = np.bincount(local_hours(first, log), minlength=24 * _days(log)).astype(float)
    events, at_work = _work(log)
    is_live = own["channel"].isin(live).to_numpy()
    wait = own["wait_s"].to_numpy()
    answer = np.where(is_live, wait, own["first_response_s"].to_numpy() - first)
    done = own["outcome"].to_numpy() == "resolved"
    category = own["category"].astype("str").fillna("").to_numpy()
    handle = own["handle_s"].to_numpy()
    return Sketch(
        hours=hours,
        openings=by_week(hours, log),
        events=events,
        at_work=at_work,
        on_duty=_on_duty(log),
        cycle=log_bins((own["resolved_s"].to_numpy() - first)[done]),
        response=log_bins(answer),
        categories={str(k): float(v) for k, v in pd.Series(category).value_counts().items() if k},
        handling={
            str(name): log_bins(handle[(category == name) & done])
            for name in np.unique(category)
            if name
        },
    )


def halves(log: ContactLog, live: tuple[str, ...] = ()) -> tuple[Sketch, Sketch] | None:
    """Return sketches of the odd and of the even weeks of a log (None below four weeks)."""
    week = ((log.frame["opened_s"].to_numpy() - log.start) // 604800).astype(int)
    if (log.end - log.start) < 4 * 604800 or not len(week):
        return None
    one, other = (
        sketch(replace(log, frame=log.frame[week % 2 == side].reset_index(drop=True)), live)
        for side in (0, 1)
    )
    return one, other


def log_bins(seconds: Array) -> Array:
    """Return counts of log(1 + seconds) in bins of `LOG_STEP`; negative and missing left out."""
    known = seconds[seconds >= 0]
    place = np.minimum((np.log1p(known) / LOG_STEP).astype(int), LOG_BINS - 1)
    counts: Array = np.bincount(place, minlength=LOG_BINS).astype(np.float64)
    return counts


def bin_seconds(place: Array) -> Array:
    """Return the seconds at a place on the scale of `log_bins` (in bins)."""
    return np.expm1(place * LOG_STEP)


def quantiles(counts: Array, levels: Array) -> Array:
    """Return the quantiles (s) of a histogram of `log_bins`, linear within bins (NaN: empty)."""
    total = counts.sum()
    if total <= 0:
        return np.full(len(levels), np.nan)
    ends = np.concatenate([[0.0], np.cumsum(counts)]) / total
    return bin_seconds(np.interp(levels, ends, np.arange(len(ends), dtype=float)))


def local_hours(stamps: Array, log: ContactLog) -> NDArray[np.int64]:
    """Return the local hour of each instant, counted from midnight of the window's first day."""
    zone = log.timezone
    local = pd.DatetimeIndex(pd.to_datetime(stamps, unit="s", utc=True)).tz_convert(zone)
    first = pd.Timestamp(log.start, unit="s", tz="UTC").tz_convert(zone).normalize()
    days = (local.tz_localize(None).normalize() - first.tz_localize(None)).days
    hours: NDArray[np.int64] = np.asarray(days, dtype=np.int64) * 24 + np.asarray(local.hour)
    return hours


def by_week(hours: Array, log: ContactLog) -> Array:
    """Return a series by local hour since the first day as sums by hour of week."""
    shift = 24 * _weekday(log.start, log.timezone)
    where = (np.arange(len(hours)) + shift) % WEEK_HOURS
    sums: Array = np.bincount(where, weights=hours, minlength=WEEK_HOURS).astype(np.float64)
    return sums


@lru_cache(maxsize=64)
def _weekday(start: float, timezone: str) -> int:
    return int(pd.Timestamp(start, unit="s", tz="UTC").tz_convert(timezone).day_of_week)


def _days(log: ContactLog) -> int:
    """Return how many local days the window touches."""
    return int(local_hours(np.array([log.end - 1]), log)[0]) // 24 + 1


def _work(log: ContactLog) -> tuple[Array, Array]:
    """Return events by hour of week, and different people a day with an event in that hour."""
    frame = log.frame
    stamps = np.concatenate([frame["first_response_s"], frame["resolved_s"]]).astype(float)
    agent = np.tile(frame["agent"].astype("category").cat.codes.to_numpy(), 2)
    use = (stamps >= log.start) & (stamps < log.end) & (agent >= 0)
    hour = local_hours(stamps[use], log)
    size = 24 * _days(log)
    pairs = np.unique(np.stack([hour, agent[use]]), axis=1)
    people = np.bincount(pairs[0], minlength=size).astype(float)
    counts = np.bincount(hour, minlength=size).astype(float)
    worked = (counts.reshape(-1, 24).sum(axis=1) > 0).astype(float)
    days = by_week(np.repeat(worked, 24), log)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(days > 0, by_week(people, log) / days, 0.0)
    return by_week(counts, log), mean


def _on_duty(log: ContactLog) -> Array | None:
    """Return the mean number of people staffed by local hour of week."""
    spells = log.staffed
    if spells is None or not len(spells):
        return None
    slots = int((log.end - log.start) // SLOT_S)
    step = np.zeros(slots + 1)
    for name, sign in (("start_s", 1.0), ("end_s", -1.0)):
        at = np.clip((spells[name].to_numpy() - log.start) / SLOT_S, 0, slots).round().astype(int)
        np.add.at(step, at, sign)
    hour = _slot_hours(log.start, slots, log.timezone)
    staffed = np.bincount(hour, weights=np.cumsum(step)[:slots], minlength=WEEK_HOURS)
    counted = np.bincount(hour, minlength=WEEK_HOURS)
    return staffed / np.maximum(counted, 1)


@lru_cache(maxsize=8)
def _slot_hours(start: float, slots: int, timezone: str) -> NDArray[np.int64]:
    """Return the local hour of week of each slot of a window."""
    stamps = pd.to_datetime(start + SLOT_S * np.arange(slots), unit="s", utc=True)
    local = pd.DatetimeIndex(stamps).tz_convert(timezone)
    return np.asarray(local.day_of_week * 24 + local.hour, dtype=np.int64)
