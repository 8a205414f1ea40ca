"""Days of history: counts against what was expected, surprises, and the day-to-day spread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calibration.estimator import local_days, local_time

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

QUARTER = 900.0
RICH = 5.0
"""Expected contacts from which a day or an hour can be told to be odd."""


@dataclass(frozen=True)
class DayTable:
    """One row a local day: counts and hours watched by local hour (D x 24)."""

    dates: pd.DatetimeIndex
    counts: Array
    watched: Array
    weekday: NDArray[np.int64]
    """Monday is 0; a make-up day has the weekday that it is worked like."""

    def names(self, where: Mask) -> list[str]:
        """Return the days (ISO) of a mask."""
        return [stamp.date().isoformat() for stamp in self.dates[where]]


def day_table(
    opened: Array,
    start: float,
    end: float,
    timezone: str,
    worked: Mapping[date, int] | None = None,
) -> DayTable:
    """Count openings by local day and hour, with the hours that lie inside ``[start, end)``.

    Exposure follows the clock of the zone: an hour skipped or repeated by daylight saving time
    counts 0 or 2 hours. ``worked`` are make-up days and the weekday that each replaces.
    """
    edges = np.arange(np.ceil(start / QUARTER) * QUARTER, end, QUARTER)
    edges = np.unique(np.concatenate([[start], edges, [end]]))
    middle = 0.5 * (edges[:-1] + edges[1:])
    day = local_days(middle, timezone)
    dates = pd.date_range(day[0], day[-1], freq="D")
    size = (len(dates), 24)
    watched = np.zeros(size)
    hour = local_time(middle, timezone).hour.to_numpy()
    where = ((day - dates[0]).days.to_numpy(), hour)
    np.add.at(watched, where, np.diff(edges) / 3600.0)
    counts = np.zeros(size)
    inside = opened[(opened >= start) & (opened < end)]
    row = (local_days(inside, timezone) - dates[0]).days.to_numpy()
    np.add.at(counts, (row, local_time(inside, timezone).hour.to_numpy()), 1.0)
    own = zip(dates, dates.day_of_week, strict=True)
    weekday = [(worked or {}).get(stamp.date(), int(number)) for stamp, number in own]
    return DayTable(dates, counts, watched, np.array(weekday, dtype=np.int64))


def surprise(y: Array, mu: Array) -> Array:
    """Return how many standard deviations counts lie from their expectation, 0 where it is thin.

    The standard deviation is ``sqrt(mu + (c mu)^2)``, with ``c`` the robust spread of ``y / mu``
    beyond Poisson noise (median absolute deviation x 1.4826) over all counts with ``mu`` >= 5.
    """
    rich = mu >= RICH
    spread2 = 0.0
    if rich.sum() >= 5:
        gap = y[rich] / mu[rich] - 1.0
        robust = 1.4826 * float(np.median(np.abs(gap - np.median(gap))))
        spread2 = max(robust**2 - float(np.median(1.0 / mu[rich])), 0.0)
    sd = np.sqrt(mu + spread2 * mu**2)
    return np.where(rich, (y - mu) / np.where(rich, sd, 1.0), 0.0)


@dataclass(frozen=True)
class DaySpread:
    """Over-dispersion of days: squared coefficient of variation and lag-1 correlation."""

    v: float
    v_sd: float
    phi: float
    phi_sd: float
    n: int

    @property
    def clear(self) -> bool:
        """Whether the spread is distinguishable from Poisson noise (2 standard errors)."""
        return self.v > 2 * self.v_sd


def day_spread(y: Array, mu: Array, day: NDArray[np.int64], weeks: float) -> DaySpread:
    """Return the spread of day factors and its correlation from one day to the next, by moments.

    ``v = [sum (y - mu)^2 m / (m - 1) - sum mu] / sum mu^2`` and ``phi = [sum of products of
    neighbouring deviations m / (m - 1) / sum mu mu'] / v``, with ``m`` weeks because weekday
    means were fitted; moments are nearly unbiased where the likelihood is biased low.

    Parameters
    ----------
    y, mu : ndarray
        Observed and expected contacts of the days kept.
    day : ndarray of int
        Day number, so that neighbours are known.
    weeks : float
        Weeks of history.
    """
    fix = weeks / (weeks - 1.0) if weeks > 1.5 else 1.5
    square = float((mu**2).sum())
    term = (y - mu) ** 2 * fix - mu
    v = float(term.sum()) / square
    v_sd = float(term.std()) * len(y) ** 0.5 / square
    near = np.flatnonzero(np.diff(day) == 1)
    if v <= 0 or len(near) < 5:
        return DaySpread(max(v, 0.0), v_sd, 0.0, 0.5, len(y))
    scale = float((mu[near] * mu[near + 1]).sum())
    product = (y[near] - mu[near]) * (y[near + 1] - mu[near + 1]) * fix
    rough = float(product.sum()) / scale / v
    # estimated means pull the lag-1 correlation down by about (1 + 3 phi) / n (Kendall 1954)
    phi = rough + (1 + 3 * min(max(rough, 0.0), 0.95)) / len(near)
    phi_sd = float(product.std()) * len(near) ** 0.5 / scale / v
    return DaySpread(v, v_sd, float(np.clip(phi, 0.0, 0.95)), min(phi_sd, 0.5), len(y))


def total_sd(mu: Array, day: NDArray[np.int64], v: float, phi: float) -> float:
    """Return sd(total) / total: Poisson noise plus day factors with correlation phi^lag."""
    total = float(mu.sum())
    if total <= 0:
        return 1.0
    lag = np.abs(day[:, None] - day[None, :])
    shared = float(mu @ (phi**lag) @ mu) if phi > 0 else float((mu**2).sum())
    return float(np.sqrt(total + v * shared) / total)
