"""The floor beside the trace: who waits and who is free after each event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from svcsim.engine.trace import GONE, TAKE, Event


@dataclass
class Floor:
    """Who waits and who is free, carried from event to event."""

    home: dict[str, str]
    """Agent -> team."""
    waiting: dict[int, str] = field(default_factory=dict)
    on: dict[str, int] = field(default_factory=dict)
    at_hand: dict[str, list[int]] = field(default_factory=dict)
    """Agent -> rows of the contacts that keep the agent busy: several where chats run at once."""
    off: set[str] = field(default_factory=set)

    def apply(self, event: Event) -> None:
        """Let an event happen."""
        if event.what in ("starts", "stops", "stops_busy"):
            self.on[event.agent] = self.on.get(event.agent, 0) + (1, -1)[event.what != "starts"]
        elif event.kind == TAKE:
            self.waiting.pop(event.row, None)
            self.at_hand.setdefault(event.agent, []).append(event.row)
        elif event.kind == GONE:
            self.waiting.pop(event.row, None)
        elif event.what == "returns":
            self.off.discard(event.agent)
        if event.what == "leaves":
            self.off.add(event.agent)
        if event.frees:
            self.at_hand[event.agent].remove(event.row)
        if event.joins:
            self.waiting[event.row] = event.team

    def queues(self, teams: Iterable[str]) -> list[tuple[int, int]]:
        """Return for each team how many wait for it and how many of its agents are free.

        Free: on shift, not off the queue and without any contact at hand.
        """
        waiting = list(self.waiting.values())
        free = [
            self.home[who]
            for who, windows in self.on.items()
            if windows > 0 and not self.at_hand.get(who) and who not in self.off
        ]
        return [(waiting.count(team), free.count(team)) for team in teams]


def at_once(told: Iterable[Event]) -> bool:
    """Tell whether an agent ever has more than one contact at hand."""
    open_ones: Counter[str] = Counter()
    for event in told:
        open_ones[event.agent] += (event.kind == TAKE) - event.frees
        if open_ones[event.agent] > 1:
            return True
    return False
