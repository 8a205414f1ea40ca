"""Known truth against what was learned, parameter by parameter: do the intervals cover it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from svcsim.model.quantity import Quantity, walk
from svcsim.model.service import ServiceModel

SKIPPED = (
    "week_cv",
    "capacity_cv",
    "quiet_share",
    "take",
    "zero",
    "credit",
    "holiday",
    "off_share",
    "off_time",
    "presence",
    "slowdown",
)
"""Not comparable one by one: inferred jointly with the roster, or absent from the truth."""


@dataclass(frozen=True)
class Recovered:
    """One parameter: truth, what was learned with its 90 % interval, and the verdict."""

    path: str
    truth: float
    learned: float
    low: float
    high: float
    grade: str

    @property
    def covered(self) -> bool:
        """Whether the interval holds the truth."""
        return self.low <= self.truth <= self.high

    @property
    def error(self) -> float:
        """Relative error (absolute where the truth is 0 or an effect)."""
        if self.path.endswith(("quality", "_effect", "day_ar")) or self.truth == 0:
            return self.learned - self.truth
        return self.learned / self.truth - 1.0


def compare(truth: ServiceModel, learned: ServiceModel) -> list[Recovered]:
    """Return every quantity that both models have and that was learned with an interval.

    Agents' speeds and qualities are compared within their team, and tiers of difficulty relative
    to each other: a common factor of speeds belongs to the handling times of the team's
    categories; one of the tiers' odds and a common quality of the team belong to the return
    rates, which are compared with them.
    """
    known = dict(walk(truth))
    shift = _team_shift(truth, learned)
    for path, value in _tier_shift(truth, learned).items():
        shift[path] = (1.0 + value) * (1.0 + shift.get(path, 0.0)) - 1.0
    out = []
    for path, quantity in walk(learned):
        if path not in known or quantity.interval is None or path.split(".")[-1] in SKIPPED:
            continue
        if any(part in SKIPPED for part in path.split(".")):
            continue
        out.append(_row(path, known[path], quantity, shift.get(path, 0.0)))
    return out


def _row(path: str, truth: Quantity, quantity: Quantity, shift: float) -> Recovered:
    assert quantity.interval is not None
    value = truth.value - shift if path.endswith("quality") else truth.value / (1.0 + shift)
    if path.endswith((".reopen", ".repeat")):
        odds = truth.value / (1.0 - truth.value) * (1.0 + shift)
        value = odds / (1.0 + odds)
    low, high = quantity.interval
    return Recovered(path, value, quantity.value, low, high, quantity.grade)


def _tier_shift(truth: ServiceModel, learned: ServiceModel) -> dict[str, float]:
    """Return what relates the scale of the true tiers to that of the learned ones."""
    shift: dict[str, float] = {}
    for name in ("work", "returns"):
        tiers = [tier for tier in truth.difficulty if tier in learned.difficulty]
        if not tiers:
            return {}
        ratio = 1.0
        for tier in tiers:
            true, found = (getattr(m.difficulty[tier], name).value for m in (truth, learned))
            ratio *= (true / found) ** (1.0 / len(tiers))
        shift |= {f"difficulty.{tier}.{name}": ratio - 1.0 for tier in tiers}
        if name == "returns":
            rates = ("reopen", "repeat")
            shift |= {f"categories.{c}.{r}": ratio - 1.0 for c in truth.categories for r in rates}
    return shift


def _team_shift(truth: ServiceModel, learned: ServiceModel) -> dict[str, float]:
    """Return what to take off each agent's true speed and quality so that team means agree."""
    shift = {}
    for team in truth.teams:
        names = [
            a for a, agent in truth.agents.items() if agent.team == team and a in learned.agents
        ]
        if not names:
            continue
        speed = sum(truth.agents[a].speed.value for a in names) / sum(
            learned.agents[a].speed.value for a in names
        )
        quality = sum(
            truth.agents[a].quality.value - learned.agents[a].quality.value for a in names
        ) / len(names)
        for a in names:
            shift[f"agents.{a}.speed"] = speed - 1.0
            shift[f"agents.{a}.quality"] = quality
        for name, category in truth.categories.items():
            if category.team == team:
                shift[f"categories.{name}.handling.mean"] = speed - 1.0
                # who is better than the learned scale says lowers the odds of coming back
                for rate in ("reopen", "repeat"):
                    shift[f"categories.{name}.{rate}"] = float(np.expm1(-quality))
    return shift
