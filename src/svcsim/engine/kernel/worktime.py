"""How long agents work, over arrays: R4, with first replies, holds and help."""

from __future__ import annotations

from svcsim.engine import draws, events, outcomes, rules, rules_people
from svcsim.engine.kernel.contacts import plan
from svcsim.engine.kernel.drawn import lasting, law_at, of_contact, of_handling
from svcsim.engine.kernel.lists import NONE
from svcsim.engine.kernel.matching import busy_so_far, helper_of, place
from svcsim.engine.kernel.state import State


def speed(s: State, who: int) -> float:
    """R4: the agent's speed now, with what is not yet learned."""
    clock, agent = s.clock[0], s.agents[who]
    if clock.learn_time <= 0.0:
        return agent.speed
    tenure = float(clock.now - agent.hired)
    return agent.speed * rules_people.learned(clock.learn_start, clock.learn_time, tenure)


def new_handling(s: State, who: int, number: int, pace: float) -> int:
    """R4, R9: how long a new handling takes, its wrap-up apart; holds and help included."""
    clock, row, c = s.clock[0], s.rows[number], s.scratch[number]
    category = s.categories[row.category]
    row.handlings += 1
    c.wrap = c.held = 0
    reply = reply_step(s, number)
    c.replying = 1 if reply >= 0 else 0
    if reply >= 0:
        u = of_handling(s, number, draws.FIRST_REPLY)[draws.FIRST_REPLY & 3]
        c.replies += 1
        return rules.handling_time(law_at(s.laws, reply), s.tables, 1.0, pace, u, clock.tick)
    work = s.work[row.category * clock.tier_count + row.tier] * s.pace[clock.now // rules.WEEK]
    if clock.rush > 0.0:
        work *= outcomes.rushed(clock.rush)
    if clock.fatigue > 0.0:
        work *= rules.fatigue(
            clock.fatigue, clock.fatigue_from, busy_so_far(s, who),
            clock.now - s.agents[who].window_start,
        )  # fmt: skip
    u = of_handling(s, number, draws.WORK)[0]
    law = law_at(s.laws, category.handling)
    handling = rules.handling_time(law, s.tables, work, pace, u, clock.tick)
    if category.hold > 0.0 or category.help > 0.0:
        c.held = held_up(s, who, number)
        handling += c.held
    if category.wrap_up >= 0:
        u = of_handling(s, number, draws.WRAP_UP)[draws.WRAP_UP & 3]
        c.wrap = lasting(s, category.wrap_up, u)
    return handling


def reply_step(s: State, number: int) -> int:
    """R4, R9: the law of a short first reply, when that is what comes now; else -1."""
    clock, row = s.clock[0], s.rows[number]
    if row.live == 1 or row.handlings != 1:
        return NONE
    first_reply = s.categories[row.category].first_reply
    if first_reply >= 0:
        return first_reply
    if clock.empty_reply > 0.0:
        u = of_contact(s, number, draws.EMPTY_REPLY)
        if u[draws.EMPTY_REPLY & 3] < clock.empty_reply:
            row.empty_reply = 1
            return clock.empty_reply_time
    return NONE


def held_up(s: State, who: int, number: int) -> int:
    """R4: time on hold, and waiting for help that may hold a second agent."""
    row, now = s.rows[number], s.clock[0].now
    category = s.categories[row.category]
    u = of_handling(s, number, draws.HOLD)
    hold = longer = 0
    if u[0] < category.hold:
        hold = lasting(s, category.hold_time, u[1])
        row.hold += hold
    if u[2] < category.help:
        longer = lasting(s, category.help_time, u[3])
        if category.help_team >= 0:
            # the agent who asks is not free any more
            s.agents[who].open = s.agents[who].slots
            place(s, who)
            helper = helper_of(s, category.help_team)
            if helper >= 0:
                free = now + longer
                write_spell(s, helper, category.help_team, number, now, free, free)
                occupy(s, helper, free)
                s.agents[helper].contact = NONE
                s.agents[helper].off_if = 0
                plan(s, free, events.HELPED, helper)
    return hold + longer


def plan_time_off(s: State, who: int, number: int) -> None:
    """R8: note when, and for how long, the agent will be off the queue after this handling."""
    clock, agent = s.clock[0], s.agents[who]
    agent.off_if = 0
    if clock.off_share > 0.0 or clock.quiet_share > 0.0:
        u = of_handling(s, number, draws.OFF)
        agent.off_if = rules.would_leave(clock.off_share, clock.quiet_share, u[draws.OFF & 3])
        if agent.off_if > 0:
            agent.off_for = lasting(s, clock.off_time, u[draws.OFF_TIME & 3])
            agent.off_if = agent.off_if if agent.off_for > 0 else 0


def write_spell(s: State, who: int, team: int, number: int, start: int, end: int, free: int) -> int:
    """Write down an agent's work on a contact and return its place."""
    clock = s.clock[0]
    i = clock.spells
    spell = s.spells[i]
    spell.agent, spell.team, spell.contact = who, team, number
    spell.start, spell.end, spell.free = start, end, free
    clock.spells += 1
    return i


def occupy(s: State, who: int, free: int) -> None:
    """Let an agent be busy with one thing alone until ``free``."""
    agent = s.agents[who]
    agent.open, agent.frees, agent.busy_since = agent.slots, free, s.clock[0].now
    place(s, who)
