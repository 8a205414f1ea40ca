"""A two-tier desk small enough to propose for within seconds, with its history."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from small_desks import category, desk
from svcsim.contacts.log import ContactLog
from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import simulate
from svcsim.model.baseline import Baseline, Fidelity, Source
from svcsim.model.fidelity import Coverage, Origin
from svcsim.targets.proposal import Proposal
from svcsim.targets.propose import propose
from svcsim.text import Text

SPEEDS = {"L1": (0.8, 0.9, 1.0, 1.1, 1.25), "L2": (0.85, 1.0, 1.05, 1.2)}


def two_tiers():
    agents = {
        f"{team} {i}": {"team": team, "speed": speed, "quality": 0.4 * (1 - i / 2)}
        for team, speeds in SPEEDS.items()
        for i, speed in enumerate(speeds)
    }
    handling = {"law": "lognormal", "mean": 10800.0, "cv": 0.8}
    returns = {"reopen": 0.06, "repeat": 0.12, "handling": handling}
    return desk(
        per_hour=0.7,
        mode="ticket",
        hours=(("09:00", "17:00"),),
        teams=["L1", "L2"],
        agents=agents,
        categories={
            "setup": category(share=0.65, team="L1", **returns),
            "repair": category(share=0.35, team="L2", **returns),
        },
        survey={
            "asked": 1.0,
            "answered": 0.5,
            "scores": (0.05, 0.07, 0.1, 0.28, 0.5),
            "quality_effect": 0.6,
        },
    )


@pytest.fixture(scope="session")
def tier_baseline() -> Baseline:
    source = Source(log="two tiers", rows=0, start="2025-01-06", end="2025-03-03")
    why = Text("it is its own truth", "它就是真值")
    cover = Coverage(
        metric="volume", band=0.9, arrivals="forecast", cells=12, inside=11, share=0.9167,
        low=0.7, high=0.98, periods=12,
    )  # fmt: skip
    passed = Fidelity(
        verdict="pass", why=why, inside_share=0.9, replications=1, coverage=(cover,),
        origins=tuple(Origin(start=day, end=day, rows=1, slowdown=1.0) for day in "abc"),
    )  # fmt: skip
    model = two_tiers()
    presence = model.staffing.presence.model_copy(update={"grade": "measured"})
    staffing = model.staffing.model_copy(update={"presence": presence})
    model = model.model_copy(update={"staffing": staffing})
    return Baseline(
        svcsim="0", name="two tiers", zh="两级", source=source, fidelity=passed, model=model
    )


@pytest.fixture(scope="session")
def tier_log(tier_baseline: Baseline) -> ContactLog:
    log = simulate(
        tier_baseline.model, Horizon(date(2025, 1, 6), 56, 0), seed=5, replication=1,
        redraw_parameters=False,
    )  # fmt: skip
    frame = log.frame.assign(replication=0.0)
    return replace(log, frame=frame, origin="history", name="two tiers")


@pytest.fixture(scope="session")
def tier_proposal(tier_baseline: Baseline, tier_log: ContactLog) -> Proposal:
    return propose(tier_baseline, tier_log, replications=10, workers=2, seed=5)
