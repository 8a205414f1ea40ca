"""The same words, other rules: definitions that sources use beside those of the catalogue.

They are measured when they are asked for, and side by side with `svcsim measure --variants`
(`metrics.variants` says which belong together and how they differ).
"""

from __future__ import annotations

import narwhals as nw

from svcsim.metrics.expressions import (
    abandoned,
    answered,
    kept,
    opened,
    openings_until,
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
from svcsim.metrics.metric import Count, Mean, Metric, Share
from svcsim.metrics.resolution import first_without_return
from svcsim.text import Text

OPENED, QUEUED, RESOLVED = ("opened_s",), ("queued_s",), ("resolved_s",)

_response = nw.col("first_response_s") - opened
_open_response = nw.col("open_response_s")
_wait = nw.col("wait_s")
_lost, _served, _queued = abandoned & waited, answered & waited, abandoned | waited
_handlings, _pending = nw.col("handlings"), nw.col("pending_s")
_reopens, _transfers = nw.col("reopens"), nw.col("transfers")
_never_reopened = _reopens.is_null() | (_reopens == 0)
_rated = ~nw.col("csat").is_null()
_score = nw.col("csat")


FRT_OPEN = Metric(
    "frt_open", "首次响应时间（营业时间）", "First response time in business hours (mean)",
    Text(
        "Mean seconds of business hours between opening and the first response by a person, over "
        "contacts that have one and were not abandoned; opened while closed, the clock starts when "
        "the desk opens.",
        "创建到首次人工响应之间的营业时间秒数的均值，统计有首次响应且未放弃的联络；"
        "非营业时间创建的，自开门起计。",
    ),
    "s", "lower", "efficiency", Mean(kept & responded, _open_response), OPENED, 20,
    ("first_response_s", "hours"), "first reply time in business minutes",
)  # fmt: skip


def frt_within_open(text: str, limit: float) -> Metric:
    """Return the share of contacts answered by a person within a limit of business hours."""
    shown = spell(limit)
    return Metric(
        f"frt_within_open({text})", f"{shown.zh}首响达标率（营业时间）",
        f"First response within {shown} of business hours",
        Text(
            f"Contacts with a first response at most {shown} of business hours after opening / all "
            f"contacts since whose opening the desk has been open for more than {shown}; "
            "unanswered and abandoned contacts are misses.",
            f"创建后 {shown.zh}营业时间内得到首次人工响应的联络 / "
            f"创建以来营业时间已超过 {shown.zh}的全部联络；未响应和已放弃的均计为未达标。",
        ),
        "share", "higher", "efficiency",
        Share(nw.col("open_age_s") > limit, responded & (_open_response <= limit), queue=True),
        OPENED, 30, ("first_response_s", "hours"), "share of all whose limit has elapsed, business",
    )  # fmt: skip


RES_OPEN = Metric(
    "res_open", "解决时长（营业时间）", "Full resolution time in business hours",
    Text(
        "Mean seconds of business hours between opening and the last resolution, over contacts "
        "whose resolution is stamped.",
        "创建到最后一次解决之间的营业时间秒数的均值，统计有解决时间戳的联络。",
    ),
    "s", "lower", "efficiency", Mean(timed & stamped, nw.col("open_resolution_s")), OPENED, 20,
    ("resolved_s", "hours"), "full resolution time in business minutes",
)  # fmt: skip


def frt_within_answered(text: str, limit: float) -> Metric:
    """Return the share of answered contacts whose first response came within a limit."""
    shown = spell(limit)
    return Metric(
        f"frt_within_answered({text})", f"{shown.zh}首响达标率（仅已响应）",
        f"First response within {shown}, of the answered",
        Text(
            f"Contacts with a first response at most {shown} after opening / contacts with a first "
            "response. Contacts that nobody answered are left out: ignoring the late ones helps.",
            f"创建后 {shown.zh}内得到首次人工响应的联络 / 有首次人工响应的联络。"
            "无人响应的不计入，因此不理会超时的反而有利。",
        ),
        "share", "higher", "efficiency",
        Share(kept & responded, responded & (_response <= limit), queue=True), OPENED, 30,
        ("first_response_s",), "share of replied tickets",
    )  # fmt: skip


def frt_within_created(text: str, limit: float) -> Metric:
    """Return the share of all contacts whose first response came within a limit."""
    shown = spell(limit)
    return Metric(
        f"frt_within_created({text})", f"{shown.zh}首响达标率（全部创建）",
        f"First response within {shown}, of all opened",
        Text(
            f"Contacts with a first response at most {shown} after opening / all contacts opened. "
            "Contacts opened just before the end of knowledge count as misses.",
            f"创建后 {shown.zh}内得到首次人工响应的联络 / 全部创建的联络。"
            "数据截止前刚创建的联络计为未达标。",
        ),
        "share", "higher", "efficiency",
        Share(~opened.is_null(), responded & (_response <= limit), queue=True), OPENED, 30,
        ("first_response_s",), "share of all created tickets",
    )  # fmt: skip


def answered_within_served(text: str, limit: float) -> Metric:
    """Return the share of answered contacts that waited at most a limit."""
    shown = spell(limit)
    return Metric(
        f"answered_within_served({text})", f"{shown.zh}接通率（仅已接通）",
        f"Service level within {shown}, of the answered",
        Text(
            f"Contacts answered after at most {shown} in the queue / contacts answered. Abandoned "
            "ones are left out.",
            f"排队不超过 {shown.zh}即接通的联络 / 已接通的联络。已放弃的不计入。",
        ),
        "share", "higher", "efficiency",
        Share(answered & waited, answered & waited & (_wait <= limit), queue=True), QUEUED, 30,
        ("wait_s",), "served within the limit / served",
    )  # fmt: skip


def answered_within_excused(text: str, limit: float) -> Metric:
    """Return the service level that leaves out those abandoned within the limit."""
    shown = spell(limit)
    quick = _lost & (_wait <= limit)
    return Metric(
        f"answered_within_excused({text})", f"{shown.zh}接通率（剔除短时放弃）",
        f"Service level within {shown}, without quick abandonment",
        Text(
            f"Contacts answered after at most {shown} in the queue / contacts answered from the "
            f"queue or abandoned in it whose {shown} have passed, without those abandoned within "
            f"{shown}.",
            f"排队不超过 {shown.zh}即接通的联络 / 排队后接通或放弃且已满 {shown.zh}的联络，"
            f"其中 {shown.zh}内放弃的不计入。",
        ),
        "share", "higher", "efficiency",
        Share(
            _queued & (queued + limit < until) & ~quick, _served & (_wait <= limit), queue=True
        ),
        QUEUED, 30, ("wait_s",), "E[S(s)] / E[A − L(s)]",
    )  # fmt: skip


def answered_within_credited(text: str, limit: float) -> Metric:
    """Return the service level that counts those abandoned within the limit as met."""
    shown = spell(limit)
    return Metric(
        f"answered_within_credited({text})", f"{shown.zh}接通率（短时放弃计为达标）",
        f"Service level within {shown}, quick abandonment counts as met",
        Text(
            f"Contacts answered or abandoned after at most {shown} in the queue / contacts "
            f"answered from the queue or abandoned in it whose {shown} have passed.",
            f"排队不超过 {shown.zh}即接通或放弃的联络 / 排队后接通或放弃且已满 {shown.zh}的联络。",
        ),
        "share", "higher", "efficiency",
        Share(_queued & (queued + limit < until), (_served | _lost) & (_wait <= limit), queue=True),
        QUEUED, 30, ("wait_s",), "E[S(s) + L(s)] / E[A]",
    )  # fmt: skip


FCR_ONE_HANDLING = Metric(
    "fcr_one_handling", "一次解决率（一次处理）", "First contact resolution: one handling",
    Text(
        "Resolved contacts that were taken up exactly once / resolved contacts whose handlings are "
        "known. Reopened contacts can count, and a customer who comes back is not seen.",
        "只处理过一次的已解决联络 / 处理次数已知的已解决联络。"
        "重开过的可能计入，客户再次联络则看不到。",
    ),
    "share", "higher", "quality",
    Share(resolved & ~_handlings.is_null(), resolved & (_handlings == 1)), RESOLVED, 30,
    ("handlings",), "one public agent reply (Zoho; dbt_zendesk)",
)  # fmt: skip
FCR_NEVER_WAITED = Metric(
    "fcr_never_waited", "一次解决率（未挂起、未重开）", "First contact resolution: never pending",
    Text(
        "Resolved contacts that an agent handled, that were never pending and never reopened / "
        "resolved contacts whose pending time is known.",
        "有坐席处理、从未挂起且从未重开的已解决联络 / 挂起时长已知的已解决联络。",
    ),
    "share", "higher", "quality",
    Share(
        resolved & ~_pending.is_null(),
        resolved & (_pending == 0) & _never_reopened & (_handlings.is_null() | (_handlings > 0)),
    ),
    RESOLVED, 30, ("pending_s",), "one-touch of messaging (Zendesk)",
)  # fmt: skip


def fcr_net(text: str, window: float) -> Metric:
    """Return first contact resolution without the contacts that changed hands."""
    shown = spell(window)
    return Metric(
        f"fcr_net({text})", f"{shown.zh}一次解决率（净，剔除转派）",
        f"First contact resolution, net of transfers, {shown}",
        Text(
            f"As fcr_window({text}), over first contacts that never changed hands: what the first "
            "line may not resolve by itself is left out.",
            f"同 fcr_window({text})，但只统计从未转派的首次联络：一线无权解决的不计入。",
        ),
        "share", "higher", "quality",
        Share(
            (nw.col("contact_no") == 1) & timed & (resolved_at + window < openings_until)
            & ~_transfers.is_null() & (_transfers == 0),
            first_without_return(window),
        ),
        RESOLVED, 30, ("resolved_s", "case_id", "transfers"), "net FCR (Medallia)",
    )  # fmt: skip


CSAT_GOOD = Metric(
    "csat_good", "好评率（3 分不计）", "CSAT, good of good and bad",
    Text(
        "Answers of 4 and 5 / answers of 4, 5, 1 and 2: a 3 is neither good nor bad. Dated by the "
        "answer, else by the resolution.",
        "4–5 分的评价 / 4–5 分与 1–2 分的评价之和：3 分不好不坏，不计入。"
        "按评价时间归入周期，没有则按解决时间。",
    ),
    "share", "higher", "satisfaction", Share(_rated & (_score != 3), _rated & (_score >= 4)),
    ("survey_s", "resolved_s"), 30, ("csat",), "good / (good + bad)",
)  # fmt: skip
CSAT_NOT_BAD = Metric(
    "csat_not_bad", "非差评率", "CSAT, share of 3 and above",
    Text(
        "Answers of 3, 4 and 5 / all answers: only 1 and 2 are bad. Dated by the answer, else by "
        "the resolution.",
        "3–5 分的评价 / 全部评价：仅 1–2 分为差评。按评价时间归入周期，没有则按解决时间。",
    ),
    "share", "higher", "satisfaction", Share(_rated, _rated & (_score >= 3)),
    ("survey_s", "resolved_s"), 30, ("csat",), "1 - bad / rated",
)  # fmt: skip
RESPONDED = Metric(
    "volume_answered", "首响工单量", "Volume by first response",
    Text(
        "Contacts with a first response, counted in the period of that response.",
        "有首次人工响应的联络，按响应时间归入周期。",
    ),
    "count", "none", "workload", Count(responded), ("first_response_s",), 1, ("first_response_s",),
    "cohort of first responses",
)  # fmt: skip
RATED = Metric(
    "volume_rated", "评价量", "Volume by survey answer",
    Text(
        "Contacts with a satisfaction answer, counted in the period of that answer, whenever they "
        "were opened or resolved.",
        "有满意度评价的联络，按评价时间归入周期，不论何时创建或解决。",
    ),
    "count", "none", "workload", Count(_rated & ~nw.col("survey_s").is_null()), ("survey_s",), 1,
    ("csat", "survey_s"), "cohort of survey answers",
)  # fmt: skip
SOLVED = Metric(
    "volume_resolved", "解决工单量", "Volume by resolution",
    Text(
        "Contacts resolved at a known time, counted in the period of the (last) resolution, "
        "whenever they were opened.",
        "解决时间已知的联络，按（最后一次）解决时间归入周期，不论何时创建。",
    ),
    "count", "none", "workload", Count(timed), RESOLVED, 1, ("resolved_s",),
    "cohort of resolutions",
)  # fmt: skip
RES_BY_RESOLUTION = Metric(
    "res_full_resolved", "解决时长（按解决日）", "Full resolution time, by resolution",
    Text(
        "Mean of last resolution − opening over contacts resolved in the period, whenever they "
        "were opened: a period that works off old tickets looks slow.",
        "周期内解决的联络，最后一次解决时刻 − 创建时刻的均值，不论何时创建："
        "集中清理积压的周期会显得偏慢。",
    ),
    "s", "lower", "efficiency", Mean(timed & stamped, resolved_at - opened), RESOLVED, 20,
    ("resolved_s",), "Freshdesk: irrespective of when created",
)  # fmt: skip


def excess_wait(text: str, limit: float) -> Metric:
    """Return how far customers wait beyond a limit."""
    shown = spell(limit)
    return Metric(
        f"excess_wait({text})", f"超出 {shown.zh}的等待", f"Wait beyond {shown}",
        Text(
            f"Mean of max(0, time in the queue − {shown}) over contacts answered from the queue or "
            "abandoned in it.",
            f"排队时长超出 {shown.zh}部分的均值（未超出的为 0），统计排队后接通或放弃的联络。",
        ),
        "s", "lower", "efficiency",
        Mean(_queued, nw.when(_wait > limit).then(_wait - limit).otherwise(0.0)), QUEUED, 30,
        ("wait_s",), "E[(W − s)+] / E[A]",
    )  # fmt: skip


_hour = nw.col("opened_hour")


def reply_daytime(text: str, limit: float) -> Metric:
    """Return the share of contacts of the day that a person answered within a limit."""
    shown = spell(limit)
    return Metric(
        f"reply_daytime({text})", f"{shown.zh}回复率（8–23 点）",
        f"Replied within {shown}, 8 to 23 o'clock",
        Text(
            f"Contacts with a first response by a person at most {shown} after opening / all "
            f"contacts opened between 8:00 and 23:00 local time whose {shown} have passed.",
            f"创建后 {shown.zh}内得到首次人工响应的联络 / "
            f"当地时间 8:00 至 23:00 创建且已满 {shown.zh}的全部联络。",
        ),
        "share", "higher", "efficiency",
        Share(
            (_hour >= 8) & (_hour < 23) & (opened + limit < until),
            responded & (_response <= limit), queue=True,
        ),
        OPENED, 30, ("first_response_s",), "three-minute reply rate of a video platform's shops",
    )  # fmt: skip
