"""What states of KPIs, bands of units and kinds of flags are called in Chinese."""

from __future__ import annotations

from svcsim.scorecard.integrity.detection import NAMES

STATUS = {
    "met": "达标",
    "not met": "未达标",
    "too few": "样本不足",
    "no data": "无数据",
    "immature": "观察期未满",
}
"""Status of a KPI and its Chinese name."""
GATED = "gated"
"""Band of a unit that missed a gate."""
BANDS = {
    "top": "领先",
    "typical": "正常",
    "support": "需支持",
    "on target": "达标",
    "below target": "未达标",
    "uncertain": "尚不确定",
    GATED: "触及红线",
}
"""Band of a unit and its Chinese name: agents are compared, desk and teams are held to targets."""


FLAGS = {
    "left out": "已剔除",
    "no data": "无数据",
    "thin": "样本少",
    "immature": "观察期未满",
    "noisy": "信度低",
    "mix": "构成特殊",
    **{detector.replace("_", " "): name.zh for detector, name in NAMES.items()},
    "gate": "触及红线",
    "new": "新人",
}
"""Kind of a flag and its Chinese name."""
USES = {
    "team only": "仅看团队",
    "feedback": "仅作反馈",
    "may carry pay": "可挂钩薪酬",
    "": "",
}
"""What a KPI of an agent may be used for, by its reliability."""
FUNNEL = {
    "inside": "控制限内",
    "watch": "关注",
    "act": "需处理",
    "not comparable": "无可比对象",
}
"""Where a unit lies in the funnel of a KPI."""
TRENDS = {"rising": "上升", "falling": "下降", "no change seen": "未见变化"}
"""Verdict of a trend."""

GATES = {
    "passed": "通过",
    "failed": "触及",
    "not judged": "未判定",
}
"""Status of a gate and its Chinese name."""
