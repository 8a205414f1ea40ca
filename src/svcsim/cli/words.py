"""Every word that commands say about results, in English and Chinese.

The texts of results (definitions, notes, reasons) come with the results; words that the terminal
shares with the pages (parts of the desk, grades, yes and no) stand in `svcsim.report.words`.
"""

from __future__ import annotations

from svcsim.report.words import WORDS as PAGES
from svcsim.text import Text


def word(name: str, /, **values: object) -> Text:
    """Return a word or sentence of the terminal with its blanks filled in."""
    text = WORDS[name] if name in WORDS else PAGES[name]
    return text.fill(**values) if values else text


WORDS: dict[str, Text] = {
    # any verb
    "metric": Text("metric", "指标"),
    "value": Text("value", "数值"),
    "period": Text("period", "周期"),
    "name": Text("name", "名称"),
    "written": Text("written: {file}", "已写入：{file}"),
    "rows_read": Text(
        "{read:,} rows read, {used:,} used, {aside:,} set aside",
        "读入 {read:,} 行，使用 {used:,} 行，搁置 {aside:,} 行",
    ),
    "table_read": Text(
        "{table}: {read:,} rows read, {used:,} used",
        "{table}：读入 {read:,} 行，使用 {used:,} 行",
    ),
    "table": Text("table", "附表"),
    "done_of": Text("{what}: {done} of {total}", "{what}：第 {done} 次，共 {total} 次"),
    "replay": Text("  replay", "  回放"),
    "fitted": Text("  fitted", "  已校准"),
    "part_took": Text("{what}: {part} ({seconds} s)", "{what}：{part}（{seconds} 秒）"),
    "simulated": Text("simulated", "已模拟"),
    "fidelity": Text("fidelity: {verdict}: {why}", "保真度：{verdict}：{why}"),
    "reason": Text("  - {why}", "  - {why}"),
    "pass": Text("pass", "通过"),
    "warn": Text("warn", "有保留"),
    "fail": Text("fail", "未通过"),
    "none": Text("none", "未检验"),
    "report": Text("report: {file}", "报告：{file}"),
    # check
    "rows_line": Text("rows read: {read}  used: {used}", "读入行数: {read}  使用: {used}"),
    "aside_line": Text("  set aside {n}: {reason}", "  搁置 {n}: {reason}"),
    "contacts_line": Text("contacts: {n}  ({ends})", "联络数: {n}  ({ends})"),
    "end": Text("{what} {n}", "{what} {n}"),
    "window_line": Text(
        "window: [{start}, {end})  {timezone}", "窗口: [{start}, {end})  {timezone}"
    ),
    "mapping_line": Text("mapping: {name}", "映射: {name}"),
    "part": Text("part", "部分"),
    "can": Text("can be calibrated", "可否校准"),
    "buys": Text("what one more column would buy", "再多一列能带来什么"),
    "resolved": Text("resolved", "已解决"),
    "abandoned": Text("abandoned", "已放弃"),
    "open": Text("open", "未结"),
    # measure
    "opened_in": Text(
        "{n} contacts opened in [{start}, {end}) {zone}",
        "[{start}, {end}) 内创建的联络 {n} 条，时区 {zone}",
    ),
    "on_duckdb": Text(
        "{n:,} contacts are measured by DuckDB from the file, in {memory} (--engine memory reads "
        "them all)",
        "共 {n:,} 条联络，由 DuckDB 直接从文件计算，内存上限 {memory}"
        "（--engine memory 可全部读入内存）",
    ),
    "not_measured": Text("{metric}: not measured, {why}", "{metric}：未计算，{why}"),
    "not_measured_n": Text(
        "{n} metrics lack their data (-v names them)", "{n} 个指标缺少所需数据（-v 逐一列出）"
    ),
    "differs": Text("how it differs", "口径差异"),
    "not_here": Text("  not in this log: {rule}", "  本数据无法计算：{rule}"),
    "no_variants": Text(
        "{metric}: only one definition is known, there is nothing to set beside it",
        "{metric}：只有一种口径，没有可并列的定义",
    ),
    "variants_mark": Text(
        "* what counts here (name it with --metrics or a --scorecard); numbers of different "
        "definitions cannot be compared, equal definitions have equal hashes",
        "* 为约定口径（用 --metrics 或 --scorecard 指定）；不同口径的数值不可比较，"
        "口径相同则定义指纹相同",
    ),
    "definitions_line": Text("definitions: {each}", "定义指纹：{each}"),
    "definition_of": Text("{metric} {hash}{one_of}", "{metric} {hash}{one_of}"),
    "one_of": Text(" (1 of {n})", "（{n} 种口径之一）"),
    "definitions_more": Text(
        "svcsim measure --variants shows the others", "其他口径见 svcsim measure --variants"
    ),
    "interval": Text("95 % interval", "95% 区间"),
    "n": Text("n", "样本量"),
    "thin": Text("thin", "样本偏少"),
    "nobody": Text("(none)", "（空）"),
    "replication": Text("replication", "模拟次序"),
    "team": Text("team", "班组"),
    "agent": Text("agent", "坐席"),
    "category": Text("category", "类别"),
    "channel": Text("channel", "渠道"),
    "priority": Text("priority", "优先级"),
    # calibrate
    "whole_window": Text("{note} (asked: whole window)", "{note}（按要求使用整个时段）"),
    "drift_line": Text(
        "drift: {what} from {when}: {before} -> {after}",
        "漂移：{what}自 {when} 起 {before} → {after}",
    ),
    "measured": Text("measured", "实测"),
    "given": Text("given", "给定"),
    "proxy": Text("proxy", "替代"),
    "assumed": Text("assumed", "假设"),
    "needed": Text("what the history should hold", "历史应有的数据"),
    "present": Text("there", "是否有"),
    "used_instead": Text("what is used", "采用"),
    "grade_head": Text("grade", "等级"),
    "asked_for": Text(
        "these answers would improve the baseline most:", "以下回答最能改进这份基线："
    ),
    "satisfied_csat_top2": Text(
        "satisfied (4 or 5): {naive} of {answers} answers; of all {contacts} contacts {value} "
        "[{low}, {high}], or {worst} if those who did not answer are half as likely (odds)",
        "满意（4–5 分）：{answers} 份评价中 {naive}；全部 {contacts} 个联络推算为 {value} "
        "[{low}, {high}]；若未评价者的满意优势只有一半，则为 {worst}",
    ),
    "satisfied_nps": Text(
        "NPS: {naive} of {answers} answers; of all {contacts} contacts {value} [{low}, {high}], or "
        "{worst} if those who did not answer are half as likely to score high (odds)",
        "NPS：{answers} 份评价为 {naive}；全部 {contacts} 个联络推算为 {value} [{low}, {high}]；"
        "若未评价者给高分的优势只有一半，则为 {worst}",
    ),
    "baseline": Text("baseline: {file}", "基线：{file}"),
    "incident_scenario": Text("incident as a scenario: {file}", "异常日情景：{file}"),
    # validate
    "observed_value": Text("observed", "观测值"),
    "inside_band": Text("inside", "在带内"),
    "not_unseen": Text(
        "beware: the baseline was fitted on {start} to {end}, so this period is not unseen",
        "注意：基线由 {start} 至 {end} 校准，这段时期并非它没有见过的历史",
    ),
    # simulate
    "no_history": Text(
        "no history given (--log): the desk starts empty, so early waits are flattered",
        "没有给出历史（--log）：服务台从零积压开始，前段等待偏乐观",
    ),
    "warm_up_told": Text(
        "no history given (--log): the desk starts empty and fills in a warm-up of {days:g} days, "
        "which is not counted",
        "没有给出历史（--log）：服务台从零积压开始，先预热 {days:g} 天，预热期不计入结果",
    ),
    "compiling": Text(
        "compiling the clock once (about 15 s); later runs start at once",
        "首次编译仿真内核（约 15 秒），以后无需等待",
    ),
    "warning": Text("warning: {what}", "注意：{what}"),
    "staff_cost": Text(
        "staff: {hours_per_week:,.0f} h on the roster a week cost {cost_per_week:,.0f} {currency}",
        "人力：每周排班 {hours_per_week:,.0f} 小时，成本 {cost_per_week:,.0f} {currency}",
    ),
    "not_simulated": Text("not shown: {metric}: {why}", "未列出：{metric}：{why}"),
    "not_faithful": Text(
        "exploratory: the baseline does not give back its own history (fidelity {verdict}); use "
        "these numbers to ask questions, not to decide",
        "仅供探索：基线未能复现自己的历史（保真度：{verdict}）；以下数字可用于讨论，不宜据以决定",
    ),
    "changed": Text("changed  {change}", "变更  {change}"),
    "reps": Text("reps", "模拟次数"),
    "mean_value": Text("mean", "均值"),
    "trace_file": Text("trace:   {file}", "经过：{file}"),
    "hour_file": Text("picture: {file}", "图示：{file}"),
    "results": Text("results: {folder}", "结果：{folder}"),
    # demo
    "demo_calibrate": Text("1/4 check: done; 2/4 calibrate", "1/4 读入：完成；2/4 校准"),
    "demo_propose": Text("3/4 propose", "3/4 提出目标"),
    "demo_score": Text("4/4 score the four weeks after", "4/4 为其后四周评分"),
    "demo_1": Text("1 history:  {rows}", "1 历史：    {rows}"),
    "demo_2": Text("2 fidelity: {verdict}: {why}", "2 保真度：  {verdict}：{why}"),
    "demo_3": Text("3 stage 1:  {headline}", "3 第一阶段：{headline}"),
    "demo_4": Text("4 later:    {stages}", "4 后续阶段：{stages}"),
    "demo_assumes": Text("{stage} assumes {lever}", "{stage}假设“{lever}”"),
    "demo_5": Text(
        "5 check:    the four weeks after, never seen, met {met} of {asked} of stage 1; "
        "report: {file}",
        "5 检验：    其后从未见过的四周，第一阶段 {asked} 项目标中达成 {met} 项；报告：{file}",
    ),
    "took": Text("{n:.0f} s", "用时 {n:.0f} 秒"),
    # list
    "id": Text("id", "代号"),
    "unit": Text("unit", "单位"),
    "better": Text("better", "方向"),
    "definition": Text("definition", "定义指纹"),
    "description": Text("description", "说明"),
    "type": Text("type", "类型"),
    "status": Text("status", "状态"),
    "why_card": Text("why", "用意"),
    "path_of": Text("path", "位置"),
    "listed": Text("{n} of {total} paths", "{total} 个位置中的 {n} 个"),
    "listed_hint": Text(
        "narrow them: svcsim list paths {baseline} repair  (a part of the path, or a pattern such "
        "as 'agents.*.speed'); write a path below changes: in a scenario file",
        "缩小范围：在 {baseline} 后写位置的一部分（如 repair）或 'agents.*.speed' 这样的通配；"
        "在场景文件的 changes: 下写入位置",
    ),
    "unit_s": Text("s", "秒"),
    "unit_share": Text("share", "占比"),
    "unit_count": Text("count", "个数"),
    "unit_score": Text("score", "分"),
    "unit_points": Text("points", "百分制"),
    "unit_money": Text("money", "金额"),
    "unit_log": Text("log", "对数"),
    "unit_per_day": Text("per day", "每天"),
    "required": Text("required", "必需"),
    "optional": Text("optional", "可选"),
    "text": Text("text", "文本"),
    "int": Text("int", "整数"),
    "number": Text("number", "数值"),
    "time": Text("time", "时间"),
    "flag": Text("flag", "是/否"),
    # doctor
    "what_checked": Text("what", "项目"),
    "detail": Text("detail", "详情"),
    "ok": Text("ok", "正常"),
    "fault": Text("FAULT", "故障"),
}
