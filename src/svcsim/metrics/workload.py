"""How much: volume, handling time, backlog, occupancy, patience, people."""

from __future__ import annotations

import narwhals as nw

from svcsim.metrics.expressions import (
    abandoned,
    everyone,
    kept,
    queued,
    resolved,
    spell,
    until,
    waited,
    waiting,
)
from svcsim.metrics.metric import (
    Count,
    Distinct,
    Mean,
    Metric,
    OpenAge,
    PerDistinct,
    Quantile,
    RatioOfSums,
    SpellRatio,
    Spread,
    StaffedTime,
    Sum,
    Survival,
    TimeAverage,
)
from svcsim.text import Text

HANDLED = ("resolved_s", "closed_s", "opened_s")
QUEUED = ("queued_s",)

_handle = nw.col("handle_s")
_agent_known = ~nw.col("agent").is_null()
handled = kept & ~_handle.is_null() & (_handle > 0) & (_agent_known | ~nw.col("names_agents"))
_handled_10s = handled & (_handle >= 10)
_log_handle = nw.when(handled).then(_handle).otherwise(1.0).log()
_by_agent = resolved & _agent_known
_wait = nw.col("wait_s")
_in_queue = nw.when(waited).then(_wait).otherwise(until - queued)
_queue_known = (waited | waiting) & ((_in_queue > 0) | abandoned)
_abandoned_waited = nw.when(abandoned).then(1.0).otherwise(0.0)

_HANDLED = Text(
    "over contacts not abandoned with a handling time above 0 and, where the log names agents, a "
    "known agent",
    "统计未放弃、处理时长大于 0、且（数据有坐席姓名时）坐席已知的联络",
)

VOLUME = Metric(
    "volume", "工单量", "Volume", Text("Contacts opened.", "新创建的联络数。"
    ""), "count", "none", "workload",
    Count(everyone), ("opened_s",), 1, ("opened_s",), "contacts offered",
)  # fmt: skip
AHT = Metric(
    "aht", "平均处理时长", "Average handling time",
    Text(
        f"Mean of agents' working time (talk or typing + hold + after-contact work), {_HANDLED}.",
        f"坐席工作时长（通话或书写 + 保持 + 话后处理）的均值，{_HANDLED.zh}。",
    ),
    "s", "lower", "efficiency", Mean(handled, _handle), HANDLED, 20, ("handle_s",),
    "average handling time",
)  # fmt: skip


def _aht_quantile(name: str, zh: str, en: str, p: float, min_n: int) -> Metric:
    return Metric(
        name, zh, en,
        Text(
            f"Quantile {p:g} of agents' working time, {_HANDLED}.",
            f"坐席工作时长的 {p:g} 分位数，{_HANDLED.zh}。",
        ),
        "s", "lower", "efficiency", Quantile(handled, _handle, p), HANDLED, min_n,
        ("handle_s",), "average handling time, its quantile",
    )  # fmt: skip


