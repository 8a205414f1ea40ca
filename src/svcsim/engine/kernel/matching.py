"""Who waits, who is free, and their matching over arrays: R1 to R3, R6 and R9."""

from __future__ import annotations

from svcsim.engine import rules
from svcsim.engine.kernel.lists import (
    NONE,
    goes_before,
    idle_insert,
    idle_remove,
    list_insert,
    list_remove,
    own_insert,
    own_remove,
)
from svcsim.engine.kernel.state import State
from svcsim.engine.queues import queue_of
from svcsim.engine.rows import NEVER


def put(s: State, number: int) -> bool:
    """Put a contact into its queue (R2); True when it is kept for its own agent alone."""
    clock, row, c = s.clock[0], s.rows[number], s.scratch[number]
    due = 0
    if clock.discipline == rules.DUE:
        since = row.opened if row.first_response == NEVER else c.queued
        due = rules.due_time(
            since, s.due[row.priority], clock.sla_count, s.sla_begins, s.sla_ends, s.sla_done
        )
    c.urgency = rules.urgency(clock.discipline, c.queued, s.credit[row.priority], due)
    c.queue = queue_of(c.team, row.language, row.tier, row.live == 1, clock.languages, clock.tiers)
    c.list = c.queue * clock.priorities + row.priority
    c.waiting = 1
    own = c.own
    if clock.own_first == 1 and own >= 0 and row.live == 0 and can_take(s, own, c.queue):
        own_insert(s, own, number)
        if clock.own_wait > 0:
            c.waiting = 2
            return True
    enlist(s, number)
    return False


def can_take(s: State, who: int, queue: int) -> bool:
    """R1: whether an agent serves a queue at all."""
    return s.can[s.agents[who].plan * s.clock[0].queue_count + queue] == 1


def enlist(s: State, number: int) -> None:
    """Put a contact into the list of its queue and priority."""
    c = s.scratch[number]
    c.waiting = 1
    list_insert(s.lists, c.list, s.scratch, number)
    s.counts[c.queue] += 1
    s.clock[0].waiting += 1


def take(s: State, number: int) -> None:
    """Take a contact out of whatever lists it is in."""
    c = s.scratch[number]
    if c.waiting == 1:
        list_remove(s.lists, c.list, s.scratch, number)
        s.counts[c.queue] -= 1
        s.clock[0].waiting -= 1
    if c.owner != NONE:
        own_remove(s, number)
    c.waiting = 0


def abandon(s: State, number: int) -> None:
    """R6: the customer left at the deadline."""
    take(s, number)
    c, row = s.scratch[number], s.rows[number]
    row.abandoned = c.deadline
    row.wait = c.deadline - c.queued


def expired(s: State, number: int) -> bool:
    """R6: whether the customer's patience has ended."""
    deadline = s.scratch[number].deadline
    return deadline != NEVER and deadline < s.clock[0].now


def list_head(s: State, which: int) -> int:
    """Return the first contact still waiting in a list; expired ones abandon (R6)."""
    number = s.lists[which].head
    while number != NONE and expired(s, number):
        abandon(s, number)
        number = s.lists[which].head
    return number


def own_head(s: State, who: int) -> int:
    """Return the first contact that waits for an agent alone."""
    return s.agents[who].own_head


def place(s: State, who: int) -> bool:
    """R1: put an agent among the free ones as far as eligible, idle from now on if it was not."""
    agent = s.agents[who]
    if rules.serves_now(agent.on_shift > 0, agent.open > 0, agent.off == 1):
        group = agent.plan
    elif agent.chats > 0 and rules.has_room(
        agent.on_shift > 0, agent.open, agent.slots, agent.off == 1
    ):
        group = agent.room_plan
    else:
        group = NONE
    if group == agent.group:
        return group >= 0
    if agent.group >= 0:
        idle_remove(s.plans, agent.group, s.agents, who)
    agent.group = group
    if group < 0:
        return False
    agent.idle_since = s.clock[0].now
    idle_insert(s.plans, group, s.agents, who)
    return True


def idle_anew(s: State, who: int) -> None:
    """Let a free agent count as idle from now on."""
    agent = s.agents[who]
    idle_remove(s.plans, agent.group, s.agents, who)
    agent.idle_since = s.clock[0].now
    idle_insert(s.plans, agent.group, s.agents, who)


def busy_so_far(s: State, who: int) -> int:
    """R3, R4: seconds of the running shift window in which the agent was busy at all."""
    agent = s.agents[who]
    return rules.busy_so_far(
        agent.busy_in_window, agent.open > 0, agent.busy_since, agent.window_start, s.clock[0].now
    )


def claim_of(s: State, who: int) -> float:
    """R3: the claim of a free agent."""
    clock, agent = s.clock[0], s.agents[who]
    return rules.claim(
        clock.assign, clock.now - agent.idle_since, agent.takes, busy_so_far(s, who),
        clock.now - agent.window_start, agent.slots - agent.open,
    )  # fmt: skip


