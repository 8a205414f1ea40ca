"""What can happen, and in which order at one instant: by kind, then by number.

An event is one whole number: ``(seconds since the start) << 32 | kind << 28 | number``, so that
both clocks order events alike by comparing numbers. The number is a contact, an agent or a case.
"""

from __future__ import annotations

from typing import Final

END: Final = 0
"""A handling ends (contact)."""
FREE: Final = 1
"""The agent's work on a contact is done (agent)."""
HELPED: Final = 2
"""An agent who helped another is released (agent)."""
SHIFT_START: Final = 3
SHIFT_END: Final = 4
OFF_OVER: Final = 5
"""Time off the queue ends (agent)."""
JOIN: Final = 6
"""A contact joins its queue after a delay: picked up, or no longer pending (contact)."""
RELEASE: Final = 7
"""A contact kept for its own agent is opened to the team (contact)."""
REOPEN: Final = 8
"""A resolved contact is opened again (contact)."""
REPEAT: Final = 9
"""The case comes back with a new contact (the contact before)."""
LEAVE: Final = 10
"""A waiting customer who will try again has left (contact)."""
ARRIVAL: Final = 11
"""A new case (case)."""

KIND_SHIFT: Final = 28
TIME_SHIFT: Final = 32
NUMBER_MASK: Final = (1 << 28) - 1
KIND_MASK: Final = 15
LONGEST: Final = (1 << 17) * 3600
"""Seconds that a run may last (15 years): hours are numbered in 17 bits, times in rows in 32."""


def event_key(since_start: int, kind: int, number: int) -> int:
    """Return an event as one number; the order of numbers is the order of events."""
    return int(since_start) << TIME_SHIFT | int(kind) << KIND_SHIFT | int(number)
