"""Propose: from a baseline and its history to staged targets, weights and their evidence.

1. Choose KPIs that the history measures, the model explains and the baseline replays. 2. Simulate
the period after the history as the desk is, after packages of changes, and with agents more or
less, with common random numbers. 3. Choose targets by attainability, stage by stage. 4. Weigh.
5. Say what must be known before acting on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from svcsim import __version__
from svcsim.contacts.log import ContactLog
from svcsim.metrics.catalogue import get_metric
from svcsim.model.baseline import Baseline
from svcsim.scenario.scenario import Scenario
from svcsim.scorecard.scorecard import Scorecard, published_cards
from svcsim.study.opening import first_day
from svcsim.targets import advice, desk, kpis
from svcsim.targets.assemble import build_stages
from svcsim.targets.benchmarks import Benchmark
from svcsim.targets.cards import card_metrics, judge_cards
from svcsim.targets.caution import WIDER, widened
from svcsim.targets.evidence import baseline_facts, evidence_of
from svcsim.targets.headline import headline
from svcsim.targets.kpis import Rejected, reasons
from svcsim.targets.levers import AS_IS, Lever, packages
from svcsim.targets.personal import about_people, agent_rows, personal_kpis
from svcsim.targets.proposal import CardVerdict, Proposal, Stage, Warn
from svcsim.targets.reliability import AgentReliability, agent_reliability
from svcsim.targets.selection import narrow, proposable
from svcsim.targets.stage_card import scorecard_for_stage
from svcsim.targets.stages import AIMS, Chosen, KpiFacts, StagePlan, choose_stages
from svcsim.targets.trial import Progress, TrialRequest, imagined, run_trial
from svcsim.targets.weights import Candidate, pace_only, propose_weights

__all__ = ["propose", "scorecard_for_stage"]

STAGE_ZH = ("第一阶段", "第二阶段", "第三阶段", "第四阶段", "第五阶段")


def propose(
    baseline: Baseline,
    log: ContactLog | None,
    *,
    metrics: Sequence[str] | None = None,
    horizon_days: int = 28,
    replications: int = 200,
    seed: int = 1,
    workers: int | None = None,
    levers: Sequence[Scenario] | None = None,
    benchmarks: Mapping[str, float] | Sequence[Benchmark] | None = None,
    cards: Mapping[str, Scorecard] | None = None,
    stages: int = 3,
    progress: Progress | None = None,
    store: Path | None = None,
) -> Proposal:
    """Return the proposal for the period after a log.

    Parameters
    ----------
    baseline : Baseline
        The calibrated desk, with its fidelity verdict.
    log : ContactLog or None
        Its history: opening backlog, agents' reliability, what was observed. Without it the desk
        starts empty and nothing can be said about single agents.
    metrics : sequence of str, optional
        KPIs to propose; default: chosen from what the data support, five at most.
    horizon_days : int
        Length of a scoring period.
    replications : int
        Simulated periods of the desk as it is; changes get fewer (`PACKAGE_PART` and so on).
    levers : sequence of Scenario, optional
        Changes that the stages assume, of growing effort; default: made from the baseline.
    benchmarks : mapping or sequence of Benchmark, optional
        Values that bound the later stages.
    cards : mapping, optional
        Cards to hold against the desk; default: those that svcsim ships.
    stages : int
        How many stages.
    progress : callable, optional
        Called with (done, total) replications.
    store : Path, optional
        Results folder that keeps finished batches, so that an interrupted run goes on.
    """
    start = first_day(baseline, log)
    ask = TrialRequest(baseline, log, start, horizon_days, replications, seed, workers)
    shown = _cards() if cards is None else dict(cards)
    history = log if log is not None else imagined(ask)
    kept, out = proposable(baseline, history, metrics, horizon_days)
    of_cards = card_metrics(shown)
    extra = [m for m in [*of_cards, *kpis.ALWAYS] if m not in kept]
    packs = _packages(baseline, levers, stages)
    simulated = run_trial(ask, packs, [*kept, *extra], progress=progress, store=store)
    if log is not None:
        names = [*kept, "backlog_end"]
        simulated = replace(simulated, observed=kpis.history(log, names, horizon_days))
    reliability = agent_reliability(log, kept, horizon_days)
    candidates, more_out = narrow(kept, simulated, reliability, automatic=metrics is None)
    marks = _marks(benchmarks)
    facts = [_kpi(c.metric, simulated, marks) for c in candidates]
    plans = _plans(packs, stages)
    chosen = choose_stages(simulated.runs, facts, plans, AS_IS) if facts else []
    found = _Found(facts, chosen, candidates, reliability, [*out, *more_out])
    verdicts = judge_cards(
        shown, simulated.as_is, start=start.isoformat(), days=horizon_days,
        unmeasured=reasons(proposable(baseline, history, of_cards, horizon_days, replay=False)[1]),
        doubtful=reasons(kpis.replayed(baseline, of_cards)[1]),
    )  # fmt: skip
    return _write(ask, simulated, found, verdicts, _sources(benchmarks))


@dataclass(frozen=True)
class _Found:
    """What was decided from the simulations."""

    kpis: Sequence[KpiFacts]
    stages: Sequence[Chosen]
    candidates: Sequence[Candidate]
    reliability: Mapping[str, AgentReliability]
    rejected: Sequence[Rejected]


def _packages(
    baseline: Baseline, levers: Sequence[Scenario] | None, stages: int
) -> list[Lever | None]:
    """Return one package a stage; the strongest serves all stages beyond the list."""
    if levers:
        own = [Lever(s, s.why or s.name, s.why or s.zh) for s in levers]
        found: list[Lever | None] = [*own]
    else:
        found = packages(baseline.model)
    return [found[min(i, len(found) - 1)] for i in range(stages)]


def _plans(packs: Sequence[Lever | None], stages: int) -> list[StagePlan]:
    aims = [AIMS[min(i, len(AIMS) - 1)] for i in range(stages)]
    return [
        StagePlan(f"stage {i + 1}", STAGE_ZH[min(i, 4)], pack.name if pack else AS_IS, aim)
        for i, (pack, aim) in enumerate(zip(packs, aims, strict=True))
    ]


def _kpi(metric: str, simulated: desk.Desk, marks: Mapping[str, float]) -> KpiFacts:
    about = get_metric(metric)
    now = np.nan
    if simulated.observed is not None:
        rows = simulated.observed[simulated.observed["metric"] == metric]
        values = rows["value"].dropna()
        now = float(values.iloc[-1]) if len(values) else np.nan
    return KpiFacts(
        metric=metric,
        unit=about.unit,
        better=about.better,
        zh=about.zh,
        en=about.en,
        now=now,
        n_period=float(simulated.counts[metric].median()),
        benchmark=marks.get(metric, np.nan),
    )


def _write(
    ask: TrialRequest,
    simulated: desk.Desk,
    found: _Found,
    cards: tuple[CardVerdict, ...],
    sources: Mapping[str, str],
) -> Proposal:
    """Put the parts of the proposal together."""
    baseline, runs, facts = ask.baseline, simulated.as_is, found.kpis
    stages = build_stages(found.stages, facts, simulated, ask.start, ask.days)
    shown = list(dict.fromkeys([AS_IS, *(stage.lever for stage in stages)]))
    first = found.stages[0] if found.stages else None
    agents = agent_rows(simulated.by_agent, first, facts, baseline.model, ask.log)
    people = personal_kpis(agents, first, facts)
    unfit = simulated.exploratory or not stages or pace_only([kpi.metric for kpi in facts])
    proposal = Proposal(
        name=baseline.name,
        svcsim=__version__,
        verdict="exploratory" if unfit else "ready",
        baseline=baseline_facts(baseline),
        fidelity=baseline.fidelity.brief().model_dump(mode="json"),
        exploratory=tuple(advice.exploratory(baseline)),
        capacity=desk.capacity(baseline.model, runs, ask.days),
        horizon={
            "start": ask.start.isoformat(),
            "days": ask.days,
            "replications": ask.replications,
            "seed": ask.seed,
        },
        stages=stages,
        weights=() if pace_only([k.metric for k in facts]) else propose_weights(found.candidates),
        levers=desk.lever_rows(simulated, [*(kpi.metric for kpi in facts), "occupancy"]),
        curves=desk.curves(simulated, facts, shown),
        distributions=desk.distributions(simulated, facts, shown),
        staffing=desk.staffing_points(simulated, first, facts, len(baseline.model.agents)),
        arrivals=desk.arrivals(baseline.model, ask.log),
        cards=cards,
        agents=agents,
        personal=people,
        warnings=(
            *_warnings(ask, simulated, stages, found.reliability),
            *about_people(people),
        ),
        not_proposed=tuple(row.to_row() for row in found.rejected),
        evidence={
            **evidence_of(ask, simulated, found.stages, sources),
            **({"widened": WIDER} if simulated.exploratory else {}),
        },
    )
    if simulated.exploratory:
        proposal = widened(proposal)
    en, zh = headline(proposal)
    return proposal.model_copy(update={"headline": en, "headline_zh": zh})


def _warnings(
    ask: TrialRequest,
    simulated: desk.Desk,
    stages: Sequence[Stage],
    reliability: Mapping[str, AgentReliability],
) -> list[Warn]:
    weeks = 0.0
    if ask.log is not None:
        weeks = (ask.log.end - ask.log.start) / 604800.0
    out = advice.about_baseline(ask.baseline)
    out += advice.about_desk(ask.baseline.model, simulated.as_is, simulated.observed)
    out += advice.about_stages(stages, reliability)
    out += advice.about_balance([target.metric for target in stages[0].targets] if stages else [])
    out += advice.about_promises(weeks, len(stages))
    out += advice.about_evidence(ask.replications, history=ask.log is not None)
    return out


def _cards() -> dict[str, Scorecard]:
    return {card.name: card for card in published_cards()}


def _marks(benchmarks: Mapping[str, float] | Sequence[Benchmark] | None) -> dict[str, float]:
    if benchmarks is None:
        return {}
    if isinstance(benchmarks, Mapping):
        return {get_metric(name).id: value for name, value in benchmarks.items()}
    return {row.metric: row.value for row in benchmarks}


def _sources(benchmarks: Mapping[str, float] | Sequence[Benchmark] | None) -> dict[str, str]:
    if benchmarks is None or isinstance(benchmarks, Mapping):
        return {name: "given by the caller" for name in benchmarks or ()}
    return {row.metric: row.source or "no source given" for row in benchmarks}
