"""A score table as the plain data of ``scores.json``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from svcsim.scorecard.labels import BANDS, GATES, STATUS
from svcsim.text import Text

if TYPE_CHECKING:
    from svcsim.scorecard.table import Asked, UnitScore


def asked_json(asked: Asked, timezone: str) -> dict[str, Any]:
    """Return one KPI of the card as it was applied."""
    metric, curve = asked.kpi.kind, asked.curve
    return {
        "metric": metric.id,
        **{name: getattr(metric, name) for name in ("zh", "en", "unit", "family")},
        "formula": metric.formula.data(),
        "definition": metric.definition,
        "weight": asked.kpi.weight,
        "scope": asked.kpi.scope,
        "for": str(asked.kpi.for_) if asked.kpi.for_ is not None else "",
        "direction": curve.direction,
        "curve": curve.shape,
        "target": curve.target,
        "floor": curve.floor,
        "stretch": curve.stretch,
        "derived": curve.derived,
        "min_n": asked.min_n,
        "why": asked.kpi.why,
        "period": asked.question.period.to_json_dict(timezone),
        "left_out": Text.of(asked.left_out).data(),
        "followed_up": asked.followed_up,
        "reliability": asked.reliability,
        "contacts_median": asked.contacts_median,
        "contacts_for_pay": asked.contacts_for_pay,
    }


def unit_json(
    unit: UnitScore, beside: Mapping[tuple[str, str, str], Mapping[str, Any]]
) -> dict[str, Any]:
    """Return one unit with everything behind its score; ``beside``: what a review adds to KPIs."""
    out = asdict(unit)
    out["band_zh"] = BANDS.get(unit.band, "")
    for kpi in out["metrics"]:
        kpi["status_zh"] = STATUS[kpi["status"]]
        kpi |= beside.get((unit.kind, unit.unit, kpi["metric"]), {})
    for gate in out["gates"]:
        gate["status_zh"] = GATES[gate["status"]]
    for extra in out["extras"]:
        extra["left_out"] = Text.of(extra["left_out"]).data() if extra["left_out"] else ""
    return out


def finite(value: Any) -> Any:
    """Return plain data in which a number that is not known is None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return value
