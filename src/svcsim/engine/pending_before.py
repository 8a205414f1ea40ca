"""Tickets pending when a run begins: for which reason, and for how much longer.

Plain functions of uniforms that the caller drew; used before the clock starts, by both clocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from svcsim.engine import rules
from svcsim.engine.durations import Law, Numbers, duration, elapsed_share, remaining


class Rest(NamedTuple):
    """What is left of a ticket's pending time, and the stages it was pending, the last running."""

    rest: float
    """Seconds."""
    stages: tuple[tuple[int, float], ...]
    """Reason and whole length (s) of each."""


def rest_since_touch(
    laws: Sequence[Law], cuts: Numbers, tables: Numbers, age: float, u: tuple[float, float]
) -> Rest:
    """Return the rest of a stage that began ``age`` seconds ago, when somebody last worked on it.

    The reason is r with probability P(r) (1 - F_r(age)), normalised: long reasons are more likely
    the longer the ticket has been pending. Then the rest is that of its law given the age.
    ``u``: draws of the reason and of the rest. A ticket older than any law is due at once.
    """
    shares = [b - a for a, b in zip((0.0, *cuts), (*cuts, 1.0), strict=True)]
    left = [
        p * (1.0 - elapsed_share(law, tables, age)) for p, law in zip(shares, laws, strict=True)
    ]
    weights = left if sum(left) > 0 else shares
    which, mark = 0, u[0] * sum(weights)
    while which < len(weights) - 1 and mark >= weights[which]:
        mark -= weights[which]
        which += 1
    rest = remaining(laws[which], tables, age, u[1])
    return Rest(rest, ((which, age + rest),))


def rest_since_answer(
    laws: Sequence[Law],
    cuts: Numbers,
    tables: Numbers,
    again: float,
    age: float,
    u: Sequence[tuple[float, float, float]],
) -> Rest:
    """Return the rest where only the first response, ``age`` seconds ago, is known.

    Since then the ticket went through pending stages, each followed by another with probability
    ``again``; handling between them is short beside them. A path that ends before ``age``
    contradicts the ticket being open, so paths are drawn until one does not (rejection sampling);
    the last resort is one long stage. ``u``: draws of the length, of another stage, of the reason.
    """
    reached = 0.0
    stages: list[tuple[int, float]] = []
    for u_length, u_again, u_reason in u:
        which = rules.reason(cuts, 0, len(cuts), u_reason)
        length = duration(laws[which], tables, u_length)
        stages.append((which, length))
        reached += length
        if reached > age:
            return Rest(reached - age, tuple(stages))
        if u_again >= again:
            reached, stages = 0.0, []
    return rest_since_touch(laws, cuts, tables, age, (u[0][2], u[0][0]))
