"""Routing and chats of known truth, learned back: python benchmarks/routing_recovery.py [RUNS].

Desks are simulated with the compiled engine, nothing but their log is given to calibration. Writes
benchmarks/results/routing_recovery.json: learned credits of a priority, shares of cherry-pickers
and slow-downs of chats beside the truth, with how often 90 % intervals hold it.
"""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from svcsim.calendar.days import WEEKDAYS
from svcsim.calibration.chats import ChatsEstimator
from svcsim.calibration.difficulty import DifficultyEstimator
from svcsim.calibration.discipline import DisciplineEstimator
from svcsim.calibration.handling import HandlingEstimator
from svcsim.contacts.log import ContactLog
from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import simulate
from svcsim.model.service import ServiceModel

RESULT = Path(__file__).parent / "results" / "routing_recovery.json"
HORIZON = Horizon(date(2025, 3, 3), 7, 1)


def world(
    seed: int,
    channel: str,
    per_hour: float,
    agents: int,
    means: tuple[float, float],
    slots: int = 1,
    **changes: Any,
) -> ContactLog:
    """Return a week of a desk with two kinds of work and two priorities."""
    people = {f"agent {i}": {"team": "team", "slots": slots} for i in range(agents)}
    kinds = {
        name: {
            "share": 0.5, "team": "team", "channels": {channel: 1.0},
            "difficulty": {"normal": 1.0}, "priorities": {"normal": 0.7, "high": 0.3},
            "handling": {"law": "lognormal", "mean": mean, "cv": 0.8},
        }
        for name, mean in zip(("short", "long"), means, strict=True)
    }  # fmt: skip
    data: dict[str, Any] = {
        "timezone": "UTC",
        "arrivals": {"level": per_hour * 168, "profile": {day: (1.0,) * 24 for day in WEEKDAYS}},
        "difficulty": {"normal": {}},
        "channels": {channel: {"mode": "live"}},
        "categories": kinds, "teams": ["team"], "agents": people,
        "staffing": {
            "shifts": {"all": (("00:00", "24:00"),)},
            "days": [{"weekday": day, "on": {"all": list(people)}} for day in WEEKDAYS],
        },
    }  # fmt: skip
    model = ServiceModel.model_validate(data | changes)
    return simulate(model, HORIZON, seed=seed, replication=1, redraw_parameters=False)


def calls(seed: int, **changes: Any) -> DisciplineEstimator:
    """Return what is learned of a phone desk of 20 agents at load .92."""
    log = world(seed, "phone", 110.0, 20, (300.0, 900.0), **changes)
    handling = HandlingEstimator().fit(log, DifficultyEstimator().fit(log))
    return DisciplineEstimator().fit(log, handling)


def credit(truth: float, runs: int) -> dict[str, object]:
    """Return how a credit comes back; a truth of 0 is first come, first served."""
    found, held, set_to = [], [], []
    for seed in range(1, runs + 1):
        learned = calls(seed, routing={"credit": {"high": truth}} if truth else {})
        part = learned.credits_["high"]
        found.append(part.value)
        held.append(part.low <= truth <= part.high)
        set_to.append(learned.routing_.credit.get("high", 0.0))
    return _row("credit of a priority, s", truth, found, held, runs) | {
        "credit in the model, s": [round(x, 1) for x in set_to]
    }


def cherry(truth: float, runs: int) -> dict[str, object]:
    """Return how the share of cherry-picking agents comes back."""
    found, held = [], []
    for seed in range(1, runs + 1):
        share = calls(seed, behaviour={"cherry_picking": truth}).behaviour_.cherry_picking
        low, high = share.interval or (share.value, share.value)
        found.append(share.value)
        held.append(low <= truth <= high)
    return _row("share of cherry-picking agents", truth, found, held, runs)


def chats(truth: float, runs: int) -> dict[str, object]:
    """Return how the slow-down of chats comes back from about six thousand."""
    found, held = [], []
    for seed in range(1, runs + 1):
        log = world(seed, "chat", 36.0, 6, (480.0, 900.0), 3, chats={"slowdown": truth})
        slow = ChatsEstimator().fit(log).chats_.slowdown
        low, high = slow.interval or (slow.value, slow.value)
        found.append(slow.value)
        held.append(low <= truth <= high)
    return _row("slow-down by a further chat", truth, found, held, runs)


def _row(what: str, truth: float, found: list[float], held: list[bool], runs: int) -> dict:
    return {
        "what": what, "truth": truth, "mean": round(float(np.mean(found)), 4),
        "sd": round(float(np.std(found)), 4), "cover_90": round(float(np.mean(held)), 3),
        "runs": runs,
    }  # fmt: skip


def main(runs: int) -> None:
    """Print and write the table."""
    rows = [credit(x, max(runs // 3, 2)) for x in (0.0, 90.0, 600.0)]
    rows += [cherry(x, max(runs // 3, 2)) for x in (0.0, 0.3, 0.6)]
    rows += [chats(x, runs) for x in (0.0, 0.3, 0.6)]
    RESULT.write_text(json.dumps(rows, indent=1) + "\n")
    print(pd.DataFrame(rows).to_string(index=False))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
