"""What tells how often a ticket was worked on, and how long it waited in between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calibration.pending import sessions_of
from svcsim.contacts.log import ContactLog
from svcsim.model.quantity import Grade

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

AT_ONCE = 1800.0
"""Seconds from first response to resolution that one handling explains."""
KNOWN = 0.5
"""Share of resolved tickets that must carry the evidence for it to be used."""
SLACK = 60.0


@dataclass(frozen=True)
class Evidence:
    """Handlings of tickets and the waits between them.

    ``handlings`` is per row of the frame (NaN: not told); the waits are ``category, start_s,
    elapsed, ended``; ``single`` says whether each is one wait or all waits of a ticket together.
    """

    handlings: Array
    waits: pd.DataFrame
    single: bool
    grade: Grade
    how: str
    pure: bool = False
    """Whether the waits are pending time alone, without queues and closed hours."""


def by_count(log: ContactLog, tickets: Mask) -> Evidence:
    """Take recorded handlings; waits from pending time, else from the time to resolution."""
    frame = log.frame
    handlings = np.where(tickets, frame["handlings"].to_numpy(dtype=float), np.nan)
    tries = 1.0 + frame["reopens"].fillna(0).clip(lower=0).to_numpy()
    done = tickets & (frame["outcome"] == "resolved").to_numpy()
    moved = frame["transfers"].fillna(0).to_numpy(dtype=float)
    number = np.maximum(handlings - tries - moved, 0.0)
    pending = frame["pending_s"].to_numpy(dtype=float)
    more = done & (number > 0)
    recorded = bool(more.any()) and float(np.isfinite(pending[more]).mean()) >= KNOWN
    base = frame["first_response_s"].fillna(frame["opened_s"]).to_numpy()
    total = pending if recorded else frame["resolved_s"].to_numpy(dtype=float) - base
    use = more & np.isfinite(total) & (total > 0)
    use &= recorded | (frame["resolved_filled"].fillna(0) == 0).to_numpy()
    # each ticket tells the mean of its waits, once for every wait
    times = np.maximum(np.round(number[use]), 1).astype(int)
    waits = pd.DataFrame(
        {
            "category": np.repeat(frame["category"].to_numpy()[use], times),
            "start_s": np.repeat(base[use], times),
            "elapsed": np.repeat((total / np.maximum(number, 1.0))[use], times),
            "ended": True,
            "alone": np.repeat(times == 1, times),
        }
    )
    if recorded:
        how = "recorded handlings and pending time"
        return Evidence(handlings, waits, True, "measured", how, True)
    return Evidence(handlings, waits, True, "proxy", "recorded handlings, time to resolution")


def by_touch(log: ContactLog, tickets: Mask) -> Evidence:
    """Take sessions from the first response to the last resolution; waits lie between them."""
    assert log.work is not None
    frame = log.frame
    columns = ["ticket_id", "category", "first_response_s", "first_resolved_s", "resolved_s"]
    about = frame.loc[tickets & (frame["outcome"] != "abandoned"), columns]
    table = sessions_of(log.work).merge(about, on="ticket_id", how="inner")
    begin = table["first_response_s"].fillna(0.0)
    last = table["resolved_s"].fillna(np.inf)
    table = table[(table["end_s"] >= begin - SLACK) & (table["start_s"] <= last + SLACK)]
    counts = table.groupby("ticket_id").size()
    handlings = np.asarray(frame["ticket_id"].map(counts).where(tickets), dtype=np.float64)
    solved = table["first_resolved_s"].fillna(table["resolved_s"]).fillna(np.inf)
    following = table.groupby("ticket_id")["start_s"].shift(-1)
    # after a resolution the wait is for a reopening, which is another matter
    waiting = (table["end_s"] < solved - SLACK).to_numpy()
    ended = following.notna().to_numpy()
    until = following.fillna(log.observed_until).to_numpy()
    use = waiting & (ended | table["resolved_s"].isna().to_numpy())
    waits = pd.DataFrame(
        {
            "category": table["category"][use],
            "start_s": table["end_s"][use],
            "elapsed": (until - table["end_s"].to_numpy())[use],
            "ended": ended[use],
        }
    )
    return Evidence(handlings, waits, True, "proxy", "touches of work")


def by_elapsed(log: ContactLog, tickets: Mask) -> Evidence:
    """Take a ticket resolved over 30 minutes after its first response as pending in between.

    How many waits lie in between is not told: handlings are expected ones of a geometric number.
    """
    frame = log.frame
    base = frame["first_response_s"].fillna(frame["opened_s"]).to_numpy()
    end = frame["first_resolved_s"].fillna(frame["resolved_s"]).to_numpy()
    ended = np.isfinite(end)
    elapsed = np.where(ended, end, log.observed_until) - base
    # a stamp that only stands in for the resolution does not tell when it was
    tickets = tickets & (frame["resolved_filled"].fillna(0) == 0).to_numpy()
    use = tickets & (ended | frame["first_response_s"].notna().to_numpy())
    use &= (frame["outcome"] != "abandoned").to_numpy() & (elapsed > AT_ONCE)
    waits = pd.DataFrame(
        {
            "category": frame["category"][use],
            "start_s": base[use],
            "elapsed": elapsed[use],
            "ended": ended[use],
        }
    )
    told = tickets & (ended | use)
    share = pd.Series(use[told]).groupby(frame["category"].to_numpy()[told]).mean()
    p = np.minimum(frame["category"].map(share).to_numpy(dtype=float), 0.95)
    reopens = frame["reopens"].fillna(0).clip(lower=0).to_numpy()
    expected = np.where(use, 1.0 + 1.0 / (1.0 - p), 1.0) + reopens
    how = "resolved over 30 min after the first response"
    handlings = np.where(told, expected, np.nan)
    return Evidence(handlings, waits, False, "proxy", how)


def no_waits() -> pd.DataFrame:
    """Return an empty table of waits."""
    return pd.DataFrame({"category": [], "start_s": [], "elapsed": [], "ended": []})
