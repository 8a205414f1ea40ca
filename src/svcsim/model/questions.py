"""What a baseline would be better for knowing, what stood in for it, and who did not answer."""

from __future__ import annotations

from typing import Literal

from svcsim.model.quantity import Grade
from svcsim.spec import Spec
from svcsim.text import Text


class Rung(Spec):
    """One thing a history should hold: whether it does, and what is done without it."""

    name: str
    """events, first_response, agent, category, hours, customer, survey_sent or weeks."""
    what: Text
    present: bool
    fallback: Text
    """What is used: the thing itself, or what stands in for it."""
    grade: Grade
    effect: Text
    """What the fallback does to the outputs; empty where the thing is present."""


class Question(Spec):
    """One answer a planner could give, and what it would change."""

    name: str
    """roster, aht, shrinkage, calendar, customer, survey_sent or history."""
    ask: Text
    why: Text
    how: Text
    """The option or column that takes the answer."""
    effect: Text
    """What it would change, and by about how much."""
    size: float
    """Half-width of the 90 % interval that is due to not knowing it, relative to the KPI."""


class Satisfaction(Spec):
    """Satisfaction of everybody served, estimated from those who answered."""

    kind: Literal["csat_top2", "nps"]
    """Share of answers 4 and 5, or promoters less detractors (both as fractions)."""
    answers: int
    contacts: int
    """Resolved contacts that the estimate is about."""
    naive: float
    """As answered."""
    value: float
    """Corrected to all contacts."""
    interval: tuple[float, float]
    """90 % interval; it takes for granted that those who did not answer are alike."""
    method: Literal["g-formula", "AIPW"]
    sensitivity: dict[str, float]
    """Odds of the score among those who did not answer, relative to equal ones that did -> value
    of everybody: what no history can tell."""
