"""Wider intervals where the baseline gives no ground for the nominal ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svcsim.spec import Spec
from svcsim.targets.proposal import Probability, Proposal, Target

WIDER = 0.10
"""Added to both ends of every interval of a probability when the baseline failed its check."""
CHANCE = set(Probability.model_fields)


def widened(proposal: Proposal, by: float = WIDER) -> Proposal:
    """Return the proposal with every probability's interval ``by`` wider at both ends.

    Single targets and all together, as is and after, agents, staffing and cards alike: one event
    has one interval wherever it stands.
    """
    parts = ("stages", "staffing", "cards", "agents")
    return proposal.model_copy(update={p: _wider(getattr(proposal, p), by) for p in parts})


def _wider(part: Any, by: float) -> Any:
    """Return a part of a proposal with the intervals in it widened."""
    if isinstance(part, Probability):
        return part.model_copy(update=_ends(part.low, part.high, by))
    if isinstance(part, Spec):
        names = type(part).model_fields
        found = part.model_copy(update={n: _wider(getattr(part, n), by) for n in names})
        if isinstance(found, Target):
            after = found.p_met_after
            found = found.model_copy(update={"p_met_interval": (after.low, after.high)})
        return found
    if isinstance(part, tuple):
        return tuple(_wider(item, by) for item in part)
    if isinstance(part, Mapping):
        if set(part) == CHANCE:
            return {**part, **_ends(part["low"], part["high"], by)}
        return {key: _wider(value, by) for key, value in part.items()}
    return part


def _ends(low: float, high: float, by: float) -> dict[str, float]:
    return {"low": max(0.0, low - by), "high": min(1.0, high + by)}
