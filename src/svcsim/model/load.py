"""Work that a week brings against the hours that are staffed, by team: a sum, no simulation.

offered = new cases x contacts a case x handlings a contact x work of a handling x slowdown /
(1 - shrinkage); staffed = rostered hours x presence, averaged over the recorded days of each
weekday. Both in hours a week.
The work of a handling has all its parts: hold, help and wrap-up too (see `handling_work`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from svcsim.model.demand import Category
    from svcsim.model.duration import Duration
    from svcsim.model.service import ServiceModel


@dataclass(frozen=True)
class Load:
    """Hours per week of work for some teams, and what all who serve one of them can do."""

    teams: tuple[str, ...]
    work: float
    """Hours at speed 1."""
    able: float
    """Staffed hours x speed, of everybody who serves one of the teams."""

    @property
    def rho(self) -> float:
        """Work / what can be done (infinite without anybody, 0 without work)."""
        if self.able > 0:
            return self.work / self.able
        return float("inf") if self.work > 0 else 0.0


def loads(model: ServiceModel) -> list[Load]:
    """Return the load of every team, and of all together where there are several.

    Helpers count with all their hours for each team they serve, so a load of 1 or more cannot be
    worked off whatever they do; below 1 it may still be too much. Several live contacts at once
    count as ``k / (1 + slowdown (k - 1))``. Holds, help and wrap-up are counted as if an agent's
    speed shortened them too. Abandonment, fatigue, campaigns, one-off incidents and absences beyond
    ``presence`` are left out.
    """
    groups: list[tuple[str, ...]] = [(team,) for team in model.teams]
    groups += [model.teams] if len(model.teams) > 1 else []
    return [Load(group, _work(model, group), _able(model, group)) for group in groups]


def _work(model: ServiceModel, teams: Collection[str]) -> float:
    """Return hours of work per week for some teams, at speed 1."""
    offered = offered_hours(model)
    return sum(offered[team] for team in teams)


def handling_work(model: ServiceModel, category: Category) -> float:
    """Return the mean hours of one handling with all its parts, at speed 1 and slowdown 1.

    ``handling (1 - rush) + P(hold) hold + P(help) help + wrap-up``: what R4 adds up.
    """
    hours = _hours(category.handling) * (1.0 - model.behaviour.rush.value)
    if category.hold is not None:
        hours += category.hold.share.value * _hours(category.hold.time)
    return hours + _help_work(category) + _hours(category.wrap_up)


def _reply_work(model: ServiceModel, category: Category) -> float:
    """Return the mean hours of a ticket's short first answer, which comes before its handling."""
    if category.first_reply is not None:
        return _hours(category.first_reply)
    behaviour = model.behaviour
    return behaviour.empty_reply.value * _hours(behaviour.empty_reply_time)


def _help_work(category: Category) -> float:
    """Return the mean hours that a handling waits for help."""
    return 0.0 if category.help is None else category.help.share.value * _hours(category.help.time)


def _hours(law: Duration | None) -> float:
    """Return the mean of a duration in hours, what takes no time included."""
    if law is None:
        return 0.0
    zero = law.zero.value if law.zero is not None else 0.0
    return law.mean.value * (1.0 - zero) / 3600.0


def _live_slowdown(model: ServiceModel, team: str) -> float:
    """Return an agent's hours per hour of live work: slowdown alone, less with several at once.

    Agents with ``k`` slots do ``k / (1 + chats.slowdown (k - 1)) / staffing.slowdown`` hours of
    work in one; the mean is over those who serve the team.
    """
    slots = [agent.slots for agent in model.agents.values() if team in (agent.team, *agent.serves)]
    slowdown = max(model.staffing.busy_factor(team), 1e-6)
    each = [k / (1.0 + model.chats.slowdown.value * (k - 1)) for k in slots]
    return slowdown * len(each) / sum(each) if each else slowdown


def with_extra(model: ServiceModel, team: str) -> float:
    """Return a team's agents, those added or taken away included, relative to its members."""
    members = sum(agent.team == team for agent in model.agents.values())
    return 1.0 + model.staffing.extra.get(team, 0) / members if members else 1.0


def staff_cost(model: ServiceModel) -> dict[str, float | str]:
    """Return what the staffed hours of a week cost; empty where no hourly cost is declared."""
    if model.cost is None or model.cost.per_hour.value == 0:
        return {}
    hours = sum(h * with_extra(model, team) for team, h in staffed_hours(model).items())
    return {
        "hours_per_week": hours,
        "cost_per_week": hours * model.cost.per_hour.value,
        "currency": model.cost.currency,
    }


