"""Forecast of new cases: the predictive distribution of daily, weekly and longer totals.

Every draw takes its own level, trend, day spread, day correlation and factors of special days
from their 90 % intervals (the laws by which a simulation redraws them), then one path of day
factors and one Poisson count a day. What is forecast is therefore what would be simulated.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtr

from svcsim.calendar.days import WEEKDAYS
from svcsim.calibration.estimator import Z90
from svcsim.errors import Finding, InputError
from svcsim.model.demand import Arrivals
from svcsim.model.quantity import Quantity

Array = NDArray[np.float64]

Z95 = 1.959963984540054
MOST_AR = 0.95


@dataclass(frozen=True)
class Forecast:
    """Daily totals of new cases as they may come: one row a draw, one column a day."""

    days: tuple[date, ...]
    counts: Array

    def totals(self, length: int | None = None) -> Array:
        """Return totals of whole spans of ``length`` days (all days), one column a span."""
        size = length or len(self.days)
        spans = len(self.days) // size
        cut = self.counts[:, : spans * size].reshape(len(self.counts), spans, size)
        return np.asarray(cut.sum(axis=2), dtype=np.float64)

    def table(self, length: int = 1, cover: float = 0.9) -> pd.DataFrame:
        """Return mean, median and central interval of the spans' totals, a row a span."""
        totals = self.totals(length)
        low, median, high = np.quantile(totals, [0.5 - cover / 2, 0.5, 0.5 + cover / 2], axis=0)
        first = [self.days[i * length].isoformat() for i in range(totals.shape[1])]
        columns = {"low": low, "median": median, "high": high, "mean": totals.mean(axis=0)}
        return pd.DataFrame(columns, index=pd.Index(first, name="first_day"))


def forecast(
    arrivals: Arrivals,
    start: date,
    days: int,
    *,
    special_days: Mapping[str, str] | None = None,
    worked: Mapping[str, str] | None = None,
    holidays: Collection[str] = (),
    draws: int = 1000,
    seed: int = 1,
) -> Forecast:
    """Return the predictive distribution of the new cases of ``days`` local days from ``start``.

    Parameters
    ----------
    arrivals : Arrivals
        As learned; a trend counts from ``start`` on, as in a simulation.
    start, days
        First local day, and how many.
    special_days, worked, holidays
        As in `ServiceModel`: local date -> kind of day, local date -> weekday that it is worked
        like, and dates with the common holiday factor.
    draws, seed : int
        Number of draws, and what they follow from.

    Raises
    ------
    InputError
        For no day or no draw, or a special day of a kind that ``arrivals`` has no factor for.
    """
    if days < 1 or draws < 1:
        found = f"{days} days and {draws} draws"
        raise InputError(Finding("forecast", found, "expected one or more of each"))
    dates = tuple(start + timedelta(days=i) for i in range(days))
    random = np.random.default_rng(seed)
    level = drawn(arrivals.level, random, draws)
    mean = level[:, None] * _shares(arrivals, dates, worked or {})[None, :]
    mean = mean * _special(arrivals, dates, special_days or {}, holidays, random, draws)
    if arrivals.trend is not None:
        growth = drawn(arrivals.trend, random, draws)
        mean = mean * np.exp(growth[:, None] * np.arange(days)[None, :] / 7.0)
    mean = mean * _day_factors(arrivals, random, draws, days)
    return Forecast(dates, random.poisson(mean).astype(np.float64))


