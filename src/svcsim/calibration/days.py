"""Days of history: counts against what was expected, outages, day-to-day spread and level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calibration.estimator import local_days, local_time

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

QUARTER = 900.0
SPIKE = 5.0
"""Standard deviations beyond which a day or an hour counts as an incident."""


@dataclass(frozen=True)
class DayTable:
    """One row a local day: counts and hours watched by local hour (D x 24)."""

    dates: pd.DatetimeIndex
    counts: Array
    watched: Array

    @property
    def weekday(self) -> NDArray[np.int64]:
        """Monday is 0."""
        return np.asarray(self.dates.day_of_week, dtype=np.int64)


def day_table(opened: Array, start: float, end: float, timezone: str) -> DayTable:
    """Count openings by local day and hour, with the hours that lie inside ``[start, end)``.

    Exposure follows the clock of the zone: an hour skipped or repeated by daylight saving time
    counts 0 or 2 hours.
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
    return DayTable(dates, counts, watched)


def winsorise(y: Array, mu: Array) -> tuple[Array, Mask]:
    """Return counts with incidents pulled in, and where they are.

    An incident lies more than `SPIKE` standard deviations ``sqrt(mu + (c mu)^2)`` from its
    expectation; ``c`` is the robust spread of ``y / mu`` beyond Poisson noise (median absolute
    deviation x 1.4826).
    """
    rich = mu >= 5
    spread2 = 0.0
    if rich.sum() >= 5:
        gap = y[rich] / mu[rich] - 1.0
        robust = 1.4826 * float(np.median(np.abs(gap - np.median(gap))))
        spread2 = max(robust**2 - float(np.median(1.0 / mu[rich])), 0.0)
    sd = np.sqrt(mu + spread2 * mu**2)
    odd = (np.abs(y - mu) > SPIKE * sd) & rich
    return np.where(odd, mu + np.clip(y - mu, -SPIKE * sd, SPIKE * sd), y), odd


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


@dataclass(frozen=True)
class Level:
    """Cases per full week, its standard deviation on the log scale, and how it was chosen."""

    value: float
    log_sd: float
    how: str
    by_week: Array
    """Level of each week of history, oldest first."""


HORIZON = 4
ALPHAS = (0.1, 0.2, 0.3, 0.5, 0.8)


def week_level(y: Array, share: Array, day: NDArray[np.int64], v: float, phi: float) -> Level:
    """Return the level at the end of the history: the mean, or an exponentially weighted mean.

    The weighted mean is used when it forecasts the next weeks clearly better (5 % of the root
    mean square log error in a rolling backtest). Errors of the backtest beyond what day factors
    explain widen the interval: they are movements of the level itself.

    Parameters
    ----------
    y, share : ndarray
        Contacts of the days kept, and the share of a week's contacts expected on each.
    day : ndarray of int
        Day number.
    v, phi : float
        Spread and correlation of day factors.
    """
    mean = float(y.sum() / share.sum())
    sd = total_sd(mean * share, day, v, phi)
    block = (day.max() - day) // 7
    total, watched = np.bincount(block, y)[::-1], np.bincount(block, share)[::-1]
    good = watched >= 0.5
    weeks, size = total[good] / watched[good], len(watched[good])
    if size < 8:
        return Level(mean, sd, "mean of the weeks", weeks)
    ahead = min(HORIZON, size // 4)
    origins = range(max(4, size // 3), size - ahead + 1)
    log_actual = np.log([max(weeks[t : t + ahead].mean(), 0.5) for t in origins])

    def error(alpha: float | None) -> float:
        forecast = [_smoothed(weeks[:t], alpha) for t in origins]
        return float(np.sqrt(np.mean((np.log(np.maximum(forecast, 0.5)) - log_actual) ** 2)))

    plain, best = error(None), min(ALPHAS, key=error)
    wins = error(best) < 0.95 * plain
    value = _smoothed(weeks, best) if wins else mean
    if wins:
        # an EWMA listens to about (2 - alpha) / alpha weeks
        effective = min((2 - best) / best, size)
        sd *= float(np.sqrt(size / effective))
    recent = day > day.max() - 7 * ahead
    unavoidable = total_sd(value * share[recent], day[recent], v, phi)
    seen = (error(best) if wins else plain) ** 2
    level_sd = float(np.sqrt(max(sd**2, seen - unavoidable**2)))
    how = f"exponentially weighted mean of weeks (alpha {best:g})" if wins else "mean of the weeks"
    return Level(value, level_sd, how, weeks)


def _smoothed(weeks: Array, alpha: float | None) -> float:
    """Return the mean, or the exponentially weighted mean started at the mean of four weeks."""
    if alpha is None:
        return float(weeks.mean())
    state = float(weeks[:4].mean())
    for week in weeks[4:]:
        state += alpha * (week - state)
    return float(state)
