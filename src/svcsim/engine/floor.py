"""Who waits and who is free: the queues, the agents, and their matching (R1-R3, R6, R9).

Knows no events and no chance; a clock says what time it is. Queues hold ``(urgency, number,
version)``: a contact that was taken or left in between has another version, so its old entry is
skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush, nsmallest

from svcsim.engine import rules
from svcsim.engine.plain import PlainDesk
from svcsim.engine.queues import OWN, Levels, plans
from svcsim.engine.rows import Contact

Entry = tuple[int, int, int]


class Agent:
    """What the floor knows of one agent."""

    __slots__ = (
        "busy_in_window", "busy_since", "chats", "frees", "group", "idle_since", "off",
        "off_for", "off_if", "on_shift", "open", "own", "plan", "room_plan", "shift_ended", "slots",
        "window_start", "contact",
    )  # fmt: skip

    def __init__(self, slots: int, plan: int, room_plan: int, start: int) -> None:
        self.slots, self.plan, self.room_plan = slots, plan, room_plan
        self.group = -1
        """Plan under which the agent is free now; -1: not free."""
        self.on_shift = self.open = self.off_for = self.off_if = self.busy_in_window = 0
        self.off = False
        self.frees = -1
        self.idle_since = self.busy_since = self.shift_ended = self.window_start = start
        self.contact: Contact | None = None
        self.chats: list[Contact] = []
        self.own: list[Entry] = []

    def busy_so_far(self, now: int) -> int:
        """R3, R4: seconds of the running shift window in which the agent was busy at all."""
        return rules.busy_so_far(
            self.busy_in_window, self.open > 0, self.busy_since, self.window_start, now
        )


class Floor:
    """Waiting contacts and agents of one desk.

    Parameters
    ----------
    desk : PlainDesk
        Teams, agents, routing.
    contacts : list of Contact
        All rows by number; the clock adds to it.
    start : int
        Epoch second from which agents count as idle.
    windows : int
        How many waiting contacts each agent looks at (R9): 1, or more when cherry-picking.
    """

    def __init__(
        self, desk: PlainDesk, contacts: list[Contact], start: int, windows: list[int]
    ) -> None:
        self.desk, self.contacts, self.windows = desk, contacts, windows
        self.layout, self.plans, own_plan, room_plan = plans(desk)
        self.queues: list[list[Entry]] = [[] for _ in range(self.layout.size)]
        self.agents = [
            Agent(desk.slots[i], own_plan[i], room_plan[i], start) for i in range(len(desk.agents))
        ]
        self.can = [{q for level in plan for q in level} for plan in self.plans]
        self.free: list[set[int]] = [set() for _ in self.plans]
        self.with_own: set[int] = set()
        self._own_only = desk.own_wait > 0
        self.effort = [category.expected_work for category in desk.categories]

    # -- contacts ------------------------------------------------------------------------------

    def put(self, contact: Contact, due: int) -> bool:
        """Put a contact into its queue (R2); True when it is kept for its own agent alone."""
        desk, layout = self.desk, self.layout
        contact.urgency = rules.urgency(
            desk.discipline, contact.queued, desk.credit[contact.priority], due
        )
        contact.version += 1
        contact.queue = layout.queue(contact.team, contact.language, contact.tier, contact.live)
        entry = (contact.urgency, contact.number, contact.version)
        own = contact.own
        if (
            desk.own_first
            and own >= 0
            and not contact.live
            and contact.queue in self.can[self.agents[own].plan]
        ):
            heappush(self.agents[own].own, entry)
            self.with_own.add(own)
            if self._own_only:
                return True
        heappush(self.queues[contact.queue], entry)
        return False

    def open_to_team(self, contact: Contact) -> None:
        """Open a contact kept for its own agent to the whole team."""
        entry = (contact.urgency, contact.number, contact.version)
        heappush(self.queues[contact.queue], entry)

    def take(self, contact: Contact) -> None:
        """Take a contact out of whatever queue it is in."""
        contact.version += 1
        contact.deadline = contact.kept_until = -1

    def leave(self, contact: Contact) -> None:
        """R6: let a customer leave whose patience ended just now, unless found gone already."""
        if contact.abandoned != contact.abandoned:
            abandon(contact)

    def head(self, queue: list[Entry], now: int) -> Contact | None:
        """Return the first contact still waiting in a queue; expired ones abandon (R6)."""
        contacts = self.contacts
        while queue:
            contact = contacts[queue[0][1]]
            if contact.version == queue[0][2]:
                if not 0 <= contact.deadline < now:
                    return contact
                abandon(contact)
            heappop(queue)
        return None

    def settle(self, stop: int) -> None:
        """R6: let everybody leave whose patience ended before ``stop``."""
        for queue in self.queues:
            for _, number, version in queue:
                contact = self.contacts[number]
                if contact.version == version and 0 <= contact.deadline < stop:
                    abandon(contact)

    # -- agents --------------------------------------------------------------------------------

    def place(self, who: int, now: int) -> bool:
        """R1: put an agent among the free ones as far as eligible, idle from now on if it was not.

        False when not eligible.
        """
        agent = self.agents[who]
        on, chatting = agent.on_shift > 0, bool(agent.chats)
        if rules.serves_now(on, agent.open > 0, agent.off):
            group = agent.plan
        elif chatting and rules.has_room(on, agent.open, agent.slots, agent.off):
            group = agent.room_plan
        else:
            group = -1
        if group == agent.group:
            return group >= 0
        if agent.group >= 0:
            self.free[agent.group].discard(who)
        agent.group = group
        if group < 0:
            return False
        agent.idle_since = now
        self.free[group].add(who)
        return True

    # -- matching ------------------------------------------------------------------------------

    def matchable(self) -> bool:
        """Whether there may be both a free agent and a waiting contact (own ones count)."""
        return any(self.free) and (any(self.queues) or self._own_only)

    def claim(self, who: int, now: int) -> float:
        """R3: the claim of a free agent."""
        agent = self.agents[who]
        return rules.claim(
            self.desk.assign, now - agent.idle_since, self.desk.take[who],
            agent.busy_so_far(now), now - agent.window_start, agent.slots - agent.open,
        )  # fmt: skip

    def next_agent(self, now: int, team: int = -1) -> int:
        """R1, R3: among free agents with something to take, the one with the highest claim.

        ``team``: among the agents of a team who are idle, with or without something to take. -1
        when there is none.
        """
        best, best_rank, best_claim = -1, 0, -1.0
        for group, free in enumerate(self.free):
            if not free:
                continue
            plan = self.plans[group]
            found = 0 if team >= 0 else self._rank(plan, now)
            for who in free:
                rank = found
                if team >= 0:
                    if self.desk.agent_team[who] != team or self.agents[who].open:
                        continue
                elif who in self.with_own and self.head(self.agents[who].own, now):
                    own = plan.index(OWN) if OWN in plan else len(plan)
                    rank = own if rank < 0 else min(rank, own)
                    if rank == len(plan):
                        continue
                if rank < 0:
                    continue
                rank = rank if self.desk.by_preference and team < 0 else 0
                claim = self.claim(who, now)
                if best < 0 or (rank, -claim, who) < (best_rank, -best_claim, best):
                    best, best_rank, best_claim = who, rank, claim
        return best

    def anybody_for(self, who: int, now: int) -> bool:
        """R8: whether somebody waits in a queue that an agent serves (own ones aside)."""
        return self._rank(self.plans[self.agents[who].plan], now) >= 0

    def _rank(self, plan: Levels, now: int) -> int:
        """Return the first level with something to take, -1 when there is none."""
        for rank, level in enumerate(plan):
            for queue in level:
                if self.queues[queue] and self.head(self.queues[queue], now):
                    return rank
        return -1

    def next_contact(self, who: int, now: int) -> Contact | None:
        """R2: the most urgent contact of the first level that has one (R9: or the easiest)."""
        agent = self.agents[who]
        for level in self.plans[agent.group]:
            if level is OWN or level == OWN:
                contact = self.head(agent.own, now)
            else:
                contact = self._most_urgent(level, now)
                if contact is not None and self.windows[who] > 1:
                    contact = self._easiest(level, now, self.windows[who])
            if contact is not None:
                return contact
        return None

    def _most_urgent(self, level: tuple[int, ...], now: int) -> Contact | None:
        best = None
        for queue in level:
            if self.queues[queue]:
                contact = self.head(self.queues[queue], now)
                if contact is not None and (
                    best is None or (contact.urgency, contact.number) < (best.urgency, best.number)
                ):
                    best = contact
        return best

    def _easiest(self, level: tuple[int, ...], now: int, window: int) -> Contact | None:
        """R9: the contact with the least expected work among the first few."""
        best, best_work = None, float("inf")
        for i, contact in enumerate(self._first(level, now, window), start=1):
            work = self.effort[contact.category][contact.tier]
            if rules.picks_easiest(window, work, best_work, i):
                best, best_work = contact, work
        return best

    def _first(self, level: tuple[int, ...], now: int, window: int) -> Iterator[Contact]:
        waiting = (
            entry for queue in level for entry in self.queues[queue] if self._waits(entry, now)
        )
        return (self.contacts[entry[1]] for entry in nsmallest(window, waiting))

    def _waits(self, entry: Entry, now: int) -> bool:
        contact = self.contacts[entry[1]]
        return contact.version == entry[2] and not 0 <= contact.deadline < now


def abandon(contact: Contact) -> None:
    """R6: the customer left at the deadline."""
    contact.version += 1
    contact.abandoned = contact.deadline
    contact.wait = contact.deadline - contact.queued
