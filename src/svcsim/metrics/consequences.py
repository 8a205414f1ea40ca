"""What work leads to beyond the ticket: complaints, churn, recommendation, checks, costs."""

from __future__ import annotations

import narwhals as nw

from svcsim.metrics.expressions import everyone, resolved, responded
from svcsim.metrics.metric import Better, Mean, Metric, RatioOfSums, Share
from svcsim.metrics.workload import HANDLED, handled
from svcsim.text import Text

RESOLVED = ("resolved_s", "closed_s")


def _flagged(
    name: str, zh: str, en: str, column: str, what: Text, better: Better, source: str
) -> Metric:
    """Return the share of resolved contacts with a flag among those where it is known."""
    flag = nw.col(column)
    known = resolved & ~flag.is_null()
    return Metric(
        name, zh, en,
        Text(
            f"Resolved contacts {what} / resolved contacts of which that is known.",
            f"{what.zh}的已解决联络 / 该项已知的已解决联络。",
        ),
        "share", better, "outcome", Share(known, known & (flag >= 1)), RESOLVED, 30, (column,),
        source,
    )  # fmt: skip


COMPLAINT = _flagged(
    "complaint", "投诉率", "Complaint rate", "complaint",
    Text("whose customer complained", "客户投诉"), "lower", "complaints over contacts",
)  # fmt: skip
CHURN = _flagged(
    "churn", "客户流失率", "Churn rate", "churned",
    Text("after which the customer left for good", "其后客户流失"), "lower",
    "customers lost over contacts",
)  # fmt: skip
REWORK = _flagged(
    "rework", "返工率", "Rework rate", "reworks",
    Text("found wanting and worked on once more", "结果不合格而返工"), "lower",
    "repeat repairs over repairs",
)  # fmt: skip

_nps = nw.col("nps")
_recommended = ~_nps.is_null()
_points = nw.when(_nps >= 9).then(100.0).otherwise(nw.when(_nps <= 6).then(-100.0).otherwise(0.0))
NPS = Metric(
    "nps", "净推荐值", "Net promoter score",
    Text(
        "Share of answers 9-10 minus share of answers 0-6, times 100; no answer does not count. "
        "Dated by the answer, else by the resolution.",
        "9–10 分的占比减去 0–6 分的占比，乘以 100；未评价的不计入。"
        "按评价时间归入周期，没有则按解决时间。",
    ),
    "points", "higher", "satisfaction", Mean(_recommended, _points), ("survey_s", "resolved_s"),
    50, ("nps",), "net promoter score",
)  # fmt: skip

_checked = nw.col("quality_score")
QUALITY_SCORE = Metric(
    "quality_score", "质检均分", "Quality score, mean",
    Text(
        "Mean score of quality checks (0-100) over the contacts that were checked.",
        "抽中质检的联络的平均得分（0–100）。",
    ),
    "points", "higher", "quality", Mean(~_checked.is_null(), _checked), RESOLVED, 30,
    ("quality_score",), "internal quality score",
)  # fmt: skip

QA_IQS = Metric(
    "qa_iqs", "质检分 (IQS)", "Internal quality score",
    Text(
        "Mean over checks of 100·Σ w·(score − lowest)/(highest − lowest) / Σ w over the items "
        "that apply; a check with a critical item below one half is 0.",
        "各次质检得分的均值：100·Σ 权重·(得分 − 最低分)/(最高分 − 最低分) / Σ 权重，"
        "只计适用项；关键项不足一半则该次为 0。",
    ),
    "points", "higher", "quality", Mean(~nw.col("iqs").is_null(), nw.col("iqs")), ("time_s",), 8,
    ("reviews",), "Zendesk QA, internal quality score", table="reviews",
)  # fmt: skip
COMPLIANCE = Metric(
    "compliance", "服务规范性", "Compliance",
    Text(
        "Items of checks with full marks / items of checks that apply.",
        "质检中得满分的检查项 / 适用的检查项。",
    ),
    "share", "higher", "quality",
    RatioOfSums(nw.col("items") > 0, nw.col("passed"), nw.col("items")), ("time_s",), 8,
    ("reviews",),
    "checks passed / checks sampled", table="reviews",
)  # fmt: skip

_hold = nw.col("hold_s")
HOLD = Metric(
    "hold", "平均保持时长", "Mean hold",
    Text(
        "Mean time on hold during the handlings of a contact, over the contacts of the handling "
        "time (`aht`) whose hold is known; those never on hold count as 0.",
        "单个联络各次处理中的平均保持时长，统计范围同平均处理时长，且保持时长已知；"
        "从未保持的计为 0。",
    ),
    "s", "lower", "efficiency", Mean(handled & ~_hold.is_null(), _hold), HANDLED, 30,
    ("hold_s", "handle_s"), "hold part of handling time",
)  # fmt: skip

_empty = nw.col("empty_reply")
_told = responded & ~_empty.is_null()
EMPTY_REPLY = Metric(
    "empty_reply", "空回复占比", "Empty first replies",
    Text(
        "Contacts whose first response was an empty one / contacts with a first response of which "
        "that is known.",
        "首次响应为空回复的联络 / 已有首次响应且该项已知的联络。",
    ),
    "share", "lower", "quality", Share(_told, _told & (_empty == 1)),
    ("first_response_s", "opened_s"), 30, ("empty_reply",), "replies that only stop the clock",
)  # fmt: skip

_cost = nw.col("cost")
_costed = everyone & ~_cost.is_null()
_COSTS = Text(
    "Staffed hours are not part of a contact's cost",
    "在岗工时不属于单个联络的成本",
)
COST_PER_CONTACT = Metric(
    "cost_per_contact", "单次联络成本", "Cost per contact",
    Text(
        f"Mean cost of the contacts whose cost is known, abandoned ones included. {_COSTS}.",
        f"成本已知的联络（含放弃的）的平均成本。{_COSTS.zh}。",
    ),
    "money", "lower", "cost", Mean(_costed, _cost), HANDLED, 30, ("cost",), "cost per contact",
)  # fmt: skip
COST_PER_RESOLVED = Metric(
    "cost_per_resolved", "单次解决成本", "Cost per resolved contact",
    Text(
        "Cost of all contacts whose cost is known / those of them that were resolved: what was "
        f"spent on abandoned and open ones is borne by the resolved. {_COSTS}.",
        "成本已知的全部联络的成本合计 / 其中已解决的联络数：放弃和未结的开销由已解决的承担。"
        f"{_COSTS.zh}。",
    ),
    "money", "lower", "cost",
    RatioOfSums(_costed, _cost, nw.when(resolved).then(1.0).otherwise(0.0)), HANDLED, 30,
    ("cost",), "cost per resolution",
)  # fmt: skip
