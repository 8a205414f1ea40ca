"""The recent part of a long history: what still mattered at or after an instant."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from svcsim.contacts.log import ContactLog, kept_rows

MOST_CONTACTS = 2_000_000
"""Contacts from which a longer history is used by its recent part where that tells as much."""
LOOK_BACK = 60 * 86400.0
"""Contacts that ended this long before a span still count in it: their customers come back."""


def alive_since(log: ContactLog, instant: float) -> ContactLog:
    """Return the log without the contacts that had ended before ``instant``.

    Backlogs, first responses, resolutions, reopens and surveys at or after the instant are all
    there. The window stays as it was.
    """
    frame = log.frame
    last = frame["opened_s"].to_numpy(dtype=float)
    for name in ("resolved_s", "abandoned_s", "first_response_s", "closed_s", "survey_s"):
        last = np.fmax(last, frame[name].to_numpy(dtype=float))
    keep = (last >= instant) | (frame["outcome"] == "open").to_numpy(dtype=bool)
    work = log.work
    return replace(
        log,
        frame=kept_rows(frame, keep),
        work=None if work is None else work[work["end_s"] >= instant].reset_index(drop=True),
    )


def near(log: ContactLog, instant: float) -> ContactLog:
    """Return what a replay from ``instant`` on needs of a long log; a shorter one as it is."""
    if len(log) <= MOST_CONTACTS:
        return log
    return alive_since(log, instant - LOOK_BACK)
