"""Capacity of a desk from its model: hours of work that come in against hours that are staffed.

offered = new cases x contacts a case x handlings a contact x handling time x slowdown; staffed =
rostered hours x presence, averaged over the recorded days of each weekday. Both per week. A
planner's sum, not a simulation: waiting, abandonment and agents' speeds are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from svcsim.model.demand import WEEKDAYS, Category
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


def offered_hours(model: ServiceModel) -> dict[str, float]:
    """Return hours of work per week that reach each team."""
    out = dict.fromkeys(model.teams, 0.0)
    for category in model.categories.values():
        cases = model.arrivals.level.value * category.share.value
        contacts = cases / max(1.0 - category.repeat.value, 0.05)
        hours = contacts * _handling_hours(category) * model.staffing.slowdown.value
        moved = category.transfer.value if category.transfer_to is not None else 0.0
        handlings = _handlings(category)
        # The first handling is the first team's; what follows a transfer is the other team's.
        out[category.team] += hours * (1.0 + (1.0 - moved) * (handlings - 1.0))
        if category.transfer_to is not None:
            out[category.transfer_to] += hours * moved * handlings
    return out


def staffed_hours(model: ServiceModel) -> dict[str, float]:
    """Return staffed hours per week of each team (own team only, not what else it serves)."""
    out = dict.fromkeys(model.teams, 0.0)
    for weekday in WEEKDAYS:
        days = [day for day in model.staffing.days if day.weekday == weekday]
        for day in days:
            for name, windows in model.staffing.duty(day):
                minutes = sum(b - a for a, b in windows)
                out[model.agents[name].team] += minutes / 60.0 / len(days)
    return {team: hours * model.staffing.presence.value for team, hours in out.items()}


def _handling_hours(category: Category) -> float:
    zero = category.handling.zero.value if category.handling.zero is not None else 0.0
    return category.handling.mean.value * (1.0 - zero) / 3600.0


def _handlings(category: Category) -> float:
    """Return expected handlings of a contact: pending rounds and reopens are geometric."""
    again = 1.0 / max(1.0 - category.again.value, 0.02)
    return again / max(1.0 - category.reopen.value, 0.05)
