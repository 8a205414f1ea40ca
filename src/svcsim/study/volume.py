"""Volume checked apart: total, by weekday and by category, because distances of shape hide it.

z = (observed - mean) / sd over replications with forecast arrivals: the sd holds chance, the day
effects with their autocorrelation, the level and the parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calendar.days import WEEKDAYS
from svcsim.model.fidelity import VolumeCheck
from svcsim.study.bands import distance
from svcsim.study.sketch import Sketch

Array = NDArray[np.float64]
By = Literal["total", "weekday", "category"]
Count = Callable[[Sketch], float]
MOST_CATEGORIES = 12


def volume_checks(
    starts: Sequence[str], observed: Sequence[Sketch], simulated: Sequence[Sequence[Sketch]]
) -> tuple[VolumeCheck, ...]:
    """Return the checks: one total an origin; weekdays and categories over all origins."""
    out = []
    for start, real, sims in zip(starts, observed, simulated, strict=True):
        out.append(_check("total", start, float(real.hours.sum()), _each(sims, _total)))
    for day, name in enumerate(WEEKDAYS):
        out.append(_over_origins("weekday", name, _of_weekday(day), observed, simulated))
    for name in _shared(observed, simulated):
        out.append(_over_origins("category", name, _of_category(name), observed, simulated))
    return tuple(x for x in out if x.observed or x.expected)


def _check(by: By, key: str, observed: float, simulated: Array) -> VolumeCheck:
    return VolumeCheck(
        by=by,
        key=key,
        observed=observed,
        expected=float(simulated.mean()),
        sd=float(simulated.std(ddof=1)),
        z=round(distance(observed, simulated), 3),
    )


def _over_origins(
    by: By,
    key: str,
    count: Count,
    observed: Sequence[Sketch],
    simulated: Sequence[Sequence[Sketch]],
) -> VolumeCheck:
    """Check a count summed over the origins, replication by replication."""
    rows = min(len(sims) for sims in simulated)
    drawn = np.sum([_each(sims[:rows], count) for sims in simulated], axis=0)
    return _check(by, key, sum(count(real) for real in observed), drawn)


def _of_weekday(day: int) -> Count:
    return lambda sketch: float(sketch.openings[24 * day : 24 * day + 24].sum())


def _shared(observed: Sequence[Sketch], simulated: Sequence[Sequence[Sketch]]) -> list[str]:
    """Return the largest categories that both know; calibration lumps rare ones together."""
    totals = pd.DataFrame([real.categories for real in observed]).sum().sort_values(ascending=False)
    drawn = {name for sims in simulated for sim in sims for name in sim.categories}
    return [str(name) for name in totals.index if name in drawn][:MOST_CATEGORIES]


def _of_category(name: str) -> Count:
    return lambda sketch: sketch.categories.get(name, 0.0)


def _total(sketch: Sketch) -> float:
    return float(sketch.hours.sum())


def _each(sims: Sequence[Sketch], value: Count) -> Array:
    return np.array([value(s) for s in sims])
