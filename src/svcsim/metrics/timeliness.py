"""How fast: first response, wait in the queue, resolution, limits kept."""

from __future__ import annotations

import narwhals as nw

from svcsim.metrics.expressions import (
    abandoned,
    answered,
    kept,
    opened,
    queued,
    resolved,
    resolved_at,
    responded,
    spell,
    stamped,
    timed,
    until,
    waited,
)
from svcsim.metrics.metric import Mean, Metric, Quantile, Share
from svcsim.text import Text

OPENED = ("opened_s",)
QUEUED = ("queued_s",)
WAIT = "wait_s"

_response = nw.col("first_response_s") - opened
_responded_or_open = kept & (responded | ~resolved)
_response_so_far = nw.when(responded).then(_response).otherwise(until - opened)
_resolution = resolved_at - opened
_known_or_open = (timed & stamped) | (kept & ~resolved)
_resolution_so_far = nw.when(resolved).then(_resolution).otherwise(until - opened)
_wait = nw.col("wait_s")
_has_response = kept & responded
_waited_answered = answered & waited
_limit_known = ~nw.col("in_time").is_null()

_RUNNING = Text(
    "Contacts still open without it count as at least their time so far (Kaplan-Meier); abandoned "
    "ones, and resolved ones without the stamp (or with another in its place), are left out.",
    "尚未走到这一步的未结联络，按“至少已历时这么久”计入（Kaplan-Meier）；已放弃的，"
    "以及已解决但缺少该时间戳（或以其他时间戳代替）的，不计入。",
)

FRT = Metric(
    "frt", "首次响应时间", "First response time (mean)",
    Text(
        "Mean of first response by a person − opening, over contacts that have a first response "
        "and were not abandoned.",
        "首次人工响应时刻 − 创建时刻的均值，统计有首次响应且未放弃的联络。",
    ),
    "s", "lower", "efficiency", Mean(_has_response, _response), OPENED, 20,
    ("first_response_s",), "Zendesk native 'first reply time', calendar time",
)  # fmt: skip


def _frt_quantile(name: str, zh: str, en: str, p: float, min_n: int) -> Metric:
    return Metric(
        name, zh, en,
        Text(
            f"Quantile {p:g} of first response by a person − opening. {_RUNNING.en}",
            f"首次人工响应时刻 − 创建时刻的 {p:g} 分位数。{_RUNNING.zh}",
        ),
        "s", "lower", "efficiency", Quantile(_responded_or_open, _response_so_far, p, responded),
        OPENED, min_n, ("first_response_s",), "Zendesk native 'first reply time', calendar time",
    )  # fmt: skip


FRT_P50 = _frt_quantile("frt_p50", "首次响应时间中位数", "First response time (median)", 0.5, 20)
FRT_P90 = _frt_quantile("frt_p90", "首次响应时间 P90", "First response time (P90)", 0.9, 50)


def frt_within(text: str, limit: float) -> Metric:
    """Return the share of contacts answered by a person within a limit from opening."""
    shown = spell(limit)
    return Metric(
        f"frt_within({text})", f"{shown.zh}首响达标率", f"First response within {shown}",
        Text(
            f"Contacts with a first response at most {shown} after opening / all contacts whose "
            f"{shown} have passed; unanswered and abandoned contacts are misses.",
            f"创建后 {shown.zh}内得到首次人工响应的联络 / 创建已满 {shown.zh}的全部联络；"
            "未响应和已放弃的均计为未达标。",
        ),
        "share", "higher", "efficiency",
        Share(opened + limit < until, responded & (_response <= limit), queue=True),
        OPENED, 30, ("first_response_s",), "share of all whose limit has elapsed",
    )  # fmt: skip


WAIT_MEAN = Metric(
    "wait", "平均等待时长 (ASA)", "Wait in queue, answered (ASA)",
    Text(
        "Mean time in the queue over answered contacts (average speed of answer); abandoned ones "
        "are left out.",
        "已接通联络的平均排队时长（平均应答速度 ASA）；已放弃的不计入。",
    ),
    "s", "lower", "efficiency", Mean(_waited_answered, _wait), QUEUED, 20, (WAIT,),
    "average speed of answer: Σ wait of served / served",
)  # fmt: skip
WAIT_P90 = Metric(
    "wait_p90", "等待时长 P90", "Wait in queue, answered (P90)",
    Text(
        "Quantile 0.9 of the time in the queue over answered contacts.",
        "已接通联络排队时长的 0.9 分位数。",
    ),
    "s", "lower", "efficiency", Quantile(_waited_answered, _wait, 0.9), QUEUED, 50, (WAIT,),
    "average speed of answer, its quantile",
)  # fmt: skip


