"""What agents do over arrays: taking a contact, several chats at once, shifts."""

from __future__ import annotations

from svcsim.engine import draws, events, outcomes, rules, rules_people
from svcsim.engine.kernel.contacts import (
    after_handling,
    join_queue,
    lasting,
    law_at,
    of_contact,
    of_handling,
    plan,
)
from svcsim.engine.kernel.lists import NONE
from svcsim.engine.kernel.matching import (
    busy_so_far,
    helper_of,
    idle_anew,
    next_agent,
    next_contact,
    place,
    take,
)
from svcsim.engine.kernel.state import State
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
    if row.live == 1 and agent.slots > 1:
        c.spell = write_spell(s, who, c.team, number, now, NEVER, NEVER)
        begin_chat(s, who, number, rules.busy_time(handling + c.wrap, clock.slowdown, clock.tick))
        return
    row.handle += handling + c.wrap
    c.ends = now + handling
    free = now + rules.busy_time(handling + c.wrap, clock.slowdown, clock.tick)
    c.spell = write_spell(s, who, c.team, number, now, c.ends, free)
    occupy(s, who, free)
    agent.contact = number
    agent.off_for = time_off(s, number)
    plan(s, c.ends, events.END, number)
    if free != c.ends:
        plan(s, free, events.FREE, who)


def time_off(s: State, number: int) -> int:
    """R8: how long the agent will be off the queue after this handling."""
    clock = s.clock[0]
    if clock.off_share > 0.0:
        u = of_handling(s, number, draws.OFF)
        if rules.leaves_queue(clock.off_share, u[draws.OFF & 3]):
            return lasting(s, clock.off_time, u[draws.OFF_TIME & 3])
    return 0


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
                s.agents[helper].off_for = 0
                plan(s, free, events.HELPED, helper)
    return hold + longer


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


def begin_chat(s: State, who: int, number: int, work: int) -> None:
    """R4: one more chat slows all of the agent's chats down."""
    agent, c = s.agents[who], s.scratch[number]
    c.left, c.since, c.ends = float(work), s.clock[0].now, NEVER
    if agent.chats == 0:
        agent.busy_since = s.clock[0].now
    settle_chats(s, who)
    s.chats[agent.chat_first + agent.chats] = number
    agent.chats += 1
    agent.open, agent.off_for = agent.chats, 0
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
        agent.off_for = time_off(s, number)


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
    elif agent.off_for > 0:
        agent.off = 1
        place(s, who)
        plan(s, clock.now + agent.off_for, events.OFF_OVER, who)
    else:
        make_free(s, who)


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
    c.serving = c.own = NONE  # for anybody: the agent is going home
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
