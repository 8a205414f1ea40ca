"""Through which hands and states a contact goes: stages, promises kept, handing on, recurrence."""

from __future__ import annotations

import narwhals as nw

from svcsim.metrics.expressions import (
    kept,
    openings_until,
    resolved,
    resolved_at,
    spell,
    timed,
    until,
)
from svcsim.metrics.metric import Count, Mean, Metric, Share
from svcsim.text import Text

RESOLVED = ("resolved_s",)

_requester_wait, _desk_turn = nw.col("requester_wait_s"), nw.col("desk_turn_s")
_transfers = nw.col("transfers")

REQUESTER_WAIT = Metric(
    "requester_wait", "客户等待时长", "Requester wait",
    Text(
        "Mean time in states in which the customer waits for the desk (new, open, on hold), over "
        "resolved contacts where it is known; time pending for the customer is left out.",
        "处于客户等待服务台的状态（新建、处理中、挂起）的时长均值，统计该项已知的已解决联络；"
        "等待客户的时间不计。",
    ),
    "s", "lower", "efficiency", Mean(resolved & ~_requester_wait.is_null(), _requester_wait),
    RESOLVED, 20, ("requester_wait_s",), "requester wait time: new, open and hold (dbt_zendesk)",
)  # fmt: skip
DESK_TURN = Metric(
    "desk_turn", "坐席占用时长", "Time at the desk",
    Text(
        "Mean time in states in which it is the agents' turn (new and open), over resolved "
        "contacts where it is known. It is not working time.",
        "处于轮到坐席的状态（新建、处理中）的时长均值，统计该项已知的已解决联络；并非实际工时。",
    ),
    "s", "lower", "efficiency", Mean(resolved & ~_desk_turn.is_null(), _desk_turn), RESOLVED, 20,
    ("desk_turn_s",), "agent work time: new and open (dbt_zendesk)",
)  # fmt: skip
STATIONS = Metric(
    "stations", "经手站数", "Stations",
    Text(
        "Mean number of hands a contact went through, the first one included, over resolved "
        "contacts whose transfers are known.",
        "联络经过的处理方数量（含首次分配）的均值，统计转派次数已知的已解决联络。",
    ),
    "count", "lower", "quality", Mean(resolved & ~_transfers.is_null(), _transfers + 1), RESOLVED,
    20, ("transfers",), "assignee stations, the first assignment counts as 1 (Zendesk export)",
)  # fmt: skip

_stage, _left = nw.col("stage"), ~nw.col("end_s").is_null()


def stage(name: str) -> Metric:
    """Return the mean time of one visit in a stage."""
    return Metric(
        f"stage({name})", f"环节时长：{name}", f"Time in stage {name}, one visit",
        Text(
            f"Mean time of one visit in the stage '{name}', over visits that ended in the period.",
            f"环节“{name}”单次停留时长的均值，统计在周期内结束的停留。",
        ),
        "s", "lower", "efficiency", Mean((_stage == name) & _left, nw.col("seconds")), ("end_s",),
        20, ("stages",), "time in each status, group or step", table="stages",
    )  # fmt: skip


def stage_total(name: str) -> Metric:
    """Return the mean time in a stage over all visits of a contact."""
    return Metric(
        f"stage_total({name})", f"环节累计时长：{name}", f"Time in stage {name}, all visits",
        Text(
            f"Mean time that a contact spends in the stage '{name}' over all its visits, over "
            "contacts that have left it; dated by the end of the last visit.",
            f"联络在环节“{name}”各次停留的累计时长的均值，统计已离开该环节的联络，"
            "按最后一次离开的时刻归入周期。",
        ),
        "s", "lower", "efficiency", Mean(_stage == name, nw.col("seconds")), ("end_s",), 20,
        ("stages",), "time in each status, group or step", table="stage_totals",
    )  # fmt: skip


_due, _met = nw.col("due_s"), nw.col("met_s")
_done = ~_met.is_null()


def sla(policy: str) -> Metric:
    """Return the share of promises kept."""
    return Metric(
        f"sla({policy})", f"SLA 达成率：{policy}", f"Promises kept: {policy}",
        Text(
            f"Promises '{policy}' done by the time promised / those done, and those not done whose "
            "time has passed; running ones have no verdict yet. The target in force when the "
            "clock started counts, whatever the priority is today.",
            f"承诺“{policy}”按时完成的 / 已完成的与逾期未完成的；仍在时限内的尚无结论。"
            "以计时开始时的目标为准，之后改优先级不影响。",
        ),
        "share", "higher", "efficiency",
        Share(
            (nw.col("policy") == policy) & (_done | (_due < nw.col("observed_until"))),
            _done & (_met <= _due),
        ),
        ("applied_s",), 30, ("sla",), "achieved / (achieved + breached) (dbt_zendesk)",
        table="sla",
    )  # fmt: skip


_gap = nw.col("same_problem_gap_s")


