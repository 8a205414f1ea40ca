"""How a contact is worked on, beyond the length of a handling."""

from __future__ import annotations

from pydantic import model_validator

from svcsim.model.duration import Duration
from svcsim.model.quantity import Factor, Fraction, Share
from svcsim.spec import Spec


class Hold(Spec):
    """A live customer or a ticket's agent is put on hold during a handling."""

    share: Share
    """Probability that a handling has a hold."""
    time: Duration
    """Its length; it is part of the handling time."""


class Help(Spec):
    """Another department is asked during a handling.

    With ``team``, the agent of that team who is free and has the highest claim is held for
    ``time`` too; where nobody is free, and without ``team``, the department answers after
    ``time`` without holding anybody here. Either way the handling lasts that much longer.
    """

    share: Share
    time: Duration
    team: str | None = None


class Pending(Spec):
    """One reason for which a ticket waits for others."""

    share: Fraction
    """Share of pending stages that have this reason; all add up to 1."""
    time: Duration


class Chats(Spec):
    """Several live contacts at once: each of ``k`` goes ``1 / (1 + slowdown (k - 1))`` as fast.

    Wrap-up belongs to the slot: such a contact ends when its wrap-up does.
    """

    slowdown: Factor = Factor(value=0.0)


class Fatigue(Spec):
    """Handling gets slower the busier an agent was in the running shift window.

    ``1 + effect x (busy share - threshold)`` above the threshold.
    """

    effect: Factor
    threshold: Fraction = 0.8


class Behaviour(Spec):
    """What agents may do when a number decides about them (R9); all off unless stated.

    Every value here is an assumption: a history does not tell it. A share is the share of
    handlings (or, for cherry-picking, of agents) that it concerns.
    """

    cherry_picking: Share = Share(value=0.0)
    """Share of agents who take the easiest of the first ``cherry_window`` waiting contacts."""
    cherry_window: int = 5
    rush: Share = Share(value=0.0)
    """Handling is shortened by this share ..."""
    rush_returns: Factor = Factor(value=1.0)
    """... and the odds of coming back are multiplied by this."""
    empty_reply: Share = Share(value=0.0)
    """Share of tickets first answered by an empty reply, only to stop the clock."""
    empty_reply_time: Duration | None = None
    premature_close: Share = Share(value=0.0)
    """Share of pending stages in which the ticket is closed instead; it is reopened after."""
    survey_steering: Share = Share(value=0.0)
    """Share of unhappy customers (expected score below the reference) who are not asked."""

    @model_validator(mode="after")
    def _complete(self) -> Behaviour:
        if self.empty_reply.value > 0 and self.empty_reply_time is None:
            message = "empty_reply is above 0%, so empty_reply_time (how long it takes) is needed"
            raise ValueError(message)
        if self.cherry_window < 1:
            message = f"cherry_window is {self.cherry_window}; expected 1 or more contacts"
            raise ValueError(message)
        if self.rush.value >= 1:
            message = "rush is 100%: a handling would take no time; write less than 100%"
            raise ValueError(message)
        return self
