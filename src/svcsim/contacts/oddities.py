"""Patterns that are possible but seldom mean what they seem to: bulk closes, holes, hang-ups."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from svcsim.contacts.log import ContactLog
from svcsim.contacts.stamps import to_local
from svcsim.errors import Finding
from svcsim.stats.interval import wilson

Flags = npt.NDArray[np.bool_]

BULK = 20
"""Resolutions by one agent in one minute that look like a clean-up."""
WHOLE_HOUR_SHARE = 0.5
BIG_CUSTOMER = 0.02
SHORT_S = 10.0
"""A service shorter than this can hardly have helped anybody."""


def contacts_finding(
    log: ContactLog, wrong: Flags, what: str, level: str, mend: str = ""
) -> list[Finding]:
    """Return one finding for the contacts that are wrong, with the first five as examples."""
    count = int(wrong.sum())
    if not count:
        return []
    ids = ", ".join(log.frame.loc[wrong, "ticket_id"].head(5).astype(str))
    plural = "s" if count > 1 else ""
    return [Finding(log.name, f"{count} contact{plural}: {what}, such as {ids}", "", mend, level)]


def in_bulk(log: ContactLog) -> Flags:
    """Return which contacts one agent resolved with ``BULK`` or more in the same minute."""
    frame = log.frame
    agent, names = pd.factorize(frame["agent"])
    known = (agent >= 0) & frame["resolved_s"].notna().to_numpy()
    rows = np.flatnonzero(known)
    keys = pd.DataFrame({
        "replication": frame["replication"].to_numpy()[rows], "agent": agent[rows],
        "minute": frame["resolved_s"].to_numpy()[rows] // 60,
    })  # fmt: skip
    out = np.zeros(len(frame), dtype=bool)
    # only what comes twice can come twenty times: most minutes need no count
    twice = keys.duplicated(keep=False).to_numpy()
    keys, rows = keys[twice], rows[twice]
    size = keys.groupby(["replication", "agent", "minute"])["minute"].transform("size")
    out[rows[(size >= BULK).to_numpy()]] = True
    return out


def bulk_closes(log: ContactLog) -> list[Finding]:
    """``BULK`` or more resolutions by one agent within one minute: a clean-up, not work."""
    wrong = in_bulk(log)
    who = ", ".join(log.frame.loc[wrong, "agent"].value_counts().index[:3].astype(str))
    return contacts_finding(
        log,
        wrong,
        f"resolved in bulk ({BULK} or more in one minute by one agent: {who})",
        "warning",
        "their resolution times say nothing about work",
    )


def whole_hour_share(log: ContactLog, name: str) -> float:
    """Return the share of a stamp that lies on the whole local hour, 0 where few are known."""
    stamps = log.frame[name].dropna().to_numpy()
    if len(stamps) < BULK:
        return 0.0
    # a zone may be off by half an hour: only stamps on whole quarters need the local time
    quarter = stamps[stamps % 900 == 0]
    return float(_on_the_hour(quarter, log).sum() / len(stamps))


def _on_the_hour(stamps: npt.NDArray[np.float64], log: ContactLog) -> Flags:
    local = to_local(stamps, log.timezone).dt
    return np.asarray((local.minute == 0) & (local.second == 0), dtype=bool)


def coarse_stamps(log: ContactLog) -> list[Finding]:
    """More than half of a kind of stamp on the whole hour: the clock is too coarse for waits."""
    found = []
    for name in ("opened_s", "first_response_s", "resolved_s"):
        stamps = log.frame[name].dropna().to_numpy()
        if len(stamps) < BULK:
            continue
        whole = whole_hour_share(log, name)
        if whole > WHOLE_HOUR_SHARE:
            text = f"{whole:.0%} of {name} are on the whole hour"
            mend = "waits shorter than hours cannot be measured"
            found.append(Finding(log.name, text, "expected the time of day", mend, "warning"))
        elif bool(np.all(stamps % 60 == 0)):
            found.append(Finding(log.name, f"{name} is recorded in whole minutes", level="note"))
    return found


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
        others = counts[(_weekday(counts) == day.day_of_week) & (counts.index != day)]
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


def damaged_ids(log: ContactLog) -> list[Finding]:
    """Find identifiers that a spreadsheet has turned into rounded numbers, such as 4.2E+17."""
    pattern = r"\d(?:\.\d+)?[eE]\+\d+"
    found = []
    for name in ("ticket_id", "customer"):
        wrong = log.frame[name].str.fullmatch(pattern).fillna(False).to_numpy(dtype=bool)
        if not wrong.any():
            continue
        values = ", ".join(log.frame.loc[wrong, name].drop_duplicates().head(3).astype(str))
        count = int(wrong.sum())
        text = (
            f"{count} contact{'s' if count > 1 else ''}: long ids were rounded by a spreadsheet "
            f"in {name}, such as {values}"
        )
        mend = "export again and do not save the file from a spreadsheet"
        found.append(Finding(log.name, text, "", mend, "warning"))
    return found


def _daily(log: ContactLog) -> pd.Series:
    """Return contacts opened on each local day of the window (of one replication's size)."""
    opened = to_local(log.frame["opened_s"].to_numpy(), log.timezone).dt.normalize()
    days = to_local(np.array([log.start, log.end - 1.0]), log.timezone).dt.normalize()
    every = pd.date_range(days.iloc[0], days.iloc[1], freq="D")
    counts: pd.Series = opened.value_counts().reindex(every, fill_value=0)
    return counts


def _weekday(days: pd.Series) -> npt.NDArray[np.int64]:
    """Return the weekday (Monday is 0) of each day of a daily series."""
    return np.asarray(pd.DatetimeIndex(days.index).day_of_week, dtype=np.int64)
