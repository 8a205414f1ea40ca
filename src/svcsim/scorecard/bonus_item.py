"""One bonus or penalty of a card: points beside the weighted score, with a cap."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, PrivateAttr, ValidationInfo, field_validator, model_validator

from svcsim.metrics.catalogue import get_metric
from svcsim.metrics.metric import Count, Distinct, Metric, Sum
from svcsim.scorecard.written import known_metric, own_metric
from svcsim.spec import Spec

Finite = Annotated[float, Field(allow_inf_nan=False)]


class BonusItem(Spec):
    """Points for what is counted (``metric``) or given by a supervisor (``item``).

    A counted item is worth ``points_per`` points for every whole ``per`` of the count, cut to
    ``cap``; a negative ``points_per`` makes it a penalty. The points of an item come from a table
    (``agent, points, reason, date``), plus and minus, cut to ``cap`` above and ``penalty_cap``
    below 0.
    """

    metric: str = ""
    """Metric that counts things, e.g. ``volume``."""
    item: str = ""
    """Name of points that are given by hand, e.g. ``supervisor``."""
    zh: str = ""
    """Chinese name of the item."""
    points_per: Finite | None = None
    """Points for every ``per`` counted; below 0 for a penalty."""
    per: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    cap: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    """Most points that the item can add (of a counted penalty: take away)."""
    penalty_cap: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Most points that an item given by hand can take away; default: ``cap``."""
    why: str = ""
    _own: Metric | None = PrivateAttr(None)

    @field_validator("metric")
    @classmethod
    def _counts(cls, value: str, info: ValidationInfo) -> str:
        metric = known_metric(value, info)
        if not isinstance(metric.kind, (Count, Sum, Distinct)):
            message = (
                f"{metric.id} is a level, not a count; a bonus is paid for things that are "
                "counted, a level belongs among the kpis"
            )
            raise ValueError(message)
        return metric.id

    @model_validator(mode="after")
    def _one_kind(self, info: ValidationInfo) -> Self:
        self._own = own_metric(self.metric, info)
        mistakes = []
        if bool(self.metric) == bool(self.item):
            mistakes.append("a bonus needs either metric (counted) or item (given by hand)")
        elif self.metric and not self.points_per:
            mistakes.append(f"{self.metric} needs points_per, e.g. points_per: 2")
        elif self.metric and self.penalty_cap is not None:
            mistakes.append(f"{self.metric}: penalty_cap belongs to points given by hand; use cap")
        elif self.item and (self.points_per is not None or self.per != 1):
            mistakes.append(f"{self.item}: points given by hand are counted as they stand; "
                            "leave points_per and per out")  # fmt: skip
        if not (self.cap or self.penalty_cap):
            mistakes.append(f"{self.name}: a cap of 0 lets nothing count; leave the item out")
        if mistakes:
            raise ValueError("; ".join(mistakes))
        return self

    @property
    def kind(self) -> Metric:
        """The declaration of the metric that counts."""
        return self._own or get_metric(self.metric)

    @property
    def name(self) -> str:
        """The metric, or what the points given by hand are called."""
        return self.metric or self.item

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and most points of the item."""
        if self.metric:
            return (0.0, self.cap) if (self.points_per or 0) > 0 else (-self.cap, 0.0)
        return -(self.cap if self.penalty_cap is None else self.penalty_cap), self.cap
