"""What the tuning of free factors says, in both languages."""

from __future__ import annotations

from svcsim.text import Text

NO_WAITS = Text(
    "no waits in the log to tune the busy time with",
    "数据中没有等待时间，无从调校占用系数",
)
INDIFFERENT = Text(
    "waits hardly depend on how busy agents are here, so the data cannot tell the busy time per "
    "handled minute; it stays as assumed",
    "这里的等待几乎与坐席忙闲无关，数据看不出每处理一分钟实际占用多久，该系数保持假设值",
)
PICKED_UP = Text(
    "{note}. First responses take longer than capacity explains: tickets wait to be picked up for "
    "as long as recorded, whatever the staffing, so more agents would not show here",
    "{note}。首次响应比产能所能解释的更慢：无论人数多少，工单都按记录的时长等人领取，"
    "所以增员在这里看不出效果",
)
OUT_OF_RANGE = Text(
    "no busy time per handled minute between 0.6 and 1.8 gives the waits of the history; {best} "
    "comes closest: the roster or the handling times are off",
    "占用系数在 0.6 到 1.8 之间都得不出历史的等待，{best} 最接近：班表或处理时间有偏差",
)
CALENDARS = Text(
    "the busy time per handled minute was tuned to {k}, outside 0.8 to 1.3: calendars or work "
    "minutes are wrong; give a roster (--roster) or handling times before relying on staffing",
    "占用系数调校为 {k}，超出 0.8–1.3：班历或处理时间有误；在据此谈人力之前，"
    "请先提供班表（--roster）或处理时长",
)
GIVEN = Text(
    "what else takes agents' time was given by the planner and is not tuned",
    "坐席的其他占用由排班人员给定，不再调校",
)
DEMANDED = Text(
    "freed because the moments do not fit together without it",
    "不放开此系数，各项指标无法同时吻合",
)
ALSO = Text(
    "tuned as well, because the history does not fit otherwise: {what}, {value} times",
    "另行调校（否则与历史不符）：{what}，{value} 倍",
)
STRUCTURE = Text(
    "no busy time fits all of the history (chi-squared {j} on {df} degrees of freedom, {p}): the "
    "structure is wrong somewhere (routing, rosters, breaks), so nothing more is tuned. Missed: "
    "{moments}",
    "任何占用系数都无法同时吻合各项历史指标（卡方 {j}，自由度 {df}，{p}）：模型结构在某处有误"
    "（路由、班表或休息），因此不再继续调校。未吻合：{moments}",
)
