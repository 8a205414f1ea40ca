"""The section about tuned factors on the page of a baseline."""

from __future__ import annotations

from svcsim.text import Text

TUNING: dict[str, Text] = {
    "tuning_title": Text("Tuned to the history", "按历史调校"),
    "tuning_intro": Text(
        "What stamps do not tell is tuned until {n} replays of {span} with its real arrivals come "
        "closest to what was recorded. Times to the first response and waits are typical "
        "(geometric) means; z is the difference in standard errors.",
        "时间戳说不出的系数，通过以真实到达回放 {span}（{n} 次）调校到最接近记录为止。"
        "首次响应和等待取典型值（几何平均）；z 为差异相当于几个标准误。",
    ),
    "tuning_factor": Text("Factor", "系数"),
    "tuning_why": Text("Why", "原因"),
    "tuning_moment": Text("Recorded and replayed", "记录与回放"),
    "tuning_recorded": Text("Recorded", "记录"),
    "tuning_replayed": Text("Replayed", "回放"),
    "tuning_fits": Text(
        "The moments fit together: chi-squared {j} on {df} degrees of freedom (p {p}).",
        "各项指标彼此吻合：卡方 {j}，自由度 {df}（p {p}）。",
    ),
    "tuning_strained": Text(
        "The moments fit together only just: chi-squared {j} on {df} degrees of freedom (p {p}).",
        "各项指标勉强吻合：卡方 {j}，自由度 {df}（p {p}）。",
    ),
    "tuning_fails": Text(
        "The moments do not fit together: chi-squared {j} on {df} degrees of freedom (p {p}). "
        "The structure of the model is wrong somewhere; tuning further would hide it.",
        "各项指标无法同时吻合：卡方 {j}，自由度 {df}（p {p}）。模型结构在某处有误，"
        "继续调校只会掩盖问题。",
    ),
    "tuning_told": Text("Which parameters the history tells apart", "历史能区分哪些参数"),
    "tuning_clear": Text(
        "All examined parameters can be told apart (condition number {condition}).",
        "所检视的参数均可区分（条件数 {condition}）。",
    ),
    "tuning_condition": Text(
        "Condition number {condition}; beyond 30 some direction cannot be seen.",
        "条件数 {condition}；超过 30 即有看不出的方向。",
    ),
    "tuning_endless": Text("without bound", "无上界"),
    "tuning_no_factor": Text("not tuned", "未调校"),
}
