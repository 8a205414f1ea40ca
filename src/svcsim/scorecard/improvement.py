"""Achievement or improvement, whichever earns more: what a unit's improvement is measured from.

Improvement on noisy values rewards noise: of equal people the lowest fifth "improves" by itself.
So agents improve from a shrunk value to a shrunk value, and only where both tell people apart
(reliability `LEAST_RELIABILITY`); desk and teams need contacts enough in both periods. Source: 42
CFR 412.165 (points for achievement and improvement).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog
from svcsim.scorecard.curve import Curve
from svcsim.scorecard.measure import Question
from svcsim.scorecard.period import coverage, previous
from svcsim.scorecard.reliability import Posterior

Floats = NDArray[np.float64]

LEAST_RELIABILITY = 0.5
"""Agents' improvement counts from this reliability on, in both periods."""


@dataclass(frozen=True)
class Base:
    """Where the units start from: value and draws (NaN where unknown), and whether it counts."""

    value: Floats
    draws: Floats
    counts: NDArray[np.bool_]

    @classmethod
    def measured(
        cls, before: Posterior, now: pd.DataFrame, enough: NDArray[np.bool_], *, shrunk: bool
    ) -> Self:
        """Return the base that the previous period gives.

        Parameters
        ----------
        before : Posterior
            What is believed of the units' previous period.
        now : DataFrame
            The units' ``reliability`` in the period that is scored.
        enough : ndarray of bool
            Whether the previous period has contacts enough to judge.
        shrunk : bool
            Whether values are shrunk (agents).
        """
        counts = enough & np.isfinite(before.value)
        if shrunk:
            least = np.fmin(before.reliability, now["reliability"].to_numpy(dtype=float))
            counts &= np.nan_to_num(least) >= LEAST_RELIABILITY
        return cls(before.value, before.draws, counts)


def written(value: float, now: pd.DataFrame, *, shrunk: bool) -> Base:
    """Return a base that the card names (NaN: none), the same for all units."""
    same = np.full(len(now), value)
    counts = np.isfinite(same)
    if shrunk:
        counts &= np.nan_to_num(now["reliability"].to_numpy(dtype=float)) >= LEAST_RELIABILITY
    return Base(same, same[:, None], counts)


def base_of(log: ContactLog, question: Question) -> Question | None:
    """Return the same question of the previous period, None where the log does not hold it all."""
    period = previous(question.period, log.timezone)
    return Question(question.metric, period) if coverage(period, log) == "whole" else None


def better_of(curve: Curve, value: Floats, baseline: Floats, counts: NDArray[np.bool_]) -> Floats:
    """Return the points of values; for ``improvement`` those of the better of the two ways."""
    points = curve.points(value)
    if curve.shape != "improvement":
        return points
    improved = np.where(counts, curve.improved(value, baseline), 0.0)
    return np.asarray(np.fmax(points, np.where(np.isnan(points), np.nan, improved)))
