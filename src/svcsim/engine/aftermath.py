"""What a handling leads to, for the SimPy clock: R5 and R7, surveys and other outcomes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from svcsim.engine import draws, durations, events, joins, outcomes, rules
from svcsim.engine.rows import Contact

if TYPE_CHECKING:
    from svcsim.engine.simpy_clock import SimpyClock


class Aftermath:
    """Decides what becomes of contacts and tells the clock when they come back."""

    def __init__(self, clock: SimpyClock) -> None:
        self.clock, self.desk, self.chance = clock, clock.desk, clock.chance
        self.served_by: dict[int, int] = {}
        """Customer -> agent who resolved a contact of theirs last."""

    def of_handling(self, who: int, contact: Contact) -> None:
        """R5: replied, transferred, handed on, pending or resolved."""
        now, desk = self.clock.now, self.desk
        category = desk.categories[contact.category]
        if not contact.live and contact.first_response != contact.first_response:
            contact.first_response = now
        if contact.replying:
            contact.replying = False
            contact.own = who
            self.clock.join_queue(contact, joins.REPLIED)
            return
        first = contact.handlings - contact.replies == 1
        more = contact.handlings < desk.model.max_handlings
        transfer = rules.shifted(category.transfer, desk.tier_transfers[contact.tier])
        u = contact.chance
        outcome = rules.after_handling(
            contact.live, first, transfer, category.onward, category.again, u[3], u[1]
        )
        if not more and outcome in (rules.HANDED_ON, rules.PENDING_AGAIN):
            self.clock.record.capped += 1
            outcome = rules.RESOLVED
        if outcome == rules.RESOLVED:
            self.resolve(who, contact)
        elif outcome == rules.PENDING_AGAIN:
            self.wait_for_others(who, contact, u[2])
        else:
            contact.transfers += 1
            contact.own = -1
            why = joins.HANDED_ON
            if outcome == rules.TRANSFERRED:
                contact.team, why = category.transfer_to, joins.TRANSFERRED
            self.clock.join_queue(contact, why)

    def wait_for_others(self, who: int, contact: Contact, u_time: float) -> None:
        """R5: pending for a reason; R9: or closed all the same, to be reopened then."""
        category, behaviour = self.desk.categories[contact.category], self.desk.behaviour
        reason = 0
        if category.reason_cuts:
            u = self.chance.of_handling(contact, draws.REASON)[draws.REASON & 3]
            reason = rules.reason(category.reason_cuts, 0, len(category.reason_cuts), u)
        wait = self.clock.lasting(category.reasons[reason], u_time)
        contact.own = who
        if behaviour.premature > 0:
            u = self.chance.of_handling(contact, draws.PREMATURE)[draws.PREMATURE & 3]
            if outcomes.closes_early(behaviour.premature, u):
                self._resolved_now(contact)
                self._reopen_after(contact, wait)
                return
        seen = min(wait, self.clock.stop - self.clock.now)
        contact.pending += seen
        if reason == category.customer_reason:
            contact.pending_customer += seen
        self.clock.join_later(contact, wait)

    def _resolved_now(self, contact: Contact) -> None:
        contact.resolved = self.clock.now
        if contact.first_resolved != contact.first_resolved:
            contact.first_resolved = self.clock.now

    def _reopen_after(self, contact: Contact, delay: int) -> None:
        when = self.clock.now + delay
        self.clock.at(when, events.REOPEN, contact.number, partial(self.clock.reopen, contact))

    def resolve(self, who: int, contact: Contact) -> None:
        """R7: resolved, and perhaps reopened, found wanting or repeated later."""
        desk, clock = self.desk, self.clock
        category, quality = desk.categories[contact.category], desk.quality[who]
        self._resolved_now(contact)
        contact.own = who
        if contact.customer >= 0:
            self.served_by[contact.customer] = who
        odds = desk.tier_odds[contact.tier] * desk.behaviour.rush_odds * desk.agent_odds[who]
        if self._reopened(contact, category.reopen, odds):
            return
        if self._found_wanting(contact, category.rework):
            return
        back = contact.reopens > 0 or contact.earlier > 0
        hours = max(contact.first_response - contact.opened, 0.0) / 3600.0
        self.survey(contact, quality, hours, back)
        if desk.outcomes.any and self.consequences(contact, quality, hours, back):
            return  # gone for good
        if category.repeat <= 0:
            return
        published = clock.start if category.published < 0 else category.published
        repeat = rules.repeat_chance(
            category.repeat, category.knowledge, category.knowledge_time,
            float(clock.now - published),
        )  # fmt: skip
        u = self.chance.of_contact(contact, draws.REPEAT)
        if rules.comes_back(repeat, odds, u[draws.REPEAT & 3]):
            delay = self._delay(desk.repeat_after, contact, u[draws.REPEAT_AFTER & 3])
            self.come_again(contact, delay)

    def _reopened(self, contact: Contact, chance: float, odds: float) -> bool:
        """R7: whether the contact will be reopened; one worked on too often is cut off."""
        if chance <= 0:
            return False
        u = self.chance.of_handling(contact, draws.REOPEN)
        if not rules.comes_back(chance, odds, u[0]):
            return False
        if contact.handlings >= self.desk.model.max_handlings:
            self.clock.record.capped += 1
            return False
        self._reopen_after(contact, self._delay(self.desk.reopen_after, contact, u[1]))
        return True

    def _delay(self, law: durations.Law, contact: Contact, u: float) -> int:
        """R7: how long until the customer is back."""
        desk = self.desk
        return rules.return_delay(law, desk.tables, u, desk.tier_delay[contact.tier], desk.tick)

    def _found_wanting(self, contact: Contact, chance: float) -> bool:
        """R7: whether the contact is worked on once more."""
        if chance <= 0:
            return False
        u = self.chance.of_handling(contact, draws.REWORK)
        if not rules.found_wanting(chance, u[0]):
            return False
        if contact.handlings >= self.desk.model.max_handlings:
            self.clock.record.capped += 1
            return False
        contact.rework_due = 1
        self._reopen_after(contact, self.clock.lasting(self.desk.rework_after, u[1]))
        return True

    def come_again(self, contact: Contact, delay: int) -> None:
        """R7: plan the next contact of a case."""
        clock = self.clock
        if contact.no >= self.desk.model.max_contacts:
            clock.record.capped += 1
            return
        again = partial(clock.repeat, contact)
        clock.at(clock.now + delay, events.REPEAT, contact.number, again)

    def survey(self, contact: Contact, quality: float, hours: float, back: bool) -> None:
        """Ask, perhaps get an answer, at the latest resolution."""
        survey = self.desk.survey
        if survey is None:
            return
        u = self.chance.of_contact(contact, draws.ASKED)
        minutes = contact.handle / 60.0
        effect = outcomes.survey_effect(*survey.score, hours, minutes, back, quality)
        asked = outcomes.asked(survey.asked, self.desk.behaviour.steering, effect, u[0])
        contact.survey_sent = 1.0 if asked else 0.0
        willing = outcomes.survey_effect(*survey.answer, hours, minutes, back, quality)
        if asked and outcomes.answers(survey.answered, willing, u[1]):
            when = self.clock.now + self.clock.lasting(survey.delay, u[3])
            if when < self.clock.stop:
                contact.survey = when
                steps = outcomes.survey_score(
                    survey.cumulative, len(survey.cumulative), effect, u[2]
                )
                contact.score = survey.lowest + steps

    def consequences(self, contact: Contact, quality: float, hours: float, back: bool) -> bool:
        """Complaint, quality check, churn; whether the customer is gone for good."""
        o = self.desk.outcomes
        u = self.chance.of_contact(contact, draws.COMPLAINT)
        complained = outcomes.complains(
            o.complaint, o.complaint_wait, o.complaint_returned, hours, back, quality, u[0]
        )
        contact.complaint = 1.0 if complained else 0.0
        if u[2] < o.sample:
            contact.checked = outcomes.checked_score(
                o.check_mean, o.check_sd, o.check_quality, quality, u[3]
            )
        gone = outcomes.churns(
            o.churn, o.churn_complaint, o.churn_repeat, complained, contact.earlier, u[1]
        )
        contact.churned = 1.0 if gone else 0.0
        return gone
