"""Values that the clock could not take, or that would say nothing: refused with path and mend.

Beside what each part refuses of itself, these are limits that need the whole desk, or that are the
same for every part.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from svcsim.model.quantity import Time, walk
from svcsim.units import format_share

if TYPE_CHECKING:
    from svcsim.model.service import ServiceModel

YEAR = 365 * 86400.0
LONGEST_TIME = 10 * YEAR
"""Longest mean, target or delay that a desk may declare."""
LONGEST_CREDIT = 10_000 * YEAR
"""Longest credited wait: strict priorities are written as a credit beyond any wait."""
LONGEST_OWN_WAIT = YEAR
SLOWEST = 0.05
"""Lowest speed of an agent; draws of an uncertain one end here."""


def limit_problems(model: ServiceModel) -> list[str]:
    """Return what lies outside the limits, a sentence ``PATH: what; mend`` each."""
    return [*_times(model), *_loops(model), *_tiers(model), *_people(model), *_routing(model)]


def _times(model: ServiceModel) -> Iterator[str]:
    """Yield times that are longer than anything a run could see."""
    for path, quantity in walk(model):
        if isinstance(quantity, Time):
            yield from _too_long(path, quantity.value, LONGEST_TIME)
    for name, channel in model.channels.items():
        if channel.patience is not None:
            last = channel.patience.edges[-1]
            yield from _too_long(f"channels.{name}.patience.edges", last, LONGEST_TIME)
    routing = model.routing
    yield from _too_long("routing.own_wait", routing.own_wait, LONGEST_OWN_WAIT)
    for name, seconds in routing.due.items():
        yield from _too_long(f"routing.due.{name}", seconds, LONGEST_TIME)
    for name, seconds in routing.credit.items():
        yield from _too_long(f"routing.credit.{name}", seconds, LONGEST_CREDIT)


def _too_long(path: str, seconds: float, most: float) -> Iterator[str]:
    if not seconds <= most:
        years = f"{seconds / YEAR:.3g} years" if math.isfinite(seconds) else "no finite time"
        longest = "a year" if most == YEAR else f"{most / YEAR:.0f} years"
        yield f"{path}: {years}; write {longest} or less"


def _loops(model: ServiceModel) -> Iterator[str]:
    """Yield chances of 100% of coming back: such a case would never end."""
    for name, category in model.categories.items():
        for field in ("reopen", "repeat"):
            if getattr(category, field).value >= 1:
                said = "a case would come back without end; write less than 100%"
                yield f"categories.{name}.{field}: 100%; {said}"
    # a category may name a channel that the desk does not have; that is told elsewhere
    live = [name for name, channel in model.channels.items() if channel.mode == "live"]
    again = any(
        c.repeat.value > 0 and any(c.channels.get(name, 0.0) > 0 for name in live)
        for c in model.categories.values()
    )
    if model.returns.redial.value >= 1 and again:
        yield (
            "returns.redial: 100% where contacts are repeated, too; a case could come back without "
            "end; write less than 100%"
        )


def _tiers(model: ServiceModel) -> Iterator[str]:
    """Yield categories whose tiers take no work at all."""
    for name, category in model.categories.items():
        parts = [(tier, share) for tier, share in category.difficulty.items() if share > 0]
        tiers = [tier for tier, _ in parts if tier in model.difficulty]
        if tiers and not any(model.difficulty[tier].work.value > 0 for tier in tiers):
            yield (
                f"difficulty.{tiers[0]}.work: all tiers of category {name} have work 0; write "
                "more than 0 for one of them"
            )


def _people(model: ServiceModel) -> Iterator[str]:
    """Yield agents who could never do or begin anything."""
    for name, agent in model.agents.items():
        if agent.speed.value < SLOWEST:
            yield (
                f"agents.{name}.speed: {agent.speed.value:g}; write {SLOWEST:g} or more, and take "
                "who does not work off the roster"
            )
    if model.staffing.presence.value <= 0:
        yield "staffing.presence: 0%; nobody would ever come; write more than 0%"


def _routing(model: ServiceModel) -> Iterator[str]:
    """Yield settings of routing that need another one to mean anything."""
    routing = model.routing
    if routing.own_customer and not routing.own_first:
        yield "routing.own_customer: needs own_first; write own_first: true or leave it out"
    if routing.own_customer and model.customers is None:
        yield "routing.own_customer: needs customers; declare customers or leave it out"
    if routing.sla_hours and routing.discipline != "due":
        yield "routing.sla_hours: needs discipline: due; write it or leave sla_hours out"


def nearly_endless(model: ServiceModel) -> Iterator[tuple[str, str, str]]:
    """Yield (path, share, which cap ends it) of chances of coming back above 90%."""
    ends = [("returns.redial", model.returns.redial.value, "max_contacts")]
    for label, category in model.categories.items():
        ends.append((f"categories.{label}.repeat", category.repeat.value, "max_contacts"))
        ends.append((f"categories.{label}.reopen", category.reopen.value, "max_handlings"))
    for path, chance, cap in ends:
        if chance > 0.9:
            yield path, format_share(chance, 3), cap
