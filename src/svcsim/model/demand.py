"""What comes in: new cases by hour of week with over-dispersed days, categories, difficulty."""

from __future__ import annotations

from typing import Literal

from pydantic import FiniteFloat, field_validator, model_validator

from svcsim.calendar.days import WEEKDAYS
from svcsim.model.duration import Duration, Patience
from svcsim.model.handling import Help, Hold, Pending
from svcsim.model.outcome import Knowledge
from svcsim.model.quantity import Effect, Factor, Fraction, Rate, Share, Time
from svcsim.spec import Spec
from svcsim.units import format_share


class Arrivals(Spec):
    """New cases: Poisson given the day.

    Rate of a category in an hour = level x share of the hour x share of the category x trend x
    campaigns x day factor x factor of a holiday or special day. The day factor has mean 1 and
    coefficient of variation ``day_cv``; its correlation from one day to the next is ``day_ar`` (a
    Gaussian AR(1) mapped to the quantiles of ``day_law``).
    """

    level: Rate
    """Expected new cases in a week without holidays."""
    profile: dict[str, tuple[FiniteFloat, ...]]
    """Weekday -> 24 shares by local hour; all 168 add up to 1."""
    day_cv: Factor = Factor(value=0.0)
    day_ar: Effect = Effect(value=0.0)
    day_law: Literal["gamma", "lognormal"] = "gamma"
    """Law of the day factor."""
    holiday: Factor = Factor(value=1.0)
    """Factor on days listed in `ServiceModel.holidays` that are not of a kind of their own."""
    special: dict[str, Factor] = {}
    """Kind of special day (a holiday, the day before one, ...) -> factor; which days they are
    stands in `ServiceModel.special_days`."""
    trend: Effect | None = None
    """Growth a week on the log scale: after w weeks of the simulated span demand is exp(trend x w)
    times the level, by whole days (0.01 = about 1 % more each week); absent: none."""

    @field_validator("profile")
    @classmethod
    def _week(cls, profile: dict[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
        return week_shares(profile)


def week_shares(profile: dict[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
    """Return an hour-of-week profile scaled to add up to 1; a ValueError where it cannot be."""
    if set(profile) != set(WEEKDAYS) or any(len(day) != 24 for day in profile.values()):
        message = f"profile needs 24 shares for each of {', '.join(WEEKDAYS)}"
        raise ValueError(message)
    total = sum(sum(day) for day in profile.values())
    if min(min(day) for day in profile.values()) < 0 or total <= 0:
        message = "shares of the profile must not be negative, nor all zero"
        raise ValueError(message)
    if abs(total - 1.0) < 1e-5:
        total = 1.0  # already shares, rounded: reading what was written changes nothing
    return {day: tuple(x / total for x in profile[day]) for day in WEEKDAYS}


class Difficulty(Spec):
    """One tier of difficulty; odds of coming back are multiplied by ``returns``."""

    work: Factor = Factor(value=1.0)
    """Handling time relative to the category's mean over all tiers."""
    returns: Factor = Factor(value=1.0)
    """Odds of a reopen or repeat contact relative to the category's own."""
    return_delay: Factor = Factor(value=1.0)
    """Delay of a reopen or repeat contact relative to that of `ServiceModel.returns`."""
    transfers: Factor = Factor(value=1.0)
    """Odds of a transfer or escalation relative to the category's own."""


class Channel(Spec):
    """A way in: ``live`` (served at once or waiting, may abandon) or ``ticket`` (asynchronous)."""

    mode: Literal["live", "ticket"]
    patience: Patience | None = None
    auto_reply: Time | None = None
    """Time after which a machine confirms the receipt; it is not a response."""


class Category(Spec):
    """What a case is about and what becomes of it."""

    share: Share
    """Share of new cases."""
    team: str
    """Team that sees it first."""
    channels: dict[str, Fraction]
    """Share of each channel; they add up to 1."""
    difficulty: dict[str, Fraction]
    """Share of each tier of `ServiceModel.difficulty`; they add up to 1."""
    priorities: dict[str, Fraction] = {"normal": 1.0}
    profile: dict[str, tuple[FiniteFloat, ...]] | None = None
    """Own hour-of-week profile (shape as `Arrivals.profile`); absent: that of all arrivals."""
    pickup: Duration | None = None
    """Elapsed time from the opening until a ticket is up for work at all (triage, finding the
    right group). Absent: it joins the queue at once."""
    handling: Duration
    """Working time of one handling (talk or typing, and recorded after-contact work that is not
    declared as ``wrap_up``). Holds, help and wrap-up come on top of it."""
    again: Share = Share(value=0.0)
    """Probability that a handling leaves the ticket pending, to be taken up again later."""
    pending: Duration | None = None
    """Elapsed time (clock time) that a pending ticket waits for others."""
    transfer: Share = Share(value=0.0)
    """Probability that the first handling ends in a transfer to ``transfer_to``."""
    transfer_to: str | None = None
    onward: Share = Share(value=0.0)
    """Probability that a handling hands the contact on within its team: it queues again at once,
    for anybody."""
    reopen: Share = Share(value=0.0)
    """Probability that a resolved ticket is reopened (a fresh chance at each resolution)."""
    repeat: Share = Share(value=0.0)
    """Probability that a resolved contact is followed by a new one about the same problem."""
    first_reply: Duration | None = None
    """Working time of a short first answer, after which the ticket queues for its handling; with
    it the first response is the end of this step."""
    wrap_up: Duration | None = None
    """After-contact work: the contact has ended, the agent is still busy; part of the recorded
    handling time. For several live contacts at once it keeps its slot (the contact lasts that much
    longer)."""
    hold: Hold | None = None
    help: Help | None = None
    pending_by: dict[str, Pending] = {}
    """Reason (``customer``, ``vendor``, ``team`` ...) -> its share and time, instead of one
    ``pending`` for all."""
    rework: Share = Share(value=0.0)
    """Probability that a resolution is found wanting and the ticket worked on once more."""
    knowledge: Knowledge | None = None

    def contacts_per_case(self) -> float:
        """Return the expected contacts of a case: repeats are geometric."""
        return 1.0 / max(1.0 - self.repeat.value, 0.05)

    @field_validator("profile")
    @classmethod
    def _week(
        cls, profile: dict[str, tuple[float, ...]] | None
    ) -> dict[str, tuple[float, ...]] | None:
        return None if profile is None else week_shares(profile)

    @model_validator(mode="after")
    def _whole(self) -> Category:
        for name in ("channels", "difficulty", "priorities"):
            total = sum(getattr(self, name).values())
            if abs(total - 1.0) > 0.005:
                message = (
                    f"shares of {name} add up to {format_share(total)}; they must add up to 100%"
                )
                raise ValueError(message)
        if self.onward.value >= 1:
            message = "onward is 100%: a contact would never be resolved; write less than 100%"
            raise ValueError(message)
        if self.again.value >= 1:
            message = "again is 100%: a ticket would never be resolved; write less than 100%"
            raise ValueError(message)
        total = sum(reason.share for reason in self.pending_by.values())
        if self.pending_by and abs(total - 1.0) > 0.005:
            message = (
                f"shares of pending_by add up to {format_share(total)}; they must add up to 100%"
            )
            raise ValueError(message)
        if self.rework.value >= 1:
            message = "rework is 100%: a contact would never be resolved; write less than 100%"
            raise ValueError(message)
        if self.again.value > 0 and self.pending is None and not self.pending_by:
            message = "again is above 0%, so pending (how long the ticket waits) is needed"
            raise ValueError(message)
        if self.transfer.value > 0 and self.transfer_to is None:
            message = "transfer is above 0%, so transfer_to (a team) is needed"
            raise ValueError(message)
        return self
