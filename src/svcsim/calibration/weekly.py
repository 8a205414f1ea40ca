"""Weekly series of a history on scales on which their noise is about even."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calibration.estimator import Z90, local_days, local_weeks
from svcsim.contacts.log import ContactLog
from svcsim.model.weeks import WeeklySeries
from svcsim.stats.survival import kaplan_meier
from svcsim.text import Text
from svcsim.units import format_duration, format_share

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = list[NDArray[np.intp]]
"""Positions of the rows of each week."""

WEEK = 7
FEW_CONTACTS = 20
"""Contacts that a week needs to count."""
MOST_OF_A_WEEK = 5000
"""Contacts of a week from which a median is taken, evenly spread over it: error under 3 %."""
PART_WEEK = 5
"""Days of a last, unfinished week from which it counts (for all but the volume)."""
MATURE = 7 * 86400.0
FLOOR_S = 60.0
"""Times of a minute are moments: added before the logarithm, so that tiny ones do not count."""


@dataclass(frozen=True)
class Series:
    """A weekly series: values on a scale on which noise is about even, and how to show them.

    ``noise`` is the sampling error of each week on that scale, ``least`` the smallest change
    worth a report, ``large`` the one from which a mean over both sides describes neither.
    """

    name: Text
    values: Array
    noise: Array
    least: float
    show: Callable[[float], str]
    fewest: int = 2
    """Weeks of a tail from which it is judged."""
    large: float = np.inf
    unit: str = "s"
    back: Callable[[Array], Array] = np.exp
    """From the scale of ``values`` to ``unit``."""

    def told(self, changes: tuple[str, ...]) -> WeeklySeries:
        """Return the series in its own unit with intervals of 90 %, as a baseline keeps it."""
        half = Z90 * np.nan_to_num(self.noise)
        low, mid, high = (self.back(self.values + s * half) for s in (-1, 0, 1))
        return WeeklySeries.model_validate(
            {
                "name": self.name,
                "unit": self.unit,
                "changes": changes,
                "values": _rounded(mid),
                "low": _rounded(low),
                "high": _rounded(high),
            }  # fmt: skip
        )


def weeks_of(log: ContactLog) -> tuple[Rows, list[pd.Timestamp]]:
    """Return the rows of each week (7 local days from the start) and its first day.

    A last week of five days or more counts as one.
    """
    week, first = local_weeks(log.frame["opened_s"], log)
    end = local_days(np.array([log.end]), log.timezone)[0]
    number = max((int((end - first).days) + WEEK - PART_WEEK) // WEEK, 0)
    order = np.argsort(week, kind="stable")
    edges = np.searchsorted(week[order], np.arange(number + 1))
    rows = [order[low:high] for low, high in zip(edges[:-1], edges[1:], strict=True)]
    return rows, [first + pd.Timedelta(days=WEEK * i) for i in range(number)]


def weekly_series(log: ContactLog, rows: Rows) -> list[Series]:
    """Return the series that the log can tell: those with three known weeks.

    By opening week: volume; medians of the time to resolution and to first response
    (Kaplan-Meier: open contacts do not flatter); mean handling time; how long the same agents
    take for the same categories; shares closed in time and reopened.
    """
    frame, until = log.frame, log.observed_until
    opened = frame["opened_s"].to_numpy()
    whole = int((log.end - log.start) // (WEEK * 86400.0))
    out = [_volume(rows, whole)]
    ended = np.fmin(frame["resolved_s"].to_numpy(), frame["abandoned_s"].to_numpy())
    stayed = frame["abandoned_s"].isna().to_numpy()
    stamped = (frame["resolved_filled"].fillna(0) == 0).to_numpy()
    for name, column, use in (
        (Text("median time to resolution", "解决时长中位数"), "resolved_s", stayed & stamped),
        (Text("median time to first response", "首次响应时间中位数"), "first_response_s", stayed),
    ):
        out.append(_median(name, opened, frame[column].to_numpy(), until, use, rows))
    handle = frame["handle_s"].to_numpy(dtype=float)
    work = np.log(np.where(handle > 0, handle, np.nan))
    out.append(_mean(Text("mean handling time (log)", "平均处理时长（对数）"), work, rows))
    out.append(_pace(frame, work, rows))
    known = np.isfinite(ended)
    reopened = np.clip(frame["reopens"].to_numpy(), 0, 1)
    late = ended <= until - MATURE
    for name, values, old in (
        (Text("share closed in time", "及时关闭率"), frame["in_time"].to_numpy(), known),
        (Text("share reopened", "重开率"), reopened, late),
    ):
        out.append(_share(name, values, old, rows))
    return [series for series in out if np.isfinite(series.values).sum() >= 3]


def _volume(rows: Rows, whole: int) -> Series:
    counts = np.array([len(here) for here in rows], dtype=float)
    counted = (counts >= FEW_CONTACTS) & (np.arange(len(rows)) < whole)
    values = np.log(np.where(counted, counts, np.nan))
    name = Text("contacts a week", "每周联络量")
    return Series(name, values, 1 / np.sqrt(np.maximum(counts, 1)), np.log(1.15),
                  lambda x: f"{np.exp(x):.0f}", 5, np.log(1.5), "contacts")  # fmt: skip


def _median(
    name: Text, opened: Array, stamp: Array, until: float, use: Flags, rows: Rows
) -> Series:
    """Return the log of the weekly Kaplan-Meier median of ``stamp - opened``."""
    values, noise = _unknown(rows)
    for week, whole in enumerate(rows):
        here = _spread(whole[use[whole]])
        seen = np.isfinite(stamp[here])
        if len(here) < FEW_CONTACTS or not seen.any():
            continue
        time = np.maximum(np.where(seen, stamp[here], until) - opened[here], 1.0)
        curve = kaplan_meier(time, seen)
        middle = curve.quantile(0.5)
        if middle == middle:
            values[week] = np.log(max(middle, 0.0) + FLOOR_S)
            low, high = curve.quantile_interval(0.5)
            wide = np.log((high + FLOOR_S) / (low + FLOOR_S)) / 3.92
            noise[week] = wide if high == high else 0.5
    return Series(name, values, noise, np.log(2.0),
                  lambda x: format_duration(max(float(np.exp(x)) - FLOOR_S, 0.0), 2), 2,
                  np.log(4.0), "s", lambda x: np.maximum(np.exp(x) - FLOOR_S, 0.0))  # fmt: skip


def _mean(name: Text, values: Array, rows: Rows) -> Series:
    out, noise = _means(values, rows)
    return Series(name, out, noise, np.log(1.1),
                  lambda x: format_duration(float(np.exp(x)), 2), 2, np.log(1.21))  # fmt: skip


def _pace(frame: pd.DataFrame, work: Array, rows: Rows) -> Series:
    """Return how long the same agents take for the same categories, relative to their usual.

    Means of log handling time less those of the category, then less those of the agent: who
    comes or leaves and what customers ask for do not count as a change of pace.
    """
    left = work
    for name in ("category", "agent"):
        codes, labels = pd.factorize(frame[name])
        known = np.isfinite(left) & ((codes >= 0) | (name == "category"))
        size = np.bincount(codes[known] + 1, minlength=len(labels) + 1)
        total = np.bincount(codes[known] + 1, left[known], len(labels) + 1)
        usual = total / np.maximum(size, 1)
        left = np.where(known, left - usual[codes + 1], np.nan)
    out, noise = _means(left, rows)
    name = Text(
        "time for like work by the same agents (1 = usual)", "同坐席同类工作用时（1 为平常）"
    )
    return Series(name, out, noise, np.log(1.1), lambda x: f"{np.exp(x):.2f}", 2, np.log(1.21),
                  "ratio")  # fmt: skip


def _share(name: Text, values: Array, old: Flags, rows: Rows) -> Series:
    out, noise = _unknown(rows)
    for week, all_ in enumerate(rows):
        here = all_[old[all_] & np.isfinite(values[all_])]
        # a week most of whose contacts are not judged yet would be judged by its quick ones
        if len(here) >= max(FEW_CONTACTS, 0.9 * len(all_)):
            p = float(values[here].mean())
            out[week] = p
            noise[week] = (max(p * (1 - p), 0.01) / len(here)) ** 0.5
    return Series(name, out, noise, 0.05, lambda x: format_share(float(np.clip(x, 0, 1)), 2), 2,
                  0.10, "share", lambda x: np.clip(x, 0.0, 1.0))  # fmt: skip


def _means(values: Array, rows: Rows) -> tuple[Array, Array]:
    out, noise = _unknown(rows)
    for week, all_ in enumerate(rows):
        here = values[all_]
        here = here[np.isfinite(here)]
        if len(here) >= FEW_CONTACTS:
            out[week], noise[week] = here.mean(), here.std() / len(here) ** 0.5
    return out, noise


def _spread(rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the rows, or ``MOST_OF_A_WEEK`` of them evenly spread where there are more."""
    if len(rows) <= MOST_OF_A_WEEK:
        return rows
    return rows[np.linspace(0, len(rows) - 1, MOST_OF_A_WEEK).astype(np.intp)]


def _unknown(rows: Rows) -> tuple[Array, Array]:
    return np.full(len(rows), np.nan), np.full(len(rows), np.nan)


def _rounded(values: Array) -> tuple[float | None, ...]:
    return tuple(float(f"{v:.4g}") if np.isfinite(v) else None for v in values.tolist())
