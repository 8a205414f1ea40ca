"""The value that a change asks for, and the interval that moves along with it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from svcsim.errors import ProblemsError
from svcsim.model.quantity import Quantity
from svcsim.scenario.applied import said
from svcsim.spec import WRITTEN
from svcsim.text import Text
from svcsim.wording import dotted, sentence, shown

LEAP = 20.0
"""Factor from which on a value that ``to`` sets is remarked."""
FAR = Text(
    "{path}: {old} -> {new} changes it by a factor of {n}",
    "{path}：{old} → {new}，相差 {n} 倍",
)
_DID_YOU_MEAN = Text("{told}; did you mean times: {factor}?", "{told}；是否想写 times: {factor}？")

if TYPE_CHECKING:
    from svcsim.scenario.changes import Change


def counted(value: Any) -> int:
    """Read a number of agents."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        message = f"expected a whole number of agents; found {shown(value)}"
        raise ValueError(message)
    return whole(value)


def whole(number: float) -> int:
    """Return a number of agents that is whole; a ValueError for another one."""
    if not math.isfinite(number) or number != int(number):
        message = f"would become {number:g}; it is a whole number"
        raise ValueError(message)
    return int(number)


def moved_interval(quantity: Quantity, new: float) -> tuple[float, float] | None:
    """Return the interval moved along with the value on the quantity's own scale.

    So a changed parameter stays as uncertain as it was, and shares its redraws with the baseline.
    """
    old, interval = quantity.value, quantity.interval
    if interval is None or new == old:
        return interval
    if quantity.scale == "linear":
        return (interval[0] + new - old, interval[1] + new - old)
    if quantity.scale == "log":
        return (interval[0] * new / old, interval[1] * new / old) if old else None
    if not (0 < old < 1 and 0 < new < 1):
        return None
    odds = new / (1 - new) * (1 - old) / old
    low, high = (bound * odds / (1 - bound + bound * odds) for bound in interval)
    return (low, high)


def step(change: Change, quantity: Quantity | None = None) -> float:
    """Return what ``plus`` adds; the sign stands before the number and its unit."""
    text = f"{change.plus:g}" if isinstance(change.plus, float) else str(change.plus).strip()
    sign, size = (-1.0 if text.startswith("-") else 1.0), text.lstrip("+-").strip()
    if quantity is not None:
        return sign * _written(quantity, size, change.path)
    try:
        return sign * float(size)
    except ValueError:
        message = f"{shown(change.plus)} is not a number of agents"
        raise ValueError(message) from None


def _written(quantity: Quantity, value: Any, at: str) -> float:
    """Read a value of the quantity's kind as people write it."""
    try:
        return type(quantity).model_validate(value, context={WRITTEN: True}).value
    except ValidationError as error:
        known = ("value", "interval", "n", "grade", "how")
        told = (sentence(dotted([at, *e["loc"]]), e, known) for e in error.errors())
        raise ProblemsError(list(told)) from None


def new_value(quantity: Quantity, change: Change) -> float:
    """Return the value that is asked for; times below zero are refused, shares are cut later."""
    check_from(change, quantity.value, quantity)
    if change.times is not None:
        new = quantity.value * change.times
    elif change.plus is not None:
        new = quantity.value + step(change, quantity)
    else:
        new = _written(quantity, change.to, change.path)
    if not math.isfinite(new):
        message = f"would become {new}"
        raise ValueError(message)
    if quantity.scale == "log" and new < 0:
        message = f"would become negative ({quantity.show(new)})"
        raise ValueError(message)
    return new


def leap(quantity: Quantity, change: Change, path: str) -> tuple[Text, ...]:
    """Return a remark where ``to`` moves a value so far that another kind of change may be meant.

    ``arrivals.level: 1.2`` is a level of 1.2 new cases a week, not a fifth more of them. Effects,
    which lie around 0, and values from or to 0 (something is switched on or off) have no ratio.
    """
    if change.to is None or quantity.scale == "linear" or quantity.value <= 0:
        return ()
    new = _written(quantity, change.to, change.path)
    if new <= 0:
        return ()
    ratio = new / quantity.value
    if max(ratio, 1.0 / ratio) < LEAP:
        return ()
    old, now = said(quantity.show(quantity.value)), said(quantity.show(new))
    told = FAR.fill(path=path, old=old, new=now, n=f"{max(ratio, 1.0 / ratio):.3g}")
    factor = _plain_number(change.to)
    if factor is None or not 1.0 / LEAP <= factor <= LEAP:
        return (told,)
    return (_DID_YOU_MEAN.fill(told=told, factor=f"{factor:g}"),)


def _plain_number(value: Any) -> float | None:
    """Return a number that stands without a unit, else None."""
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def check_from(change: Change, old: Any, quantity: Quantity | None = None) -> None:
    """Refuse a change whose author believes in another value than the baseline has."""
    if change.from_ is None:
        return
    believed = change.from_
    if quantity is not None:
        believed = _written(quantity, believed, change.path)
        same = abs(believed - old) <= 0.005 * max(abs(old), 1e-9)
        known = said(quantity.show(old)).en
    else:
        same, known = believed == old, shown(old).strip("'")
    if not same:
        found = shown(change.from_).strip("'")
        message = f"the baseline says {known}, not {found} (from); look again before changing"
        raise ValueError(message)
