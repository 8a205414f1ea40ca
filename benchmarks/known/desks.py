"""Desks with a known answer, in the fewest words.

Service takes an hour on average unless said otherwise: a clock of whole seconds then does not
matter, and every queue is the same one with time scaled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from svcsim.model.demand import WEEKDAYS
from svcsim.model.service import ServiceModel

MONDAY = date(2025, 3, 3)
ALL_DAY = (("00:00", "24:00"),)
STRICT = 100_000 * 86400.0
"""Seconds of credit that no wait reaches: strict priority."""
FLAT = dict.fromkeys(WEEKDAYS, (1.0,) * 24)


def exponential(mean: float) -> dict[str, Any]:
    """Return an exponential duration (seconds)."""
    return {"law": "exponential", "mean": mean}


def lognormal(mean: float, scv: float) -> dict[str, Any]:
    """Return a lognormal duration of a mean (seconds) and squared coefficient of variation."""
    return {"law": "lognormal", "mean": mean, "cv": scv**0.5}


def fixed(mean: float) -> dict[str, Any]:
    """Return a duration that is always the same (seconds)."""
    return {"law": "fixed", "mean": mean}


def category(handling: Mapping[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Return a category of contacts, resolved by one handling."""
    out: dict[str, Any] = {
        "share": 1.0,
        "team": "team",
        "channels": {"in": 1.0},
        "difficulty": {"normal": 1.0},
        "handling": handling or exponential(3600.0),
    }
    return out | changes


def desk(
    per_hour: float,
    agents: int | dict[str, Any],
    *,
    categories: dict[str, Any] | None = None,
    mode: str = "live",
    patience: dict[str, Any] | None = None,
    profile: Mapping[str, Sequence[float]] = FLAT,
    hours: Sequence[tuple[str, str]] = ALL_DAY,
    staffing: dict[str, Any] | None = None,
    **changes: Any,
) -> ServiceModel:
    """Return a desk with cases at ``per_hour`` (mean over the week), alike agents, one shift."""
    people = agents
    if isinstance(agents, int):
        people = {f"a{i:04d}": {"team": "team"} for i in range(agents)}
    roster = {
        "shifts": {"all": tuple(hours)},
        "days": [{"weekday": day, "on": {"all": list(people)}} for day in WEEKDAYS],
    }
    data: dict[str, Any] = {
        "timezone": "UTC",
        "arrivals": {"level": per_hour * 168.0, "profile": profile},
        "difficulty": {"normal": {}},
        "channels": {"in": {"mode": mode, "patience": patience}},
        "categories": categories or {"all": category()},
        "teams": ["team"],
        "agents": people,
        "staffing": roster | (staffing or {}),
    }
    return ServiceModel.model_validate(data | changes)