def first_level(s: State, group: int) -> int:
    """Return the first level of a plan with something to take, -1 when there is none."""
    plan, priorities = s.plans[group], s.clock[0].priorities
    for level in range(plan.first, plan.last):
        for at in range(s.levels[level].first, s.levels[level].last):
            queue = s.level_queues[at]
            if s.counts[queue] > 0:
                for which in range(queue * priorities, (queue + 1) * priorities):
                    if list_head(s, which) != NONE:
                        return level - plan.first
    return NONE


def next_agent(s: State) -> int:
    """R1, R3: among free agents with something to take, the one with the highest claim; or -1."""
    clock = s.clock[0]
    best, best_rank, best_claim = NONE, 0, -1.0
    if clock.waiting > 0:
        for group in range(s.clock[0].plan_count):
            if s.plans[group].idle == 0:
                continue
            rank = first_level(s, group)
            if rank < 0:
                continue
            rank = rank if clock.by_preference == 1 else 0
            who = s.plans[group].head
            quick = clock.fast_claim == 1 and s.plans[group].uniform == 1
            while who != NONE:
                claim = claim_of(s, who)
                if best < 0 or _goes_first(rank, claim, who, best_rank, best_claim, best):
                    best, best_rank, best_claim = who, rank, claim
                who = NONE if quick else s.agents[who].next
    for i in range(clock.owners):
        who = s.owners[i]
        agent = s.agents[who]
        if agent.group != agent.plan:
            continue  # not free, or busy with a live contact
        rank = s.plans[agent.group].own_level if clock.by_preference == 1 else 0
        claim = claim_of(s, who)
        if best < 0 or _goes_first(rank, claim, who, best_rank, best_claim, best):
            best, best_rank, best_claim = who, rank, claim
    return best


def _goes_first(rank: int, claim: float, who: int, rank2: int, claim2: float, who2: int) -> bool:
    """R3: lower rank first, then the higher claim, then the first listed."""
    if rank != rank2:
        return rank < rank2
    if claim != claim2:
        return claim > claim2
    return who < who2


def helper_of(s: State, team: int) -> int:
    """R4: the idle agent of a team with the highest claim; or -1."""
    best, best_claim = NONE, -1.0
    for group in range(s.clock[0].plan_count):
        who = s.plans[group].head
        while who != NONE:
            agent = s.agents[who]
            if agent.team == team and agent.open == 0:
                claim = claim_of(s, who)
                if best < 0 or _goes_first(0, claim, who, 0, best_claim, best):
                    best, best_claim = who, claim
            who = agent.next
    return best


def next_contact(s: State, who: int) -> int:
    """R2: the most urgent contact of the first level that has one (R9: or the easiest)."""
    agent = s.agents[who]
    plan = s.plans[agent.group]
    for level in range(plan.first, plan.last):
        if s.levels[level].own == 1:
            number = agent.own_head
        else:
            number = most_urgent(s, level)
            if number != NONE and agent.looks_at > 1:
                number = easiest(s, level, agent.looks_at)
        if number != NONE:
            return number
    return NONE


def most_urgent(s: State, level: int) -> int:
    """R2: the most urgent contact of a level; or -1."""
    best, priorities = NONE, s.clock[0].priorities
    for at in range(s.levels[level].first, s.levels[level].last):
        queue = s.level_queues[at]
        if s.counts[queue] > 0:
            for which in range(queue * priorities, (queue + 1) * priorities):
                number = list_head(s, which)
                if number != NONE and (best == NONE or goes_before(s.scratch, number, best)):
                    best = number
    return best


def easiest(s: State, level: int, window: int) -> int:
    """R9: the contact with the least expected work among the first ``window`` of a level."""
    best, best_work, last = NONE, 1e300, NONE
    for looked_at in range(1, window + 1):
        number = _next_of_level(s, level, last)
        if number == NONE:
            break
        row = s.rows[number]
        work = s.effort[row.category * s.clock[0].tier_count + row.tier]
        if rules.picks_easiest(window, work, best_work, looked_at):
            best, best_work = number, work
        last = number
    return best


def _next_of_level(s: State, level: int, last: int) -> int:
    """Return the most urgent contact of a level that comes after ``last`` and still waits."""
    best, priorities = NONE, s.clock[0].priorities
    for at in range(s.levels[level].first, s.levels[level].last):
        queue = s.level_queues[at]
        for which in range(queue * priorities, (queue + 1) * priorities):
            number = s.lists[which].head
            while number != NONE and (
                expired(s, number) or (last != NONE and not goes_before(s.scratch, last, number))
            ):
                number = s.scratch[number].next
            if number != NONE and (best == NONE or goes_before(s.scratch, number, best)):
                best = number
    return best
