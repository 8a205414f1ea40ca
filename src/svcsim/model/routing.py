"""Who takes what next: rules R1 to R3 as declarations."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from svcsim.errors import ProblemsError
from svcsim.model.quantity import Seconds
from svcsim.spec import Spec
from svcsim.units import format_duration


class Routing(Spec):
    """Which contact is taken next and by whom (rules R1 to R3).

    A free agent works through the queues of its teams in the order of `Agent.team` and
    `Agent.serves`, live contacts first; within them it takes the contact with the lowest urgency
    key. Among free agents with something to take the one with the highest claim is first.
    """

    live_first: bool = True
    """A free agent takes any live contact of a team before its tickets."""
    discipline: Literal["waited", "due"] = "waited"
    """R2: longest credited wait (``wait + credit[priority]``: first come first served, priorities
    with ageing, strict priorities) or earliest due (``due[priority]`` after the opening)."""
    credit: dict[str, Seconds] = {}
    """Priority -> seconds of wait that it starts with; priorities not listed start with 0. A
    credit longer than any wait makes priorities strict."""
    due: dict[str, Seconds] = {}
    """Priority -> time within which the first response is due; needed for ``discipline: due``."""
    sla_hours: dict[str, tuple[tuple[str, str], ...]] = {}
    """Weekday -> windows of local time in which the SLA clock runs; empty: it always runs. It rests
    on `ServiceModel.holidays`."""
    assign: Literal["longest_idle", "least_busy", "fewest_open"] = "longest_idle"
    """R3: longest idle (weighted by `Agent.take`), least busy in the running shift window, or
    fewest open contacts (agents with several slots)."""
    pooled: bool = False
    """R2: an agent compares the contacts of all its teams by urgency, instead of going through
    the teams in their order."""
    by_preference: bool = False
    """R3: agents for whom the contact comes earlier in their list of teams go first."""
    own_first: bool = True
    """A pending, reopened or repeated contact is kept for its agent for ``own_wait``."""
    own_wait: Seconds = 0.0
    own_customer: bool = False
    """A new case is kept for the agent who served that customer last, in the same way."""

    @model_validator(mode="after")
    def _complete(self) -> Routing:
        if self.discipline == "due" and not self.due:
            message = "discipline due needs due: for each priority the time to the first response"
            raise ValueError(message)
        times = {f"credit.{name}": value for name, value in self.credit.items()}
        times |= {f"due.{name}": value for name, value in self.due.items()}
        problems = [
            f"{path}: {format_duration(value, 6)} is negative; expected 0 or more"
            for path, value in (times | {"own_wait": self.own_wait}).items()
            if value < 0
        ]
        if problems:
            raise ProblemsError(problems)
        return self
