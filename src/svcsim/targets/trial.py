"""The simulations behind a proposal: as is, packages of changes, agents more or less."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from svcsim.contacts.log import ContactLog
from svcsim.engine.demand import Horizon
from svcsim.engine.opening import Opening
from svcsim.engine.simulate import simulate
from svcsim.metrics.periods import Periods
from svcsim.model.baseline import Baseline
from svcsim.scenario.scenario import Scenario
from svcsim.study.experiment import Plan, run_experiment
from svcsim.study.opening import opening_backlog
from svcsim.targets.advice import exploratory
from svcsim.targets.attainment import wide
from svcsim.targets.capacity import bottleneck
from svcsim.targets.desk import Desk
from svcsim.targets.levers import AS_IS, Lever, more_agents, singles

Progress = Callable[[int, int], None]
DELTAS = (-2, -1, 1, 2, 3)
"""Agents more or less in the busiest team on the staffing curve."""
PACKAGE_PART, SINGLE_PART, STAFFING_PART = 0.5, 0.1, 0.25
"""Replications of packages, single levers and staffing points, as parts of those as is."""
FOLLOW_UP = 7
"""Days simulated after the period so that repeat windows mature."""


@dataclass(frozen=True)
class TrialRequest:
    """What is asked of the simulation."""

    baseline: Baseline
    log: ContactLog | None
    start: date
    days: int
    replications: int
    seed: int
    workers: int | None = None


def run_trial(
    ask: TrialRequest,
    packs: Sequence[Lever | None],
    metrics: Sequence[str],
    *,
    progress: Progress | None = None,
    store: Path | None = None,
) -> Desk:
    """Run the desk as it is, the packages, the single levers and the staffing curve."""
    model = ask.baseline.model
    team = bottleneck(model)
    members = sum(agent.team == team for agent in model.agents.values())
    deltas = {d: more_agents(model, team, d) for d in DELTAS if members + d >= 1}
    levers = {pack.name: pack for pack in packs if pack is not None}
    alone = {lever.name: lever for lever in singles(model) if lever.name not in levers}
    scenarios: dict[str, Scenario | None] = {AS_IS: None}
    counts = {AS_IS: ask.replications}
    for group, part in (
        (levers.values(), PACKAGE_PART),
        (alone.values(), SINGLE_PART),
        (deltas.values(), STAFFING_PART),
    ):
        for lever in group:
            if lever.name not in scenarios:
                scenarios[lever.name] = lever.scenario
                counts[lever.name] = max(min(ask.replications, 20), round(part * ask.replications))
    first = packs[0].name if packs and packs[0] is not None else AS_IS
    beside = {name: ("agent",) for name in (AS_IS, first)}
    table = _run(ask, scenarios, counts, metrics, beside, progress, store)
    of_agents = table["agent"].notna()
    by_agent, table = table[of_agents], table[~of_agents]
    runs = {name: wide(table, name) for name in scenarios}
    rows = table[table["scenario"] == AS_IS]
    return Desk(
        runs=runs,
        counts=rows.pivot(index="replication", columns="metric", values="n"),
        levers={**levers, **alone},
        staffing={d: runs[lever.name] for d, lever in deltas.items()},
        team=team if len(model.teams) > 1 else "",
        exploratory=bool(exploratory(ask.baseline)),
        by_agent=by_agent,
    )


def _run(
    ask: TrialRequest,
    scenarios: Mapping[str, Scenario | None],
    counts: Mapping[str, int],
    metrics: Sequence[str],
    beside: Mapping[str, Sequence[str]],
    progress: Progress | None,
    store: Path | None,
) -> pd.DataFrame:
    """Run all scenarios from the true opening backlog and reduce each to one period."""
    model = ask.baseline.model
    opening = opening_backlog(ask.log, model) if ask.log is not None else Opening()
    plan = Plan(ask.start, ask.days, FOLLOW_UP, ask.replications, ask.seed, ask.workers)
    begin, end, _ = plan.horizon.bounds(model.timezone)
    # One period by name, so that contacts are dated as `svcsim score` dates them later.
    one: dict[str, Any] = {"period": Periods(np.array([begin, end], dtype=float), ("period",))}
    return run_experiment(
        ask.baseline,
        scenarios,
        plan,
        metrics=metrics,
        beside=beside,
        **one,
        opening=opening,
        replications=counts,
        progress=progress,
        store=store,
    )


def imagined(ask: TrialRequest) -> ContactLog:
    """Return one simulated period in place of a history, to see what the desk measures."""
    horizon = Horizon(ask.start, ask.days, FOLLOW_UP)
    return simulate(ask.baseline.model, horizon, seed=ask.seed, replication=1)
