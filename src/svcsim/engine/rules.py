"""Every decision at the desk, once: plain functions of scalars that all clocks call.

R0  An instant is applied whole, then dispatched once: all arrivals, ends, returns and shift
    changes of one time are applied first, then waiting contacts and free agents are matched.
R1  Who is eligible.          R2  Which contact is taken next.   R3  Which agent takes it.
R4  How long a handling is.   R5  What a handling leads to.      R6  Who abandons.
R7  Who comes back, and when. R8  Shift ends, breaks, absence.   R9  Behaviour under incentive.

R4 to R7 and R9 that belong to outcomes (surveys, complaints, churn ...) are in `outcomes`.
Times are whole seconds on the desk's grid (``tick``). Randomness enters as uniforms that the
caller drew (see ``draws``). The compiled clock compiles these very functions, so they keep to
numbers, named tuples of numbers and indexable tables.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from svcsim.engine.draws import normal
from svcsim.engine.durations import Law, Numbers, duration, whole

PENDING_AGAIN, TRANSFERRED, RESOLVED, HANDED_ON, REPLIED = 0, 1, 2, 3, 4
WAITED, DUE = 0, 1
LONGEST_IDLE, LEAST_BUSY, FEWEST_OPEN = 0, 1, 2

WEEK = 7 * 86400
"""Seconds; R4: weeks differ by a pace."""
IF_WAITED, IF_QUIET = 1, 2
"""R8: an agent takes time off where somebody waits, where nobody does."""


def shifted(probability: float, odds: float) -> float:
    """Return the probability whose odds are ``odds`` times those of ``probability``."""
    if probability <= 0.0 or probability >= 1.0:
        return probability
    return probability * odds / (1.0 - probability + probability * odds)


# -- R1 to R3: matching ------------------------------------------------------------------------


def serves_now(on_shift: bool, busy: bool, off_queue: bool) -> bool:
    """R1: an agent is eligible when on shift, not handling a contact and not off the queue."""
    return on_shift and not busy and not off_queue


def has_room(on_shift: bool, open_contacts: int, slots: int, off_queue: bool) -> bool:
    """R1: an agent with several slots takes a further live contact while one is free."""
    return on_shift and open_contacts < slots and not off_queue


def urgency(discipline: int, queued: int, credit: int, due: int) -> int:
    """R2: the contact with the lowest urgency key goes first; ties to the lower contact number.

    ``WAITED``: ``queued - credit``, the longest credited wait: first come first served without
    credits, priority with ageing with them, strict priority when a credit is longer than any
    wait. ``DUE``: the instant at which the first response is due on the SLA clock.
    """
    return due if discipline == DUE else queued - credit


def due_time(
    opened: int,
    target: int,
    n: int,
    begins: Sequence[int],
    ends: Sequence[int],
    done: Sequence[int],
) -> int:
    """R2: the instant at which ``target`` seconds of the SLA clock have run since ``opened``.

    The clock runs inside ``n`` windows ``[begins[i], ends[i])``; ``done[i]`` is what it ran before
    the i-th. Without windows it always runs. Past the last window it runs on.
    """
    if n == 0:
        return opened + target
    i = _window_after(opened, n, ends)
    if i == n:
        return opened + target
    need = done[i] + max(opened - begins[i], 0) + target
    low, high = i, n - 1
    while low < high:  # the last window that begins with less than the need done
        middle = (low + high + 1) // 2
        if done[middle] < need:
            low = middle
        else:
            high = middle - 1
    return begins[low] + need - done[low]


def _window_after(time: int, n: int, ends: Sequence[int]) -> int:
    """Return the first window that ends after ``time``."""
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        if ends[middle] <= time:
            low = middle + 1
        else:
            high = middle
    return low


def claim(kind: int, idle: int, take: float, busy: int, on_duty: int, room: int) -> float:
    """R3: the free agent with the highest claim is next; ties to the first listed.

    ``LONGEST_IDLE``: ``(idle + 1) * take``: an agent who takes twice as readily counts as idle
    twice as long. ``LEAST_BUSY``: the share of the running shift window that was not busy.
    ``FEWEST_OPEN``: the most free slots, then longest idle.
    """
    if kind == LEAST_BUSY:
        return (1.0 - busy / (on_duty + 1.0)) * take
    if kind == FEWEST_OPEN:
        return room * 1e9 + (idle + 1) * take
    return (idle + 1) * take


def picks_easiest(window: int, work: float, best: float, looked_at: int) -> bool:
    """R9: a cherry-picking agent takes the contact with the least expected work.

    It looks at the first ``window`` waiting ones; ties to the more urgent.
    """
    return looked_at <= window and work < best


# -- R4: how long a handling is ----------------------------------------------------------------


def handling_time(law: Law, tables: Numbers, work: float, speed: float, u: float, tick: int) -> int:
    """R4: one handling takes law(u) x work of the tier / speed of the agent, at least a tick."""
    return max(whole(duration(law, tables, u) * work / speed, tick), tick)


def week_factor(cv: float, u: float) -> float:
    """R4: the pace of a week, common to all handlings: lognormal with mean 1."""
    sigma = math.sqrt(math.log1p(cv * cv))
    return math.exp(sigma * normal(u) - 0.5 * sigma * sigma) if cv > 0.0 else 1.0


def fatigue(effect: float, threshold: float, busy: int, on_duty: int) -> float:
    """R4: factor on a handling when the agent was busy for more than ``threshold`` of the shift.

    ``1 + effect x (busy / on duty - threshold)`` above the threshold, 1 below.
    """
    over = busy / on_duty - threshold if on_duty > 0 else 0.0
    return 1.0 + effect * over if over > 0.0 else 1.0


def busy_time(handling: int, slowdown: float, tick: int) -> int:
    """R4: the agent is busy ``slowdown`` times the recorded handling time, at least a tick."""
    if slowdown == 1.0:
        return max(handling, tick)
    return max(whole(handling * slowdown, tick), tick)


def chat_pace(slowdown: float, open_chats: int) -> float:
    """R4: progress of each of ``k`` chats at once: ``1 / (1 + slowdown x (k - 1))``."""
    return 1.0 / (1.0 + slowdown * (open_chats - 1))


def chat_end(now: int, left: float, pace: float, tick: int) -> int:
    """R4: when a chat with ``left`` seconds of work ends at a pace, at least a tick from now."""
    return now + max(whole(left / pace, tick), tick)


# -- R5: what a handling leads to --------------------------------------------------------------


def after_handling(
    live: bool,
    first: bool,
    transfer: float,
    onward: float,
    again: float,
    u_transfer: float,
    u_again: float,
) -> int:
    """R5: what a handling leads to.

    Transferred to the other team (first handling only), else handed on within the team, else (a
    ticket) pending to be taken up again, else resolved. One uniform decides the first two: the
    part of it above ``transfer`` is used again.
    """
    if first:
        if u_transfer < transfer:
            return TRANSFERRED
        u_transfer = (u_transfer - transfer) / (1.0 - transfer)
    if u_transfer < onward:
        return HANDED_ON
    if not live and u_again < again:
        return PENDING_AGAIN
    return RESOLVED


def reason(cuts: Numbers, first: int, last: int, u: float) -> int:
    """R5: which of several reasons a ticket waits for, by inner cut points of their shares."""
    i = first
    while i < last and u >= cuts[i]:
        i += 1
    return i - first


# -- R6: who abandons --------------------------------------------------------------------------


def patience_deadline(
    edges: Numbers,
    rates: Numbers,
    first: int,
    last: int,
    balk: float,
    queued: int,
    u: float,
    u_balk: float,
    tick: int,
) -> int:
    """R6: the instant at which a waiting live customer leaves; served when taken at or before it.

    Piecewise constant hazard ``rates`` (per second) from ``edges`` (seconds), the channel's own
    from ``first`` up to ``last``: the cumulative hazard at the leaving time is ``-log(1 - u)``. A
    balking customer leaves at once.
    """
    if u_balk < balk:
        return queued
    need = -math.log(1.0 - u)
    for i in range(first, last - 1):
        piece = (edges[i + 1] - edges[i]) * rates[i]
        if need <= piece:
            return queued + whole(edges[i] + need / rates[i], tick)
        need -= piece
    return queued + whole(edges[last - 1] + need / rates[last - 1], tick)


# -- R7: who comes back ------------------------------------------------------------------------


def agent_odds(quality: float) -> float:
    """R7: what an agent's quality makes of the odds that a contact comes back: exp(-quality)."""
    return math.exp(-quality)


