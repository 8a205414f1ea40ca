"""The desk that every contender simulates: half a year of calls, written once as plain numbers.

Arrivals are Poisson by hour of the week. A case has a category, a difficulty and a priority. A
category belongs to a team's queue; an agent serves the queues of the own skill group. Within a
queue the highest priority goes first, then the oldest; among idle agents the longest idle. Who has
waited beyond an exponential patience leaves. A handled contact may be followed by another one, by
category, difficulty and agent, after a lognormal delay, up to ``max_contacts``. Agents work nine
hours from one of two starting times and finish what they have begun.

``service_model`` says the same in svcsim's words; the peers read the numbers themselves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from svcsim.engine.demand import Horizon
    from svcsim.model.service import ServiceModel

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PRIORITIES = ("high", "normal", "low")
TIERS = ("easy", "normal", "hard")
START = date(2025, 1, 6)
HOUR, DAY, WEEK = 3600, 86400, 7 * 86400


@dataclass(frozen=True)
class Category:
    """``share`` of the new cases, queue, mean and cv of handling in seconds, chance to return."""

    share: float
    team: int
    mean_s: float
    cv: float
    returns: float


@dataclass(frozen=True)
class Desk:
    """The numbers. Teams, groups and agents are positions; times are in seconds."""

    working_days: int
    """Monday to Friday, from a Monday on."""
    cases_a_day: float
    hours: tuple[float, ...]
    """Weight of each of the 24 hours."""
    weekdays: tuple[float, ...]
    """Weight of Monday to Friday."""
    categories: tuple[Category, ...]
    tier_shares: tuple[float, ...]
    tier_work: tuple[float, ...]
    """Handling relative to each other; scaled so that the category's mean stays."""
    tier_odds: tuple[float, ...]
    """Odds of a return are multiplied by these."""
    priority_shares: tuple[float, ...]
    teams: int
    groups: tuple[tuple[int, ...], ...]
    """Queues that a skill group serves, its own first."""
    agent_group: tuple[int, ...]
    agent_shift: tuple[int, ...]
    speed: tuple[float, ...]
    quality: tuple[float, ...]
    """Odds of a return are multiplied by exp(-quality)."""
    shift_starts: tuple[int, ...]
    shift_s: int
    patience_s: float
    return_mean_s: float
    return_cv: float
    max_contacts: int

    @property
    def agents(self) -> int:
        """Number of agents."""
        return len(self.agent_group)

    @property
    def calendar_days(self) -> int:
        """Days from the first Monday to the last working day."""
        weeks, rest = divmod(self.working_days, 5)
        return weeks * 7 + rest if rest else weeks * 7

    def work(self) -> tuple[float, ...]:
        """Return handling by difficulty relative to the category's mean."""
        mean = sum(s * w for s, w in zip(self.tier_shares, self.tier_work, strict=True))
        return tuple(w / mean for w in self.tier_work)

    def return_chance(self) -> NDArray[np.float64]:
        """Return P(another contact follows) by category, difficulty and agent."""
        p = np.array([c.returns for c in self.categories])[:, None, None]
        odds = np.array(self.tier_odds)[:, None] * np.exp(-np.array(self.quality))
        return np.asarray(p * odds / (1.0 - p + p * odds))

    def shifts(self) -> list[tuple[int, int, int]]:
        """Return (start, end, agent) of every shift, in seconds from the first midnight."""
        out = []
        for day in range(self.working_days):
            midnight = (day // 5 * 7 + day % 5) * DAY
            for agent, shift in enumerate(self.agent_shift):
                begin = midnight + self.shift_starts[shift]
                out.append((begin, begin + self.shift_s, agent))
        return sorted(out)

    def staffed_s(self) -> float:
        """Return the rostered seconds of all agents together."""
        return float(self.working_days * self.agents * self.shift_s)


_PROFILE = {
    8: 0.85, 9: 1.35, 10: 1.4, 11: 1.25, 12: 0.85,
    13: 0.95, 14: 1.15, 15: 1.05, 16: 0.8, 17: 0.5,
}  # fmt: skip
HALF_YEAR = Desk(
    working_days=130,
    cases_a_day=767.0,
    hours=tuple(_PROFILE.get(hour, 0.0) for hour in range(24)),
    weekdays=(1.2, 1.05, 0.99, 0.93, 0.83),
    categories=(
        Category(0.30, 0, 725.0, 0.8, 0.095),
        Category(0.25, 0, 908.0, 0.9, 0.11),
        Category(0.25, 1, 1030.0, 1.0, 0.14),
        Category(0.20, 2, 1280.0, 1.1, 0.15),
    ),
    tier_shares=(0.5, 0.3, 0.2),
    tier_work=(0.8, 1.0, 1.5),
    tier_odds=(0.7, 1.0, 1.8),
    priority_shares=(0.15, 0.60, 0.25),
    teams=3,
    groups=((0, 1), (1, 2), (2, 0, 1)),
    agent_group=tuple(i % 3 for i in range(30)),
    agent_shift=tuple(i // 3 % 2 for i in range(30)),
    speed=tuple(round(0.8 + 0.45 * (i * 11 % 30) / 29, 4) for i in range(30)),
    quality=tuple(round(0.3 - 0.6 * (i * 7 % 30) / 29, 4) for i in range(30)),
    shift_starts=(8 * HOUR, 10 * HOUR),
    shift_s=9 * HOUR,
    patience_s=90.0 * 60,
    return_mean_s=1.5 * HOUR,
    return_cv=1.0,
    max_contacts=3,
)


def weeks(desk: Desk, number: int) -> Desk:
    """Return the desk over so many weeks."""
    return replace(desk, working_days=5 * number)


def with_contacts(desk: Desk, contacts: float) -> Desk:
    """Return the desk over as many days as bring about so many contacts."""
    return replace(desk, working_days=max(round(contacts / (1.127 * desk.cases_a_day)), 1))


def with_agents(desk: Desk, agents: int) -> Desk:
    """Return a desk of another size: volume follows the agents, total contacts stay about equal."""
    ratio = agents / desk.agents
    days = max(round(desk.working_days / ratio), 1)

    def repeated(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(values[i % len(values)] for i in range(agents))

    return replace(
        desk,
        working_days=days,
        cases_a_day=desk.cases_a_day * ratio,
        agent_group=repeated(desk.agent_group),
        agent_shift=repeated(desk.agent_shift),
        speed=repeated(desk.speed),
        quality=repeated(desk.quality),
    )


def with_categories(desk: Desk, number: int) -> Desk:
    """Return the desk with so many categories of equal share, their teams and laws in turn."""
    like = [desk.categories[i % len(desk.categories)] for i in range(number)]
    total = sum(c.share for c in like)
    return replace(desk, categories=tuple(replace(c, share=c.share / total) for c in like))


def overloaded(desk: Desk, volume: float = 2.0, patience: float = 10.0) -> Desk:
    """Return the desk with more cases and more patient customers: long queues."""
    return replace(
        desk, cases_a_day=desk.cases_a_day * volume, patience_s=desk.patience_s * patience
    )


# -- in svcsim's words -----------------------------------------------------------------------------


def service_model(desk: Desk) -> ServiceModel:
    """Return the desk as a ServiceModel."""
    from svcsim.model.service import ServiceModel

    return ServiceModel.model_validate(_declaration(desk))


def horizon(desk: Desk) -> Horizon:
    """Return the days that are simulated."""
    from svcsim.engine.demand import Horizon

    return Horizon(START, desk.calendar_days, follow_up_days=0)


def _declaration(desk: Desk) -> dict[str, Any]:
    idle = (0.0,) * 24
    profile = {
        name: tuple(weight * x for x in desk.hours)
        for name, weight in zip(WEEKDAYS, desk.weekdays, strict=False)
    }
    return {
        "timezone": "UTC",
        "arrivals": {
            "level": desk.cases_a_day * 5,
            "profile": {name: profile.get(name, idle) for name in WEEKDAYS},
        },
        "difficulty": {
            name: {"work": work, "returns": odds}
            for name, work, odds in zip(TIERS, desk.tier_work, desk.tier_odds, strict=True)
        },
        "channels": {
            "calls": {
                "mode": "live",
                "patience": {"edges": (0.0,), "hazard": (3600.0 / desk.patience_s,)},
            }
        },
        "categories": {
            f"category {i:02d}": _category(desk, c) for i, c in enumerate(desk.categories)
        },
        "teams": [f"team {i}" for i in range(desk.teams)],
        "agents": {f"agent {i:04d}": _agent(desk, i) for i in range(desk.agents)},
        "staffing": _staffing(desk),
        # longer than any wait, so priorities are strict
        "routing": {"credit": {"high": 2e9, "normal": 1e9, "low": 0.0}, "pooled": True},
        "returns": {
            "repeat_after": {"law": "lognormal", "mean": desk.return_mean_s, "cv": desk.return_cv}
        },
        "max_contacts": desk.max_contacts,
    }


def _category(desk: Desk, category: Category) -> dict[str, Any]:
    return {
        "share": category.share,
        "team": f"team {category.team}",
        "channels": {"calls": 1.0},
        "difficulty": dict(zip(TIERS, desk.tier_shares, strict=True)),
        "priorities": dict(zip(PRIORITIES, desk.priority_shares, strict=True)),
        "handling": {"law": "lognormal", "mean": category.mean_s, "cv": category.cv},
        "repeat": category.returns,
    }


def _agent(desk: Desk, agent: int) -> dict[str, Any]:
    own, *others = desk.groups[desk.agent_group[agent]]
    return {
        "team": f"team {own}",
        "serves": [f"team {team}" for team in others],
        "speed": desk.speed[agent],
        "quality": desk.quality[agent],
    }


def _staffing(desk: Desk) -> dict[str, Any]:
    def clock(second: int) -> str:
        return f"{second // HOUR:02d}:{second % HOUR // 60:02d}"

    names = [f"shift {i}" for i in range(len(desk.shift_starts))]
    on: dict[str, list[str]] = {name: [] for name in names}
    for agent, shift in enumerate(desk.agent_shift):
        on[names[shift]].append(f"agent {agent:04d}")
    return {
        "shifts": {
            name: [[clock(start), clock(start + desk.shift_s)]]
            for name, start in zip(names, desk.shift_starts, strict=True)
        },
        "days": [
            {"weekday": day, "on": {n: a for n, a in on.items() if a}} for day in WEEKDAYS[:5]
        ],
    }


def log_moments(mean: float, cv: float) -> tuple[float, float]:
    """Return mean and sd of the logarithm of a lognormal with this mean and cv."""
    sigma = math.sqrt(math.log1p(cv * cv))
    return math.log(mean) - 0.5 * sigma * sigma, sigma
