"""Quantities with their uncertainty: value, 90 % interval, n, grade and how they were learned.

A bare value may stand for a quantity (``mean: 12min``); it is then exact and assumed. The class
says how a replication redraws it: Time, Rate and Factor on the log scale (the value is the
median), Share from a Beta (the value is the mean), Effect on its own scale.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, PlainSerializer, ValidationInfo, model_validator

from svcsim.spec import WRITTEN, Spec
from svcsim.units import format_duration, format_share, parse_duration, parse_share

Grade = Literal["measured", "proxy", "assumed", "given"]
GRADES: tuple[Grade, ...] = ("measured", "given", "proxy", "assumed")
"""As tables show them, the surest first."""
Scale = Literal["log", "share", "linear"]


def _tidy(value: float) -> float:
    return float(f"{value:.6g}")


def _seconds(value: Any, info: ValidationInfo) -> float:
    """Read a duration: code may give plain seconds, people must write the unit."""
    if isinstance(value, (int, float)) and not (info.context or {}).get(WRITTEN):
        return float(value)
    return parse_duration(value)


Seconds = Annotated[
    float,
    BeforeValidator(_seconds),
    PlainSerializer(lambda v: format_duration(v, 6), return_type=str, when_used="json"),
]
Fraction = Annotated[
    float,
    BeforeValidator(parse_share),
    PlainSerializer(lambda v: format_share(v, 5), return_type=str, when_used="json"),
]


class Quantity(Spec):
    """Base of the five kinds of quantity; see the module for what they share."""

    scale: ClassVar[Scale] = "linear"
    unit: ClassVar[str] = ""

    value: float
    """Best value, used when parameters are not redrawn."""
    interval: tuple[float, float] | None = None
    """Central 90 % interval; absent: exact."""
    n: int | None = None
    """Observations behind the value."""
    grade: Grade = "assumed"
    """measured (from the data), given (by the planner), proxy (from something near it), assumed."""
    how: str = ""
    """One sentence: how it was learned."""

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> float:
        """Read a value as people (or code) write it."""
        try:
            if isinstance(value, bool):
                raise TypeError
            return float(value)
        except (TypeError, ValueError):
            message = f"'{value}' is not a number"
            raise ValueError(message) from None

    @classmethod
    def show(cls, value: float) -> Any:
        """Return a value as people write it."""
        return _tidy(value)

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: Any, info: ValidationInfo) -> Any:
        if isinstance(data, cls):
            return data
        if not isinstance(data, Mapping):
            return {"value": cls.parse(data, info)}
        out = dict(data)
        out.pop("unit", None)
        if "value" in out:
            out["value"] = cls.parse(out["value"], info)
        if out.get("interval") is not None:
            bounds = out["interval"]
            if not isinstance(bounds, (list, tuple)) or len(bounds) != 2:
                message = f"interval is {bounds!r}; write [low, high]"
                raise ValueError(message)
            low, high = (cls.parse(bound, info) for bound in bounds)
            if low > high:
                shown = ", ".join(str(cls.show(bound)) for bound in (low, high))
                message = f"interval [{shown}] is upside down; write [low, high]"
                raise ValueError(message)
            out["interval"] = (low, high)
        return out

    @model_validator(mode="after")
    def _inside(self) -> Quantity:
        if not all(math.isfinite(x) for x in (self.value, *(self.interval or ()))):
            message = "a quantity must be a finite number"
            raise ValueError(message)
        if self.scale == "log" and self.value < 0:
            value = self.show(self.value)
            said = f"{value:g}" if isinstance(value, float) else value
            message = f"{said} is negative; expected 0 or more"
            raise ValueError(message)
        if self.scale == "share" and not 0 <= self.value <= 1:
            message = f"{self.show(self.value)} is not a share between 0% and 100%"
            raise ValueError(message)
        return self

    def to_data(self) -> Any:
        """Return the plain form for YAML; an exact assumed quantity is just its value."""
        value = self.show(self.value)
        if self.interval is None and self.n is None and self.grade == "assumed" and not self.how:
            return value
        out: dict[str, Any] = {"value": value}
        if self.unit:
            out["unit"] = self.unit
        if self.interval is not None:
            out["interval"] = [self.show(bound) for bound in self.interval]
        if self.n is not None:
            out["n"] = self.n
        out["grade"] = self.grade
        if self.how:
            out["how"] = self.how
        return out


class Time(Quantity):
    """A duration in seconds, written with its unit (``12min``)."""

    scale: ClassVar[Scale] = "log"

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> float:
        """Read a duration; people must write its unit."""
        return _seconds(value, info)

    @classmethod
    def show(cls, value: float) -> str:
        """Return the duration with its unit."""
        return format_duration(value, 6)


class Rate(Quantity):
    """Events per week, zero or more."""

    scale: ClassVar[Scale] = "log"
    unit: ClassVar[str] = "per week"


class Factor(Quantity):
    """A ratio without unit, zero or more (1 = no change)."""

    scale: ClassVar[Scale] = "log"


class Share(Quantity):
    """A probability, written as ``85%``."""

    scale: ClassVar[Scale] = "share"

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> float:
        """Read a share: 85% or 0.85."""
        return parse_share(value)

    @classmethod
    def show(cls, value: float) -> str:
        """Return the share in percent."""
        return format_share(value, 5)


class Effect(Quantity):
    """A number that is added on the logit or log scale (0 = no effect)."""


def walk(node: Any, path: str = "") -> list[tuple[str, Quantity]]:
    """Return every quantity below a declaration with its dotted path, in file order."""
    if isinstance(node, Quantity):
        return [(path, node)]
    found: list[tuple[str, Quantity]] = []
    if isinstance(node, Spec):
        items: list[tuple[str, Any]] = [
            (name, getattr(node, name)) for name in type(node).model_fields
        ]
    elif isinstance(node, Mapping):
        items = [(str(key), value) for key, value in node.items()]
    else:
        return found
    for name, value in items:
        found += walk(value, f"{path}.{name}" if path else name)
    return found


def plain(node: Any) -> Any:
    """Return a declaration as plain data for YAML, quantities in their short or full form."""
    if isinstance(node, Quantity):
        return node.to_data()
    if isinstance(node, Spec):
        out = {}
        dumped = node.model_dump(mode="json", exclude_defaults=True)
        for name in type(node).model_fields:
            if name not in dumped:
                continue
            value = getattr(node, name)
            has = bool(walk(value)) or isinstance(value, Spec)
            written = name.removesuffix("_")  # a key such as "from" is a word of Python
            out[written] = plain(value) if has or _holds_spec(value) else plain(dumped[name])
        return out
    if isinstance(node, Mapping):
        return {str(key): plain(value) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [plain(value) for value in node]
    return _tidy(node) if isinstance(node, float) else node


def _holds_spec(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(isinstance(v, Spec) or _holds_spec(v) for v in value.values())
    if isinstance(value, (list, tuple)):
        return any(isinstance(v, Spec) for v in value)
    return False
