"""The clock of business hours: open seconds between instants, exact across days and DST.

A clock is laid out in UTC once for the span that is asked about; every question is then a look-up
of the cumulative open seconds, whatever the number of days between.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from svcsim.calendar.layout import DAY, Floats, Layout, Window
from svcsim.calendar.pauses import pauses_inside
from svcsim.errors import Finding, InputError

_MAX_YEARS = 30


class Clock:
    """Counts open seconds; what is open is laid out by `_layout`."""

    def _layout(self, start_s: float, end_s: float) -> Layout:
        """Return a layout over whole UTC days around a span."""
        raise NotImplementedError

    def open_seconds(self, start_s: ArrayLike, end_s: ArrayLike) -> Floats:
        """Return the open seconds in ``[start, end)`` (epoch seconds); negative when reversed.

        Missing instants (NaN) give NaN.
        """
        start, end = np.broadcast_arrays(
            np.asarray(start_s, dtype=float), np.asarray(end_s, dtype=float)
        )
        known = np.concatenate([start[np.isfinite(start)], end[np.isfinite(end)]])
        if not known.size:
            return np.full(start.shape, np.nan)
        layout = self._layout(float(known.min()), float(known.max()))
        return layout.until(end) - layout.until(start)

    def paused_open_seconds(
        self,
        start_s: ArrayLike,
        end_s: ArrayLike,
        row_of_pause: ArrayLike,
        pause_start_s: ArrayLike,
        pause_end_s: ArrayLike,
    ) -> Floats:
        """Return the open seconds in ``[start, end)`` of each row without those of its pauses.

        Parameters
        ----------
        start_s, end_s : array_like
            One span a row, epoch seconds; a missing instant gives NaN.
        row_of_pause : array_like of int
            The row to which each pause belongs, in any order; pauses may overlap (time in two of
            them is taken away once) and reach beyond their row's span.
        pause_start_s, pause_end_s : array_like
            Half-open pauses. A missing end has not come yet: it lasts until the row's end. A
            missing start makes its row NaN: how long it took is not known.

        Returns
        -------
        ndarray
            One value a row, between 0 and `open_seconds`.
        """
        start, end = np.broadcast_arrays(
            np.atleast_1d(np.asarray(start_s, dtype=float)),
            np.atleast_1d(np.asarray(end_s, dtype=float)),
        )
        row, begin, stop = pauses_inside(start, end, row_of_pause, pause_start_s, pause_end_s)
        paused = np.bincount(row, self.open_seconds(begin, stop), minlength=len(start))
        return np.asarray(self.open_seconds(start, end) - paused, dtype=np.float64)

    def add_open_seconds(self, start_s: ArrayLike, seconds: ArrayLike) -> Floats:
        """Return the earliest instant by which ``seconds`` open seconds have passed since start.

        Adding 0 gives the start itself, also when it lies in a closed hour.

        Raises
        ------
        InputError
            When the calendar has too few open hours in the next 30 years (is it ever open?).
        """
        start, wanted = np.broadcast_arrays(
            np.asarray(start_s, dtype=float), np.asarray(seconds, dtype=float)
        )
        known = np.isfinite(start) & np.isfinite(wanted)
        if not known.any():
            return np.full(start.shape, np.nan)
        layout = self._layout_with(
            start[known],
            2 * float(wanted[known].max()),
            lambda layout: float((layout.until(start) + wanted)[known].max()) <= layout.total,
        )
        goal = layout.until(start) + wanted
        return np.where(wanted > 0, layout.when(goal), np.where(known, start, np.nan))

    def next_open(self, instants: ArrayLike) -> Floats:
        """Return the first open instant at or after each one: itself when it is open.

        Raises
        ------
        InputError
            When the calendar does not open in the next 30 years.
        """
        at = np.asarray(instants, dtype=float)
        known = at[np.isfinite(at)]
        if not known.size:
            return np.full(at.shape, np.nan)
        last = float(known.max())
        layout = self._layout_with(
            known, 0.0, lambda layout: len(layout.ends) > 0 and layout.ends[-1] > last
        )
        span = np.searchsorted(layout.ends, at, side="right")
        opens = layout.starts[np.minimum(span, len(layout.starts) - 1)]
        return np.where(np.isfinite(at), np.maximum(at, opens), np.nan)

    def is_open(self, instants: ArrayLike) -> NDArray[np.bool_]:
        """Return whether each instant lies in an opening window."""
        at = np.asarray(instants, dtype=float)
        known = at[np.isfinite(at)]
        if not known.size:
            return np.zeros(at.shape, dtype=bool)
        layout = self._layout(float(known.min()), float(known.max()))
        span = np.searchsorted(layout.starts, at, side="right") - 1
        inside = (span >= 0) & (span < len(layout.ends))
        return np.asarray(inside & (at < np.append(layout.ends, -np.inf)[span]), dtype=bool)

    def spans(self, start_s: float, end_s: float) -> list[Window]:
        """Return the open spans that overlap ``[start, end)``, in UTC epoch seconds."""
        layout = self._layout(start_s, end_s)
        cut = [
            (max(a, start_s), min(b, end_s))
            for a, b in zip(layout.starts.tolist(), layout.ends.tolist(), strict=True)
        ]
        return [(a, b) for a, b in cut if a < b]

    def _layout_with(
        self, instants: Floats, ahead: float, enough: Callable[[Layout], bool]
    ) -> Layout:
        """Return a layout around instants that goes on until there is ``enough`` in it."""
        ahead += 14 * DAY
        while True:
            layout = self._layout(float(instants.min()), float(instants.max()) + ahead)
            if enough(layout):
                return layout
            if ahead > _MAX_YEARS * 366 * DAY:
                raise InputError(
                    Finding("calendar", "too few open hours", "expected some opening window")
                )
            ahead *= 2
