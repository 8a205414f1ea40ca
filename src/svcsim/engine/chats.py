"""Several live contacts at once, for the SimPy clock: R4."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from svcsim.engine import events, rules
from svcsim.engine.floor import Agent
from svcsim.engine.rows import Contact

if TYPE_CHECKING:
    from svcsim.engine.simpy_clock import SimpyClock


class Chats:
    """Lets the chats of an agent share the agent."""

    def __init__(self, clock: SimpyClock) -> None:
        self.clock = clock

    def begin(self, who: int, contact: Contact, work: int) -> None:
        """R4: one more chat slows all of the agent's chats down."""
        agent = self.clock.floor.agents[who]
        contact.left, contact.since, contact.ends = float(work), self.clock.now, -1
        if not agent.chats:
            agent.busy_since = self.clock.now
        self.clock.record.work.append((who, contact.team, contact.number, self.clock.now, -1, -1))
        self.settle(agent)
        agent.chats.append(contact)
        agent.open, agent.off_if = len(agent.chats), 0
        self.pace(agent)
        self.clock.floor.place(who, self.clock.now)
        if agent.group >= 0:
            agent.idle_since = self.clock.now

    def end(self, who: int, contact: Contact) -> None:
        """R4: the agent's other chats go faster again."""
        agent = self.clock.floor.agents[who]
        self.settle(agent)
        agent.chats.remove(contact)
        contact.left = 0.0
        agent.open = max(len(agent.chats), 1)  # the last one: until the agent is through
        self.write(contact, self.clock.now)
        self.pace(agent)
        if agent.chats:
            agent.frees = -1
            if self.clock.floor.place(who, self.clock.now):
                agent.idle_since = self.clock.now
                self.clock.touched()
        else:
            agent.frees = self.clock.now
            self.clock.worktime.plan_time_off(agent, contact)

    def settle(self, agent: Agent) -> None:
        """Write down how far every chat has come."""
        if agent.chats:
            pace = rules.chat_pace(self.clock.desk.chat_slowdown, len(agent.chats))
            for contact in agent.chats:
                contact.left = max(contact.left - (self.clock.now - contact.since) * pace, 0.0)
                contact.since = self.clock.now

    def pace(self, agent: Agent) -> None:
        """Plan the end of every chat at the present pace."""
        if agent.chats:
            pace = rules.chat_pace(self.clock.desk.chat_slowdown, len(agent.chats))
            for contact in agent.chats:
                if contact.ends == self.clock.now:
                    continue  # ends at this very instant, as planned
                contact.ends = rules.chat_end(
                    self.clock.now, contact.left, pace, self.clock.desk.tick
                )
                end = partial(self.clock.end_handling, contact)
                self.clock.at(contact.ends, events.END, contact.number, end)

    def write(self, contact: Contact, end: int) -> None:
        """Write down when a chat ended and how long it took."""
        who, team, number, begun, _, _ = self.clock.record.work[contact.spell]
        self.clock.record.work[contact.spell] = (who, team, number, begun, end, end)
        contact.handle += end - contact.begun