def _able(model: ServiceModel, teams: Collection[str]) -> float:
    """Return staffed hours x speed of everybody who serves one of the teams."""
    total = 0.0
    rostered = model.staffing.hours_per_week()
    for team in model.teams:
        hours = {n: h for n, h in rostered.items() if model.agents[n].team == team}
        scale = with_extra(model, team)
        for name, number in hours.items():
            agent = model.agents[name]
            if not {agent.team, *agent.serves}.isdisjoint(teams):
                total += number * scale * agent.speed.value
    return total * model.staffing.presence.value


def offered_hours(model: ServiceModel) -> dict[str, float]:
    """Return hours of work per week that reach each team, at speed 1 with all parts.

    A ticket's short first answer is the first team's; a helper is held for the time of the help.
    """
    out = dict.fromkeys(model.teams, 0.0)
    for category in model.categories.values():
        for team, hours in queued_hours(model, category):
            out[team] += hours
        for team, hours in _help_offered(model, category):
            out[team] += hours
    return out


def queued_hours(model: ServiceModel, category: Category) -> Iterator[tuple[str, float]]:
    """Yield hours of work per week of a category that wait in the queue of a team."""
    factor, live = model.staffing.busy_factor, model.live_share(category)
    reply = (1.0 - live) * contacts_per_week(model, category) * _reply_work(model, category)
    yield category.team, reply * factor(category.team)
    hours = handling_work(model, category)
    for team, handlings in handlings_by_team(model, category):
        busy = live * _live_slowdown(model, team) + (1.0 - live) * factor(team)
        yield team, handlings * hours * busy


def _help_offered(model: ServiceModel, category: Category) -> Iterator[tuple[str, float]]:
    """Yield hours per week for which a category holds helpers of another team."""
    if category.help is not None and category.help.team is not None:
        for _, handlings in handlings_by_team(model, category):
            yield category.help.team, handlings * _help_work(category)


def staffed_hours(model: ServiceModel) -> dict[str, float]:
    """Return staffed hours per week of each team (own team only, not what else it serves)."""
    out = dict.fromkeys(model.teams, 0.0)
    for name, hours in model.staffing.hours_per_week().items():
        out[model.agents[name].team] += hours
    return {team: hours * model.staffing.presence.value for team, hours in out.items()}


def contacts_per_week(model: ServiceModel, category: Category) -> float:
    """Return expected contacts of a category in a week, random incidents included."""
    cases = model.arrivals.level.value * category.share.value + _incidents(model, category)
    return cases * min(category.contacts_per_case(), model.max_contacts)


def _moved(model: ServiceModel, category: Category) -> float:
    """Return the share that is transferred: odds differ between tiers of difficulty."""
    p = category.transfer.value
    odds = (
        (share, model.difficulty[t].transfers.value) for t, share in category.difficulty.items()
    )
    return sum(share * p * k / (1.0 - p + p * k) for share, k in odds) if 0 < p < 1 else p


def handlings_by_team(model: ServiceModel, category: Category) -> Iterator[tuple[str, float]]:
    """Yield (team, handlings per week) of a category.

    The first handling is the first team's; what follows a transfer is the other team's.
    """
    contacts = contacts_per_week(model, category)
    moved = _moved(model, category) if category.transfer_to is not None else 0.0
    handlings = _handlings(model, category)
    yield category.team, contacts * (1.0 + (1.0 - moved) * (handlings - 1.0))
    if category.transfer_to is not None:
        yield category.transfer_to, contacts * moved * handlings


def _incidents(model: ServiceModel, category: Category) -> float:
    """Return cases per week of incidents that come at random."""
    return sum(
        burst.per_week.value * burst.size.value
        for burst in model.bursts.values()
        if burst.per_week is not None and model.categories[burst.category] is category
    )


def _handlings(model: ServiceModel, category: Category) -> float:
    """Return expected handlings of a contact: pending rounds, reopens, hand-overs are geometric.

    A live contact is never left pending (R5).
    """
    live = model.live_share(category)
    rounds = live + (1.0 - live) / max(1.0 - category.again.value, 0.02)
    tries = rounds / max((1.0 - category.reopen.value) * (1.0 - category.rework.value), 0.05)
    handlings = tries / max(1.0 - category.onward.value, 0.05)
    return min(handlings, float(model.max_handlings))
