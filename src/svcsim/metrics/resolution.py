"""Solved at once and for good: first contact resolution, repeats, reopens, transfers."""

from __future__ import annotations

import narwhals as nw

from svcsim.metrics.expressions import (
    kept,
    opened,
    openings_until,
    resolved,
    resolved_at,
    spell,
    stamped,
    timed,
    until,
)
from svcsim.metrics.metric import Mean, Metric, Share
from svcsim.text import Text

RESOLVED = ("resolved_s",)

_reopens = nw.col("reopens")
_reopens_known = ~_reopens.is_null()
_not_reopened = _reopens.is_null() | (_reopens == 0)
_gap = nw.col("next_contact_gap_s")
_has_next = ~_gap.is_null()
_first = nw.col("contact_no") == 1
_was_resolved = resolved | ~nw.col("first_resolved_s").is_null()
_transfers = nw.col("transfers")
_transfers_known = resolved & ~_transfers.is_null()
_no_transfer = ~_transfers.is_null() & (_transfers == 0)


def first_without_return(window: float) -> nw.Expr:
    """Return which contacts were never reopened and not followed by another within a window."""
    return _not_reopened & ~(_has_next & (_gap <= window))


def fcr_window(text: str, window: float) -> Metric:
    """Return first contact resolution judged by a repeat window."""
    shown = spell(window)
    return Metric(
        f"fcr_window({text})", f"{shown.zh}一次解决率",
        f"First contact resolution, no repeat within {shown}",
        Text(
            "First contacts that were resolved, never reopened and not followed by a contact of "
            f"the same case within {shown} of the resolution / resolved first contacts whose "
            f"{shown} have passed.",
            f"已解决、从未重开、且解决后 {shown.zh}内同一个案没有再次联络的首次联络 / "
            f"解决已满 {shown.zh}的首次联络。",
        ),
        "share", "higher", "quality",
        Share(
            _first & timed & (resolved_at + window < openings_until),
            first_without_return(window),
        ),
        RESOLVED, 30, ("resolved_s", "case_id"), "repeat-window rule of first contact resolution",
    )  # fmt: skip


def fcr_fast(text: str, limit: float) -> Metric:
    """Return the share solved at once: no transfer, no reopen, within a limit."""
    shown = spell(limit)
    return Metric(
        f"fcr_fast({text})", f"{shown.zh}内一次解决率",
        f"Solved at once: no transfer, no reopen, within {shown}",
        Text(
            f"Contacts resolved at most {shown} after opening without transfer and without reopen "
            f"/ all contacts not abandoned whose {shown} have passed; contacts still open, or "
            "resolved at an unstamped time, are misses.",
            f"创建后 {shown.zh}内解决、无转派、无重开的联络 / "
            f"未放弃且创建已满 {shown.zh}的全部联络；未结的，或解决时刻没有时间戳的，计为未达标。",
        ),
        "share", "higher", "quality",
        Share(
            kept & (opened + limit < until),
            resolved & stamped & (resolved_at - opened <= limit) & _no_transfer & _not_reopened,
        ),
        ("opened_s",), 30, ("resolved_s", "transfers"), "one-touch rule where replies are unknown",
    )  # fmt: skip


def repeat(text: str, window: float) -> Metric:
    """Return the share of resolved contacts followed by another of the same case."""
    shown = spell(window)
    return Metric(
        f"repeat({text})", f"{shown.zh}重复咨询率", f"Repeat contact within {shown}",
        Text(
            f"Resolved contacts followed by another contact of the same case within {shown} of the "
            f"resolution / resolved contacts whose {shown} have passed.",
            f"解决后 {shown.zh}内同一个案再次联络的已解决联络 / 解决已满 {shown.zh}的已解决联络。",
        ),
        "share", "lower", "quality",
        Share(timed & (resolved_at + window < openings_until), _has_next & (_gap <= window)),
        RESOLVED, 30, ("resolved_s", "case_id"), "repeat contacts within a window",
    )  # fmt: skip


REOPEN = Metric(
    "reopen", "重开率", "Reopen rate",
    Text(
        "Contacts reopened at least once after a resolution / contacts that were ever resolved.",
        "解决后至少重开过一次的联络 / 曾经解决过的联络。",
    ),
    "share", "lower", "quality",
    Share(_was_resolved & _reopens_known, _reopens_known & (_reopens > 0)),
    ("first_resolved_s", "resolved_s"), 30, ("reopens",), "Zendesk 'reopens'",
)  # fmt: skip
TRANSFERS = Metric(
    "transfers", "平均转派次数", "Transfers per contact",
    Text(
        "Mean number of changes of hands over resolved contacts.",
        "已解决联络更换经手人次数的均值。",
    ),
    "count", "lower", "quality", Mean(_transfers_known, _transfers), RESOLVED, 20,
    ("transfers",), "reassignments per ticket",
)  # fmt: skip
NO_TRANSFER = Metric(
    "no_transfer", "无转派率", "Resolved without transfer",
    Text(
        "Resolved contacts that never changed hands / resolved contacts whose transfers are known.",
        "从未更换经手人的已解决联络 / 转派次数已知的已解决联络。",
    ),
    "share", "higher", "quality", Share(_transfers_known, _no_transfer), RESOLVED, 30,
    ("transfers",), "reassignments per ticket",
)  # fmt: skip
