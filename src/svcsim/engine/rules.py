"""Every decision at the desk, once: plain functions of scalars that all clocks call.

R0  An instant is applied whole, then dispatched once: all arrivals, ends, returns and shift
    changes of one time are applied first, then waiting contacts and free agents are matched.
R1  Who is eligible.          R2  Which contact is taken next.   R3  Which agent takes it.
R4  How long a handling is.   R5  What a handling leads to.      R6  Who abandons.
R7  Who comes back, and when. R8  Shift ends, breaks, absence.   R9  Behaviour under incentive:
none in this version; agents work as calibrated.

Times are whole seconds. Randomness enters as uniforms that the caller drew (see ``draws``).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

from svcsim.engine.draws import normal

FIXED, EXPONENTIAL, LOGNORMAL, TABLE = 0, 1, 2, 3
PENDING_AGAIN, TRANSFERRED, RESOLVED, HANDED_ON = 0, 1, 2, 3

_BELOW_ONE = 1.0 - 2.0**-53

Law = tuple[int, float, float, float, tuple[float, ...]]
"""(kind, mean in seconds, sd of log, share of zeros, table relative to the mean)."""


def whole(seconds: float) -> int:
    """Return a duration on the clock's grid of whole seconds (half a second rounds up)."""
    return int(seconds + 0.5)


def duration(law: Law, u: float) -> float:
    """Return the quantile of a duration law at ``u`` in seconds (inverse transform)."""
    kind, mean, sigma, zero, table = law
    if zero > 0.0:
        if u < zero:
            return 0.0
        u = min((u - zero) / (1.0 - zero), _BELOW_ONE)
    if kind == LOGNORMAL:
        return mean * math.exp(sigma * normal(u) - 0.5 * sigma * sigma)
    if kind == EXPONENTIAL:
        return -mean * math.log1p(-u)
    if kind == TABLE:
        place = u * (len(table) - 1)
        i = int(place)
        return mean * (table[i] + (place - i) * (table[i + 1] - table[i]))
    return mean


def elapsed_share(law: Law, seconds: float) -> float:
    """Return P(duration <= seconds) of a duration law (its distribution function)."""
    kind, mean, sigma, zero, table = law
    if seconds < 0.0:
        return 0.0
    if mean <= 0.0:
        return 1.0
    if kind == LOGNORMAL:
        z = (math.log(max(seconds, 1e-9) / mean) + 0.5 * sigma * sigma) / max(sigma, 1e-12)
        base = 0.5 * math.erfc(-z / math.sqrt(2.0))
    elif kind == EXPONENTIAL:
        base = -math.expm1(-seconds / mean)
    elif kind == TABLE:
        x = seconds / mean
        i = bisect_right(table, x)
        if i == 0:
            base = 0.0
        elif i == len(table):
            base = 1.0
        else:
            base = (i - 1 + (x - table[i - 1]) / (table[i] - table[i - 1])) / (len(table) - 1)
    else:
        base = 1.0 if seconds >= mean else 0.0
    return zero + (1.0 - zero) * base


def remaining(law: Law, age: float, u: float) -> float:
    """Return a draw of the rest of a duration given that it already lasted ``age`` seconds."""
    done = elapsed_share(law, age)
    if done >= 1.0 - 1e-12:
        return 0.0
    return max(duration(law, min(done + (1.0 - done) * u, _BELOW_ONE)) - age, 0.0)


def rest_of_pending(
    law: Law, again: float, age: float, draws: Sequence[tuple[float, float]]
) -> tuple[float, int]:
    """Return how much longer a ticket open at ``age`` stays pending, and its handlings so far.

    ``age`` counts from its first response. Since then it went through pending stages of length
    ``law``, each followed by another with probability ``again``; handling between them is short
    beside them. A path that ends before ``age`` contradicts the ticket being open, so paths are
    drawn until one does not (rejection sampling); the last resort is one long stage. ``draws``:
    pairs of uniforms.
    """
    reached, stages = 0.0, 0
    for u_length, u_again in draws:
        reached += duration(law, u_length)
        stages += 1
        if reached > age:
            return reached - age, stages
        if u_again >= again:
            reached, stages = 0.0, 0
    return remaining(law, age, draws[0][0]), 1


