"""What moves a roster, in plain numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from svcsim.engine import durations
from svcsim.model.duration import Duration
from svcsim.model.service import ServiceModel

Value = Callable[[str], float]
LawOf = Callable[[Duration, str], durations.Law]


@dataclass(frozen=True)
class PlainPeople:
    """Attrition, absence and learning; rates of 0 where nothing is declared."""

    leaving: float
    """Share of agents who leave in a year."""
    replaced_after: durations.Law | None
    spells: float
    """Spells of absence of an agent that begin in a year."""
    spell_days: float
    start: float
    """Share of the own speed on the first day."""
    learning_s: float
    """Time constant of learning in seconds; 0: at full speed at once."""


def plain_people(model: ServiceModel, get: Value, law: LawOf) -> PlainPeople:
    """Return the numbers of a roster's changes; ``get`` gives the value of a path."""
    staffing = model.staffing
    leave, absence = staffing.attrition, staffing.absence
    after = None if leave is None else leave.replaced_after
    learning = staffing.learning is not None
    return PlainPeople(
        leaving=0.0 if leave is None else get("staffing.attrition.per_year"),
        replaced_after=(None if after is None else law(after, "staffing.attrition.replaced_after")),
        spells=0.0 if absence is None else get("staffing.absence.per_year"),
        spell_days=1.0 if absence is None else get("staffing.absence.days"),
        start=get("staffing.learning.start") if learning else 1.0,
        learning_s=get("staffing.learning.time") if learning else 0.0,
    )
