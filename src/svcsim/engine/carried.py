"""Contacts that history carries into a run: waiting, pending, or resolved and perhaps back soon.

Everything is drawn before the clock starts, by the same keys and rules, so both clocks begin with
the same contacts and the same planned events.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from svcsim.engine import draws, durations, events, rules
from svcsim.engine.chance import Chance
from svcsim.engine.opening import LOOK_BACK, OpenContact, Opening, customer_number, position
from svcsim.engine.pending_before import rest_since_answer, rest_since_touch
from svcsim.engine.plain import PlainCategory
from svcsim.engine.rows import Contact
from svcsim.engine.setting import Setting

_OPENING = 1 << 30
_RESOLVED = 1 << 31


def carry_over(setting: Setting, opening: Opening) -> None:
    """Add the opening state to a setting: its contacts, and when each joins a queue or is back."""
    carrier = _Carrier(setting, len(opening.waiting), len(opening.pending))
    for contacts in (opening.waiting, opening.pending):
        for known in contacts:
            carrier.open(known, waits=contacts is opening.waiting)
    carrier.echoes(opening)


class _Carrier:
    def __init__(self, setting: Setting, waiting: int, pending: int) -> None:
        self.setting, self.desk, self.start = setting, setting.desk, setting.start
        empty = np.empty(0, dtype=np.int64)
        self.chance = Chance(setting.seed, setting.replication, empty, empty)
        self.case = _OPENING
        self.categories = {c.name: i for i, c in enumerate(self.desk.categories)}
        self.tiers = {name: i for i, name in enumerate(self.desk.tiers)}
        self.agents = {name: i for i, name in enumerate(self.desk.agents)}
        first = _OPENING + waiting
        self.past = self.paths(np.arange(first, first + pending, dtype=np.int64))
        """Draws for the pending stages of each pending case before the start."""

    def whole(self, seconds: float) -> int:
        return durations.whole(seconds, self.desk.tick)

    def plan(self, time: int, kind: int, contact: Contact) -> None:
        if time < self.setting.stop:
            self.setting.planned.append((time, kind, contact.number))

    def open(self, known: OpenContact, waits: bool) -> None:
        """Carry over a contact that is open: it waits in its queue, or is pending."""
        contact = self.contact(known, self.case)
        self.case += 1
        if waits:
            delay = self.picked_up(contact, self.start - known.opened_s)
            contact.queued_from = known.opened_s
        else:
            delay = self.resume(contact, known)
        self.plan(self.start + delay, events.JOIN, contact)

    def picked_up(self, contact: Contact, age: float) -> int:
        """Return how long an unanswered ticket still takes to be up for work."""
        pickup = self.desk.categories[contact.category].pickup
        if pickup is None:
            return 0
        u = self.chance.of_handling(contact, draws.PICKUP)[draws.PICKUP & 3]
        return self.whole(durations.remaining(pickup, self.desk.tables, age, u))

    def resume(self, contact: Contact, known: OpenContact) -> int:
        """Return how long a pending ticket still waits, and credit it with its work so far.

        Where every touch is on record the running stage began at the last; else only the first
        response is known, and the stages since then are drawn.

        Its row counts whole lives, as an export does, so handlings before the start are drawn by
        the same rule as those after it.
        """
        desk, age = self.desk, self.start - known.last_s
        category = desk.categories[contact.category]
        laws = category.reasons, category.reason_cuts, desk.tables
        paths = self.past[contact.case]
        if known.touched:
            rest, stages = rest_since_touch(*laws, age, (paths[0][2], paths[0][0]))
            done = contact.handlings
        else:
            rest, stages = rest_since_answer(*laws, category.again, age, paths)
            done = max(contact.handlings, len(stages))
        speed = desk.speed[contact.agent] if contact.agent >= 0 else 1.0
        for contact.handlings in range(1, done + 1):
            u = self.chance.of_handling(contact, draws.WORK)[0]
            contact.handle += rules.handling_time(
                category.handling, desk.tables, category.work[contact.tier], speed, u, desk.tick
            )
        contact.transfers = int(contact.team != category.team)
        seen = min(rest, float(self.setting.stop - self.start))
        contact.pending = self.whole(age + seen)
        theirs = sum(length for reason, length in stages if reason == category.customer_reason)
        if stages[-1][0] == category.customer_reason:
            theirs -= rest - seen
        contact.pending_customer = self.whole(theirs)
        return self.whole(rest)

    def paths(
        self, cases: NDArray[np.int64], stages: int = 24
    ) -> dict[int, list[tuple[float, float, float]]]:
        """Return draws for the pending stages that open tickets went through before the start."""
        every, stage = cases[:, None], np.arange(stages, dtype=np.int64)[None, :]
        key = (self.setting.seed, self.setting.replication, every, 0, stage)
        u = np.stack(draws.block(*key, draws.PENDING_BEFORE >> 2)[:3], axis=-1).tolist()
        return {
            case: [(a, b, c) for a, b, c in own]
            for case, own in zip(cases.tolist(), u, strict=True)
        }

    def contact(self, known: OpenContact, case: int, hidden: bool = False) -> Contact:
        """Return the row of a contact that history tells of."""
        desk, setting = self.desk, self.setting
        category = self.categories[known.category]
        channel = desk.channels.index(known.channel)
        contact = Contact(
            len(setting.contacts), case, case, 0, known.contact_no, known.opened_s, category,
            channel, desk.tiers.index(known.tier), desk.priorities.index(known.priority),
            desk.live[channel], desk.categories[category].team,
            customer_number(known.customer, desk.demand.customers),
            position(known.segment, desk.demand.segments),
            position(known.language, desk.languages),
        )  # fmt: skip
        contact.first_response = known.first_response_s
        contact.first_resolved = known.first_resolved_s
        if contact.first_resolved != contact.first_resolved:
            contact.first_resolved = known.resolved_s
        contact.handlings = _handled(known)
        if known.agent in self.agents:
            contact.own = contact.agent = self.agents[known.agent]
            if known.team is None and contact.team not in desk.serves[contact.own]:
                contact.team = contact.last_team = desk.agent_team[contact.own]
        if known.team in desk.teams:
            contact.team = contact.last_team = desk.teams.index(known.team)
        contact.hidden = int(hidden)
        setting.names[case] = known.ticket_id
        if not hidden:
            setting.known[contact.number] = known.ticket_id
        setting.contacts.append(contact)
        return contact

    def echoes(self, opening: Opening) -> None:
        """Let contacts resolved before the start come back; their draws are made all at once."""
        known = opening.resolved
        if not known:
            return
        case = np.arange(_RESOLVED, _RESOLVED + len(known), dtype=np.int64)
        no = np.array([k.contact_no for k in known], dtype=np.int64)
        handlings = np.array([_handled(k) for k in known], dtype=np.int64)
        key = (self.setting.seed, self.setting.replication, case, no)
        reopen = draws.block(*key, handlings, draws.REOPEN >> 2)
        repeat = draws.block(*key, 0, draws.PATIENCE >> 2)
        u = zip(*(w.tolist() for w in (*reopen, *repeat)), strict=True)
        highest: dict[tuple[str, str, str | None], tuple[float, float]] = {}
        for i, (contact, own) in enumerate(zip(known, u, strict=True)):
            kind = (contact.category, contact.tier, contact.agent)
            if kind not in highest:
                highest[kind] = self.highest(*kind)
            most = highest[kind]
            # most do not come back whatever their age is: nothing to compute for them
            perhaps = own[0] < most[0] or own[6] < most[1]
            if perhaps and self.start - contact.resolved_s < LOOK_BACK:
                category = self.desk.categories[self.categories[contact.category]]
                self.echo(contact, category, _RESOLVED + i, opening.hindsight, own)

    def odds(self, tier: str, agent: str | None) -> float:
        """Return the factor on the odds of coming back by tier, agent and behaviour."""
        odds = self.desk.tier_odds[self.tiers[tier]] * self.desk.behaviour.rush_odds
        return odds * self.desk.agent_odds[self.agents[agent]] if agent in self.agents else odds

    def highest(self, category: str, tier: str, agent: str | None) -> tuple[float, float]:
        """Return upper bounds of the chances in `echo` of being reopened, and of being repeated.

        They are those of a contact resolved just now: r / (r + (1 - r) (1 - p)) and p.
        """
        rates, odds = self.desk.categories[self.categories[category]], self.odds(tier, agent)
        r, p = rules.shifted(rates.reopen, odds), rules.shifted(rates.repeat, odds)
        silent = r + (1.0 - r) * (1.0 - p)
        # a hair more, so that rounding leaves nobody out
        return (r / silent if silent > 0.0 else 1.0) + 1e-9, p + 1e-9

    def echo(
        self,
        known: OpenContact,
        category: PlainCategory,
        case: int,
        hindsight: float,
        u: tuple[float, ...],
    ) -> None:
        """R7 for a contact resolved before the start: the chance left, the rest of the delay.

        With r = P(reopened), p = P(repeated | not reopened) and the distributions F and G of
        their delays, a contact silent for t is reopened later with probability
        r (1 - F(t)) / (r (1 - F(t)) + (1 - r) (1 - p G(t))); if it is not, it is repeated later
        with probability p (1 - G(t)) / (1 - p G(t)). A log that goes on for ``hindsight`` after
        the start tells of the reopens until then, so its resolved contacts are silent that much
        longer. Delays of the tier are the law's times a factor, so ages are divided by it.
        ``u``: the draws of the reopening, then of the repeat.
        """
        desk, tables = self.desk, self.desk.tables
        odds, factor = self.odds(known.tier, known.agent), desk.tier_delay[self.tiers[known.tier]]
        age = (self.start - known.resolved_s) / factor
        hindsight /= factor
        published = self.start if category.published < 0 else category.published
        repeat = rules.repeat_chance(
            category.repeat, category.knowledge, category.knowledge_time,
            known.resolved_s - published,
        )  # fmt: skip
        r, p = rules.shifted(category.reopen, odds), rules.shifted(repeat, odds)
        back = durations.elapsed_share(desk.repeat_after, tables, age)
        late = r * (1.0 - durations.elapsed_share(desk.reopen_after, tables, age + hindsight))
        silent = late + (1.0 - r) * (1.0 - p * back)
        if u[0] * silent < late:
            if _handled(known) >= desk.model.max_handlings:
                self.setting.capped += 1
                return
            rest = durations.remaining(desk.reopen_after, tables, age + hindsight, u[1])
            when = self.start + self.whole((hindsight + rest) * factor)
            if when < self.setting.stop:
                contact = self.contact(known, case)
                contact.resolved = known.resolved_s
                self.plan(when, events.REOPEN, contact)
        elif u[6] * (1.0 - p * back) < p * (1.0 - back):
            if known.contact_no >= desk.model.max_contacts:
                self.setting.capped += 1
                return
            rest = durations.remaining(desk.repeat_after, tables, age, u[7])
            contact = self.contact(known, case, hidden=True)
            self.plan(self.start + self.whole(rest * factor), events.REPEAT, contact)


def _handled(known: OpenContact) -> int:
    """Return how many handlings a contact had at least."""
    return max(known.handlings, int(not np.isnan(known.first_response_s)))
