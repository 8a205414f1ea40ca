"""The desk with SimPy as its clock: readable, the reference that every other clock must equal.

Events carry the key (time, kind, id) through SimPy's own priority, so simultaneous events have
one order; a dispatch comes after all events of its instant (R0). Times are whole epoch seconds, so
``now + (t - now)`` is exact.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import simpy

from svcsim.engine import draws, durations, events, joins, rules
from svcsim.engine.aftermath import Aftermath
from svcsim.engine.chance import Chance
from svcsim.engine.chats import Chats
from svcsim.engine.floor import Agent, Floor
from svcsim.engine.rows import Contact, Record
from svcsim.engine.setting import Setting
from svcsim.engine.worktime import WorkTime


class SimpyClock:
    """One replication of one desk.

    Parameters
    ----------
    setting : Setting
        The desk, its cases and windows, the opening state, seed and span.
    """

    def __init__(self, setting: Setting) -> None:
        desk, start = setting.desk, setting.start
        self.setting, self.desk, self.cases = setting, desk, setting.cases
        self.start, self.stop, self.now = start, setting.stop, start
        self.env = simpy.Environment(initial_time=start)
        self.chance = Chance(setting.seed, setting.replication, self.cases.key, self.cases.stream)
        self.record = Record(
            start, contacts=setting.contacts, known=setting.known, cases=setting.names,
            staffed=[tuple(window) for window in setting.windows.tolist()],
            joins=[] if setting.notes else None, off=[] if setting.notes else None,
            capped=setting.capped,
        )  # fmt: skip
        self.floor = Floor(desk, self.record.contacts, start, setting.looks_at)
        self.worktime, self.chats, self.aftermath = WorkTime(self), Chats(self), Aftermath(self)
        self.dirty = False
        """R0: whether something changed at this instant that may let contacts be taken."""
        for begin, end, who in setting.windows.tolist():
            self.at(begin, events.SHIFT_START, who, partial(self.shift_starts, who))
            self.at(end, events.SHIFT_END, who, partial(self.shift_ends, who))
        for time, kind, number in setting.planned:
            self.at(time, kind, number, partial(self.known[kind], self, self.contacts[number]))
        self._next_arrival(0)

    @property
    def contacts(self) -> list[Contact]:
        """Return every row so far."""
        return self.record.contacts

    # -- the clock -----------------------------------------------------------------------------

    def at(self, time: int, kind: int, number: int, action: Callable[[], None]) -> None:
        """Let ``action`` happen at an absolute time, ordered by (time, kind, number)."""
        if time < self.now:
            message = f"an event at {time} cannot be planned at {self.now}"
            raise ValueError(message)

        def happen(_: object) -> None:
            self.now = time
            action()
            if self.dirty and self.env.peek() > time:  # R0: the instant is over
                self.dispatch()

        event = simpy.Event(self.env)
        event._ok, event._value, event.callbacks = True, None, [happen]
        # SimPy's own "until" has priority 0 and must come before anything of that instant.
        key: Any = (kind << events.KIND_SHIFT | number) + 1
        self.env.schedule(event, priority=key, delay=time - self.now)

    def run(self) -> Record:
        """Run to the end of the tail and settle who left the queue by then."""
        self.env.run(until=self.stop)
        self.floor.settle(self.stop)
        for agent in self.floor.agents:
            for contact in agent.chats:
                self.chats.write(contact, contact.ends)
        return self.record

    def touched(self) -> None:
        """R0: something changed at this instant, so match once after everything else in it."""
        self.dirty = True

    # -- arrivals ------------------------------------------------------------------------------

    def _next_arrival(self, case: int) -> None:
        if case < len(self.cases.opened):
            when = int(self.cases.opened[case])
            self.at(when, events.ARRIVAL, case, partial(self.arrive, case))

    def arrive(self, case: int) -> None:
        """Let a new case open its first contact."""
        c, desk = self.cases, self.desk
        category, channel = int(c.category[case]), int(c.channel[case])
        contact = Contact(
            len(self.contacts), case, int(c.key[case]), int(c.stream[case]), 1, self.now, category,
            channel, int(c.tier[case]), int(c.priority[case]), desk.live[channel],
            desk.categories[category].team, int(c.customer[case]), int(c.segment[case]),
            int(c.language[case]),
        )  # fmt: skip
        if desk.own_customer and contact.customer >= 0:
            contact.own = self.aftermath.served_by.get(contact.customer, -1)
        self.come_in(contact)
        self._next_arrival(case + 1)

    def come_in(self, contact: Contact) -> None:
        """Let a contact reach its team: at once, or a ticket after it was picked up (R5)."""
        self.contacts.append(contact)
        auto = self.desk.auto_reply[contact.channel]
        if auto >= 0 and self.now + auto < self.stop:
            contact.auto_reply = self.now + auto
        pickup = self.desk.categories[contact.category].pickup
        if contact.live or pickup is None:
            self.join_queue(contact)
        else:
            u = self.chance.of_handling(contact, draws.PICKUP)[draws.PICKUP & 3]
            self.join_later(contact, self.lasting(pickup, u))

    def lasting(self, law: durations.Law, u: float) -> int:
        """Return a drawn duration on the grid."""
        return durations.whole(durations.duration(law, self.desk.tables, u), self.desk.tick)

    # -- queues and matching -------------------------------------------------------------------

    def join_later(self, contact: Contact, delay: int) -> None:
        """Let a contact join its queue after a delay."""
        self.at(self.now + delay, events.JOIN, contact.number, partial(self.join_queue, contact))

    def join_queue(self, contact: Contact, why: int | None = None) -> None:
        """Let a contact wait; a live customer's patience begins with the first wait (R6).

        ``why``: position in `joins.WHY`; None: it comes for the first time, or was pending.
        """
        now, desk = self.now, self.desk
        if self.record.joins is not None:
            if why is None:
                why = joins.PENDING if contact.handlings else joins.FIRST
            self.record.joins.append((contact.number, contact.team, now, why))
        contact.queued = now if contact.queued_from < 0 else contact.queued_from
        contact.queued_from = -1
        patience = desk.patience[contact.channel] if contact.live else None
        if patience is not None and contact.handlings == 0:
            u = self.chance.of_contact(contact, draws.PATIENCE)
            contact.deadline = patience.deadline(now, u[0], u[1], desk.tick)
            if desk.redial > 0:
                u = self.chance.of_contact(contact, draws.REDIAL)
                if u[draws.REDIAL & 3] < desk.redial:
                    leave = partial(self.leave, contact, contact.deadline)
                    self.at(contact.deadline + desk.tick, events.LEAVE, contact.number, leave)
        answered = contact.first_response == contact.first_response
        due = self.setting.due(contact.queued if answered else contact.opened, contact.priority)
        if self.floor.put(contact, due):
            contact.kept_until = now + desk.own_wait
            release = partial(self.release, contact)
            self.at(contact.kept_until, events.RELEASE, contact.number, release)
        self.touched()

    def release(self, contact: Contact) -> None:
        """Open a contact kept for its own agent to the whole team."""
        if contact.kept_until == self.now:
            contact.kept_until = -1
            self.floor.open_to_team(contact)
            self.touched()

    def leave(self, contact: Contact, deadline: int) -> None:
        """R6, R7: a customer who will try again has left the queue by now, unless served."""
        if contact.deadline == deadline or contact.abandoned == deadline:
            self.floor.leave(contact)
            u = self.chance.of_contact(contact, draws.REDIAL)
            delay = self.lasting(self.desk.redial_after, u[draws.REDIAL_AFTER & 3])
            self.aftermath.come_again(contact, delay)

    def dispatch(self) -> None:
        """Match waiting contacts and free agents, the highest claim first (R1-R3)."""
        self.dirty = False
        while self.floor.matchable():
            who = self.floor.next_agent(self.now)
            if who < 0:
                return
            contact = self.floor.next_contact(who, self.now)
            assert contact is not None
            self.begin(who, contact)

    # -- handling ------------------------------------------------------------------------------

    def begin(self, who: int, contact: Contact) -> None:
        """R4: the agent takes the contact."""
        now, desk, agent = self.now, self.desk, self.floor.agents[who]
        self.floor.take(contact)
        if contact.handlings == 0:
            contact.wait = now - contact.queued
            if contact.live:
                contact.first_response = now
        speed = self.worktime.speed(who)
        if contact.resumes:
            handling = rules.resumed_time(contact.left, contact.held, speed, desk.tick)
            contact.left, contact.resumes = 0.0, False
        else:
            handling = self.worktime.new_handling(who, contact, speed)
        contact.agent, contact.last_team = who, contact.team
        contact.serving, contact.begun, contact.spell = who, now, len(self.record.work)
        busy = desk.busy[who] * self.setting.capacity[(now - self.start) // rules.WEEK]
        if contact.live and agent.slots > 1:
            work = rules.busy_time(handling + contact.wrap, busy, desk.tick)
            self.chats.begin(who, contact, work)
            return
        contact.handle += handling + contact.wrap
        contact.ends = now + handling
        free = now + rules.busy_time(handling + contact.wrap, busy, desk.tick)
        self.record.work.append((who, contact.team, contact.number, now, contact.ends, free))
        self.occupy(agent, who, free)
        agent.contact = contact
        self.worktime.plan_time_off(agent, contact)
        self.at(contact.ends, events.END, contact.number, partial(self.end_handling, contact))
        if free != contact.ends:
            self.at(free, events.FREE, who, partial(self.agent_ends, who))

    def occupy(self, agent: Agent, who: int, free: int) -> None:
        """Let an agent be busy with one thing alone until ``free``."""
        agent.open, agent.frees, agent.busy_since = agent.slots, free, self.now
        self.floor.place(who, self.now)

    def end_handling(self, contact: Contact) -> None:
        """R5: a handling ends; the contact goes on, and its agent too."""
        if contact.serving < 0 or contact.ends != self.now:
            return  # handed back, or its pace changed
        who = contact.serving
        contact.serving = -1
        agent = self.floor.agents[who]
        if contact.live and agent.slots > 1:
            self.chats.end(who, contact)
        elif agent.contact is contact:
            agent.contact = None
        self.aftermath.of_handling(who, contact)
        if agent.frees == self.now and not agent.chats:
            self.agent_ends(who)

    # -- agents --------------------------------------------------------------------------------

    def agent_ends(self, who: int) -> None:
        """R8: the agent is through with a handling: back to the queue, off it, or home."""
        agent = self.floor.agents[who]
        if agent.frees != self.now:
            return  # the handling was handed back
        # a contact may last longer than the agent's work on it: there is nothing to hand back then
        agent.busy_in_window = agent.busy_so_far(self.now)
        agent.frees, agent.open, agent.contact = -1, 0, None
        if not agent.on_shift:
            self.overtime(who)
        elif agent.off_if and rules.leaves_queue(
            agent.off_if, self.floor.anybody_for(who, self.now)
        ):
            agent.off = True
            self.floor.place(who, self.now)
            if self.record.off is not None:
                self.record.off.append((self.now, self.now + agent.off_for, who))
            back = partial(self.back_on_queue, who)
            self.at(self.now + agent.off_for, events.OFF_OVER, who, back)
        else:
            self.make_free(who)

    def back_on_queue(self, who: int) -> None:
        """End time off the queue."""
        self.floor.agents[who].off = False
        self.make_free(who)

    def shift_starts(self, who: int) -> None:
        """R8: a staffed window opens."""
        agent = self.floor.agents[who]
        if agent.open and not agent.on_shift:
            self.overtime(who)
        if not agent.on_shift:
            agent.window_start, agent.busy_in_window = self.now, 0
        agent.on_shift += 1
        self.make_free(who)

    def shift_ends(self, who: int) -> None:
        """R8: a staffed window closes; a running handling is finished, or a ticket handed back."""
        agent = self.floor.agents[who]
        agent.on_shift -= 1
        if agent.on_shift:
            return
        agent.shift_ended = self.now
        contact = agent.contact
        if contact is not None and rules.hands_back(
            self.desk.hand_back, contact.live, False, contact.ends - self.now
        ):
            self.interrupt(who, contact)
        self.floor.place(who, self.now)

    def interrupt(self, who: int, contact: Contact) -> None:
        """R8: hand a ticket back with the work that it still needs."""
        agent, left = self.floor.agents[who], contact.ends - self.now
        contact.held = rules.held_left(left, contact.held)
        contact.left = rules.work_left(left, contact.held, self.worktime.speed(who))
        contact.resumes = True
        contact.handle -= left + contact.wrap
        # for anybody, at its old place in the queue: the agent is going home
        contact.serving = contact.own = -1
        contact.queued_from = contact.queued
        _, team, number, begun, _, _ = self.record.work[contact.spell]
        self.record.work[contact.spell] = (who, team, number, begun, self.now, self.now)
        agent.busy_in_window = agent.busy_so_far(self.now)
        agent.contact, agent.open, agent.frees = None, 0, -1
        self.join_queue(contact, joins.HANDED_BACK)

    def overtime(self, who: int) -> None:
        """Count the time that a handling ran past the end of a window as staffed."""
        agent = self.floor.agents[who]
        if self.now > agent.shift_ended:
            self.record.staffed.append((agent.shift_ended, self.now, who))

    def make_free(self, who: int) -> None:
        """Put an agent among the free ones, when eligible (R1)."""
        if self.floor.place(who, self.now):
            self.touched()

    def reopen(self, contact: Contact) -> None:
        """Reopen a resolved contact, or work on it once more."""
        why = joins.REWORKED if contact.rework_due else joins.REOPENED
        if contact.rework_due:
            contact.rework_due = 0
            contact.reworks += 1
        else:
            contact.reopens += 1
        contact.resolved = float("nan")
        self.join_queue(contact, why)

    def repeat(self, before: Contact) -> None:
        """Open the next contact of a case, kept for the agent who resolved the one before."""
        contact = Contact(
            len(self.contacts), before.case, before.key, before.stream, before.no + 1, self.now,
            before.category, before.channel, before.tier, before.priority, before.live,
            self.desk.categories[before.category].team,
            before.customer, before.segment, before.language,
        )  # fmt: skip
        contact.own = before.agent
        contact.earlier = before.earlier + (1 if before.handlings > 0 else 0)
        self.come_in(contact)

    known = {events.JOIN: join_queue, events.REOPEN: reopen, events.REPEAT: repeat}
    """What an event of the opening state does."""
