"""Under four weeks of history: priors hold up what was hardly seen, and intervals are wider."""

from __future__ import annotations

import math
from typing import Any

from svcsim.calibration.ladder import FULL_DAYS
from svcsim.contacts.log import ContactLog
from svcsim.model.demand import Category
from svcsim.model.quantity import Factor, Quantity, Share
from svcsim.model.service import ServiceModel
from svcsim.spec import Spec
from svcsim.text import Text

PRIOR_SCV, PRIOR_REPEAT, PRIOR_BUSY = 1.5, 0.12, 1.15
STRENGTH = 50.0
"""Contacts that a prior of a repeat rate, or of a spread of handling times, counts as."""
WIDER = 1.5
"""Factor on the half-width of every interval."""


def is_short(log: ContactLog) -> bool:
    """Tell whether a history is under four weeks."""
    return (log.end - log.start) / 86400.0 < FULL_DAYS - 0.1


def with_priors(model: ServiceModel) -> tuple[ServiceModel, Text]:
    """Return the model of a short history: spreads and repeats shrunk to priors, intervals wider.

    A rate k/n becomes ``(k + 50 p) / (n + 50)`` with p = 12 %; the log of the scv of a handling
    time is averaged with that of 1.5 in the same way; the busy factor starts at 1.15. (Day cv and
    day correlation have their priors in the arrivals.) Half-widths of intervals, on the scale of
    the quantity, grow by 1.5; what the planner gave stays as it is.
    """
    categories = {name: _category(category) for name, category in model.categories.items()}
    how = "assumed: under four weeks of history"
    busy = Factor(value=PRIOR_BUSY, interval=(0.95, 1.4), grade="assumed", how=how)
    staffing = model.staffing.model_copy(update={"slowdown": busy})
    out = model.model_copy(update={"categories": categories, "staffing": staffing})
    note = Text(
        "under four weeks of history: repeats and spreads lean on priors (12 %, scv 1.5), the "
        "busy factor starts at 1.15, intervals are 1.5 times as wide",
        "历史不足四周：重复来访与离散程度向先验（12%、平方变异系数 1.5）收缩，占用系数从 1.15 起，"
        "区间放宽为 1.5 倍",
    )
    return _wider(out), note


def _category(category: Category) -> Category:
    update: dict[str, Any] = {}
    repeat = category.repeat
    if repeat.n:
        value = (repeat.value * repeat.n + STRENGTH * PRIOR_REPEAT) / (repeat.n + STRENGTH)
        how = f"{repeat.how}; leaning on 12 % (under four weeks)"
        update["repeat"] = _moved(repeat, value, how)
    cv = category.handling.cv
    if cv is not None and cv.grade != "given":
        n = float(cv.n or 0)
        log_scv = (n * math.log(max(cv.value, 1e-3) ** 2) + STRENGTH * math.log(PRIOR_SCV)) / (
            n + STRENGTH
        )
        how = f"{cv.how}; leaning on scv 1.5 (under four weeks)"
        moved = _moved(cv, math.exp(log_scv / 2), how)
        update["handling"] = category.handling.model_copy(update={"cv": moved})
    return category.model_copy(update=update)


def _moved(quantity: Any, value: float, how: str) -> Any:
    """Return a quantity with another value, its interval moved along."""
    interval = quantity.interval
    if interval is not None:
        if isinstance(quantity, Share):
            ends = [min(max(end + value - quantity.value, 0.0), 1.0) for end in interval]
        else:
            ends = [end * value / quantity.value for end in interval]
        interval = (min(ends[0], value), max(ends[1], value))
    return quantity.model_copy(update={"value": value, "interval": interval, "how": how})


def _wider(node: Any) -> Any:
    """Return a declaration with wider intervals of all that was learned."""
    if isinstance(node, Quantity):
        return _widened(node)
    if isinstance(node, Spec):
        fields = type(node).model_fields
        changed = {name: _wider(getattr(node, name)) for name in fields}
        same = all(changed[name] is getattr(node, name) for name in fields)
        return node if same else node.model_copy(update=changed)
    if isinstance(node, dict):
        return {key: _wider(value) for key, value in node.items()}
    return node


def _widened(quantity: Quantity) -> Quantity:
    if quantity.interval is None or quantity.grade == "given":
        return quantity
    low, high = quantity.interval
    value = quantity.value
    if quantity.scale == "log" and low > 0 and value > 0:
        ends = value * (low / value) ** WIDER, value * (high / value) ** WIDER
    else:
        ends = value - WIDER * (value - low), value + WIDER * (high - value)
        if quantity.scale == "log":
            ends = max(ends[0], 0.0), ends[1]
        if quantity.scale == "share":
            ends = max(ends[0], 0.0), min(ends[1], 1.0)
    return quantity.model_copy(update={"interval": ends})
