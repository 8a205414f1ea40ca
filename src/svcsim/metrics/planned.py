"""Plan and presence: attendance, adherence, shrinkage, from the `schedule` beside a log."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog
from svcsim.metrics.groups import Groups
from svcsim.metrics.metric import Metric, PlanRatio
from svcsim.metrics.reduce import Reduced
from svcsim.metrics.spans import at_work, spell_seconds
from svcsim.text import Text

Floats = NDArray[np.float64]
Spells = pd.DataFrame


def plan_ratio(kind: PlanRatio, log: ContactLog, groups: Groups, edges: Floats) -> Reduced:
    """Return Σ seconds of one kind of time / Σ of another, of every group and period.

    ``n`` counts spells of the denominator. Groups by other columns than agent and team stay empty.
    """
    size = len(groups) * (len(edges) - 1)
    blank = np.full(size, np.nan)
    empty = Reduced(blank, np.zeros(size, dtype=np.int64), blank, blank)
    clipped = np.clip(edges, log.start, min(log.end, log.observed_until))
    parts = []
    for name in (kind.top, kind.bottom):
        spells = _TIMES[name](log)
        group = None if spells is None else groups.of(spells)
        if spells is None or group is None:
            return empty
        ends = at_work(spells) if name == "work" else (
            spells["start_s"].to_numpy(float), spells["end_s"].to_numpy(float)
        )  # fmt: skip
        parts.append(spell_seconds(ends, group, len(groups), clipped))
    (top, _), (bottom, n) = parts
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(bottom > 0, top / bottom, np.nan).ravel()
    return Reduced(value, np.where(np.isnan(value), 0, n.ravel()).astype(np.int64), blank, blank)


def _planned(log: ContactLog) -> Spells | None:
    plan = log.tables.get("schedule")
    return None if plan is None else plan[plan["activity"] == "work"]


def _paid(log: ContactLog) -> Spells | None:
    plan = log.tables.get("schedule")
    return None if plan is None else plan[plan["paid"] == 1]


def _away(log: ContactLog) -> Spells | None:
    paid = _paid(log)
    return None if paid is None else paid[paid["activity"] != "work"]


def _kept(log: ContactLog) -> Spells | None:
    """Return the parts of planned work in which the agent was on duty."""
    plan = _planned(log)
    if plan is None or log.staffed is None:
        return None
    pieces = []
    for agent, own in plan.groupby("agent"):
        duty = log.staffed[log.staffed["agent"] == agent]
        start, end = _union(duty["start_s"].to_numpy(float), duty["end_s"].to_numpy(float))
        for first, last, team in zip(own["start_s"], own["end_s"], own["team"], strict=True):
            low, high = np.maximum(start, first), np.minimum(end, last)
            use = high > low
            pieces.append(
                pd.DataFrame(
                    {"agent": agent, "team": team, "start_s": low[use], "end_s": high[use]}
                )
            )
    names = ["agent", "team", "start_s", "end_s"]
    table = pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame(columns=names)
    return table.astype({"agent": "str", "team": "str", "start_s": float, "end_s": float})


def _union(start: Floats, end: Floats) -> tuple[Floats, Floats]:
    """Return the same time as spells that do not overlap."""
    order = np.argsort(start, kind="stable")
    start, end = start[order], np.maximum.accumulate(end[order]) if len(end) else end
    fresh = np.r_[True, start[1:] > end[:-1]] if len(start) else np.zeros(0, dtype=bool)
    last = np.r_[np.flatnonzero(fresh)[1:] - 1, len(start) - 1] if len(start) else []
    return start[fresh], end[np.asarray(last, dtype=np.int64)]


_TIMES: dict[str, Callable[[ContactLog], Spells | None]] = {
    "work": lambda log: log.work,
    "duty": lambda log: log.staffed,
    "planned": _planned,
    "kept": _kept,
    "paid": _paid,
    "away": _away,
}
"""Kinds of time by name."""

OPENED = ("opened_s",)
ATTENDANCE = Metric(
    "attendance", "出勤率", "Attendance",
    Text(
        "Staffed seconds / seconds scheduled for work, both inside the period. Overtime can take "
        "it above 100 %. By agent or team only.",
        "在岗秒数 / 排班在岗秒数，均只计周期以内的部分；加班可使其超过 100%。"
        "只能按坐席或班组统计。",
    ),
    "share", "none", "workload", PlanRatio("duty", "planned"), OPENED, 5, ("schedule", "staffed"),
    "worked / scheduled",
)  # fmt: skip
ADHERENCE = Metric(
    "adherence", "排班遵守率", "Schedule adherence",
    Text(
        "Seconds on duty while scheduled for work / seconds scheduled for work: work at another "
        "time than planned does not count. By agent or team only.",
        "排班在岗时段内实际在岗的秒数 / 排班在岗秒数：计划以外时间的在岗不计。"
        "只能按坐席或班组统计。",
    ),
    "share", "higher", "workload", PlanRatio("kept", "planned"), OPENED, 5,
    ("schedule", "staffed"), "on-plan time / scheduled time",
)  # fmt: skip
SHRINKAGE = Metric(
    "shrinkage", "损耗率", "Shrinkage",
    Text(
        "Paid seconds that are not scheduled for work (breaks, meetings, training, leave, absence) "
        "/ paid seconds. By agent or team only.",
        "计薪但不在岗的秒数（休息、会议、培训、请假、缺勤）/ 计薪秒数。只能按坐席或班组统计。",
    ),
    "share", "none", "workload", PlanRatio("away", "paid"), OPENED, 5, ("schedule",),
    "unavailable paid time / paid time",
)  # fmt: skip
OCCUPANCY_SCHEDULED = Metric(
    "occupancy_scheduled", "占用率（按排班）", "Occupancy of scheduled time",
    Text(
        "Seconds in which agents work on at least one contact / seconds scheduled for work, "
        "whether they were there or not. By agent or team only.",
        "坐席至少在处理一个联络的秒数 / 排班在岗秒数（不论是否实际在岗）。只能按坐席或班组统计。",
    ),
    "share", "none", "workload", PlanRatio("work", "planned"), OPENED, 5, ("schedule", "work"),
    "busy / scheduled",
)  # fmt: skip