def answered_within(text: str, limit: float) -> Metric:
    """Return the service level: answered within the limit over all that queued."""
    shown = spell(limit)
    return Metric(
        f"answered_within({text})", f"{shown.zh}接通率", f"Service level: answered within {shown}",
        Text(
            f"Contacts answered after at most {shown} in the queue / all contacts answered from "
            f"the queue or abandoned in it whose {shown} have passed; tickets, whose wait is not "
            "known, are left out. Abandoned contacts stay in the denominator, however short they "
            "waited; other definitions leave out those abandoned within the limit.",
            f"排队不超过 {shown.zh}即接通的联络 / 排队后接通或放弃且已满 {shown.zh}的全部联络；"
            "等待时长未知的工单不计入。放弃的联络无论等待多短都留在分母中；"
            "有的口径会剔除在时限内放弃的联络。",
        ),
        "share", "higher", "efficiency",
        Share(
            (waited | abandoned) & (queued + limit < until),
            _waited_answered & (_wait <= limit), queue=True,
        ),
        QUEUED, 30, (WAIT,), "service level: served within the limit / arrived",
    )  # fmt: skip


ABANDON = Metric(
    "abandon", "放弃率", "Abandonment rate",
    Text(
        "Contacts abandoned in the queue / (answered + abandoned); contacts still waiting are left "
        "out.",
        "排队中放弃的联络 /（已接通 + 已放弃）；仍在排队的不计入。",
    ),
    "share", "lower", "efficiency", Share(abandoned | answered, abandoned, queue=True), QUEUED,
    30, ("wait_s|abandoned_s",), "abandonment ratio: lost / arrived",
)  # fmt: skip

RES_FULL = Metric(
    "res_full", "解决时长", "Full resolution time (mean)",
    Text(
        "Mean of last resolution − opening, over contacts whose resolution is stamped; contacts "
        "still open are left out, so a young cohort looks better than it is.",
        "最后一次解决时刻 − 创建时刻的均值，统计有解决时间戳的联络；未结的不计入，"
        "因此近期创建的一批会显得偏快。",
    ),
    "s", "lower", "efficiency", Mean(timed & stamped, _resolution), OPENED, 20, ("resolved_s",),
    "Zendesk native 'full resolution time', calendar time, by opening",
)  # fmt: skip


def _resolution_quantile(name: str, zh: str, en: str, p: float, min_n: int) -> Metric:
    return Metric(
        name, zh, en,
        Text(
            f"Quantile {p:g} of last resolution − opening. {_RUNNING.en}",
            f"最后一次解决时刻 − 创建时刻的 {p:g} 分位数。{_RUNNING.zh}",
        ),
        "s", "lower", "efficiency", Quantile(_known_or_open, _resolution_so_far, p, resolved),
        OPENED, min_n, ("resolved_s",), "Zendesk native 'full resolution time', by opening",
    )  # fmt: skip


RES_FULL_P50 = _resolution_quantile(
    "res_full_p50", "解决时长中位数", "Full resolution time (median)", 0.5, 20
)
RES_FULL_P90 = _resolution_quantile(
    "res_full_p90", "解决时长 P90", "Full resolution time (P90)", 0.9, 50
)


def res_within(text: str, limit: float) -> Metric:
    """Return the share of contacts resolved within a limit from opening."""
    shown = spell(limit)
    return Metric(
        f"res_within({text})", f"{shown.zh}内解决率", f"Resolved within {shown}",
        Text(
            f"Contacts resolved (for the last time) at most {shown} after opening / all contacts "
            f"not abandoned whose {shown} have passed; contacts still open are misses.",
            f"创建后 {shown.zh}内（最后一次）解决的联络 / 未放弃且创建已满 {shown.zh}的全部联络；"
            "未结的计为未达标。",
        ),
        "share", "higher", "efficiency",
        Share(kept & (opened + limit < until), resolved & (_resolution <= limit), queue=True),
        OPENED, 30, ("resolved_s",), "share of all whose limit has elapsed",
    )  # fmt: skip


CLOSE_IN_TIME = Metric(
    "close_in_time", "及时关闭率", "Closed in time",
    Text(
        "Contacts closed within their limit, as the desk's own clock says / contacts for which it "
        "says anything.",
        "按服务台自己的时限记录，在时限内关闭的联络 / 有此记录的联络。",
    ),
    "share", "higher", "efficiency",
    Share(_limit_known, _limit_known & (nw.col("in_time") == 1), queue=True),
    ("closed_s", "resolved_s", "opened_s"), 30, ("in_time",),
    "share of closed work orders within their limit",
)  # fmt: skip
