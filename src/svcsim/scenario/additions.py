"""What a scenario may add to a desk: declarations that the baseline does not have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from svcsim.model.demand import week_shares
from svcsim.model.events import Burst, Campaign, Customers, Segment
from svcsim.model.people import Absence, Attrition, Learning, Meeting
from svcsim.model.quantity import Effect, Fraction
from svcsim.model.service import ServiceModel
from svcsim.model.times import iso_date
from svcsim.spec import WRITTEN, Spec

_ENTRIES: dict[str, Any] = {"campaigns": Campaign, "bursts": Burst}
"""Parts to which entries are added by name."""

_WHOLE: dict[str, Any] = {
    "arrivals.trend": Effect,
    "customers": Customers,
    "segments": dict[str, Segment],
    "languages": dict[str, Fraction],
    "staffing.attrition": Attrition,
    "staffing.absence": Absence,
    "staffing.learning": Learning,
}
"""Parts that are added as a whole, where the baseline has none."""

_MEETINGS = "staffing.meetings"
_OF_AGENT = ("hired", "leaves")


def additions(model: ServiceModel) -> list[str]:
    """Return every path to which a scenario may ``add``, names in capitals to be chosen."""
    return [
        *(f"{part}.NAME" for part in _ENTRIES),
        *(path for path in _WHOLE if not _found(model, path)),
        _MEETINGS,
        *(f"agents.AGENT.{field}" for field in _OF_AGENT),
        "categories.CATEGORY.profile",
    ]


def can_add(model: ServiceModel, path: str) -> bool:
    """Return whether ``add`` means something at a path."""
    return _kind(model, path) is not None


def add(model: ServiceModel, data: dict[str, Any], path: str, value: Any) -> str:
    """Put a declaration into ``data`` (the model as nested dicts); return what was added.

    Raises
    ------
    ValueError
        When the path is taken, or the declaration has a mistake.
    """
    kind = _kind(model, path)
    part, _, name = path.partition(".")
    if path == _MEETINGS:
        listed = [value] if isinstance(value, Mapping) else value
        data["staffing"]["meetings"] = [
            *data["staffing"]["meetings"], *_read(tuple[Meeting, ...], listed)
        ]  # fmt: skip
        return f"{len(listed)} more"
    if _found(model, path):
        message = "is there already; change what is in it, or choose another name"
        raise ValueError(message)
    read = _read(kind, value)
    if part in ("agents", "categories"):
        name, _, field = name.rpartition(".")
        data[part][name][field] = read
    elif name:
        data[part][name] = read
    else:
        data[part] = read
    return str(dict(value) if isinstance(value, Mapping) else value)


def _kind(model: ServiceModel, path: str) -> Any:
    """Return what is read at a path; None: nothing can be added there."""
    part, _, name = path.partition(".")
    if path in _WHOLE:
        return _WHOLE[path]
    if path == _MEETINGS:
        return tuple[Meeting, ...]
    if part in _ENTRIES and name:
        return _ENTRIES[part]
    known, _, field = name.rpartition(".")  # names may hold dots
    if part == "agents" and known in model.agents and field in _OF_AGENT:
        return str
    if part == "categories" and known in model.categories and field == "profile":
        return dict[str, tuple[float, ...]]
    return None


def _found(model: ServiceModel, path: str) -> Any:
    """Return what the model has at a path that can be added to."""
    part, _, name = path.partition(".")
    node = getattr(model, part)
    if not name:
        return node
    if part in ("staffing", "arrivals"):
        return getattr(node, name)
    if part in _ENTRIES:
        return node.get(name)
    known, _, field = name.rpartition(".")
    return getattr(node[known], field)


def _read(kind: Any, value: Any) -> Any:
    """Validate what a person wrote (times need their unit) and return it as plain data."""
    try:
        read = TypeAdapter(kind).validate_python(value, context={WRITTEN: True})
    except ValidationError as error:
        said = [
            f"{'.'.join(str(part) for part in detail['loc'])}: "
            f"{str(detail['msg']).removeprefix('Value error, ')}".removeprefix(": ")
            for detail in error.errors()
        ]
        raise ValueError("; ".join(said)) from None
    if kind is str:
        return iso_date(read)
    if kind == dict[str, tuple[float, ...]]:
        return week_shares(read)
    return _data(read)


def _data(node: Any) -> Any:
    if isinstance(node, Spec):
        return node.model_dump()
    if isinstance(node, Mapping):
        return {key: _data(value) for key, value in node.items()}
    return [_data(item) for item in node] if isinstance(node, tuple) else node
