"""Fidelity, where numbers come from, the method in words, definitions."""

from __future__ import annotations

from svcsim.text import Text

SOURCES: dict[str, Text] = {
    # fidelity
    "fidelity_title": Text("Does the model give back history?", "模型能否重现历史"),
    "fidelity_intro": Text(
        "The desk was calibrated on the earlier history alone and then simulated over the "
        "later part, which it had not seen; observed values should lie in the simulated 90% "
        "band.",
        "模型只用前段历史校准，再模拟它没有见过的后段；观测值应落在模拟的 90% 带内。",
    ),
    "fidelity_pass": Text("Verdict: passed.", "结论：通过。"),
    "fidelity_warn": Text("Verdict: passed with reserve.", "结论：有保留地通过。"),
    "fidelity_fail": Text("Verdict: failed.", "结论：未通过。"),
    "fidelity_none": Text("Verdict: not tested.", "结论：未检验。"),
    "fidelity_share": Text(
        "{share} of {n} KPI periods lie inside the band.",
        "{n} 个指标周期中 {share} 在带内。",
    ),
    "band": Text("90% band", "90% 带"),
    "z": Text("z", "偏差 z"),
    "inside": Text("Inside", "在带内"),
    "band_key": Text(
        "bar: simulated 90% band and median (shades where known: 50, 80, 90, 95%); dot: "
        "observed; diamond: observed, outside the 90% band",
        "条：模拟的 90% 带和中位数（有深浅时为 50、80、90、95% 带）；圆点：观测值；"
        "菱形：观测值在 90% 带外",
    ),
    "alt_fidelity": Text(
        "Simulated bands and observed values of each KPI",
        "各指标的模拟带与观测值",
    ),
    # where numbers come from
    "sources_title": Text("Where the numbers come from", "数字从哪里来"),
    "grades_intro": Text(
        "Every number of the desk has a grade: measured (from the data), given (by the planner), "
        "proxy (from something near it), assumed (please check).",
        "模型的每个数字都有等级：实测（直接来自数据）、给定（由规划人员提供）、"
        "替代（来自相近的数据）、假设（请核实）。",
    ),
    "part": Text("Part", "部分"),
    "part_arrivals": Text("Arrivals", "到达"),
    "part_difficulty": Text("Difficulty", "难度"),
    "part_channels": Text("Channels", "渠道"),
    "part_handling_week_cv": Text("Handling times, week to week", "处理时长的周间差异"),
    "part_categories": Text("Categories", "类别"),
    "part_agents": Text("Agents", "坐席"),
    "part_staffing": Text("Staffing", "排班"),
    "part_routing": Text("Routing", "分派"),
    "part_returns": Text("Returns", "重复来访"),
    "part_survey": Text("Survey", "满意度调查"),
    "part_chats": Text("Several chats at once", "多会话并行"),
    "part_fatigue": Text("Fatigue", "疲劳"),
    "part_complaint": Text("Complaints", "投诉"),
    "part_churn": Text("Churn", "客户流失"),
    "part_quality_check": Text("Quality checks", "质检"),
    "part_cost": Text("Costs", "成本"),
    "part_behaviour": Text("Behaviour under incentives", "激励下的行为"),
    "part_campaigns": Text("Campaigns", "活动"),
    "part_bursts": Text("Incidents", "突发事件"),
    "part_customers": Text("Customers", "客户"),
    "part_segments": Text("Segments of customers", "客户分组"),
    "part_languages": Text("Languages", "语言"),
    "grade_measured": Text("Measured", "实测"),
    "grade_given": Text("Given", "给定"),
    "grade_proxy": Text("Proxy", "替代"),
    "grade_assumed": Text("Assumed", "假设"),
    "notes_title": Text("Know before you trust the numbers", "使用前须知"),
    "drift_title": Text("Changes found inside the history", "拟合期内发现的变化"),
    "drift": Text(
        "{what}: {before} before {day}, {after} after (standardised size {z})",
        "{what}：{day}之前 {before}，之后 {after}（标准化幅度 {z}）",
    ),
    "method_title": Text("Method in words", "方法"),
    "method_1": Text(
        "The history is read into one table; history, simulation and later real periods are "
        "measured by the same metric code.",
        "历史记录按统一的表读入；历史、模拟和日后的实际周期用同一套指标代码计算。",
    ),
    "method_2": Text(
        "A model of the desk (arrivals, categories, difficulty, handling, patience, returns, "
        "roster, agents, survey) is fitted to it; every number has a 90% interval and a grade.",
        "服务台模型（到达、类别、难度、处理时间、耐心、重复来访、排班、坐席差异、满意度）由历史"
        "校准，每个数字带 90% 区间和等级。",
    ),
    "method_3": Text(
        "Test: fitted on the earlier part only, simulated over the later part; observed values "
        "should lie in the 90% band. If they do not, this report is exploratory.",
        "检验：只用前段校准，模拟后段，看观测值是否在 90% 带内。未通过时，本报告只供探索。",
    ),
    "method_4": Text(
        "Each simulated period redraws the parameters (what is not known) and chance (what "
        "varies by itself), so that the spread holds both.",
        "每次模拟重抽参数（未知的部分）和运气（天然的波动），所以区间包含两者。",
    ),
    "method_5": Text(
        "A target is the quantile of the period value after the change that is met with the "
        "stage's probability, rounded to the easier side.",
        "目标取变更后周期数值的分位数，使其以设定的概率达成，并向容易的一侧取整。",
    ),
    "method_6": Text(
        "P(met) = simulated periods that meet it / all simulated periods, with the 90% "
        "interval; a period without a value counts as not met.",
        "达成概率 = 达成的模拟周期 / 全部模拟周期，带 90% 区间；没有数值的周期算未达成。",
    ),
    "method_7": Text(
        "All together is counted in the same simulated periods, so that KPIs that move "
        "together are treated as they are.",
        "“全部同时达成”在同一批模拟周期中数出来，指标之间的关联已包含在内。",
    ),
    "method_8": Text(
        "Scenarios share their random numbers: they differ by the change, not by luck.",
        "各方案使用相同的随机数：方案之间的差别来自变更，而不是运气。",
    ),
    "definitions_title": Text("Definitions of the KPIs", "指标定义"),
    "formula": Text("Rule", "定义"),
    "hash": Text("Hash", "定义指纹"),
    "definition_changed": Text(
        "measured by the rule of another version; the rule of this svcsim has hash {now}",
        "按另一版本的口径计算；本版 svcsim 的口径指纹为 {now}",
    ),
    "reproduce_title": Text("How to reproduce", "如何重现"),
    "key_seed": Text("Seed", "随机种子"),
    "key_replications": Text("Replications", "模拟次数"),
    "key_start": Text("Start", "开始"),
    "key_end": Text("End (not included)", "结束（不含）"),
    "key_days": Text("Days in a period", "周期天数"),
    "key_baseline": Text("Baseline", "基线"),
    "key_source": Text("Source", "来源"),
    "key_log": Text("Log", "记录文件"),
    "key_rows": Text("Rows", "行数"),
    "key_held_out": Text("Held out", "留出检验"),
    "key_versions": Text("Versions", "版本"),
    "key_files": Text("Files", "文件"),
    "key_follow_up_days": Text("Follow-up, days", "延后观察天数"),
    "key_widened": Text("Intervals widened at both ends by", "区间两端各放宽"),
    "key_levels": Text("Levels", "设定达成率"),
    "key_interval": Text("Interval", "区间"),
    "key_recalibrated": Text("Recalibrated", "是否再校准"),
    "key_history": Text("History", "历史"),
    "key_name": Text("Name", "名称"),
    "key_metric": Text("KPI", "指标"),
}
