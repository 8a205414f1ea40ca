"""Selection: from what could be asked to the few KPIs that shall be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from svcsim.contacts.log import ContactLog
from svcsim.metrics.catalogue import get_metric
from svcsim.model.baseline import Baseline
from svcsim.targets import kpis
from svcsim.targets.desk import Desk
from svcsim.targets.kpis import Rejected
from svcsim.targets.reliability import AgentReliability
from svcsim.targets.stages import has_target
from svcsim.targets.weights import Candidate, dimension, drop_twins, pick


def supported(
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
    """Return at most five KPIs that move, have values, and do not repeat each other."""
    runs, out, able = simulated.as_is, [], []
    for metric in kept:
        values, better = runs[metric], get_metric(metric).better
        if not has_target(values, better):
            blank = float(values.isna().mean())
            out.append(
                Rejected(
                    metric,
                    f"no value in {blank:.0%} of simulated periods",
                    f"{blank:.0%} 的模拟周期没有数值",
                )
            )
        elif float(values.std()) == 0:
            out.append(
                Rejected(
                    metric, "it is the same in every simulated period", "在所有模拟周期中都相同"
                )
            )
        else:
            found = reliability[metric]
            able.append(Candidate(metric, dimension(metric), found.value, found.n))
    if not automatic:
        return able, out
    twins = drop_twins(able, runs)
    out += [
        Rejected(
            m,
            f"moves together with {get_metric(twin).en}, which is kept",
            f"与“{get_metric(twin).zh}”几乎同步变化，保留后者",
        )
        for m, twin in twins.items()
    ]
    rest = [c for c in able if c.metric not in twins]
    chosen = pick(rest)
    out += [
        Rejected(
            c.metric,
            "measurable, but its dimension is covered and five KPIs are enough",
            "可测，但该维度已有指标，指标不宜超过五个",
        )
        for c in rest
        if c not in chosen
    ]
    return chosen, out
