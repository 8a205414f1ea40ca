"""Drift: whether the desk changed inside the window, and from when on it is about steady."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calibration.estimator import local_days, local_weeks
from svcsim.contacts.log import ContactLog
from svcsim.model.baseline import Drift
from svcsim.stats.survival import kaplan_meier
from svcsim.text import Text
from svcsim.units import format_duration, format_share, spoken_duration

Array = NDArray[np.float64]

WEEK = 7
FEW_WEEKS = 5
"""Weeks that a series needs; shorter ones cannot tell a change from noise."""
FEW_CONTACTS = 20
"""Contacts that a week needs to count."""
CLEAR = 4.0
"""Standardised size from which a change is reported."""
SEVERE = 5.0
"""Standardised size from which one fit over the whole window describes neither part."""
SHUFFLES, CHANCE = 400, 0.05
MATURE = 7 * 86400.0
STEADY_WEEKS = 3
TOO_MUCH = 2.0
PART_WEEK = 5
"""Days of a last, unfinished week from which it counts (for all but the volume)."""


@dataclass(frozen=True)
class Series:
    """A weekly series: values on a scale on which noise is about even, and how to show them.

    ``spread`` is the standard deviation among single contacts on that scale (what a change of
    level is compared with to call it large), ``least`` the smallest change worth a report.
    """

    name: Text
    values: Array
    noise: Array
    least: float
    show: Callable[[float], str]
    fewest: int = 2
    """Weeks of a tail from which it is judged."""


def find_drift(log: ContactLog) -> tuple[Drift, ...]:
    """Return the changes inside the window, strongest first; one for each KPI at most.

    Weekly series by opening week: volume, medians of time to resolution and to first response
    (Kaplan-Meier, so open contacts do not flatter), mean handling time, shares in time and
    reopened. The best split into two levels is reported when it is larger than is worth caring
    about, at least 4 times its standard error (weeks vary about the two levels, at least by
    sampling error), and rarer than 5 % when the weeks are shuffled. A series that moves one way
    throughout (Mann-Kendall) is said to.
    """
    found = []
    days, starts = _weeks(log)
    for series in _series(log, days, len(starts)):
        change = _split(series)
        if change is None:
            continue
        at, strength, before, after = change
        one_way = Text("{name}, moving one way throughout", "{name}（全程单向变化）")
        found.append(
            Drift(
                what=one_way.fill(name=series.name) if _monotone(series.values) else series.name,
                when=starts[at].date().isoformat(),
                before=series.show(before),
                after=series.show(after),
                strength=round(strength, 1),
            )
        )
    return tuple(sorted(found, key=lambda drift: -drift.strength))


def steady_from(log: ContactLog) -> date | None:
    """Return the first day of the longest tail of the window that is about steady.

    The first day of the window where all of it is; None when no tail of three weeks is. A tail is
    steady when no weekly series changes its level by more than twice what is worth a report
    (times: a factor 4; volume: 1.32; shares: 10 points): not between its halves, and not at a
    clear split where the tail is long enough to look for one.
    """
    days, starts = _weeks(log)
    number = len(starts)
    table = _series(log, days, number)
    for first in range(0, number - STEADY_WEEKS + 1):
        if all(_steady(series, first) for series in table):
            return starts[first].date()
    return None


def steady_part(log: ContactLog) -> tuple[ContactLog, tuple[Drift, ...], Text]:
    """Return the part of a log that one baseline can describe, what drifted, and a note.

    Without severe drift that is the whole log. With it, the log from `steady_from` on: a mean over
    both sides of a change describes neither. Where no tail is steady, the whole log is returned
    and the note says so.
    """
    drift = find_drift(log)
    severe = [change for change in drift if change.strength >= SEVERE]
    if not severe:
        return log, drift, Text("")
    first = severe[0]
    what = Text(
        "drift: {what} from {when}: {before} -> {after}",
        "漂移：{what}自 {when} 起由 {before} 变为 {after}",
    ).fill(
        what=first.what,
        when=first.when,
        before=spoken_duration(first.before),
        after=spoken_duration(first.after),
    )
    steady = steady_from(log)
    if steady is None:
        unsteady = Text(
            "{what}; no part of the window is steady, so means describe no week",
            "{what}；整个时段没有平稳的部分，均值不代表任何一周",
        )
        return log, drift, unsteady.fill(what=what)
    start = pd.Timestamp(steady, tz=log.timezone).timestamp()
    if start <= log.start:
        return log, drift, what
    left_out = len(log.between(log.start, start))
    cut = Text(
        "{what}; fitted from {steady} on, {n} contacts left out",
        "{what}；自 {steady} 起校准，舍去此前 {n} 条联络",
    )
    return log.window(start, log.end), drift, cut.fill(what=what, steady=steady, n=left_out)


def _weeks(log: ContactLog) -> tuple[NDArray[np.int64], list[pd.Timestamp]]:
    """Return the week of each row (7 local days from the start; -1 outside) and its first day.

    A last week of five days or more counts as one.
    """
    week, first = local_weeks(log.frame["opened_s"], log)
    end = local_days(np.array([log.end]), log.timezone)[0]
    number = (int((end - first).days) + WEEK - PART_WEEK) // WEEK
    week = np.where((week >= 0) & (week < number), week, -1)
    return week, [first + pd.Timedelta(days=WEEK * i) for i in range(number)]


def _series(log: ContactLog, week: NDArray[np.int64], number: int) -> list[Series]:
    frame, until = log.frame, log.observed_until
    opened = frame["opened_s"].to_numpy()
    whole = int((log.end - log.start) // (WEEK * 86400.0))
    out = [_volume(week, number, whole)]
    ended = frame[["resolved_s", "abandoned_s"]].min(axis=1).to_numpy()
    stayed = frame["abandoned_s"].isna().to_numpy()
    stamped = (frame["resolved_filled"].fillna(0) == 0).to_numpy()
    for name, column, use in (
        (Text("median time to resolution", "解决时长中位数"), "resolved_s", stayed & stamped),
        (
            Text("median time to first response", "首次响应时间中位数"),
            "first_response_s",
            stayed,
        ),
    ):
        stamp = frame[column].to_numpy()
        out.append(_median(name, opened, stamp, until, np.where(use, week, -1), number))
    work = np.log(frame["handle_s"].where(frame["handle_s"] > 0).to_numpy())
    out.append(_mean(Text("mean handling time (log)", "平均处理时长（对数）"), work, week, number))
    known = np.isfinite(ended)
    for name, values, old in (
        (Text("share closed in time", "及时关闭率"), frame["in_time"].to_numpy(), known),
        (
            Text("share reopened", "重开率"),
            frame["reopens"].clip(0, 1).to_numpy(),
            ended <= until - MATURE,
        ),
    ):
        out.append(_share(name, values, old, week, number))
    return [series for series in out if np.isfinite(series.values).sum() >= STEADY_WEEKS]


def _volume(week: NDArray[np.int64], number: int, whole: int) -> Series:
    counts = np.bincount(week[week >= 0], minlength=number).astype(float)
    counted = (counts >= FEW_CONTACTS) & (np.arange(number) < whole)
    values = np.log(np.where(counted, counts, np.nan))
    name = Text("contacts a week", "每周联络量")
    return Series(name, values, 1 / np.sqrt(np.maximum(counts, 1)), np.log(1.15),
                  lambda x: f"{np.exp(x):.0f}", 5)  # fmt: skip


def _median(
    name: Text, opened: Array, stamp: Array, until: float, week: NDArray[np.int64], number: int
) -> Series:
    """Return the log of the weekly Kaplan-Meier median of ``stamp - opened``."""
    seen = np.isfinite(stamp)
    time = np.maximum(np.where(seen, stamp, until) - opened, 1.0)
    values, noise = np.full(number, np.nan), np.full(number, np.nan)
    for w in range(number):
        here = week == w
        if here.sum() < FEW_CONTACTS or not seen[here].any():
            continue
        curve = kaplan_meier(time[here], seen[here])
        middle = curve.quantile(0.5)
        if middle == middle:
            # times of a minute are moments: a floor keeps ratios of tiny times from counting
            values[w] = np.log(max(middle, 0.0) + 60.0)
            low, high = curve.quantile_interval(0.5)
            noise[w] = np.log((high + 60.0) / (low + 60.0)) / 3.92 if high == high else 0.5
    return Series(name, values, noise, np.log(2.0),
                  lambda x: format_duration(max(float(np.exp(x)) - 60.0, 0.0), 2))  # fmt: skip


def _mean(name: Text, values: Array, week: NDArray[np.int64], number: int) -> Series:
    out, noise = np.full(number, np.nan), np.full(number, np.nan)
    for w in range(number):
        here = values[(week == w) & np.isfinite(values)]
        if len(here) >= FEW_CONTACTS:
            out[w], noise[w] = here.mean(), here.std() / len(here) ** 0.5
    return Series(name, out, noise, np.log(1.1), lambda x: format_duration(float(np.exp(x)), 2))


def _share(
    name: Text, values: Array, old: NDArray[np.bool_], week: NDArray[np.int64], number: int
) -> Series:
    out, noise = np.full(number, np.nan), np.full(number, np.nan)
    for w in range(number):
        all_ = week == w
        here = all_ & old & np.isfinite(values)
        # a week most of whose contacts are not judged yet would be judged by its quick ones
        if here.sum() >= max(FEW_CONTACTS, 0.9 * all_.sum()):
            p = float(values[here].mean())
            out[w] = p
            noise[w] = (max(p * (1 - p), 0.01) / here.sum()) ** 0.5
    return Series(name, out, noise, 0.05, lambda x: format_share(float(np.clip(x, 0, 1)), 2))


def _split(series: Series) -> tuple[int, float, float, float] | None:
    """Return (first week after, |t|, level before, level after) of the best split, if clear."""
    known = np.flatnonzero(np.isfinite(series.values))
    if len(known) < FEW_WEEKS:
        return None
    y = series.values[known]
    floor = float(np.sqrt(np.nanmean(series.noise[known] ** 2)))
    size = _split_sizes(y[None, :], floor)[0]
    k = int(np.argmax(size))
    strength, before, after = float(size[k]), float(y[: k + 1].mean()), float(y[k + 1 :].mean())
    if strength < CLEAR or abs(after - before) < series.least:
        return None
    shuffled = np.random.default_rng(11).permuted(np.tile(y, (SHUFFLES, 1)), axis=1)
    beaten = (_split_sizes(shuffled, floor).max(axis=1) >= strength - 1e-9).mean()
    return (int(known[k + 1]), strength, before, after) if beaten <= CHANCE else None


def _split_sizes(y: Array, floor: float) -> Array:
    """Return |t| of every split of each row into two levels (before, after), noise within them.

    The noise of a week is the pooled standard deviation inside the two parts, at least the
    sampling error ``floor``.
    """
    n = y.shape[1]
    k = np.arange(1, n, dtype=float)
    first = np.cumsum(y, axis=1)[:, :-1]
    total, square = y.sum(axis=1, keepdims=True), (y**2).sum(axis=1, keepdims=True)
    before, after = first / k, (total - first) / (n - k)
    inside = np.maximum(square - k * before**2 - (n - k) * after**2, 0.0) / (n - 2)
    sd = np.maximum(np.sqrt(inside), max(floor, 1e-9))
    size: Array = np.abs(after - before) / (sd * np.sqrt(1 / k + 1 / (n - k)))
    # one week is no level
    size[:, [0, -1]] = 0.0
    return size


def _monotone(y: Array) -> bool:
    """Return whether a series moves one way: Mann-Kendall |z| above 2.6, a line beats a step."""
    week = np.flatnonzero(np.isfinite(y))
    values = y[week]
    n = len(values)
    if n < 6:
        return False
    line = np.polyval(np.polyfit(week, values, 1), week)
    steps = [values[:k].var() * k + values[k:].var() * (n - k) for k in range(2, n - 1)]
    if float(((values - line) ** 2).sum()) > min(steps):
        return False
    sign = np.sign(values[None, :] - values[:, None])
    s = float(np.triu(sign, 1).sum())
    return bool((abs(s) - 1) / (n * (n - 1) * (2 * n + 5) / 18) ** 0.5 > 2.6)


def _steady(series: Series, first: int) -> bool:
    values = series.values[first:]
    known = values[np.isfinite(values)]
    if len(known) < series.fewest:
        return True
    half = len(known) // 2
    large = TOO_MUCH * series.least
    if abs(float(known[:half].mean() - known[len(known) - half :].mean())) > large:
        return False
    change = _split(replace(series, values=values, noise=series.noise[first:]))
    return change is None or abs(change[3] - change[2]) <= large
