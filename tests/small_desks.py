"""Desks small enough to reason about; tests change what they are about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svcsim.calendar.days import WEEKDAYS
from svcsim.engine import draws, durations, rules
from svcsim.engine.demand import Cases, Horizon
from svcsim.engine.opening import Opening
from svcsim.engine.rows import Record
from svcsim.engine.simpy_clock import SimpyClock
from svcsim.engine.simulate import prepare
from svcsim.model.service import ServiceModel

MONDAY = date(2025, 3, 3)
ALL_DAY = (("00:00", "24:00"),)


def category(**changes: Any) -> dict[str, Any]:
    """A category whose contacts are resolved by one handling of an hour on average."""
    out: dict[str, Any] = {
        "share": 1.0,
        "team": "team",
        "channels": {"in": 1.0},
        "difficulty": {"normal": 1.0},
        "handling": {"law": "exponential", "mean": 3600.0},
    }
    return out | changes


def desk(
    per_hour: float = 8.0,
    servers: int = 10,
    *,
    mode: str = "live",
    patience: dict[str, Any] | None = None,
    hours: Iterable[tuple[str, str]] = ALL_DAY,
    categories: dict[str, Any] | None = None,
    agents: dict[str, Any] | None = None,
    staffing: dict[str, Any] | None = None,
    **changes: Any,
) -> ServiceModel:
    """One team, one channel, arrivals day and night, everybody on the same shift every day."""
    people = agents or {f"agent {i:02d}": {"team": "team"} for i in range(servers)}
    roster = {
        "shifts": {"all": tuple(hours)},
        "days": [{"weekday": day, "on": {"all": list(people)}} for day in WEEKDAYS],
    }
    data: dict[str, Any] = {
        "timezone": "UTC",
        "arrivals": {"level": per_hour * 168, "profile": {day: (1.0,) * 24 for day in WEEKDAYS}},
        "difficulty": {"normal": {}},
        "channels": {"in": {"mode": mode, "patience": patience}},
        "categories": categories or {"all": category()},
        "teams": ["team"],
        "agents": people,
        "staffing": roster | (staffing or {}),
    }
    return ServiceModel.model_validate(data | changes)


def run_clock(
    model: ServiceModel,
    horizon: Horizon,
    seed: int = 1,
    replication: int = 1,
    clock_type: type[SimpyClock] = SimpyClock,
    opening: Opening | None = None,
) -> tuple[SimpyClock, Record]:
    """Run best values as `simulate` does, and return the clock and what it wrote down."""
    setting = prepare(
        model, horizon, seed=seed, replication=replication, opening=opening,
        redraw_parameters=False,
    )  # fmt: skip
    clock = clock_type(setting)
    return clock, clock.run()


def cases_of(model: ServiceModel, horizon: Horizon, seed: int = 1, replication: int = 1) -> Cases:
    """The new cases that `simulate` draws with best values."""
    args = {"seed": seed, "replication": replication, "redraw_parameters": False}
    return prepare(model, horizon, **args).cases


def of_case(
    purpose: int, cases: Cases, i: int, no: int, handling: int, seed: int, replication: int
) -> float:
    """The uniform of a purpose, straight from the generator."""
    key, stream = int(cases.key[i]), int(cases.stream[i])
    return float(draws.uniform(seed, replication, key, no, handling, purpose, stream))


def service_times(
    law: durations.Law, cases: Cases, seed: int, replication: int
) -> NDArray[np.int64]:
    """Whole-second handling times of the first handling of the first contact of each case."""
    return np.array(
        [
            rules.handling_time(
                law, (), 1.0, 1.0, of_case(draws.WORK, cases, i, 1, 1, seed, replication), 1
            )
            for i in range(len(cases.opened))
        ],
        dtype=np.int64,
    )
