"""What becomes of a contact: surveys, complaints, churn, quality checks, and R9.

Plain functions of scalars like those of `rules`; both clocks call them.
"""

from __future__ import annotations

import math

from svcsim.engine.draws import normal
from svcsim.engine.durations import Numbers
from svcsim.engine.rules import shifted


def survey_effect(wait: float, work: float, returned: float, quality: float,
                  hours: float, minutes: float, back: bool, agent: float) -> float:  # fmt: skip
    """Return a shift of logits, of the score of a survey or of the odds that it is answered.

    wait x log(1 + hours to first response) + work x log(1 + minutes of handling) + returned (when
    the contact was reopened or is a repeat) + quality x quality of the agent.
    """
    moved = wait * math.log1p(hours) + work * math.log1p(minutes)
    return moved + (returned if back else 0.0) + quality * agent


def survey_score(cumulative: Numbers, most: int, effect: float, u: float) -> int:
    """Return how many steps above the lowest a score is, by proportional odds.

    ``cumulative[k]``, k < ``most``, is the reference P(score > lowest + k); ``effect`` is added
    to the logit of each. On the 1-5 scale the score is 1 more than this, on 0-10 it is this.
    """
    odds = math.exp(effect)
    steps = 0
    for k in range(most):
        if u < shifted(cumulative[k], odds):
            steps += 1
        else:
            break
    return steps


def asked(share: float, steering: float, effect: float, u: float) -> bool:
    """R9: a survey is sent with probability ``share``; steering withholds it from the unhappy.

    With ``steering`` s, contacts whose expected satisfaction is below the reference (effect < 0)
    are asked ``1 - s`` times as often.
    """
    return u < (share * (1.0 - steering) if effect < 0.0 else share)


def answers(share: float, effect: float, u: float) -> bool:
    """Return whether a customer who was asked answers: logit = logit(share) + effect."""
    return u < (share if effect == 0.0 else shifted(share, math.exp(effect)))


def complains(share: float, per_hour: float, returned: float, hours: float, back: bool,
              quality: float, u: float) -> bool:  # fmt: skip
    """Return whether the customer complains.

    logit = logit(share) + per_hour x log(1 + hours to first response) + returned (when the
    contact was reopened or is a repeat) - quality of the agent.
    """
    effect = per_hour * math.log1p(hours) + (returned if back else 0.0) - quality
    return u < shifted(share, math.exp(effect))


def churns(share: float, complaint: float, repeat: float, complained: bool, earlier: int, u: float
           ) -> bool:  # fmt: skip
    """Return whether the customer leaves for good after this contact.

    logit = logit(share) + complaint (when the customer complained) + repeat x earlier contacts of
    the case in which somebody was served.
    """
    effect = (complaint if complained else 0.0) + repeat * earlier
    return u < shifted(share, math.exp(effect))


def checked_score(mean: float, sd: float, effect: float, quality: float, u: float) -> float:
    """Return a quality check's score: normal around mean + effect x quality, cut to 0..100."""
    return min(max(mean + effect * quality + sd * normal(u), 0.0), 100.0)


def rushed(rush: float) -> float:
    """R9: factor on a handling when agents hurry: ``1 - rush``."""
    return 1.0 - rush


def closes_early(share: float, u: float) -> bool:
    """R9: a ticket that should wait for others is closed instead (and will be reopened)."""
    return u < share


def contact_cost(
    per_contact: float, per_minute: float, per_waiting_minute: float, handle: float, wait: float
) -> float:
    """Return what a contact cost: each, per minute of handling and per minute of waiting."""
    return per_contact + per_minute * handle / 60.0 + per_waiting_minute * wait / 60.0
