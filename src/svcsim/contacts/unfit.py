"""Contacts from which nothing can be learned about a desk: counted, set aside for a fit, said.

KPIs are measured over all contacts; a baseline is fitted without these. A contact that is no work
of the desk (a duplicate, a test, an import) is left out; of a real one whose stamps cannot be
meant, only the stamps are.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from svcsim.contacts.log import ContactLog, kept_rows
from svcsim.contacts.oddities import in_bulk, whole_hour_share
from svcsim.errors import Finding, InputError
from svcsim.text import Text, listed

Flags = npt.NDArray[np.bool_]

DUPLICATE_S = 600.0
"""A customer who opens another ticket of the same kind so soon sent the first one twice."""
IMPORTED = 20
"""Contacts opened in one second (minute, where stamps are minutes) that look like an import."""
IMPORT_TIMES = 5.0
"""... and this many times what all but one in a thousand of the busy seconds hold."""
TOLERANCE_S = 60.0
BOT = re.compile(
    r"(?:.*[\s_.-])?(?:chat|auto)?bots?(?:[\s_.-].*)?|system|automation|auto[\s_-]?reply"
    r"|workflow|.*机器人.*|系统|自动(?:回复|处理|关闭)?",
    re.IGNORECASE,
)
TEST = re.compile(
    r"(?:.*[\s_.@-])?(?:test|testing|dummy)(?:[\s_.@-]*(?:user|customer|account|ticket|\d+).*)?"
    r"|.*测试.*",
    re.IGNORECASE,
)
KEY = "unfit"
"""Where the account of a log keeps what `cleaned` set aside."""


def impossible(log: ContactLog) -> Flags:
    """Find stamps before the opening, and durations that are negative or endless."""
    frame = log.frame
    opened = frame["opened_s"].to_numpy()
    wrong = np.zeros(len(frame), dtype=bool)
    for name in ("first_response_s", "resolved_s", "abandoned_s"):
        wrong |= frame[name].to_numpy() < opened
    for name in ("wait_s", "handle_s", "pending_s"):
        wrong |= (frame[name].to_numpy() < 0) | np.isinf(frame[name].to_numpy())
    return wrong


def twice(log: ContactLog) -> Flags:
    """Find rows whose ticket id (in a replication) came before."""
    return np.asarray(log.frame.duplicated(["replication", "ticket_id"]), dtype=bool)


def future(log: ContactLog) -> Flags:
    """Find what was opened over a day after now (a recorded history only)."""
    if log.origin != "history":
        return np.zeros(len(log), dtype=bool)
    return np.asarray(log.frame["opened_s"] > time.time() + 86400.0, dtype=bool)


def duplicates(log: ContactLog) -> Flags:
    """Find what was sent twice within 10 minutes by one customer, the first one still open.

    Category, channel and agent are the same, and both ended within 10 minutes of each other, or
    neither did: canonical logs hold no text to compare, and two requests of a customer that took
    their own time were two. The first one stays. What was opened after the first had ended is a
    repeat contact; on live channels nobody is in the queue twice.
    """
    frame = log.frame
    out = np.zeros(len(frame), dtype=bool)
    waited = frame[["wait_s", "abandoned_s"]].notna().any(axis=1)
    use = (frame["customer"].notna() & ~waited).to_numpy()
    rows = np.flatnonzero(use)
    if len(rows) < 2:
        return out
    part = frame.iloc[rows]
    group = np.zeros(len(rows), dtype=np.int64)
    for name in ("replication", "customer", "category", "channel", "agent"):
        codes, unique = pd.factorize(part[name])
        group = group * (len(unique) + 1) + codes + 1
    opened = part["opened_s"].to_numpy()
    ended = part["resolved_s"].fillna(1e12).to_numpy()
    order = np.lexsort((opened, group))
    before, after = order[:-1], order[1:]
    same = (group[before] == group[after]) & (opened[after] - opened[before] < DUPLICATE_S)
    same &= (ended[before] > opened[after]) & (np.abs(np.diff(ended[order])) < DUPLICATE_S)
    out[rows[after[same]]] = True
    return out


def imported(log: ContactLog) -> Flags:
    """Find what was opened with many others at one instant: a machine entered it."""
    opened = log.frame["opened_s"].to_numpy()
    if not len(opened):
        return np.zeros(0, dtype=bool)
    step = 60.0 if np.all(opened % 60 == 0) else 1.0
    code, first = pd.factorize(opened // step)
    size = np.bincount(code, minlength=len(first))
    usual = np.quantile(size, 0.999, method="lower") if len(size) > 1000 else np.median(size)
    return np.asarray((size >= max(IMPORTED, IMPORT_TIMES * usual))[code])


def by_bots(log: ContactLog) -> Flags:
    """Find what was resolved by an agent whose name is that of a machine."""
    return _named(log.frame["agent"], BOT)


def tests(log: ContactLog) -> Flags:
    """Find what a customer opened, or what is in a category, whose name says that it is a test."""
    return _named(log.frame["customer"], TEST) | _named(log.frame["category"], TEST)


LEFT_OUT: Mapping[Text, Callable[[ContactLog], Flags]] = {
    Text("impossible stamps or durations", "时间顺序或时长不可能"): impossible,
    Text("ticket ids that come twice (the first is kept)", "工单编号重复（保留首个）"): twice,
    Text("opened in the future", "创建时间在未来"): future,
    Text("batch imports", "批量导入"): imported,
    Text("resolved by bots", "由机器人解决"): by_bots,
    Text("tests", "测试"): tests,
    Text("duplicates within 10 minutes", "10 分钟内重复提交"): duplicates,
}
"""Reason -> which contacts are left out of a fit."""

BULK_CLOSED = Text("closed in bulk (resolution time not used)", "批量关闭（解决时间不用）")
EARLY = Text(
    "resolved before the first response (response not used)", "解决早于首次响应（响应不用）"
)
COARSE = {
    "first_response_s": Text("whole-hour first responses (not used)", "首次响应只有整点（不用）"),
    "resolved_s": Text("whole-hour resolutions (time not used)", "解决时间只有整点（不用）"),
}


def cleaned(log: ContactLog) -> ContactLog:
    """Return the log that a baseline is fitted on; its account says what was set aside.

    A log that was cleaned before is returned as it is.

    Raises
    ------
    InputError
        When no contact of the window is left.
    """
    if KEY in log.account:
        return log
    frame = log.frame
    inside = ((frame["opened_s"] >= log.start) & (frame["opened_s"] < log.end)).to_numpy()
    contacts, aside = int(inside.sum()), {}
    keep = np.ones(len(frame), dtype=bool)
    for reason, rule in LEFT_OUT.items():
        wrong = rule(log) & keep
        keep &= ~wrong
        aside[reason] = int((wrong & inside).sum())
    if contacts and not (keep & inside).any():
        raise InputError(_nothing_left(log, aside))
    if not keep.all():
        ids = frame.loc[~keep, "ticket_id"]
        frame = kept_rows(frame, keep)
        work = log.work
        if work is not None:
            log = replace(log, work=work[~work["ticket_id"].isin(ids)].reset_index(drop=True))
    unused = unused_stamps(replace(log, frame=frame))
    stamps = {reason: int(flags.sum()) for reason, (_, flags) in unused.items()}
    for column, flags in unused.values():
        if flags.any():
            marked = {"resolved_s": "resolved_filled"}.get(column, column)
            value = 1.0 if marked == "resolved_filled" else np.nan
            frame = frame.assign(**{marked: frame[marked].mask(flags, value)})
    found = {"contacts": contacts, "left_out": aside, "stamps": stamps}
    return replace(log, frame=frame, account={**log.account, KEY: found})


def _nothing_left(log: ContactLog, aside: Mapping[Text, int]) -> Finding:
    reasons = ", ".join(f"{n} {reason}" for reason, n in aside.items() if n)
    return Finding(
        log.name,
        f"nothing is left to calibrate from: {reasons}",
        "expected contacts that people worked on, with stamps in order",
        "check the mapping, --date-order and --tz",
    )


def unused_stamps(log: ContactLog) -> dict[Text, tuple[str, Flags]]:
    """Return reason -> stamp and the contacts on which it says nothing about work."""
    frame = log.frame
    none = np.zeros(len(frame), dtype=bool)
    early = frame["resolved_s"] < frame["first_response_s"] - TOLERANCE_S
    out = {BULK_CLOSED: ("resolved_s", in_bulk(log)),
           EARLY: ("first_response_s", np.asarray(early, dtype=bool))}  # fmt: skip
    for name, reason in COARSE.items():
        share = whole_hour_share(log, name)
        coarse = frame[name].notna().to_numpy() if share > 0.5 else none
        out[reason] = (name, coarse)
    return out


def set_aside(log: ContactLog) -> dict[str, int]:
    """Return reason -> contacts (or their stamps) that `cleaned` set aside; only what there was."""
    found = log.account.get(KEY, {"left_out": {}, "stamps": {}})
    return {str(reason): n for reason, n in {**found["left_out"], **found["stamps"]}.items() if n}


def set_aside_note(log: ContactLog) -> Text:
    """Return from how many contacts a cleaned log is fitted and why not from all; may be empty."""
    found = log.account.get(KEY)
    if found is None:
        return Text("")
    out = {reason: n for reason, n in found["left_out"].items() if n}
    kept = found["contacts"] - sum(out.values())
    stamps = {reason: n for reason, n in found["stamps"].items() if n}
    if not out and not stamps:
        return Text("")
    whole = Text(
        "data: calibrated from {kept} of {contacts} contacts",
        "数据：用 {contacts} 条联络中的 {kept} 条校准",
    ).fill(kept=f"{kept:,}", contacts=f"{found['contacts']:,}")
    parts = [
        Text("{n} {reason}", "{reason} {n} 条").fill(n=f"{n:,}", reason=reason)
        for reason, n in {**out, **stamps}.items()
    ]
    return Text("{whole}: {why}", "{whole}：{why}").fill(whole=whole, why=listed(parts))


def unfit_for_calibration(log: ContactLog) -> list[Finding]:
    """Find contacts that a fit sets aside although KPIs count them."""
    found = []
    for reason, rule in LEFT_OUT.items():
        if rule in (impossible, twice, future):
            continue  # told by checks of their own
        wrong = rule(log)
        if wrong.any():
            ids = ", ".join(log.frame.loc[wrong, "ticket_id"].head(5).astype(str))
            text = f"{int(wrong.sum())} contacts: {reason}, such as {ids}"
            mend = "KPIs count them, calibrate sets them aside; leave them out in the mapping"
            found.append(Finding(log.name, text, "", mend, "warning"))
    return found


def _named(values: pd.Series, pattern: re.Pattern[str]) -> Flags:
    """Return which values match as a whole; each distinct value is looked at once."""
    codes, names = pd.factorize(values)
    hit = np.array([pattern.fullmatch(str(name)) is not None for name in names] + [False])
    return hit[codes]
