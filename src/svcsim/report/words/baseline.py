"""The page of a baseline."""

from __future__ import annotations

from svcsim.text import Text

BASELINE: dict[str, Text] = {
    "title_baseline": Text("Baseline of the desk: {name}", "服务台基线：{name}"),
    "subtitle_baseline": Text(
        "Learned from {rows} contacts of {span}.",
        "依据 {span} 的 {rows} 条服务记录。",
    ),
    "weeks_title": Text("The history week by week", "历史逐周走势"),
    "weeks_intro": Text(
        "Weekly values with their 90% intervals; a dashed line is where a level changed. A desk "
        "that changed largely inside its window is not fitted as one.",
        "各周数值及 90% 区间；虚线为水平变化之处。时段内变化过大的服务台不会按一个整体校准。",
    ),
    "alt_weeks": Text("Weekly series of the history", "历史逐周走势图"),
    "fact_week": Text("New cases in an ordinary week", "普通周新增个案"),
    "fact_measured": Text("Numbers measured", "实测的数字"),
    "fact_slowdown": Text("Busy time / recorded time", "占用时间/记录时间"),
    "slowdown_kept": Text("assumed: waits do not tell it", "假设值：等待无法反映"),
    "slowdown_note": Text("tuned so that waits match", "校准使等待吻合"),
    "quantity_note": Text(
        "Below each value its 90% interval; grey numbers are assumed.",
        "数值下方为 90% 区间；灰色为假设值。",
    ),
    "of_all": Text("of {n}", "共 {n} 个"),
    "categories_title": Text("Categories", "类别"),
    "category": Text("Category", "类别"),
    "share": Text("Share", "占比"),
    "team": Text("Team", "班组"),
    "handling": Text("Handling time (mean)", "处理时间（均值）"),
    "reopen": Text("Reopened", "重开"),
    "repeat": Text("Repeat contact", "重复来访"),
    "agents_title": Text("Differences between agents", "坐席差异"),
    "agents_intro": Text(
        "Speed 1.1 = 10% faster; quality above 0 = customers come back less. 90% intervals.",
        "速度 1.1 = 快 10%；质量为正 = 客户较少再来。区间为 90%。",
    ),
    "agent": Text("Agent", "坐席"),
    "speed": Text("Speed", "速度"),
    "quality": Text("Quality", "质量"),
    "numbers_title": Text("Every number of the model", "模型的每个数字"),
    "path": Text("Where", "位置"),
    "grade": Text("Grade", "等级"),
    "how": Text("How it was learned", "如何得到"),
}
