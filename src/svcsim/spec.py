"""Strict frozen declarations and the only YAML reader: all errors at once, each with its line.

YAML is read as 1.2 (``no``, ``9:30`` and ``2026-01-01`` stay texts, a duplicate key is an error);
a declaration refuses unknown keys with the nearest known name.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from svcsim.errors import Finding, InputError, ProblemsError, nearest

WRITTEN = "written"
"""Validation context key: the data were written by a person, so every time needs its unit."""


class Spec(BaseModel):
    """Base of every declaration that people write: frozen, strict, documented by its fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    @classmethod
    def from_yaml(cls, path: str | Path) -> Self:
        """Read a declaration from a YAML file.

        Raises
        ------
        InputError
            With one finding (``file:line``) for every mistake in the file.
        """
        return cls.from_data(read_yaml(path), str(path))

    @classmethod
    def from_data(cls, data: Any, where: str) -> Self:
        """Validate plain data (as `read_yaml` returns it) whose lines belong to file ``where``."""
        if not isinstance(data, Mapping):
            raise InputError(
                Finding(where, f"found {_shown(data)}", f"expected the keys of {cls.__name__}")
            )
        try:
            return cls.model_validate(data, context={WRITTEN: True})
        except ValidationError as error:
            raise InputError(
                [
                    found
                    for detail in error.errors()
                    for found in _findings(cls, data, where, detail)
                ]
            ) from None

    def to_yaml(self) -> str:
        """Return the declaration as YAML text; absent options are left out."""
        return dump_yaml(self.model_dump(mode="json", exclude_none=True, exclude_defaults=True))


class _Texts(RoundTripConstructor):
    """Constructor of YAML 1.2's core types: a date is a text, as a time of day is."""


