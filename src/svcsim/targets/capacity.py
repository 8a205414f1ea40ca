"""Capacity of a desk from its model: hours of work that come in against hours that are staffed.

offered = new cases x contacts a case x handlings a contact x work of a handling (hold, help and
wrap-up included) x slowdown; staffed = rostered hours x presence, averaged over the recorded days
of each weekday. Both per week. A planner's sum, not a simulation: waiting, abandonment and agents'
speeds are left out.

`week_of_hours` sets a simulated week beside it. Load (offered / staffed) and occupancy (recorded
work / time on duty) differ for three reasons, each with its hours: an agent is busy `slowdown`
times what is recorded, overtime adds to the time on duty, and so does time off the queue.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from svcsim.model.load import handlings_by_team, offered_hours, staffed_hours
from svcsim.model.service import ServiceModel


@dataclass(frozen=True)
class TeamHours:
    """Hours per week of one team."""

    team: str
    agents: int
    offered: float
    staffed: float

    @property
    def load(self) -> float:
        """Offered / staffed hours (infinite without staff, 0 without work)."""
        if self.staffed > 0:
            return self.offered / self.staffed
        return float("inf") if self.offered > 0 else 0.0


def team_hours(model: ServiceModel) -> dict[str, TeamHours]:
    """Return offered and staffed hours of every team."""
    offered, staffed = offered_hours(model), staffed_hours(model)
    agents = dict.fromkeys(model.teams, 0)
    for agent in model.agents.values():
        agents[agent.team] += 1
    return {t: TeamHours(t, agents[t], offered[t], staffed[t]) for t in model.teams}


def bottleneck(model: ServiceModel) -> str:
    """Return the team with the largest offered load for its staffed hours."""
    return max(team_hours(model).values(), key=lambda hours: hours.load).team


def week_of_hours(model: ServiceModel, runs: pd.DataFrame, days: int) -> dict[str, float]:
    """Return where the hours of a simulated week go, from medians over replications, per week.

    ``on_duty = rostered + overtime``; ``recorded / on_duty`` is the median occupancy; agents are
    busy for ``recorded + unrecorded``, with ``unrecorded = (busy factor - 1) recorded`` and busy
    factor = slowdown / (1 - shrinkage). ``off_queue`` is what the model expects of breaks and
    other work. Empty without simulated time on duty.

    Parameters
    ----------
    runs : DataFrame
        Replications x metrics of the desk as it is.
    days : int
        Days of a replication.
    """
    if not {"occupancy", "time_on_duty"} <= set(runs) or runs["time_on_duty"].isna().all():
        return {}
    per_week = 7.0 / days / 3600.0
    on_duty = float(runs["time_on_duty"].median()) * per_week
    # the product of medians, so that the parts give back the occupancy that is reported
    recorded = float(runs["occupancy"].median()) * on_duty
    rostered = min(sum(staffed_hours(model).values()), on_duty)
    return {
        "rostered": rostered,
        "overtime": on_duty - rostered,
        "on_duty": on_duty,
        "recorded": recorded,
        "unrecorded": recorded * (_busy_factor(model) - 1.0),
        "off_queue": off_queue_hours(model),
    }


def _busy_factor(model: ServiceModel) -> float:
    """Return busy time per handled minute, shrinkage included, over the agents of all teams."""
    factors = [model.staffing.busy_factor(agent.team) for agent in model.agents.values()]
    return sum(factors) / len(factors)


def off_queue_hours(model: ServiceModel) -> float:
    """Return hours per week off the queue: handlings x chance of going x how long it lasts."""
    staffing = model.staffing
    if staffing.off_time is None:
        return 0.0
    handlings = sum(
        number
        for category in model.categories.values()
        for _, number in handlings_by_team(model, category)
    )
    return handlings * staffing.off_share.value * staffing.off_time.mean.value / 3600.0
