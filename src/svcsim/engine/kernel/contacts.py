"""What happens to a contact over arrays: arrival, waiting, and what a handling leads to."""

from __future__ import annotations

from svcsim.engine import draws, events, rules
from svcsim.engine.kernel.drawn import lasting, of_contact, of_handling
from svcsim.engine.kernel.lists import NONE, push
from svcsim.engine.kernel.matching import abandon, enlist, put
from svcsim.engine.kernel.state import State
from svcsim.engine.rows import NEVER


def plan(s: State, time: int, kind: int, number: int) -> None:
    """Let an event happen later; what lies past the end of the run never does."""
    clock = s.clock[0]
    if time < clock.stop:
        push(s.heap, clock.heap, events.event_key(time, kind, number))
        clock.heap += 1


def new_row(s: State, opened: int, category: int, channel: int) -> int:
    """Write down a new row and return its number."""
    clock = s.clock[0]
    number = clock.rows
    clock.rows += 1
    row, c = s.rows[number], s.scratch[number]
    row.opened, row.category, row.channel = opened, category, channel
    row.live = s.channels[channel].live
    row.team = c.team = s.categories[category].team
    row.first_response = row.first_resolved = row.resolved = row.abandoned = NEVER
    row.auto_reply = row.survey = row.wait = row.score = NEVER
    row.survey_sent = row.complaint = row.churned = NEVER
    row.agent = NONE
    row.handlings = row.handle = row.hold = row.transfers = 0
    row.reopens = row.reworks = row.pending = row.pending_customer = 0
    row.empty_reply = row.hidden = 0
    row.checked = float("nan")
    c.left = 0.0
    c.queue = c.list = c.next = c.prev = c.owner = c.own_next = c.own_prev = NONE
    c.queued = opened
    c.queued_from = c.deadline = c.kept_until = NEVER
    c.own = c.serving = NONE
    c.begun = c.since = c.wrap = c.held = c.spell = c.resumes = c.earlier = 0
    c.ends = NEVER
    c.replying = c.replies = c.rework_due = c.waiting = 0
    return number


def arrive(s: State, case: int) -> None:
    """Let a new case open its first contact."""
    clock = s.clock[0]
    number = new_row(s, clock.now, s.case_category[case], s.case_channel[case])
    row, c = s.rows[number], s.scratch[number]
    row.case, row.no = case, 1
    row.tier, row.priority = s.case_tier[case], s.case_priority[case]
    row.segment, row.language = s.case_segment[case], s.case_language[case]
    row.customer = s.case_customer[case]
    c.key, c.stream = s.case_key[case], s.case_stream[case]
    if clock.own_customer == 1 and row.customer >= 0:
        c.own = s.served_by[row.customer]
    come_in(s, number)


def repeat(s: State, before: int) -> None:
    """Open the next contact of a case, kept for the agent who resolved the one before."""
    old = s.rows[before]
    number = new_row(s, s.clock[0].now, old.category, old.channel)
    row, c = s.rows[number], s.scratch[number]
    row.case, row.no, row.tier, row.priority = old.case, old.no + 1, old.tier, old.priority
    row.segment, row.language, row.customer = old.segment, old.language, old.customer
    c.key, c.stream = s.scratch[before].key, s.scratch[before].stream
    c.own = old.agent
    c.earlier = s.scratch[before].earlier + (1 if old.handlings > 0 else 0)
    come_in(s, number)


def come_in(s: State, number: int) -> None:
    """Let a contact reach its team: at once, or a ticket after it was picked up (R5)."""
    row, now = s.rows[number], s.clock[0].now
    auto = s.channels[row.channel].auto_reply
    if auto >= 0 and now + auto < s.clock[0].stop:
        row.auto_reply = now + auto
    pickup = s.categories[row.category].pickup
    if row.live == 1 or pickup < 0:
        join_queue(s, number)
    else:
        u = of_handling(s, number, draws.PICKUP)[draws.PICKUP & 3]
        plan(s, now + lasting(s, pickup, u), events.JOIN, number)


def join_queue(s: State, number: int) -> None:
    """Let a contact wait; a live customer's patience begins with the first wait (R6)."""
    clock, row, c = s.clock[0], s.rows[number], s.scratch[number]
    now = clock.now
    c.queued = now if c.queued_from == NEVER else c.queued_from
    c.queued_from = NEVER
    channel = s.channels[row.channel]
    if row.live == 1 and row.handlings == 0 and channel.first < channel.last:
        u = of_contact(s, number, draws.PATIENCE)
        c.deadline = rules.patience_deadline(
            s.edges, s.rates, channel.first, channel.last, channel.balk, now, u[0], u[1],
            clock.tick,
        )  # fmt: skip
        if clock.redial > 0.0:
            u = of_contact(s, number, draws.REDIAL)
            if u[draws.REDIAL & 3] < clock.redial:
                plan(s, c.deadline + clock.tick, events.LEAVE, number)
    if put(s, number):
        c.kept_until = now + clock.own_wait
        plan(s, c.kept_until, events.RELEASE, number)
    clock.dirty = 1


def release(s: State, number: int) -> None:
    """Open a contact kept for its own agent to the whole team."""
    clock, c = s.clock[0], s.scratch[number]
    if c.kept_until == clock.now:
        c.kept_until = NEVER
        enlist(s, number)
        clock.dirty = 1


def leave(s: State, number: int) -> None:
    """R6, R7: a customer who will try again has left the queue by now, unless served."""
    row, c, clock = s.rows[number], s.scratch[number], s.clock[0]
    deadline = clock.now - clock.tick
    if row.abandoned == NEVER and c.deadline == deadline:
        abandon(s, number)
    if row.abandoned == deadline:
        u = of_contact(s, number, draws.REDIAL)
        come_again(s, number, lasting(s, clock.redial_after, u[draws.REDIAL_AFTER & 3]))


def come_again(s: State, number: int, delay: int) -> None:
    """R7: plan the next contact of a case."""
    clock = s.clock[0]
    if s.rows[number].no >= clock.max_contacts:
        clock.capped += 1
    else:
        plan(s, clock.now + delay, events.REPEAT, number)


def reopen(s: State, number: int) -> None:
    """Reopen a resolved contact, or work on it once more."""
    row, c = s.rows[number], s.scratch[number]
    if c.rework_due == 1:
        c.rework_due = 0
        row.reworks += 1
    else:
        row.reopens += 1
    row.resolved = NEVER
    join_queue(s, number)
