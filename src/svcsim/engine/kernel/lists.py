"""The kernel's structures: a heap of events, sorted lists of contacts, idle lists of agents."""

from __future__ import annotations

from typing import Any

from svcsim.engine.kernel.state import State

Array = Any
NONE = -1


def push(heap: Array, size: int, key: int) -> None:
    """Put an event on the heap of ``size`` events (the caller counts)."""
    i = size
    while i > 0:
        up = (i - 1) >> 1
        if heap[up] <= key:
            break
        heap[i] = heap[up]
        i = up
    heap[i] = key


def pop(heap: Array, size: int) -> None:
    """Take the first event off the heap of ``size`` events (the caller has read it)."""
    last = size - 1
    key = heap[last]
    i, child = 0, 1
    while child < last:
        if child + 1 < last and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= key:
            break
        heap[i] = heap[child]
        i = child
        child = 2 * i + 1
    heap[i] = key


def goes_before(scratch: Array, a: int, b: int) -> bool:
    """R2: whether contact ``a`` is more urgent than ``b``; ties to the lower number."""
    return scratch[a].urgency < scratch[b].urgency or (
        scratch[a].urgency == scratch[b].urgency and a < b
    )


def list_insert(lists: Array, which: int, scratch: Array, number: int) -> None:
    """Insert a contact into a list sorted by urgency, searching from whichever end is nearer.

    New contacts mostly go to the tail, old ones that come back near the head, so a search from
    both ends at once is short.
    """
    head, tail = lists[which].head, lists[which].tail
    while tail != NONE and goes_before(scratch, number, tail):
        if goes_before(scratch, number, head):
            tail = scratch[head].prev
            break
        head = scratch[head].next
        tail = scratch[tail].prev
    # after `tail`
    following = lists[which].head if tail == NONE else scratch[tail].next
    scratch[number].prev = tail
    scratch[number].next = following
    if tail == NONE:
        lists[which].head = number
    else:
        scratch[tail].next = number
    if following == NONE:
        lists[which].tail = number
    else:
        scratch[following].prev = number


def list_remove(lists: Array, which: int, scratch: Array, number: int) -> None:
    """Take a contact out of its list."""
    before, after = scratch[number].prev, scratch[number].next
    if before == NONE:
        lists[which].head = after
    else:
        scratch[before].next = after
    if after == NONE:
        lists[which].tail = before
    else:
        scratch[after].prev = before


def own_insert(s: State, who: int, number: int) -> None:
    """Insert a contact into an agent's own list, sorted by urgency."""
    scratch, agent = s.scratch, s.agents[who]
    before = agent.own_tail
    while before != NONE and goes_before(scratch, number, before):
        before = scratch[before].own_prev
    after = agent.own_head if before == NONE else scratch[before].own_next
    scratch[number].own_prev, scratch[number].own_next = before, after
    scratch[number].owner = who
    if before == NONE:
        agent.own_head = number
    else:
        scratch[before].own_next = number
    if after == NONE:
        agent.own_tail = number
    else:
        scratch[after].own_prev = number
    if agent.owner_place < 0:
        clock = s.clock[0]
        agent.owner_place = clock.owners
        s.owners[clock.owners] = who
        clock.owners += 1


def own_remove(s: State, number: int) -> None:
    """Take a contact out of the own list it is in."""
    scratch, who = s.scratch, s.scratch[number].owner
    agent = s.agents[who]
    before, after = scratch[number].own_prev, scratch[number].own_next
    if before == NONE:
        agent.own_head = after
    else:
        scratch[before].own_next = after
    if after == NONE:
        agent.own_tail = before
    else:
        scratch[after].own_prev = before
    scratch[number].owner = NONE
    if agent.own_head == NONE:  # the last owner takes the place of this one
        clock = s.clock[0]
        clock.owners -= 1
        last = s.owners[clock.owners]
        s.owners[agent.owner_place] = last
        s.agents[last].owner_place = agent.owner_place
        agent.owner_place = NONE


def idle_insert(plans: Array, group: int, agents: Array, who: int) -> None:
    """Insert an agent into the idle list of a group, sorted by (idle since, agent)."""
    since = agents[who].idle_since
    before = plans[group].tail
    while before != NONE and (
        agents[before].idle_since > since or (agents[before].idle_since == since and before > who)
    ):
        before = agents[before].prev
    after = plans[group].head if before == NONE else agents[before].next
    agents[who].prev, agents[who].next = before, after
    if before == NONE:
        plans[group].head = who
    else:
        agents[before].next = who
    if after == NONE:
        plans[group].tail = who
    else:
        agents[after].prev = who
    plans[group].idle += 1


def idle_remove(plans: Array, group: int, agents: Array, who: int) -> None:
    """Take an agent out of the idle list of a group."""
    before, after = agents[who].prev, agents[who].next
    if before == NONE:
        plans[group].head = after
    else:
        agents[before].next = after
    if after == NONE:
        plans[group].tail = before
    else:
        agents[after].prev = before
    plans[group].idle -= 1
