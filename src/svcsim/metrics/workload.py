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
    PerDistinct,
    Quantile,
    RatioOfSums,
    SpellRatio,
    Spread,
    StaffedTime,
    Survival,
    TimeAverage,
)

HANDLED = ("resolved_s", "closed_s", "opened_s")
QUEUED = ("queued_s",)

_handle = nw.col("handle_s")
_agent_known = ~nw.col("agent").is_null()
_handled = kept & ~_handle.is_null() & (_handle > 0) & (_agent_known | ~nw.col("names_agents"))
_handled_10s = _handled & (_handle >= 10)
_log_handle = nw.when(_handled).then(_handle).otherwise(1.0).log()
_by_agent = resolved & _agent_known
_wait = nw.col("wait_s")
_in_queue = nw.when(waited).then(_wait).otherwise(until - queued)
_queue_known = (waited | waiting) & ((_in_queue > 0) | abandoned)
_abandoned_waited = nw.when(abandoned).then(1.0).otherwise(0.0)

_HANDLED = (
    "over contacts not abandoned with a handling time above 0 and, where the log names agents, a "
    "known agent"
)

VOLUME = Metric(
    "volume", "工单量", "Volume", "Contacts opened.", "count", "none", "workload",
    Count(everyone), ("opened_s",), 1, ("opened_s",), "contacts offered",
)  # fmt: skip
AHT = Metric(
    "aht", "平均处理时长", "Average handling time",
    f"Mean of agents' working time (talk or typing + hold + after-contact work), {_HANDLED}.",
    "s", "lower", "efficiency", Mean(_handled, _handle), HANDLED, 20, ("handle_s",),
    "average handling time",
)  # fmt: skip


def _aht_quantile(name: str, zh: str, en: str, p: float, min_n: int) -> Metric:
    return Metric(
        name, zh, en, f"Quantile {p:g} of agents' working time, {_HANDLED}.",
        "s", "lower", "efficiency", Quantile(_handled, _handle, p), HANDLED, min_n,
        ("handle_s",), "average handling time, its quantile",
    )  # fmt: skip


AHT_P50 = _aht_quantile("aht_p50", "处理时长中位数", "Handling time (median)", 0.5, 20)
AHT_P90 = _aht_quantile("aht_p90", "处理时长 P90", "Handling time (P90)", 0.9, 50)
AHT_LOG_SD = Metric(
    "aht_log_sd", "处理时长对数标准差", "Spread of handling time (sd of log)",
    f"Standard deviation of the natural logarithm of the handling time in seconds, {_HANDLED}; "
    "shorter than 10 s is left out.",
    "log", "none", "workload", Spread(_handled_10s, _log_handle), HANDLED, 50, ("handle_s",),
    "shape of a lognormal handling time",
)  # fmt: skip
BACKLOG = Metric(
    "backlog", "平均积压", "Backlog (time average)",
    "Open contacts (opened, neither resolved nor abandoned), averaged over the time of the period "
    "inside the window. Contacts opened before the log begins are not known and not counted.",
    "count", "lower", "workload", TimeAverage(), ("opened_s",), 1, ("opened_s",),
    "time-averaged number in system",
)  # fmt: skip
BACKLOG_END = Metric(
    "backlog_end", "期末积压", "Backlog at the end",
    "Open contacts at the last instant of the period (or of the window, if that is earlier).",
    "count", "lower", "workload", TimeAverage(at_end=True), ("opened_s",), 1, ("opened_s",),
    "number in system at an instant",
)  # fmt: skip
OCCUPANCY = Metric(
    "occupancy", "占用率", "Occupancy",
    "Seconds of agents' work / staffed seconds, both inside the period. By agent or team only.",
    "share", "none", "workload", SpellRatio(), ("opened_s",), 1, ("work", "staffed"),
    "busy time / scheduled time",
)  # fmt: skip
TIME_ON_DUTY = Metric(
    "time_on_duty", "在岗时间", "Time on duty",
    "Staffed seconds inside the period, overtime included. By agent or team only.",
    "s", "none", "workload", StaffedTime(), ("opened_s",), 1, ("staffed",), "scheduled time",
)  # fmt: skip
AGENTS = Metric(
    "agents", "在岗人数", "Agents with resolved contacts",
    "Different agents among resolved contacts.",
    "count", "none", "workload", Distinct(_by_agent, "agent"), ("resolved_s",), 1, ("agent",),
    "distinct resolvers",
)  # fmt: skip
THROUGHPUT = Metric(
    "throughput", "人均日解决量", "Resolved per active agent-day",
    "Resolved contacts with a known agent / different pairs of agent and local day on which the "
    "agent resolved something.",
    "per day", "higher", "efficiency", PerDistinct(_by_agent, "agent_day"), ("resolved_s",), 20,
    ("agent", "resolved_s"), "contacts resolved per active agent-day",
)  # fmt: skip
PATIENCE_MEAN = Metric(
    "patience_mean", "平均耐心", "Mean patience",
    "Total time in the queue of all contacts, answered ones included / contacts abandoned: the "
    "mean of an exponential patience seen with censoring.",
    "s", "none", "workload", RatioOfSums(_queue_known, _in_queue, _abandoned_waited), QUEUED, 50,
    ("wait_s", "abandoned_s"), "maximum likelihood with right-censoring",
)  # fmt: skip


def still_waiting(text: str, limit: float) -> Metric:
    """Return the share of customers who would still wait after a limit if not answered."""
    shown = spell(limit)
    return Metric(
        f"still_waiting({text})", f"等待 {shown} 仍未放弃占比",
        f"Patient beyond {shown}",
        f"Kaplan-Meier share of contacts not abandoned after {shown} in the queue; answered "
        "contacts are censored when answered, contacts without any wait do not enter.",
        "share", "none", "workload", Survival(_queue_known, _in_queue, abandoned, limit), QUEUED,
        50, ("wait_s", "abandoned_s"), "Kaplan & Meier 1958",
    )  # fmt: skip
