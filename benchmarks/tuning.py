"""Tuning on desks of known truth: python benchmarks/tuning.py [--runs 40] [--case right-28].

Each run simulates a history from a desk whose agents are busy 1.0588 minutes per handled minute and
tunes a model of it, right or wrong in one respect, on the last days: is the factor found, how often
does its 90 % interval hold the truth, how often does the test of the fit reject. Finished runs are
kept in benchmarks/results/tuning.json, so an interrupted benchmark goes on.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from svcsim.calendar.days import WEEKDAYS
from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import simulate
from svcsim.model.service import ServiceModel
from svcsim.study.backtest import with_slowdown
from svcsim.study.free import with_off_peak
from svcsim.study.tune import tune_slowdown

TRUTH = 1.0588
WARM_UP = 14
MONDAY = date(2025, 3, 3)
RESULTS = Path(__file__).parent / "results" / "tuning.json"
HOURS = (
    0.1,
    0.1,
    0.1,
    0.1,
    0.1,
    0.2,
    0.5,
    1,
    3,
    5,
    6,
    5.5,
    4,
    4,
    5,
    5.5,
    5,
    4,
    3,
    3,
    2.5,
    2,
    1,
    0.3,
)


def desk(**staffing: Any) -> ServiceModel:
    """Fourteen agents, tickets and calls, two shifts and a weekend."""
    people = [f"agent {i:02d}" for i in range(14)]
    shifts = {"early": (("08:00", "16:30"),), "late": (("13:00", "21:30"),)}
    week = {"early": people[:8], "late": people[8:]}
    days = [
        {
            "weekday": day,
            "on": week
            if day not in ("sat", "sun")
            else {"early": people[:4], "late": people[8:11]},
        }
        for day in WEEKDAYS
    ]
    category = {
        "team": "team",
        "channels": {"web": 0.7, "phone": 0.3},
        "difficulty": {"normal": 1.0},
        "priorities": {"normal": 0.8, "high": 0.2},
        "repeat": 0.1,
    }
    profile = {
        day: tuple(x * (0.5 if day in ("sat", "sun") else 1) for x in HOURS) for day in WEEKDAYS
    }
    return ServiceModel.model_validate({
        "timezone": "Asia/Shanghai",
        "arrivals": {"level": 1190.0, "profile": profile, "day_cv": 0.12, "day_ar": 0.4},
        "difficulty": {"normal": {}},
        "channels": {
            "web": {"mode": "ticket"},
            "phone": {"mode": "live", "patience": {"hazard": (6.0,), "balk": 0.03}},
        },
        "categories": {
            "short": category | {"share": 0.6, "handling": {"mean": 660.0, "cv": 0.8}},
            "long": category | {
                "share": 0.4, "handling": {"mean": 1500.0, "cv": 1.0}, "again": 0.2,
                "pending": {"mean": 36000.0, "cv": 1.2},
            },
        },
        "teams": ["team"],
        "agents": {name: {"team": "team"} for name in people},
        "staffing": {
            "shifts": shifts, "days": days, "presence": 0.94, "slowdown": TRUTH,
        } | staffing,
    })  # fmt: skip


def _right() -> tuple[ServiceModel, ServiceModel]:
    return desk(), desk()


def _lunch() -> tuple[ServiceModel, ServiceModel]:
    """Everybody is away from 12 to 13; the model does not know of it."""
    breaks = [{"weekday": day, "from": "12:00", "to": "13:00"} for day in WEEKDAYS]
    return desk(meetings=breaks), desk()


def _routing() -> tuple[ServiceModel, ServiceModel]:
    """Tickets and calls wait in one line; the model serves calls first."""
    model = desk()
    routing = model.routing.model_copy(update={"live_first": False})
    return model.model_copy(update={"routing": routing}), model


def _evenings() -> tuple[ServiceModel, ServiceModel]:
    """A quarter of the off-peak hours of the roster is not worked."""
    return with_off_peak(desk(), 0.75), desk()


CASES: dict[str, tuple[int, Callable[[], tuple[ServiceModel, ServiceModel]]]] = {
    "right-16": (16, _right),
    "right-28": (28, _right),
    "right-58": (58, _right),
    "missing-lunch-28": (28, _lunch),
    "wrong-routing-28": (28, _routing),
    "fewer-evening-hours-28": (28, _evenings),
}


def run(case: str, seed: int) -> dict[str, Any]:
    """Simulate one history and tune the model on its last days."""
    days, make = CASES[case]
    truth, model = make()
    log = simulate(
        truth, Horizon(MONDAY, WARM_UP + days, 0), seed=seed, replication=1,
        redraw_parameters=False,
    )  # fmt: skip
    start = MONDAY + timedelta(days=WARM_UP)
    begin = time.perf_counter()
    found = tune_slowdown(
        with_slowdown(model, 1.0),
        log,
        start,
        start + timedelta(days=days),
        seed=77,
        workers=1,
        examine=False,
    )
    factors = {factor.name: factor for factor in found.tuning.factors}
    k, off = factors["slowdown"], factors.get("off_peak")
    return {
        "k": k.value, "low": k.low, "high": k.high, "identified": found.identified,
        "off_peak": None if off is None else off.value, "j": found.tuning.j,
        "df": found.tuning.df, "p": found.tuning.p, "misses": list(found.tuning.misses),
        "seconds": round(time.perf_counter() - begin, 1),
    }  # fmt: skip


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return bias, spread, coverage and rejections of the runs of a case."""
    k = np.array([r["k"] for r in runs])
    tuned = [r for r in runs if r["low"] is not None]
    off = [r["off_peak"] for r in runs if r["off_peak"] is not None]
    return {
        "runs": len(runs),
        "mean_k": round(float(k.mean()), 4),
        "sd_k": round(float(k.std(ddof=1)), 4) if len(k) > 1 else None,
        "mean_half_width_90": round(
            float(np.mean([np.log(r["high"] / r["low"]) / 2 for r in tuned])), 4
        ) if tuned else None,
        "coverage_90": round(float(np.mean([r["low"] <= TRUTH <= r["high"] for r in tuned])), 3)
        if tuned else None,
        "rejected_5": round(float(np.mean([r["p"] < 0.05 for r in runs])), 3),
        "rejected_1": round(float(np.mean([r["p"] < 0.01 for r in runs])), 3),
        "off_peak_freed": len(off),
        "off_peak_mean": round(float(np.mean(off)), 3) if off else None,
        "median_seconds": float(np.median([r["seconds"] for r in runs])),
    }  # fmt: skip


def main() -> None:
    """Run what is missing, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--case", choices=list(CASES), action="append")
    args = parser.parse_args()
    kept: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    runs: dict[str, list[dict[str, Any]]] = kept.get("runs", {})
    for number in range(args.runs):
        for case in args.case or CASES:
            done = runs.setdefault(case, [])
            if number < len(done):
                continue
            done.append(run(case, 1000 + number))
            told = {name: summary(found) for name, found in runs.items() if found}
            body = {"truth": TRUTH, "summary": told, "runs": runs}
            RESULTS.write_text(json.dumps(body, indent=1) + "\n")
    for case, found in runs.items():
        print(case, json.dumps(summary(found)))


if __name__ == "__main__":
    main()
