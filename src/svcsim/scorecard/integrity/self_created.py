"""Tickets that an agent seems to have opened, closed and counted within minutes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.scorecard.integrity.compare import MIN_UNITS, compare
from svcsim.scorecard.integrity.detection import Tests
from svcsim.scorecard.integrity.scene import Scene
from svcsim.scorecard.integrity.short_handlings import probability
from svcsim.text import Text
from svcsim.units import format_share

Bools = NDArray[np.bool_]

QUICK = 300.0
"""Seconds from opening to resolution within which nobody else can have had a part in it."""
MIN_TICKETS = 30
TIMES = 2.0
KNOWN_CUSTOMERS = 0.5
"""Where this share of tickets has a customer, a missing one is a sign."""


def find(scene: Scene) -> Tests | Text:
    """Return every agent's share of tickets that look self-made, beside the others' (`compare`).

    No log says who opened a ticket, so this is a proxy: a ticket (no call or chat) resolved within
    5 min of its opening, by one handling without a transfer, whose customer is an agent's name or,
    where at least half of the tickets have a customer, is missing. Where the data hold no
    customers at all, quick tickets alone are compared. ``sure``: posterior P(true share > twice
    that of the others at the same mix).
    """
    if not scene.knows("resolved_s") or not scene.knows("agent"):
        return Text("resolutions or agents are not in the data", "数据没有解决时刻或坐席")
    frame = scene.frame
    use = scene.inside("resolved_s") & ~scene.live & frame["agent"].notna().to_numpy()
    if not use.any():
        return Text("all contacts are calls or chats", "全部联络都是电话或在线会话")
    if (scene.seconds("opened_s")[use] % 3600 == 0).mean() > 0.9:
        return Text("opening stamps are whole hours", "创建时间戳只精确到小时")
    own, note = self_made(scene)
    table = compare(own[use], frame["agent"][use], scene.stratum[use], TIMES)
    table = table[table["n"] >= MIN_TICKETS]
    if len(table) < MIN_UNITS:
        return Text("fewer than three agents have enough tickets", "工单足够多的坐席不足三人")
    table = table.assign(kind="agent", unit=table.index.astype(str))
    table["strong"] = (table["share"] > TIMES * table["expected"]) & (table["x"] >= 3)

    def say(row: pd.Series) -> Text:
        return Text(
            "{own} of {n:.0f} tickets were opened and resolved within 5 min in one hand, with no "
            "outside customer to be seen (others: {rest}); more than twice theirs with "
            "probability {sure}; please check",
            "{n:.0f} 张工单中 {own} 在 5 分钟内由一人建单并解决，且看不到外部客户"
            "（其他人 {rest}），超过其他人两倍的概率为 {sure}，请核实",
        ).fill(
            own=format_share(row["share"], 2), n=row["n"],
            rest=format_share(row["expected"], 2), sure=probability(row["sure"]),
        )  # fmt: skip

    def tickets(row: pd.Series) -> list[str]:
        return scene.tickets(use & own & (frame["agent"] == row["unit"]).to_numpy())

    return Tests(table.reset_index(drop=True), say, tickets, note)


def self_made(scene: Scene) -> tuple[Bools, Text]:
    """Return which tickets look self-made, and what stands for it in these data."""
    frame = scene.frame
    took = scene.seconds("resolved_s") - scene.seconds("opened_s")
    quick = (took >= 0) & (took < QUICK)
    quick = quick & ~(frame["transfers"] > 0).to_numpy() & ~(frame["handlings"] > 1).to_numpy()
    customer = frame["customer"].astype("object")
    if not customer.notna().any():
        return quick, Text(
            "who opened a ticket is not in the data, and no customer is: any ticket resolved "
            "within 5 min in one hand is counted",
            "数据没有建单人，也没有客户：5 分钟内由一人解决的工单都计入",
        )
    staff = set(frame["agent"].dropna().astype("object"))
    inside = customer.isin(staff).to_numpy()
    missing = "，或没有客户"
    if customer.notna()[~scene.live].mean() >= KNOWN_CUSTOMERS:
        inside = inside | customer.isna().to_numpy()
    else:
        missing = ""
    return quick & inside, Text(
        "who opened a ticket is not in the data: resolved within 5 min in one hand, for a customer "
        "who is an agent" + (" or who is missing" if missing else "") + ", stands for it",
        f"数据没有建单人：以 5 分钟内由一人解决、且客户是坐席本人或同事{missing}代替",
    )
