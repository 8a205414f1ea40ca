"""From a KPI value to points: 0 at the floor, 80 at the target, 100 at the stretch.

A lower-is-better KPI is scored on the logarithm of its value, so that halving a time is worth the
same wherever one starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Direction = Literal["lower", "higher"]
Shape = Literal["linear", "step", "points", "improvement", "gate"]

AT_TARGET = 80.0
"""Points of a KPI that is exactly on its target (linear curve)."""
SPAN_IN_ERRORS = 4.0
"""A derived floor-stretch span is this many standard errors wide, up to the two limits below."""
WIDENED = 2.0
"""Noise widens a derived span to at most this many times the span without noise."""
FAR_SHARE = 0.20
"""Noise moves the floor of a share (higher is better) no farther than this from the target."""
SPARE = {"score": 0.1}
"""Distance from target to floor as a share of the target, by unit (others: one half)."""


@dataclass(frozen=True)
class Curve:
    """Points as a function of the value.

    Parameters
    ----------
    shape : str
        ``linear`` (floor, target, stretch), ``step`` (100 when met, else 0), ``points`` (knots),
        ``improvement`` (achievement or improvement, the better one) or ``gate`` (as a step; it
        carries no weight).
    direction : str
        ``lower`` or ``higher``: what is better.
    target, floor, stretch : float
        In the metric's own unit.
    knots : tuple of (value, points)
        Of shape ``points``; straight lines between them, constant outside.
    derived : bool
        Whether floor or stretch were chosen by `derive` rather than written in the card.
    """

    shape: Shape
    direction: Direction
    target: float
    floor: float
    stretch: float
    knots: tuple[tuple[float, float], ...] = ()
    derived: bool = False

    def met(self, value: ArrayLike) -> NDArray[np.bool_]:
        """Tell whether values are at the target or better; False where there is no value."""
        x = np.asarray(value, dtype=float)
        return x <= self.target if self.direction == "lower" else x >= self.target

    def points(self, value: ArrayLike) -> Floats:
        """Return the points of values, NaN where there is no value."""
        x = np.asarray(value, dtype=float)
        if self.shape in ("step", "gate"):
            scored = np.where(self.met(x), 100.0, 0.0)
        elif self.shape == "improvement":
            scored = self.achieved(x)
        else:
            place, worth = self._line()
            scored = np.interp(self._scaled(x), place, worth)
        return np.where(np.isnan(x), np.nan, scored)

    def achieved(self, value: ArrayLike) -> Floats:
        """Return the points for achievement between threshold and benchmark.

        Tenths of 100 points: 0 below the threshold t (floor), 10 from the benchmark b (stretch)
        on, between them round(9·(x − t)/(b − t) + ½), at least 1 and at most 9. Halves are rounded
        up; lower-is-better values count by their logarithm. Source: 42 CFR 412.165 (the ranges).
        """
        x = np.asarray(value, dtype=float)
        place, low, high = (self._scaled(np.asarray(v)) for v in (x, self.floor, self.stretch))
        inside = np.clip(_half_up(9.0 * (place - low) / (high - low) + 0.5), 1.0, 9.0)
        scored = np.where(place >= high, 10.0, np.where(place < low, 0.0, inside))
        return np.asarray(10.0 * np.where(np.isnan(x), np.nan, scored))

    def improved(self, value: ArrayLike, baseline: ArrayLike) -> Floats:
        """Return the points for improvement on a baseline; 0 where there is no baseline.

        Tenths of 100 points: 10 from the benchmark b on, else round(10·(x − x0)/(b − x0) − ½),
        at least 0 and at most 9, with the baseline x0. A baseline at the benchmark or better
        leaves nothing to improve. Source: as `achieved`.
        """
        x, start = np.broadcast_arrays(
            np.asarray(value, dtype=float), np.asarray(baseline, dtype=float)
        )
        place, own, high = (self._scaled(np.asarray(v)) for v in (x, start, self.stretch))
        with np.errstate(invalid="ignore", divide="ignore"):
            part = _half_up(10.0 * (place - own) / (high - own) - 0.5)
            scored = np.where(place >= high, 10.0, np.clip(part, 0.0, 9.0))
        scored = np.where((own >= high) | np.isnan(own), 0.0, scored)
        return np.asarray(10.0 * np.where(np.isnan(x), np.nan, scored))

    def _scaled(self, value: Floats) -> Floats:
        """Return the value on the scale of the curve, increasing in what is better."""
        if self.direction == "higher":
            return value
        with np.errstate(divide="ignore", invalid="ignore"):
            return -np.log(np.maximum(value, 0.0))

    def _line(self) -> tuple[Floats, Floats]:
        if self.shape == "points":
            knots = list(self.knots)
        elif self.stretch == self.target:
            knots = [(self.floor, 0.0), (self.target, 100.0)]
        else:
            knots = [(self.floor, 0.0), (self.target, AT_TARGET), (self.stretch, 100.0)]
        place = self._scaled(np.array([value for value, _ in knots], dtype=float))
        order = np.argsort(place, kind="stable")
        return place[order], np.array([points for _, points in knots])[order]


def _half_up(value: Floats) -> Floats:
    """Round to whole numbers, halves up (not to the even one), whatever the last bit says."""
    return np.asarray(np.floor(np.round(value, 9) + 0.5))


def derive(
    target: float, direction: Direction, unit: str, error: float = 0.0
) -> tuple[float, float]:
    """Return the floor and the stretch of a target for which the card names none.

    One straight line: the floor lies 4/5 and the stretch 1/5 of the span S from the target.
    S = max(S0, min(4·error, W)): S0 without noise, widened by it up to W.

    - lower is better (log scale, error / target): S0 = 1.25·ln 2, W = 2·S0: the floor is two to
      four times the target, the stretch no less than .7 of it;
    - share, higher is better: S0 = 1.25·min(target, 1 − target), twice the misses of the target;
      W = .25: noise moves the floor no farther than 20 points away; cut to 0..1;
    - count or rate: S0 = 1.25·target/2; score: S0 = 1.25·target/10; W = 2·S0.

    Four standard errors keep the points from being mostly luck: in a simulation of survey scores
    a wide line followed the true quality better than a narrow one or a step. Without the
    limit W a time whose error exceeds its target would earn points however long it is. ``error``
    is the standard error of the KPI at the period's number of contacts, in the metric's unit.
    """
    noise = SPAN_IN_ERRORS * (error if np.isfinite(error) else 0.0)
    if direction == "lower":
        plain = 1.25 * np.log(2.0)
        span = max(plain, min(noise / target, WIDENED * plain))
        floor, stretch = target * np.exp(0.8 * span), target * np.exp(-0.2 * span)
        return float(min(floor, 1.0) if unit == "share" else floor), float(stretch)
    if unit == "share":
        plain = 1.25 * (min(target, 1.0 - target) or 0.1)
        widest = FAR_SHARE / 0.8
    else:
        plain = 1.25 * abs(target) * SPARE.get(unit, 0.5)
        widest = WIDENED * plain
    span = max(plain, min(noise, widest))
    floor, stretch = target - 0.8 * span, target + 0.2 * span
    if unit == "share":
        return float(max(floor, 0.0)), float(min(stretch, 1.0))
    return float(max(floor, 0.0)), float(stretch)
