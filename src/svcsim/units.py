"""Seconds and fractions inside, ``2h`` / ``85%`` / ``10min`` outside."""

from __future__ import annotations

import re

from svcsim.text import Text

_SECONDS = {
    "ms": 0.001,
    "s": 1.0,
    "sec": 1.0,
    "min": 60.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 604800.0,
}
_CHINESE = {
    "ms": "毫秒",
    "s": "秒",
    "sec": "秒",
    "min": "分钟",
    "m": "分钟",
    "h": "小时",
    "d": "天",
    "w": "周",
}
_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]*)?")
_TERM = re.compile(r"([0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)\s*([a-zA-Z]+)")


def parse_duration(text: str | int | float) -> float:
    """Return seconds for a duration as people write it: ``90s``, ``10min``, ``2h``, ``1h30min``.

    A bare number other than 0 is refused: its unit would be a guess.

    Raises
    ------
    ValueError
        When the text is not a duration with a unit.
    """
    number = isinstance(text, (int, float)) and not isinstance(text, bool)
    if number or _NUMBER.fullmatch(str(text).strip()):
        if float(text) == 0:
            return 0.0
        message = f"'{text}' has no unit; write a duration such as {text}s, {text}min or {text}h"
        raise ValueError(message)
    raw = str(text).strip()
    sign, body = (-1.0, raw[1:]) if raw.startswith("-") else (1.0, raw)
    total, end = 0.0, 0
    for match in _TERM.finditer(body):
        unit = match.group(2)
        if body[end : match.start()].strip() or unit not in _SECONDS:
            break
        total += float(match.group(1)) * _SECONDS[unit]
        end = match.end()
    if end == 0 or body[end:].strip():
        message = f"'{text}' is not a duration; write for example 90s, 10min, 2h, 3d or 1h30min"
        raise ValueError(message)
    return sign * total


def format_duration(seconds: float, digits: int = 4) -> str:
    """Return a duration in its most readable unit with ``digits`` significant digits."""
    if seconds != seconds:
        return "n/a"
    for unit, scale, limit in (("s", 1.0, 90.0), ("min", 60.0, 5400.0), ("h", 3600.0, 172800.0)):
        text = f"{seconds / scale:.{digits}g}"
        if abs(float(text)) * scale < limit:  # as rounded: 89.99 s reads 1.5min, not 90s
            return f"{text}{unit}"
    return f"{_plain(seconds / 86400.0, digits)}d"


def unit_word(unit: str) -> Text:
    """Return a unit of time in both languages; another unit is the same in both."""
    return Text(unit, _CHINESE.get(unit, unit))


def spoken_duration(text: str) -> Text:
    """Return a duration (``1h30min``) in both languages; another text is the same in both."""
    body = text.removeprefix("-").removeprefix("+")
    terms = _TERM.findall(body)
    if not terms or _TERM.sub("", body).strip() or any(unit not in _CHINESE for _, unit in terms):
        return Text.same(text)
    sign = text[: len(text) - len(body)]
    return Text(text, sign + " ".join(f"{number} {_CHINESE[unit]}" for number, unit in terms))


def parse_share(text: str | int | float) -> float:
    """Return a fraction for ``85%`` or ``0.85``; shares outside 0..100 % are refused."""
    raw = str(text).strip()
    try:
        value = float(raw[:-1]) / 100.0 if raw.endswith("%") else float(raw)
    except ValueError:
        message = f"'{text}' is not a share; write for example 85% or 0.85"
        raise ValueError(message) from None
    if not 0.0 <= value <= 1.0:
        message = f"'{text}' is not between 0% and 100%; write a share such as 85% or 0.85"
        raise ValueError(message)
    return value


def format_share(value: float, digits: int = 4) -> str:
    """Return a fraction as percent with ``digits`` significant digits."""
    return "n/a" if value != value else f"{_plain(value * 100.0, digits)}%"


def format_value(value: float | None, unit: str, digits: int = 3) -> Text:
    """Return a KPI value for people: ``unit`` is ``s``, ``share`` or a counted noun.

    The text has the words of a duration in both languages.
    """
    if value is None or value != value:
        return Text.same("n/a")
    if unit == "s":
        return spoken_duration(format_duration(value, digits))
    return Text.same(format_share(value, digits) if unit == "share" else _plain(value, digits))


def _plain(value: float, digits: int) -> str:
    """Format like ``%g`` but never in exponent form for large whole numbers."""
    text = f"{value:.{digits}g}"
    return f"{value:.0f}" if "e" in text and abs(value) >= 1 else text
