"""How long things take: a mean with uncertainty and a shape."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, FiniteFloat, model_validator

from svcsim.model.quantity import Factor, Share, Time
from svcsim.spec import Spec

Law = Literal["lognormal", "exponential", "fixed", "table"]


class Duration(Spec):
    """A positive random time.

    ``lognormal`` needs ``cv`` (sd / mean); ``exponential`` and ``fixed`` need the mean alone;
    ``table`` gives quantiles relative to the mean at equally spaced probabilities 0, 1/m, ..., 1
    (linear between them), so that scaling the mean scales the whole law. A table whose own mean is
    not 1 is divided by it: ``mean`` is the mean.
    """

    law: Law = "lognormal"
    mean: Time
    cv: Factor | None = None
    zero: Share | None = None
    """Share that takes no time at all; ``mean`` is then the mean of the others."""
    table: tuple[FiniteFloat, ...] | None = Field(default=None, min_length=2)

    @model_validator(mode="after")
    def _complete(self) -> Duration:
        if self.law == "lognormal" and self.cv is None:
            message = "a lognormal duration needs cv (standard deviation / mean)"
            raise ValueError(message)
        if self.law == "table":
            if self.table is None:
                message = "a table duration needs table: quantiles relative to the mean"
                raise ValueError(message)
            if self.table[0] < 0:
                message = f"table starts at {self.table[0]:g}: a time cannot be negative"
                raise ValueError(message)
            if any(b < a for a, b in zip(self.table, self.table[1:], strict=False)):
                message = "table must not decrease: it lists quantiles"
                raise ValueError(message)
            if self.table[-1] <= 0:
                message = "table is 0 everywhere; write law: fixed with mean: 0s, or a real table"
                raise ValueError(message)
        return self


class Patience(Spec):
    """How long a customer waits in a live queue before leaving: a piecewise constant hazard.

    ``hazard[i]`` is the leaving rate per hour of waiting between ``edges[i]`` and the next edge;
    ``balk`` is the share that leaves at once when it has to wait at all; ``level`` scales all
    hazards and carries their uncertainty.
    """

    edges: tuple[FiniteFloat, ...] = (0.0,)
    """Starts of the pieces in seconds; the first is 0."""
    hazard: tuple[FiniteFloat, ...]
    """Leaving rate per hour in each piece."""
    level: Factor = Factor(value=1.0)
    balk: Share = Share(value=0.0)

    @model_validator(mode="after")
    def _complete(self) -> Patience:
        if not self.hazard:
            message = "hazard is empty; write a leaving rate per hour, or leave patience out"
            raise ValueError(message)
        if self.level.value <= 0:
            message = "level is 0: nobody would ever leave; leave patience out instead"
            raise ValueError(message)
        if len(self.edges) != len(self.hazard) or self.edges[0] != 0:
            message = "edges and hazard need the same length, and the first edge is 0"
            raise ValueError(message)
        if any(b <= a for a, b in zip(self.edges, self.edges[1:], strict=False)):
            message = "edges must increase"
            raise ValueError(message)
        if any(rate < 0 for rate in self.hazard) or self.hazard[-1] <= 0:
            message = (
                "hazards are rates per hour, zero or more, and the last is above 0 (leave patience "
                "out where nobody leaves)"
            )
            raise ValueError(message)
        return self
