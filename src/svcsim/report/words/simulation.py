"""The page of a simulated scenario."""

from __future__ import annotations

from svcsim.text import Text

SIMULATION: dict[str, Text] = {
    "title_kpis": Text("Simulation: {name}", "模拟结果：{name}"),
    "subtitle_kpis": Text(
        "{days} days from {start}, {n} replications.",
        "从{start}起 {days} 天，模拟 {n} 次。",
    ),
    "changes_title": Text("Changes against the baseline", "与基线相比的变更"),
    "no_changes": Text("None: the desk as it is.", "没有变更：维持现状。"),
    "kpi_table_title": Text("Values of a period", "周期数值"),
    "kpi_table_note": Text(
        "History: the last observed period of the same length. ±: half width of the 95% "
        "interval of the mean. P10–P90 holds eight of ten simulated periods.",
        "历史：最近一个同样长的观测期。±：均值的 95% 区间半宽。P10–P90：十个模拟周期中有八个落"
        "在其中。",
    ),
    "history": Text("History", "历史"),
    "mean": Text("Mean", "均值"),
    "p10_p90_head": Text("P10–P90", "P10–P90"),
    "distributions_title": Text("Distributions", "分布"),
    "distributions_intro": Text(
        "Simulated values of a period. Bar: P10–P90 with the median as a dot; black dot: history.",
        "模拟周期数值的分布。横条：P10–P90，条上圆点：中位数；黑点：历史。",
    ),
}
