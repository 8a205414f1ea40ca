"""One KPI of a card: metric, weight, target or dated stages, curve; read with its units."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    PrivateAttr,
    ValidationInfo,
    WithJsonSchema,
    field_serializer,
    field_validator,
    model_validator,
)

from svcsim.errors import InputError
from svcsim.metrics.catalogue import get_metric
from svcsim.metrics.metric import Metric
from svcsim.metrics.own import OwnMetrics
from svcsim.metrics.own_kinds import Declared
from svcsim.scorecard.curve import Direction, Shape
from svcsim.scorecard.period import Length
from svcsim.spec import WRITTEN, Spec
from svcsim.units import format_duration, format_share, parse_duration, parse_share

Scope = Literal["team", "agent", "both"]
OWN = "own metrics"
"""Validation context key: the `OwnMetrics` that a card may use beside the catalogue."""

_EXAMPLE = {
    "s": "2h",
    "share": "85%",
    "score": "4.5",
    "points": "85",
    "money": "35",
    "count": "120",
    "per day": "20",
}


def _weight(value: Any, info: ValidationInfo) -> float:
    bare = isinstance(value, (int, float)) and (info.context or {}).get(WRITTEN)
    if bare and value != 0:
        message = f"weight '{value}' has no unit; write a share of the card such as 25%"
        raise ValueError(message)
    weight = parse_share(value)
    if weight <= 0:
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

    metric: str
    """Metric with its parameter as `svcsim list metrics` shows it, e.g. ``frt_within(10min)``."""
    weight: Weight
    """Share of the score."""
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
    curve: Shape = "linear"
    points: tuple[tuple[Value, float], ...] = ()
    """Knots ``[value, points]`` of the curve ``points``."""
    min_n: Annotated[int, Field(ge=1)] | None = None
    """Fewer contacts than this are too few to judge; default: the metric's."""
    scope: Scope = "both"
    """Whom it is asked of: the desk and its teams, single agents, or both."""
    why: str = ""
    _own: Metric | None = PrivateAttr(None)
    """The metric, where it is one of the card's own."""

    @field_validator("metric")
    @classmethod
    def _known(cls, value: str, info: ValidationInfo) -> str:
        return _metric(value, info).id

    @field_validator("target", "floor", "stretch", mode="before")
    @classmethod
    def _with_unit(cls, value: Any, info: ValidationInfo) -> Any:
        return None if value is None else _value(value, info)

    @field_validator("stages", mode="before")
    @classmethod
    def _dated(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, Mapping):
            message = "write stages as first day: value, e.g. {2026-01-01: 72%, 2026-04-01: 75%}"
            raise ValueError(message)
        dated = {_day(day): _value(item, info) for day, item in value.items()}
        return dict(sorted(dated.items()))

    @field_validator("points", mode="before")
    @classmethod
    def _knots(cls, value: Any, info: ValidationInfo) -> Any:
        pairs = isinstance(value, Sequence) and not isinstance(value, str)
        if not pairs or any(not isinstance(k, Sequence) or len(k) != 2 for k in value):
            message = "write points as a list of [value, points], e.g. [[60%, 0], [90%, 100]]"
            raise ValueError(message)
        return tuple((_value(knot[0], info), knot[1]) for knot in value)

    @model_validator(mode="after")
    def _consistent(self, info: ValidationInfo) -> Self:
        self._own = _own(self.metric, info)
        mistakes = [*_target_mistakes(self), *_order_mistakes(self)]
        if mistakes:
            raise ValueError("; ".join(mistakes))
        return self

    @field_serializer("target", "floor", "stretch", when_used="json")
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


def show_value(value: float, unit: str) -> str | float:
    """Return a value as people write it in a card: ``2h``, ``85%`` or a number."""
    if unit == "s":
        return format_duration(value, 6)
    if unit == "share":
        return format_share(value, 6)
    return int(value) if float(value).is_integer() else float(f"{value:.6g}")


