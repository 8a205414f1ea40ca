"""One replication of a desk: draw its parameters, demand and roster, let time pass, return rows."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog
from svcsim.engine import draws, rules
from svcsim.engine.demand import Cases, Horizon, attributes, generate
from svcsim.engine.opening import LOOK_BACK, OpenContact, Opening
from svcsim.engine.plain import PlainCategory, PlainDesk, compile_desk, redraw
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
    desk, rostered, _ = shifts(desk, horizon, seed, replication)
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
    return to_log(record, desk, replication, bounds, f"replication {replication}", cases)


def _open(clock: SimpyClock, desk: PlainDesk, opening: Opening, start: int) -> None:
    """Put the opening state onto the clock: waiting, pending, and what may still come back."""
    case = _OPENING
    for group in (opening.waiting, opening.pending):
        for known in group:
            contact = _known_contact(clock, desk, known, case)
            if group is opening.waiting:
                when = start + _picked_up(clock, desk, contact, start - known.opened_s)
            else:
                when = start + _resume(clock, desk, contact, start - known.last_s)
            queued = known.opened_s if group is opening.waiting else None
            clock.at(when, BACK, contact.number, partial(clock.join_queue, contact, queued))
            case += 1
    _echoes(clock, desk, opening, start)


def _picked_up(clock: SimpyClock, desk: PlainDesk, contact: Contact, age: float) -> int:
    """Return how long an unanswered ticket still takes to be up for work."""
    pickup = desk.categories[contact.category].pickup
    if pickup is None:
        return 0
    u = clock.chance.of_handling(contact, draws.PICKUP >> 2)[draws.PICKUP & 3]
    return rules.whole(rules.remaining(pickup, age, u))


def _resume(clock: SimpyClock, desk: PlainDesk, contact: Contact, age: float) -> int:
    """Return how long a pending ticket still waits, and credit it with the work it had so far.

    Its row counts whole lives, as an export does, so handlings before the start are drawn by the
    same rule as those after it.
    """
    category = desk.categories[contact.category]
    rest, stages = rules.rest_of_pending(
        category.pending, category.again, age, _paths(clock, contact.case)
    )
    done = max(contact.handlings, stages)
    speed = desk.speed[contact.agent] if contact.agent >= 0 else 1.0
    for contact.handlings in range(1, done + 1):
        u = clock.chance.of_handling(contact, draws.WORK >> 2)[0]
        work = category.work[contact.tier]
        contact.handle += rules.handling_time(category.handling, work, speed, u)
    contact.transfers = int(contact.team != category.team)
    contact.pending = rules.whole(age + rest)
    return rules.whole(rest)


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
    contact.first_resolved = known.first_resolved_s
    if contact.first_resolved != contact.first_resolved:
        contact.first_resolved = known.resolved_s
    contact.handlings = _handled(known)
    if known.agent in desk.agents:
        contact.own = contact.agent = desk.agents.index(known.agent)
        if known.team is None and contact.team not in desk.serves[contact.own]:
            contact.team = contact.last_team = desk.agent_team[contact.own]
    if known.team in desk.teams:
        contact.team = contact.last_team = desk.teams.index(known.team)
    clock.record.cases[case] = known.ticket_id
    if row:
        clock.record.known[contact.number] = known.ticket_id
        clock.record.contacts.append(contact)
    return contact


def _echoes(clock: SimpyClock, desk: PlainDesk, opening: Opening, start: int) -> None:
    """Let contacts resolved before the start come back; their draws are made all at once."""
    known = opening.resolved
    if not known:
        return
    chance = clock.chance
    case = np.arange(_RESOLVED, _RESOLVED + len(known), dtype=np.uint64)
    no = np.array([k.contact_no for k in known], dtype=np.uint64)
    handlings = np.array([_handled(k) for k in known], dtype=np.uint64)
    key = (chance.seed, chance.replication, case, no)
    reopen = zip(
        *(w.tolist() for w in draws.block(*key, handlings, draws.REOPEN >> 2)), strict=True
    )
    repeat = zip(*(w.tolist() for w in draws.block(*key, 0, draws.PATIENCE >> 2)), strict=True)
    names = {c.name: c for c in desk.categories}
    for i, (contact, u, v) in enumerate(zip(known, reopen, repeat, strict=True)):
        if start - contact.resolved_s < LOOK_BACK:
            category = names[contact.category]
            _echo(clock, desk, contact, category, _RESOLVED + i, start, opening.hindsight, (*u, *v))


def _handled(known: OpenContact) -> int:
    """Return how many handlings a contact had at least."""
    return max(known.handlings, int(not np.isnan(known.first_response_s)))


def _echo(
    clock: SimpyClock,
    desk: PlainDesk,
    known: OpenContact,
    category: PlainCategory,
    case: int,
    start: int,
    hindsight: float,
    u: tuple[float, ...],
) -> None:
    """R7 for a contact resolved before the start: the chance that is left, the rest of the delay.

    With r = P(reopened), p = P(repeated | not reopened) and the distributions F and G of their
    delays, a contact silent for t is reopened later with probability
    r (1 - F(t)) / (r (1 - F(t)) + (1 - r) (1 - p G(t))); if it is not, it is repeated later with
    probability p (1 - G(t)) / (1 - p G(t)). A log that goes on for ``hindsight`` after the start
    tells of the reopens until then, so its resolved contacts are silent that much longer.
    ``u``: the draws of the reopening, then of the repeat.
    """
    age = start - known.resolved_s
    odds = desk.tier_odds[desk.tiers.index(known.tier)]
    if known.agent in desk.agents:
        odds *= math.exp(-desk.quality[desk.agents.index(known.agent)])
    r, p = rules.shifted(category.reopen, odds), rules.shifted(category.repeat, odds)
    back = rules.elapsed_share(desk.repeat_after, age)
    late = r * (1.0 - rules.elapsed_share(desk.reopen_after, age + hindsight))
    silent = late + (1.0 - r) * (1.0 - p * back)
    if u[0] * silent < late:
        rest = hindsight + rules.remaining(desk.reopen_after, age + hindsight, u[1])
        when = start + rules.whole(rest)
        if when < clock.stop:
            contact = _known_contact(clock, desk, known, case)
            contact.resolved = known.resolved_s
            clock.at(when, BACK, contact.number, partial(clock.reopen, contact))
    elif u[6] * (1.0 - p * back) < p * (1.0 - back):
        delay = rules.whole(rules.remaining(desk.repeat_after, age, u[7]))
        contact = _known_contact(clock, desk, known, case, row=False)
        clock.at(start + delay, BACK, case, partial(clock.repeat, contact))
