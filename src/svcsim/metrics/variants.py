"""Definitions that share a name: which there are, and how they differ.

Sources disagree about what a KPI's name means; on the same log the rules give different numbers.
A family holds the definitions of one name, each with what sets it apart. One of them is what was
agreed upon (contractual): the one asked for, else the family's first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from svcsim.metrics.catalogue import EXAMPLES, get_metric
from svcsim.metrics.metric import Metric
from svcsim.text import Text


@dataclass(frozen=True)
class Family:
    """Definitions of one name; `members` are names without parameter, the usual one first."""

    id: str
    name: Text
    members: dict[str, Text]
    not_here: tuple[Text, ...] = ()
    """Rules that need what a canonical log does not hold."""
    by_date: bool = False
    """Whether the definitions differ in which contacts a period counts: the window is a period."""


@dataclass(frozen=True)
class Variant:
    """One definition in its family, with the family's parameter."""

    metric: Metric
    differs: Text
    contractual: bool


FAMILIES = (
    Family(
        "frt", Text("First response time", "首次响应时间"),
        {
            "frt": Text("mean: a few very late answers move it", "均值：少数极晚的响应即可拉高"),
            "frt_p50": Text(
                "median, those still waiting included", "中位数，包含仍在等待的联络"
            ),
            "frt_p90": Text(
                "what nine of ten do not exceed, those still waiting included",
                "十个中有九个不超过的时长，包含仍在等待的联络",
            ),
            "frt_open": Text(
                "mean in business hours: nights and holidays do not count",
                "按营业时间的均值：夜间与节假日不计",
            ),
            "frt_meaningful": Text(
                "until a reply that moves the contact on: \"we are on it\" does not count",
                "到推动工单的回复为止：“处理中”不算",
            ),
        },
    ),
    Family(
        "frt_within", Text("First response within a limit", "首响达标率"),
        {
            "frt_within": Text(
                "of all whose limit has passed: unanswered ones are misses",
                "分母为时限已过的全部联络：未响应的计为未达标",
            ),
            "frt_within_answered": Text(
                "of the answered only: never answering is not punished",
                "分母仅为已响应的联络：从不响应也不受罚",
            ),
            "frt_within_created": Text(
                "of all opened: those still inside the limit are misses",
                "分母为全部创建的联络：仍在时限内的计为未达标",
            ),
            "frt_within_open": Text(
                "the limit runs in business hours", "时限按营业时间计"
            ),
        },
    ),
    Family(
        "service_level", Text("Service level", "服务水平"),
        {
            "answered_within": Text(
                "answered in time / answered or abandoned: every abandonment is a miss",
                "及时接通 / 已接通或已放弃：放弃一律计为未达标",
            ),
            "answered_within_excused": Text(
                "those who hung up within the limit are left out",
                "时限内放弃的联络不计入",
            ),
            "answered_within_credited": Text(
                "those who hung up within the limit count as met: never below the others",
                "时限内放弃的联络计为达标：从不低于其他口径",
            ),
            "answered_within_served": Text(
                "of the answered only: abandonment is not seen", "仅看已接通的联络：看不到放弃"
            ),
        },
    ),
    Family(
        "fcr", Text("First contact resolution", "一次解决率"),
        {
            "fcr_window": Text(
                "nobody comes back within the window, nothing reopened (rule E)",
                "窗口期内无人再次联络且未重开（口径 E）",
            ),
            "fcr_net": Text(
                "the same without contacts that changed hands (rule F)",
                "同上，但剔除转派的联络（口径 F）",
            ),
            "fcr_onetouch": Text(
                "answered, never pending, never reopened (rule A, Zendesk messaging)",
                "有回复、从未挂起且从未重开（口径 A，Zendesk 消息）",
            ),
            "fcr_reply1": Text(
                "one public reply; a reopen does not matter (rule B, dbt_zendesk)",
                "仅一次公开回复，重开不影响（口径 B，dbt_zendesk）",
            ),
            "fcr_closed_reply1": Text(
                "closed after one public reply (rule C, Zoho)",
                "一次公开回复后关闭（口径 C，Zoho）",
            ),
            "fcr_no_customer": Text(
                "the customer never wrote again, however often agents did (rule D, Freshservice)",
                "客户再未发消息，坐席回复次数不限（口径 D，Freshservice）",
            ),
            "fcr_one_handling": Text(
                "taken up once: stands in for B and C where replies are not recorded",
                "只处理一次：没有回复记录时代替口径 B、C",
            ),
            "fcr_never_waited": Text(
                "never pending, never reopened: stands in for A where replies are not recorded",
                "从未挂起且从未重开：没有回复记录时代替口径 A",
            ),
            "fcr_fast": Text(
                "solved within a limit, no transfer, no reopen",
                "限时内解决、无转派、无重开",
            ),
        },
    ),
    Family(
        "occupancy", Text("Occupancy", "占用率"),
        {
            "occupancy": Text("of the time on duty", "分母为实际在岗时间"),
            "occupancy_scheduled": Text(
                "of the time planned, there or not", "分母为排班时间，不论是否在岗"
            ),
        },
    ),
    Family(
        "csat", Text("Customer satisfaction", "客户满意度"),
        {
            "csat_top2": Text("a 3 counts as bad (Zendesk)", "3 分视为不满意（Zendesk）"),
            "csat_good": Text("a 3 does not count at all", "3 分不计入"),
            "csat_not_bad": Text("a 3 counts as good", "3 分视为满意"),
            "csat_lb": Text(
                "what the share of 4 and 5 is at least: few answers count for little",
                "4–5 星占比至少为多少：评价少则低",
            ),
            "csat_mean": Text("mean of the scale: bad and good offset", "均分：好坏相抵"),
        },
    ),
    Family(
        "csat_attribution", Text("Whose satisfaction it is", "满意度归谁"),
        {
            "csat_top2": Text(
                "of who holds the contact at the end: handing it on after a bad rating moves it",
                "归最后的负责人：收到差评后转出即可转嫁",
            ),
            "csat_at_rating": Text(
                "of who worked on it last before the rating", "归评价前最后处理的人"
            ),
            "csat_touched": Text(
                "of everybody who worked on it before the rating", "归评价前处理过的每个人"
            ),
        },
    ),
    Family(
        "res_first", Text("First or last resolution", "首次还是最后一次解决"),
        {
            "res_full": Text("until the last resolution", "到最后一次解决"),
            "res_first": Text("until the first one: reopens do not count", "到首次解决：重开不计"),
        },
    ),
    Family(
        "cohort", Text("Which contacts a period counts", "按什么时间归入周期"),
        {
            "volume": Text("those opened in it", "周期内创建的"),
            "volume_answered": Text("those first answered in it", "周期内首次响应的"),
            "volume_resolved": Text("those resolved in it", "周期内解决的"),
            "volume_rated": Text("those rated in it", "周期内收到评价的"),
        },
        by_date=True,
    ),
    Family(
        "res_full", Text("Resolution time", "解决时长"),
        {
            "res_full": Text(
                "opened in the period: what is still open is left out",
                "周期内创建的：未结的不计入",
            ),
            "res_full_resolved": Text(
                "resolved in the period: old tickets count when they are worked off",
                "周期内解决的：清理积压时旧单计入",
            ),
            "res_open": Text(
                "opened in the period, in business hours", "周期内创建的，按营业时间计"
            ),
            "res_own": Text(
                "opened in the period, without waiting for the customer",
                "周期内创建的，不含等待客户的时间",
            ),
            "res_own_open": Text(
                "opened in the period, in business hours, without waiting for the customer",
                "周期内创建的，按营业时间计，不含等待客户的时间",
            ),
        },
        by_date=True,
    ),
)  # fmt: skip


