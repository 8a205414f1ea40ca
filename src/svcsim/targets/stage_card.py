"""A stage as the card that people are scored by."""

from __future__ import annotations

from svcsim.errors import Finding, InputError
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.scorecard import Scorecard
from svcsim.targets.attainment import in_words
from svcsim.targets.proposal import Proposal, Stage
from svcsim.targets.reliability import TEAM_ONLY
from svcsim.targets.weights import pace_only


def scorecard_for_stage(proposal: Proposal, stage: Stage) -> Scorecard:
    """Return a stage as a card that `svcsim score` takes.

    A KPI whose reliability for one agent and period is unknown or below .4 is asked of teams only.
    The card of an exploratory proposal carries that mark.

    Raises
    ------
    InputError
        When the stage asks for pace alone (`pace_only`): nobody is to be scored by that.
    """
    if pace_only([target.metric for target in stage.targets]):
        raise InputError(
            Finding(
                stage.name,
                "asks for handling time or volume alone",
                "a card of speed alone buys rushed work and repeat contacts",
                "propose with a KPI of resolution or satisfaction (--metrics)",
            )
        )
    weights = {row.metric: row for row in proposal.weights}
    days = int(proposal.horizon["days"])
    kpis_of_card = tuple(
        Kpi(
            metric=target.metric,
            weight=weights[target.metric].weight / 100.0,
            target=target.value,
            direction=target.direction,
            scope="both" if (weights[target.metric].reliability or 0) >= TEAM_ONLY else "team",
            why=f"simulated: met in {in_words(target.p_met_after)} ({stage.lever})",
        )
        for target in stage.targets
    )
    return Scorecard(
        name=f"{proposal.name}-{stage.name}".replace(" ", "-"),
        zh=stage.zh,
        why=f"From {stage.start}; all targets together are met in {stage.p_joint.value:.0%} of "
        f"simulated periods ({stage.p_joint.low:.0%} to {stage.p_joint.high:.0%}).",
        source=f"svcsim {proposal.svcsim} propose, baseline {proposal.baseline.get('name', '')}",
        period="4w" if days == 28 else "quarter" if days > 45 else "month" if days > 14 else "week",
        kpis=kpis_of_card,
        gate=stage.gate,
        exploratory=proposal.verdict == "exploratory",
    )
