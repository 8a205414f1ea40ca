"""What calibration learns from published observations whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from known.desks import MONDAY
from known.measure import DAY, Effort, Row, equals
from svcsim.calendar.days import midnight
from svcsim.calibration.arrivals import ArrivalsEstimator
from svcsim.calibration.difficulty import DifficultyEstimator
from svcsim.calibration.handling import HandlingEstimator
from svcsim.contacts.log import ContactLog, make_log

SERVICE = (
    13.583, 38.350, 36.988, 174.782, 25.055, 76.227, 65.542, 43.937, 14.617, 140.998, 85.697,
    52.774, 39.501, 27.493, 94.177, 234.529, 35.521, 3.475, 339.398, 15.490, 140.056, 20.032,
    8.392, 24.555, 113.580, 21.363, 74.357, 23.090, 97.026, 146.662, 219.492, 211.232, 185.475,
    129.586, 70.093, 8.275, 4.256, 270.992, 380.576, 65.159, 88.477, 111.913, 0.202, 284.074,
    49.649, 80.090, 128.229, 109.601, 14.614, 77.179, 8.003, 156.671, 29.713, 17.353, 62.487,
    9.279, 18.595, 111.629, 147.295, 100.060, 55.822, 217.506, 10.113, 315.508, 45.521, 150.381,
    140.569, 29.204, 187.779, 121.608, 95.364, 117.455, 255.000, 159.561, 130.894, 100.282,
    97.153, 60.966, 72.697, 218.799, 177.292, 70.690, 72.737, 37.344, 106.093, 20.325, 90.501,
    117.777, 201.008, 13.961, 14.421, 238.566, 16.629, 27.469, 186.505, 154.357, 281.944, 4.212,
    36.368, 142.395,
)  # fmt: skip
"""Exponential service times of rate 0.01 a second (ContactCenters, example singleQueueMLE)."""
CALLS = (
    1625, 1624, 1714, 1645, 1636, 1735, 1674, 1686, 1700, 1617, 1650, 1626, 1705, 1651, 1676,
    1662, 1717, 1763, 1602, 1628, 1631, 1728, 1667, 1626, 1683, 1593, 1655, 1611, 1716, 1600,
    1654, 1608, 1682, 1597, 1619, 1633, 1678, 1645, 1629, 1626, 1667, 1677, 1597, 1680, 1648,
    1664, 1618, 1647, 1686, 1677, 1663, 1609, 1699, 1678, 1663, 1718, 1627, 1662, 1677, 1663,
    1660, 1671, 1703, 1623, 1728, 1650, 1652, 1657, 1564, 1651, 1643, 1641, 1684, 1629, 1566,
    1649, 1649, 1649, 1738, 1665, 1585, 1685, 1650, 1628, 1650, 1686, 1676, 1648, 1709, 1684,
    1634, 1664, 1720, 1630, 1683, 1670, 1692, 1606, 1674, 1643,
)  # fmt: skip
"""Calls of 100 days of the same example: Poisson, so there are no busy days to be found."""
BY_HOUR = (101.05, 151.01, 150.19, 177.95, 198.02, 149.55, 149.28, 150.47, 120.73, 100.14, 79.62,
           69.25, 60.0)  # fmt: skip
"""Mean calls of its 13 hours from 8:00."""


def _log() -> ContactLog:
    """Return the calls as a log: each day's total, spread over its hours as on average."""
    rng = np.random.default_rng(1)
    start = midnight(MONDAY, "UTC")
    share = np.array(BY_HOUR) / sum(BY_HOUR)
    opened = np.concatenate([
        np.sort(start + day * DAY + (8 + rng.choice(13, calls, p=share) + rng.random(calls)) * 3600)
        for day, calls in enumerate(CALLS)
    ])  # fmt: skip
    frame = {"ticket_id": [f"t{i}" for i in range(len(opened))], "opened_s": opened}
    end = start + len(CALLS) * DAY
    return make_log(pd.DataFrame(frame), start=start, end=end, observed_until=end, timezone="UTC")


def observations(effort: Effort) -> list[Row]:
    """E6: mean service 99.703 s and its interval; the level of calls; no busyness of days."""
    del effort  # the observations are given
    arrivals = ArrivalsEstimator().fit(_log()).arrivals_
    n = len(SERVICE)
    start = midnight(MONDAY, "UTC")
    opened = start + np.arange(n) * 3600.0
    frame = pd.DataFrame({
        "ticket_id": [f"t{i}" for i in range(n)], "category": "calls", "opened_s": opened,
        "first_response_s": opened, "resolved_s": opened + SERVICE, "handle_s": SERVICE,
        "agent": "a", "team": "team",
    })  # fmt: skip
    log = make_log(frame)
    fitted = HandlingEstimator().fit(log, DifficultyEstimator().fit(log))
    law = fitted.handling_["calls"]
    low, high = law.mean.interval or (0.0, 0.0)
    below, above = arrivals.level.interval or (0.0, 0.0)
    return [
        equals("E6", "mean service s", 99.703, law.mean.value, 5e-4),
        equals("E6", "interval of the mean holds 100 s (middle and half)", 100.0,
               (low + high) / 2, (high - low) / 2),
        equals("E6", "service is exponential (1: yes)", 1.0, law.law == "exponential", 0.0),
        equals("E6", "calls a week", 7 * 1657.26, arrivals.level.value, 20.0),
        equals("E6", "interval of calls holds 7 x 1660 (middle and half)", 7 * 1660.0,
               (below + above) / 2, (above - below) / 2),
        equals("E6", "busyness of days (none)", 0.0, arrivals.day_cv.value, 0.0),
    ]  # fmt: skip