def recur(text: str, window: float) -> Metric:
    """Return the share of solutions after which the customer had the same problem again."""
    shown = spell(window)
    return Metric(
        f"recur({text})", f"{shown.zh}问题复发率", f"Problem back within {shown}",
        Text(
            "Resolved contacts of a known customer and category whose customer opened another one "
            f"of that category within {shown} of the resolution / resolved contacts of a known "
            f"customer and category whose {shown} have passed. It needs no case number; two "
            "problems of one kind look like one that came back.",
            f"客户与事由已知、解决后 {shown.zh}内该客户又因同一事由联络的已解决联络 / "
            f"客户与事由已知、解决已满 {shown.zh}的已解决联络。无需个案编号；"
            "同类的两个新问题会被当作复发。",
        ),
        "share", "lower", "quality",
        Share(
            timed & ~nw.col("customer").is_null() & ~nw.col("category").is_null()
            & (resolved_at + window < openings_until),
            ~_gap.is_null() & (_gap <= window),
        ),
        RESOLVED, 30, ("resolved_s", "customer", "category"), "same problem category within d",
    )  # fmt: skip


_not_owner = ~nw.col("is_owner").is_null() & (nw.col("is_owner") == 0)
COLLAB = Metric(
    "collab", "协同处理工单数", "Contacts helped with",
    Text(
        "Contacts on which somebody worked whose contact it was not; dated by the last such work.",
        "参与处理但非本人负责的联络数，按最后一次参与的时刻归入周期。",
    ),
    "count", "higher", "contribution", Count(_not_owner), ("time_s",), 1, ("work", "agent"),
    "owner and helpers (负责人 / 协同人)", table="work",
)  # fmt: skip


def exchange_time(category: str) -> Metric:
    """Return the mean resolution time of one category, such as returns."""
    return Metric(
        f"exchange_time({category})", f"{category}处理时长", f"Resolution time of {category}",
        Text(
            f"Mean of last resolution (else closing) − opening, over resolved contacts of the "
            f"category '{category}'.",
            f"事由为“{category}”的已解决联络，最后一次解决（无则关闭）时刻 − 创建时刻的均值。",
        ),
        "s", "lower", "efficiency",
        Mean(
            timed & ~nw.col("category").is_null() & (nw.col("category") == category),
            resolved_at - nw.col("opened_s"),
        ),
        ("opened_s",), 20, ("resolved_s", "category"), "closed − requested of returns",
    )  # fmt: skip


_first_resolved = nw.col("first_resolved_s")
RES_FIRST = Metric(
    "res_first", "首次解决时长", "First resolution time (mean)",
    Text(
        "Mean of first resolution − opening, over contacts whose first resolution is stamped: what "
        "was reopened later counts by its first.",
        "首次解决时刻 − 创建时刻的均值，统计有首次解决时间戳的联络；之后重开的仍按首次解决计。",
    ),
    "s", "lower", "efficiency",
    Mean(kept & ~_first_resolved.is_null(), _first_resolved - nw.col("opened_s")), ("opened_s",),
    20, ("first_resolved_s",), "first resolution time (Zendesk, dbt_zendesk)",
)  # fmt: skip
_reopens = nw.col("reopens")
REOPENS = Metric(
    "reopens", "平均重开次数", "Reopens per resolved contact",
    Text(
        "Σ reopens / resolved contacts whose reopens are known.",
        "重开次数合计 / 重开次数已知的已解决联络。",
    ),
    "count", "lower", "quality", Mean(resolved & ~_reopens.is_null(), _reopens), RESOLVED, 30,
    ("reopens",), "reopens per solved ticket",
)  # fmt: skip
_for_customer = nw.col("pending_customer_s")
WAIT_CUSTOMER = Metric(
    "wait_customer", "等客户时长", "Time waiting for the customer",
    Text(
        "Mean time pending for the customer, over resolved contacts where it is known.",
        "等待客户的时长均值，统计该项已知的已解决联络。",
    ),
    "s", "none", "efficiency", Mean(resolved & ~_for_customer.is_null(), _for_customer), RESOLVED,
    20, ("pending_customer_s",), "agent wait time: pending (Zendesk)",
)  # fmt: skip
SOLVE_RATE = Metric(
    "solve_rate", "问题解决率", "Solved of all opened",
    Text(
        "Contacts resolved by the end of knowledge / all contacts opened that were not abandoned. "
        "Contacts opened late in the log count as unsolved: compare periods that are long past, "
        "or ask for res_within.",
        "截至数据终点已解决的联络 / 未放弃的全部新建联络。临近终点创建的计为未解决："
        "请比较早已过去的周期，或改用限时解决率。",
    ),
    "share", "higher", "outcome", Share(kept & (nw.col("opened_s") < until), resolved),
    ("opened_s",), 30, ("resolved_s",), "solved / total",
)  # fmt: skip
