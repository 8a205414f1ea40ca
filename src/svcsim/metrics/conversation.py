"""What happened within a contact, message by message: replies, turns, notes.

Counts are columns of the log where an export holds them, else filled from the side table
`messages` (`contacts.attach`).
"""

from __future__ import annotations

import narwhals as nw

from svcsim.metrics.expressions import kept, opened, resolved
from svcsim.metrics.metric import Mean, Metric, RatioOfSums, Share
from svcsim.text import Text

OPENED, RESOLVED = ("opened_s",), ("resolved_s",)

_meaningful = nw.col("meaningful_s")
_replies, _follow_ups = nw.col("replies"), nw.col("customer_messages")
_commenters = nw.col("commenters")
_turns, _turn_wait = nw.col("turns"), nw.col("turn_wait_s")
_pending, _reopens = nw.col("pending_s"), nw.col("reopens")
_replies_known = resolved & ~_replies.is_null()
_never_reopened = _reopens.is_null() | (_reopens == 0)

FRT_MEANINGFUL = Metric(
    "frt_meaningful", "有效首答时间", "Meaningful first response (mean)",
    Text(
        "Mean of first reply by a person that moved the contact on (to pending, on hold or "
        "solved) − opening, over contacts that have one and were not abandoned. A reply that only "
        "says that somebody is on it does not count.",
        "首次推动工单（转为等待、挂起或解决）的人工回复时刻 − 创建时刻的均值，"
        "统计有此类回复且未放弃的联络；只说“处理中”的回复不算。",
    ),
    "s", "lower", "efficiency", Mean(kept & ~_meaningful.is_null(), _meaningful - opened), OPENED,
    20, ("meaningful_s",), "first reply that moves the ticket to pending, hold or solved",
)  # fmt: skip
RESPONSE_TURNS = Metric(
    "response_turns", "平均响应时间（每轮）", "Response time over every turn",
    Text(
        "Σ time from the first unanswered message of the customer to the next public reply of a "
        "person / turns of the customer that were answered; successive messages are one turn.",
        "各轮次中，客户首条未答消息到下一次人工公开回复的时长合计 / 已答复的客户轮次数；"
        "连续的客户消息算一轮。",
    ),
    "s", "lower", "efficiency",
    RatioOfSums(~_turns.is_null() & (_turns > 0), _turn_wait, _turns), OPENED, 20,
    ("turns", "turn_wait_s"), "next reply time of every turn (Zoho: response time, average)",
)  # fmt: skip
FCR_ONETOUCH = Metric(
    "fcr_onetouch", "一次解决率（有回复、未挂起、未重开）",
    "First contact resolution: one touch",
    Text(
        "Resolved contacts with at least one public reply that were never pending and never "
        "reopened / resolved contacts whose replies and pending time are known.",
        "有公开回复、从未挂起且从未重开的已解决联络 / 回复次数与挂起时长已知的已解决联络。",
    ),
    "share", "higher", "quality",
    Share(
        _replies_known & ~_pending.is_null(),
        _replies_known & (_replies > 0) & (_pending == 0) & _never_reopened,
    ),
    RESOLVED, 30, ("replies", "pending_s"), "rule A: Zendesk messaging, one-touch",
)  # fmt: skip
FCR_REPLY1 = Metric(
    "fcr_reply1", "一次解决率（仅一次回复）", "First contact resolution: one reply",
    Text(
        "Resolved contacts with exactly one public reply of a person / resolved contacts whose "
        "replies are known. Reopened contacts can count, and a customer who comes back is not "
        "seen.",
        "只有一次人工公开回复的已解决联络 / 回复次数已知的已解决联络。"
        "重开过的可能计入，客户再次联络则看不到。",
    ),
    "share", "higher", "quality", Share(_replies_known, resolved & (_replies == 1)), RESOLVED, 30,
    ("replies",), "rule B: dbt_zendesk, one public agent comment",
)  # fmt: skip
_closed = _replies_known & ~nw.col("closed_s").is_null()
FCR_CLOSED_REPLY1 = Metric(
    "fcr_closed_reply1", "一次解决率（已关闭且仅一次回复）",
    "First contact resolution: closed after one reply",
    Text(
        "Closed contacts with exactly one public reply of a person / resolved and closed contacts "
        "whose replies are known. Resolved ones that are not closed yet do not count.",
        "已关闭且只有一次人工公开回复的联络 / 回复次数已知的已解决并关闭的联络；尚未关闭的不计入。",
    ),
    "share", "higher", "quality", Share(_closed, _closed & (_replies == 1)), RESOLVED, 30,
    ("replies", "closed_s"), "rule C: Zoho Desk, closed with one public response",
)  # fmt: skip
_follow_ups_known = resolved & ~_follow_ups.is_null()
FCR_NO_CUSTOMER = Metric(
    "fcr_no_customer", "一次解决率（客户无追加消息）",
    "First contact resolution: nothing more from the customer",
    Text(
        "Resolved contacts without any message of the customer after the first one, however often "
        "agents replied / resolved contacts whose messages are known.",
        "首条之后客户再无消息的已解决联络（坐席回复次数不限）/ 消息数已知的已解决联络。",
    ),
    "share", "higher", "quality",
    Share(_follow_ups_known, _follow_ups_known & (_follow_ups == 0)), RESOLVED, 30,
    ("customer_messages",), "rule D: Freshservice, no customer interaction after the description",
)  # fmt: skip
COMMENTERS = Metric(
    "handoff", "内部参与人数", "Colleagues involved",
    Text(
        "Mean number of different colleagues who wrote internal notes, over resolved contacts "
        "where that is known.",
        "写过内部备注的不同同事人数的均值，统计该项已知的已解决联络。",
    ),
    "count", "none", "quality", Mean(resolved & ~_commenters.is_null(), _commenters), RESOLVED, 20,
    ("commenters",), "distinct internal commenters (dbt_zendesk)",
)  # fmt: skip
