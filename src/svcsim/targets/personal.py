"""What a target of the desk means for one person: each agent's own chance to meet it.

Every simulated period gives every agent a value from the agent's own contacts and survey answers,
with the desk's parameters and the agent's speed and quality redrawn: the chance of small numbers
is in it, and so is how little may be known about the agent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from svcsim.contacts.log import ContactLog
from svcsim.metrics.catalogue import get_metric
from svcsim.model.service import ServiceModel
from svcsim.scorecard.fairness import at_mix
from svcsim.study.told import OF_THE_QUEUE
from svcsim.targets.attainment import chooses, met, paired, probability
from svcsim.targets.levers import AS_IS
from svcsim.targets.proposal import AgentChance, AgentRow, PersonalKpi, Probability, Warn
from svcsim.targets.reliability import fair_agents
from svcsim.targets.stages import Chosen, KpiFacts

MIN_PERIODS = 5
"""Simulated periods with a value that an agent needs before a chance is given."""
MIN_AGENTS = 3
LUCK = 0.25
"""Below this share of met / not met explained by who the agent is, a target is luck for one person.

For a target at the median it corresponds to a reliability of .4: (2/π)·arcsin(R).
"""
EVER = (0.03, 0.97)
"""A chance outside this range is the same for everybody, which is no lottery."""

Values = Mapping[tuple[str, str], pd.DataFrame]
"""(scenario, metric) -> replications x agents."""


def personal(kpis: Sequence[KpiFacts]) -> list[KpiFacts]:
    """Return the KPIs whose value belongs to an agent: not those that the queue decides."""
    return [kpi for kpi in kpis if kpi.metric.split("(")[0] not in OF_THE_QUEUE]


def agent_rows(
    by_agent: pd.DataFrame | None,
    stage: Chosen | None,
    kpis: Sequence[KpiFacts],
    model: ServiceModel,
    log: ContactLog | None,
) -> tuple[AgentRow, ...]:
    """Return each agent's chance to meet the first stage's targets, by name.

    P = periods that meet the target / periods in which the agent has a value, with a Wilson 90 %
    interval; after the change as `paired` gives it. As for the desk, targets were chosen on the
    odd replications and are judged on the even ones. Shares and means are put at the desk's mix of
    contacts by the agent's mix in the history, as scores are.
    """
    asked = personal(kpis)
    if by_agent is None or stage is None or by_agent.empty or not asked:
        return ()
    rows = by_agent[~chooses(by_agent["replication"])]
    values, counts, fair = {}, {}, {}
    for kpi in asked:
        own = rows[rows["metric"] == kpi.metric]
        mix = fair_agents(log, kpi.metric) if log is not None else None
        for scenario, part in own.groupby("scenario"):
            table = part.pivot(index="replication", columns="agent", values="value")
            values[str(scenario), kpi.metric], fair[kpi.metric] = _at_desk_mix(table, mix, kpi)
        now = own[own["scenario"] == AS_IS]
        counts[kpi.metric] = now.pivot(index="replication", columns="agent", values="n").median()
    out = []
    for name, agent in sorted(model.agents.items()):
        chances = tuple(
            chance
            for kpi in asked
            if (chance := _chance(values, counts, fair, name, kpi, stage)) is not None
        )
        if chances:
            joint = _joint(values, name, [k for k in asked if _has(values, name, k)], stage)
            out.append(AgentRow(agent=name, team=agent.team, chances=chances, p_joint=joint))
    return tuple(out)


def personal_kpis(
    rows: Sequence[AgentRow], stage: Chosen | None, kpis: Sequence[KpiFacts]
) -> tuple[PersonalKpi, ...]:
    """Return for every target how agents' chances differ, and whether it is luck for one person."""
    out = []
    for kpi in personal(kpis) if stage is not None else ():
        found = [c for row in rows for c in row.chances if c.metric == kpi.metric]
        if len(found) < MIN_AGENTS or stage is None:
            continue
        p, periods = (
            np.array([getattr(c.p_met, name) for c in found], dtype=float)
            for name in ("value", "n")
        )
        share, p = who_explains(p, periods), true_spread(p, periods)
        luck = share < LUCK and EVER[0] < float(p.mean()) < EVER[1]
        n = float(np.median([c.n_period for c in found]))
        note, note_zh = _note(share, n, p) if luck else ("", "")
        out.append(
            PersonalKpi(
                metric=kpi.metric, unit=kpi.unit,
                direction="lower" if kpi.better == "lower" else "higher",
                target=stage.values[kpi.metric], agents=len(found), n_period=n,
                p_low=float(p.min()), p_median=float(np.median(p)), p_high=float(p.max()),
                who=share, luck=luck, note=note, note_zh=note_zh,
            )
        )  # fmt: skip
    return tuple(out)


