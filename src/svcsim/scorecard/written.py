"""Values of a card as people write them: with the unit of the metric."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationInfo

from svcsim.errors import InputError
from svcsim.metrics.catalogue import get_metric
from svcsim.metrics.metric import Metric
from svcsim.metrics.own import OwnMetrics
from svcsim.metrics.own_kinds import Declared
from svcsim.spec import WRITTEN
from svcsim.units import format_duration, format_share, parse_duration, parse_share

EXAMPLE = {
    "s": "2h",
    "share": "85%",
    "score": "4.5",
    "points": "85",
    "money": "35",
    "count": "120",
    "per day": "20",
}
"""A value of each unit as a card writes it."""
OWN = "own metrics"
"""Validation context key: the `OwnMetrics` that a card may use beside the catalogue."""


def show_value(value: float, unit: str) -> str | float:
    """Return a value as people write it in a card: ``2h``, ``85%`` or a number."""
    if unit == "s":
        return format_duration(value, 6)
    if unit == "share":
        return format_share(value, 6)
    return int(value) if float(value).is_integer() else float(f"{value:.6g}")


def own_metric(name: str, info: ValidationInfo) -> Metric | None:
    """Return the metric if it is one of the card's own."""
    own: OwnMetrics | None = (info.context or {}).get(OWN)
    found = own.get(name) if own is not None and name else None
    return found if isinstance(found, Declared) else None


def known_metric(name: str, info: ValidationInfo) -> Metric:
    """Return the metric, its unknown name turned into the plain message of a card.

    Raises
    ------
    ValueError
        When there is no such metric.
    """
    try:
        return own_metric(name, info) or get_metric(name)
    except InputError as error:
        text = "; ".join(
            part for f in error.findings for part in (f.found, f.expected, f.mend) if part
        )
        raise ValueError(text) from None


def read_value(value: Any, info: ValidationInfo) -> Any:
    """Read a value in the unit of the KPI's metric; people must write the unit of a time.

    Raises
    ------
    ValueError
        When it has no unit where one is needed, or another one.
    """
    name = info.data.get("metric")
    if name is None:
        return 0.0  # the metric is wrong already; its finding is enough
    metric = known_metric(name, info)
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
        example = EXAMPLE.get(metric.unit, "4.5")
        message = f"'{value}' is not a number; {metric.id} is a {metric.unit}: write {example}"
        raise ValueError(message) from None
