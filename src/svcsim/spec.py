"""Strict frozen declarations and the only YAML reader: all errors at once, each with its line.

YAML is read as 1.2 (``no``, ``9:30`` and ``2026-01-01`` stay texts, a duplicate key is an error);
a declaration refuses unknown keys with the nearest known name.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from svcsim.errors import Finding, InputError, ProblemsError, nearest
from svcsim.wording import dotted, sentence, shown

_ENTRY = re.compile(r" \(entry (\d+)\)")
"""A place in a list as `dotted` writes it."""

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
            keys = ", ".join(list(cls.model_fields)[:5])
            expected = f"expected the keys of {cls.__name__} ({keys}, ...), each with a value"
            found = "a list" if isinstance(data, (list, tuple)) else shown(data)
            raise InputError(Finding(f"{where}:1", f"found {found}", expected))
        try:
            return cls.model_validate(data, context={WRITTEN: True, **cls.beside(data, where)})
        except ValidationError as error:
            raise InputError(
                [
                    found
                    for detail in error.errors()
                    for found in _findings(cls, data, where, detail)
                ]
            ) from None

    @classmethod
    def beside(cls, data: Mapping[str, Any], where: str) -> Mapping[str, Any]:
        """Return what validators also need: read from other files that a declaration names."""
        return {}

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
        raise InputError(Finding(f"{path}:{line}", *_not_yaml(str(error.problem)))) from None
    except YAMLError as error:
        raise InputError(Finding(str(path), f"not valid YAML: {error}")) from None
    if data is None:
        raise InputError(Finding(str(path), "the file is empty", "expected a YAML mapping"))
    return data


def _not_yaml(problem: str) -> tuple[str, str, str]:
    """Return what is wrong with a text that is no YAML: found, expected, mend."""
    if "'\\t'" in problem:
        return "not valid YAML: a tab stands here", "", "indent with blanks"
    if problem.startswith("found duplicate key"):
        told = problem.partition(" with value")[0]
        return f"not valid YAML: {told}", "", "keep one of the two, or join them"
    if "another document" in problem:
        return "not valid YAML: a second document starts here", "", "leave out the line ---"
    return f"not valid YAML: {problem}", "expected YAML 1.2", ""


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


def below(above: Sequence[str | int], data: Any, problem: str) -> tuple[str, list[str | int]]:
    """Return a problem ``PATH: what`` under the declaration that found it, and its keys."""
    node = data
    for key in above:
        node = node[key]
    path = _ENTRY.sub(lambda found: f".{int(found[1]) - 1}", problem.partition(": ")[0])
    keys = _keys(node, path.partition(" (")[0])
    text = f"{dotted(above)}{'.' if keys else ': '}{problem}" if above else problem
    return text, [*above, *keys]


def _findings(cls: type[BaseModel], data: Any, where: str, detail: Any) -> list[Finding]:
    """Return a finding for each problem, at the line of the path that it names."""
    problems = problems_of(detail)
    if not problems:
        return [_finding(cls, data, where, detail)]
    found = []
    for problem in problems:
        text, keys = below(detail["loc"], data, problem)
        line = line_of(data, keys)
        found.append(Finding(f"{where}:{line}" if line else where, text))
    return found


def _keys(node: Any, path: str) -> list[str | int]:
    """Return the leading keys of a dotted path that exist below a node (names may hold dots)."""
    keys: list[str | int] = []
    parts = path.split(".")
    while parts and isinstance(node, (Mapping, list, tuple)):
        if not isinstance(node, Mapping):
            if not parts[0].isdigit() or int(parts[0]) >= len(node):
                break
            keys.append(int(parts[0]))
            node, parts = node[int(parts[0])], parts[1:]
            continue
        sizes = range(len(parts), 0, -1)
        size = next((n for n in sizes if ".".join(parts[:n]) in node), 0)
        if not size:
            break
        key = ".".join(parts[:size])
        keys.append(key)
        node, parts = node[key], parts[size:]
    return keys


def _finding(cls: type[BaseModel], data: Any, where: str, detail: Any) -> Finding:
    path = [part for part in detail["loc"] if not _is_tag(part, data, detail["loc"])]
    written = _as_written(data, path)
    line = line_of(data, written)
    known = known_keys(cls, path[:-1]) if detail["type"] == "extra_forbidden" else ()
    told = sentence(dotted(written), detail, known, cls.__name__ if len(path) == 1 else "")
    line = line or (1 if hasattr(data, "lc") else None)  # a key that is missing: the file's start
    return Finding(f"{where}:{line}" if line else where, told)


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


def known_keys(cls: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """Return the keys allowed at a path of a declaration, as far as its types tell."""
    model: Any = cls
    for part in path:
        fields = getattr(model, "model_fields", {})
        field = fields.get(str(part)) or fields.get(f"{part}_")
        annotation = field.annotation if field is not None else model
        model = _inner_model(annotation)
        if model is None:
            return []
    # a key such as "from" is a word of Python, so its field is called from_
    return [name.removesuffix("_") for name in getattr(model, "model_fields", {})]


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
