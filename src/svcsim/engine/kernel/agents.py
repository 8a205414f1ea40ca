"""What agents do over arrays: taking a contact, ending it, shifts."""

from __future__ import annotations

from svcsim.engine import events, rules
from svcsim.engine.kernel.aftermath import after_handling
from svcsim.engine.kernel.chats import begin_chat, end_chat
from svcsim.engine.kernel.contacts import join_queue, plan
from svcsim.engine.kernel.lists import NONE
from svcsim.engine.kernel.matching import (
    busy_so_far,
    first_level,
    next_agent,
    next_contact,
    place,
    take,
)
from svcsim.engine.kernel.state import State
from svcsim.engine.kernel.worktime import new_handling, occupy, plan_time_off, speed, write_spell
from svcsim.engine.rows import NEVER


def dispatch(s: State) -> None:
    """Match waiting contacts and free agents, the highest claim first (R1-R3)."""
    who = next_agent(s)
    while who >= 0:
        begin(s, who, next_contact(s, who))
        who = next_agent(s)


def begin(s: State, who: int, number: int) -> None:
    """R4: the agent takes the contact."""
    clock, row, c, agent = s.clock[0], s.rows[number], s.scratch[number], s.agents[who]
    now = clock.now
    take(s, number)
    c.deadline = c.kept_until = NEVER
    if row.handlings == 0:
        row.wait = now - c.queued
        if row.live == 1:
            row.first_response = now
    pace = speed(s, who)
    if c.resumes == 1:
        handling = rules.resumed_time(c.left, c.held, pace, clock.tick)
        c.left, c.resumes = 0.0, 0
    else:
        handling = new_handling(s, who, number, pace)
    row.agent, row.team = who, c.team
    c.serving, c.begun = who, now
    busy = agent.busy * s.capacity[now // rules.WEEK]
    if row.live == 1 and agent.slots > 1:
        c.spell = write_spell(s, who, c.team, number, now, NEVER, NEVER)
        begin_chat(s, who, number, rules.busy_time(handling + c.wrap, busy, clock.tick))
        return
    row.handle += handling + c.wrap
    c.ends = now + handling
    free = now + rules.busy_time(handling + c.wrap, busy, clock.tick)
    c.spell = write_spell(s, who, c.team, number, now, c.ends, free)
    occupy(s, who, free)
    agent.contact = number
    plan_time_off(s, who, number)
    plan(s, c.ends, events.END, number)
    if free != c.ends:
        plan(s, free, events.FREE, who)


def end_handling(s: State, number: int) -> None:
    """R5: a handling ends; the contact goes on, and its agent too."""
    clock, row, c = s.clock[0], s.rows[number], s.scratch[number]
    if c.serving < 0 or c.ends != clock.now:
        return  # handed back, or its pace changed
    who = c.serving
    c.serving = NONE
    agent = s.agents[who]
    if row.live == 1 and agent.slots > 1:
        end_chat(s, who, number)
    elif agent.contact == number:
        agent.contact = NONE
    after_handling(s, who, number)
    if agent.frees == clock.now and agent.chats == 0:
        agent_ends(s, who)


def agent_ends(s: State, who: int) -> None:
    """R8: the agent is through with a handling: back to the queue, off it, or home."""
    clock, agent = s.clock[0], s.agents[who]
    if agent.frees != clock.now:
        return  # the handling was handed back
    # a contact may last longer than the agent's work on it: there is nothing to hand back then
    agent.busy_in_window = busy_so_far(s, who)
    agent.frees, agent.open, agent.contact = NEVER, 0, NONE
    if agent.on_shift == 0:
        overtime(s, who)
    elif agent.off_if > 0 and leaves_queue(s, who):
        agent.off = 1
        place(s, who)
        plan(s, clock.now + agent.off_for, events.OFF_OVER, who)
    else:
        make_free(s, who)


def leaves_queue(s: State, who: int) -> bool:
    """R8: whether the agent takes the time off that was drawn, given who waits for it now."""
    agent = s.agents[who]
    return rules.leaves_queue(agent.off_if, first_level(s, agent.plan) != NONE)


def back_on_queue(s: State, who: int) -> None:
    """End time off the queue."""
    s.agents[who].off = 0
    make_free(s, who)


def shift_starts(s: State, who: int) -> None:
    """R8: a staffed window opens."""
    agent, now = s.agents[who], s.clock[0].now
    if agent.on_shift == 0:
        if agent.open > 0:
            overtime(s, who)
        agent.window_start, agent.busy_in_window = now, 0
    agent.on_shift += 1
    make_free(s, who)


def shift_ends(s: State, who: int) -> None:
    """R8: a staffed window closes; a running handling is finished, or a ticket handed back."""
    clock, agent = s.clock[0], s.agents[who]
    agent.on_shift -= 1
    if agent.on_shift > 0:
        return
    agent.shift_ended = clock.now
    number = agent.contact
    if number != NONE:
        left = s.scratch[number].ends - clock.now
        if rules.hands_back(clock.hand_back == 1, s.rows[number].live == 1, False, left):
            interrupt(s, who, number)
    place(s, who)


def interrupt(s: State, who: int, number: int) -> None:
    """R8: hand a ticket back with the work that it still needs."""
    clock, agent, c = s.clock[0], s.agents[who], s.scratch[number]
    left = c.ends - clock.now
    c.held = rules.held_left(left, c.held)
    c.left = rules.work_left(left, c.held, speed(s, who))
    c.resumes = 1
    s.rows[number].handle -= left + c.wrap
    c.serving = c.own = NONE  # for anybody, at its old place: the agent is going home
    c.queued_from = c.queued
    spell = s.spells[c.spell]
    agent.busy_in_window = busy_so_far(s, who)
    spell.end = spell.free = clock.now
    agent.contact, agent.open, agent.frees = NONE, 0, NEVER
    join_queue(s, number)


def overtime(s: State, who: int) -> None:
    """Count the time that a handling ran past the end of a window as staffed."""
    clock, agent = s.clock[0], s.agents[who]
    if clock.now > agent.shift_ended:
        window = s.overtime[clock.overtime]
        window.start, window.end, window.agent = agent.shift_ended, clock.now, who
        clock.overtime += 1


def make_free(s: State, who: int) -> None:
    """Put an agent among the free ones, when eligible (R1)."""
    if place(s, who):
        s.clock[0].dirty = 1
