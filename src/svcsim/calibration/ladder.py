"""The fallback ladder: what a history should hold, and what is done where it does not.

Every rung names a stated fallback, the grade that its numbers get and what it does to the outputs.
`calibrate` keeps the ladder in the baseline; ``svcsim check`` shows it before anything is fitted.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from svcsim.contacts.log import ContactLog
from svcsim.model.quantity import Grade
from svcsim.model.questions import Rung
from svcsim.text import Text

FULL_DAYS = 28.0
"""Days of history from which nothing is taken from priors (see `svcsim.calibration.short`)."""
KNOWN = 0.5
"""Share of the contacts concerned that must carry a field for it to count as present."""


@dataclass(frozen=True)
class _Row:
    """A rung as declared: what is used with the field, without it, and what that means."""

    what: Text
    used: Text
    fallback: Text
    grade: Grade
    effect: Text


_ROWS: dict[str, _Row] = {
    "events": _Row(
        Text("touches of work, or handling times", "操作记录或处理时长"),
        Text("working time from the record", "工时取自记录"),
        Text(
            "gaps between the first response and resolution stamps of an agent; without agents 10 "
            "min a handling (--aht)",
            "由坐席的首次响应与解决时间戳的间隔推断；没有坐席时按每次处理 10 分钟假设（--aht）",
        ),
        "proxy",
        Text(
            "occupancy is known to 20-40 %; waits only after the busy factor is tuned",
            "占用率误差 20%–40%；须先调校占用系数，等待才可信",
        ),
    ),
    "first_response": _Row(
        Text("first response", "首次响应"),
        Text("waits from the record", "等待取自记录"),
        Text(
            "waits in the queue where recorded; else the busy factor is not tuned",
            "有排队时长则用之；否则占用系数不作调校",
        ),
        "proxy",
        Text("no KPI of first response, no target for it", "没有首次响应指标，也不给目标"),
    ),
    "agent": _Row(
        Text("agent of each contact", "每单的坐席"),
        Text("agents are told apart", "坐席分别估计"),
        Text(
            "a team-level model: those on the roster are alike (--roster is needed)",
            "班组级模型：班表上的人视为相同（需要 --roster）",
        ),
        "proxy",
        Text("no scorecard of agents, no fair comparison", "没有坐席考核表，无法公平比较个人"),
    ),
    "category": _Row(
        Text("category", "类别"),
        Text("categories apart", "各类别分别估计"),
        Text("one class of contacts with a wide spread", "全部归为一类，离散程度较大"),
        "assumed",
        Text(
            "no case mix: people with harder work look worse",
            "不考虑工单构成：处理难单的人会显得更差",
        ),
    ),
    "hours": _Row(
        Text("roster or hours on duty", "班表或在岗时段"),
        Text("who is on when, from the record", "在岗时间取自记录"),
        Text(
            "hours inferred from what agents did; without agents nothing runs until --roster is "
            "given",
            "由坐席的活动推断工时；没有坐席信息时须提供 --roster 才能运行",
        ),
        "proxy",
        Text("capacity is known to about one agent in ten", "产能误差约为十人中一人"),
    ),
    "customer": _Row(
        Text("customer or case", "客户编号或个案编号"),
        Text("repeat contacts are seen", "能看到重复来访"),
        Text("repeat contacts are not modelled, reopening only", "不模拟重复来访，只看重开"),
        "assumed",
        Text("first-contact resolution = 1 - reopened", "一次解决率 = 1 − 重开率"),
    ),
    "survey_sent": _Row(
        Text("to whom surveys were sent", "调查发给了谁"),
        Text("asked and answered apart", "发送与回答分别估计"),
        Text("every resolved contact counts as asked", "视为每个已解决联络都收到调查"),
        "proxy",
        Text(
            "who withholds surveys cannot be seen; the response rate is a lower bound",
            "看不出谁没有发送调查；参评率只是下限",
        ),
    ),
    "weeks": _Row(
        Text("four weeks of history", "四周历史"),
        Text("rates and spreads from the record", "比率与离散取自记录"),
        Text(
            "priors: day cv .15, day correlation .4, scv of handling 1.5, repeats 12 %, busy "
            "factor 1.15, mixed with what was seen",
            "先验：日波动 .15、日相关 .4、处理时长平方变异系数 1.5、重复来访 12%、占用系数 1.15，"
            "与所见数据合并",
        ),
        "assumed",
        Text("intervals are 1.5 times as wide", "区间放宽为 1.5 倍"),
    ),
}


TOUCHES = Text(
    "working time inferred from the gaps between an agent's touches",
    "由同一坐席相邻操作之间的间隔推断处理时间",
)
ROSTER = Text("who is on when, from the planner's roster", "在岗时间取自所给班表")
NO_SURVEY = Text("no survey in the history: none is modelled", "历史中没有满意度调查，不作模拟")


def ladder(log: ContactLog, *, roster: bool = False) -> tuple[Rung, ...]:
    """Return every rung of the ladder for a history.

    Parameters
    ----------
    log : ContactLog
    roster : bool
        Whether a planner's roster says who works when.
    """
    present = _present(log, roster)
    special = _special(log, roster)
    return tuple(
        Rung(
            name=name,
            what=row.what,
            present=present[name],
            fallback=special[name][0] if name in special
            else row.used if present[name] else row.fallback,
            grade=special[name][1] if name in special
            else "measured" if present[name] else _grade(name, row, present),
            effect=Text("") if present[name] else row.effect,
        )
        for name, row in _ROWS.items()
    )  # fmt: skip


def _special(log: ContactLog, roster: bool) -> dict[str, tuple[Text, Grade]]:
    """Return rungs that are told otherwise: touches are no times, a roster is no record."""
    out: dict[str, tuple[Text, Grade]] = {}
    frame = log.frame
    done = frame[frame["outcome"] == "resolved"]
    touched = log.work is not None and len(log.work) > 0
    if touched and not _known(done["handle_s"]):
        starts = log.work is not None and float(log.work["start_s"].notna().mean()) > KNOWN
        if not starts:
            out["events"] = (TOUCHES, "proxy")
    if roster:
        out["hours"] = (ROSTER, "given")
    if not frame[["csat", "nps"]].notna().any(axis=None):
        out["survey_sent"] = (NO_SURVEY, "assumed")
    return out


def _grade(name: str, row: _Row, present: dict[str, bool]) -> Grade:
    """Return the grade of a fallback; without agents there are no gaps to infer work from."""
    if name in ("events", "hours") and not present["agent"]:
        return "assumed"
    return row.grade


def _present(log: ContactLog, roster: bool) -> dict[str, bool]:
    frame = log.frame
    done = frame[frame["outcome"] == "resolved"]
    answered = frame[frame["csat"].notna() | frame["nps"].notna()]
    worked = log.work is not None and len(log.work) > 0
    staffed = log.staffed is not None and len(log.staffed) > 0
    chained = bool((frame["contact_no"] > 1).any())
    return {
        "events": worked or _known(done["handle_s"]),
        "first_response": _known(done["first_response_s"]),
        "agent": _known(done["agent"]),
        "category": _known(frame["category"]) and frame["category"].nunique() > 1,
        "hours": roster or staffed,
        "customer": chained or _known(frame["customer"]),
        "survey_sent": not answered.empty and _known(done["survey_sent"]),
        "weeks": (log.end - log.start) / 86400.0 >= FULL_DAYS - 0.1,
    }


def _known(column: pd.Series) -> bool:
    return len(column) > 0 and float(column.notna().mean()) >= KNOWN
