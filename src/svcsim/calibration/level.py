"""Level of demand at the end of a history: mean, weighted mean or trend, as a backtest decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svcsim.calibration.days import total_sd

Array = NDArray[np.float64]
Days = NDArray[np.int64]
Forecaster = Callable[[Array], float]

HORIZON = 4
ALPHAS = (0.1, 0.2, 0.3, 0.5, 0.8)
FOR_TREND = 13
"""Weeks from which a trend can be told from a level that moves."""
CLEARLY = 0.85
"""A trend must make at most this share of the backtest error of the best forecast without one."""
CLEAR_SLOPE = 2.5
"""Standard errors by which a trend must differ from none."""
WALK, WALK_WORTH = 0.02, 2.0
"""A level is believed to move by 2 % a week (on the log scale) until the backtest knows better;
this belief weighs as much as two separate four-week forecasts."""


@dataclass(frozen=True)
class Level:
    """Cases per full week at the end of the history, and how surely and whence it is known."""

    value: float
    log_sd: float
    """Standard deviation on the log scale, for the coming weeks."""
    how: str
    by_week: Array
    """Level of each week of history, oldest first."""
    trend: float = 0.0
    """Growth a week on the log scale; 0 unless a trend won the backtest."""
    trend_sd: float = 0.0
    moves: bool = False
    """Whether the level moved inside the history: the mean of all of it is not its level."""


def week_level(y: Array, share: Array, day: Days, v: float, phi: float) -> Level:
    """Return the level at the end of the history, and a trend where there clearly is one.

    Candidates are the mean of all weeks, exponentially weighted means, and a straight line
    through the logs of weekly totals. The weighted mean is used when it forecasts the next weeks
    clearly better than the mean (5 % of the root mean square log error in a rolling backtest); the
    trend when it beats both by 15 % and its slope lies 2.5 standard errors from none. Errors of
    the backtest beyond what day factors explain widen the interval: they are movements of the
    level itself. A short backtest is itself uncertain, so its mean square error is weighted with
    that of a level known to move by 2 % a week.

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
    weeks, _ = weekly(y, share, day)
    size = len(weeks)
    if size < 8:
        return Level(mean, sd, "mean of the weeks", weeks)
    ahead = min(HORIZON, size // 4)
    plain, best = backtest(weeks, ahead, _mean), min(
        ALPHAS, key=lambda alpha: backtest(weeks, ahead, _smoother(alpha))
    )  # fmt: skip
    weighted = backtest(weeks, ahead, _smoother(best))
    wins = weighted < 0.95 * plain
    value, error, how = mean, plain, "mean of the weeks"
    if wins:
        value, error = _smoother(best)(weeks), weighted
        how = f"exponentially weighted mean of weeks (alpha {best:g})"
        # an EWMA listens to about (2 - alpha) / alpha weeks
        sd *= float(np.sqrt(size / min((2 - best) / best, size)))
    slope, slope_sd = trend_of(weeks)
    line = backtest(weeks, ahead, _line)
    growing = size >= FOR_TREND and abs(slope) > CLEAR_SLOPE * slope_sd
    growing = growing and line < CLEARLY * min(plain, weighted)
    if growing:
        value, error, how = _at_the_end(weeks), line, "straight line through the logs of weeks"
        sd = max(sd, slope_sd * size / 2)
    recent = day > day.max() - 7 * ahead
    unavoidable = total_sd(value * share[recent], day[recent], v, phi)
    level_sd = _with_belief(error, sd, unavoidable, size, ahead)
    trend, trend_sd = (slope, slope_sd) if growing else (0.0, 0.0)
    return Level(value, level_sd, how, weeks, trend, trend_sd, bool(wins or growing))


def weekly(y: Array, share: Array, day: Days) -> tuple[Array, Array]:
    """Return the level of each week counted from the last day back, oldest first, and its number.

    Weeks of which less than half was watched are left out; the last week has number 0.
    """
    block = (day.max() - day) // 7
    total, watched = np.bincount(block, y)[::-1], np.bincount(block, share)[::-1]
    good = watched >= 0.5
    number = np.arange(len(total))[::-1]
    return total[good] / watched[good], number[good].astype(np.float64)


def local_level(y: Array, share: Array, day: Days, at: Days) -> Array:
    """Return the level around each day of ``at``: the mean of five weeks, fewer at the ends."""
    weeks, number = weekly(y, share, day)
    if not len(weeks):
        return np.full(len(at), float(y.sum() / share.sum()))
    padded = np.pad(weeks, 2, mode="edge")
    calm = np.convolve(padded, np.ones(5) / 5, mode="valid")
    return np.asarray(np.interp(-((day.max() - at) // 7), -number, calm), dtype=np.float64)


def backtest(weeks: Array, ahead: int, forecaster: Forecaster) -> float:
    """Return the root mean square log error of forecasts of the mean of the next weeks."""
    size = len(weeks)
    errors = [
        np.log(max(weeks[t : t + ahead].mean(), 0.5) / max(forecaster(weeks[:t]), 0.5))
        for t in range(max(4, size // 3), size - ahead + 1)
    ]
    return float(np.sqrt(np.mean(np.square(errors))))


def trend_of(weeks: Array) -> tuple[float, float]:
    """Return the slope of the logs of weeks and its standard error.

    The error of least squares times ``sqrt((1 + r) / (1 - r))`` with ``r`` the lag-1 correlation
    of the residuals: neighbouring weeks are alike.
    """
    t = np.arange(len(weeks)) - (len(weeks) - 1) / 2
    logs = np.log(np.maximum(weeks, 0.5))
    square = float((t**2).sum())
    slope = float((t * logs).sum()) / square
    rest = logs - logs.mean() - slope * t
    mass = float((rest**2).sum())
    r = float((rest[1:] * rest[:-1]).sum()) / mass if mass > 0 else 0.0
    r = min(max(r, 0.0), 0.8)
    sd = (mass / max(len(weeks) - 2, 1) / square) ** 0.5
    return slope, float(sd * ((1 + r) / (1 - r)) ** 0.5)


def _mean(weeks: Array) -> float:
    return float(weeks.mean())


def _smoother(alpha: float) -> Forecaster:
    """Return the exponentially weighted mean, started at the mean of four weeks."""

    def forecast(weeks: Array) -> float:
        state = float(weeks[:4].mean())
        for week in weeks[4:]:
            state += alpha * (week - state)
        return state

    return forecast


def _line(weeks: Array) -> float:
    """Return the value of the line two weeks ahead, the middle of the next four."""
    slope, _ = trend_of(weeks)
    return float(_at_the_end(weeks) * np.exp(slope * HORIZON / 2))


def _at_the_end(weeks: Array) -> float:
    """Return the line through the logs at the end of the last week, in the scale of the mean."""
    slope, _ = trend_of(weeks)
    t = np.arange(len(weeks)) - (len(weeks) - 1) / 2
    shape = np.exp(slope * t)
    return float(weeks.mean() / shape.mean() * np.exp(slope * len(weeks) / 2))


def _with_belief(error: float, sd: float, unavoidable: float, size: int, ahead: int) -> float:
    """Return the log sd of the level for the coming weeks from the backtest and the belief.

    A level that moves by ``w`` a week is off by a variance of ``4 w^2`` when the mean of the next
    four weeks is forecast: 1.9 w^2 until then, and as much for where it is now.
    """
    separate = (size - ahead + 1 - max(4, size // 3)) / ahead
    believed = sd**2 + unavoidable**2 + 4.0 * WALK**2
    seen = (separate * error**2 + WALK_WORTH * believed) / (separate + WALK_WORTH)
    return float(np.sqrt(max(sd**2, seen - unavoidable**2)))
