"""What figures draw (marks, rungs, bands, bars) and how an axis is scaled; no drawing here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from svcsim.text import Text
from svcsim.units import unit_word


class Mark(NamedTuple):
    """A stage target on a KPI axis: short label, value, and the row or curve it belongs to."""

    label: str
    value: float
    series: int = 0


class Rung(NamedTuple):
    """One KPI of the stage ladder: value, text above and text below for now and every stage."""

    name: str
    hint: str
    values: tuple[float | None, ...]
    above: tuple[str, ...]
    below: tuple[str, ...]


class Band(NamedTuple):
    """One held-out period: label, simulated low, median and high, observed value."""

    label: str
    low: float
    median: float
    high: float
    observed: float
    inside: bool
    further: tuple[tuple[float, float], ...] = ()
    """Other bands of the same period, wider or narrower."""


class Bar(NamedTuple):
    """One scored unit: label, score with its interval, text at the right margin."""

    label: str
    value: float
    low: float
    high: float
    note: str = ""


def axis_unit(unit: str, values: Sequence[float]) -> tuple[float, Text]:
    """Return the divisor and the name of the unit in which an axis is best read."""
    size = max((abs(v) for v in finite(values)), default=0.0)
    if unit == "share":
        return 0.01, Text.same("%")
    if unit != "s":
        return 1.0, Text("")
    steps: tuple[tuple[float, float, str], ...] = (
        (180.0, 1.0, "s"),
        (7200.0, 60.0, "min"),
        (259200.0, 3600.0, "h"),
    )
    for limit, divisor, name in steps:
        if size < limit:
            return divisor, unit_word(name)
    return 86400.0, unit_word("d")


def span(values: Sequence[float], scale: float) -> tuple[float, float]:
    """Return axis limits around the values with a little air; a single value gets a window."""
    known = [v / scale for v in finite(values)] or [0.0, 1.0]
    low, high = min(known), max(known)
    air = 0.05 * (high - low) or 0.05 * abs(high) or 0.5
    return low - air, high + air


def finite(values: Iterable[float | None]) -> list[float]:
    """Return the values that are numbers."""
    return [float(v) for v in values if v is not None and math.isfinite(v)]


def few(values: Sequence[int], n: int = 7) -> list[int]:
    """Return at most about ``n`` of the values, evenly spaced, always with the first."""
    return list(values)[:: max(1, -(-len(values) // n))]


def breadth(text: str) -> int:
    """Return the width of a text in Latin letters; a Chinese character takes two."""
    return sum(2 if ord(char) > 0x2E7F else 1 for char in text)


def cut(text: str, width: int) -> str:
    """Shorten a name to ``width`` Latin letters (a Chinese character counts as two)."""
    if breadth(text) <= width:
        return text
    while text and breadth(text) > width - 1:
        text = text[:-1]
    return text.rstrip() + "…"


def wrap(text: str, width: int, most: int = 2) -> str:
    """Break a text into lines of ``width`` letters at blanks (Chinese: anywhere), the last cut."""
    lines: list[str] = []
    rest = text.strip()
    while breadth(rest) > width and len(lines) < most - 1:
        head = rest
        while breadth(head) > width:
            head = head[:-1]
        if " " in head and rest[len(head)] != " ":
            head = head[: head.rindex(" ")]
        lines.append(head.rstrip())
        rest = rest[len(head) :].strip()
    return "\n".join([*lines, cut(rest, width)])
