"""How the desk's queues are laid out, and in which order each agent works through them.

A queue holds the contacts of one team, language, tier of difficulty and mode (live or ticket);
language and tier divide queues only where some agent is restricted to some of them. An agent's
plan is a sequence of levels; a level is a set of queues compared by urgency (R2), and `OWN`
stands for the contacts kept for the agent. Agents with the same plan form a group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from svcsim.engine.plain import PlainDesk

Level = tuple[int, ...]
Levels = tuple[Level, ...]

OWN: Level = ()
"""The level of the agent's own returning contacts."""


@dataclass(frozen=True)
class Layout:
    """Shape: a queue is ``((team x languages + language) x tiers + tier) x 2 + live``.

    ``languages`` and ``tiers`` are 1 where they do not divide queues.
    """

    teams: int
    languages: int
    tiers: int

    @property
    def size(self) -> int:
        """Return the number of queues."""
        return self.teams * self.languages * self.tiers * 2

    def queue(self, team: int, language: int, tier: int, live: bool) -> int:
        """Return the queue of a contact."""
        return queue_of(team, language, tier, live, self.languages, self.tiers)

    def levels(
        self,
        teams: Sequence[int],
        languages: Sequence[int],
        tiers: Sequence[int],
        live_first: bool,
        pooled: bool,
    ) -> Levels:
        """Return an agent's plan; empty languages or tiers mean all, tiers rank as listed.

        ``pooled``: the teams stand beside each other instead of one after the other.
        """
        spoken = (languages or range(self.languages)) if self.languages > 1 else (0,)
        every = range(self.tiers)
        ranks = [(tier,) for tier in tiers] if tiers and self.tiers > 1 else [tuple(every)]
        groups = [tuple(teams)] if pooled else [(team,) for team in teams]

        def part(modes: tuple[bool, ...]) -> list[Level]:
            return [
                tuple(
                    self.queue(team, language, tier, live)
                    for team in group
                    for language in spoken
                    for tier in rank
                    for live in modes
                )
                for group in groups
                for rank in ranks
            ]

        if live_first:
            return (*part((True,)), OWN, *part((False,)))
        return (OWN, *part((True, False)))

    def live_part(self, levels: Levels) -> Levels:
        """Return the plan of an agent who already has a live contact: further live ones only."""
        kept = (tuple(queue for queue in level if queue % 2) for level in levels)
        return tuple(level for level in kept if level)


def queue_of(team: int, language: int, tier: int, live: bool, languages: int, tiers: int) -> int:
    """Return the number of a queue in a layout with so many languages and tiers."""
    language = max(language, 0) if languages > 1 else 0
    tier = tier if tiers > 1 else 0
    return ((team * languages + language) * tiers + tier) * 2 + (1 if live else 0)


def plans(desk: PlainDesk) -> tuple[Layout, list[Levels], list[int], list[int]]:
    """Return the layout, every different plan, and the plans of each agent.

    An agent has one plan when idle, and one when it has room for further live contacts (-1 with
    one slot).
    """
    layout = Layout(
        len(desk.teams),
        max(len(desk.languages), 1) if any(desk.agent_languages) else 1,
        len(desk.tiers) if any(desk.agent_tiers) else 1,
    )
    found: dict[Levels, int] = {}
    whole, room = [], []
    for who in range(len(desk.agents)):
        levels = layout.levels(
            desk.serves[who], desk.agent_languages[who], desk.agent_tiers[who], desk.live_first,
            desk.pooled,
        )  # fmt: skip
        whole.append(found.setdefault(levels, len(found)))
        part = layout.live_part(levels)
        room.append(found.setdefault(part, len(found)) if desk.slots[who] > 1 else -1)
    return layout, list(found), whole, room
