"""One change = a path and what happens to its value; checked against the model, logged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError, model_validator

from svcsim.errors import Finding, InputError, nearest
from svcsim.model.quantity import Quantity, Time, walk
from svcsim.model.service import ServiceModel
from svcsim.scenario.additions import add, addable, additions, can_add
from svcsim.scenario.settings import brief, expand, read_setting, settings
from svcsim.spec import WRITTEN, Spec, problems_of
from svcsim.units import format_duration


class Change(Spec):
    """One change to one path of the model: exactly one of ``to``, ``times``, ``plus`` and ``add``.

    ``add`` declares what the baseline does not have (an incident, a campaign, a meeting, ...).
    A path may stand for several (`settings.expand`).
    ``from`` (optional) is the value the author believes the baseline has; another one is refused.
    """

    path: str
    to: Any = None
    times: float | None = None
    plus: float | str | None = None
    add: Any = None
    from_: Any = None

    @model_validator(mode="before")
    @classmethod
    def _from(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and "from" in data:
            data = {("from_" if key == "from" else key): value for key, value in data.items()}
        return data

    @model_validator(mode="after")
    def _one(self) -> Change:
        given = [n for n in ("to", "times", "plus", "add") if getattr(self, n) is not None]
        if len(given) != 1:
            message = f"write exactly one of to, times, plus and add; found {given or 'none'}"
            raise ValueError(message)
        return self


@dataclass(frozen=True)
class Applied:
    """A change as it was applied: ``path: old -> new``."""

    path: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.path}: {self.old} -> {self.new}"


def list_paths(model: ServiceModel) -> dict[str, Any]:
    """Return every path that any change may name, with its value as people write it.

    `settings` are those that only ``to`` changes.
    """
    paths = {path: quantity.show(quantity.value) for path, quantity in walk(model)}
    for team in model.teams:
        paths[f"staffing.extra.{team}"] = model.staffing.extra.get(team, 0)
    priorities = (p for category in model.categories.values() for p in category.priorities)
    for priority in dict.fromkeys((*priorities, *model.routing.credit)):
        credit = model.routing.credit.get(priority, 0.0)
        paths[f"routing.credit.{priority}"] = format_duration(credit)
    for name, agent in model.agents.items():
        paths[f"agents.{name}.serves"] = list(agent.serves)
    return paths


def apply_changes(
    model: ServiceModel,
    changes: Sequence[Change],
    where: str = "scenario",
    places: Sequence[str] | None = None,
) -> tuple[ServiceModel, tuple[Applied, ...]]:
    """Return the model with all changes made and the log of what each did.

    Two changes of one path conflict. All problems are reported together, each at its place in
    ``places`` (``file:line`` of every change) where it is known, else at ``where``.

    Raises
    ------
    InputError
        Unknown path (with the nearest), conflict, wrong ``from``, or a result the model refuses.
    """
    known = list_paths(model) | settings(model)
    findings: list[Finding] = []
    seen: set[str] = set()
    data = _as_dict(model)
    log: list[Applied] = []
    made: list[tuple[str, str]] = []
    for change, place in zip(changes, places or [where] * len(changes), strict=True):
        try:
            paths = _reached(model, change, place, known, seen)
            each = [_apply_one(model, data, change.model_copy(update={"path": p})) for p in paths]
        except InputError as error:
            findings += error.findings
        except ValueError as error:
            findings.append(Finding(place, f"{change.path}: {error}"))
        else:
            log.append(_joined(change.path, each))
            made += [(path, place) for path in paths]
    if findings:
        raise InputError(findings)
    try:
        return ServiceModel.model_validate(data), tuple(log)
    except ValidationError as error:
        raise InputError([f for e in error.errors() for f in _refused(e, made, where)]) from None


def _reached(
    model: ServiceModel, change: Change, place: str, known: Mapping[str, Any], seen: set[str]
) -> list[str]:
    """Return the paths that a change reaches and note them as seen; each may be changed once."""
    paths = expand(model, change.path, known if change.add is None else addable(model))
    twice = [path for path in paths if path in seen]
    if twice:
        raise InputError(Finding(place, f"{twice[0]} is changed twice", "", "join the two changes"))
    seen.update(paths)
    if change.add is None and paths[0] not in known:
        mend = nearest(change.path, known) or "see: svcsim list paths BASELINE"
        raise InputError(Finding(place, f"{change.path} is not in the baseline", "", mend))
    return paths


def _joined(path: str, each: Sequence[Applied]) -> Applied:
    """Return one line for all that a path with a star changed."""
    if len(each) == 1:
        return Applied(path, each[0].old, each[0].new)
    olds, news = {one.old for one in each}, {one.new for one in each}
    old, new = (s.pop() if len(s) == 1 else f"{len(s)} values" for s in (olds, news))
    return Applied(path, old, f"{new} ({len(each)} times)")


def _refused(detail: Any, made: Sequence[tuple[str, str]], where: str) -> list[Finding]:
    """Return what the whole model refuses, each at the change that touched the place of it."""
    above = ".".join(str(part) for part in detail["loc"])
    message = str(detail["msg"]).removeprefix("Value error, ")
    everywhere = {place for _, place in made}
    found = []
    for problem in problems_of(detail) or (f"{above}: {message}".removeprefix(": "),):
        at = problem.partition(": ")[0]
        touched = [place for path, place in made if path.startswith(at) or at.startswith(path)]
        touched = touched or (list(everywhere) if len(everywhere) == 1 else [])
        found.append(Finding(touched[0] if touched else where, problem))
    return found


def _as_dict(model: ServiceModel) -> dict[str, Any]:
    """Return the model as nested dicts that `ServiceModel.model_validate` takes back."""
    data: dict[str, Any] = model.model_dump()
    return data


def _apply_one(model: ServiceModel, data: dict[str, Any], change: Change) -> Applied:
    if change.add is not None:
        if not can_add(model, change.path):
            message = f"nothing can be added here; add is for {', '.join(additions(model))}"
            raise ValueError(message)
        return Applied(change.path, "none", add(model, data, change.path, change.add))
    quantities = dict(walk(model))
    *parents, leaf = _split(data, change.path)
    node: Any = data
    for key in parents:
        node = node[key]
    if change.path in quantities:
        quantity = quantities[change.path]
        new = _new_value(quantity, change)
        interval = _moved_interval(quantity, new)
        node[leaf] = dict(node[leaf], value=new, interval=interval, how=f"changed: {change.path}")
        return Applied(change.path, str(quantity.show(quantity.value)), str(quantity.show(new)))
    if change.path.startswith("routing.credit."):
        # A credit is a duration like any other, only without uncertainty.
        credit = Time(value=node.get(leaf, 0.0))
        node[leaf] = _new_value(credit, change)
        return Applied(change.path, str(credit.show(credit.value)), str(credit.show(node[leaf])))
    if change.path in (plain := settings(model)):
        _check_from(change, plain[change.path])
        if change.to is None:
            message = f"is {plain[change.path]!r}; only 'to' can change it"
            raise ValueError(message)
        node[leaf] = read_setting(model, change.path, change.to)
        return Applied(change.path, brief(plain[change.path]), brief(change.to))
    old = node.get(leaf, 0)
    old = list(old) if isinstance(old, tuple) else old
    _check_from(change, old)
    if change.to is not None:
        node[leaf] = change.to
    elif isinstance(old, int):
        node[leaf] = _whole(old * change.times if change.times is not None else old + _step(change))
    else:
        message = f"is {old!r}; only 'to' can change it"
        raise ValueError(message)
    return Applied(change.path, str(old), str(node[leaf]))


def _whole(number: float) -> int:
    if number != int(number):
        message = f"would become {number:g}; it is a whole number"
        raise ValueError(message)
    return int(number)


def _moved_interval(quantity: Quantity, new: float) -> tuple[float, float] | None:
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


def _step(change: Change, quantity: Quantity | None = None) -> float:
    """Return what ``plus`` adds; the sign stands before the number and its unit."""
    text = str(change.plus).strip()
    sign, size = (-1.0 if text.startswith("-") else 1.0), text.lstrip("+-").strip()
    return sign * (float(size) if quantity is None else _written(quantity, size))


def _written(quantity: Quantity, value: Any) -> float:
    """Read a value of the quantity's kind as people write it."""
    try:
        return type(quantity).model_validate(value, context={WRITTEN: True}).value
    except ValidationError as error:
        message = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise ValueError(message) from None


