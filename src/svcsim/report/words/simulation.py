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
    "remarks_title": Text("To know about these numbers", "关于这些数字"),
    "key_warm_up": Text("Warm-up, not counted", "预热期（不计入）"),
    "n_days": Text("{n} days", "{n} 天"),
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
    # an hour at the desk
    "hour_section": Text("An hour at the desk", "服务台的一小时"),
    "hour_intro": Text(
        "Replication {n} as it happened: above who waited, below what each agent did. Event by "
        "event in {file}.",
        "第 {n} 次模拟的实际经过：上为排队人数，下为各坐席在做什么。逐个事件见 {file}。",
    ),
    "hour_title": Text("{day}, {start} to {end}", "{day}，{start} 至 {end}"),
    "hour_counts": Text(
        "replication {n}: {arrived} arrived, {taken} taken, {left} gave up",
        "第 {n} 次模拟：到达 {arrived}，接手 {taken}，放弃 {left}",
    ),
    "hour_waiting": Text("waiting", "排队数"),
    "hour_after": Text("after-contact work", "后续工作"),
    "hour_off": Text("off the queue", "离队"),
    "hour_out": Text("off shift (bars on it: overtime)", "不当班（其上横条为加班）"),
    "hour_free": Text("free", "空闲"),
    "hour_free_or_off": Text("free (or off the queue)", "空闲（或离队）"),
    "hour_left": Text("gave up", "放弃"),
    "hour_other": Text("other categories", "其他类别"),
    "hour_none": Text("no category", "无类别"),
    "hour_more": Text("and {n} more agents", "另有 {n} 名坐席"),
    "hour_lanes": Text(
        "Bars above each other: contacts of one agent at once; free only where all the row is "
        "white",
        "同一行内上下并列的横条：该坐席同时处理的联络；整行空白才是空闲",
    ),
    "hour_unknown": Text(
        "{n} of the contacts taken are missing in the queue: when they came back is not known",
        "接手的联络中有 {n} 个未计入排队：不知何时回到队列",
    ),
    "alt_hour": Text(
        "What each agent did and how many waited, {day}, {start} to {end}",
        "{day} {start} 至 {end} 各坐席的工作与排队数",
    ),
}
