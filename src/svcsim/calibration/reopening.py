"""When a ticket was reopened, where the log dates only its first and its last resolution."""

from __future__ import annotations

import numpy as np
import pandas as pd

from svcsim.calibration.pending import open_hours, pending_law
from svcsim.contacts.log import ContactLog

FEW, LEAST = 30, 5
UNDATED = 0.06
"""Sd of the log error of the mean time so learned, on random desks of known truth."""
SHORTEST = 60.0


def undated_times(log: ContactLog, cases: pd.DataFrame) -> pd.Series:
    """Return times from the first resolution to a reopening that nobody dated.

    The last resolution is later than the reopening by the queue, the work and further pending
    waits. Contacts reopened once that were never pending are taken where there are enough; the
    time that a new ticket opened in open hours waits (the median), the mean time of a handling,
    and the closed hours that the reopening fell into come off: quantile by quantile, as for
    pending waits (`pending_law`).
    """
    frame = log.frame
    once = cases[(cases["reopens"] == 1) & (cases["resolved_s"] > cases["first_resolved_s"])]
    plain = once[once["pending_s"].fillna(1.0) == 0.0]
    once = plain if len(plain) >= FEW else once
    if len(once) < LEAST:
        return pd.Series(dtype=float)
    hours = open_hours(frame["resolved_s"].to_numpy(dtype=float), log.timezone)
    opened = frame["opened_s"].to_numpy(dtype=float)
    inside = hours.next_open(opened) == opened
    queue = (frame["first_response_s"] - frame["opened_s"])[inside].median()
    work = (once["handle_s"] / once["handlings"].clip(lower=1.0)).mean()
    later = float(np.nan_to_num(queue)) + float(np.nan_to_num(work))
    elapsed = once["resolved_s"] - once["first_resolved_s"] - later
    start = once["first_resolved_s"].to_numpy(dtype=float)
    whole = np.maximum(elapsed.to_numpy(dtype=float), SHORTEST)
    ended = np.ones(len(once), dtype=np.bool_)
    law = pending_law(start, whole, ended, 0.0, hours, "proxy", "")
    assert law.table is not None
    middle = (np.arange(len(once)) + 0.5) / len(once)
    shape = np.interp(middle, np.linspace(0.0, 1.0, len(law.table)), law.table)
    return pd.Series(shape * law.mean.value)
