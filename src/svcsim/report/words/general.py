"""Words that several pages share."""

from __future__ import annotations

from svcsim.text import Text

GENERAL: dict[str, Text] = {
    "yes": Text("yes", "是"),
    "no": Text("no", "否"),
    "colon": Text(":", "："),
    "list_comma": Text(", ", "、"),
    "list_semicolon": Text("; ", "；"),
    "weekdays": Text("Mon Tue Wed Thu Fri Sat Sun", "周一 周二 周三 周四 周五 周六 周日"),
    "unit_day": Text("day", "天"),
    "unit_days": Text("days", "天"),
    "unit_week": Text("week", "周"),
    "unit_weeks": Text("weeks", "周"),
    "unit_month": Text("month", "月"),
    "unit_months": Text("months", "个月"),
    "unit_quarter": Text("quarter", "季度"),
    "unit_quarters": Text("quarters", "个季度"),
    "unit_year": Text("year", "年"),
    "unit_years": Text("years", "年"),
    "unit_per_day": Text("{value} per day", "每天{value}"),
    "contents": Text("Contents", "目录"),
    "foot": Text(
        "Made by svcsim {version}. The report only arranges the numbers of the result files.",
        "由 svcsim {version} 生成。报告只整理结果文件中的数字，不另作计算。",
    ),
    "what": Text("What", "项目"),
    "value": Text("Value", "数值"),
    "kpi": Text("KPI", "指标"),
    "target": Text("Target", "目标"),
    "weight": Text("Weight", "权重"),
    "period": Text("Period", "周期"),
    "now": Text("Now", "当前"),
    "as_is": Text("as is", "维持现状"),
    "median": Text("Median", "中位数"),
    "p_met": Text("P(met)", "达成概率"),
    "p_short": Text("P {p}", "概率 {p}"),
    "p_note": Text("{range}, n={n}", "{range}，模拟{n}次"),
    "p10_p90": Text("8 of 10 periods: {range}", "十次中有八次在{range}"),
    "n": Text("n", "n"),
    "all_together": Text("All together", "全部同时达成"),
    "agents": Text("Agents", "坐席人数"),
    "better_lower": Text("lower is better", "越低越好"),
    "better_higher": Text("higher is better", "越高越好"),
    "better_none": Text("no direction", "不设方向"),
}
