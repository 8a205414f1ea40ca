"""What a handling leads to, over arrays: R5 and R7, surveys and other outcomes."""

from __future__ import annotations

from svcsim.engine import draws, events, outcomes, rules
from svcsim.engine.kernel.contacts import come_again, join_queue, plan
from svcsim.engine.kernel.drawn import lasting, law_at, of_contact, of_handling
from svcsim.engine.kernel.lists import NONE
from svcsim.engine.kernel.state import State
from svcsim.engine.rows import NEVER


def after_handling(s: State, who: int, number: int) -> None:
    """R5: replied, transferred, handed on, pending or resolved."""
    clock, row, c = s.clock[0], s.rows[number], s.scratch[number]
    category = s.categories[row.category]
    if row.live == 0 and row.first_response == NEVER:
        row.first_response = clock.now
    if c.replying == 1:
        c.replying = 0
        c.own = who
        join_queue(s, number)
        return
    more = row.handlings < clock.max_handlings
    again, onward = category.again, category.onward
    transfer = rules.shifted(category.transfer, s.tier_transfers[row.tier])
    u = (0.5, 0.5, 0.5, 0.5)
    if transfer > 0.0 or onward > 0.0 or again > 0.0:
        u = of_handling(s, number, draws.WORK)
    first = row.handlings - c.replies == 1
    outcome = rules.after_handling(row.live == 1, first, transfer, onward, again, u[3], u[1])
    if not more and (outcome == rules.HANDED_ON or outcome == rules.PENDING_AGAIN):
        clock.capped += 1
        outcome = rules.RESOLVED
    if outcome == rules.RESOLVED:
        resolve(s, who, number)
    elif outcome == rules.PENDING_AGAIN:
        wait_for_others(s, who, number, u[2])
    else:
        row.transfers += 1
        c.own = NONE
        if outcome == rules.TRANSFERRED:
            c.team = category.transfer_to
        join_queue(s, number)


def wait_for_others(s: State, who: int, number: int, u_time: float) -> None:
    """R5: pending for a reason; R9: or closed all the same, to be reopened then."""
    clock, row, c = s.clock[0], s.rows[number], s.scratch[number]
    category = s.categories[row.category]
    reason = 0
    if category.cut_first < category.cut_last:
        u = of_handling(s, number, draws.REASON)[draws.REASON & 3]
        reason = rules.reason(s.cuts, category.cut_first, category.cut_last, u)
    wait = lasting(s, category.reason_law + reason, u_time)
    c.own = who
    if clock.premature > 0.0:
        u = of_handling(s, number, draws.PREMATURE)[draws.PREMATURE & 3]
        if outcomes.closes_early(clock.premature, u):
            resolved_now(s, number)
            plan(s, clock.now + wait, events.REOPEN, number)
            return
    seen = min(wait, clock.stop - clock.now)
    row.pending += seen
    if reason == category.customer_reason:
        row.pending_customer += seen
    plan(s, clock.now + wait, events.JOIN, number)


def resolved_now(s: State, number: int) -> None:
    """Write down a resolution."""
    row = s.rows[number]
    row.resolved = s.clock[0].now
    if row.first_resolved == NEVER:
        row.first_resolved = row.resolved


def resolve(s: State, who: int, number: int) -> None:
    """R7: resolved, and perhaps reopened, found wanting or repeated later."""
    clock, row, c = s.clock[0], s.rows[number], s.scratch[number]
    category, agent = s.categories[row.category], s.agents[who]
    resolved_now(s, number)
    c.own = who
    if row.customer >= 0:
        s.served_by[row.customer] = who
    odds = s.tier_odds[row.tier] * clock.rush_odds * agent.odds
    more = row.handlings < clock.max_handlings
    if category.reopen > 0.0:
        u = of_handling(s, number, draws.REOPEN)
        if rules.comes_back(category.reopen, odds, u[0]):
            if more:
                delay = delay_of(s, clock.reopen_after, number, u[1])
                plan(s, clock.now + delay, events.REOPEN, number)
                return
            clock.capped += 1
    if category.rework > 0.0:
        u = of_handling(s, number, draws.REWORK)
        if rules.found_wanting(category.rework, u[0]):
            if more:
                c.rework_due = 1
                plan(s, clock.now + lasting(s, clock.rework_after, u[1]), events.REOPEN, number)
                return
            clock.capped += 1
    back = row.reopens > 0 or c.earlier > 0
    hours = max(float(row.first_response - row.opened), 0.0) / 3600.0
    if clock.survey == 1:
        survey(s, number, agent.quality, hours, back)
    if clock.outcomes == 1 and consequences(s, number, agent.quality, hours, back):
        return
    if category.repeats > 0.0:
        chance = rules.repeat_chance(
            category.repeats, category.knowledge, category.knowledge_time,
            float(clock.now - category.published),
        )  # fmt: skip
        u = of_contact(s, number, draws.REPEAT)
        if rules.comes_back(chance, odds, u[draws.REPEAT & 3]):
            delay = delay_of(s, clock.repeat_after, number, u[draws.REPEAT_AFTER & 3])
            come_again(s, number, delay)


def delay_of(s: State, law: int, number: int, u: float) -> int:
    """R7: how long until the customer is back."""
    factor = s.tier_delay[s.rows[number].tier]
    return rules.return_delay(law_at(s.laws, law), s.tables, u, factor, s.clock[0].tick)


def survey(s: State, number: int, quality: float, hours: float, back: bool) -> None:
    """Ask, perhaps get an answer, at the latest resolution."""
    clock, row = s.clock[0], s.rows[number]
    u = of_contact(s, number, draws.ASKED)
    minutes = row.handle / 60.0
    effect = outcomes.survey_effect(
        clock.survey_wait, clock.survey_work, clock.survey_returned, clock.survey_quality,
        hours, minutes, back, quality,
    )  # fmt: skip
    row.survey_sent = 1 if outcomes.asked(clock.asked, clock.steering, effect, u[0]) else 0
    willing = outcomes.survey_effect(
        clock.answer_wait, clock.answer_work, clock.answer_returned, clock.answer_quality,
        hours, minutes, back, quality,
    )  # fmt: skip
    if row.survey_sent == 1 and outcomes.answers(clock.answered, willing, u[1]):
        when = clock.now + lasting(s, clock.survey_delay, u[3])
        if when < clock.stop:
            row.survey = when
            row.score = clock.survey_lowest + outcomes.survey_score(
                s.cumulative, clock.survey_steps, effect, u[2]
            )


def consequences(s: State, number: int, quality: float, hours: float, back: bool) -> bool:
    """Complaint, quality check, churn; whether the customer is gone for good."""
    clock, row = s.clock[0], s.rows[number]
    u = of_contact(s, number, draws.COMPLAINT)
    complained = outcomes.complains(
        clock.complaint, clock.complaint_wait, clock.complaint_returned, hours, back, quality, u[0]
    )
    row.complaint = 1 if complained else 0
    if u[2] < clock.sample:
        row.checked = outcomes.checked_score(
            clock.check_mean, clock.check_sd, clock.check_quality, quality, u[3]
        )
    gone = outcomes.churns(
        clock.churn,
        clock.churn_complaint,
        clock.churn_repeat,
        complained,
        s.scratch[number].earlier,
        u[1],
    )
    row.churned = 1 if gone else 0
    return gone