def side_by_side(asked: Iterable[str] = ()) -> Iterator[tuple[Family, list[Variant]]]:
    """Yield every family (those of the metrics asked for, where any are) with its definitions.

    A family with parameters takes that of the metric asked for, else the usual one.

    Raises
    ------
    InputError
        For an unknown metric.
    """
    wanted = {_name(get_metric(text).id): get_metric(text).id for text in asked}
    for family in FAMILIES:
        mine = [name for name in family.members if name in wanted]
        if wanted and not mine:
            continue
        contractual = mine[0] if mine else next(iter(family.members))
        like = wanted.get(contractual, "")
        parameter = like[like.index("(") :] if "(" in like else ""
        variants = []
        for name, differs in family.members.items():
            own = wanted.get(name) or name + _parameter(name, contractual, parameter)
            variants.append(Variant(get_metric(own), differs, name == contractual))
        yield family, variants


def family_of(metric_id: str) -> Family | None:
    """Return the (first) family with several definitions that a metric belongs to."""
    name = _name(metric_id)
    return next((family for family in FAMILIES if name in family.members), None)


def which_of(metric_id: str) -> Text:
    """Return which of several definitions of its name a metric is; empty where it is alone."""
    family = family_of(metric_id)
    if family is None:
        return Text("")
    return _WHICH.fill(
        n=len(family.members),
        name=Text(family.name.en[0].lower() + family.name.en[1:], family.name.zh),
        differs=family.members[_name(metric_id)],
    )


_WHICH = Text(
    "one of {n} definitions of {name}: {differs}; svcsim measure --variants shows all",
    "“{name}”的 {n} 种口径之一：{differs}；svcsim measure --variants 可全部并列查看",
)


def alone(asked: Iterable[str]) -> list[str]:
    """Return the metrics asked for that belong to no family."""
    every = {name for family in FAMILIES for name in family.members}
    return [text for text in asked if _name(get_metric(text).id) not in every]


def _name(text: str) -> str:
    return text.split("(")[0]


def _parameter(name: str, contractual: str, parameter: str) -> str:
    """Return the parameter of a definition: that of the contractual one where both have one."""
    if name not in EXAMPLES:
        return ""
    same = EXAMPLES.get(contractual) == EXAMPLES[name]
    return parameter if parameter and same else f"({EXAMPLES[name]})"
