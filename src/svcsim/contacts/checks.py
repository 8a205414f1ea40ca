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
import pandas as pd

from svcsim.contacts.log import ContactLog
from svcsim.contacts.stamps import to_local
from svcsim.errors import Finding
from svcsim.stats.interval import wilson

Flags = npt.NDArray[np.bool_]
Check = Callable[[ContactLog], list[Finding]]

BULK = 20
"""Resolutions by one agent in one minute that look like a clean-up."""
WHOLE_HOUR_SHARE = 0.5
BIG_CUSTOMER = 0.02
SHORT_S = 10.0
"""A service shorter than this can hardly have helped anybody."""
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
        found += _finding(log, wrong, what, "error", "expected the stamps in order")
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
        found += _finding(log, (frame[later] < frame[earlier]).to_numpy(), what, "warning")
    both = (frame["resolved_s"].notna() & frame["abandoned_s"].notna()).to_numpy()
    return found + _finding(log, both, "both resolved and abandoned", "warning")


def negative_durations(log: ContactLog) -> list[Finding]:
    """No duration is negative."""
    found = []
    for name in ("wait_s", "handle_s", "pending_s"):
        found += _finding(log, (log.frame[name] < 0).to_numpy(), f"negative {name}", "error")
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
    return [
        *_finding(log, long, "handling time longer than the contact itself", "warning",
                  "check the unit of the handling time"),
        *_finding(log, wait, "wait of a customer who left differs from the stamps", "warning"),
    ]  # fmt: skip


