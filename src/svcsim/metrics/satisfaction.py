"""What customers say: CSAT and how many answer."""

from __future__ import annotations

import narwhals as nw

from svcsim.metrics.metric import Mean, Metric, Share, ShareLower
from svcsim.text import Text

SURVEYED = ("survey_s", "resolved_s")

_score = nw.col("csat")
_answer = ~_score.is_null()
_any_answer = _answer | ~nw.col("nps").is_null()
_sent = ~nw.col("survey_sent").is_null() & (nw.col("survey_sent") == 1)

CSAT_TOP2 = Metric(
    "csat_top2", "满意度 (4–5 星占比)", "CSAT, share of 4 and 5",
    Text(
        "Survey answers of 4 or 5 / survey answers; a 3 counts as not satisfied, no answer does "
        "not count. Dated by the answer, else by the resolution.",
        "评分为 4 或 5 的评价 / 全部评价；3 分视为不满意，未评价的不计入。"
        "按评价时间归入周期，没有则按解决时间。",
    ),
    "share", "higher", "satisfaction", Share(_answer, _answer & (_score >= 4)), SURVEYED, 30,
    ("csat",), "top-two-box satisfaction",
)  # fmt: skip
CSAT_MEAN = Metric(
    "csat_mean", "满意度均分", "CSAT, mean score",
    Text(
        "Mean survey answer on the 1-5 scale. Dated by the answer, else by the resolution.",
        "1–5 分评价的平均分。按评价时间归入周期，没有则按解决时间。",
    ),
    "score", "higher", "satisfaction", Mean(_answer, _score), SURVEYED, 30, ("csat",),
    "mean satisfaction score",
)  # fmt: skip
CSAT_RESPONSE = Metric(
    "csat_response", "参评率", "Survey response rate",
    Text(
        "Surveys answered, with stars or a recommendation / surveys sent. Dated by the resolution.",
        "收到的评价（星级或推荐意愿）/ 发出的评价邀请。按解决时间归入周期。",
    ),
    "share", "none", "satisfaction", Share(_sent, _sent & _any_answer), ("resolved_s", "survey_s"),
    30, ("survey_sent",), "answers over invitations",
)  # fmt: skip

CSAT_LB = Metric(
    "csat_lb", "满意度下限", "CSAT, what it is at least",
    Text(
        "Lower end of the 95 % Wilson interval of csat_top2: few answers give a low one.",
        "满意度（4–5 星占比）95% Wilson 区间的下限：评价越少，下限越低。",
    ),
    "share", "higher", "satisfaction", ShareLower(_answer, _answer & (_score >= 4)), SURVEYED, 1,
    ("csat",), "Wilson 1927",
)  # fmt: skip

_effort = nw.col("effort")
CES = Metric(
    "ces", "客户费力度", "Customer effort score",
    Text(
        "Mean answer to the question of effort on the 1-7 scale (7 = very hard). Dated by the "
        "answer, else by the resolution.",
        "1–7 分费力度评价的平均分（7 为非常费力）。按评价时间归入周期，没有则按解决时间。",
    ),
    "score", "lower", "satisfaction", Mean(~_effort.is_null(), _effort), SURVEYED, 30,
    ("effort",), "customer effort score",
)  # fmt: skip

_first, _recovered = nw.col("csat_first"), nw.col("recovered")
_bad = (~_first.is_null() & (_first <= 2)) | (_first.is_null() & _answer & (_score <= 2))
_followed_up = ~_recovered.is_null() | ~_first.is_null()
NEG_HANDLED = Metric(
    "neg_handled", "负面反馈处理率", "Bad ratings made good",
    Text(
        "Bad ratings (first answer of 1 or 2) that were followed up and made good, or after which "
        "the customer rated 4 or 5 / bad ratings of which that is known.",
        "已跟进挽回、或客户其后改评为 4–5 分的差评（首次评分 1–2）/ 该项已知的差评。",
    ),
    "share", "higher", "satisfaction",
    Share(
        _bad & _followed_up,
        (~_recovered.is_null() & (_recovered == 1)) | (_answer & (_score >= 4)),
    ),
    SURVEYED, 20, ("csat|csat_first", "recovered|csat_first"), "bad ratings answered and recovered",
)  # fmt: skip


def _attributed(name: str, zh: str, en: str, flag: str, what: Text) -> Metric:
    """Return the share of 4 and 5 with ratings laid at other doors than the last holder's."""
    among = _answer & (nw.col(flag) == 1)
    return Metric(
        name, zh, en,
        Text(
            f"Ratings of 4 or 5 / ratings, each counted for {what}. Without groups a rating counts "
            "as often as people are counted for it.",
            f"评分为 4 或 5 的评价 / 全部评价，每条评价计入{what.zh}。不分组时，计入几人就计几次。",
        ),
        "share", "higher", "satisfaction", Share(among, among & (_score >= 4)), SURVEYED, 30,
        ("csat", "work", "agent"), "attribution of satisfaction", table="work",
    )  # fmt: skip


CSAT_AT_RATING = _attributed(
    "csat_at_rating", "满意度（评价时经手人）", "CSAT of who had it at the rating", "at_rating",
    Text("who worked on the contact last before the rating", "评价前最后处理该联络的人"),
)  # fmt: skip
CSAT_TOUCHED = _attributed(
    "csat_touched", "满意度（评价前所有经手人）", "CSAT of all who touched it", "touched",
    Text("everybody who worked on the contact before the rating", "评价前处理过该联络的每个人"),
)  # fmt: skip
