"""The desk with SimPy as its clock: readable, the reference that every other clock must equal.

Events carry the key (time, kind, id) through SimPy's own priority, so simultaneous events have
one order; a dispatch comes last at its instant (R0). Times are whole epoch seconds, so
``now + (t - now)`` is exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import simpy

from svcsim.engine import draws, rules
from svcsim.engine.chance import Chance
from svcsim.engine.demand import Cases
from svcsim.engine.floor import Entry, Floor
from svcsim.engine.plain import PlainDesk
from svcsim.engine.rows import NAN, Contact, Record

END, FREE, SHIFT, BACK, ARRIVAL, DISPATCH = 0, 1, 2, 3, 4, 9
_KIND = 1 << 44
WEEK = 7 * 86400


class SimpyClock:
    """One replication of one desk."""

    def __init__(
        self,
        desk: PlainDesk,
        cases: Cases,
        windows: list[tuple[int, int, int]],
        seed: int,
        replication: int,
        start: int,
        stop: int,
    ) -> None:
        self.desk, self.cases, self.stop = desk, cases, stop
        self.env = simpy.Environment(initial_time=start)
        self.now = start
        self.chance = Chance(seed, replication, len(cases.opened))
        self.record = Record(
            staffed=[(max(a, start), b, who) for a, b, who in windows if b > start]
        )
        self.floor = Floor(desk, self.record.contacts, start)
        agents = len(desk.agents)
        self.shift_ended = [start] * agents
        self._dispatched_at = -1
        # R4: weeks are counted from the start of the horizon
        self.start = start
        self.pace = [
            rules.week_factor(
                desk.week_cv, draws.uniform(seed, replication, week, 0, 0, draws.WEEK_FACTOR)
            )
            for week in range((stop - start) // WEEK + 1)
        ]
        for begin, end, who in windows:
            if end > start:
                self.at(max(begin, start), SHIFT, who, partial(self.shift_starts, who))
                self.at(end, SHIFT, agents + who, partial(self.shift_ends, who))
        self._next_arrival(0)

    # -- the clock -----------------------------------------------------------------------------

    def at(self, time: int, kind: int, ident: int, action: Callable[[], None]) -> None:
        """Let ``action`` happen at an absolute time, ordered by (time, kind, ident)."""
        if time < self.now:
            message = f"an event at {time} cannot be planned at {self.now}"
            raise ValueError(message)

        def happen(_: object) -> None:
            self.now = time
            action()

        event = simpy.Event(self.env)
        event._ok, event._value, event.callbacks = True, None, [happen]
        # SimPy's own "until" has priority 0 and must come before anything of that instant.
        key: Any = kind * _KIND + ident + 1
        self.env.schedule(event, priority=key, delay=time - self.now)

    def run(self) -> Record:
        """Run to the end of the tail and settle who left the queue by then."""
        self.env.run(until=self.stop)
        self.floor.settle(self.stop)
        return self.record

    def touched(self) -> None:
        """R0: something changed at this instant, so match once after everything else in it."""
        if self._dispatched_at != self.now and self.matchable():
            self._dispatched_at = self.now
            self.at(self.now, DISPATCH, 0, self.dispatch)

    def matchable(self) -> bool:
        """Whether a dispatch may find anything to match."""
        return self.floor.matchable()

    # -- arrivals ------------------------------------------------------------------------------

    def _next_arrival(self, case: int) -> None:
        if case < len(self.cases.opened):
            self.at(int(self.cases.opened[case]), ARRIVAL, case, partial(self.arrive, case))

    def arrive(self, case: int) -> None:
        """Let a new case open its first contact."""
        c = self.cases
        category, channel = int(c.category[case]), int(c.channel[case])
        contact = self.new_contact(
            case, 1, category, channel, int(c.tier[case]), int(c.priority[case])
        )
        self.come_in(contact)
        self._next_arrival(case + 1)

    def new_contact(
        self, case: int, no: int, category: int, channel: int, tier: int, priority: int
    ) -> Contact:
        """Write down a new row."""
        desk = self.desk
        contact = Contact(
            len(self.record.contacts), case, no, self.now, category, channel, tier, priority,
            desk.live[channel], desk.categories[category].team,
        )  # fmt: skip
        self.record.contacts.append(contact)
        return contact

    def come_in(self, contact: Contact) -> None:
        """Let a contact reach its team: at once, or a ticket after it was picked up (R5)."""
        pickup = self.desk.categories[contact.category].pickup
        if contact.live or pickup is None:
            self.join_queue(contact)
            return
        u = self.chance.of_handling(contact, draws.PICKUP >> 2)[draws.PICKUP & 3]
        delay = rules.whole(rules.duration(pickup, u))
        self.at(self.now + delay, BACK, contact.number, partial(self.join_queue, contact))

    # -- queues and matching -------------------------------------------------------------------

    def join_queue(self, contact: Contact, queued: int | None = None) -> None:
        """Let a contact wait; a live customer's patience begins with the first wait (R6)."""
        now, desk = self.now, self.desk
        contact.queued = now if queued is None else queued
        patience = desk.patience[contact.channel] if contact.live else None
        if patience is not None and contact.handlings == 0:
            u = self.chance.of_contact(contact, draws.PATIENCE >> 2)
            contact.deadline = rules.patience_deadline(*patience, now, u[0], u[1])
        kept = self.floor.put(contact)
        if kept is not None:
            release = partial(self.release, contact, kept)
            self.at(now + desk.own_wait, BACK, contact.number, release)
        self.touched()

    def release(self, contact: Contact, entry: Entry) -> None:
        """Open a contact kept for its own agent to the whole team."""
        if self.floor.open_to_team(contact, entry):
            self.touched()

    def dispatch(self) -> None:
        """Match waiting contacts and free agents, the most idle agent first (R1-R3)."""
        self._dispatched_at = -1
        while True:
            who = self.floor.next_agent(self.now)
            if who < 0:
                return
            contact = self.floor.next_contact(who, self.now)
            assert contact is not None
            self.begin(who, contact)

    # -- handling ------------------------------------------------------------------------------

    def begin(self, who: int, contact: Contact) -> None:
        """R4: the agent takes the contact."""
        now, desk = self.now, self.desk
        category = desk.categories[contact.category]
        contact.version += 1
        contact.deadline = -1  # patience is for the first wait: a served customer stays
        if contact.handlings == 0:
            contact.wait = now - contact.queued
            if contact.live:
                contact.first_response = now
        contact.handlings += 1
        contact.agent, contact.last_team = who, contact.team
        contact.chance = self.chance.of_handling(contact, draws.WORK >> 2)
        work = category.work[contact.tier] * self.pace[(now - self.start) // WEEK]
        handling = rules.handling_time(category.handling, work, desk.speed[who], contact.chance[0])
        free = now + rules.busy_time(handling, desk.slowdown)
        contact.handle += handling
        self.floor.busy[who] = True
        self.floor.make_unfree(who)
        self.record.work.append((who, contact.team, contact.number, now, now + handling, free))
        self.at(now + handling, END, contact.number, partial(self.end_handling, who, contact))
        away = 0
        if desk.off_share > 0:
            u = self.chance.of_handling(contact, draws.REOPEN >> 2)
            if rules.leaves_queue(desk.off_share, u[2]):
                away = rules.whole(rules.duration(desk.off_time, u[3]))
        self.at(free, FREE, who, partial(self.agent_ends, who, away))

    def end_handling(self, who: int, contact: Contact) -> None:
        """R5: transferred, pending or resolved."""
        now, desk = self.now, self.desk
        category = desk.categories[contact.category]
        first = contact.handlings == 1
        if not contact.live and contact.first_response != contact.first_response:
            contact.first_response = now
        u = contact.chance
        more = contact.handlings < desk.model.max_handlings
        again, onward = (category.again, category.onward) if more else (0.0, 0.0)
        outcome = rules.after_handling(
            contact.live, first, category.transfer, onward, again, u[3], u[1]
        )
        if outcome == rules.TRANSFERRED:
            contact.transfers += 1
            contact.team, contact.own = category.transfer_to, -1
            self.join_queue(contact)
        elif outcome == rules.HANDED_ON:
            contact.transfers += 1
            contact.own = -1
            self.join_queue(contact)
        elif outcome == rules.PENDING_AGAIN:
            wait = rules.whole(rules.duration(category.pending, u[2]))
            contact.own = who
            contact.pending += wait
            self.at(now + wait, BACK, contact.number, partial(self.join_queue, contact))
        else:
            self.resolve(who, contact)

    def resolve(self, who: int, contact: Contact) -> None:
        """R7: resolved, and perhaps reopened or repeated later; else a survey may be asked."""
        now, desk = self.now, self.desk
        category = desk.categories[contact.category]
        contact.resolved = now
        if contact.first_resolved != contact.first_resolved:
            contact.first_resolved = now
        contact.own = who
        odds, quality = desk.tier_odds[contact.tier], desk.quality[who]
        capped = contact.handlings >= desk.model.max_handlings
        u = self.chance.of_handling(contact, draws.REOPEN >> 2)
        if rules.comes_back(category.reopen, odds, quality, u[0]):
            if capped:
                self.record.capped += 1
            else:
                delay = rules.whole(rules.duration(desk.reopen_after, u[1]))
                self.at(now + delay, BACK, contact.number, partial(self.reopen, contact))
                return
        self.survey(contact, quality)
        u = self.chance.of_contact(contact, draws.PATIENCE >> 2)
        if rules.comes_back(category.repeat, odds, quality, u[2]):
            self.come_again(contact, rules.whole(rules.duration(desk.repeat_after, u[3])))

    def come_again(self, contact: Contact, delay: int) -> None:
        """R7: plan the next contact of a case."""
        if contact.no >= self.desk.model.max_contacts:
            self.record.capped += 1
            return
        again = partial(self.repeat, contact)
        self.at(self.now + delay, BACK, contact.number, again)

    def reopen(self, contact: Contact) -> None:
        """Reopen a resolved contact."""
        contact.reopens += 1
        contact.resolved = NAN
        self.join_queue(contact)

    def repeat(self, before: Contact) -> None:
        """Open the next contact of a case, kept for the agent who resolved the one before."""
        contact = self.new_contact(
            before.case, before.no + 1, before.category, before.channel, before.tier,
            before.priority,
        )  # fmt: skip
        contact.own = before.agent
        self.come_in(contact)

    def survey(self, contact: Contact, quality: float) -> None:
        """Ask, perhaps get an answer, at the latest resolution."""
        survey = self.desk.survey
        if survey is None:
            return
        u = self.chance.of_contact(contact, draws.ASKED >> 2)
        contact.survey_sent = 1.0 if u[0] < survey.asked else 0.0
        if contact.survey_sent and u[1] < survey.answered:
            hours = max(contact.first_response - contact.opened, 0.0) / 3600.0
            returned = 1.0 if contact.reopens or contact.no > 1 else 0.0
            effect = (
                survey.wait * math.log1p(hours)
                + survey.returned * returned
                + survey.quality * quality
            )
            when = self.now + rules.whole(rules.duration(survey.delay, u[3]))
            if when < self.stop:
                contact.survey = when
                contact.csat = rules.survey_score(survey.cumulative, effect, u[2])

    # -- agents --------------------------------------------------------------------------------

    def agent_ends(self, who: int, away: int) -> None:
        """R8: the agent is through with a handling: back to the queue, off it, or home."""
        floor = self.floor
        floor.busy[who] = False
        if not floor.on_shift[who]:
            self.overtime(who)
            return
        if away > 0:
            floor.off[who] = True
            self.at(self.now + away, BACK, _KIND - 1 - who, partial(self.back_on_queue, who))
        else:
            self.make_free(who)

    def back_on_queue(self, who: int) -> None:
        """End time off the queue."""
        self.floor.off[who] = False
        self.make_free(who)

    def shift_starts(self, who: int) -> None:
        """R8: a staffed window opens."""
        floor = self.floor
        if floor.busy[who] and not floor.on_shift[who]:
            self.overtime(who)
        floor.on_shift[who] += 1
        self.make_free(who)

    def shift_ends(self, who: int) -> None:
        """R8: a staffed window closes; a running handling is finished."""
        floor = self.floor
        floor.on_shift[who] -= 1
        if not floor.on_shift[who]:
            self.shift_ended[who] = self.now
            floor.make_unfree(who)

    def overtime(self, who: int) -> None:
        """Count the time that a handling ran past the end of a window as staffed."""
        if self.now > self.shift_ended[who]:
            self.record.staffed.append((self.shift_ended[who], self.now, who))

    def make_free(self, who: int) -> None:
        """Put an agent among the free ones, when eligible (R1)."""
        if self.floor.make_free(who, self.now):
            self.touched()
