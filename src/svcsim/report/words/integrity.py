"""What the pages say about data integrity and alerts."""

from __future__ import annotations

from svcsim.text import Text

INTEGRITY: dict[str, Text] = {
    "integrity_title": Text("Data to check", "数据核查"),
    "integrity_intro": Text(
        "Patterns that make KPIs say less than they seem to. Of the units named here by one "
        "detector, {fdr} or fewer are expected to be false ones. Each is a reason to look at the "
        "tickets, never a verdict: a habit, a tool or a special duty may explain it.",
        "以下现象会让指标失真。同一检测所点名的对象中，预计误报不超过 {fdr}。"
        "每条都只是查看工单的理由，不是结论：习惯、工具或特殊分工都可能是原因。",
    ),
    "integrity_none": Text("Nothing to check was found.", "未发现需要核查的现象。"),
    "integrity_what": Text("What", "现象"),
    "integrity_sure": Text("How sure", "把握"),
    "integrity_found": Text("What was found", "发现"),
    "integrity_tickets": Text("Tickets", "工单"),
    "integrity_not": Text("Not possible with these data", "现有数据无法检测"),
    "integrity_proxy": Text("Proxies in these data", "以近似代替的数据"),
    "alerts_title": Text("What has got worse", "变差预警"),
    "alerts_none": Text("No alert at the end of the period.", "期末没有预警。"),
    "alerts_rule": Text("Rule", "规则"),
    "alert_rule_cusum": Text("CUSUM chart", "CUSUM 控制图"),
    "alert_rule_ewma": Text("EWMA chart", "EWMA 控制图"),
    "alert_rule_shewhart": Text("single week", "单周"),
    "alert_rule_limit": Text("simulated limit", "模拟界限"),
    "alert_rule_budget": Text("miss budget", "未达标额度"),
    "alerts_arl": Text("False alarm every", "平均误报间隔"),
    "alerts_weeks": Text("{n} weeks", "{n} 周"),
    "alerts_budget": Text("Miss budgets", "未达标额度"),
}
