"""Control charts with stated run lengths: how long until they alarm, with a shift and without.

A chart watches a series of standardised values z, mean 0 and variance 1 while nothing changed, for
a shift to the worse (up). How long it runs until it alarms (average run length, ARL) is computed,
not looked up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]
Chart = Literal["cusum", "ewma", "shewhart"]

STATES = 800
"""Steps into which the statistic of a chart is cut for its run length."""


@dataclass(frozen=True)
class ControlChart:
    """One kind of chart with its parameters.

    Parameters
    ----------
    kind : str
        ``cusum``: S_t = max(0, S_{t−1} + z_t − k), alarm from S ≥ h (Page 1954); best for a lasting
        shift of about 2k. ``ewma``: W_t = λ·z_t + (1 − λ)·W_{t−1}, W_0 = 0, alarm from
        W_t/sd(W_t) ≥ L with sd(W_t)² = λ/(2 − λ)·(1 − (1 − λ)^2t) (Roberts 1959).
        ``shewhart``: alarm from z ≥ L; for single large values.
    k, h : float
        Of the CUSUM.
    weight, limit : float
        λ and L of the EWMA; ``limit`` also of the Shewhart chart.
    """

    kind: Chart = "cusum"
    k: float = 0.5
    h: float = 4.0
    weight: float = 0.2
    limit: float = 2.86

    def path(self, z: ArrayLike) -> Floats:
        """Return the statistic after every value; a missing value leaves it as it is."""
        out, state, seen = [], 0.0, 0
        for value in np.asarray(z, dtype=float):
            if not np.isnan(value):
                seen += 1
                if self.kind == "cusum":
                    state = max(0.0, state + float(value) - self.k)
                elif self.kind == "ewma":
                    state = self.weight * float(value) + (1 - self.weight) * state
                else:
                    state = float(value)
            out.append(state / self._sd(seen) if self.kind == "ewma" and seen else state)
        return np.array(out)

    @property
    def bound(self) -> float:
        """The statistic from which on the chart alarms."""
        return self.h if self.kind == "cusum" else self.limit

    def _sd(self, t: float) -> float:
        """Return the standard deviation of the EWMA after ``t`` values."""
        w = self.weight
        return float(np.sqrt(w / (2 - w) * (1 - (1 - w) ** (2 * t))))

    def arl(self, shift: float = 0.0) -> float:
        """Return the average run length when the mean has moved by ``shift`` sd.

        Brook and Evans 1972: the statistic is cut into steps and moves among them as a Markov
        chain with matrix R until it alarms; ARL = (I − R)⁻¹·1 at the start. The EWMA has no lower
        limit: it is followed down to −6 of its own sd; while its sd still grows the recursion
        ARL_t = 1 + R_t·ARL_{t+1} leads back to the first value.
        """
        return _arl(self, float(shift))


CUSUM = ControlChart("cusum", k=0.5, h=4.0)
CUSUM_QUICK = ControlChart("cusum", k=0.5, h=3.0)
CUSUM_SLOW = ControlChart("cusum", k=0.5, h=5.0)
EWMA = ControlChart("ewma", weight=0.2, limit=2.86)
SHEWHART = ControlChart("shewhart", limit=2.0)


@lru_cache(maxsize=256)
def _arl(chart: ControlChart, shift: float) -> float:
    if chart.kind == "shewhart":
        return float(1 / ndtr(shift - chart.limit))
    if chart.kind == "cusum":
        # states: 0 (an atom), then midpoints of the steps of (0, h)
        width = 2 * chart.h / (2 * STATES - 1)
        centre = width * np.arange(STATES)
        upper = centre + width / 2
        move = ndtr(upper[None, :] - centre[:, None] + chart.k - shift)
    else:
        return _ewma_arl(chart, shift)
    chain = np.diff(move, axis=1, prepend=0.0)
    return float(np.linalg.solve(np.eye(STATES) - chain, np.ones(STATES))[0])


def _ewma_arl(chart: ControlChart, shift: float) -> float:
    top, sd = chart.limit * chart._sd(np.inf), chart._sd(np.inf)
    edges = np.linspace(-6 * sd, top, STATES // 2 + 1)
    centre = (edges[1:] + edges[:-1]) / 2

    def chain(limit: float) -> Floats:
        reach = np.minimum(edges, limit)[None, :] - (1 - chart.weight) * centre[:, None]
        return np.diff(ndtr(reach / chart.weight - shift), axis=1)

    runs = np.linalg.solve(np.eye(len(centre)) - chain(top), np.ones(len(centre)))
    grown = int(np.ceil(np.log(1e-6) / (2 * np.log1p(-chart.weight))))
    for t in range(grown, 0, -1):
        runs = 1 + chain(chart.limit * chart._sd(t)) @ runs
    return float(runs[np.argmin(np.abs(centre))])


def null_tail(chart: ControlChart, statistic: float, t: int) -> float:
    """Return P(the statistic is as large after ``t`` values | nothing changed, no alarm is raised).

    The CUSUM's chain without an alarm, cut far above; the EWMA and the single value are normal.
    """
    if chart.kind != "cusum":
        return float(ndtr(-statistic))
    return float(np.interp(statistic, *_cusum_tail(chart.k, t)))


@lru_cache(maxsize=256)
def _cusum_tail(k: float, t: int) -> tuple[Floats, Floats]:
    top, steps = 16.0, 800
    width = 2 * top / (2 * steps - 1)
    centre = width * np.arange(steps)
    move = ndtr((centre + width / 2)[None, :] - centre[:, None] + k)
    move[:, -1] = 1.0
    chain = np.diff(move, axis=1, prepend=0.0)
    here = np.eye(1, steps)[0]
    for _ in range(t):
        here = here @ chain
    at_least = np.cumsum(here[::-1])[::-1]
    return np.asarray(centre - width / 2, dtype=float), np.minimum(at_least, 1.0)
