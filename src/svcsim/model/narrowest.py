"""Work that only some agents may do against the hours of those: where tiers or languages divide."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, product
from typing import TYPE_CHECKING

from svcsim.model.load import Load, queued_hours, with_extra

if TYPE_CHECKING:
    from svcsim.model.service import ServiceModel

Queue = tuple[str, str | None, str | None]
"""Team, tier and language; None where no agent is restricted in it."""

MOST_QUEUES = 12
"""All sets of so many queues (4,096) are looked at; with more, only whole teams are."""


def narrowest(model: ServiceModel) -> tuple[Load, tuple[Queue, ...]] | None:
    """Return the set of queues with the highest load, where tiers or languages divide them.

    A set of queues can be worked off only if the agents who serve any of them can do its work
    (Hall's condition), so the set with the highest load decides. Work is divided among tiers by
    their shares and relative work. None where nothing but teams divides queues.
    """
    work = _work_by_queue(model)
    people = _people(model, work)
    if all(queue[1:] == (None, None) for queue in work) or len(work) > MOST_QUEUES:
        return None
    best: tuple[Load, tuple[Queue, ...]] | None = None
    for size in range(1, len(work) + 1):
        for queues in combinations(work, size):
            able = sum(a for serves, a in people.items() if not serves.isdisjoint(queues))
            teams = tuple(dict.fromkeys(queue[0] for queue in queues))
            load = Load(teams, sum(work[queue] for queue in queues), able)
            if best is None or load.rho > best[0].rho:
                best = load, queues
    return best


def _work_by_queue(model: ServiceModel) -> dict[Queue, float]:
    """Return hours of work per week of every queue that has any."""
    people = [model.agents[name] for name in model.staffing.hours_per_week()]
    divided = any(agent.tiers for agent in people)
    spoken = model.languages if any(agent.languages for agent in people) else {}
    out: dict[Queue, float] = {}
    for category in model.categories.values():
        weights = {
            tier: share * model.difficulty[tier].work.value
            for tier, share in category.difficulty.items()
        }
        tiers: list[tuple[str | None, float]] = [*weights.items()] if divided else [(None, 1.0)]
        languages: list[tuple[str | None, float]] = [*spoken.items()] or [(None, 1.0)]
        every = sum(a for _, a in tiers) * sum(b for _, b in languages)
        for team, hours in queued_hours(model, category):
            for (tier, a), (language, b) in product(tiers, languages):
                if hours * a * b > 0:
                    queue = team, tier, language
                    out[queue] = out.get(queue, 0.0) + hours * a * b / every
    return out


def _people(model: ServiceModel, queues: Iterable[Queue]) -> dict[frozenset[Queue], float]:
    """Return staffed hours x speed a week of agents by the set of queues they serve."""
    out: dict[frozenset[Queue], float] = {}
    for name, hours in model.staffing.hours_per_week().items():
        agent = model.agents[name]
        serves = frozenset(
            (team, tier, language)
            for team, tier, language in queues
            if team in (agent.team, *agent.serves)
            and (tier is None or not agent.tiers or tier in agent.tiers)
            and (language is None or not agent.languages or language in agent.languages)
        )
        able = hours * agent.speed.value * model.staffing.presence.value
        out[serves] = out.get(serves, 0.0) + able * with_extra(model, agent.team)
    return out