def _own(name: str, info: ValidationInfo) -> Metric | None:
    """Return the metric if it is one of the card's own."""
    own: OwnMetrics | None = (info.context or {}).get(OWN)
    found = None if own is None else own.get(name)
    return found if isinstance(found, Declared) else None


def _metric(name: str, info: ValidationInfo) -> Metric:
    """Return the metric, its unknown name turned into the plain message of a card."""
    try:
        return _own(name, info) or get_metric(name)
    except InputError as error:
        text = "; ".join(
            part for f in error.findings for part in (f.found, f.expected, f.mend) if part
        )
        raise ValueError(text) from None


def _value(value: Any, info: ValidationInfo) -> Any:
    """Read a value in the unit of the KPI's metric; people must write the unit of a time."""
    name = info.data.get("metric")
    if name is None:
        return 0.0  # the metric is wrong already; its finding is enough
    metric = _metric(name, info)
    written = bool((info.context or {}).get(WRITTEN))
    bare = isinstance(value, (int, float)) and not isinstance(value, bool)
    if bare and not written:
        return float(value)
    if metric.unit == "s":
        return parse_duration(value)
    if metric.unit == "share":
        if bare and value >= 1:
            message = f"'{value}' has no unit; write a share such as {value:g}%"
            raise ValueError(message)
        return parse_share(value)
    try:
        return float(str(value))
    except ValueError:
        example = _EXAMPLE.get(metric.unit, "4.5")
        message = f"'{value}' is not a number; {metric.id} is a {metric.unit}: write {example}"
        raise ValueError(message) from None


def _day(value: Any) -> str:
    try:
        return datetime.date.fromisoformat(str(value)).isoformat()
    except ValueError:
        message = f"'{value}' is not a day; write the first day of the stage, e.g. 2026-04-01"
        raise ValueError(message) from None


def _target_mistakes(kpi: Kpi) -> list[str]:
    mistakes = []
    if kpi.target is None and not kpi.stages:
        example = _EXAMPLE.get(kpi.kind.unit, "4.5")
        mistakes.append(f"{kpi.metric} has no target; write target: {example} or dated stages")
    if kpi.target is not None and kpi.stages:
        mistakes.append(f"{kpi.metric} has a target and stages; keep one of them")
    if kpi.kind.better == "none" and kpi.direction is None:
        mistakes.append(f"{kpi.metric} has no better side; write direction: lower or higher")
    if (kpi.curve == "points") != bool(kpi.points):
        mistakes.append(
            f"{kpi.metric}: curve: points and the list points belong together; give both or none"
        )
    return mistakes


def _order_mistakes(kpi: Kpi) -> list[str]:
    """Return what contradicts the direction: floor worse than target worse than stretch."""
    targets = [kpi.target] if kpi.target is not None else list(kpi.stages.values())
    sign = -1.0 if kpi.better == "lower" else 1.0
    unit, mistakes = kpi.kind.unit, []
    if kpi.better == "lower" and any(target <= 0 for target in targets):
        mistakes.append(f"{kpi.metric}: a lower-is-better target must be above 0")
    for name, bound, side in (("floor", kpi.floor, -1.0), ("stretch", kpi.stretch, 1.0)):
        if bound is None:
            continue
        wrong = [target for target in targets if (bound - target) * sign * side <= 0]
        if wrong:
            word = "worse" if name == "floor" else "better"
            mistakes.append(
                f"{kpi.metric}: {name} {show_value(bound, unit)} must be {word} than the target "
                f"{show_value(wrong[0], unit)} ({kpi.better} is better)"
            )
    if kpi.points:
        ranked = sorted(kpi.points, key=lambda knot: sign * knot[0])
        worth = [points for _, points in ranked]
        if len(ranked) < 2 or worth != sorted(worth) or not 0 <= worth[0] <= worth[-1] <= 100:
            mistakes.append(
                f"{kpi.metric}: points need two or more knots between 0 and 100 points that do "
                f"not fall as the value gets better ({kpi.better} is better)"
            )
    return mistakes