def shifted(probability: float, odds: float) -> float:
    """Return the probability whose odds are ``odds`` times those of ``probability``."""
    if probability <= 0.0 or probability >= 1.0:
        return probability
    return probability * odds / (1.0 - probability + probability * odds)


def serves_now(on_shift: bool, busy: bool, off_queue: bool) -> bool:
    """R1: an agent is eligible when on shift, not handling a contact and not off the queue."""
    return on_shift and not busy and not off_queue


def urgency(queued: int, credit: int) -> int:
    """R2: the contact with the lowest ``queued - credit`` (longest credited wait) goes first.

    Ties go to the lower contact number. Live contacts of a team come before its tickets when the
    routing says so; an agent's own returning contacts come before the team's tickets.
    """
    return queued - credit


def claim(idle: int, take: float) -> float:
    """R3: the free agent with the highest ``(idle + 1) * take`` is next; ties to the first listed.

    With equal ``take`` this is longest idle; an agent who takes twice as readily counts as idle
    twice as long.
    """
    return (idle + 1) * take


def handling_time(law: Law, work: float, speed: float, u: float) -> int:
    """R4: one handling takes law(u) x work of the tier / speed of the agent, at least 1 s."""
    return max(whole(duration(law, u) * work / speed), 1)


def week_factor(cv: float, u: float) -> float:
    """R4: the pace of a week, common to all handlings: lognormal with mean 1."""
    sigma = math.sqrt(math.log1p(cv * cv))
    return math.exp(sigma * normal(u) - 0.5 * sigma * sigma) if cv > 0.0 else 1.0


def busy_time(handling: int, slowdown: float) -> int:
    """R4: the agent is busy ``slowdown`` times the recorded handling time, at least 1 s."""
    return max(whole(handling * slowdown), 1)


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


def patience_deadline(
    edges: tuple[float, ...],
    rates: tuple[float, ...],
    balk: float,
    queued: int,
    u: float,
    u_balk: float,
) -> int:
    """R6: the instant at which a waiting live customer leaves; served when taken at or before it.

    Piecewise constant hazard ``rates`` (per second) from ``edges`` (seconds): the cumulative
    hazard at the leaving time is ``-log(1 - u)``. A balking customer leaves at once.
    """
    if u_balk < balk:
        return queued
    need = -math.log1p(-u)
    last = len(rates) - 1
    for i in range(last):
        piece = (edges[i + 1] - edges[i]) * rates[i]
        if need <= piece:
            return queued + whole(edges[i] + need / rates[i])
        need -= piece
    return queued + whole(edges[last] + need / rates[last])


def comes_back(probability: float, tier_odds: float, quality: float, u: float) -> bool:
    """R7: reopen or repeat; odds = own odds x odds of the tier x exp(-quality of the agent)."""
    return u < shifted(probability, tier_odds * math.exp(-quality))


def leaves_queue(off_share: float, u: float) -> bool:
    """R8: after a handling the agent takes time off the queue with probability ``off_share``.

    At the end of a shift window a running handling is finished; nothing new is started.
    """
    return u < off_share


def is_present(presence: float, u: float) -> bool:
    """R8: a rostered agent comes with probability ``presence``, one draw per agent and day."""
    return u < presence


def survey_score(cumulative: tuple[float, ...], effect: float, u: float) -> int:
    """Return a score 1..5 by proportional odds.

    ``cumulative[k]`` is the reference P(score >= k + 2), k = 0..3; ``effect`` is added to the
    logit of each.
    """
    odds = math.exp(effect)
    score = 1
    for p in cumulative:
        if u < shifted(p, odds):
            score += 1
        else:
            break
    return score
