"""What people give beyond their contacts: knowledge, warnings, suggestions, learning."""

from __future__ import annotations

import narwhals as nw

from svcsim.metrics.expressions import resolved, spell
from svcsim.metrics.metric import (
    Across,
    BeforeAfter,
    Count,
    Mean,
    Metric,
    Part,
    Share,
    Slope,
    Sum,
)
from svcsim.text import Text

TIME = ("time_s",)

_action = nw.col("action")


def _articles(name: str, zh: str, en: str, action: str, what: Text) -> Metric:
    return Metric(
        name, zh, en,
        Text(f"Entries of the table 'knowledge': {what}.", f"知识库记录中{what.zh}的次数。"),
        "count", "higher", "contribution", Count(_action == action), TIME, 1, ("knowledge",),
        "knowledge base log", table="knowledge",
    )  # fmt: skip


KB_NEW = _articles(
    "kb_new", "知识库新增", "Knowledge articles written", "new",
    Text("articles written", "新建文章"),
)  # fmt: skip
KB_UPDATE = _articles(
    "kb_upd", "知识库更新", "Knowledge articles updated", "update",
    Text("articles updated", "更新文章"),
)  # fmt: skip
KB_CITE = _articles(
    "kb_cite", "知识库引用", "Knowledge articles cited", "cite",
    Text("articles cited in contacts", "在联络中引用文章"),
)  # fmt: skip


KB_RATE = Metric(
    "kb_rate", "知识库贡献率", "Knowledge articles per 100 contacts",
    Text(
        "100 × articles written or updated (table 'knowledge') / contacts resolved in the same "
        "time: who wrote none has 0, and part-time and full-time compare.",
        "100 × 新建或更新的文章数（取自“knowledge”表）/ 同期解决的联络数："
        "没有贡献者为 0，兼职与全职可比。",
    ),
    "count", "higher", "contribution",
    Across(
        Part((_action == "new") | (_action == "update"), None, TIME, "knowledge"),
        Part(resolved, None, ("resolved_s", "closed_s")),
        per=100.0,
    ),
    TIME, 30, ("knowledge", "resolved_s"), "knowledge contribution as a rate",
)  # fmt: skip


def kb_effect(text: str, window: float) -> Metric:
    """Return what articles did to the volume of their category."""
    shown = spell(window)
    return Metric(
        f"kb_effect({text})", f"知识库效果（前后 {shown.zh}）",
        f"Effect of articles on their category ({shown})",
        Text(
            "Change of the number of contacts of an article's category from the "
            f"{shown} before it was written or updated to the {shown} after, beside that of all "
            "other categories over the same days (pooled ratio of Mantel and Haenszel − 1). "
            "An article within two such spans of the one before in its category adds nothing. "
            "Articles are often written at a peak that would have passed by itself: negative is "
            "not proof.",
            f"文章新建或更新前后各 {shown.zh}，其事由的联络数变化，与同期其他事由相比"
            "（Mantel–Haenszel 合并比 − 1）。同一事由内与前一篇相隔不足两个窗口的文章不重复计算。"
            "文章常写于高峰期，高峰本会自行回落：负值并非证明。",
        ),
        "share", "lower", "contribution", BeforeAfter(window), TIME, 5, ("knowledge", "category"),
        "interrupted series with the other categories as control", table="knowledge",
    )  # fmt: skip


PROACTIVE = Metric(
    "proactive", "主动预警次数", "Proactive alerts",
    Text(
        "Alerts to customers that were confirmed: the trouble was real.",
        "经确认属实的主动预警次数。",
    ),
    "count", "higher", "contribution", Count(nw.col("confirmed") == 1), TIME, 1, ("alerts",),
    "confirmed proactive alerts", table="alerts",
)  # fmt: skip

_since, _score = nw.col("since_alert_s"), nw.col("csat")


def csat_after_alert(text: str, window: float) -> Metric:
    """Return the satisfaction of customers who had been warned."""
    shown = spell(window)
    rated = ~_score.is_null() & ~_since.is_null() & (_since <= window)
    return Metric(
        f"csat_after_alert({text})", f"预警后 {shown.zh}内满意度",
        f"CSAT of customers alerted within {shown} before",
        Text(
            "Survey answers of 4 or 5 / survey answers, over contacts whose customer had a "
            f"confirmed proactive alert at most {shown} before. Compare with csat_top2 of the same "
            "customers: those who are warned differ from those who are not.",
            f"创建前 {shown.zh}内收到过属实主动预警的客户，其评分为 4 或 5 的评价 / 全部评价。"
            "请与同一批客户的满意度对照：被预警的客户本就不同。",
        ),
        "share", "higher", "outcome", Share(rated, rated & (_score >= 4)),
        ("survey_s", "resolved_s"), 30, ("alerts", "csat", "customer"),
        "alerts and the satisfaction that follows",
    )  # fmt: skip


SUGGESTIONS = Metric(
    "suggestions", "流程优化建议", "Suggestions accepted",
    Text("Suggestions that were accepted.", "被采纳的流程优化建议数。"),
    "count", "higher", "contribution", Count(nw.col("accepted") == 1), TIME, 1, ("suggestions",),
    "accepted suggestions", table="suggestions",
)  # fmt: skip

_hours, _test = nw.col("hours"), nw.col("score")
TRAINING_HOURS = Metric(
    "training_hours", "培训课时", "Hours of training",
    Text("Σ hours of training that ended in the period.", "周期内结束的培训课时合计。"),
    "count", "higher", "contribution", Sum(~_hours.is_null(), _hours), TIME, 1, ("training",),
    "training log", table="training",
)  # fmt: skip
SKILL_SCORE = Metric(
    "skill_score", "技能测试均分", "Skill tests, mean score",
    Text(
        "Mean result of tests (0-100) over the entries of the table 'training' that have one.",
        "培训记录中有测试成绩者的平均得分（0–100）。",
    ),
    "points", "higher", "quality", Mean(~_test.is_null(), _test), TIME, 3, ("training",),
    "skill tests", table="training",
)  # fmt: skip
GROWTH = Metric(
    "growth", "个人成长", "Growth of skill",
    Text(
        "Least-squares slope of the results of skill tests over time, in points per 30 days, each "
        "agent about the own mean: of a team it is the growth of its people, not the difference "
        "between them. It needs three tests of one agent on different days.",
        "技能测试成绩随时间的最小二乘斜率，单位为分 / 30 天，各坐席以自身均值为准："
        "班组的数值反映成员的成长，而非成员之间的差别。至少需要同一坐席在不同日期的三次测试。",
    ),
    "points", "higher", "contribution", Slope(~_test.is_null(), _test, within="agent"),
    TIME, 3, ("training",),
    "slope of skill tests", table="training",
)  # fmt: skip
