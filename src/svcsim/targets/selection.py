"""Selection: from what could be asked to the few KPIs that shall be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from svcsim.contacts.log import ContactLog
from svcsim.metrics.catalogue import get_metric
from svcsim.model.baseline import Baseline
from svcsim.targets import kpis
from svcsim.targets.desk import Desk
from svcsim.targets.kpis import Rejected
from svcsim.targets.reliability import AgentReliability
from svcsim.targets.stages import has_target
from svcsim.targets.weights import Candidate, dimension, drop_twins, pick


def proposable(
    baseline: Baseline, log: ContactLog, metrics: Sequence[str] | None, days: int,
    *, replay: bool = True,
) -> tuple[list[str], list[Rejected]]:  # fmt: skip
    """Return the KPIs that can be asked for and those that cannot, with reasons.

    ``replay`` also leaves out KPIs whose held-out history the baseline did not give back.
    """
    wanted = kpis.candidates(log) if metrics is None else [get_metric(m).id for m in metrics]
    wanted = list(dict.fromkeys(wanted))
    out = [
        Rejected(m, "it has no better side or says nothing about service", "该指标没有优劣方向")
        for m in wanted
        if not dimension(m) or get_metric(m).better == "none"
    ]
    kept = [m for m in wanted if m not in {r.metric for r in out}]
    kept, more = kpis.measured(log, kept, days)
    out += more
    kept, more = kpis.explained(baseline, kept)
    if not replay:
        return kept, out + more
    out += more
    kept, more = kpis.replayed(baseline, kept)
    return kept, [*out, *more]


def narrow(
    kept: Sequence[str],
    simulated: Desk,
    reliability: Mapping[str, AgentReliability],
    *,
    automatic: bool,
) -> tuple[list[Candidate], list[Rejected]]:
    """Return at most five KPIs that move, have values, and do not repeat each other.

    KPIs that somebody asked for (not ``automatic``) are only left out where nothing can be said.
    """
    runs = simulated.as_is
    still = {metric: _still(runs[metric], get_metric(metric).better) for metric in kept}
    out = [Rejected(metric, *why) for metric, why in still.items() if why is not None]
    able = [
        Candidate(metric, dimension(metric), reliability[metric].value, reliability[metric].n)
        for metric in kept
        if still[metric] is None
    ]
    if not automatic:
        return able, out
    twins = drop_twins(able, runs)
    for metric, twin in twins.items():
        also = get_metric(twin)
        why = f"moves together with {also.en}, which is kept"
        out.append(Rejected(metric, why, f"与“{also.zh}”几乎同步变化，保留后者"))
    rest = [c for c in able if c.metric not in twins]
    chosen = pick(rest)
    enough = (
        "measurable, but its dimension is covered and five KPIs are enough",
        "可测，但该维度已有指标，指标不宜超过五个",
    )
    return chosen, out + [Rejected(c.metric, *enough) for c in rest if c not in chosen]


def _still(values: pd.Series, better: str) -> tuple[str, str] | None:
    """Return why simulated values allow no target: none in too many periods, or all the same."""
    if not has_target(values, better):
        blank = f"{float(values.isna().mean()):.0%}"
        return f"no value in {blank} of simulated periods", f"{blank} 的模拟周期没有数值"
    if float(values.std()) == 0:
        return "it is the same in every simulated period", "在所有模拟周期中都相同"
    return None
