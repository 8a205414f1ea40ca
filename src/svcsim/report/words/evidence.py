"""Behind a proposal: KPIs, levers, staffing, cards, warnings."""

from __future__ import annotations

from svcsim.text import Text

EVIDENCE: dict[str, Text] = {
    # agents in a proposal
    "people_title": Text("What stage 1 means for one person", "第一阶段目标对个人意味着什么"),
    "people_intro": Text(
        "In every simulated period each agent has a value from the agent's own contacts and survey "
        "answers; the chance of small numbers, and how little is known of a person, are in it. "
        "Chances are of the desk as it is.",
        "每个模拟周期中，按各坐席自己的服务量和评价数计算其指标值；个人的偶然性和对个人了解的不足都已计入。"
        "以下为维持现状时的达成概率。",
    ),
    "n_own": Text("n per agent", "每人每期样本"),
    "p_range": Text("Chances of agents", "个人达成概率"),
    "median_p": Text("median {p}", "中位 {p}"),
    "who_explains": Text("Explained by who it is", "取决于个人的部分"),
    "luck": Text(
        "luck for one person: not a personal target", "对个人而言主要是运气：不宜作个人目标"
    ),
    "no_luck": Text("agents can be told apart", "个人差异可见"),
    "people_caption": Text("Each agent's chance to meet stage 1", "各坐席达成第一阶段目标的概率"),
    "people_note": Text(
        "By name, not by rank. Under each chance its 90% interval and, after the arrow, the chance "
        "after the change. Shares and means are put at the desk's mix of contacts where "
        "categories are known, as in scores.",
        "按姓名排列，不是排名。概率下方是 90% 区间，箭头之后是变更后的概率。"
        "有工单类别的比率和均值已换算为全台工单构成，与计分一致。",
    ),
    "kpis_title": Text("Evidence per KPI", "每个指标的依据"),
    "kpis_left": Text(
        "Left: simulated values of a period. Bar: P10–P90 with the median as a dot; dashed: "
        "stage targets; rings: observed periods, the last one filled.",
        "左图：模拟周期数值的分布。横条：P10–P90，条上圆点：中位数；虚线：各阶段目标；空心圆："
        "历史各周期，实心圆：最近一期。",
    ),
    "kpis_right": Text(
        "Right: the chance of meeting a target, wherever it is set; dots: the stage targets "
        "under the change their stage assumes.",
        "右图：目标定在某处时的达成概率；圆点：各阶段目标在其假设的变更之下。",
    ),
    "observed_head": Text("Observed", "观测值"),
    "observed": Text("observed", "观测"),
    "axis_value": Text("value of a period ({unit})", "周期数值({unit})"),
    "axis_target_lower": Text("target: at most ({unit})", "目标：不高于({unit})"),
    "axis_target_higher": Text("target: at least ({unit})", "目标：不低于({unit})"),
    "alt_distribution": Text(
        "{kpi}: distribution of simulated periods",
        "{kpi}：模拟周期数值的分布",
    ),
    "alt_curve": Text("{kpi}: P(met) against the target", "{kpi}：达成概率随目标变化"),
    "alt_ladder": Text(
        "Each KPI from today's value through the stage targets, with P(met)",
        "各指标从当前值到各阶段目标及其达成概率",
    ),
    "levers_title": Text("Changes that were simulated", "模拟过的变更"),
    "levers_intro": Text(
        "Median period value of each KPI under each change.",
        "每项变更下各指标的周期中位数。",
    ),
    "lever": Text("Change", "变更"),
    "staffing_title": Text("Staffing against targets", "人数与目标"),
    "busiest": Text(
        "Busiest hour for calls in {team}, {day} {first}:00–{last}:00: {calls} calls an hour keep "
        "{load} agents busy (erlangs); {agents} are on duty, and by Erlang C {needed} would answer "
        "80% within 20 s. ",
        "{team}通话最忙的一小时（{day} {first}:00–{last}:00）：每小时 {calls} 通，占用 {load} 名"
        "坐席（爱尔兰）；在岗 {agents} 名；按 Erlang C，{needed} 名即可在 20 秒内接起 80%。",
    ),
    "busiest_wait": Text(
        "With those on duty {p} of callers would wait, {wait} on average over all callers. That "
        "holds if calls were all they did; where they work tickets too, callers wait longer, "
        "which is why the desk is simulated.",
        "以在岗人数计，{p} 的来电需要等待，全部来电平均等待 {wait}。这里假设坐席只接电话；"
        "若同时处理工单，实际等待更长，因此才需要模拟。",
    ),
    "busiest_over": Text(
        "Those on duty cannot keep up with that load: calls wait until it falls, or are given up.",
        "在岗人数跟不上这一负荷：来电要等到高峰过去，或被客户放弃。",
    ),
    "staffing_intro": Text(
        "With more or fewer agents: the chance of meeting all stage 1 targets, and medians.",
        "增减坐席时，第一阶段目标全部达成的概率和主要指标的中位数。",
    ),
    "p_stage1": Text("P(stage 1 met)", "第一阶段达成概率"),
    "as_now": Text("as now", "当前"),
    "median_of": Text("{kpi}, median", "{kpi}：中位数"),
    "alt_staffing": Text(
        "P(stage 1) and KPI medians against the number of agents",
        "达成概率和指标中位数随坐席人数变化",
    ),
    "arrivals_title": Text("When customers come", "客户何时到来"),
    "arrivals_intro": Text(
        "Expected new cases by local hour; {week} in an ordinary week.",
        "按当地时间，每小时预期新增个案数；一个普通周共 {week} 个。",
    ),
    "alt_arrivals": Text(
        "Heat map of expected new cases by hour of week",
        "一周每小时预期新增个案的热图",
    ),
    "local_hour": Text("local hour", "当地时间（点）"),
    "per_day": Text("a day", "每天"),
    "cards_title": Text("Cards in force, held against this desk", "现行考核表在这张服务台上"),
    "cards_intro": Text(
        "How likely the targets of existing (or shipped) cards are on the desk as it is.",
        "现有或随附考核表的目标，在维持现状的模拟服务台上有多大概率达成。",
    ),
    "warnings_title": Text("All warnings", "全部警示"),
    "not_proposed_title": Text("KPIs not proposed", "不建议的指标"),
    "why_not": Text("Why not", "为什么不"),
    "gaming_title": Text("Gaming risk", "刷分风险"),
    "incentives_title": Text("What a bonus rule would pay", "奖金规则的后果"),
    "pilot_title": Text("Pilot", "试点方案"),
}
