"""What stands in for a KPI of the desk or a team that cannot be judged yet.

A KPI with fewer contacts than it needs, or whose follow-up window has not passed for most of the
period, must neither earn nor lose points, and its weight must not move to the others: leaving a
KPI out pays whoever has little of it. Agents need no stand-in, their values are shrunk to the mean
of all agents as far as they are noise.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.scorecard.curve import Curve
from svcsim.scorecard.measure import MATURE

Floats = NDArray[np.float64]

ON_TARGET, AS_DESK = "on target", "as the desk"
"""Basis of a value that stands in: the target, or the desk's value for one of its teams."""


def settled(n: Floats, min_n: int, mature: float) -> NDArray[np.bool_]:
    """Tell which units' KPI can be judged: contacts enough, and followed up long enough."""
    return (n >= max(min_n, 1)) & (mature >= MATURE)


def status_of(n: float, met: bool, min_n: int, mature: float = 1.0) -> str:
    """Return ``no data``, ``immature``, ``too few``, ``met`` or ``not met``, in that order."""
    if n == 0:
        return "no data"
    if mature < MATURE:
        return "immature"
    if n < min_n:
        return "too few"
    return "met" if met else "not met"


def with_stand_in(
    table: pd.DataFrame,
    draws: Floats,
    curve: Curve,
    desk: pd.Series | None,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, Floats]:
    """Return the table and the draws of points with stand-ins where ``settled`` is false.

    A team takes the desk's value where the desk's is settled; everybody else is taken to be
    exactly on target. Draws are as likely below those points as above, evenly spread on either
    side between 0 and 100: the interval of the score covers whatever the KPI may turn out to be.

    Parameters
    ----------
    desk : Series or None
        The desk's row of the same KPI (``settled, used``), for its teams.
    """
    open_ = ~table["settled"].to_numpy(dtype=bool)
    if not open_.any():
        return table, draws
    as_desk = desk is not None and bool(desk["settled"])
    value = float(desk["used"]) if desk is not None and as_desk else curve.target
    points = float(curve.points(value))
    table = table.copy()
    table.loc[open_, "used"] = value
    table.loc[open_, "points"] = points
    table.loc[open_, "basis"] = AS_DESK if as_desk else ON_TARGET
    u = rng.random((int(open_.sum()), 2, draws.shape[1]))
    below, above = points * u[:, 1], points + (100.0 - points) * u[:, 1]
    draws = draws.copy()
    draws[open_] = np.where(u[:, 0] < 0.5, below, above)
    return table, draws
