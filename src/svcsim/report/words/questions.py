"""What a baseline would be better for knowing, what stood in for it, who did not answer."""

from __future__ import annotations

from svcsim.text import Text

QUESTIONS: dict[str, Text] = {
    "questions_title": Text("What to ask next", "下一步该问什么"),
    "questions_intro": Text(
        "The answers that would improve this baseline most, the largest effect first.",
        "以下回答最能改进这份基线，影响大的在前。",
    ),
    "question": Text("Question", "问题"),
    "why_asked": Text("Why", "原因"),
    "would_change": Text("What is open without it", "没有它时的不确定性"),
    "how_answered": Text("How to answer", "如何回答"),
    "rungs_title": Text("What the history holds", "历史中有什么"),
    "ladder_intro": Text(
        "Where something is missing a stated fallback takes its place.",
        "缺失之处采用注明的替代办法。",
    ),
    "needed_head": Text("Needed", "所需数据"),
    "present_head": Text("There", "是否有"),
    "used_head": Text("What is used", "采用"),
    "effect_head": Text("Effect on outputs", "对结果的影响"),
    "satisfaction_title": Text("Satisfaction of those who did not answer", "未评价者的满意度"),
    "satisfaction_intro": Text(
        "{answers} of {contacts} resolved contacts were scored. Corrected for who answers "
        "({method}: wait, work, return, agent, channel, difficulty, category), as far as it is "
        "recorded; whether the satisfied answer more often for reasons that nobody recorded, no "
        "history can tell, so the last rows show what it would mean.",
        "{contacts} 个已解决联络中有 {answers} 份评价。已按记录到的因素（等待、工作量、重复来访、"
        "坐席、渠道、难度、类别）修正参评差异（{method}）；满意的客户是否因未记录的原因更愿意评价，"
        "任何历史数据都看不出，后几行给出其影响。",
    ),
    "satisfied_head": Text("Satisfied (4 or 5)", "满意（4–5 分）"),
    "nps_head": Text("NPS (points)", "NPS（分）"),
    "as_answered": Text("as answered", "仅参评者"),
    "of_everybody": Text("of all contacts", "全部联络"),
    "odds_row": Text(
        "of all, if the odds of those who did not answer are x {odds}",
        "全部联络，若未评价者的满意优势为 {odds} 倍",
    ),
    "assumption": Text("Assumption", "假定"),
}
