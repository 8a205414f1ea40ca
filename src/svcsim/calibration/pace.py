"""The pace of weeks: how much handling times, and capacity, differ from one week to the next."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2

from svcsim.calibration.estimator import Z90, on_log
from svcsim.model.quantity import Factor, Grade, Time

Array = NDArray[np.float64]

PRIOR_WEEKS = 2.0
"""Weeks that the prior of a spread between weeks is worth."""
HANDLING, CAPACITY = 0.05, 0.03
"""Prior coefficients of variation between weeks: of handling times, of capacity."""
ENOUGH = 8
"""Weeks from which a spread counts as measured."""


def week_spread(week: Array, seconds: Array, expected: Array) -> Factor:
    """Return the coefficient of variation of recorded / expected work between weeks.

    The variance of the weekly ratios less the mean squared standard error that the spread of
    single records gives, drawn to the prior (`spread_of`).

    Parameters
    ----------
    week : ndarray
        Week of each record; records of a week below 0 (not whole) are left out.
    seconds, expected : ndarray
        Recorded work, and the work expected of alike records.
    """
    table = pd.DataFrame({"week": week, "seconds": seconds, "expected": expected})
    table = table[table["week"] >= 0]
    table["gap"] = (table["seconds"] - table["expected"]) ** 2
    weeks = table.groupby("week").sum()
    weeks = weeks[weeks["expected"] > 0.2 * weeks["expected"].median()]
    noise = float((weeks["gap"] / weeks["expected"] ** 2).mean()) if len(weeks) else 0.0
    ratios = (weeks["seconds"] / weeks["expected"]).to_numpy(dtype=float)
    return spread_of(ratios, noise, HANDLING, "handling times")


def capacity_spread(day: pd.DatetimeIndex, hours: Array) -> Factor:
    """Return the coefficient of variation of weekly agent hours beyond that of single days.

    Days are compared with the mean of their weekday; what single days vary by themselves, about
    the level of their week, is taken off, because a simulated week draws its days one by one.

    Parameters
    ----------
    day : DatetimeIndex
        Local days, each once.
    hours : ndarray
        Agent hours of each day.
    """
    if len(day) == 0:
        return spread_of(np.zeros(0), 0.0, CAPACITY, "agent hours")
    table = pd.DataFrame({"weekday": day.day_of_week, "hours": hours})
    table["usual"] = table.groupby("weekday")["hours"].transform("mean")
    table["week"] = np.asarray((day - day.min()).days // 7)
    size = table.groupby("weekday")["hours"].transform("size")
    # means of a weekday were fitted: deviations are that much too small
    fix: pd.Series = size / np.maximum(size - 1, 1)
    level = table.groupby("week")[["hours", "usual"]].transform("sum")
    days = table.groupby("week")["hours"].transform("size")
    about = table["usual"] * level["hours"] / level["usual"]
    # a level was fitted to every week as well
    table["gap"] = (table["hours"] - about) ** 2 * fix * days / np.maximum(days - 1, 1)
    weeks = table.groupby("week")[["hours", "usual", "gap"]].sum()
    weeks = weeks[weeks["usual"] > 0.7 * weeks["usual"].max()]
    noise = float((weeks["gap"] / weeks["usual"] ** 2).mean())
    ratios = (weeks["hours"] / weeks["usual"]).to_numpy(dtype=float)
    return spread_of(ratios, noise, CAPACITY, "agent hours")


def spread_of(ratios: Array, noise: float, prior: float, what: str) -> Factor:
    """Return the coefficient of variation between weeks, drawn to a prior worth two weeks.

    ``cv^2 = (2 prior^2 + (n - 1) max(var - noise, 0)) / (n + 1)``, with the interval of a variance
    known from so many weeks (scaled inverse chi square). Few weeks never show that weeks are
    alike: without the prior, four that happen to agree would promise that all others do.

    Parameters
    ----------
    ratios : ndarray
        Weekly values over what was expected of the week.
    noise : float
        Variance of a ratio were all weeks alike.
    prior : float
        Coefficient of variation expected of any desk (a judgement, not a measurement).
    what : str
        What is compared, for the sentence on its origin.
    """
    n = len(ratios)
    own = max(float(np.var(ratios, ddof=1)) - noise, 0.0) if n > 1 else 0.0
    known = max(n - 1, 0)
    weight = PRIOR_WEEKS + known
    square = (PRIOR_WEEKS * prior**2 + known * own) / weight
    low, high = (float((square * weight / chi2.ppf(p, weight)) ** 0.5) for p in (0.95, 0.05))
    grade: Grade = "measured" if n >= ENOUGH else "proxy" if n > 1 else "assumed"
    how = f"spread of weekly {what} beyond sampling noise, drawn to {prior:.0%} (worth two weeks)"
    return Factor(value=square**0.5, interval=(low, high), n=n, grade=grade, how=how)


def with_weeks(mean: Time, spread: Factor) -> Time:
    """Widen a mean's interval by what the weeks of the history were off: cv / sqrt(weeks)."""
    if spread.value <= 0 or not spread.n or mean.interval is None or mean.value <= 0:
        return mean
    own = float(np.log(mean.interval[1] / mean.interval[0])) / 2.0 / Z90
    both = float(np.hypot(own, spread.value / spread.n**0.5))
    wide = on_log(Time, mean.value, both, mean.n or 0, mean.grade)
    return mean.model_copy(update={"interval": wide.interval})
