"""What is drawn for a contact over arrays: its uniforms, and durations from them."""

from __future__ import annotations

from svcsim.engine import draws, durations
from svcsim.engine.kernel.state import Array, State

Four = tuple[float, float, float, float]


def law_at(laws: Array, i: int) -> durations.Law:
    """Return a law of the desk."""
    law = laws[i]
    return durations.Law(law.kind, law.seconds, law.sigma, law.zero, law.first, law.last)


def lasting(s: State, law: int, u: float) -> int:
    """Return a drawn duration on the grid."""
    return durations.whole(durations.duration(law_at(s.laws, law), s.tables, u), s.clock[0].tick)


def of_contact(s: State, number: int, purpose: int) -> Four:
    """Return the block of a purpose that belongs to a contact."""
    clock, c = s.clock[0], s.scratch[number]
    key, stream = int(c.key), int(c.stream)
    return draws.block(
        int(clock.seed), int(clock.replication), key, int(s.rows[number].no), 0, purpose >> 2,
        stream,
    )  # fmt: skip


def of_handling(s: State, number: int, purpose: int) -> Four:
    """Return the block of a purpose that belongs to the contact's latest handling."""
    clock, c, row = s.clock[0], s.scratch[number], s.rows[number]
    key, stream, no, handling = int(c.key), int(c.stream), int(row.no), int(row.handlings)
    return draws.block(
        int(clock.seed), int(clock.replication), key, no, handling, purpose >> 2, stream
    )
