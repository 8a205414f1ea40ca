"""Plain settings of a desk that a scenario may replace, and paths with ``*`` for several at once.

A setting is what is no quantity: a rule of routing, an agent's slots, the channels of a category.
``agents.*.slots`` means every agent, ``agents.L1/*.slots`` every agent of team L1; the star works
for ``categories`` (``categories.L2/*.repeat``: those that L2 sees first), ``channels`` and
``difficulty`` too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from svcsim.errors import ProblemsError, nearest
from svcsim.model.demand import Category
from svcsim.model.handling import Behaviour
from svcsim.model.quantity import Quantity, plain
from svcsim.model.routing import Routing
from svcsim.model.service import ServiceModel
from svcsim.model.staffing import Agent, Staffing
from svcsim.spec import WRITTEN, Spec, known_keys, problems_of
from svcsim.wording import dotted, sentence

_SETTINGS: dict[type[Spec], tuple[str, ...]] = {
    ServiceModel: ("survey", "clock", "max_contacts", "max_handlings"),
    Category: ("channels", "difficulty", "priorities"),
    Agent: ("slots", "tiers", "languages"),
    Staffing: ("at_shift_end", "shrinkage"),
    Routing: (
        "live_first", "discipline", "due", "sla_hours", "assign", "pooled", "by_preference",
        "own_first", "own_wait", "own_customer",
    ),
    Behaviour: ("cherry_window",),
}  # fmt: skip

NAMED = ("agents", "categories", "channels", "difficulty")
"""Parts of a desk whose entries have names that a star stands for."""

_STAR = re.compile(rf"({'|'.join(NAMED)})\.(?:(.+)/)?\*\.(.+)")


def declarations(node: Any, path: str = "") -> dict[str, Spec]:
    """Return every declaration of a desk by its path, the desk itself under an empty one."""
    found: dict[str, Spec] = {}
    if isinstance(node, Spec) and not isinstance(node, Quantity):
        found[path] = node
        items = [(name, getattr(node, name)) for name in type(node).model_fields]
    elif isinstance(node, Mapping):
        items = [(str(key), value) for key, value in node.items()]
    else:
        return found
    for name, value in items:
        found |= declarations(value, f"{path}.{name}" if path else name)
    return found


def fields_of(
    model: ServiceModel, table: Mapping[type[Spec], tuple[str, ...]]
) -> dict[str, tuple[Spec, str]]:
    """Return path -> (declaration, field) of the fields that a table names."""
    return {
        f"{path}.{field}".lstrip("."): (spec, field)
        for path, spec in declarations(model).items()
        for field in table.get(type(spec), ())
    }


def settings(model: ServiceModel) -> dict[str, Any]:
    """Return every setting that ``to`` may replace, with its value as people write it."""
    found = {}
    for path, (spec, field) in fields_of(model, _SETTINGS).items():
        written = spec.model_dump(mode="json", include={field})[field]
        value = getattr(spec, field)
        if value is not None:  # what is not there is added, not replaced
            found[path] = plain(value) if isinstance(value, Spec) else written
    return found


def read_setting(model: ServiceModel, path: str, value: Any, at: str) -> Any:
    """Return the new value of a setting as plain data, read as its declaration reads it.

    Raises
    ------
    ValueError
        When the value is not of the setting's kind.
    """
    spec, field = fields_of(model, _SETTINGS)[path]
    return read_as(kind_of(spec, field), value, at)


def kind_of(spec: Spec, field: str) -> Any:
    """Return the type of a field, its own readers (units, limits) included."""
    info = type(spec).model_fields[field]
    kind: Any = info.annotation
    for extra in info.metadata:
        kind = Annotated[kind, extra]
    return kind


def read_as(kind: Any, value: Any, at: str) -> Any:
    """Validate what a person wrote (times need their unit) and return it as plain data.

    Raises
    ------
    ProblemsError
        With every mistake, under the path ``at`` that the person wrote.
    """
    try:
        read = TypeAdapter(kind).validate_python(value, context={WRITTEN: True})
    except ValidationError as error:
        raise ProblemsError([p for e in error.errors() for p in _problems(kind, e, at)]) from None
    return _data(read)


def _problems(kind: Any, detail: Any, at: str) -> list[str]:
    """Return what one error of a value says, below the path ``at``."""
    loc = detail["loc"]
    path = dotted([at, *loc])
    within = problems_of(detail)
    if within:
        return [f"{path}.{problem}" for problem in within]
    return [sentence(path, detail, known_keys(kind, loc[:-1]))]


def _data(node: Any) -> Any:
    if isinstance(node, Spec):
        return node.model_dump()
    if isinstance(node, Mapping):
        return {key: _data(value) for key, value in node.items()}
    return [_data(item) for item in node] if isinstance(node, tuple) else node


def expand(model: ServiceModel, path: str, known: Collection[str]) -> list[str]:
    """Return the paths that one with a star stands for: those of its names that are ``known``.

    A path without a star stands for itself.

    Raises
    ------
    ValueError
        When the team is unknown, or nothing has such a path.
    """
    star = _STAR.fullmatch(path)
    if star is None:
        return [path]
    part, team, rest = star.groups()
    entries = getattr(model, part)
    if team is not None and team not in model.teams:
        message = f"team '{team}' is unknown; expected one of {', '.join(model.teams)}"
        raise ValueError(message)
    paths = [
        f"{part}.{name}.{rest}"
        for name, entry in entries.items()
        if team is None or getattr(entry, "team", None) == team
    ]
    found = [one for one in paths if one in known]
    if not found:
        ends = [one.rpartition(".")[2] for one in known if one.startswith(f"{part}.")]
        hint = nearest(rest.rpartition(".")[2], dict.fromkeys(ends))
        message = f"none of {len(paths)} {part} has {rest}. {hint}".rstrip()
        raise ValueError(message)
    return found


def starred_problem(path: str, problem: str, reached: Collection[str]) -> str:
    """Return a problem of one name under the star that a person wrote: it is all names' alike.

    ``reached`` are the paths that the star stands for. A problem of the whole entry
    (``categories.repair: ...``) is told of ``categories.*``.
    """
    star = _STAR.fullmatch(path)
    if star is None:
        return problem
    rest = f".{star[3]}"
    for one in reached:
        entry = one.removesuffix(rest)
        if problem.startswith((f"{entry}.", f"{entry}:", f"{entry} (")):
            return path.removesuffix(rest) + problem.removeprefix(entry)
    return problem


def starred(paths: Mapping[str, Any], model: ServiceModel) -> dict[str, Any]:
    """Return the paths with a star that stand for several of ``paths``.

    Their value is the one they share, else how many values there are.
    """
    found: dict[str, list[Any]] = {}
    for part in NAMED:
        names = sorted(getattr(model, part), key=len, reverse=True)
        for path, value in paths.items():
            inside = path.removeprefix(f"{part}.")
            name = next((n for n in names if path != inside and inside.startswith(f"{n}.")), None)
            if name is not None:
                found.setdefault(f"{part}.*{inside[len(name) :]}", []).append(value)
    return {
        path: values[0] if all(v == values[0] for v in values) else f"{len(values)} values"
        for path, values in found.items()
        if len(values) > 1
    }
