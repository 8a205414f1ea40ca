"""Proposal: what to ask, when, how sure, on which evidence. Data only; `propose` builds it.

``proposal.json`` is this declaration as JSON. Every probability carries the replications it came
from and a 90 % interval.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from svcsim.spec import Spec
from svcsim.text import Text

SCHEMA_VERSION = 1


class Probability(Spec):
    """P(target met) from ``n`` replications with its 90 % interval."""

    value: float
    low: float
    high: float
    n: int


class Target(Spec):
    """One KPI in one stage."""

    metric: str
    zh: str
    en: str
    unit: str
    role: str = "team"
    period: str
    """Length of the scoring period in words, e.g. ``4 weeks``."""
    value: float
    direction: Literal["lower", "higher"]
    now: float
    """Value of the last observed period (as measured); see ``now_from``."""
    now_from: Literal["history", "simulation"] = "history"
    """``simulation``: no period was observed, ``now`` is the simulated median as is."""
    median_as_is: float
    low_as_is: float
    high_as_is: float
    """Simulated P10 and P90 of the period value as the team is."""
    p_met_as_is: Probability
    p_met_after: Probability
    p_met_interval: tuple[float, float]
    """Interval of ``p_met_after`` (contract key)."""
    needs: tuple[str, ...] = ()
    """What has to change for it, in words with numbers."""
    needs_zh: tuple[str, ...] = ()
    n_period: float = 0
    """Expected observations in a period."""
    noise: float = 0
    """Standard deviation of the period value between replications with the same desk."""
    warning: str = ""
    warning_zh: str = ""


class Stage(Spec):
    """A dated step: its targets hold together."""

    name: str
    zh: str
    start: str
    """First local day (ISO)."""
    lever: str
    """Name of the change it assumes (``as is`` for none)."""
    aim: float
    """Attainability it was chosen for (.80, .65, .50)."""
    targets: tuple[Target, ...]
    p_joint: Probability
    """P(all targets of the stage met in one period) after the change."""
    p_joint_as_is: Probability
    gate: str = ""
    """When to move on to the next stage."""
    gate_zh: str = ""


class Weight(Spec):
    """Weight of one KPI in the card, in percent of 100."""

    metric: str
    weight: float
    why: str
    reliability: float | None
    """Share of the spread between agents' period values that is not noise; None: team only."""
    why_zh: str = ""


class LeverRow(Spec):
    """A change that was simulated: what it is and what it does to each KPI's median."""

    name: str
    zh: str
    what: str
    what_zh: str = ""
    changes: tuple[dict[str, Any], ...] = ()
    medians: dict[str, float] = {}


class ChanceCurve(Spec):
    """P(met) of one KPI against the target value, as is and after each lever."""

    metric: str
    unit: str
    values: tuple[float, ...]
    p: dict[str, tuple[float, ...]]
    """Scenario name -> P(met) at each of ``values``."""


class Distribution(Spec):
    """Simulated period values of one KPI in one scenario, and the observed history."""

    metric: str
    unit: str
    scenario: str
    values: tuple[float, ...]
    observed: tuple[tuple[str, float], ...] = ()
    """Period label and observed value."""


class StaffingPoint(Spec):
    """What the desk does with ``delta`` agents more or less."""

    delta: int
    agents: int
    p_stage: Probability
    """P(all targets of stage 1 met)."""
    medians: dict[str, float]
    p_met: dict[str, float]


class CardVerdict(Spec):
    """A card in force (or shipped) held against the calibrated desk."""

    card: str
    zh: str = ""
    p_joint: Probability | None
    targets: tuple[dict[str, Any], ...]
    """metric, target, weight, period, p_met (or null with the reason)."""
    verdict: str
    verdict_zh: str = ""
    warnings: tuple[str, ...] = ()
    warnings_zh: tuple[str, ...] = ()


class AgentChance(Spec):
    """How likely one agent's own period value meets the stage 1 target of a KPI."""

    metric: str
    p_met: Probability
    """As is, over the simulated periods in which the agent has a value."""
    p_met_after: Probability | None = None
    """After the change that stage 1 assumes."""
    n_period: float
    """Median contacts behind the agent's value."""
    low: float
    median: float
    high: float
    """P10, median and P90 of the agent's simulated values."""
    adjusted: bool
    """Whether values are put at the desk's mix of contacts, as scores are."""


class AgentRow(Spec):
    """One agent and the targets of stage 1 that are measured per agent."""

    agent: str
    team: str
    chances: tuple[AgentChance, ...]
    p_joint: Probability | None = None
    """P(all of them met in the same period), as is."""


class PersonalKpi(Spec):
    """What a stage 1 target means for single agents."""

    metric: str
    unit: str
    direction: Literal["lower", "higher"]
    target: float
    agents: int
    n_period: float
    p_low: float
    p_median: float
    p_high: float
    """Least, median and greatest P(met) over the agents, as is, less the noise of simulation."""
    who: float
    """Share of the variance of met / not met in a period that is explained by who the agent is."""
    luck: bool
    """Whether that share is so small that the target decides by chance about one person."""
    note: str = ""
    note_zh: str = ""


class Warn(Spec):
    """One thing the reader must know."""

    kind: str
    text: str
    zh: str = ""
    metric: str = ""


class Proposal(Spec):
    """The recommendation with its evidence."""

    schema_version: int = SCHEMA_VERSION
    name: str
    svcsim: str
    verdict: Literal["ready", "exploratory"] = "ready"
    """``exploratory``: the baseline did not give back its history, or too little is known."""
    exploratory: tuple[Text, ...] = ()
    """Why the baseline does not pass the gate (`svcsim.study.gate`)."""
    headline: str = ""
    """The proposal in one sentence."""
    headline_zh: str = ""
    baseline: dict[str, Any]
    """name, source (log, rows, start, end), grades by part, notes, drift."""
    fidelity: dict[str, Any]
    """verdict, why, inside_share, replications, cells."""
    capacity: dict[str, Any]
    """occupancy (median, P10, P90), agents, offered_hours_per_week, staffed_hours_per_week (the
    roster), week (where the hours go: rostered, overtime, on_duty, recorded, unrecorded, off_queue)
    and busy_factor."""
    horizon: dict[str, Any]
    """start, days, replications, seed."""
    stages: tuple[Stage, ...]
    weights: tuple[Weight, ...]
    levers: tuple[LeverRow, ...]
    curves: tuple[ChanceCurve, ...]
    distributions: tuple[Distribution, ...]
    staffing: tuple[StaffingPoint, ...]
    arrivals: dict[str, Any]
    """profile: 7 x 24 expected new cases by local hour (Mon first); observed: the same."""
    cards: tuple[CardVerdict, ...] = ()
    agents: tuple[AgentRow, ...] = ()
    """By name: each agent's own chances."""
    personal: tuple[PersonalKpi, ...] = ()
    """Stage 1 targets that are measured per agent, and whether they are luck for one person."""
    warnings: tuple[Warn, ...] = ()
    not_proposed: tuple[dict[str, str], ...] = ()
    """metric, why, why_zh: KPIs the data cannot support."""
    gaming: tuple[dict[str, Any], ...] = ()
    incentives: dict[str, Any] = {}
    pilot: dict[str, Any] = {}
    evidence: dict[str, Any] = Field(default_factory=dict)
    """Files, seeds, definition hashes: what one needs to reproduce every number."""