def daily_pit(predicted: Forecast, observed: Mapping[str, float], seed: int = 1) -> pd.Series:
    """Return the randomised probability integral transform of daily counts, by local day.

    ``u = F(y - 1) + v [F(y) - F(y - 1)]`` with ``v`` uniform and ``F`` the predictive
    distribution of the day (Czado, Gneiting & Held 2009). Uniform where the forecast is right; a
    U shape: intervals too narrow; a hump: too wide; a slope: bias. Days are correlated: judge a
    series of them by weekly blocks.

    Parameters
    ----------
    predicted : Forecast
        Days that were not used in the fit.
    observed : mapping of str to float
        Local day (ISO) -> new cases; days without a forecast are left out.
    seed : int
        What the uniform numbers follow from.
    """
    place = {day.isoformat(): i for i, day in enumerate(predicted.days)}
    days = [day for day in observed if day in place]
    random = np.random.default_rng(seed).uniform(size=len(days))
    values = []
    for day, v in zip(days, random, strict=True):
        counts, y = predicted.counts[:, place[day]], observed[day]
        # half a draw on either side: a value outside all draws is improbable, not impossible
        below, upto = (float((counts < y).sum()), float((counts <= y).sum()))
        size = len(counts) + 1.0
        values.append((below + v * (upto - below + 1.0)) / size)
    return pd.Series(values, index=pd.Index(days, name="day"), dtype="float64")


def drawn(quantity: Quantity, random: np.random.Generator, size: int) -> Array:
    """Return draws of a quantity from its 90 % interval, by the laws of a simulation."""
    z = random.normal(size=size)
    if quantity.interval is None or quantity.interval[0] == quantity.interval[1]:
        return np.full(size, quantity.value)
    low, high = quantity.interval
    if quantity.scale == "linear":
        return np.asarray(quantity.value + z * (high - low) / (2 * Z90), dtype=np.float64)
    if low > 0 and quantity.value > 0:
        spread = np.log(high / low) / (2 * Z90)
        return np.asarray(quantity.value * np.exp(z * spread), dtype=np.float64)
    if quantity.value == 0:
        return np.abs(z) * high / Z95
    half = np.where(z > 0, high - quantity.value, quantity.value - low)
    return np.maximum(quantity.value + z * half / Z90, 0.0)


def _shares(arrivals: Arrivals, dates: tuple[date, ...], worked: Mapping[str, str]) -> Array:
    names = [worked.get(day.isoformat(), WEEKDAYS[day.weekday()]) for day in dates]
    return np.array([sum(arrivals.profile[name]) for name in names])


def _special(
    arrivals: Arrivals,
    dates: tuple[date, ...],
    kinds: Mapping[str, str],
    holidays: Collection[str],
    random: np.random.Generator,
    draws: int,
) -> Array:
    """Return the factor of every day (column) in every draw."""
    out = np.ones((draws, len(dates)))
    common = drawn(arrivals.holiday, random, draws)
    factors = {name: drawn(factor, random, draws) for name, factor in arrivals.special.items()}
    for i, day in enumerate(dates):
        kind = kinds.get(day.isoformat())
        if kind is not None:
            if kind not in factors:
                known = f"known: {', '.join(factors) or 'none'}"
                raise InputError(Finding("forecast", f"no factor for days of kind '{kind}'", known))
            out[:, i] = factors[kind]
        elif day.isoformat() in holidays:
            out[:, i] = common
    return out


def _day_factors(arrivals: Arrivals, random: np.random.Generator, draws: int, days: int) -> Array:
    """Return day factors of mean 1 whose normal scores follow an AR(1), one path a draw."""
    cv = drawn(arrivals.day_cv, random, draws)
    phi = np.clip(drawn(arrivals.day_ar, random, draws), -MOST_AR, MOST_AR)
    scores = random.normal(size=(draws, days))
    for i in range(1, days):
        scores[:, i] = phi * scores[:, i - 1] + np.sqrt(1.0 - phi**2) * scores[:, i]
    if arrivals.day_law == "lognormal":
        sigma = np.sqrt(np.log1p(cv**2))[:, None]
        return np.asarray(np.exp(sigma * scores - 0.5 * sigma**2), dtype=np.float64)
    some = cv > 1e-3
    shape = 1.0 / np.where(some, cv, 1.0)[:, None] ** 2
    factors = gammaincinv(shape, ndtr(scores)) / shape
    return np.where(some[:, None], factors, 1.0)
