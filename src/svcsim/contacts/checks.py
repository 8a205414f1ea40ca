"""Is the log consistent? One function a check; each returns what it found, with examples.

`read_history` sets impossible rows aside before these checks run; a log from elsewhere may still
hold them. A finding of level ``error`` means that a number would be wrong, ``warning`` that one
may be, ``note`` that a reader should know.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from svcsim.contacts.log import ContactLog
from svcsim.contacts.oddities import (
    big_customers,
    bulk_closes,
    coarse_stamps,
    contacts_finding,
    damaged_ids,
    empty_days,
    partial_days,
    short_services,
)
from svcsim.contacts.unfit import unfit_for_calibration
from svcsim.errors import Finding

Flags = npt.NDArray[np.bool_]
Check = Callable[[ContactLog], list[Finding]]

TOLERANCE_S = 60.0
"""Stamps and durations may differ by this much: exports round to the minute."""


def run_checks(log: ContactLog) -> list[Finding]:
    """Run every check on a log, in order."""
    return [finding for check in CHECKS for finding in check(log)]


def impossible_orders(log: ContactLog) -> list[Finding]:
    """Nothing about a contact happens before it is opened; nobody leaves before queueing."""
    frame = log.frame
    pairs = (
        ("resolved_s", "opened_s", "resolved before opened"),
        ("first_response_s", "opened_s", "first response before opened"),
        ("abandoned_s", "queued_s", "left before queueing"),
    )
    found = []
    for later, earlier, what in pairs:
        wrong = (frame[later] < frame[earlier]).to_numpy()
        found += contacts_finding(log, wrong, what, "error", "expected the stamps in order")
    return found


def odd_orders(log: ContactLog) -> list[Finding]:
    """Orders that happen, but rarely for a good reason."""
    frame = log.frame
    pairs = (
        ("resolved_s", "first_response_s", "resolved before the first response"),
        ("closed_s", "resolved_s", "closed before resolved"),
        ("queued_s", "opened_s", "queued before opened"),
        ("resolved_s", "first_resolved_s", "first resolution after the last one"),
        ("survey_s", "opened_s", "survey answered before the opening"),
    )
    found = []
    for later, earlier, what in pairs:
        found += contacts_finding(log, (frame[later] < frame[earlier]).to_numpy(), what, "warning")
    both = (frame["resolved_s"].notna() & frame["abandoned_s"].notna()).to_numpy()
    return found + contacts_finding(log, both, "both resolved and abandoned", "warning")


def negative_durations(log: ContactLog) -> list[Finding]:
    """No duration is negative."""
    found = []
    for name in ("wait_s", "handle_s", "pending_s"):
        found += contacts_finding(
            log, (log.frame[name] < 0).to_numpy(), f"negative {name}", "error"
        )
    return found


def contradictions(log: ContactLog) -> list[Finding]:
    """Compare recorded durations with the stamps around them, to a minute.

    Working time may not exceed opening to closing (resolution where closing is unknown); the wait
    of a customer who left is the time from queueing to leaving.
    """
    frame = log.frame
    over = frame[["resolved_s", "closed_s"]].max(axis=1) - frame["opened_s"]
    left = frame["abandoned_s"] - frame["queued_s"]
    long = (frame["handle_s"] > over + TOLERANCE_S).to_numpy()
    wait = ((frame["wait_s"] - left).abs() > TOLERANCE_S).to_numpy()
    mend = "check the unit of the handling time"
    what = "handling time longer than the contact itself"
    found = contacts_finding(log, long, what, "warning", mend)
    what = "wait of a customer who left differs from the stamps"
    return found + contacts_finding(log, wait, what, "warning")


def future_stamps(log: ContactLog) -> list[Finding]:
    """History lies in the past."""
    if log.origin != "history":
        return []
    names = ["opened_s", "first_response_s", "resolved_s", "closed_s", "abandoned_s", "survey_s"]
    future = (log.frame[names] > time.time() + 86400.0).any(axis=1).to_numpy()
    return contacts_finding(
        log, future, "stamps in the future", "warning", "check --date-order and --tz"
    )


def duplicate_tickets(log: ContactLog) -> list[Finding]:
    """Find tickets with more than one row (in a replication)."""
    twice = log.frame.duplicated(["replication", "ticket_id"]).to_numpy()
    return contacts_finding(
        log, twice, "ticket id comes twice", "error", "expected one row a contact"
    )


def scores_out_of_scale(log: ContactLog) -> list[Finding]:
    """Satisfaction is on the 1-5 scale."""
    csat = log.frame["csat"]
    wrong = ((csat < 1) | (csat > 5)).to_numpy()
    return contacts_finding(
        log, wrong, "satisfaction outside 1..5", "error", "map the scale with values:"
    )


def chain_order(log: ContactLog) -> list[Finding]:
    """Within a case, contact numbers go up with time and no number comes twice."""
    frame = log.frame[["replication", "case_id", "contact_no", "opened_s"]]
    frame = frame.sort_values(["replication", "case_id", "opened_s", "contact_no"])
    same = frame.duplicated(["replication", "case_id"])
    wrong = np.zeros(len(log.frame), dtype=bool)
    wrong[frame.index[same & (frame["contact_no"].diff() <= 0)]] = True
    return contacts_finding(log, wrong, "contact numbers out of order in a case", "warning")


def unclear_ends(log: ContactLog) -> list[Finding]:
    """Find contacts whose outcome lacks the stamp that tells when."""
    frame = log.frame
    wrong = ((frame["outcome"] == "resolved") & frame["resolved_s"].isna()) | (
        (frame["outcome"] == "abandoned") & frame["abandoned_s"].isna()
    )
    return contacts_finding(log, wrong.to_numpy(), "outcome without its stamp", "warning")


CHECKS: tuple[Check, ...] = (
    impossible_orders,
    negative_durations,
    duplicate_tickets,
    scores_out_of_scale,
    odd_orders,
    unclear_ends,
    contradictions,
    chain_order,
    future_stamps,
    coarse_stamps,
    bulk_closes,
    short_services,
    big_customers,
    empty_days,
    partial_days,
    damaged_ids,
    unfit_for_calibration,
)
