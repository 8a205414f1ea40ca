"""What customers say: CSAT and how many answer."""

from __future__ import annotations

import narwhals as nw

from svcsim.metrics.metric import Mean, Metric, Share
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
