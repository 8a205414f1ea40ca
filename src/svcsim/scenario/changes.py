"""One change = a path and what happens to its value; checked against the model, logged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError, ValidationInfo, field_validator, model_validator

from svcsim.errors import Finding, InputError, ProblemsError, nearest
from svcsim.model.quantity import Time, walk
from svcsim.model.service import ServiceModel
from svcsim.scenario.additions import add, addable, can_add, cannot_add
from svcsim.scenario.applied import CUT, NOTHING, Applied, joined, said
from svcsim.scenario.settings import NAMED, expand, read_setting, settings, starred_problem
from svcsim.scenario.values import check_from, counted, leap, moved_interval, new_value, step, whole
from svcsim.spec import Spec, below, problems_of
from svcsim.units import format_duration
from svcsim.wording import dotted, sentence, shown


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

    @field_validator("times", "plus", mode="before")
    @classmethod
    def _number(cls, value: Any, info: ValidationInfo) -> Any:
        texts: tuple[type, ...] = (str,) if info.field_name == "plus" else ()
        if isinstance(value, bool) or not isinstance(value, (int, float, *texts, type(None))):
            message = f"expected {_EXAMPLES[str(info.field_name)]}"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _one(self) -> Change:
        given = [n for n in ("to", "times", "plus", "add") if getattr(self, n) is not None]
        if len(given) != 1:
            told = "it has " + " and ".join(given) if given else "it says nothing"
            message = f"{told}; write exactly one of to, times, plus and add"
            raise ValueError(message)
        return self


_EXAMPLES = {
    "times": "a factor as a number: 1.2 is 20% more, 0.8 is 20% less",
    "plus": "a number, a time or a share, such as 2, 5min or -3%",
}


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


def known_paths(model: ServiceModel, changes: Sequence[Change] = ()) -> dict[str, Any]:
    """Return every path that ``to`` may name, credits of priorities that changes bring included."""
    known = list_paths(model) | settings(model)
    for change in changes:
        if change.path.endswith(".priorities") and isinstance(change.to, Mapping):
            for priority in change.to:
                known.setdefault(f"routing.credit.{priority}", format_duration(0.0))
    return known


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
    known = known_paths(model, changes)
    findings: list[Finding] = []
    seen: set[str] = set()
    data = _as_dict(model)
    log: list[Applied] = []
    for change, place in zip(changes, places or [where] * len(changes), strict=True):
        try:
            paths = _reached(model, change, place, known, seen)
            each = [_apply_one(model, data, change, path) for path in paths]
        except InputError as error:
            findings += error.findings
        except ProblemsError as error:
            findings += [Finding(place, problem) for problem in error.problems]
        except ValueError as error:
            findings.append(Finding(place, f"{change.path}: {error}"))
        else:
            log.append(joined(change.path, each))
    if findings:
        raise InputError(findings)
    try:
        return ServiceModel.model_validate(data), tuple(log)
    except ValidationError as error:
        problems = _refused(error, data)
    places = places or [where] * len(changes)
    raise InputError(_told(model, changes, problems, where, places))


def steps(model: ServiceModel, changes: Sequence[Change]) -> Iterator[ServiceModel | list[str]]:
    """Yield what each change, after those before it, makes of a desk: a model, or why it is none.

    The changes themselves have been found to be possible (`apply_changes`).
    """
    data = _as_dict(model)
    known = known_paths(model, changes)
    for change in changes:
        for path in _reached(model, change, "", known, set()):
            _apply_one(model, data, change, path)
        try:
            yield ServiceModel.model_validate(data)
        except ValidationError as error:
            yield _refused(error, data)


def _told(
    model: ServiceModel,
    changes: Sequence[Change],
    problems: Sequence[str],
    where: str,
    places: Sequence[str],
) -> list[Finding]:
    """Return what the changed desk refuses, each at the first change after which it is so.

    What is wrong between the parts of a desk (a language that nobody speaks any more) names none of
    the changes, so they are made again one by one. What is wrong with several names under one star
    is told once, of the star.
    """
    place_of = dict.fromkeys(problems, places[-1] if len(set(places)) == 1 else where)
    of_star: dict[str, str] = {}
    known = known_paths(model, changes)
    open_ = set(problems)
    for change, place, desk in zip(changes, places, steps(model, changes), strict=True):
        for problem in open_ & set([] if isinstance(desk, ServiceModel) else desk):
            place_of[problem] = place
            reached = _reached(model, change, place, known, set())
            of_star[problem] = starred_problem(change.path, problem, reached)
            open_.discard(problem)
    often = Counter(of_star.values())
    told = (
        (place, of_star[p] if often[of_star.get(p, p)] > 1 else p) for p, place in place_of.items()
    )
    return [Finding(place, problem) for place, problem in dict.fromkeys(told)]


def _refused(error: ValidationError, data: Mapping[str, Any]) -> list[str]:
    """Return every sentence of what the whole model refuses."""
    out = []
    for detail in error.errors():
        within = [below(detail["loc"], data, problem)[0] for problem in problems_of(detail)]
        out += within or [sentence(dotted(detail["loc"]), detail)]
    return out


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
        raise InputError(Finding(place, *_unknown(model, change.path, known)))
    return paths


def _unknown(model: ServiceModel, path: str, known: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return what is wrong with a path that the baseline lacks: found, expected, mend."""
    found, see = f"{path} is not in the baseline", "see: svcsim list paths BASELINE"
    if "*" in path:
        star = "a star stands for the names of agents, categories, channels or difficulty"
        return found, "", f"{star}, as in agents.*.speed"
    part, _, inside = path.partition(".")
    names = getattr(model, part) if part in NAMED else {}
    if names and not any(inside == name or inside.startswith(f"{name}.") for name in names):
        name, _, rest = inside.partition(".")
        near = get_close_matches(name.lower(), {n.lower(): n for n in names}, n=1, cutoff=0.55)
        right = next((n for n in names if [n.lower()] == near), None)
        few = f"known are {', '.join(names)}" if len(names) <= 8 else f"{see} {part}"
        mend = few if right is None else f"Did you mean {part}.{right}.{rest}?"
        return f"{found}: none of its {part} is called '{name}'", "", mend
    return found, "", nearest(path, known) or see


