"""Shift templates: many agent-days summed up by a few shifts with the same staffed hours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOST = 12
"""Templates at most."""
ROUND = 30
"""Minutes to which starts and ends are rounded before alike agent-days are merged."""
FINE = 15
"""Minutes to which the hours of a merged template (or of exact ones) are rounded."""
MOST_PAIRS = 600
"""Distinct rounded hours from which merging starts; more are rounded more coarsely."""
LUNCH = (40.0, 120.0)
"""Minutes of idle time around the middle of a shift that look like a lunch break."""
COMMON = 0.6
"""Share of a template's agent-days with such a break that makes it part of the template."""
BUSY = 8
"""Touches on an agent-day from which an idle time tells anything."""

Windows = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Templates:
    """Shifts by name, and the name of every agent-day's shift (in the order of the input)."""

    shifts: dict[str, Windows]
    of: tuple[str, ...]

    def hours(self) -> Array:
        """Return the staffed hours of every agent-day under its template."""
        length = {name: window_minutes(w) / 60.0 for name, w in self.shifts.items()}
        return np.array([length[name] for name in self.of])


def templates_of(days: pd.DataFrame, most: int = MOST, grid: int = ROUND) -> Templates:
    """Return at most ``most`` templates for agent-days with ``start`` and ``end`` in minutes.

    Starts and ends are rounded to ``grid`` minutes; then the two groups whose merging moves the
    least agent time (Ward's criterion on start and end) are merged until few enough are left. A
    merged template has the mean start and end of its agent-days, so staffed hours are kept. An
    idle time of 40 minutes to 2 hours around the middle, common to 60 % of the busy agent-days,
    becomes a break (columns ``idle_start, idle_end, touches``); so does one that is ``known``.
    """
    start, end = days["start"].to_numpy(dtype=float), days["end"].to_numpy(dtype=float)
    pairs, label = _rounded(start, end, grid)
    while len(pairs) > MOST_PAIRS:
        grid *= 2
        pairs, label = _rounded(start, end, grid)
    group = _merge(pairs, np.bincount(label), most)[label]
    shifts: dict[str, Windows] = {}
    names = np.empty(len(days), dtype=object)
    for g in np.unique(group):
        rows = group == g
        low = float(np.clip(_fine(start[rows].mean()), 0, 1440 - FINE))
        high = float(np.clip(_fine(end[rows].mean()), low + FINE, 1440))
        windows = _with_break(days[rows], low, high)
        name = f"{_clock(low)}-{_clock(high)}".replace(":", "")
        if name in shifts and shifts[name] != windows:
            name += " with break" if len(windows) > 1 else " without break"
        shifts[name] = windows
        names[rows] = name
    ordered = dict(sorted(shifts.items(), key=lambda item: item[1]))
    return Templates(ordered, tuple(names))


def exact_templates(windows: list[Windows]) -> Templates:
    """Return one template for each distinct day of windows, named by its hours."""
    names: dict[Windows, str] = {}
    for each in sorted(set(windows)):
        name = f"{each[0][0]}-{each[-1][1]}".replace(":", "")
        if name in names.values():
            name = "+".join(f"{a}-{b}" for a, b in each).replace(":", "")
        names[each] = name
    return Templates({name: each for each, name in names.items()}, tuple(names[w] for w in windows))


def window_minutes(windows: Windows) -> float:
    """Return the length of a template's windows in minutes."""
    return sum(minute_of(b) - minute_of(a) for a, b in windows)


def minute_of(text: str) -> float:
    """Return minutes after midnight of ``HH:MM``."""
    hours, minutes = text.split(":")
    return 60.0 * int(hours) + int(minutes)


def _rounded(start: Array, end: Array, grid: int) -> tuple[Array, NDArray[np.int64]]:
    """Return the distinct rounded (start, end) and which one each agent-day has."""
    a = np.clip(np.round(start / grid) * grid, 0, 1440 - grid)
    b = np.clip(np.round(end / grid) * grid, a + grid, 1440)
    pairs, label = np.unique(np.column_stack([a, b]), axis=0, return_inverse=True)
    return pairs, label.ravel()


def _merge(pairs: Array, weight: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Return the group of every pair after merging down to ``most`` groups by Ward's criterion."""
    group = np.arange(len(pairs))
    centre, mass = pairs.astype(float).copy(), weight.astype(float)
    alive = np.ones(len(pairs), dtype=bool)
    gap = ((centre[:, None, :] - centre[None, :, :]) ** 2).sum(axis=2)
    cost = mass[:, None] * mass[None, :] / (mass[:, None] + mass[None, :]) * gap
    np.fill_diagonal(cost, np.inf)
    while alive.sum() > most:
        i, j = np.unravel_index(int(np.argmin(cost)), cost.shape)
        total = mass[i] + mass[j]
        centre[i] = (mass[i] * centre[i] + mass[j] * centre[j]) / total
        mass[i], alive[j] = total, False
        group[group == j] = i
        new = mass[i] * mass / (mass[i] + mass) * ((centre - centre[i]) ** 2).sum(axis=1)
        new[~alive] = np.inf
        new[i] = np.inf
        cost[i, :], cost[:, i] = new, new
        cost[j, :], cost[:, j] = np.inf, np.inf
    return group


def _with_break(days: pd.DataFrame, low: float, high: float) -> Windows:
    whole = ((_clock(low), _clock(high)),)
    if "known" in days and float(days["known"].eq(True).mean()) >= COMMON:
        sure = days[days["known"].eq(True)]
        return _cut(low, high, float(sure["idle_start"].mean()), float(sure["idle_end"].mean()))
    busy = days[(days["touches"] >= BUSY).to_numpy()]
    if len(busy) < 3 or high - low < 300:
        return whole
    length = busy["idle_end"] - busy["idle_start"]
    middle = 0.5 * (busy["idle_end"] + busy["idle_start"])
    central = (middle > low + 0.25 * (high - low)) & (middle < high - 0.25 * (high - low))
    lunch = busy[(length >= LUNCH[0]) & (length <= LUNCH[1]) & central]
    if len(lunch) < COMMON * len(busy) or float(middle[lunch.index].std()) > 60.0:
        return whole
    return _cut(low, high, float(lunch["idle_start"].median()), float(lunch["idle_end"].median()))


def _cut(low: float, high: float, begin: float, end: float) -> Windows:
    """Return a shift without the time from ``begin`` to ``end``, to the quarter of an hour."""
    a = _fine(begin)
    b = max(_fine(end), a + FINE)
    if not low < a < b < high:
        return ((_clock(low), _clock(high)),)
    return ((_clock(low), _clock(a)), (_clock(b), _clock(high)))


def _fine(minutes: float) -> float:
    return round(minutes / FINE) * FINE


def _clock(minutes: float) -> str:
    whole = int(minutes)
    return f"{whole // 60:02d}:{whole % 60:02d}"
