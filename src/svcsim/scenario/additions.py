"""What a scenario may add to a desk: declarations that the baseline does not have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from svcsim.errors import nearest
from svcsim.model.demand import Arrivals, Category, Channel, week_shares
from svcsim.model.events import Burst, Campaign
from svcsim.model.handling import Behaviour
from svcsim.model.people import Meeting
from svcsim.model.quantity import walk
from svcsim.model.service import ServiceModel
from svcsim.model.staffing import Agent, Staffing
from svcsim.model.times import iso_date
from svcsim.scenario.applied import more, said
from svcsim.scenario.settings import fields_of, kind_of, read_as
from svcsim.spec import Spec
from svcsim.text import Text

_ENTRIES: dict[str, type[Spec]] = {"campaigns": Campaign, "bursts": Burst, "channels": Channel}
"""Parts to which entries are added by name."""

_OPTIONAL: dict[type[Spec], tuple[str, ...]] = {
    Arrivals: ("trend",),
    ServiceModel: (
        "customers", "segments", "languages", "survey", "fatigue", "complaint", "churn",
        "quality_check", "cost",
    ),
    Staffing: ("quiet_share", "attrition", "absence", "learning"),
    Behaviour: ("empty_reply_time",),
    Agent: ("hired", "leaves"),
    Category: (
        "profile", "pickup", "pending", "pending_by", "first_reply", "wrap_up", "hold", "help",
        "knowledge",
    ),
    Channel: ("patience", "auto_reply"),
}  # fmt: skip
"""What is added as a whole, where the baseline has none."""

_MEETINGS = "staffing.meetings"
_CAPITALS = {"agents": "AGENT", "categories": "CATEGORY", "channels": "CHANNEL"}
_TEXTS: dict[str, Callable[[Any], Any]] = {
    "hired": iso_date,
    "leaves": iso_date,
    "profile": week_shares,
}
"""Fields whose declaration reads more than their type."""


def additions(model: ServiceModel) -> list[str]:
    """Return every path to which a scenario may ``add``, names in capitals to be chosen."""
    free = [_capital(path) for path in addable(model)]
    return [*(f"{part}.NAME" for part in _ENTRIES), _MEETINGS, *dict.fromkeys(free)]


def addable(model: ServiceModel) -> list[str]:
    """Return the paths of what the desk could have, but has not."""
    return [
        path
        for path, (spec, field) in fields_of(model, _OPTIONAL).items()
        if not getattr(spec, field)
    ]


def can_add(model: ServiceModel, path: str) -> bool:
    """Return whether ``add`` means something at a path."""
    part, _, name = path.partition(".")
    return (
        path == _MEETINGS or path in fields_of(model, _OPTIONAL) or part in _ENTRIES and name > ""
    )


def cannot_add(model: ServiceModel, path: str) -> str:
    """Say why nothing can be added at a path, and what the nearest place is."""
    if path in dict(walk(model)):
        return "is in the baseline already; change it by to, times or plus"
    places = additions(model)
    part, _, name = path.partition(".")
    named = [place.replace("NAME", name or "NAME") for place in places]
    named += addable(model)
    hint = nearest(path, named) or f"known: {', '.join(p for p in places if '.' not in p)}"
    return f"nothing can be added here. {hint} (all places: svcsim list paths BASELINE)"


def add(model: ServiceModel, data: dict[str, Any], path: str, value: Any, at: str) -> Text:
    """Put a declaration into ``data`` (the model as nested dicts); return what was added.

    ``at`` is the path as the person wrote it.

    Raises
    ------
    ValueError
        When the path is taken, or the declaration has a mistake.
    """
    if path == _MEETINGS:
        alone = isinstance(value, Mapping)
        read = read_as(Meeting if alone else tuple[Meeting, ...], value, at)
        new = [read] if alone else read
        data["staffing"]["meetings"] = [*data["staffing"]["meetings"], *new]
        return more(len(new))
    optional = fields_of(model, _OPTIONAL)
    part, _, name = path.partition(".")
    there = getattr(*optional[path]) if path in optional else getattr(model, part).get(name)
    if there:
        message = "is there already; change what is in it, or choose another name"
        raise ValueError(message)
    if path not in optional:
        data[part][name] = read_as(_ENTRIES[part], value, at)
    else:
        spec, field = optional[path]
        read = read_as(kind_of(spec, field), value, at)
        _put(data, path.removesuffix(field).rstrip("."), field, _TEXTS.get(field, _same)(read))
    return said(value)


def _same(value: Any) -> Any:
    return value


def _put(data: dict[str, Any], owner: str, field: str, value: Any) -> None:
    """Set a field of the declaration at the path ``owner`` (names may hold dots)."""
    part, _, name = owner.partition(".")
    node = data[part] if part else data
    (node[name] if name else node)[field] = value


def _capital(path: str) -> str:
    """Return a path with the name of its agent, category or channel in capitals."""
    part, _, inside = path.partition(".")
    if part not in _CAPITALS:
        return path
    return f"{part}.{_CAPITALS[part]}.{inside.rpartition('.')[2]}"
