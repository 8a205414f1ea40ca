"""The page of a period's scores."""

from __future__ import annotations

from svcsim.text import Text

SCORES: dict[str, Text] = {
    "title_scores": Text("Scores: {name}", "绩效得分：{name}"),
    "subtitle_scores": Text(
        "{period} ({span}, last day not included); log: {log}. All intervals are {level}.",
        "{period}（{span}，末日不含）；记录：{log}。区间均为 {level}。",
    ),
    "banner_card": Text(
        "Exploratory card: scores for discussion, not for appraisal or pay.",
        "考核表仅供探索：分数只供讨论，不可用于考核或奖金。",
    ),
    "banner_card_why": Text(
        "Its targets come from a proposal that is not fit for use yet.",
        "其目标来自尚不可用的建议。",
    ),
    "desk_score": Text("Score of the desk", "服务台得分"),
    "interval_note": Text("{level} interval {range}", "{level} 区间 {range}"),
    "contacts": Text("Contacts", "服务量"),
    "score_reliability": Text("Reliability of agents' scores", "个人得分的信度"),
    "reliability_note": Text("0 = all luck, 1 = all difference", "0 = 全是运气，1 = 全是差别"),
    "p_on_target": Text("true score on target: {p}", "真实得分达标概率 {p}"),
    "findings_title": Text("About these scores", "计分说明"),
    "scores_title": Text("Scores with their intervals", "得分与区间"),
    "axis_score": Text("score", "得分"),
    "alt_scores": Text("Scores with their intervals", "得分及其区间"),
    "scores_note": Text(
        "Bars are intervals: luck alone moves a score that far. Units whose rank intervals "
        "overlap cannot be ranked against each other.",
        "横条是区间：只凭运气，得分也会有这样大的出入。名次区间重叠的人分不出先后。",
    ),
    "kind_desk": Text("Desk", "全台"),
    "kind_team": Text("Team", "班组"),
    "kind_agent": Text("Agent", "坐席"),
    "scores_teams_title": Text("Teams", "班组得分"),
    "scores_agents_title": Text("Agents", "坐席得分"),
    "card_title": Text("What was asked", "考核了什么"),
    "scope": Text("Asked of", "对象"),
    "scope_both": Text("everybody", "全体"),
    "scope_team": Text("the team only", "仅团队"),
    "scope_agent": Text("agents", "个人"),
    "per_agent": Text("n per agent", "人均样本"),
    "min_n": Text("needs {n}", "至少 {n}"),
    "remark": Text("Remark", "说明"),
    "unit_title": Text("Unit", "对象"),
    "score": Text("Score", "得分"),
    "p_target_short": Text("P(true score on target)", "真实得分达标概率"),
    "group": Text("Band", "档位"),
    "rank": Text("Rank interval", "名次区间"),
    "rank_note": Text("rank {range}", "名次 {range}"),
    "weight_scored": Text("Weight scored", "有数据的权重"),
    "flags": Text("Flags", "提示"),
    "flags_title": Text("To look into", "需要核实"),
    "flags_intro": Text(
        "Every flag is a reason to look, never a verdict.",
        "每条提示都是核实的理由，不是结论。",
    ),
    "who": Text("Who", "涉及"),
    "for_instance": Text("e.g. {text}", "例如 {text}"),
    "detail_title": Text("KPI by KPI", "逐项明细"),
    "detail_intro": Text(
        "Adjusted: with the desk's mix of contacts. Used: after shrinking to the mean as far "
        "as the value is noise; points are given for it.",
        "“按难度调整”：若处理的是全台平均的来访构成。“计分所用”：再按信度向均值收缩之后。",
    ),
    "score_raw": Text("As measured", "未调整得分"),
    "expected_note": Text("others, same kinds: {value}", "同类工单他人 {value}"),
    "points": Text("Points", "得分点"),
    "adjusted": Text("Adjusted", "按难度调整"),
    "used": Text("Used", "计分所用"),
    "status": Text("Status", "状态"),
    "total": Text("Total", "总计"),
    "total_note": Text(
        "score {score}, bonus {bonus}, penalty {penalty}",
        "得分 {score}，加分 {bonus}，扣分 {penalty}",
    ),
    "bonus": Text("Bonus", "加分"),
    "penalty": Text("Penalty", "扣分"),
    "bonus_item": Text("Item", "项目"),
    "bonus_count": Text("Counted", "计数"),
    "bonus_title": Text("Bonus and penalty items", "加扣分项目"),
    "capped": Text("cut to its cap", "已达上限"),
    "beside_title": Text("Beside the score: bonus, penalty, gates", "得分之外：加分、扣分与红线"),
    "beside_intro": Text(
        "Total = score + bonus − penalty, not below 0; a missed gate caps it. Desk and teams have "
        "the mean of their agents. ",
        "总计 = 得分 + 加分 − 扣分，不低于 0；触及红线时封顶。全台与班组取所属坐席的均值。",
    ),
    "beside_apart": Text(
        "Bonus and penalty do not enter ranks and bands.", "加扣分不影响名次与档位。"
    ),
    "beside_counted": Text(
        "On this card bonus and penalty enter ranks and bands.", "本表的加扣分计入名次与档位。"
    ),
    "gate_kpi": Text("Gate", "红线"),
    "gate_cap": Text("Most points", "总分上限"),
    "gates_title": Text(
        "Gates: of the desk, and of whoever missed one or cannot be judged",
        "红线：全台，以及触及红线或尚无法判定者",
    ),
    "p_failed": Text("P(true level misses it)", "真实水平未达标概率"),
    "baseline_from": Text("baseline {value}", "基线 {value}"),
}