def _new_value(quantity: Quantity, change: Change) -> float:
    """Return the quantity's new value; shares stay within 0..1 and times below zero are refused."""
    _check_from(change, quantity.value, quantity)
    if change.times is not None:
        new = quantity.value * change.times
    elif change.plus is not None:
        new = quantity.value + _step(change, quantity)
    else:
        new = _written(quantity, change.to)
    if not math.isfinite(new):
        message = f"would become {new}"
        raise ValueError(message)
    if quantity.scale == "share":
        return min(max(new, 0.0), 1.0)
    if quantity.scale == "log" and new < 0:
        message = f"would become negative ({quantity.show(new)})"
        raise ValueError(message)
    return new


def _check_from(change: Change, old: Any, quantity: Quantity | None = None) -> None:
    if change.from_ is None:
        return
    believed = change.from_
    if quantity is not None:
        believed = _written(quantity, believed)
        same = abs(believed - old) <= 0.005 * max(abs(old), 1e-9)
        shown = quantity.show(old)
    else:
        same, shown = believed == old, old
    if not same:
        message = (
            f"the baseline says {shown}, not {change.from_} (from); look again before changing"
        )
        raise ValueError(message)


def _split(data: Mapping[str, Any], path: str) -> list[str]:
    """Split a dotted path along the keys that really exist (names may hold dots)."""
    parts = path.split(".")
    keys: list[str] = []
    node: Any = data
    while parts:
        for size in range(len(parts), 0, -1):
            key = ".".join(parts[:size])
            if isinstance(node, Mapping) and key in node:
                break
        else:
            keys.append(".".join(parts))
            return keys
        keys.append(key)
        node, parts = node[key], parts[size:]
    return keys
