"""Parameters redrawn: one value of every uncertain quantity of a model for each replication.

Each uncertain parameter is drawn once, from its 90 % interval: on the log scale (times, rates,
factors), from a Beta with the share's mean and the width of its interval (from its counts where an
end touches 0 or 1), or linearly (effects). A draw is keyed by the parameter's path, so adding a
parameter leaves the draws of all others as they were.
"""

from __future__ import annotations

import math
import zlib

from svcsim.engine.draws import PARAMETER, normal, uniform
from svcsim.model.quantity import Quantity, walk
from svcsim.model.service import ServiceModel

Z90, Z95 = 1.6448536269514722, 1.959963984540054
"""A standard normal value is within these of 0 with probability 90 % and 95 %."""


def redraw(model: ServiceModel, seed: int, replication: int) -> dict[str, float]:
    """Return path -> value, one draw of every uncertain quantity of the model."""
    out = {}
    for path, quantity in walk(model):
        if quantity.interval is None or quantity.interval[0] == quantity.interval[1]:
            out[path] = quantity.value
        else:
            key = zlib.crc32(path.encode())
            out[path] = _draw(quantity, uniform(seed, replication, key, 0, 0, PARAMETER))
    return out


def _draw(quantity: Quantity, u: float) -> float:
    assert quantity.interval is not None
    low, high = quantity.interval
    z = normal(u)
    if quantity.scale == "linear":
        return quantity.value + z * (high - low) / (2 * Z90)
    if quantity.scale == "log":
        if low > 0 and quantity.value > 0:
            return quantity.value * math.exp(z * math.log(high / low) / (2 * Z90))
        if quantity.value == 0:
            return high / Z95 * normal(0.5 + 0.5 * u)
        half = (high - quantity.value) if z > 0 else (quantity.value - low)
        return max(quantity.value + z * half / Z90, 0.0)
    return _draw_share(quantity, u)


def _draw_share(quantity: Quantity, u: float) -> float:
    """Return the quantile at ``u`` of the Beta with the share's mean and interval width.

    Where an end of the interval touches 0 or 1 the counts behind the share decide.
    """
    from scipy.special import betaincinv

    assert quantity.interval is not None
    low, high = quantity.interval
    mean = quantity.value
    variance = ((high - low) / (2 * Z90)) ** 2
    if low > 0 and high < 1 and 0 < mean < 1 and variance < mean * (1 - mean):
        size = mean * (1 - mean) / variance - 1.0
        return float(betaincinv(mean * size, (1 - mean) * size, u))
    if quantity.n:
        hits = mean * quantity.n
        return float(betaincinv(hits + 0.5, quantity.n - hits + 0.5, u))
    return min(max(mean + normal(u) * (high - low) / (2 * Z90), 0.0), 1.0)
