"""Sums over the local days of a window, of which moments are the ratios."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog

Floats = NDArray[np.float64]

DAY_HOURS = (8.0, 18.0)
"""Local hours of Monday to Friday that count as working hours."""
QUICK = 20.0
"""Seconds within which a live contact counts as answered quickly."""
_COLUMNS = (
    "opened_s", "first_response_s", "resolved_s", "wait_s", "handle_s", "abandoned_s", "contact_no",
)  # fmt: skip


class DailySums:
    """What the moments need of one log, taken from its columns once.

    Parameters
    ----------
    log : ContactLog
        History or replay.
    live : tuple of str
        Live channels.
    edges : tuple of float
        Local midnights of the window's days, and its end.
    weekdays : tuple of int
        Weekday of each day, Monday = 0.
    expected : tuple of float
        New contacts expected on each day.
    """

    def __init__(
        self,
        log: ContactLog,
        live: tuple[str, ...],
        edges: tuple[float, ...],
        weekdays: tuple[int, ...],
        expected: tuple[float, ...],
    ) -> None:
        frame = log.frame
        self.expected, self.days = np.array(expected), len(weekdays)
        self.edges = np.array(edges)
        column = {name: frame[name].to_numpy(dtype=float) for name in _COLUMNS}
        self.opened, self.resolved = column["opened_s"], column["resolved_s"]
        self.frt = np.maximum(column["first_response_s"] - self.opened, 0.0)
        self.wait, self.handle = np.maximum(column["wait_s"], 0.0), column["handle_s"]
        self.gone = column["abandoned_s"]
        self.again = column["contact_no"] > 1
        self.live = frame["channel"].isin(live).to_numpy()
        self.inside = (self.opened >= self.edges[0]) & (self.opened < self.edges[-1])
        self.day = np.clip(np.searchsorted(self.edges, self.opened, "right") - 1, 0, self.days - 1)
        hour = (self.opened - self.edges[self.day]) / 3600.0
        weekend = np.array(weekdays)[self.day] >= 5
        office = (hour >= DAY_HOURS[0]) & (hour < DAY_HOURS[1])
        self.part = np.where(weekend, "weekend", np.where(office, "day", "evening"))

    def sums(self, name: str) -> Floats:
        """Return the numerators of a moment by day."""
        kind, _, rest = name.partition(".")
        if kind in ("frt", "wait"):
            times = self.frt if kind == "frt" else self.wait
            return self._by_day(self._of_part(kind, rest), np.log1p(times))
        if kind == "mean_wait":
            return self._by_day(self._waited, self.wait)
        if kind == "level":
            return self._by_day(self._waited & np.isnan(self.gone) & (self.wait <= QUICK))
        if kind == "abandon":
            return self._by_day(self._waited & ~np.isnan(self.gone))
        if kind == "in_time":
            return self._by_day(self.inside & ~self.live & (self.frt <= 3600.0 * float(rest)))
        if kind == "backlog":
            return np.asarray(np.log1p(self._open_at(self.edges[1:])))
        if kind == "resolved":
            return self._ended(~np.isnan(self.resolved))
        if kind == "repeat":
            return self._by_day(self.inside & self.again)
        if kind == "handling":
            return self._ended(self._handled, self.handle)
        gap = self._by_day(self.inside & ~self.again) - self.expected
        return np.asarray(gap * gap)

    def counts(self, name: str) -> Floats:
        """Return the denominators of a moment by day."""
        kind, _, rest = name.partition(".")
        if kind in ("frt", "wait"):
            return self._by_day(self._of_part(kind, rest))
        if kind in ("mean_wait", "level", "abandon"):
            return self._by_day(self._waited)
        if kind == "in_time":
            return self._by_day(self.inside & ~self.live)
        if kind == "repeat":
            return self._ended(~np.isnan(self.resolved))
        if kind == "handling":
            return self._ended(self._handled)
        if kind == "spread":
            return self.expected
        return np.ones(self.days)

    @property
    def _waited(self) -> NDArray[np.bool_]:
        return np.asarray(self.inside & self.live & ~np.isnan(self.wait))

    @property
    def _handled(self) -> NDArray[np.bool_]:
        return np.asarray(~np.isnan(self.resolved) & (self.handle > 0))

    def _of_part(self, kind: str, part: str) -> NDArray[np.bool_]:
        known = self.inside & ~self.live & ~np.isnan(self.frt) if kind == "frt" else self._waited
        return np.asarray(known & (self.part == part))

    def _by_day(self, use: NDArray[np.bool_], weight: Floats | None = None) -> Floats:
        weights = None if weight is None else weight[use]
        return np.bincount(self.day[use], weights, minlength=self.days).astype(float)

    def _ended(self, use: NDArray[np.bool_], weight: Floats | None = None) -> Floats:
        """Sum over contacts by the day of their resolution, in the window."""
        at = self.resolved
        with np.errstate(invalid="ignore"):
            use = use & (at >= self.edges[0]) & (at < self.edges[-1])
        day = np.searchsorted(self.edges, at[use], "right") - 1
        weights = None if weight is None else weight[use]
        return np.bincount(day, weights, minlength=self.days).astype(float)

    def _open_at(self, instants: Floats) -> Floats:
        """Count the tickets that are open at each instant."""
        ended = np.fmin(self.resolved, self.gone)
        ended = np.sort(ended[~self.live & ~np.isnan(ended)])
        opened = np.sort(self.opened[~self.live])
        return np.asarray(
            np.searchsorted(opened, instants) - np.searchsorted(ended, instants), dtype=float
        ).clip(min=0.0)