def who_explains(p: np.ndarray, n: np.ndarray) -> float:
    """Return the share of the variance of met / not met that lies between agents.

    (var(p_i) − mean(p_i·(1 − p_i)/(n_i − 1))) / (p̄·(1 − p̄)), between 0 and 1: the variance of the
    chances less what ``n`` simulated periods make of it (law of total variance).
    """
    mean = float(p.mean())
    if not 0.0 < mean < 1.0:
        return 0.0
    return float(np.clip(_between(p, n) / (mean * (1 - mean)), 0.0, 1.0))


def true_spread(p: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return chances drawn in to their mean until they differ as much as agents do.

    The lowest of many chances, each from few simulated periods, is too low by chance: deviations
    times √(var between / var seen) (constrained empirical Bayes).
    """
    seen = float(p.var(ddof=1))
    part = max(_between(p, n), 0.0) / seen if seen > 0 else 0.0
    return np.asarray(p.mean() + np.sqrt(part) * (p - p.mean()))


def _between(p: np.ndarray, n: np.ndarray) -> float:
    """Return var(p_i) less what ``n`` simulated periods make of it."""
    return float(p.var(ddof=1)) - float((p * (1 - p) / np.maximum(n - 1, 1)).mean())


def about_people(found: Sequence[PersonalKpi]) -> list[Warn]:
    """Return one warning that names the targets which decide by luck about one person."""
    drawn = [kpi for kpi in found if kpi.luck]
    if not drawn:
        return []
    each = "; ".join(f"{get_metric(kpi.metric).en}: {kpi.note}" for kpi in drawn)
    each_zh = "；".join(f"{get_metric(kpi.metric).zh}：{kpi.note_zh}" for kpi in drawn)
    return [
        Warn(
            kind="luck",
            text="Luck for one person, so targets of the team only (share of who meets them in a "
            f"period that is explained by who it is, and agents' chances): {each}.",
            zh=f"对个人而言主要是运气，只宜作团队目标（是否达标取决于个人的部分、个人达成概率）：{each_zh}。",
        )
    ]


def _note(share: float, n: float, p: np.ndarray) -> tuple[str, str]:
    low, high = f"{p.min():.0%}", f"{p.max():.0%}"
    return (
        f"{share:.0%} explained, chances {low} to {high} at about {n:.0f} contacts",
        f"{share:.0%}，概率 {low}–{high}，每期约 {n:.0f} 个样本",
    )


def _at_desk_mix(
    table: pd.DataFrame, mix: pd.DataFrame | None, kpi: KpiFacts
) -> tuple[pd.DataFrame, set[str]]:
    """Return the values at the desk's mix and for whom that could be done."""
    if mix is None:
        return table, set()
    of_all = mix.reindex(table.columns)
    expected, reference = (of_all[c].to_numpy(dtype=float) for c in ("expected", "reference"))
    mostly = get_metric(kpi.metric).unit == "share" and float(mix["reference"].median()) > 0.5
    moved = at_mix(table.to_numpy(dtype=float), expected, reference, kpi.unit, mostly=mostly)
    known = np.isfinite(expected) & np.isfinite(reference)
    fair = pd.DataFrame(
        np.where(known, moved, table.to_numpy()), index=table.index, columns=table.columns
    )
    return fair, {str(name) for name in table.columns[known]}


def _has(values: Values, name: str, kpi: KpiFacts) -> bool:
    table = values.get((AS_IS, kpi.metric))
    return table is not None and name in table and table[name].notna().sum() >= MIN_PERIODS


def _chance(
    values: Values,
    counts: Mapping[str, pd.Series],
    fair: Mapping[str, set[str]],
    name: str,
    kpi: KpiFacts,
    stage: Chosen,
) -> AgentChance | None:
    if not _has(values, name, kpi):
        return None
    target = stage.values[kpi.metric]
    now = values[AS_IS, kpi.metric][name].dropna()
    hits = pd.Series(met(now, target, kpi.better), index=now.index)
    after = None
    later = values.get((stage.plan.scenario, kpi.metric))
    if stage.plan.scenario != AS_IS and later is not None and name in later:
        then = later[name].dropna()
        both = pd.Series(met(then, target, kpi.better), index=then.index)
        after = paired(both.loc[both.index.intersection(hits.index)], hits)
    low, median, high = (float(f"{q:.6g}") for q in now.quantile([0.1, 0.5, 0.9]))
    return AgentChance(
        metric=kpi.metric,
        p_met=probability(int(hits.sum()), len(hits)),
        p_met_after=after,
        n_period=float(counts[kpi.metric][name]),
        low=low,
        median=median,
        high=high,
        adjusted=name in fair[kpi.metric],
    )


def _joint(
    values: Values, name: str, kpis: Sequence[KpiFacts], stage: Chosen
) -> Probability | None:
    table = pd.DataFrame({kpi.metric: values[AS_IS, kpi.metric][name] for kpi in kpis}).dropna()
    if len(table) < MIN_PERIODS:
        return None
    hits = [met(table[k.metric], stage.values[k.metric], k.better) for k in kpis]
    return probability(int(np.all(hits, axis=0).sum()), len(table))
