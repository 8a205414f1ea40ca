"""Survival with right-censoring: Kaplan-Meier, its interval and its quantiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from svcsim.stats.interval import LEVEL

Floats = NDArray[np.float64]
Ties = Literal["events first", "half"]


@dataclass(frozen=True)
class SurvivalCurve:
    """A Kaplan-Meier curve: a step down at each of ``time``.

    Parameters
    ----------
    time : ndarray
        Distinct event times, ascending.
    survival : ndarray
        Share still without event just after each time.
    at_risk, events : ndarray
        Observations at risk just before, and events at, each time.
    hazard_variance : ndarray
        Greenwood's sum Σ d/(r(r−d)) up to each time.
    """

    time: Floats
    survival: Floats
    at_risk: Floats
    events: Floats
    hazard_variance: Floats

    def at(self, instant: float) -> float:
        """Return S(t): the share without event up to and including ``instant``."""
        index = int(np.searchsorted(self.time, instant, side="right")) - 1
        return float(self.survival[index]) if index >= 0 else 1.0

    def interval_at(self, instant: float, level: float = LEVEL) -> tuple[float, float]:
        """Return the log(−log) interval of S(t), from Greenwood's variance."""
        index = int(np.searchsorted(self.time, instant, side="right")) - 1
        if index < 0:
            return (np.nan, np.nan)
        low, high = self._bounds(level)
        return float(low[index]), float(high[index])

    def quantile(self, p: float) -> float:
        """Return the earliest time by which a share ``p`` has had the event, NaN if never."""
        return _first(self.time, self.survival <= 1 - p + 1e-12)

    def quantile_interval(self, p: float, level: float = LEVEL) -> tuple[float, float]:
        """Return the times at which the bounds of S cross 1−p (Brookmeyer & Crowley 1982)."""
        low, high = self._bounds(level)
        return _first(self.time, low <= 1 - p), _first(self.time, high <= 1 - p)

    def _bounds(self, level: float) -> tuple[Floats, Floats]:
        z = special.ndtri(0.5 + level / 2)
        with np.errstate(divide="ignore", invalid="ignore"):
            log_survival = np.log(self.survival)
            half = z * np.sqrt(self.hazard_variance) / np.abs(log_survival)
            low, high = self.survival ** np.exp(half), self.survival ** np.exp(-half)
        done = self.survival <= 0
        return np.where(done, 0.0, low), np.where(done, 0.0, high)


def kaplan_meier(time: ArrayLike, event: ArrayLike, ties: Ties = "events first") -> SurvivalCurve:
    """Return the product-limit estimate S(t) = Π (1 − d/r) over event times up to t.

    Source: Kaplan & Meier 1958; variance: Greenwood 1926.

    Parameters
    ----------
    time : array_like
        Time to the event or to the end of observation, seconds.
    event : array_like of bool
        Whether the event happened (else censored).
    ties : str
        What an observation censored at an event time counts there: ``events first`` fully at
        risk (the textbook rule), ``half`` by half, because with times in whole seconds either
        may have come first (the actuarial rule).
    """
    durations = np.asarray(time, dtype=float)
    happened = np.asarray(event, dtype=bool)
    order = np.sort(durations)
    times, events = np.unique(durations[happened], return_counts=True)
    at_risk = (len(order) - np.searchsorted(order, times, side="left")).astype(float)
    deaths = events.astype(float)
    if ties == "half":
        upto = np.searchsorted(order, times, side="right")
        censored_here = upto - np.searchsorted(order, times, side="left") - deaths
        at_risk -= censored_here / 2
    return _curve(times, at_risk, deaths)


def kaplan_meier_counted(
    time: Floats, events: Floats, censored: Floats, ties: Ties = "events first"
) -> SurvivalCurve:
    """Return the curve of `kaplan_meier` from counts at distinct ascending times.

    Parameters
    ----------
    time : ndarray
        Distinct times, ascending.
    events, censored : ndarray
        How many had the event at each time, and how many were last seen without it.
    ties : str
        As for `kaplan_meier`.
    """
    here = events + censored
    at_risk = here.sum() - (np.cumsum(here) - here)
    if ties == "half":
        at_risk = at_risk - censored / 2
    happened = events > 0
    return _curve(time[happened], at_risk[happened], events[happened])


def _curve(times: Floats, at_risk: Floats, deaths: Floats) -> SurvivalCurve:
    survival = np.cumprod(1 - deaths / at_risk).astype(np.float64)
    with np.errstate(divide="ignore"):
        terms = np.where(at_risk > deaths, deaths / (at_risk * (at_risk - deaths)), np.inf)
    return SurvivalCurve(times, survival, at_risk, deaths, np.cumsum(terms))


def _first(time: Floats, reached: NDArray[np.bool_]) -> float:
    return float(time[int(np.argmax(reached))]) if reached.any() else float("nan")
