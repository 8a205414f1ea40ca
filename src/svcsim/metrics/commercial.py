"""What the business gets: loyalty, sales from service, faults, what service costs, who leaves."""

from __future__ import annotations

import narwhals as nw

from svcsim.metrics.expressions import resolved, resolved_at, spell, timed, until
from svcsim.metrics.metric import Across, Metric, Part, RatioOfSums, Share
from svcsim.text import Text

TIME = ("time_s",)

_kind, _success = nw.col("kind"), nw.col("success")


def _of_sales(name: str, zh: str, en: str, kind: str, what: Text) -> Metric:
    """Return the share of decided entries of a kind that came about."""
    decided = (_kind == kind) & ~_success.is_null()
    return Metric(
        name, zh, en,
        Text(
            f"{what} / entries '{kind}' of the table 'sales' that are decided.",
            f"{what.zh} / “sales”表中已有结果的 {kind} 记录。",
        ),
        "share", "higher", "outcome", Share(decided, decided & (_success == 1)), TIME, 20,
        ("sales",), "sales log", table="sales",
    )  # fmt: skip


RETENTION = _of_sales(
    "retention", "留存率", "Retention", "retention",
    Text("Customers who stayed", "留存的客户"),
)  # fmt: skip
RENEWAL = _of_sales(
    "renewal", "续约率", "Renewal", "renewal", Text("Contracts renewed", "续约的合同")
)  # fmt: skip
CROSSSELL = _of_sales(
    "crosssell", "交叉销售成功率", "Cross-selling", "crosssell",
    Text("Offers taken up", "成交的交叉销售"),
)  # fmt: skip
CONVERT = _of_sales(
    "convert", "转化率", "Conversion of leads", "lead", Text("Leads that bought", "成交的线索")
)  # fmt: skip
INTENT = _of_sales(
    "intent_accuracy", "意向识别准确率", "Intent recognised", "intent",
    Text("Customers whose intent was judged rightly", "意向判断正确的客户"),
)  # fmt: skip
ADOPT = _of_sales(
    "adopt", "技术方案采纳率", "Technical advice adopted", "advice",
    Text("Pieces of advice that were adopted", "被采纳的技术方案"),
)  # fmt: skip


def _followed(name: str, kind: Text, text: str, window: float) -> Metric:
    shown = spell(window)
    gap = nw.col(f"{name}_gap_s")
    return Metric(
        f"{name}({text})", f"{shown.zh}{kind.zh}率", f"{kind} within {shown}",
        Text(
            f"Resolved contacts whose customer has a {kind.lower()} in the table 'sales' within "
            f"{shown} of the resolution / resolved contacts of a known customer whose {shown} have "
            "passed. One sale counts for every contact that it follows.",
            f"解决后 {shown.zh}内其客户在“sales”表中有{kind.zh}的已解决联络 / "
            f"客户已知且解决已满 {shown.zh}的已解决联络。一笔计入此前窗口内的每次联络。",
        ),
        "share", "higher", "outcome",
        Share(
            timed & ~nw.col("customer").is_null() & (resolved_at + window < until),
            ~gap.is_null() & (gap <= window),
        ),
        ("resolved_s",), 30, ("sales", "customer", "resolved_s"),
        "attribution of the customer's next event to the service before it",
    )  # fmt: skip


def referral(text: str, window: float) -> Metric:
    """Return the share of solutions after which the customer brought another."""
    return _followed("referral", Text("Referral", "转介绍"), text, window)


def repurchase(text: str, window: float) -> Metric:
    """Return the share of solutions after which the customer bought again."""
    return _followed("repurchase", Text("Repurchase", "复购"), text, window)


_revenue, _service_cost = nw.col("revenue"), nw.col("service_cost")
COST_RATIO = Metric(
    "cost_ratio", "售后成本占收入比", "Cost of service / revenue",
    Text(
        "Σ cost of after-sales service / Σ revenue, over the months of the table 'finance'.",
        "“finance”表各月的售后成本合计 / 收入合计。",
    ),
    "share", "lower", "cost",
    RatioOfSums(~_revenue.is_null() & ~_service_cost.is_null(), _service_cost, _revenue), TIME, 1,
    ("finance",), "after-sales cost / revenue", table="finance",
)  # fmt: skip
COST_PER_SERVICE = Metric(
    "cost_per_service", "单次服务成本（全成本）", "Full cost per service",
    Text(
        "Σ cost of after-sales service (labour, parts, everything; table 'finance') / contacts "
        "resolved in the same time.",
        "售后成本合计（人工、备件等全部，取自“finance”表）/ 同期解决的联络数。",
    ),
    "money", "lower", "cost",
    Across(
        Part(~_service_cost.is_null(), _service_cost, TIME, "finance"),
        Part(resolved, None, ("resolved_s", "closed_s")),
    ),
    TIME, 30, ("finance", "resolved_s"), "(labour + parts + ...) / service events",
)  # fmt: skip
FAULT = Metric(
    "fault", "产品故障率", "Faults per unit in service",
    Text(
        "Contacts about a fault of the product / units in service, month by month (table "
        "'installed'): faults per unit and month. By category where contacts name the product.",
        "因产品故障而起的联络 / 在用台数（逐月，取自“installed”表），即每台每月故障数；"
        "联络按产品标注事由时可按事由拆分。",
    ),
    "share", "lower", "outcome",
    Across(
        Part(~nw.col("fault").is_null() & (nw.col("fault") == 1), None, ("opened_s",)),
        Part(~nw.col("units").is_null(), nw.col("units"), TIME, "installed"),
    ),
    TIME, 1, ("installed", "fault"), "faults / installed units",
)  # fmt: skip
CHURN_EMP = Metric(
    "churn_emp", "员工流失率", "Staff turnover",
    Text(
        "Σ people who left / Σ people employed, over the months of the table 'headcount': per "
        "head and month. It tells what a scheme does to people; it is nobody's own KPI.",
        "“headcount”表各月离职人数合计 / 在职人数合计，即每人每月流失率。"
        "它反映考核方案对员工的影响，不用于考核个人。",
    ),
    "share", "lower", "outcome",
    RatioOfSums(~nw.col("heads").is_null(), nw.col("leavers"), nw.col("heads")), TIME, 1,
    ("headcount",), "leavers / headcount", table="headcount",
)  # fmt: skip
