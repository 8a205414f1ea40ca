"""What can be calibrated from a log, and what one more column would buy."""

from __future__ import annotations

import numpy as np

from svcsim.contacts.log import ContactLog
from svcsim.text import Text

MEASURED, PROXY, ASSUMED, NO = "measured", "proxy", "assumed", "no"
MIN_DAYS, MIN_CONTACTS, MIN_EVENTS = 28.0, 200, 30

PARTS = {
    "arrivals": Text("arrivals", "到达量"),
    "handling": Text("handling time", "处理时长"),
    "patience": Text("patience", "客户耐心"),
    "agents": Text("agent differences", "坐席差异"),
    "staffing": Text("staffing", "在岗人力"),
    "transfers": Text("transfers", "转派"),
    "reopen": Text("reopens", "重开"),
    "repeat": Text("repeat contacts", "重复来访"),
    "survey": Text("satisfaction", "满意度"),
    "wait": Text("waits", "等待"),
    "difficulty": Text("difficulty", "难度"),
    MEASURED: Text("measured", "实测"),
    PROXY: Text("proxy", "替代"),
    ASSUMED: Text("assumed", "假设"),
    NO: Text("no", "无"),
}
"""Part or grade -> its name."""

ADVICE = {
    "arrivals": Text(
        "Four weeks of history and 200 contacts give a weekly profile with its uncertainty.",
        "至少四周、200 个联络，才能得到带不确定性的周到达曲线。",
    ),
    "handling": Text(
        "Time spent per contact gives working time directly instead of bounds from touches.",
        "补上每单处理时长，可直接得到工时，而不是从操作痕迹推出的范围。",
    ),
    "patience": Text(
        "Queue times of customers who left (not only of the answered) give patience.",
        "补上放弃客户的排队时长（不只是接通的），可得到客户耐心分布。",
    ),
    "agents": Text(
        "The agent of each contact separates persons from mix and luck.",
        "补上每单的坐席，可把个人差异与工单构成、运气分开。",
    ),
    "staffing": Text(
        "A roster (agent, team, start, end) gives occupancy instead of a guess from activity.",
        "补上排班表（坐席、班组、起、止），可得到真实占用率，而不是从活动推测。",
    ),
    "transfers": Text(
        "The number of hand-overs tells which work is done twice.",
        "补上转派次数，可看出哪些工作做了两遍。",
    ),
    "reopen": Text(
        "The reopen count tells resolved from merely closed.",
        "补上重开次数，可区分真正解决与仅仅关闭。",
    ),
    "repeat": Text(
        "A customer id on every contact makes repeat contacts visible, and so first-contact "
        "resolution.",
        "每单都有客户编号，才能看到重复来访，从而得到一次解决率。",
    ),
    "survey": Text(
        "Knowing to whom a survey was sent shows who did not answer.",
        "知道调查发给了谁，才能看出谁没有回答。",
    ),
    "wait": Text(
        "The time from queueing to an agent gives the waits that the simulation must reproduce.",
        "补上从排队到接起的时间，模拟才有可对照的等待。",
    ),
    "difficulty": Text(
        "A difficulty label known at the start makes agents comparable across easy and hard work.",
        "补上受理时就知道的难度标签，坐席之间才可按难易公平比较。",
    ),
}
"""Part -> what one more column would buy."""


def can_calibrate(log: ContactLog) -> dict[str, str]:
    """Return for every part of the desk: measured, proxy, assumed or no.

    ``measured``: the log holds it; ``proxy``: something else in the log stands in for it;
    ``assumed``: too little, a default would be used; ``no``: nothing about it in the log.
    """
    return {
        "arrivals": _arrivals(log),
        "handling": _handling(log),
        "patience": _patience(log),
        "agents": _agents(log),
        "staffing": _staffing(log),
        "transfers": _transfers(log),
        "reopen": _reopen(log),
        "repeat": _repeat(log),
        "survey": _survey(log),
        "wait": _wait(log),
        "difficulty": _difficulty(log),
    }


def _arrivals(log: ContactLog) -> str:
    days = (log.end - log.start) / 86400.0
    if days >= MIN_DAYS - 0.1 and len(log) >= MIN_CONTACTS:
        return MEASURED
    return PROXY if days >= 6.9 and len(log) >= MIN_CONTACTS / 4 else ASSUMED


def _handling(log: ContactLog) -> str:
    resolved = log.frame["outcome"] == "resolved"
    if resolved.any() and log.frame.loc[resolved, "handle_s"].notna().mean() >= 0.5:
        return MEASURED
    if log.work is not None and log.work["start_s"].notna().mean() >= 0.5:
        return MEASURED
    if (log.work is not None and len(log.work)) or log.frame["handle_s"].notna().any():
        return PROXY
    return ASSUMED if log.frame["resolved_s"].notna().any() else NO


def _patience(log: ContactLog) -> str:
    left = log.frame["abandoned_s"].notna()
    if not left.any():
        return NO
    known = log.frame.loc[~left, "wait_s"].notna().mean() if (~left).any() else 0.0
    if int(left.sum()) < MIN_EVENTS:
        return ASSUMED
    # Without the waits of the answered there is no censoring, so patience would look too short.
    return MEASURED if known > 0 and log.frame.loc[left, "wait_s"].notna().mean() > 0.5 else PROXY


def _agents(log: ContactLog) -> str:
    agent = log.frame["agent"]
    if agent.nunique() < 2:
        return NO
    enough = int((agent.value_counts() >= MIN_EVENTS).sum())
    known = agent[log.frame["outcome"] == "resolved"].notna().mean()
    return MEASURED if enough >= 2 and known >= 0.5 else PROXY


def _staffing(log: ContactLog) -> str:
    if log.staffed is not None and len(log.staffed):
        return MEASURED
    return PROXY if (log.work is not None and len(log.work)) or _agents(log) != NO else NO


def _transfers(log: ContactLog) -> str:
    if log.frame["transfers"].notna().mean() >= 0.5:
        return MEASURED
    return PROXY if log.work is not None and log.work["ticket_id"].duplicated().any() else NO


def _reopen(log: ContactLog) -> str:
    if log.frame["reopens"].notna().mean() >= 0.5:
        return MEASURED
    return PROXY if (log.frame["first_resolved_s"] < log.frame["resolved_s"]).any() else NO


def _repeat(log: ContactLog) -> str:
    chained = bool((log.frame["contact_no"] > 1).any())
    known = float(log.frame["customer"].notna().mean())
    if chained:
        return MEASURED if known >= 0.9 else PROXY
    return PROXY if known > 0 else NO


def _survey(log: ContactLog) -> str:
    answers = int(log.frame["csat"].notna().sum())
    if answers < MIN_EVENTS:
        return ASSUMED if answers else NO
    return MEASURED if log.frame["survey_sent"].notna().mean() >= 0.5 else PROXY


def _wait(log: ContactLog) -> str:
    # Tickets have no queue of their own: only the channels on which some wait is known count.
    ended = log.frame.loc[log.frame["outcome"] != "open", ["channel", "wait_s"]]
    known = ended["wait_s"].notna().groupby(ended["channel"].fillna("")).mean()
    if (known > 0).any() and known[known > 0].min() >= 0.5:
        return MEASURED
    some = np.isfinite(log.frame[["wait_s", "first_response_s"]].to_numpy()).any()
    return PROXY if some else NO


def _difficulty(log: ContactLog) -> str:
    if log.frame["difficulty"].nunique() >= 2:
        return MEASURED
    stand_in = any(log.frame[name].nunique() >= 2 for name in ("category", "priority"))
    return PROXY if stand_in else NO