def _as_dict(model: ServiceModel) -> dict[str, Any]:
    """Return the model as nested dicts that `ServiceModel.model_validate` takes back."""
    data: dict[str, Any] = model.model_dump()
    return data


def _apply_one(model: ServiceModel, data: dict[str, Any], change: Change, path: str) -> Applied:
    """Make a change at one of the paths that it reaches."""
    if change.add is not None:
        if not can_add(model, path):
            raise ValueError(cannot_add(model, path))
        return Applied(path, NOTHING, add(model, data, path, change.add, change.path))
    quantities = dict(walk(model))
    *parents, leaf = _split(data, path)
    node: Any = data
    for key in parents:
        node = node[key]
    if path in quantities:
        quantity = quantities[path]
        asked = new_value(quantity, change)
        new = min(max(asked, 0.0), 1.0) if quantity.scale == "share" else asked
        interval = moved_interval(quantity, new)
        node[leaf] = dict(node[leaf], value=new, interval=interval, how=f"changed: {path}")
        before, now = said(quantity.show(quantity.value)), said(quantity.show(new))
        cut = CUT.fill(path=path, asked=quantity.show(asked), taken=now)
        notes = (cut,) if asked != new else leap(quantity, change, path)
        return Applied(path, before, now, notes)
    if path.startswith("routing.credit."):
        # A credit is a duration like any other, only without uncertainty.
        credit = Time(value=node.get(leaf, 0.0))
        node[leaf] = new_value(credit, change)
        return Applied(path, said(credit.show(credit.value)), said(credit.show(node[leaf])))
    if path in (plain := settings(model)):
        check_from(change, plain[path])
        if change.to is None:
            message = f"is {shown(plain[path])}; only 'to' can change it"
            raise ValueError(message)
        node[leaf] = read_setting(model, path, change.to, change.path)
        return Applied(path, said(plain[path]), said(change.to))
    old = node.get(leaf, 0)
    old = list(old) if isinstance(old, tuple) else old
    check_from(change, old)
    if change.to is not None:
        node[leaf] = change.to if isinstance(old, list) else counted(change.to)
    elif isinstance(old, int):
        node[leaf] = whole(old * change.times if change.times is not None else old + step(change))
    else:
        message = f"is {shown(old)}; only 'to' can change it"
        raise ValueError(message)
    return Applied(path, said(old), said(node[leaf]))


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
