"""How long the desk itself took: resolution time without waiting for the customer."""

from __future__ import annotations

import narwhals as nw

from svcsim.metrics.expressions import stamped, timed
from svcsim.metrics.metric import Mean, Metric
from svcsim.text import Text

OPENED = ("opened_s",)

_OWN = Text(
    "Time in which the desk waited for the customer does not count; waiting for a vendor or "
    "another department does",
    "等待客户的时间不计；等待厂商或其他部门的时间照计",
)
_own_time, _own_open_time = nw.col("own_resolution_s"), nw.col("own_open_resolution_s")
RES_OWN = Metric(
    "res_own", "自身解决时长（不含等客户）", "Resolution time without waiting for the customer",
    Text(
        f"Mean of last resolution − opening − time waiting for the customer. {_OWN}. Contacts "
        "whose waiting time is not known are left out.",
        f"最后一次解决时刻 − 创建时刻 − 等待客户时长的均值。{_OWN.zh}。等待时长未知的联络不计入。",
    ),
    "s", "lower", "efficiency",
    Mean(timed & stamped & ~_own_time.is_null(), _own_time), OPENED, 20,
    ("resolved_s", "pending_customer_s|stages"), "resolution time on the desk's own clock",
)  # fmt: skip
RES_OWN_OPEN = Metric(
    "res_own_open", "自身解决时长（营业时间，不含等客户）",
    "Resolution time in business hours without waiting for the customer",
    Text(
        "Mean seconds of business hours between opening and the last resolution, without those in "
        f"which the contact waited for the customer (its stages say when). {_OWN}. Contacts "
        "without stages are left out.",
        "创建到最后一次解决之间的营业时间秒数的均值，扣除其中等待客户的部分（何时等待见各环节）。"
        f"{_OWN.zh}。没有环节记录的联络不计入。",
    ),
    "s", "lower", "efficiency",
    Mean(timed & stamped & ~_own_open_time.is_null(), _own_open_time), OPENED, 20,
    ("resolved_s", "hours", "stages"), "requester wait time in business minutes",
)  # fmt: skip
