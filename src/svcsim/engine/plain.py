"""The model as plain numbers: what every clock reads, names reduced to positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from svcsim.engine import rules
from svcsim.engine.durations import NOTHING, Law
from svcsim.engine.plain_demand import PlainDemand
from svcsim.engine.plain_people import PlainPeople
from svcsim.model.service import ServiceModel


@dataclass(frozen=True)
class PlainCategory:
    """One category; laws are in seconds, odds multiply those of the category's own chance."""

    name: str
    team: int
    transfer_to: int
    pickup: Law | None
    first_reply: Law | None
    handling: Law
    wrap_up: Law | None
    hold: float
    hold_time: Law
    help: float
    help_time: Law
    help_team: int
    """Team of which an agent is held; -1: only a delay."""
    reasons: tuple[Law, ...]
    """Laws of the pending times, one a reason."""
    reason_cuts: tuple[float, ...]
    customer_reason: int
    """Position of the reason ``customer``; -1: not told apart."""
    again: float
    transfer: float
    onward: float
    reopen: float
    repeat: float
    rework: float
    knowledge: float
    knowledge_time: float
    published: int
    """Epoch second of publication; -1: the start of the run."""
    channel_cuts: tuple[float, ...]
    tier_cuts: tuple[float, ...]
    priority_cuts: tuple[float, ...]
    priorities: tuple[int, ...]
    work: tuple[float, ...]

    @property
    def expected_work(self) -> tuple[float, ...]:
        """Return the mean seconds of a handling by tier, at speed 1: what a cherry-picker sees."""
        mean = self.handling.mean * (1.0 - self.handling.zero)
        return tuple(mean * work for work in self.work)


@dataclass(frozen=True)
class PlainPatience:
    """Hazard per second by piece, and the share that balks."""

    edges: tuple[float, ...]
    rates: tuple[float, ...]
    balk: float

    def deadline(self, queued: int, u: float, u_balk: float, tick: int) -> int:
        """R6: when the customer leaves who began to wait at ``queued``."""
        n = len(self.edges)
        return rules.patience_deadline(
            self.edges, self.rates, 0, n, self.balk, queued, u, u_balk, tick
        )


class PlainEffects(NamedTuple):
    """Effects on a logit: of the wait, the work, coming back and the agent's quality."""

    wait: float
    work: float
    returned: float
    quality: float


@dataclass(frozen=True)
class PlainSurvey:
    """Survey: reference shares and the effects on their logits."""

    asked: float
    answered: float
    cumulative: tuple[float, ...]
    lowest: int
    score: PlainEffects
    answer: PlainEffects
    delay: Law


@dataclass(frozen=True)
class PlainOutcomes:
    """Shares and effects of what may become of a resolved contact; 0 where not declared."""

    complaint: float = 0.0
    complaint_wait: float = 0.0
    complaint_returned: float = 0.0
    churn: float = 0.0
    churn_complaint: float = 0.0
    churn_repeat: float = 0.0
    sample: float = 0.0
    check_mean: float = 0.0
    check_sd: float = 0.0
    check_quality: float = 0.0

    @property
    def any(self) -> bool:
        """Return whether anything is declared."""
        return self.complaint > 0 or self.churn > 0 or self.sample > 0


@dataclass(frozen=True)
class PlainCost:
    """What a contact costs by itself; staffed hours are counted apart."""

    per_contact: float
    per_minute: float
    per_waiting_minute: float


@dataclass(frozen=True)
class PlainBehaviour:
    """R9: what agents do under an incentive; all zero unless assumed."""

    cherry: float = 0.0
    window: int = 1
    rush: float = 0.0
    rush_odds: float = 1.0
    empty_reply: float = 0.0
    empty_reply_time: Law = NOTHING
    premature: float = 0.0
    steering: float = 0.0


@dataclass(frozen=True)
class PlainDesk:
    """The whole desk in numbers, names reduced to positions in the tuples of names."""

    model: ServiceModel
    demand: PlainDemand
    people: PlainPeople
    tick: int
    tables: tuple[float, ...]
    level: float
    day_cv: float
    day_ar: float
    holiday: float
    week_cv: float
    capacity_cv: float
    categories: tuple[PlainCategory, ...]
    category_cuts: tuple[float, ...]
    channels: tuple[str, ...]
    live: tuple[bool, ...]
    patience: tuple[PlainPatience | None, ...]
    auto_reply: tuple[int, ...]
    """Seconds to the automatic reply of each channel; -1: none."""
    tiers: tuple[str, ...]
    tier_odds: tuple[float, ...]
    tier_delay: tuple[float, ...]
    tier_transfers: tuple[float, ...]
    priorities: tuple[str, ...]
    credit: tuple[int, ...]
    due: tuple[int, ...]
    teams: tuple[str, ...]
    languages: tuple[str, ...]
    agents: tuple[str, ...]
    agent_team: tuple[int, ...]
    serves: tuple[tuple[int, ...], ...]
    speed: tuple[float, ...]
    quality: tuple[float, ...]
    take: tuple[float, ...]
    slots: tuple[int, ...]
    agent_tiers: tuple[tuple[int, ...], ...]
    agent_languages: tuple[tuple[int, ...], ...]
    presence: float
    off_share: float
    quiet_share: float
    off_time: Law
    slowdown: float
    busy: tuple[float, ...]
    """By agent: busy seconds per second of handling, ``slowdown / (1 - shrinkage)``."""
    hand_back: bool
    chat_slowdown: float
    fatigue: float
    fatigue_from: float
    discipline: int
    assign: int
    pooled: bool
    by_preference: bool
    live_first: bool
    own_first: bool
    own_wait: int
    own_customer: bool
    reopen_after: Law
    repeat_after: Law
    rework_after: Law
    redial: float
    redial_after: Law
    survey: PlainSurvey | None
    outcomes: PlainOutcomes
    cost: PlainCost | None
    behaviour: PlainBehaviour

    @cached_property
    def agent_odds(self) -> tuple[float, ...]:
        """Return the factor of each agent on the odds that a contact comes back (R7)."""
        return tuple(rules.agent_odds(quality) for quality in self.quality)

    def with_agents(self, new: Sequence[tuple[str, int]]) -> PlainDesk:
        """Return the desk with further agents, each named and like another one (a position).

        They work at the median speed, quality and readiness of the other's team.
        """
        if not new:
            return self
        like = [who for _, who in new]

        def of_team(values: tuple[float, ...], who: int) -> float:
            team = self.agent_team[who]
            return median([v for v, t in zip(values, self.agent_team, strict=True) if t == team])

        grown: dict[str, Any] = {
            name: (*getattr(self, name), *(getattr(self, name)[who] for who in like))
            for name in (
                "agent_team",
                "serves",
                "slots",
                "agent_tiers",
                "agent_languages",
                "busy",
            )  # fmt: skip
        }
        grown |= {
            name: (*getattr(self, name), *(of_team(getattr(self, name), who) for who in like))
            for name in ("speed", "quality", "take")
        }
        return replace(self, agents=(*self.agents, *(name for name, _ in new)), **grown)


def median(values: list[float]) -> float:
    """Return the median of some numbers."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else 0.5 * (ordered[half - 1] + ordered[half])
