"""Who waits and who is free: the queues, the agents, and their matching (R1-R3, R6).

Knows no events and no chance; a clock says what time it is. Queues hold ``(key, number, version)``:
a contact that was taken or left in between has another version, so its old entry is skipped.
"""

from __future__ import annotations

from heapq import heappop, heappush

from svcsim.engine import rules
from svcsim.engine.plain import PlainDesk
from svcsim.engine.rows import Contact

Entry = tuple[int, int, int]


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
    """

    def __init__(self, desk: PlainDesk, contacts: list[Contact], start: int) -> None:
        self.desk, self.contacts = desk, contacts
        self.live: list[list[Entry]] = [[] for _ in desk.teams]
        self.tickets: list[list[Entry]] = [[] for _ in desk.teams]
        self.own: dict[int, list[Entry]] = {}
        agents = len(desk.agents)
        self.on_shift, self.busy, self.off = [0] * agents, [False] * agents, [False] * agents
        self.idle_since = [start] * agents
        self.free: list[set[int]] = [set() for _ in desk.teams]
        self._own_only = desk.own_wait > 0

    # -- contacts ------------------------------------------------------------------------------

    def put(self, contact: Contact) -> Entry | None:
        """Put a contact into the queue of its team (R2), first to its own agent where kept.

        Returns the entry when it is kept for its own agent alone, to be opened to the team later.
        """
        desk = self.desk
        contact.key = rules.urgency(contact.queued, desk.credit[contact.priority])
        contact.version += 1
        entry = (contact.key, contact.number, contact.version)
        own = desk.own_first and contact.own >= 0 and contact.team in desk.serves[contact.own]
        if contact.live:
            queues = self.live if desk.live_first else self.tickets
            heappush(queues[contact.team], entry)
        elif own:
            heappush(self.own.setdefault(contact.own, []), entry)
            if self._own_only:
                return entry
            heappush(self.tickets[contact.team], entry)
        else:
            heappush(self.tickets[contact.team], entry)
        return None

    def open_to_team(self, contact: Contact, entry: Entry) -> bool:
        """Open a contact kept for its own agent to the whole team; False: it is gone already."""
        if contact.version != entry[2]:
            return False
        heappush(self.tickets[contact.team], entry)
        return True

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
        for queue in (*self.live, *self.tickets):
            for _, number, version in queue:
                contact = self.contacts[number]
                if contact.version == version and 0 <= contact.deadline < stop:
                    abandon(contact)

    # -- agents --------------------------------------------------------------------------------

    def make_free(self, who: int, now: int) -> bool:
        """Put an agent among the free ones; False when not eligible (R1)."""
        if not rules.serves_now(self.on_shift[who] > 0, self.busy[who], self.off[who]):
            return False
        if who not in self.free[self.desk.agent_team[who]]:
            self.idle_since[who] = now
            for team in self.desk.serves[who]:
                self.free[team].add(who)
        return True

    def make_unfree(self, who: int) -> None:
        """Take an agent from the free ones."""
        for team in self.desk.serves[who]:
            self.free[team].discard(who)

    # -- matching ------------------------------------------------------------------------------

    def matchable(self) -> bool:
        """Whether some team may have both a free agent and a waiting contact (own ones count)."""
        own = self._own_only
        return any(
            free and (live or tickets or own)
            for free, live, tickets in zip(self.free, self.live, self.tickets, strict=True)
        )

    def next_agent(self, now: int) -> int:
        """R1, R3: among free agents with something to take, the one with the highest claim.

        -1 when nothing can be matched.
        """
        desk, idle_since = self.desk, self.idle_since
        best, best_claim = -1, -1.0
        for team, free in enumerate(self.free):
            if free and (self.head(self.live[team], now) or self.head(self.tickets[team], now)):
                for who in free:
                    claim = rules.claim(now - idle_since[who], desk.take[who])
                    if claim > best_claim or (claim == best_claim and who < best):
                        best, best_claim = who, claim
        if self._own_only:
            for who, queue in self.own.items():
                if queue and who in self.free[desk.agent_team[who]] and self.head(queue, now):
                    claim = rules.claim(now - idle_since[who], desk.take[who])
                    if claim > best_claim or (claim == best_claim and who < best):
                        best, best_claim = who, claim
        return best

    def next_contact(self, who: int, now: int) -> Contact | None:
        """R2: live contacts first, then the agent's own, then tickets in the order of teams."""
        teams = self.desk.serves[who]
        own = (self.own[who],) if who in self.own else ()
        queues = (*(self.live[team] for team in teams), *own, *(self.tickets[t] for t in teams))
        for queue in queues:
            contact = self.head(queue, now)
            if contact is not None:
                return contact
        return None


def abandon(contact: Contact) -> None:
    """R6: the customer left at the deadline."""
    contact.version += 1
    contact.abandoned = contact.deadline
    contact.wait = contact.deadline - contact.queued
