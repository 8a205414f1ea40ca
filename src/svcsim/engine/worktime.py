"""How long agents work, for the SimPy clock: R4, with first replies, holds and help."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from svcsim.engine import draws, durations, events, outcomes, rules, rules_people
from svcsim.engine.rows import Contact

if TYPE_CHECKING:
    from svcsim.engine.floor import Agent
    from svcsim.engine.simpy_clock import SimpyClock


class WorkTime:
    """Says how long a handling takes, and holds a second agent where help is needed."""

    def __init__(self, clock: SimpyClock) -> None:
        self.clock = clock

    def speed(self, who: int) -> float:
        """R4: the agent's speed now, with what is not yet learned."""
        desk, tenure = self.clock.desk, float(self.clock.now - self.clock.setting.hired[who])
        return desk.speed[who] * rules_people.learned(
            desk.people.start, desk.people.learning_s, tenure
        )

    def new_handling(self, who: int, contact: Contact, speed: float) -> int:
        """R4, R9: how long a new handling takes, its wrap-up apart; holds and help included."""
        desk, tables, tick = self.clock.desk, self.clock.desk.tables, self.clock.desk.tick
        category, behaviour = desk.categories[contact.category], desk.behaviour
        contact.handlings += 1
        contact.wrap = contact.held = 0
        contact.chance = self.clock.chance.of_handling(contact, draws.WORK)
        reply = self.reply_step(contact)
        contact.replying = reply is not None
        if reply is not None:
            u = self.clock.chance.of_handling(contact, draws.FIRST_REPLY)[draws.FIRST_REPLY & 3]
            contact.replies += 1
            return rules.handling_time(reply, tables, 1.0, speed, u, tick)
        work = (
            category.work[contact.tier]
            * self.clock.setting.pace[(self.clock.now - self.clock.start) // rules.WEEK]
        )
        if behaviour.rush > 0:
            work *= outcomes.rushed(behaviour.rush)
        if desk.fatigue > 0:
            agent = self.clock.floor.agents[who]
            work *= rules.fatigue(
                desk.fatigue, desk.fatigue_from, agent.busy_so_far(self.clock.now),
                self.clock.now - agent.window_start,
            )  # fmt: skip
        handling = rules.handling_time(
            category.handling, tables, work, speed, contact.chance[0], tick
        )
        if category.hold > 0 or category.help > 0:
            contact.held = self.held_up(who, contact)
            handling += contact.held
        if category.wrap_up is not None:
            u = self.clock.chance.of_handling(contact, draws.WRAP_UP)[draws.WRAP_UP & 3]
            contact.wrap = self.clock.lasting(category.wrap_up, u)
        return handling

    def reply_step(self, contact: Contact) -> durations.Law | None:
        """R4, R9: the law of a short first reply, when that is what comes now."""
        if contact.live or contact.handlings != 1:
            return None
        category, behaviour = (
            self.clock.desk.categories[contact.category],
            self.clock.desk.behaviour,
        )
        if category.first_reply is not None:
            return category.first_reply
        if behaviour.empty_reply > 0:
            u = self.clock.chance.of_contact(contact, draws.EMPTY_REPLY)
            if u[draws.EMPTY_REPLY & 3] < behaviour.empty_reply:
                contact.empty_reply = 1
                return behaviour.empty_reply_time
        return None

    def held_up(self, who: int, contact: Contact) -> int:
        """R4: time on hold, and waiting for help that may hold a second agent."""
        category = self.clock.desk.categories[contact.category]
        u = self.clock.chance.of_handling(contact, draws.HOLD)
        hold = longer = 0
        if u[0] < category.hold:
            hold = self.clock.lasting(category.hold_time, u[1])
            contact.hold += hold
        if u[2] < category.help:
            longer = self.clock.lasting(category.help_time, u[3])
            if category.help_team >= 0:
                # the agent who asks is not free any more
                self.clock.floor.agents[who].open = self.clock.floor.agents[who].slots
                self.clock.floor.place(who, self.clock.now)
                helper = self.clock.floor.next_agent(self.clock.now, category.help_team)
                if helper >= 0:
                    self.hold_helper(helper, contact, category.help_team, longer)
        return hold + longer

    def hold_helper(self, helper: int, contact: Contact, team: int, time: int) -> None:
        """R4: hold a second agent for as long as the help takes."""
        free = self.clock.now + time
        agent = self.clock.floor.agents[helper]
        self.clock.record.work.append((helper, team, contact.number, self.clock.now, free, free))
        self.clock.occupy(agent, helper, free)
        agent.contact, agent.off_if = None, 0
        self.clock.at(free, events.HELPED, helper, partial(self.clock.agent_ends, helper))

    def plan_time_off(self, agent: Agent, contact: Contact) -> None:
        """R8: note when, and for how long, the agent will be off the queue after this handling."""
        desk = self.clock.desk
        agent.off_if = 0
        if desk.off_share > 0 or desk.quiet_share > 0:
            u = self.clock.chance.of_handling(contact, draws.OFF)
            agent.off_if = rules.would_leave(desk.off_share, desk.quiet_share, u[draws.OFF & 3])
            if agent.off_if:
                agent.off_for = self.clock.lasting(desk.off_time, u[draws.OFF_TIME & 3])
                agent.off_if = agent.off_if if agent.off_for > 0 else 0