def bulk_closes(log: ContactLog) -> list[Finding]:
    """``BULK`` or more resolutions by one agent within one minute: a clean-up, not work."""
    frame = log.frame[["replication", "agent", "resolved_s", "ticket_id"]].dropna()
    minute = (frame["resolved_s"] // 60).rename("minute")
    sizes = frame.groupby([frame["replication"], frame["agent"], minute])["ticket_id"]
    count = sizes.transform("size")
    wrong = np.zeros(len(log.frame), dtype=bool)
    wrong[frame.index[count >= BULK]] = True
    who = ", ".join(log.frame.loc[wrong, "agent"].value_counts().index[:3].astype(str))
    return _finding(
        log,
        wrong,
        f"resolved in bulk ({BULK} or more in one minute by one agent: {who})",
        "warning",
        "their resolution times say nothing about work",
    )


def coarse_stamps(log: ContactLog) -> list[Finding]:
    """More than half of a kind of stamp on the whole hour: the clock is too coarse for waits."""
    found = []
    for name in ("opened_s", "first_response_s", "resolved_s"):
        stamps = log.frame[name].dropna().to_numpy()
        if len(stamps) < BULK:
            continue
        local = to_local(stamps, log.timezone).dt
        whole = float(np.mean((local.minute == 0) & (local.second == 0)))
        if whole > WHOLE_HOUR_SHARE:
            text = f"{whole:.0%} of {name} are on the whole hour"
            mend = "waits shorter than hours cannot be measured"
            found.append(Finding(log.name, text, "expected the time of day", mend, "warning"))
        elif bool(np.all(stamps % 60 == 0)):
            found.append(Finding(log.name, f"{name} is recorded in whole minutes", level="note"))
    return found


def future_stamps(log: ContactLog) -> list[Finding]:
    """History lies in the past."""
    if log.origin != "history":
        return []
    names = ["opened_s", "first_response_s", "resolved_s", "closed_s", "abandoned_s", "survey_s"]
    future = (log.frame[names] > time.time() + 86400.0).any(axis=1).to_numpy()
    return _finding(log, future, "stamps in the future", "warning", "check --date-order and --tz")


def duplicate_tickets(log: ContactLog) -> list[Finding]:
    """Find tickets with more than one row (in a replication)."""
    twice = log.frame.duplicated(["replication", "ticket_id"]).to_numpy()
    return _finding(log, twice, "ticket id comes twice", "error", "expected one row a contact")


def big_customers(log: ContactLog) -> list[Finding]:
    """One customer with over 2 % of the contacts is probably a shared account.

    Its repeat contacts are false links; 50 contacts at least, so that small logs are spared.
    """
    counts = log.frame["customer"].value_counts()
    big = counts[(counts > BIG_CUSTOMER * len(log)) & (counts >= 50)]
    return [
        Finding(
            log.name,
            f"customer {name} has {count} of {len(log)} contacts ({count / len(log):.1%})",
            "expected no customer above 2%",
            "if it is a shared account, set customer missing for it: repeats are false links",
            "warning",
        )
        for name, count in big.head(5).items()
    ]


def empty_days(log: ContactLog) -> list[Finding]:
    """Days without a contact, on weekdays that mostly have some: the export may have a hole."""
    counts = _daily(log)
    empty = []
    for _, days in counts.groupby(_weekday(counts)):
        if len(days) >= 2 and (days > 0).mean() > 0.5 and days[days > 0].median() >= 5:
            empty += list(days.index[days == 0])
    if not empty:
        return []
    shown = ", ".join(day.strftime("%Y-%m-%d") for day in sorted(empty)[:8])
    return [
        Finding(
            log.name,
            f"{len(empty)} days without any contact: {shown}",
            "expected contacts on these weekdays",
            "tell holidays apart from missing data before calibrating",
            "warning",
        )
    ]


def partial_days(log: ContactLog) -> list[Finding]:
    """First or last day with under half of the usual contacts of its weekday: cut in the middle."""
    counts = _daily(log)
    found = []
    for place, option in ((0, "--from"), (-1, "--until")):
        if len(counts) < 15:
            break
        day = counts.index[place]
        others = counts[(_weekday(counts) == day.dayofweek) & (counts.index != day)]
        usual = float(others.median())
        if usual >= 10 and counts.iloc[place] < usual / 2:
            text = f"{day:%Y-%m-%d} has {counts.iloc[place]} contacts; usual are {usual:g}"
            found.append(Finding(log.name, text, "that day looks incomplete",
                                 f"leave it out with {option}", "warning"))  # fmt: skip
    return found


def short_services(log: ContactLog) -> list[Finding]:
    """Agents with clearly more services under 10 s than the others.

    The lower end of the Wilson interval (99 %) of the agent's share exceeds twice the median
    agent's share; at least 50 services.
    """
    frame = log.frame[["agent", "handle_s"]].dropna()
    short = frame.assign(short=frame["handle_s"] < SHORT_S).groupby("agent")["short"]
    table = short.agg(["sum", "size"])
    table = table[table["size"] >= 50]
    if len(table) < 3:
        return []
    usual = float((table["sum"] / table["size"]).median())
    lower, _ = wilson(table["sum"].to_numpy(), table["size"].to_numpy(), 0.99)
    odd = table[lower > max(2 * usual, 0.01)]
    if odd.empty:
        return []
    share = (odd["sum"] / odd["size"]).sort_values(ascending=False)
    names = ", ".join(f"{name} {value:.0%}" for name, value in share.head(5).items())
    return [
        Finding(
            log.name,
            f"{len(odd)} agents end many services within {SHORT_S:g} s: {names}; "
            f"the median agent {usual:.1%}",
            "expected similar shares",
            "look at these calls: fit handling time with and without them",
            "warning",
        )
    ]


def scores_out_of_scale(log: ContactLog) -> list[Finding]:
    """Satisfaction is on the 1-5 scale."""
    csat = log.frame["csat"]
    wrong = ((csat < 1) | (csat > 5)).to_numpy()
    return _finding(log, wrong, "satisfaction outside 1..5", "error", "map the scale with values:")


def chain_order(log: ContactLog) -> list[Finding]:
    """Within a case, contact numbers go up with time and no number comes twice."""
    frame = log.frame[["replication", "case_id", "contact_no", "opened_s"]]
    frame = frame.sort_values(["replication", "case_id", "opened_s", "contact_no"])
    same = frame.duplicated(["replication", "case_id"])
    wrong = np.zeros(len(log.frame), dtype=bool)
    wrong[frame.index[same & (frame["contact_no"].diff() <= 0)]] = True
    return _finding(log, wrong, "contact numbers out of order in a case", "warning")


def unclear_ends(log: ContactLog) -> list[Finding]:
    """Find contacts whose outcome lacks the stamp that tells when."""
    frame = log.frame
    wrong = ((frame["outcome"] == "resolved") & frame["resolved_s"].isna()) | (
        (frame["outcome"] == "abandoned") & frame["abandoned_s"].isna()
    )
    return _finding(log, wrong.to_numpy(), "outcome without its stamp", "warning")


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
)


def _finding(log: ContactLog, wrong: Flags, what: str, level: str, mend: str = "") -> list[Finding]:
    count = int(wrong.sum())
    if not count:
        return []
    ids = ", ".join(log.frame.loc[wrong, "ticket_id"].head(5).astype(str))
    plural = "s" if count > 1 else ""
    return [Finding(log.name, f"{count} contact{plural}: {what}, such as {ids}", "", mend, level)]


def _daily(log: ContactLog) -> pd.Series:
    """Return contacts opened on each local day of the window (of one replication's size)."""
    opened = to_local(log.frame["opened_s"].to_numpy(), log.timezone).dt.normalize()
    days = to_local(np.array([log.start, log.end - 1.0]), log.timezone).dt.normalize()
    every = pd.date_range(days.iloc[0], days.iloc[1], freq="D")
    counts: pd.Series = opened.value_counts().reindex(every, fill_value=0)
    return counts


def _weekday(days: pd.Series) -> npt.NDArray[np.int64]:
    """Return the weekday (Monday is 0) of each day of a daily series."""
    return np.asarray(pd.DatetimeIndex(days.index).dayofweek, dtype=np.int64)
