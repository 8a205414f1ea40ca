"""What a schema finds wrong, in words of people who write YAML: value found, expected, mend."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from svcsim.errors import nearest

_EXPECTED = {
    "int_parsing": "a whole number", "int_type": "a whole number",
    "int_from_float": "a whole number", "int_parsing_size": "a smaller number",
    "float_parsing": "a number", "float_type": "a number", "finite_number": "a finite number",
    "bool_parsing": "true or false", "bool_type": "true or false",
    "string_type": "a text",
    "tuple_type": "a list, such as [a, b]", "list_type": "a list, such as [a, b]",
    "model_type": "a mapping (key: value)", "dict_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
}  # fmt: skip
"""Kind of a schema's error -> what stands there in a file without it."""

_LIMITS = {
    "greater_than_equal": ("ge", "{} or more"),
    "less_than_equal": ("le", "{} or less"),
    "greater_than": ("gt", "more than {}"),
    "less_than": ("lt", "less than {}"),
    "too_short": ("min_length", "{} or more of them"),
    "too_long": ("max_length", "{} or fewer of them"),
}


def sentence(path: str, detail: Any, known: Sequence[str] = (), owner: str = "") -> str:
    """Return one error of a schema as ``PATH: what; expected ...; mend``.

    Parameters
    ----------
    path : str
        Where it is, as people write it; may be empty.
    detail : mapping
        One of ``ValidationError.errors()``.
    known : sequence of str
        Keys that are allowed there, for an unknown one.
    owner : str
        What needs a key that is missing.
    """
    kind, found = detail["type"], detail.get("input")
    if kind == "extra_forbidden":
        key = str(detail["loc"][-1])
        mend = nearest(key, known) or (f"known keys: {', '.join(known)}" if known else "")
        return _joined(f"{path} is not a known key", mend)
    if kind == "missing":
        return _joined(f"{path} is missing", f"{owner} needs it" if owner else "")
    start = f"{path}: " if path else ""
    if kind == "value_error":
        message = str(detail["msg"]).removeprefix("Value error, ")
        return _joined(f"{start}{message}", "" if _is_told(found, message) else _found(found))
    if kind == "literal_error":
        options = re.findall(r"'([^']*)'", str(detail["ctx"]["expected"]))
        hint = nearest(str(found), options, n=1)
        told = f"{start}{shown(found)} is unknown"
        expected = " or ".join(options) if len(options) < 3 else f"one of {', '.join(options)}"
        return _joined(told, f"expected {expected}", hint)
    if kind in _LIMITS:
        name, words = _LIMITS[kind]
        expected = words.format(detail["ctx"][name])
    else:
        message = str(detail["msg"]).removeprefix("Input should be ")
        expected = _EXPECTED.get(kind, message)
    quotes = isinstance(found, (int, float)) and kind == "string_type"
    mend = f"put it in quotes: '{found}'" if quotes else ""
    return _joined(f"{start}expected {expected}", _found(found), mend)


def dotted(path: Sequence[str | int]) -> str:
    """Return a path as people read it: keys with dots, places in a list counted from 1."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f" (entry {part + 1})" if text else f"entry {part + 1}"
        else:
            text += f".{part}" if text else part
    return text


def shown(value: Any) -> str:
    """Return a value as it stands in a YAML file, cut where it is long."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        keys = ", ".join(str(key) for key in list(value)[:4])
        text = f"a mapping with {keys or 'no keys'}{', ...' if len(value) > 4 else ''}"
    elif isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, (list, tuple)):
        text = f"[{', '.join(shown(item) for item in value)}]"
    else:
        text = repr(str(value)) if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _found(value: Any) -> str:
    return f"found {shown(value)}"


def _is_told(value: Any, message: str) -> bool:
    """Tell whether a message names what is wrong, so that the value need not be shown again.

    A mapping is never shown: what is wrong is one of its values. A list is not where one of them
    is quoted, and where the whole is too long to be looked through.
    """
    if isinstance(value, Mapping):
        return True
    if isinstance(value, (list, tuple)):
        return len(repr(value)) > 60 or any(f"'{item}'" in message for item in value)
    if isinstance(value, float):
        return f"{value:g}" in message
    return f"'{value}'" in message or message.startswith(str(value))


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
