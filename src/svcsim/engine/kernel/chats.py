"""Several live contacts at once, over arrays: R4."""

from __future__ import annotations

from svcsim.engine import events, rules
from svcsim.engine.kernel.contacts import plan
from svcsim.engine.kernel.matching import idle_anew, place
from svcsim.engine.kernel.state import State
from svcsim.engine.kernel.worktime import plan_time_off
from svcsim.engine.rows import NEVER


def begin_chat(s: State, who: int, number: int, work: int) -> None:
    """R4: one more chat slows all of the agent's chats down."""
    agent, c = s.agents[who], s.scratch[number]
    c.left, c.since, c.ends = float(work), s.clock[0].now, NEVER
    if agent.chats == 0:
        agent.busy_since = s.clock[0].now
    settle_chats(s, who)
    s.chats[agent.chat_first + agent.chats] = number
    agent.chats += 1
    agent.open, agent.off_if = agent.chats, 0
    pace_chats(s, who)
    place(s, who)
    if agent.group >= 0:
        idle_anew(s, who)


def end_chat(s: State, who: int, number: int) -> None:
    """R4: the agent's other chats go faster again."""
    clock, agent, c = s.clock[0], s.agents[who], s.scratch[number]
    settle_chats(s, who)
    first, found = agent.chat_first, 0
    for i in range(agent.chats):
        if s.chats[first + i] == number:
            found = 1
        elif found == 1:
            s.chats[first + i - 1] = s.chats[first + i]
    agent.chats -= 1
    c.left = 0.0
    agent.open = max(agent.chats, 1)  # the last one: until the agent is through
    write_chat(s, number, clock.now)
    pace_chats(s, who)
    if agent.chats > 0:
        agent.frees = NEVER
        if place(s, who):
            idle_anew(s, who)
            clock.dirty = 1
    else:
        agent.frees = clock.now
        plan_time_off(s, who, number)


def settle_chats(s: State, who: int) -> None:
    """Write down how far every chat has come."""
    clock, agent = s.clock[0], s.agents[who]
    if agent.chats > 0:
        pace = rules.chat_pace(clock.chat_slowdown, agent.chats)
        for i in range(agent.chat_first, agent.chat_first + agent.chats):
            c = s.scratch[s.chats[i]]
            c.left = max(c.left - (clock.now - c.since) * pace, 0.0)
            c.since = clock.now


def pace_chats(s: State, who: int) -> None:
    """Plan the end of every chat at the present pace."""
    clock, agent = s.clock[0], s.agents[who]
    if agent.chats > 0:
        pace = rules.chat_pace(clock.chat_slowdown, agent.chats)
        for i in range(agent.chat_first, agent.chat_first + agent.chats):
            number = s.chats[i]
            c = s.scratch[number]
            if c.ends != clock.now:  # else it ends at this very instant, as planned
                c.ends = rules.chat_end(clock.now, c.left, pace, clock.tick)
                plan(s, c.ends, events.END, number)


def write_chat(s: State, number: int, end: int) -> None:
    """Write down when a chat ended and how long it took."""
    c = s.scratch[number]
    spell = s.spells[c.spell]
    spell.end = spell.free = end
    s.rows[number].handle += end - c.begun
