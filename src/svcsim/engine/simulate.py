"""One replication of a desk: draw its parameters, demand and roster, let time pass, return rows."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog
from svcsim.engine import draws, rules
from svcsim.engine.demand import Cases, Horizon, attributes, generate
from svcsim.engine.opening import LOOK_BACK, OpenContact, Opening
from svcsim.engine.plain import PlainDesk, compile_desk, redraw
from svcsim.engine.roster import shifts
from svcsim.engine.rows import Contact, to_log
from svcsim.engine.simpy_clock import BACK, SimpyClock
from svcsim.model.service import ServiceModel

_OPENING = 1 << 30
_RESOLVED = 1 << 31


def simulate(
    model: ServiceModel,
    horizon: Horizon,
    *,
    seed: int,
    replication: int,
    opening: Opening | None = None,
    redraw_parameters: bool = True,
    arrivals: NDArray[np.int64] | None = None,
    cases: Cases | None = None,
    windows: list[tuple[int, int, int]] | None = None,
) -> ContactLog:
    """Simulate one replication.

    Parameters
    ----------
    model : ServiceModel
        The desk.
    horizon : Horizon
        Local days that count and the follow-up tail.
    seed, replication : int
        Chance is a function of both; replications are numbered from 1.
    opening : Opening, optional
        Open contacts (and recent resolutions) at the start; none: the desk starts empty.
    redraw_parameters : bool
        Draw each uncertain parameter from its interval (default) or use best values.
    arrivals : array of epoch seconds, optional
        Replay these arrival times of new cases instead of drawing them.
    cases : Cases, optional
        Replay whole cases (category, channel, tier, priority as well).
    windows : list of (start_s, end_s, agent position), optional
        Replay these staffed windows instead of drawing roster days.

    Returns
    -------
    ContactLog
        Window = the days that count; contacts opened before (backlog) and in the tail are rows
        too; ``work`` and ``staffed`` are known.
    """
    values = redraw(model, seed, replication) if redraw_parameters else None
    desk = compile_desk(model, values)
    desk, rostered = shifts(desk, horizon, seed, replication)
    bounds = horizon.bounds(model.timezone)
    start, _, stop = bounds
    if cases is None:
        if arrivals is None:
            cases = generate(desk, horizon, seed, replication)
        else:
            cases = attributes(desk, np.asarray(arrivals, dtype=np.int64), seed, replication)
    on = rostered if windows is None else windows
    clock = SimpyClock(desk, cases, on, seed, replication, start, stop)
    if opening is not None:
        _open(clock, desk, opening, start)
    record = clock.run()
    return to_log(record, desk, replication, bounds, f"replication {replication}")


def _open(clock: SimpyClock, desk: PlainDesk, opening: Opening, start: int) -> None:
    """Put the opening state onto the clock: waiting, pending, and what may still come back."""
    case = _OPENING
    for group in (opening.waiting, opening.pending):
        for known in group:
            contact = _known_contact(clock, desk, known, case)
            if group is opening.waiting:
                when = start
            else:
                category = desk.categories[contact.category]
                rest = rules.rest_of_pending(
                    category.pending, category.again, start - known.last_s, _paths(clock, case)
                )
                when = start + rules.whole(rest)
            queued = known.opened_s if group is opening.waiting else None
            clock.at(when, BACK, contact.number, partial(clock.join_queue, contact, queued))
            case += 1
    case = _RESOLVED
    for known in opening.resolved:
        _echo(clock, desk, known, case, start)
        case += 1


def _paths(clock: SimpyClock, case: int, stages: int = 24) -> list[tuple[float, float]]:
    """Return draws for the pending stages that an open ticket went through before the start."""
    chance = clock.chance
    number = draws.PENDING_BEFORE >> 2
    blocks = [
        draws.block(chance.seed, chance.replication, case, 0, stage, number)
        for stage in range(stages // 2)
    ]
    return [pair for u in blocks for pair in ((u[0], u[1]), (u[2], u[3]))]


def _known_contact(
    clock: SimpyClock, desk: PlainDesk, known: OpenContact, case: int, row: bool = True
) -> Contact:
    """Return a row for a contact that history left open."""
    names = [c.name for c in desk.categories]
    category = names.index(known.category)
    channel = desk.channels.index(known.channel)
    contact = Contact(
        len(clock.record.contacts), case, known.contact_no, known.opened_s, category, channel,
        desk.tiers.index(known.tier), desk.priorities.index(known.priority), desk.live[channel],
        desk.categories[category].team,
    )  # fmt: skip
    contact.first_response = known.first_response_s
    contact.handlings = max(known.handlings, 0 if np.isnan(known.first_response_s) else 1)
    if known.agent in desk.agents:
        contact.own = contact.agent = desk.agents.index(known.agent)
        if desk.agent_team[contact.own] != contact.team:
            contact.team = contact.last_team = desk.agent_team[contact.own]
    clock.record.cases[case] = known.ticket_id
    if row:
        clock.record.known[contact.number] = known.ticket_id
        clock.record.contacts.append(contact)
    return contact


def _echo(clock: SimpyClock, desk: PlainDesk, known: OpenContact, case: int, start: int) -> None:
    """R7 for a contact resolved before the start: the chance that is left, the rest of the delay.

    P(comes back later | not back after t) = p (1 - F(t)) / (1 - p F(t)).
    """
    contact = _known_contact(clock, desk, known, case, row=False)
    category = desk.categories[contact.category]
    age = start - known.resolved_s
    odds = desk.tier_odds[contact.tier]
    quality = desk.quality[contact.own] if contact.own >= 0 else 0.0
    u = clock.chance.of_contact(contact, draws.PATIENCE >> 2)
    done = rules.elapsed_share(desk.repeat_after, age)
    p = rules.shifted(category.repeat, odds * float(np.exp(-quality)))
    if age < LOOK_BACK and u[2] < p * (1.0 - done) / (1.0 - p * done):
        delay = rules.whole(rules.remaining(desk.repeat_after, age, u[3]))
        clock.at(start + delay, BACK, case, partial(clock.repeat, contact))
