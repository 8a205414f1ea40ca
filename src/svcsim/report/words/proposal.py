"""The first page of a proposal, its stages and its weights."""

from __future__ import annotations

from svcsim.text import Text

PROPOSAL: dict[str, Text] = {
    # first page of a proposal
    "title_proposal": Text("KPI targets for {name}", "KPI 目标建议：{name}"),
    "subtitle_proposal": Text(
        "From {rows} contacts of {span}; {n} scoring periods simulated per scenario.",
        "依据 {span} 的 {rows} 条服务记录；每个方案模拟 {n} 个考核周期。",
    ),
    "headline": Text(
        "From {day}, ask in every period of {period} for: {asks}. The chance that all hold in "
        "the same period is {p} (90% interval {range}).",
        "从{day}起，每{period}要求：{asks}。同一周期内全部达成的概率为 {p}（90% 区间 {range}）。",
    ),
    "headline_none": Text(
        "This history supports no target; the reasons stand below.",
        "这份历史数据不足以支持任何目标；原因见下文。",
    ),
    "banner_exploratory": Text(
        "Exploratory: not yet fit for appraisal or pay.",
        "仅供探索：暂不可用于考核或奖金。",
    ),
    "stamp_exploratory": Text("exploratory", "仅供探索"),
    "banner_fail": Text(
        "The calibrated desk did not give back history it had not seen.",
        "校准后的模型未能重现它没有见过的历史。",
    ),
    "banner_pace": Text(
        "Targets for discussion only, no scorecard: they ask for speed and nothing that speed "
        "can harm.",
        "目标仅供讨论，未生成考核表：只涉及速度，没有质量指标制衡。",
    ),
    "banner_none": Text(
        "No history was held out to test the calibrated desk.",
        "没有留出历史来检验校准后的模型。",
    ),
    "banner_other": Text(
        "Numbers that matter are not known well enough; see the warnings.",
        "部分关键数字没有依据，见警示。",
    ),
    "fact_joint": Text("All stage 1 targets met together", "第一阶段全部达成的概率"),
    "fact_fidelity": Text("Gives back unseen history?", "能否重现未见过的历史"),
    "fact_occupancy": Text(
        "Occupancy (recorded work / time on duty)", "占用率（记录的处理工时/在岗工时）"
    ),
    "fact_hours": Text("Work offered / rostered hours a week", "每周工作量 / 排班工时"),
    "fact_agents": Text("Agents", "坐席人数"),
    "hours_of": Text("{offered} / {staffed} h", "{offered} / {staffed} h"),
    "hours_note": Text(
        "load {load}: what customers bring / what the roster gives",
        "负荷 {load}：客户带来的工作 / 排班提供的工时",
    ),
    "hours_title": Text("Why occupancy and load differ", "占用率与负荷为何不同"),
    "hours_why": Text(
        "Occupancy {occupancy} = {recorded} h of recorded handling / {duty} h on duty a week; load "
        "{load} = {offered} h of work offered / {rostered} h rostered.",
        "占用率 {occupancy} = 每周记录的处理工时 {recorded} h / 在岗工时 {duty} h；"
        "负荷 {load} = 每周工作量 {offered} h / 排班工时 {rostered} h。",
    ),
    "hours_factor": Text(
        "Agents are busy {factor} times as long as is recorded (notes, other systems; tuned so "
        "that waits match): {hours} h a week, part of the load but not of the occupancy.",
        "坐席忙碌的时间是记录时间的 {factor} 倍（备注、其他系统等未记录，由等待时间推算）："
        "每周 {hours} h，计入工作量，不计入占用率。",
    ),
    "hours_overtime": Text(
        "A handling that runs past the end of a shift is finished: {hours} h of overtime a week, "
        "on duty but not on the roster.",
        "班次结束时手头的处理会做完：每周加班 {hours} h，计入在岗工时，不在排班之内。",
    ),
    "hours_off": Text(
        "Time off the queue (breaks, other work), about {hours} h a week, is on duty but no work.",
        "离队时间（休息、其他工作）每周约 {hours} h：在岗，但不处理工单。",
    ),
    "hours_rest": Text(
        "The work offered is a sum of averages; the simulated weeks held {hours} h against it "
        "(opening backlog, callers who give up, agents' speeds).",
        "工作量按平均值推算；模拟的各周与之相差 {hours} h（期初积压、放弃的来电、坐席快慢）。",
    ),
    "verdict_pass": Text("yes", "能"),
    "verdict_warn": Text("with reserve", "基本能"),
    "verdict_fail": Text("no", "不能"),
    "verdict_none": Text("not tested", "未检验"),
    "fidelity_note": Text(
        "{share} of KPI periods in the 90% band",
        "{share} 的指标周期在 90% 带内",
    ),
    "asked_caption": Text(
        "What stage 1 asks from {day}, scored every {period}",
        "第一阶段要求什么：从{day}起，每{period}考核一次",
    ),
    "ladder_title": Text("The way from today, stage by stage", "阶段阶梯"),
    "last_period": Text("last period", "上一周期"),
    "now_simulated": Text("As is, simulated", "现状（模拟）"),
    "sim_median": Text("simulated median", "模拟中位数"),
    "needs_title": Text("What stage 1 needs", "第一阶段需要什么"),
    "needs_nothing": Text(
        "No change: the desk as it is can do it.",
        "不需要改变：以现有人员和流程即可达到。",
    ),
    "beware_title": Text("Beware", "最需要注意的"),
    # stages and weights
    "stages_title": Text("Targets by stage", "各阶段目标"),
    "stage_n": Text("Stage {n}", "第{n}阶段"),
    "stage_short": Text("S{n}", "阶段{n}"),
    "stage_caption": Text(
        "{stage} from {day}, scored every {period}; assumes: {lever}; chosen for {aim}",
        "{stage}，从{day}起，每{period}考核；假设：{lever}；设定达成率 {aim}",
    ),
    "as_is_range": Text("As is: median (P10–P90)", "维持现状：中位数(P10–P90)"),
    "p_as_is": Text("P(met) as is", "现状达成概率"),
    "p_after": Text("P(met) after the change", "变更后达成概率"),
    "stage_needs": Text("Needs and warnings", "需要什么、注意什么"),
    "n_period": Text("n≈{n} a period", "每周期 n≈{n}"),
    "gate": Text("When to move on: {text}", "何时进入下一阶段：{text}"),
    "stages_note": Text(
        "Under each probability: its 90% interval and the simulated periods behind it. "
        "P10–P90 holds eight of ten simulated periods.",
        "达成概率下方是 90% 区间和所依据的模拟周期数。P10–P90：十个模拟周期中有八个落在其中。",
    ),
    "stages_note_wide": Text(
        "The baseline is not proven, so every interval of a chance in this report is {n} points "
        "wider at both ends.",
        "基线未经证实，因此本报告中达成概率的所有区间两端各放宽 {n} 个百分点。",
    ),
    "weights_title": Text("Weights and why", "权重及理由"),
    "why": Text("Why", "理由"),
    "reliability": Text("Reliability", "信度"),
    "team_only": Text("team only", "仅团队"),
    "weights_note": Text(
        "Reliability: share of the spread between agents' period values that is not noise (0 = "
        "all luck, 1 = all difference). Team only: not fit to judge one person.",
        "信度：坐席之间周期数值的差异中不是噪声的部分（0 = 全是运气，1 = 全是差别）。“仅团队”："
        "不能用来评价个人。",
    ),
}
