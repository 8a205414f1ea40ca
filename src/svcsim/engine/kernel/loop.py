"""The kernel's clock: the next event, whatever it comes from, until the end of the run."""

from __future__ import annotations

from svcsim.engine import events
from svcsim.engine.kernel.agents import (
    agent_ends,
    back_on_queue,
    dispatch,
    end_handling,
    shift_ends,
    shift_starts,
)
from svcsim.engine.kernel.chats import write_chat
from svcsim.engine.kernel.contacts import arrive, join_queue, leave, release, reopen, repeat
from svcsim.engine.kernel.lists import pop
from svcsim.engine.kernel.matching import abandon
from svcsim.engine.kernel.state import State

NO_EVENT = (1 << 63) - 1
DONE, FULL = 0, 1


def advance(s: State) -> int:
    """Let time pass to the end of the run; ``FULL`` when an array has to grow before going on."""
    clock = s.clock[0]
    while True:
        if has_no_room(s):
            return FULL
        first = s.heap[0] if clock.heap > 0 else NO_EVENT
        source = 0
        if clock.next_shift < clock.shifts and s.shifts[clock.next_shift] < first:
            first, source = s.shifts[clock.next_shift], 1
        if clock.next_case < clock.cases:
            opened = s.case_opened[clock.next_case]
            key = events.event_key(opened, events.ARRIVAL, clock.next_case)
            if key < first:
                first, source = key, 2
        time = first >> events.TIME_SHIFT
        if clock.dirty == 1 and time > clock.now:  # R0: the instant is over
            clock.dirty = 0
            dispatch(s)
            continue
        if time >= clock.stop:
            break
        clock.now = time
        number = first & events.NUMBER_MASK
        if source == 2:
            clock.next_case += 1
            arrive(s, number)
            continue
        if source == 1:
            clock.next_shift += 1
        else:
            pop(s.heap, clock.heap)
            clock.heap -= 1
        happen(s, (first >> events.KIND_SHIFT) & events.KIND_MASK, number)
    settle(s)
    return DONE


def has_no_room(s: State) -> bool:
    """Whether one more instant might not fit into the arrays."""
    clock = s.clock[0]
    return (
        clock.rows + 2 > clock.row_room
        or clock.spells + clock.margin > clock.spell_room
        or clock.heap + clock.margin > clock.heap_room
        or clock.overtime + clock.margin > clock.overtime_room
    )


def happen(s: State, kind: int, number: int) -> None:
    """Let one event happen."""
    if kind == events.END:
        end_handling(s, number)
    elif kind == events.FREE or kind == events.HELPED:
        agent_ends(s, number)
    elif kind == events.JOIN:
        join_queue(s, number)
    elif kind == events.REPEAT:
        repeat(s, number)
    elif kind == events.REOPEN:
        reopen(s, number)
    elif kind == events.RELEASE:
        release(s, number)
    elif kind == events.SHIFT_START:
        shift_starts(s, number)
    elif kind == events.SHIFT_END:
        shift_ends(s, number)
    elif kind == events.OFF_OVER:
        back_on_queue(s, number)
    else:
        leave(s, number)


def settle(s: State) -> None:
    """R6: let everybody leave whose patience ended before the stop; end the chats as planned."""
    clock = s.clock[0]
    for which in range(clock.list_count):
        number = s.lists[which].head
        while number >= 0:
            following = s.scratch[number].next
            deadline = s.scratch[number].deadline
            if 0 <= deadline < clock.stop:
                abandon(s, number)
            number = following
    for who in range(clock.agent_count):
        agent = s.agents[who]
        for i in range(agent.chat_first, agent.chat_first + agent.chats):
            write_chat(s, s.chats[i], s.scratch[s.chats[i]].ends)
