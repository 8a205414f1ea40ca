"""Every word of the reports in Chinese and English; the texts of results come from the results."""

from __future__ import annotations

from svcsim.errors import Finding, InputError

LANGUAGES = ("en", "zh")


class Words:
    """Looks words up in one language: ``words("now")``, ``words("stage_n", n=2)``."""

    def __init__(self, lang: str = "en") -> None:
        if lang not in LANGUAGES:
            raise InputError(Finding("--lang", f"'{lang}' is not a language", "write en or zh"))
        self.lang = lang

    def __call__(self, word: str, /, **values: object) -> str:
        """Return a word or sentence with its blanks filled in."""
        text = self.pick(*WORDS[word])
        return text.format(**values) if values else text

    def has(self, word: str) -> bool:
        """Tell whether there is such a word."""
        return word in WORDS

    def pick(self, zh: str, en: str) -> str:
        """Return the text in this language, or the other one when it is missing."""
        return (zh or en) if self.lang == "zh" else (en or zh)


WORDS: dict[str, tuple[str, str]] = {
    # general
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "colon": ("：", ":"),
    "list_comma": ("、", ", "),
    "list_semicolon": ("；", "; "),
    "weekdays": ("周一 周二 周三 周四 周五 周六 周日", "Mon Tue Wed Thu Fri Sat Sun"),
    "unit_day": ("天", "day"),
    "unit_days": ("天", "days"),
    "unit_week": ("周", "week"),
    "unit_weeks": ("周", "weeks"),
    "unit_month": ("月", "month"),
    "unit_months": ("个月", "months"),
    "unit_quarter": ("季度", "quarter"),
    "unit_quarters": ("个季度", "quarters"),
    "unit_year": ("年", "year"),
    "unit_years": ("年", "years"),
    "unit_per_day": ("每天{value}", "{value} per day"),
    "contents": ("目录", "Contents"),
    "foot": (
        "由 svcsim {version} 生成。报告只整理结果文件中的数字，不另作计算。",
        "Made by svcsim {version}. The report only arranges the numbers of the result files.",
    ),
    "what": ("项目", "What"),
    "value": ("数值", "Value"),
    "kpi": ("指标", "KPI"),
    "target": ("目标", "Target"),
    "weight": ("权重", "Weight"),
    "period": ("周期", "Period"),
    "now": ("当前", "Now"),
    "as_is": ("维持现状", "as is"),
    "median": ("中位数", "Median"),
    "p_met": ("达成概率", "P(met)"),
    "p_short": ("概率 {p}", "P {p}"),
    "p_note": ("{range}，模拟{n}次", "{range}, n={n}"),
    "p10_p90": ("十次中有八次在{range}", "8 of 10 periods: {range}"),
    "n": ("n", "n"),
    "all_together": ("全部同时达成", "All together"),
    "agents": ("坐席人数", "Agents"),
    "better_lower": ("越低越好", "lower is better"),
    "better_higher": ("越高越好", "higher is better"),
    "better_none": ("不设方向", "no direction"),
    # first page of a proposal
    "title_proposal": ("KPI 目标建议：{name}", "KPI targets for {name}"),
    "subtitle_proposal": (
        "依据 {span} 的 {rows} 条服务记录；每个方案模拟 {n} 个考核周期。",
        "From {rows} contacts of {span}; {n} scoring periods simulated per scenario.",
    ),
    "headline": (
        "从{day}起，每{period}要求：{asks}。同一周期内全部达成的概率为 {p}（90% 区间 {range}）。",
        "From {day}, ask in every period of {period} for: {asks}. "
        "The chance that all hold in the same period is {p} (90% interval {range}).",
    ),
    "headline_none": (
        "这份历史数据不足以支持任何目标；原因见下文。",
        "This history supports no target; the reasons stand below.",
    ),
    "banner_exploratory": (
        "仅供探索：暂不可用于考核或奖金。",
        "Exploratory: not yet fit for appraisal or pay.",
    ),
    "stamp_exploratory": ("仅供探索", "exploratory"),
    "banner_fail": (
        "校准后的模型未能重现它没有见过的历史。",
        "The calibrated desk did not give back history it had not seen.",
    ),
    "banner_none": (
        "没有留出历史来检验校准后的模型。",
        "No history was held out to test the calibrated desk.",
    ),
    "banner_other": (
        "部分关键数字没有依据，见警示。",
        "Numbers that matter are not known well enough; see the warnings.",
    ),
    "fact_joint": ("第一阶段全部达成的概率", "All stage 1 targets met together"),
    "fact_fidelity": ("能否重现未见过的历史", "Gives back unseen history?"),
    "fact_occupancy": ("占用率（工作时间/在岗时间）", "Occupancy (busy / staffed time)"),
    "fact_hours": ("每周工作量 / 在岗工时", "Work offered / staffed hours a week"),
    "fact_agents": ("坐席人数", "Agents"),
    "hours_of": ("{offered} / {staffed} h", "{offered} / {staffed} h"),
    "hours_note": (
        "客户带来的工作 / 排班提供的工时",
        "what customers bring / what the roster gives",
    ),
    "verdict_pass": ("能", "yes"),
    "verdict_warn": ("基本能", "with reserve"),
    "verdict_fail": ("不能", "no"),
    "verdict_none": ("未检验", "not tested"),
    "fidelity_note": ("{share} 的指标周期在 90% 带内", "{share} of KPI periods in the 90% band"),
    "asked_caption": (
        "第一阶段要求什么：从{day}起，每{period}考核一次",
        "What stage 1 asks from {day}, scored every {period}",
    ),
    "ladder_title": ("阶段阶梯", "The way from today, stage by stage"),
    "last_period": ("上一周期", "last period"),
    "needs_title": ("第一阶段需要什么", "What stage 1 needs"),
    "needs_nothing": (
        "不需要改变：以现有人员和流程即可达到。",
        "No change: the desk as it is can do it.",
    ),
    "beware_title": ("最需要注意的", "Beware"),
    # stages and weights
    "stages_title": ("各阶段目标", "Targets by stage"),
    "stage_n": ("第{n}阶段", "Stage {n}"),
    "stage_short": ("阶段{n}", "S{n}"),
    "stage_caption": (
        "{stage}，从{day}起，每{period}考核；假设：{lever}；设定达成率 {aim}",
        "{stage} from {day}, scored every {period}; assumes: {lever}; chosen for {aim}",
    ),
    "as_is_range": ("维持现状：中位数(P10–P90)", "As is: median (P10–P90)"),
    "p_as_is": ("现状达成概率", "P(met) as is"),
    "p_after": ("变更后达成概率", "P(met) after the change"),
    "stage_needs": ("需要什么、注意什么", "Needs and warnings"),
    "n_period": ("每周期 n≈{n}", "n≈{n} a period"),
    "gate": ("何时进入下一阶段：{text}", "When to move on: {text}"),
    "stages_note": (
        "达成概率下方是 90% 区间和所依据的模拟周期数。P10–P90：十个模拟周期中有八个落在其中。",
        "Under each probability: its 90% interval and the simulated periods behind it. "
        "P10–P90 holds eight of ten simulated periods.",
    ),
    "weights_title": ("权重及理由", "Weights and why"),
    "why": ("理由", "Why"),
    "reliability": ("信度", "Reliability"),
    "team_only": ("仅团队", "team only"),
    "weights_note": (
        "信度：坐席之间周期数值的差异中不是噪声的部分（0 = 全是运气，1 = 全是差别）。"
        "“仅团队”：不能用来评价个人。",
        "Reliability: share of the spread between agents' period values that is not noise "
        "(0 = all luck, 1 = all difference). Team only: not fit to judge one person.",
    ),
    # agents in a proposal
    "people_title": ("第一阶段目标对个人意味着什么", "What stage 1 means for one person"),
    "people_intro": (
        "每个模拟周期中，按各坐席自己的服务量和评价数计算其指标值；个人的偶然性和对个人了解的不足都已计入。"
        "以下为维持现状时的达成概率。",
        "In every simulated period each agent has a value from the agent's own contacts and survey "
        "answers; the chance of small numbers, and how little is known of a person, are in it. "
        "Chances are of the desk as it is.",
    ),
    "n_own": ("每人每期样本", "n per agent"),
    "p_range": ("个人达成概率", "Chances of agents"),
    "median_p": ("中位 {p}", "median {p}"),
    "who_explains": ("取决于个人的部分", "Explained by who it is"),
    "luck": ("对个人而言主要是运气：不宜作个人目标", "luck for one person: not a personal target"),
    "no_luck": ("个人差异可见", "agents can be told apart"),
    "people_caption": ("各坐席达成第一阶段目标的概率", "Each agent's chance to meet stage 1"),
    "people_note": (
        "按姓名排列，不是排名。有工单类别的比率和均值已换算为全台工单构成，与计分一致。",
        "By name, not by rank. Shares and means are put at the desk's mix of contacts where "
        "categories are known, as in scores.",
    ),
    "after_change": ("变更后 {p}", "after the change {p}"),
    # evidence
    "kpis_title": ("每个指标的依据", "Evidence per KPI"),
    "kpis_left": (
        "左图：模拟周期数值的分布。横条：P10–P90，条上圆点：中位数；虚线：各阶段目标；"
        "空心圆：历史各周期，实心圆：最近一期。",
        "Left: simulated values of a period. Bar: P10–P90 with the median as a dot; dashed: stage "
        "targets; rings: observed periods, the last one filled.",
    ),
    "kpis_right": (
        "右图：目标定在某处时的达成概率；圆点：各阶段目标在其假设的变更之下。",
        "Right: the chance of meeting a target, wherever it is set; dots: the stage targets under "
        "the change their stage assumes.",
    ),
    "observed_head": ("观测值", "Observed"),
    "observed": ("观测", "observed"),
    "axis_value": ("周期数值({unit})", "value of a period ({unit})"),
    "axis_target_lower": ("目标：不高于({unit})", "target: at most ({unit})"),
    "axis_target_higher": ("目标：不低于({unit})", "target: at least ({unit})"),
    "alt_distribution": ("{kpi}：模拟周期数值的分布", "{kpi}: distribution of simulated periods"),
    "alt_curve": ("{kpi}：达成概率随目标变化", "{kpi}: P(met) against the target"),
    "alt_ladder": (
        "各指标从当前值到各阶段目标及其达成概率",
        "Each KPI from today's value through the stage targets, with P(met)",
    ),
    "levers_title": ("模拟过的变更", "Changes that were simulated"),
    "levers_intro": (
        "每项变更下各指标的周期中位数。",
        "Median period value of each KPI under each change.",
    ),
    "lever": ("变更", "Change"),
    "staffing_title": ("人数与目标", "Staffing against targets"),
    "staffing_intro": (
        "增减坐席时，第一阶段目标全部达成的概率和主要指标的中位数。",
        "With more or fewer agents: the chance of meeting all stage 1 targets, and medians.",
    ),
    "p_stage1": ("第一阶段达成概率", "P(stage 1 met)"),
    "as_now": ("当前", "as now"),
    "median_of": ("{kpi}：中位数", "{kpi}, median"),
    "alt_staffing": (
        "达成概率和指标中位数随坐席人数变化",
        "P(stage 1) and KPI medians against the number of agents",
    ),
    "arrivals_title": ("客户何时到来", "When customers come"),
    "arrivals_intro": (
        "按当地时间，每小时预期新增个案数；一个普通周共 {week} 个。",
        "Expected new cases by local hour; {week} in an ordinary week.",
    ),
    "alt_arrivals": (
        "一周每小时预期新增个案的热图",
        "Heat map of expected new cases by hour of week",
    ),
    "local_hour": ("当地时间（点）", "local hour"),
    "per_day": ("每天", "a day"),
    "cards_title": ("现行考核表在这张服务台上", "Cards in force, held against this desk"),
    "cards_intro": (
        "现有或随附考核表的目标，在维持现状的模拟服务台上有多大概率达成。",
        "How likely the targets of existing (or shipped) cards are on the desk as it is.",
    ),
    "warnings_title": ("全部警示", "All warnings"),
    "not_proposed_title": ("不建议的指标", "KPIs not proposed"),
    "why_not": ("为什么不", "Why not"),
    "gaming_title": ("刷分风险", "Gaming risk"),
    "incentives_title": ("奖金规则的后果", "What a bonus rule would pay"),
    "pilot_title": ("试点方案", "Pilot"),
    # fidelity
    "fidelity_title": ("模型能否重现历史", "Does the model give back history?"),
    "fidelity_intro": (
        "模型只用前段历史校准，再模拟它没有见过的后段；观测值应落在模拟的 90% 带内。",
        "The desk was calibrated on the earlier history alone and then simulated over the later "
        "part, which it had not seen; observed values should lie in the simulated 90% band.",
    ),
    "fidelity_pass": ("结论：通过。", "Verdict: passed."),
    "fidelity_warn": ("结论：有保留地通过。", "Verdict: passed with reserve."),
    "fidelity_fail": ("结论：未通过。", "Verdict: failed."),
    "fidelity_none": ("结论：未检验。", "Verdict: not tested."),
    "fidelity_share": (
        "{n} 个指标周期中 {share} 在带内。",
        "{share} of {n} KPI periods lie inside the band.",
    ),
    "band": ("90% 带", "90% band"),
    "z": ("偏差 z", "z"),
    "inside": ("在带内", "Inside"),
    "band_key": (
        "横条：模拟的 90% 带和中位数；圆点：观测值；菱形：观测值在带外",
        "bar: simulated 90% band and median; dot: observed; diamond: observed, outside the band",
    ),
    "alt_fidelity": ("各指标的模拟带与观测值", "Simulated bands and observed values of each KPI"),
    # where numbers come from
    "sources_title": ("数字从哪里来", "Where the numbers come from"),
    "grades_intro": (
        "模型的每个数字都有等级：实测（直接来自数据）、替代（来自相近的数据）、假设（请核实）。",
        "Every number of the desk has a grade: measured (from the data), proxy (from something "
        "near it), assumed (please check).",
    ),
    "part": ("部分", "Part"),
    "part_arrivals": ("到达", "Arrivals"),
    "part_difficulty": ("难度", "Difficulty"),
    "part_channels": ("渠道", "Channels"),
    "part_categories": ("类别", "Categories"),
    "part_agents": ("坐席", "Agents"),
    "part_staffing": ("排班", "Staffing"),
    "part_routing": ("分派", "Routing"),
    "part_returns": ("重复来访", "Returns"),
    "part_survey": ("满意度调查", "Survey"),
    "grade_measured": ("实测", "Measured"),
    "grade_proxy": ("替代", "Proxy"),
    "grade_assumed": ("假设", "Assumed"),
    "notes_title": ("使用前须知", "Know before you trust the numbers"),
    "drift_title": ("拟合期内发现的变化", "Changes found inside the history"),
    "drift": (
        "{what}：{day}之前 {before}，之后 {after}（标准化幅度 {z}）",
        "{what}: {before} before {day}, {after} after (standardised size {z})",
    ),
    "method_title": ("方法", "Method in words"),
    "method_1": (
        "历史记录按统一的表读入；历史、模拟和日后的实际周期用同一套指标代码计算。",
        "The history is read into one table; history, simulation and later real periods are "
        "measured by the same metric code.",
    ),
    "method_2": (
        "服务台模型（到达、类别、难度、处理时间、耐心、重复来访、排班、坐席差异、满意度）由历史校准，"
        "每个数字带 90% 区间和等级。",
        "A model of the desk (arrivals, categories, difficulty, handling, patience, returns, "
        "roster, agents, survey) is fitted to it; every number has a 90% interval and a grade.",
    ),
    "method_3": (
        "检验：只用前段校准，模拟后段，看观测值是否在 90% 带内。未通过时，本报告只供探索。",
        "Test: fitted on the earlier part only, simulated over the later part; observed values "
        "should lie in the 90% band. If they do not, this report is exploratory.",
    ),
    "method_4": (
        "每次模拟重抽参数（未知的部分）和运气（天然的波动），所以区间包含两者。",
        "Each simulated period redraws the parameters (what is not known) and chance (what varies "
        "by itself), so that the spread holds both.",
    ),
    "method_5": (
        "目标取变更后周期数值的分位数，使其以设定的概率达成，并向容易的一侧取整。",
        "A target is the quantile of the period value after the change that is met with the "
        "stage's probability, rounded to the easier side.",
    ),
    "method_6": (
        "达成概率 = 达成的模拟周期 / 全部模拟周期，带 90% 区间；没有数值的周期算未达成。",
        "P(met) = simulated periods that meet it / all simulated periods, with the 90% "
        "interval; a period without a value counts as not met.",
    ),
    "method_7": (
        "“全部同时达成”在同一批模拟周期中数出来，指标之间的关联已包含在内。",
        "All together is counted in the same simulated periods, so that KPIs that move together "
        "are treated as they are.",
    ),
    "method_8": (
        "各方案使用相同的随机数：方案之间的差别来自变更，而不是运气。",
        "Scenarios share their random numbers: they differ by the change, not by luck.",
    ),
    "definitions_title": ("指标定义", "Definitions of the KPIs"),
    "formula": ("定义", "Rule"),
    "hash": ("定义指纹", "Hash"),
    "reproduce_title": ("如何重现", "How to reproduce"),
    "key_seed": ("随机种子", "Seed"),
    "key_replications": ("模拟次数", "Replications"),
    "key_start": ("开始", "Start"),
    "key_end": ("结束（不含）", "End (not included)"),
    "key_days": ("周期天数", "Days in a period"),
    "key_baseline": ("基线", "Baseline"),
    "key_source": ("来源", "Source"),
    "key_log": ("记录文件", "Log"),
    "key_rows": ("行数", "Rows"),
    "key_held_out": ("留出检验", "Held out"),
    "key_versions": ("版本", "Versions"),
    "key_files": ("文件", "Files"),
    "key_metric": ("指标", "KPI"),
    # scores
    "title_scores": ("绩效得分：{name}", "Scores: {name}"),
    "subtitle_scores": (
        "{period}（{span}，末日不含）；记录：{log}。区间均为 {level}。",
        "{period} ({span}, last day not included); log: {log}. All intervals are {level}.",
    ),
    "desk_score": ("服务台得分", "Score of the desk"),
    "interval_note": ("{level} 区间 {range}", "{level} interval {range}"),
    "contacts": ("服务量", "Contacts"),
    "score_reliability": ("个人得分的信度", "Reliability of agents' scores"),
    "reliability_note": ("0 = 全是运气，1 = 全是差别", "0 = all luck, 1 = all difference"),
    "p_on_target": ("达标概率 {p}", "on target with {p}"),
    "findings_title": ("计分说明", "About these scores"),
    "scores_title": ("得分与区间", "Scores with their intervals"),
    "axis_score": ("得分", "score"),
    "alt_scores": ("得分及其区间", "Scores with their intervals"),
    "scores_note": (
        "横条是区间：只凭运气，得分也会有这样大的出入。名次区间重叠的人分不出先后。",
        "Bars are intervals: luck alone moves a score that far. Units whose rank intervals overlap "
        "cannot be ranked against each other.",
    ),
    "kind_desk": ("全台", "Desk"),
    "kind_team": ("班组", "Team"),
    "kind_agent": ("坐席", "Agent"),
    "scores_teams_title": ("班组得分", "Teams"),
    "scores_agents_title": ("坐席得分", "Agents"),
    "card_title": ("考核了什么", "What was asked"),
    "scope": ("对象", "Asked of"),
    "scope_both": ("全体", "everybody"),
    "scope_team": ("仅团队", "the team only"),
    "scope_agent": ("个人", "agents"),
    "per_agent": ("人均样本", "n per agent"),
    "min_n": ("至少 {n}", "needs {n}"),
    "remark": ("说明", "Remark"),
    "unit_title": ("对象", "Unit"),
    "score": ("得分", "Score"),
    "p_target_short": ("达标概率", "P(on target)"),
    "group": ("档位", "Band"),
    "rank": ("名次区间", "Rank interval"),
    "rank_note": ("名次 {range}", "rank {range}"),
    "weight_scored": ("有数据的权重", "Weight scored"),
    "flags": ("提示", "Flags"),
    "flags_title": ("需要核实", "To look into"),
    "flags_intro": (
        "每条提示都是核实的理由，不是结论。",
        "Every flag is a reason to look, never a verdict.",
    ),
    "who": ("涉及", "Who"),
    "for_instance": ("例如 {text}", "e.g. {text}"),
    "detail_title": ("逐项明细", "KPI by KPI"),
    "detail_intro": (
        "“按难度调整”：若处理的是全台平均的来访构成。“计分所用”：再按信度向均值收缩之后。",
        "Adjusted: with the desk's mix of contacts. Used: after shrinking to the mean as far as "
        "the value is noise; points are given for it.",
    ),
    "score_raw": ("未调整得分", "As measured"),
    "expected_note": ("同类工单他人 {value}", "others, same kinds: {value}"),
    "points": ("得分点", "Points"),
    "adjusted": ("按难度调整", "Adjusted"),
    "used": ("计分所用", "Used"),
    "status": ("状态", "Status"),
    # simulation
    "title_kpis": ("模拟结果：{name}", "Simulation: {name}"),
    "subtitle_kpis": (
        "从{start}起 {days} 天，模拟 {n} 次。",
        "{days} days from {start}, {n} replications.",
    ),
    "changes_title": ("与基线相比的变更", "Changes against the baseline"),
    "no_changes": ("没有变更：维持现状。", "None: the desk as it is."),
    "kpi_table_title": ("周期数值", "Values of a period"),
    "kpi_table_note": (
        "历史：最近一个同样长的观测期。±：均值的 95% 区间半宽。"
        "P10–P90：十个模拟周期中有八个落在其中。",
        "History: the last observed period of the same length. ±: half width of the 95% interval "
        "of the mean. P10–P90 holds eight of ten simulated periods.",
    ),
    "history": ("历史", "History"),
    "mean": ("均值", "Mean"),
    "p10_p90_head": ("P10–P90", "P10–P90"),
    "distributions_title": ("分布", "Distributions"),
    "distributions_intro": (
        "模拟周期数值的分布。横条：P10–P90，条上圆点：中位数；黑点：历史。",
        "Simulated values of a period. Bar: P10–P90 with the median as a dot; black dot: history.",
    ),
    # baseline
    "title_baseline": ("服务台基线：{name}", "Baseline of the desk: {name}"),
    "subtitle_baseline": (
        "依据 {span} 的 {rows} 条服务记录。",
        "Learned from {rows} contacts of {span}.",
    ),
    "fact_week": ("普通周新增个案", "New cases in an ordinary week"),
    "fact_measured": ("实测的数字", "Numbers measured"),
    "fact_slowdown": ("占用时间/记录时间", "Busy time / recorded time"),
    "slowdown_note": ("校准使等待吻合", "tuned so that waits match"),
    "quantity_note": (
        "数值下方为 90% 区间；灰色为假设值。",
        "Below each value its 90% interval; grey numbers are assumed.",
    ),
    "of_all": ("共 {n} 个", "of {n}"),
    "categories_title": ("类别", "Categories"),
    "category": ("类别", "Category"),
    "share": ("占比", "Share"),
    "team": ("班组", "Team"),
    "handling": ("处理时间（均值）", "Handling time (mean)"),
    "reopen": ("重开", "Reopened"),
    "repeat": ("重复来访", "Repeat contact"),
    "agents_title": ("坐席差异", "Differences between agents"),
    "agents_intro": (
        "速度 1.1 = 快 10%；质量为正 = 客户较少再来。区间为 90%。",
        "Speed 1.1 = 10% faster; quality above 0 = customers come back less. 90% intervals.",
    ),
    "agent": ("坐席", "Agent"),
    "speed": ("速度", "Speed"),
    "quality": ("质量", "Quality"),
    "numbers_title": ("模型的每个数字", "Every number of the model"),
    "path": ("位置", "Where"),
    "grade": ("等级", "Grade"),
    "how": ("如何得到", "How it was learned"),
}
