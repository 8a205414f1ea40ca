"""What becomes of contacts: returns, surveys, complaints, churn, quality checks, costs."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, FiniteFloat, model_validator

from svcsim.model.duration import Duration
from svcsim.model.quantity import Effect, Factor, Share, Time
from svcsim.spec import Spec


class Returns(Spec):
    """When customers come back after a resolution, and after leaving the queue."""

    reopen_after: Duration = Duration(law="exponential", mean=Time(value=86400.0))
    repeat_after: Duration = Duration(law="exponential", mean=Time(value=259200.0))
    redial: Share = Share(value=0.0)
    """Probability that a live customer who left the queue tries again (a new contact)."""
    redial_after: Duration = Duration(law="exponential", mean=Time(value=600.0))
    rework_after: Duration = Duration(law="exponential", mean=Time(value=86400.0))


class Survey(Spec):
    """Satisfaction: asked, answered, and the score given an answer.

    ``scores`` are the shares of the scores for a contact with no wait, no return and average
    quality, five on the 1-5 scale (``csat``) or eleven on the 0-10 scale (``nps``); effects shift
    the logit of every "at least k" alike (proportional odds). ``answered`` is the share of such
    contacts that answer when asked; ``answer_..._effect`` shifts its logit.
    """

    asked: Share
    answered: Share
    scores: tuple[FiniteFloat, ...]
    kind: Literal["csat", "nps"] = "csat"
    wait_effect: Effect = Effect(value=0.0)
    """Per unit of log(1 + hours to first response)."""
    return_effect: Effect = Effect(value=0.0)
    """When the ticket was reopened or is a repeat contact."""
    quality_effect: Effect = Effect(value=0.0)
    """Per unit of agent quality."""
    work_effect: Effect = Effect(value=0.0)
    """Per unit of log(1 + minutes of handling)."""
    answer_wait_effect: Effect = Effect(value=0.0)
    answer_work_effect: Effect = Effect(value=0.0)
    answer_return_effect: Effect = Effect(value=0.0)
    answer_quality_effect: Effect = Effect(value=0.0)
    delay: Duration = Duration(law="exponential", mean=Time(value=43200.0))

    @model_validator(mode="after")
    def _shares(self) -> Self:
        expected = 5 if self.kind == "csat" else 11
        if len(self.scores) != expected:
            message = f"{len(self.scores)} scores; {self.kind} needs {expected} shares"
            raise ValueError(message)
        if min(self.scores) < 0 or abs(sum(self.scores) - 1.0) > 0.005:
            word = {5: "five", 11: "eleven"}[expected]
            message = f"scores add up to {sum(self.scores):.4g}; {word} shares must add up to 1"
            raise ValueError(message)
        return self


class Complaint(Spec):
    """A customer complains after a resolution; effects are added to the logit of ``share``."""

    share: Share
    wait_effect: Effect = Effect(value=0.0)
    """Per unit of log(1 + hours to first response)."""
    return_effect: Effect = Effect(value=0.0)
    """When the ticket was reopened or is a repeat contact."""


class Churn(Spec):
    """A customer leaves for good after a resolution; effects are added to the logit."""

    share: Share
    complaint_effect: Effect = Effect(value=0.0)
    repeat_effect: Effect = Effect(value=0.0)
    """Per earlier contact of the case."""


class QualityCheck(Spec):
    """A sample of resolved contacts is scored 0-100: normal around mean + effect x quality."""

    sample: Share
    mean: Effect = Effect(value=85.0)
    sd: Factor = Factor(value=8.0)
    quality_effect: Effect = Effect(value=5.0)


class Knowledge(Spec):
    """Articles lower the repeat rate: by up to ``effect``, found by readers over ``time``."""

    effect: Share
    time: Time = Time(value=8 * 7 * 86400.0)
    published: str | None = None
    """Local date (ISO) of publication; absent: the first simulated day."""


class Cost(Spec):
    """What work costs, in one currency: per staffed hour, contact, minute worked and waited."""

    currency: str = Field(default="", max_length=8)
    per_hour: Factor = Factor(value=0.0)
    """Per staffed hour of an agent."""
    per_contact: Factor = Factor(value=0.0)
    per_minute: Factor = Factor(value=0.0)
    """Per minute of handling."""
    per_waiting_minute: Factor = Factor(value=0.0)
    """Per minute that a customer waits for the first response."""