AHT_P50 = _aht_quantile("aht_p50", "处理时长中位数", "Handling time (median)", 0.5, 20)
AHT_P90 = _aht_quantile("aht_p90", "处理时长 P90", "Handling time (P90)", 0.9, 50)
AHT_LOG_SD = Metric(
    "aht_log_sd", "处理时长对数标准差", "Spread of handling time (sd of log)",
    Text(
        f"Standard deviation of the natural logarithm of the handling time in seconds, {_HANDLED}; "
        "shorter than 10 s is left out.",
        f"处理时长（秒）自然对数的标准差，{_HANDLED.zh}；不足 10 秒的剔除。",
    ),
    "log", "none", "workload", Spread(_handled_10s, _log_handle), HANDLED, 50, ("handle_s",),
    "shape of a lognormal handling time",
)  # fmt: skip
BACKLOG = Metric(
    "backlog", "平均积压", "Backlog (time average)",
    Text(
        "Open contacts (opened, neither resolved nor abandoned), averaged over the time of the "
        "period inside the window. Contacts opened before the log begins are not known and not "
        "counted.",
        "未结联络数（已创建，既未解决也未放弃），按周期在窗口内的时间取平均。"
        "数据开始之前创建的联络无从得知，不计入。",
    ),
    "count", "lower", "workload", TimeAverage(), ("opened_s",), 1, ("opened_s",),
    "time-averaged number in system",
)  # fmt: skip
BACKLOG_END = Metric(
    "backlog_end", "期末积压", "Backlog at the end",
    Text(
        "Open contacts at the last instant of the period (or of the window, if that is earlier).",
        "周期最后一刻（窗口更早结束时取窗口最后一刻）的未结联络数。",
    ),
    "count", "lower", "workload", TimeAverage(at_end=True), ("opened_s",), 1, ("opened_s",),
    "number in system at an instant",
)  # fmt: skip
OCCUPANCY = Metric(
    "occupancy", "占用率", "Occupancy",
    Text(
        "Seconds in which agents work on at least one contact / staffed seconds, both inside the "
        "period; several contacts at once count once. By agent or team only.",
        "坐席至少在处理一个联络的秒数 / 在岗秒数，均只计周期以内的部分；同时处理多个联络只计一次。"
        "只能按坐席或班组统计。",
    ),
    "share", "none", "workload", SpellRatio(), ("opened_s",), 1, ("work", "staffed"),
    "busy time / scheduled time",
)  # fmt: skip
TIME_ON_DUTY = Metric(
    "time_on_duty", "在岗时间", "Time on duty",
    Text(
        "Staffed seconds inside the period, overtime included. By agent or team only.",
        "周期以内的在岗秒数，包括加班。只能按坐席或班组统计。",
    ),
    "s", "none", "workload", StaffedTime(), ("opened_s",), 1, ("staffed",), "scheduled time",
)  # fmt: skip
AGENTS = Metric(
    "agents", "在岗人数", "Agents with resolved contacts",
    Text(
        "Different agents among resolved contacts.",
        "已解决联络涉及的坐席人数。",
    ),
    "count", "none", "workload", Distinct(_by_agent, "agent"), ("resolved_s",), 1, ("agent",),
    "distinct resolvers",
)  # fmt: skip
THROUGHPUT = Metric(
    "throughput", "人均日解决量", "Resolved per active agent-day",
    Text(
        "Resolved contacts with a known agent / different pairs of agent and local day on which "
        "the agent resolved something.",
        "坐席已知的已解决联络数 / 有解决记录的人日数（坐席 × 当地日期）。",
    ),
    "per day", "higher", "efficiency", PerDistinct(_by_agent, "agent_day"), ("resolved_s",), 20,
    ("agent", "resolved_s"), "contacts resolved per active agent-day",
)  # fmt: skip
PATIENCE_MEAN = Metric(
    "patience_mean", "平均耐心", "Mean patience",
    Text(
        "Total time in the queue of all contacts, answered ones included / contacts abandoned: the "
        "mean of an exponential patience seen with censoring.",
        "全部联络（含已接通）的排队总时长 / 放弃的联络数：计入删失的指数分布耐心的均值。",
    ),
    "s", "none", "workload", RatioOfSums(_queue_known, _in_queue, _abandoned_waited), QUEUED, 50,
    ("wait_s", "abandoned_s"), "maximum likelihood with right-censoring",
)  # fmt: skip


def still_waiting(text: str, limit: float) -> Metric:
    """Return the share of customers who would still wait after a limit if not answered."""
    shown = spell(limit)
    return Metric(
        f"still_waiting({text})", f"等待 {shown.zh}仍未放弃占比",
        f"Patient beyond {shown}",
        Text(
            f"Kaplan-Meier share of contacts not abandoned after {shown} in the queue; answered "
            "contacts are censored when answered, contacts without any wait do not enter.",
            f"排队满 {shown.zh}仍未放弃的 Kaplan-Meier 占比；已接通的在接通时删失，"
            "没有等待的不计入。",
        ),
        "share", "none", "workload", Survival(_queue_known, _in_queue, abandoned, limit), QUEUED,
        50, ("wait_s", "abandoned_s"), "Kaplan & Meier 1958",
    )  # fmt: skip


AGE_P90 = Metric(
    "age_p90", "积压龄 P90", "Age of open contacts (P90)",
    Text(
        "Quantile 0.9 of end − opening over the contacts that are open at the end of the period "
        "(or of the window, if that is earlier).",
        "周期最后一刻（窗口更早结束时取窗口最后一刻）仍未结的联络，其已历时长的 0.9 分位数。",
    ),
    "s", "lower", "workload", OpenAge(0.9), ("opened_s",), 20, ("opened_s",), "age of the backlog",
)  # fmt: skip

_difficulty = nw.col("difficulty_index")
_WEIGHT = Text(
    "a contact's weight is the handling time expected of its kind (category, difficulty label, "
    "channel, priority; the own agent's left out) / that of all",
    "联络的权重为同类（事由、难度标签、渠道、优先级；不含本人的记录）的预期处理时长 / 全部的均值",
)
VOL_DIFF = Metric(
    "vol_diff", "难度加权工单量", "Volume weighted by difficulty",
    Text(
        f"Σ weight of the contacts resolved; {_WEIGHT}.",
        f"已解决联络的权重合计；{_WEIGHT.zh}。",
    ),
    "count", "higher", "workload", Sum(resolved & ~_difficulty.is_null(), _difficulty),
    ("resolved_s",), 1, ("handle_s", "category|difficulty|priority|channel"),
    "weights from expected touch time",
)  # fmt: skip
DIFFICULTY = Metric(
    "difficulty", "难度指数", "Difficulty",
    Text(
        f"Mean weight of the contacts opened (1 = as hard as the mean); {_WEIGHT}.",
        f"新建联络的权重均值（1 为平均难度）；{_WEIGHT.zh}。",
    ),
    "count", "none", "workload", Mean(everyone & ~_difficulty.is_null(), _difficulty),
    ("opened_s",), 20, ("handle_s", "category|difficulty|priority|channel"),
    "expected touch time / mean",
)  # fmt: skip
