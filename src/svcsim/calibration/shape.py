"""Shape of a positive time: lognormal or exponential where they truly fit, else a table."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from svcsim.calibration.estimator import Z90
from svcsim.model.duration import Duration, Law
from svcsim.model.quantity import Factor, Grade, Time

Array = NDArray[np.float64]

MEAN_OFF = 0.03
SCV_RATIO = (0.7, 1.4)
FEW = 30
"""Below this many times a lognormal is taken without asking: nothing else can be told apart."""
TAIL = 0.995
PIECES = (20, 40, 100)
"""A table gets as many pieces as its variance needs."""


@dataclass(frozen=True)
class Shape:
    """A law relative to its mean; ``scv`` is the law's own variance / mean^2."""

    law: Law
    scv: float
    table: tuple[float, ...] | None = None
    tail: float = 0.0
    """Share of all time that lies in the longest 0.5 % of the times."""
    n: int = 0

    def with_mean(self, mean: Time, grade: Grade = "measured", how: str = "") -> Duration:
        """Return the duration of this shape with the given mean."""
        if self.law != "lognormal":
            return Duration(law=self.law, mean=mean, table=self.table)
        cv = self.scv**0.5
        # relative error of a lognormal's cv from the variance of its logarithm
        log_sd = float(np.log1p(self.scv)) ** 0.5 * (2.0 / max(self.n, 2)) ** 0.5
        spread = float(np.exp(min(Z90 * log_sd, 3.0)))
        bounds = (cv / spread, cv * spread)
        factor = Factor(value=cv, interval=bounds, n=self.n, grade=grade, how=how)
        return Duration(law="lognormal", mean=mean, cv=factor)


def shape_of(times: ArrayLike) -> Shape:
    """Return the shape of a sample of times; only positive ones count.

    Lognormal if the law fitted to the logarithms has the mean of the sample within 3 % (or within
    what chance does to the comparison, at most 10 %) and variance / mean^2 within 0.7 to 1.4
    times: a fit of logarithms that misses the mean would misjudge the workload; its spread is
    then that of the logarithms (maximum likelihood). Exponential if
    its distribution function agrees. Else a table of quantiles that keeps the mean and the tail.
    """
    x = np.asarray(times, dtype=float)
    x = np.sort(x[np.isfinite(x) & (x > 0)])
    if len(x) == 0:
        return Shape("lognormal", 1.0)
    x = x / x.mean()
    scv = float(x.var())
    base = Shape("lognormal", max(scv, 1e-4), None, _tail(x), len(x))
    if len(x) < FEW or scv < 1e-4:
        return base
    if _lognormal_holds(x, scv):
        # the few longest times move the sample's own variance far more than that of logarithms
        return replace(base, scv=float(np.expm1(np.log(x).var(ddof=1))))
    if SCV_RATIO[0] <= 1 / scv <= SCV_RATIO[1] and _far_from_exponential(x) < max(
        0.03, len(x) ** -0.5
    ):
        return replace(base, law="exponential", scv=1.0)
    table = quantile_table(x)
    return replace(base, law="table", scv=table_scv(table), table=table)


def quantile_table(times: ArrayLike) -> tuple[float, ...]:
    """Return quantiles at 0, 1/m, ..., 1 relative to the mean, linear between, mean exactly 1.

    The first and last value are set so that their pieces keep the mean of the sample's own first
    and last piece: the few longest times are smoothed, but none of their work is lost.
    """
    x = np.sort(np.asarray(times, dtype=float))
    x = x / x.mean()
    table = np.array([1.0, 1.0])
    for pieces in PIECES:
        table = np.quantile(x, np.arange(pieces + 1) / pieces)
        top, bottom = x[x >= table[-2]].mean(), x[x <= table[1]].mean()
        table[-1] = max(2 * top - table[-2], table[-2])
        table[0] = min(max(2 * bottom - table[1], 0.0), table[1])
        table = table / (0.5 * (table[1:] + table[:-1])).mean()
        if abs(table_scv(table) / max(float(x.var()), 1e-9) - 1) < 0.05 or len(x) < 5 * pieces:
            break
    return tuple(float(f"{value:.5g}") for value in table)


def table_scv(table: ArrayLike) -> float:
    """Return variance / mean^2 of a table that is linear between its quantiles."""
    t = np.asarray(table, dtype=float)
    a, b = t[:-1], t[1:]
    mean = float((0.5 * (a + b)).mean())
    return float(((a * a + a * b + b * b) / 3).mean()) / mean**2 - 1.0


def _lognormal_holds(x: Array, scv: float) -> bool:
    logs = np.log(x)
    centred = logs - logs.mean()
    variance = float(logs.var())
    implied = float(np.exp(logs.mean() + variance / 2))
    # influence of one time on the difference of the two means
    noise = float((x - implied * (1 + centred + (centred**2 - variance) / 2)).std())
    limit = min(max(MEAN_OFF, 2 * noise / len(x) ** 0.5), 0.1)
    ratio = float(np.expm1(variance)) / scv
    return abs(implied - 1) <= limit and SCV_RATIO[0] <= ratio <= SCV_RATIO[1]


def _far_from_exponential(x: Array) -> float:
    """Return the greatest distance of the distribution function from the exponential's."""
    place = (np.arange(len(x)) + 0.5) / len(x)
    return float(np.max(np.abs(place + np.expm1(-x))))


def _tail(x: Array) -> float:
    return float(x[x > np.quantile(x, TAIL)].sum() / x.sum())
