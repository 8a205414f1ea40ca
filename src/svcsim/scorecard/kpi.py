"""One KPI of a card: metric, weight, target or dated stages, curve; read with its units."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PrivateAttr,
    ValidationInfo,
    WithJsonSchema,
    field_serializer,
    field_validator,
    model_validator,
)

from svcsim.metrics.catalogue import get_metric
from svcsim.metrics.metric import Metric
from svcsim.scorecard.curve import Direction, Shape
from svcsim.scorecard.kpi_checks import mistakes_of
from svcsim.scorecard.period import Length
from svcsim.scorecard.roles import Audience
from svcsim.scorecard.written import known_metric, own_metric, read_value, show_value
from svcsim.spec import WRITTEN, Spec
from svcsim.units import format_share, parse_share

__all__ = ["Kpi", "Scope", "show_value"]

Scope = Literal["team", "agent", "both"]


def _weight(value: Any, info: ValidationInfo) -> float:
    bare = isinstance(value, (int, float)) and (info.context or {}).get(WRITTEN)
    if bare and value != 0:
        message = f"weight '{value}' has no unit; write a share of the card such as 25%"
        raise ValueError(message)
    weight = parse_share(value)
    if weight <= 0 and info.data.get("curve") != "gate":
        message = f"weight '{value}' is not above 0%; leave the KPI out instead"
        raise ValueError(message)
    return weight


_Written = WithJsonSchema({"type": ["string", "number"]})
Value = Annotated[float, _Written]
"""A number in the metric's unit, written with that unit."""
Weight = Annotated[
    float,
    _Written,
    BeforeValidator(_weight),
    PlainSerializer(lambda v: format_share(v, 5), return_type=str, when_used="json"),
]


class Kpi(Spec):
    """One KPI of a card.

    Values are held in the metric's own unit (seconds, a share between 0 and 1, a number) and
    written with it (``2h``, ``85%``, ``4.5``).
    """

    model_config = ConfigDict(**{**Spec.model_config, "populate_by_name": True})

    metric: str
    """Metric with its parameter as `svcsim list metrics` shows it, e.g. ``frt_within(10min)``."""
    definition: str = ""
    """Hash of the metric's definition that was agreed on (`svcsim list metrics` shows it)."""
    curve: Shape = "linear"
    weight: Weight = 0.0
    """Share of the score; a gate has none."""
    target: Value | None = None
    """Value asked for: 80 points. Give this or ``stages``."""
    stages: dict[str, Value] = {}
    """Dated targets: first local day (ISO) -> value; each holds until the next."""
    direction: Direction | None = None
    """What is better; default: as the metric says."""
    period: Length | None = None
    """Period of this KPI where it differs from the card's: the one that ends with the card's."""
    floor: Value | None = None
    """Value worth 0 points; default: derived from the target and the noise of the KPI."""
    stretch: Value | None = None
    """Value worth 100 points; default: derived likewise."""
    points: tuple[tuple[Value, float], ...] = ()
    """Knots ``[value, points]`` of the curve ``points``."""
    min_n: Annotated[int, Field(ge=1)] | None = None
    """Fewer contacts than this are too few to judge; default: the metric's."""
    baseline: Value | None = None
    """Value that an ``improvement`` starts from; default: the unit's own previous period."""
    cap: Annotated[float, Field(ge=0, le=100)] = 0.0
    """Most that the total can be where a gate is not met, in points."""
    scope: Scope = "both"
    """Whom it is asked of: the desk and its teams, single agents, or both."""
    for_: Audience | None = Field(default=None, alias="for")
    """Whose contacts it is about, where not everybody's: roles, tiers, teams or agents."""
    why: str = ""
    _own: Metric | None = PrivateAttr(None)
    """The metric, where it is one of the card's own."""

    @field_validator("metric")
    @classmethod
    def _known(cls, value: str, info: ValidationInfo) -> str:
        return known_metric(value, info).id

    @field_validator("definition", mode="before")
    @classmethod
    def _hash(cls, value: Any) -> str:
        text = str(value).strip().lower()
        if text and (len(text) != 8 or set(text) - set("0123456789abcdef")):
            message = f"'{value}' is no hash of a definition; svcsim list metrics shows eight signs"
            raise ValueError(message)
        return text

    @field_validator("target", "floor", "stretch", "baseline", mode="before")
    @classmethod
    def _with_unit(cls, value: Any, info: ValidationInfo) -> Any:
        return None if value is None else read_value(value, info)

    @field_validator("stages", mode="before")
    @classmethod
    def _dated(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, Mapping):
            message = "write stages as first day: value, e.g. {2026-01-01: 72%, 2026-04-01: 75%}"
            raise ValueError(message)
        dated = {_day(day): read_value(item, info) for day, item in value.items()}
        return dict(sorted(dated.items()))

    @field_validator("points", mode="before")
    @classmethod
    def _knots(cls, value: Any, info: ValidationInfo) -> Any:
        pairs = isinstance(value, Sequence) and not isinstance(value, str)
        if not pairs or any(not isinstance(k, Sequence) or len(k) != 2 for k in value):
            message = "write points as a list of [value, points], e.g. [[60%, 0], [90%, 100]]"
            raise ValueError(message)
        return tuple((read_value(knot[0], info), knot[1]) for knot in value)

    @model_validator(mode="after")
    def _consistent(self, info: ValidationInfo) -> Self:
        self._own = own_metric(self.metric, info)
        mistakes = mistakes_of(self)
        if mistakes:
            raise ValueError("; ".join(mistakes))
        return self

    @field_serializer("target", "floor", "stretch", "baseline", when_used="json")
    def _show(self, value: float | None) -> Any:
        return None if value is None else show_value(value, self.kind.unit)

    @field_serializer("stages", when_used="json")
    def _show_stages(self, value: dict[str, float]) -> dict[str, Any]:
        return {day: show_value(item, self.kind.unit) for day, item in value.items()}

    @field_serializer("points", when_used="json")
    def _show_points(self, value: tuple[tuple[float, float], ...]) -> list[list[Any]]:
        return [[show_value(x, self.kind.unit), worth] for x, worth in value]

    @property
    def kind(self) -> Metric:
        """The metric's declaration."""
        return self._own or get_metric(self.metric)

    @property
    def better(self) -> Direction:
        """What is better: the card's word or the metric's."""
        return self.direction or ("lower" if self.kind.better == "lower" else "higher")

    def target_on(self, day: str) -> float:
        """Return the target in force on a local day (ISO); the first one before its date."""
        if self.target is not None:
            return self.target
        begun = [value for start, value in self.stages.items() if start <= day]
        return begun[-1] if begun else next(iter(self.stages.values()))

    def applies_to(self, kind: str) -> bool:
        """Tell whether the KPI is asked of a unit of this kind (desk, team or agent)."""
        return self.scope == "both" or (self.scope == "agent") == (kind == "agent")


def _day(value: Any) -> str:
    try:
        return datetime.date.fromisoformat(str(value)).isoformat()
    except ValueError:
        message = f"'{value}' is not a day; write the first day of the stage, e.g. 2026-04-01"
        raise ValueError(message) from None