def comes_back(probability: float, odds: float, u: float) -> bool:
    """R7: reopen or repeat; odds = own odds x ``odds``, those of the tier x those of the agent."""
    return u < shifted(probability, odds)


def found_wanting(rework: float, u: float) -> bool:
    """R7: a resolution is found wanting, and the ticket worked on once more."""
    return u < rework


def return_delay(law: Law, tables: Numbers, u: float, factor: float, tick: int) -> int:
    """R7: delay until a contact is reopened or repeated: law(u) x factor of the tier."""
    return whole(duration(law, tables, u) * factor, tick)


def repeat_chance(repeat: float, effect: float, time: float, age: float) -> float:
    """R7: a category's repeat probability ``age`` seconds after articles were published.

    ``repeat x (1 - effect x (1 - exp(-age / time)))``: readers find them over ``time``; as it was
    before they are published.
    """
    if effect == 0.0 or age <= 0.0:
        return repeat
    return repeat * (1.0 - effect * (1.0 - math.exp(-age / max(time, 1.0))))


# -- R8: shifts --------------------------------------------------------------------------------


def would_leave(off_share: float, quiet_share: float, u: float) -> int:
    """R8: when an agent takes time off the queue after a handling: a sum of `IF_WAITED, IF_QUIET`.

    With probability ``off_share`` where somebody waits then, ``quiet_share`` where nobody does.
    """
    return (IF_WAITED if u < off_share else 0) + (IF_QUIET if u < quiet_share else 0)


def leaves_queue(would: int, waited: bool) -> bool:
    """R8: whether the agent takes the time off, now that it is known whether somebody waits."""
    return (would & (IF_WAITED if waited else IF_QUIET)) != 0


def is_present(presence: float, u: float) -> bool:
    """R8: a rostered agent comes with probability ``presence``, one draw per agent and day."""
    return u < presence


def hands_back(hand_back: bool, live: bool, on_shift: bool, left: int) -> bool:
    """R8: at the end of a window a running ticket is finished (default) or handed back.

    A live contact is always finished; nothing new is started off shift.
    """
    return hand_back and not live and not on_shift and left > 0


def held_left(left: int, held: int) -> int:
    """R8: seconds of holds and help that a handed-back handling still needs: they come last."""
    return min(left, held)


def work_left(left: int, held: int, speed: float) -> float:
    """R8: seconds of work, at speed 1, that a handed-back handling still needs besides."""
    return (left - held) * speed


def resumed_time(left: float, held: int, speed: float, tick: int) -> int:
    """R8: how long the agent who takes a handed-back ticket up works on it, at least a tick."""
    return max(whole(left / speed, tick) + held, tick)


def busy_so_far(busy: int, is_busy: bool, busy_since: int, window_start: int, now: int) -> int:
    """R3, R4: seconds of the running shift window in which the agent was busy at all."""
    return busy + (now - max(busy_since, window_start) if is_busy else 0)
