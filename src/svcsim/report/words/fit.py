"""How a baseline fits: time splits, bands, places, distances, volume, pictures."""

from __future__ import annotations

from svcsim.text import Text

FIT: dict[str, Text] = {
    "recorded": Text("recorded", "实际记录"),
    "forecast_band": Text("forecast, 90% band", "预测及 90% 带"),
    "simulated_band": Text("simulated, 90% band", "模拟及 90% 带"),
    "simulated_line": Text("simulated", "模拟"),
    "on_duty_line": Text("on duty in the simulation", "模拟中的在岗人数"),
    "tick_1s": Text("1s", "1秒"),
    "tick_10s": Text("10s", "10秒"),
    "tick_1min": Text("1min", "1分"),
    "tick_10min": Text("10min", "10分"),
    "tick_1h": Text("1h", "1小时"),
    "tick_6h": Text("6h", "6小时"),
    "tick_1d": Text("1d", "1天"),
    "tick_7d": Text("7d", "7天"),
    "tick_30d": Text("30d", "30天"),
    "pit_axis": Text("place of the observed value in the band", "观测值在模拟分布中的位置"),
    "splits_title": Text("Time splits", "时间切分"),
    "splits_intro": Text(
        "At each split the desk is fitted anew on what was known then, its busy time is tuned on "
        "the days before, and the days that follow are simulated: with the arrivals that really "
        "came (tests the service model) and with forecast ones (tests everything, volume "
        "included). Nothing later is used.",
        "每个切分点都只用当时已知的数据重新校准，用之前的日子调校占用系数，再模拟其后的日子："
        "一次用真实到达（检验服务模型），一次用预测到达（检验全部，含业务量）。不使用任何之后的数据。",
    ),
    "split": Text("Held out", "留出"),
    "split_rows": Text("Contacts fitted on", "校准所用联络"),
    "split_slowdown": Text("Busy time factor", "占用系数"),
    "split_real": Text("Inside, real arrivals", "带内（真实到达）"),
    "split_forecast": Text("Inside, forecast arrivals", "带内（预测到达）"),
    "n_of": Text("{inside} of {n}", "{n} 个中 {inside} 个"),
    "coverage_title": Text("Do the bands hold what they promise?", "区间带是否名副其实"),
    "coverage_intro": Text(
        "A band of 80% should hold 80% of the observed values. The interval of the share takes "
        "the values of one week as one draw, because they move together.",
        "80% 带应包含 80% 的观测值。同一周的各值共同变动，占比的区间按一周一次抽样计算。",
    ),
    "band_head": Text("Band", "区间带"),
    "arrivals_head": Text("Arrivals", "到达"),
    "arrivals_real": Text("real", "真实"),
    "arrivals_forecast": Text("forecast", "预测"),
    "inside_head": Text("Inside", "带内"),
    "interval_head": Text("90% interval", "90% 区间"),
    "of_volume": Text("volume only, {band}", "仅业务量，{band}"),
    "pit_title": Text("Where observed values lie in their bands", "观测值在区间带中的位置"),
    "pit_intro": Text(
        "Place 0 is below everything simulated, 1 above. All ten bars alike: the bands are right. "
        "Heaped at both ends (U): too narrow; in the middle: too wide; a slope: biased. Whether "
        "chance explains the shape is judged by putting every simulated log in the place of the "
        "observed one.",
        "0 表示低于所有模拟值，1 表示高于。十根柱等高：区间带正确；两端堆积（U 形）：过窄；"
        "中部堆积：过宽；倾斜：有系统偏差。形状能否以偶然解释，用每份模拟记录代替观测记录来判断。",
    ),
    "pit_all": Text("all KPIs", "全部指标"),
    "pit_volume": Text("volume by day, forecast", "每日业务量（预测）"),
    "pit_mean": Text("Mean place", "平均位置"),
    "pit_shape": Text("Shape", "形状"),
    "pit_p": Text("By chance", "偶然概率"),
    "shape_flat": Text("flat: as it should be", "平坦：正常"),
    "shape_U": Text("U: bands too narrow", "U 形：区间过窄"),
    "shape_hump": Text("hump: bands too wide", "驼峰：区间过宽"),
    "shape_low": Text("low: simulated values biased upwards", "偏低：模拟值偏高"),
    "shape_high": Text("high: simulated values biased downwards", "偏高：模拟值偏低"),
    "shape_few": Text("too few values to tell", "数值太少，无法判断"),
    "distances_title": Text("Distances between recorded and simulated", "记录与模拟的分布距离"),
    "distances_intro": Text(
        "Wasserstein distances (formulas of log-distance-measures), times on the log scale. The "
        "floor is what simulated logs lie apart from one another: 1× floor is as good as can be. "
        "Distances do not see volume (table below), and hours are not circular: 23:00 to 00:00 "
        "counts 23.",
        "Wasserstein 距离（公式同 log-distance-measures），时长取对数。底噪为模拟记录彼此间的"
        "距离：底噪的 1 倍即最佳。距离看不出业务量（见下表）；小时不按环形计算，"
        "23 点到 0 点计 23。",
    ),
    "distance": Text("Distance", "距离"),
    "floor": Text("Floor (median, 95%)", "底噪（中位数，95%）"),
    "relative": Text("× floor", "底噪倍数"),
    "chance_p": Text("By chance", "偶然概率"),
    "halves": Text("History, odd to even weeks", "历史：单周对双周"),
    "kind": Text("What", "内容"),
    "volume_title": Text("Volume", "业务量"),
    "volume_intro": Text(
        "Contacts of the held-out days against the forecast made before them.",
        "留出日的联络量与事先预测之比较。",
    ),
    "by": Text("By", "分组"),
    "by_total": Text("total", "合计"),
    "by_weekday": Text("weekday", "星期"),
    "by_category": Text("category", "类别"),
    "came": Text("Came", "实际"),
    "forecast_head": Text("Forecast", "预测"),
    "levels_title": Text("Level errors over all held-out periods", "全部留出周期的水平误差"),
    "error": Text("Error", "误差"),
    "tolerated": Text("Tolerated", "可容许"),
    "error_points": Text("{n} points", "{n} 个百分点"),
    "fit_arrivals_title": Text("Arrivals: forecast against recorded", "到达：预测与实际"),
    "fit_arrivals_day": Text("Contacts a day; shaded: held out", "每日联络量；阴影为留出期"),
    "fit_arrivals_week": Text(
        "Contacts by local hour of week, mean of the held-out weeks",
        "一周各小时联络量（留出周均值）",
    ),
    "fit_handling_title": Text(
        "Handling times: simulated against recorded", "处理时长：模拟与实际"
    ),
    "fit_handling_note": Text(
        "Share of contacts handled in less time, log axis, held-out days; whole contacts, so the "
        "fitted law, the agents' speeds and how often a contact is handled all count.",
        "在更短时间内处理完的联络占比（横轴取对数，留出期）；按整个联络计，"
        "含拟合分布、坐席速度和处理次数。",
    ),
    "fit_waits_title": Text("Waits: simulated against recorded", "等待：模拟与实际"),
    "fit_waits_note": Text(
        "Share still waiting after a time, log axis, real arrivals replayed. Live channels: the "
        "wait in the queue.",
        "经过某时长后仍在等待的占比（横轴取对数，回放真实到达）；实时渠道为排队时长。",
    ),
    "wait_response": Text("until the first response", "至首次响应"),
    "wait_resolution": Text("until resolved", "至解决"),
    "fit_duty_title": Text("Calendars: people at work", "日历：在岗处理人数"),
    "fit_duty_note": Text(
        "Different people with a response or a resolution in the hour, counted alike in both; the "
        "thin line is who is on duty in the simulation.",
        "该小时内有响应或解决操作的不同人数，两边口径相同；细线为模拟中的在岗人数。",
    ),
    "alt_fit": Text("Recorded against simulated: {what}", "实际与模拟对比：{what}"),
    "only_outside": Text("Values outside the 90% band", "90% 带之外的值"),
    "cells_title": Text("Every held-out value", "全部留出值"),
    "gate_title": Text("Before targets are set on it", "据此定目标之前"),
    "gate_open": Text(
        "The baseline passes the gate: targets may be proposed on it.",
        "该基线通过审核，可据此提议目标。",
    ),
}
