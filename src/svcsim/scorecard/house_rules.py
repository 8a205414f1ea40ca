"""House rules of a card: how many KPIs, how much satisfaction, and what lint need not say."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, ValidationInfo, WithJsonSchema

from svcsim.spec import WRITTEN, Spec
from svcsim.units import format_share, parse_share


def _share(value: Any, info: ValidationInfo) -> float:
    bare = isinstance(value, (int, float)) and (info.context or {}).get(WRITTEN)
    if bare and value != 0:
        message = f"'{value}' has no unit; write a share such as 30%"
        raise ValueError(message)
    return parse_share(value)


Share = Annotated[
    float,
    WithJsonSchema({"type": ["string", "number"]}),
    BeforeValidator(_share),
    PlainSerializer(lambda v: format_share(v, 5), return_type=str, when_used="json"),
]


class HouseRules(Spec):
    """What a house asks of its cards; `svcsim.scorecard.lint` warns where a card breaks it."""

    most_kpis: Annotated[int, Field(ge=1)] = 5
    """More KPIs than this and nobody knows what matters (gates are not counted)."""
    least_satisfaction: Share = 0.30
    """Least weight of customers' own verdict."""
    most_pace: Annotated[float, Field(gt=0)] = 0.7
    """Most weight on pace (throughput, handling time) per weight on quality and satisfaction."""
    small_team: Annotated[int, Field(ge=1)] = 5
    """With fewer agents than this a team is small."""
    few_contacts: Annotated[int, Field(ge=1)] = 30
    """With fewer contacts an agent and period than this a KPI says little about one person."""
    most_kpis_small: Annotated[int, Field(ge=1)] = 3
    """Most KPIs of a small team."""
