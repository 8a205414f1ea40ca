"""Who holds which place of the roster when: hires, departures, replacements, spells of absence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

from svcsim.calendar.days import midnight
from svcsim.engine import draws, durations, rules_people
from svcsim.engine.demand import Horizon
from svcsim.engine.plain import PlainDesk

DAY = 86400.0
_LONG_AGO = date.min
_NEVER = date.max


@dataclass(frozen=True)
class Tenure:
    """One person in a place of the roster, on the days ``first <= day < until``."""

    who: int
    generation: int
    """0: the agent of the model; 1: the first replacement; ..."""
    first: date
    until: date


def tenures(
    desk: PlainDesk, horizon: Horizon, seed: int, replication: int
) -> tuple[PlainDesk, list[list[Tenure]], list[float]]:
    """Return the desk with all replacements, who holds the place of each agent, and hire instants.

    An agent leaves on the day of the model or on a drawn one, whichever comes first. A replacement
    comes a drawn time later, with the speed, quality and readiness of the team's median, and may
    leave again. A hire instant (epoch s) is -inf where the agent was hired long ago.
    """
    model = desk.model
    last = horizon.local_days()[-1]
    names = list(desk.agents)
    places: list[list[Tenure]] = []
    hired = [-math.inf] * len(names)
    for root, name in enumerate(desk.agents):
        agent = model.agents.get(name)
        first = date.fromisoformat(agent.hired) if agent and agent.hired else _LONG_AGO
        end = date.fromisoformat(agent.leaves) if agent and agent.leaves else _NEVER
        if first > _LONG_AGO:
            hired[root] = float(midnight(first, model.timezone))
        place: list[Tenure] = []
        who = root
        while True:
            number = len(place)
            u = draws.block(seed, replication, root, number, 0, draws.LEAVES >> 2)
            until = min(end, _later(max(first, horizon.start), _stay(desk, u[0]), last))
            place.append(Tenure(who, number, first, until))
            after = desk.people.replaced_after
            if after is None or until > last:
                break
            first = _later(until, durations.duration(after, desk.tables, u[1]) / DAY, last)
            if first > last:
                break
            end, who = _NEVER, len(names)
            names.append(f"+{name}" if number == 0 else f"+{name} {number + 1}")
            hired.append(float(midnight(first, model.timezone)))
        places.append(place)
    return _with_names(desk, names, places), places, hired


def _stay(desk: PlainDesk, u: float) -> float:
    return rules_people.stays(desk.people.leaving, u)


def _later(day: date, days: float, last: date) -> date:
    """Return the day ``days`` after one (at least the next), or never where it is past the last."""
    if days > (last - day).days + 1:
        return _NEVER
    return day + timedelta(days=max(int(days), 1))


def _with_names(desk: PlainDesk, names: list[str], places: list[list[Tenure]]) -> PlainDesk:
    """Return the desk with its replacements: median people of the team, serving what it serves."""
    root_of = {t.who: place[0].who for place in places for t in place}
    new = range(len(desk.agents), len(names))
    return desk.with_agents([(names[who], root_of[who]) for who in new])


def holder(place: list[Tenure], day: date) -> Tenure | None:
    """Return who holds a place of the roster on a day."""
    return next((t for t in place if t.first <= day < t.until), None)


def absent_days(
    desk: PlainDesk, root: int, generation: int, horizon: Horizon, seed: int, replication: int
) -> set[date]:
    """Return the days on which a person is absent in a spell that began on some day before.

    Each day begins a spell with probability ``per_year`` / 365.25; overlapping ones count once.
    Spells are keyed by the date, and those from before the horizon reach into it.
    """
    people = desk.people
    if people.spells <= 0:
        return set()
    days = horizon.local_days()
    before = int(10 * people.spell_days)
    out: set[date] = set()
    for ordinal in range(days[0].toordinal() - before, days[-1].toordinal() + 1):
        u = draws.block(seed, replication, ordinal, root + 1, generation, draws.SPELL >> 2)
        if rules_people.spell_begins(people.spells, u[0]):
            length = rules_people.spell_days(people.spell_days, u[1])
            out |= {date.fromordinal(ordinal + i) for i in range(length)}
    return out
