"""What a desk declares for days that a run does not reach."""

from __future__ import annotations

from datetime import date, timedelta

from svcsim.engine.demand import Horizon
from svcsim.model.service import ServiceModel
from svcsim.text import Text


def outside(model: ServiceModel, horizon: Horizon) -> list[Text]:
    """Return a remark for every dated event that lies outside the simulated days.

    Such an event changes nothing, which is easily taken for an event that does no harm.
    """
    first, until = horizon.start, horizon.start + timedelta(days=len(horizon.local_days()))
    found = [
        (f"bursts.{name}", burst.at)
        for name, burst in model.bursts.items()
        if burst.at is not None and not first <= date.fromisoformat(burst.at[:10]) < until
    ]
    found += [
        (f"campaigns.{name}", f"{campaign.from_} - {campaign.until}")
        for name, campaign in model.campaigns.items()
        if date.fromisoformat(campaign.until) <= first
        or date.fromisoformat(campaign.from_) >= until
    ]
    for name, agent in model.agents.items():
        if agent.leaves is not None and date.fromisoformat(agent.leaves) >= until:
            found.append((f"agents.{name}.leaves", agent.leaves))
        if agent.hired is not None and date.fromisoformat(agent.hired) >= until:
            found.append((f"agents.{name}.hired", agent.hired))
    return [
        Text(
            f"{where}: {when} is outside the simulated days {first} to {until}; it changes nothing",
            f"{where}：{when} 不在模拟的日期 {first} 至 {until} 之内，不起作用",
        )
        for where, when in found
    ]
