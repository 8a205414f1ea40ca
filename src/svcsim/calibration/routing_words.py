"""What calibration says of a desk's routing."""

from __future__ import annotations

from svcsim.model.routing import Routing
from svcsim.text import Text
from svcsim.units import format_duration

ORDERS = {
    "random": Text(
        "contacts are taken as if at random; the model cannot do that and takes the "
        "longest waiting first, so its long waits are too short",
        "取件近乎随机；模型无法表示，按等待最久者优先，长等待会被低估",
    ),
    "newest": Text(
        "the newest contact is mostly taken first; the model cannot do that and takes the "
        "longest waiting first, so its long waits are too short",
        "多为后到先取；模型无法表示，按等待最久者优先，长等待会被低估",
    ),
    "oldest": Text("the longest waiting is mostly taken first", "多为等待最久者优先"),
    "priority": Text("priority mostly decides", "主要由优先级决定"),
    "work": Text("the expected work mostly decides", "主要由预计工作量决定"),
    "own": Text("agents mostly take their own customers first", "坐席多先取自己的客户"),
}


def own_words(routing: Routing) -> list[Text]:
    """Return what was learned of contacts that come back to their agent."""
    out = []
    if not routing.own_first:
        out.append(
            Text(
                "returning contacts are taken in the order of all, not first by their own agent",
                "重复来访与其他联络一起排队，原坐席并不优先处理",
            )
        )
    if routing.own_wait > 0:
        wait = format_duration(routing.own_wait)
        out.append(
            Text(
                f"a returning contact is left to its own agent for about {wait}",
                f"重复来访先留给原坐席约 {wait}",
            )
        )
    if routing.own_customer:
        out.append(
            Text(
                "agents take new cases of customers whom they served before first",
                "坐席优先处理自己接待过的客户的新个案",
            )
        )
    return out