_Texts.add_constructor("tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_scalar)


def read_yaml(path: str | Path) -> Any:
    """Read one YAML 1.2 document; its line marks stay on the mappings and lists.

    Raises
    ------
    InputError
        When the file does not exist, is not UTF-8 text or is not YAML.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(_unreadable(file, error)) from None
    yaml = YAML(typ="rt")
    yaml.Constructor = _Texts
    try:
        data = yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark is not None else 1
        raise InputError(
            Finding(f"{path}:{line}", f"not valid YAML: {error.problem}", "expected YAML 1.2")
        ) from None
    except YAMLError as error:
        raise InputError(Finding(str(path), f"not valid YAML: {error}")) from None
    if data is None:
        raise InputError(Finding(str(path), "the file is empty", "expected a YAML mapping"))
    return data


def dump_yaml(data: Any) -> str:
    """Return plain data as YAML; maps and lists of plain values that fit stay on one line."""
    yaml = YAML()
    yaml.width = 100
    yaml.allow_unicode = True
    buffer = io.StringIO()
    yaml.dump(_flow(yaml, data), buffer)
    return buffer.getvalue()


def line_of(data: Any, path: Sequence[str | int]) -> int | None:
    """Return the line (from 1) at which the deepest known part of ``path`` stands."""
    line: int | None = None
    node = data
    for key in path:
        marks = getattr(node, "lc", None)
        if marks is None:
            break
        try:
            line = (marks.item(key) if isinstance(key, int) else marks.key(key))[0] + 1
            node = node[key]
        except (KeyError, IndexError, TypeError):
            break
    return line


def problems_of(detail: Any) -> tuple[str, ...]:
    """Return the separate problems behind one error of pydantic, none where it is a single one."""
    error = detail.get("ctx", {}).get("error")
    return error.problems if isinstance(error, ProblemsError) else ()


def _findings(cls: type[BaseModel], data: Any, where: str, detail: Any) -> list[Finding]:
    """Return a finding for each problem, at the line of the path that it names."""
    problems = problems_of(detail)
    if not problems:
        return [_finding(cls, data, where, detail)]
    above = list(detail["loc"])
    node = data
    for key in above:
        node = node[key]
    found = []
    for problem in problems:
        keys = _keys(node, problem.partition(": ")[0])
        line = line_of(data, [*above, *keys])
        dotted = ".".join(str(key) for key in above)
        joint = "." if keys else ": "
        text = f"{dotted}{joint}{problem}" if dotted else problem
        found.append(Finding(f"{where}:{line}" if line else where, text))
    return found


def _keys(node: Any, path: str) -> list[str]:
    """Return the leading keys of a dotted path that exist below a node (names may hold dots)."""
    keys, parts = [], path.split(".")
    while parts and isinstance(node, Mapping):
        sizes = range(len(parts), 0, -1)
        size = next((n for n in sizes if ".".join(parts[:n]) in node), 0)
        if not size:
            break
        keys.append(".".join(parts[:size]))
        node, parts = node[keys[-1]], parts[size:]
    return keys


def _finding(cls: type[BaseModel], data: Any, where: str, detail: Any) -> Finding:
    path = [part for part in detail["loc"] if not _is_tag(part, data, detail["loc"])]
    written = _as_written(data, path)
    line = line_of(data, written)
    dotted = ".".join(str(part) for part in written)
    place = f"{where}:{line}" if line else where
    kind, message = detail["type"], str(detail["msg"]).removeprefix("Value error, ")
    if kind == "extra_forbidden":
        known = _known_keys(cls, path[:-1])
        mend = nearest(str(path[-1]), known) or f"known keys: {', '.join(known)}"
        return Finding(place, f"{dotted} is not a known key", "", mend)
    if kind == "missing":
        return Finding(place, f"{dotted} is missing", f"{cls.__name__} needs it")
    for jargon, plain in _PLAIN.items():
        message = message.replace(jargon, plain)
    found = detail.get("input")
    told = kind == "value_error" and _is_told(found, message)
    return Finding(place, f"{dotted}: {message}", "" if told else f"found {_shown(found)}")


_PLAIN = {
    "a valid tuple": "a list",
    "a valid list": "a list",
    "a valid dictionary": "a mapping (key: value)",
    "a valid string": "a text",
}
"""What pydantic calls things, and what people who write YAML call them."""


def _is_told(value: Any, message: str) -> bool:
    """Tell whether a message about a list or mapping names what is wrong in it.

    It does where a value of it is quoted, and where the whole is too long to be looked through.
    """
    if not isinstance(value, (Mapping, list, tuple)):
        return False
    return len(repr(value)) > 60 or any(f"'{item}'" in message for item in value)


def _as_written(data: Any, path: Sequence[str | int]) -> list[str | int]:
    """Return a path with the keys of the file where a mapping is read as a list of its items."""
    node, written = data, []
    for part in path:
        if isinstance(part, int) and isinstance(node, Mapping) and part < len(node):
            part = part if part in node else list(node)[part]
        written.append(part)
        try:
            node = node[part]
        except (KeyError, IndexError, TypeError):
            node = None
    return written


def _is_tag(part: str | int, data: Any, loc: tuple[str | int, ...]) -> bool:
    """Tell whether a step of pydantic's location is a union tag rather than a key of the file."""
    node = data
    for key in loc:
        here = (isinstance(node, Mapping) and key in node) or (
            isinstance(node, list) and isinstance(key, int) and key < len(node)
        )
        if key == part:
            last = key == loc[-1]
            return not here and not last and isinstance(part, str) and part[:1].isupper()
        node = node[key] if here else None
    return False


def _known_keys(cls: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """Return the keys allowed at a path of a declaration, as far as its types tell."""
    model: Any = cls
    for part in path:
        field = getattr(model, "model_fields", {}).get(str(part))
        annotation = field.annotation if field is not None else model
        model = _inner_model(annotation)
        if model is None:
            return []
    return list(getattr(model, "model_fields", {}))


def _inner_model(annotation: Any) -> Any:
    """Return the declaration inside a type such as ``dict[str, Category] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        found = _inner_model(argument)
        if found is not None:
            return found
    return None


def _unreadable(file: Path, error: Exception) -> Finding:
    if isinstance(error, FileNotFoundError):
        siblings = [p.name for p in file.parent.glob("*")] if file.parent.is_dir() else []
        return Finding(str(file), "no such file", "", nearest(file.name, siblings))
    if isinstance(error, IsADirectoryError):
        return Finding(str(file), "is a folder", "expected a YAML file")
    if isinstance(error, UnicodeDecodeError):
        return Finding(str(file), f"is {_kind_of(error.object)}", "expected a YAML file (UTF-8)")
    return Finding(str(file), f"cannot be read: {error}", "expected a YAML file (UTF-8)")


def _kind_of(data: bytes) -> str:
    """Return what a file that is no text seems to be, by its first bytes."""
    kinds = {
        b"\x1f\x8b": "a compressed file (gzip)",
        b"PK\x03\x04": "a zip archive or a workbook",
        b"PAR1": "a Parquet file",
    }
    found = [kind for start, kind in kinds.items() if data.startswith(start)]
    return found[0] if found else "not text in UTF-8"


def _shown(value: Any) -> str:
    text = repr(value) if not isinstance(value, Mapping) else f"a mapping with {list(value)[:4]}"
    return text if len(text) <= 80 else text[:77] + "..."


def _flow(yaml: YAML, data: Any) -> Any:
    """Mark short maps and lists of plain values to be written on one line."""
    if isinstance(data, Mapping):
        node = yaml.map()
        for key, value in data.items():
            node[key] = _flow(yaml, value)
        if data and all(_plain(v) for v in data.values()) and len(str(dict(data))) < 160:
            node.fa.set_flow_style()
        return node
    if isinstance(data, (list, tuple)):
        items = yaml.seq([_flow(yaml, value) for value in data])
        if all(_plain(value) for value in data):
            items.fa.set_flow_style()
        return items
    return data


def _plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return len(value) <= 4 and all(not isinstance(v, (Mapping, list, tuple)) for v in value)
    return not isinstance(value, Mapping)
