"""Staged targets: from what the desk does today to what it can do after named changes.

Stage k takes for every KPI the quantile of the simulated period value under the stage's change at
one common level: the lowest level, from the stage's aim upwards, at which P(all targets met
together) is at least aim - 0.15. Each is the hardest value of a publishable grid that keeps the
level, at least .5 as is (first stage), never beyond a benchmark, never easier than the stage
before, and kept at the stage before when the step is below 1.5 standard deviations of the period
value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from svcsim.targets.attainment import (
    all_met,
    choosing,
    easier,
    harder,
    joint,
    judging,
    met,
    next_target,
    p_met,
    paired,
    quantile_target,
    round_easier,
)
from svcsim.targets.proposal import Probability

AIMS = (0.80, 0.65, 0.50)
JOINT_SLACK = 0.15
FLOOR_AS_IS = 0.5
"""Least P(met) of a first-stage target for the desk as it is."""
SEPARATE = 1.5
"""Stages closer than this many standard deviations of the period value are one stage."""
TOP_LEVEL = 0.97
MOST_STEPS = 12
"""Steps on the grid between the raw quantile and the target."""
INFEASIBLE = 0.2
"""Below this P(met) a target is not a stretch but a wish: capacity has to change."""


@dataclass(frozen=True)
class KpiFacts:
    """A KPI that gets targets: its names, its direction, and what its period value rests on."""

    metric: str
    unit: str
    better: str
    zh: str = ""
    en: str = ""
    now: float = math.nan
    n_period: float = 0.0
    benchmark: float = math.nan


@dataclass(frozen=True)
class StagePlan:
    """What a stage assumes (name of a simulated scenario) and how attainable it shall be."""

    name: str
    zh: str
    scenario: str
    aim: float


@dataclass(frozen=True)
class Chosen:
    """The target values of a stage with how likely they are met."""

    plan: StagePlan
    level: float
    """Attainability of each single target that was needed for the joint one."""
    values: dict[str, float]
    merged: tuple[str, ...]
    """KPIs that keep the target of the stage before."""
    capped: tuple[str, ...]
    """KPIs whose target the benchmark bounds."""
    after: dict[str, Probability] = field(default_factory=dict)
    as_is: dict[str, Probability] = field(default_factory=dict)
    joint_after: Probability | None = None
    joint_as_is: Probability | None = None


def noise(values: pd.Series) -> float:
    """Return the standard deviation of the period value over replications (0 when unknown).

    Half the distance between the 16 % and 84 % points, which one overloaded period in a hundred
    does not move (for a normal law it is the standard deviation).
    """
    finite = values[np.isfinite(values)]
    if len(finite) < 2:
        return 0.0
    low, high = np.quantile(finite, [0.1587, 0.8413])
    return float(high - low) / 2.0


def choose_stages(
    runs: Mapping[str, pd.DataFrame],
    kpis: Sequence[KpiFacts],
    plans: Sequence[StagePlan],
    as_is: str,
) -> list[Chosen]:
    """Choose the targets of every stage on one half of the replications, judge on the other.

    Odd replications choose; the probabilities that are reported come from the even ones, which no
    target has seen: judged on the half that chose them, chosen targets look too easy.

    Parameters
    ----------
    runs : mapping
        Scenario name -> replications x metrics.
    kpis : sequence of KpiFacts
        KPIs with a value in most replications (`has_target`).
    plans : sequence of StagePlan
        In order; each names its scenario in ``runs``.
    as_is : str
        Name of the scenario without changes.
    """
    seen = {name: choosing(table) for name, table in runs.items()}
    unseen = {name: judging(table) for name, table in runs.items()}
    stages: list[Chosen] = []
    for plan in plans:
        before = stages[-1] if stages else None
        best: Chosen | None = None
        for level in np.arange(plan.aim, max(TOP_LEVEL, plan.aim) + 0.005, 0.01):
            found = _at_level(seen, kpis, plan, as_is, float(level), before)
            assert found.joint_after is not None
            if best is None or found.joint_after.value > _joint(best):
                best = found
            if _joint(best) >= plan.aim - JOINT_SLACK:
                break
        assert best is not None
        stages.append(best)
    return [_judged(stage, unseen, kpis, as_is) for stage in stages]


def _judged(
    stage: Chosen, runs: Mapping[str, pd.DataFrame], kpis: Sequence[KpiFacts], as_is: str
) -> Chosen:
    """Return the stage with its probabilities taken from ``runs``."""
    before, after = runs[as_is], runs[stage.plan.scenario]
    pairs = {kpi.metric: (stage.values[kpi.metric], kpi.better) for kpi in kpis}

    def chance(asked: Mapping[str, tuple[float, str]]) -> Probability:
        return paired(all_met(after, asked), all_met(before, asked))

    return replace(
        stage,
        after={m: chance({m: pair}) for m, pair in pairs.items()},
        as_is={m: p_met(before[m], t, b) for m, (t, b) in pairs.items()},
        joint_after=chance(pairs),
        joint_as_is=joint(before, pairs),
    )


def has_target(values: pd.Series, better: str, p: float = AIMS[0]) -> bool:
    """Whether enough replications have a value for a target at attainability ``p``."""
    return math.isfinite(quantile_target(values, p, better))


def _joint(stage: Chosen) -> float:
    return stage.joint_after.value if stage.joint_after is not None else 0.0


def _at_level(
    runs: Mapping[str, pd.DataFrame],
    kpis: Sequence[KpiFacts],
    plan: StagePlan,
    as_is: str,
    level: float,
    before: Chosen | None,
) -> Chosen:
    """Return the stage when each target is sold at ``level``."""
    values: dict[str, float] = {}
    merged, capped = [], []
    for kpi in kpis:
        now, after = runs[as_is][kpi.metric], runs[plan.scenario][kpi.metric]
        target = _own_target(kpi, now, after, level, first=before is None)
        bounded = _bounded(kpi, target, before)
        if bounded != target:
            capped.append(kpi.metric)
        if before is not None:
            previous = before.values[kpi.metric]
            if _step(bounded, previous, kpi.better) < SEPARATE * noise(now) or (
                bounded == previous
            ):
                bounded = previous
                merged.append(kpi.metric)
        values[kpi.metric] = bounded
    chosen = Chosen(
        plan=plan,
        level=round(level, 2),
        values=values,
        merged=tuple(merged),
        capped=tuple(capped),
    )
    return _judged(chosen, runs, kpis, as_is)


def _own_target(
    kpi: KpiFacts, now: pd.Series, after: pd.Series, level: float, *, first: bool
) -> float:
    """Return the hardest publishable target that is met with probability ``level`` or more."""
    sd = noise(now)

    def enough(target: float) -> bool:
        if first and p_met(now, target, kpi.better).value < FLOOR_AS_IS:
            return False
        return _after(kpi, now, after, target).value >= level - 1e-9

    def step(target: float, *, harder: bool) -> float:
        return next_target(target, kpi.unit, kpi.better, sd, harder=harder)

    target = quantile_target(after, level, kpi.better)
    if first:
        target = easier(target, quantile_target(now, FLOOR_AS_IS, kpi.better), kpi.better)
    target = round_easier(target, kpi.unit, kpi.better, sd)
    for _ in range(MOST_STEPS):
        if enough(target):
            break
        target = step(target, harder=False)
    for _ in range(MOST_STEPS):
        if not enough(step(target, harder=True)):
            break
        target = step(target, harder=True)
    return target


def _after(kpi: KpiFacts, now: pd.Series, after: pd.Series, target: float) -> Probability:
    """Return P(met) after the change, by what it changed in the replications it shares."""
    return paired(*(pd.Series(met(v, target, kpi.better), index=v.index) for v in (after, now)))


def _bounded(kpi: KpiFacts, target: float, before: Chosen | None) -> float:
    """Return the target, no harder than the benchmark unless the first stage already is."""
    if math.isnan(kpi.benchmark) or before is None:
        return target
    limit = harder(kpi.benchmark, before.values[kpi.metric], kpi.better)
    return easier(target, limit, kpi.better)


def _step(target: float, previous: float, better: str) -> float:
    """Return how much harder a target is than the previous one (negative: easier)."""
    return previous - target if better == "lower" else target - previous


def agents_needed(
    by_delta: Mapping[int, pd.DataFrame],
    as_is: pd.DataFrame,
    kpi: KpiFacts,
    target: float,
    p: float,
) -> tuple[int, Probability] | None:
    """Return the fewest extra agents with P(met) >= p among the simulated ones, if any.

    Judged on the replications that did not choose the target, as P(met) is everywhere.
    """
    pair = {kpi.metric: (target, kpi.better)}
    before = all_met(judging(as_is), pair)
    for delta in sorted(d for d in by_delta if d > 0):
        found = paired(all_met(judging(by_delta[delta]), pair), before)
        if found.value >= p:
            return delta, found
    return None


def gate_value(target: float, better: str, sd: float, periods: int = 2, sure: float = 0.7) -> float:
    """Return the mean over ``periods`` that makes "the true level meets it" ``sure`` probable.

    Normal posterior with a flat prior: target -/+ z(sure) x sd / sqrt(periods).
    """
    from scipy.special import ndtri

    margin = float(ndtri(sure)) * sd / math.sqrt(periods)
    return target - margin if better == "lower" else target + margin
