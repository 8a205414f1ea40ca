"""Values as people read them: ``≤ 10min``, ``78%``, ``72–83%``, ``6 Apr 2026``, in both languages.

Only formatting: every number comes from the results.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from svcsim.report.words import Words
from svcsim.targets.proposal import Probability
from svcsim.text import Text
from svcsim.units import format_value

SIGN = {"lower": "≤", "higher": "≥"}
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class Phrases(Words):
    """Words plus the formats of values, targets, probabilities, ranges and days."""

    def value(self, value: Any, unit: str, digits: int = 3) -> str:
        """Return a KPI value with its unit; a dash when there is none."""
        number = as_number(value)
        if number is None:
            return "–"
        text = format_value(number, unit, digits).in_(self.lang)
        return self("unit_per_day", value=text) if unit == "per day" else text

    def target(self, direction: str, value: float, unit: str) -> str:
        """Return a target with its sign: ``≤ 10min``."""
        return f"{SIGN[direction]} {self.value(value, unit)}"

    def band(self, low: Any, high: Any, unit: str) -> str:
        """Return a range: ``8.1min – 12min``; a share keeps one percent sign: ``72–83%``."""
        first, last = self.value(low, unit), self.value(high, unit)
        if first == "–" or last == "–":
            return "–"
        short = first.endswith("%") and last.endswith("%")
        return f"{first[:-1]}–{last}" if short else f"{first} – {last}"

    def p(self, chance: Any) -> str:
        """Return a probability in whole percent; near-certainty is not called certainty."""
        value = chance_of(chance)
        if value is None:
            return "–"
        if 0 < value < 0.005:
            return "<1%"
        if 0.995 < value < 1:
            return ">99%"
        return f"{100 * value:.0f}%"

    def p_signed(self, ratio: Any) -> str:
        """Return a ratio less 1 as a percentage with its sign: ``+12%``."""
        value = as_number(ratio)
        return "–" if value is None else f"{100 * value:+.0f}%".replace("-", "−")

    def p_range(self, chance: Any) -> str:
        """Return the interval of a probability: ``72–83%``."""
        found = as_probability(chance)
        if found is None:
            return ""
        return f"{100 * found.low:.0f}–{100 * found.high:.0f}%"

    def p_note(self, chance: Any) -> str:
        """Return the interval and the number of simulated periods behind a probability."""
        found = as_probability(chance)
        return self("p_note", range=self.p_range(found), n=found.n) if found else ""

    def day(self, text: Any) -> str:
        """Return an ISO day as people write it; other texts stay as they are."""
        when = _date(str(text))
        if when is None:
            return str(text)
        if self.lang == "zh":
            return f"{when.year}年{when.month}月{when.day}日"
        return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"

    def count(self, value: Any) -> str:
        """Return a whole number with its thousands apart; a dash when there is none."""
        number = as_number(value)
        return "–" if number is None else f"{number:,.0f}"

    def known(self, prefix: str, key: Any) -> str:
        """Return the word for ``prefix_key`` when there is one, else the key in plain letters."""
        name = f"{prefix}_{key}"
        return self(name) if self.has(name) else str(key).replace("_", " ")

    def own(self, thing: Any, name: str) -> str:
        """Return field ``name`` in the report's language; a pair ``name``, ``name_zh`` is one."""
        text = Text.of(_field(thing, name) or "")
        return self.pick(text.zh or str(_field(thing, f"{name}_zh") or ""), text.en)

    def own_all(self, thing: Any, name: str) -> tuple[str, ...]:
        """Return a list of texts in the report's language (see `own`)."""
        english, chinese = _field(thing, name) or (), _field(thing, f"{name}_zh") or ()
        chosen = chinese if self.lang == "zh" and len(chinese) >= len(english) else english
        return tuple(Text.of(text).in_(self.lang) for text in chosen)

    def length(self, text: str) -> str:
        """Return the length of a period: ``4 weeks``, in Chinese ``4周``; others stay."""
        found = re.fullmatch(r"(?:(\d+)\s*)?(day|week|month|quarter|year)s?", text.strip())
        if found is None or self.lang != "zh":
            return text
        many = found.group(1)
        return f"{many or ''}{self(f'unit_{found.group(2)}' + ('s' if many else ''))}"

    def short_day(self, text: str) -> str:
        """Return an ISO day without its year, for axes; the week of ``2026-W12``; else the text."""
        when = _date(text)
        if when is None:
            return text[5:] if re.fullmatch(r"\d{4}-W\d+", text) else text[:10]
        zh = f"{when.month}/{when.day}"
        return zh if self.lang == "zh" else f"{when.day} {_MONTHS[when.month - 1]}"

    def stretch(self, start: Any, end: Any) -> str:
        """Return a span of days: ``1 Jan 2026 – 30 Mar 2026``."""
        return f"{self.day(start)} – {self.day(end)}"


def _date(text: str) -> date | None:
    """Return the day that a text starts with; a week such as ``2026-W12`` is no day."""
    try:
        return date.fromisoformat(text[:10]) if re.match(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None


def _field(thing: Any, name: str) -> Any:
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


def as_number(value: Any) -> float | None:
    """Return a number, or None for what is none (missing, NaN, text)."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        return None
    return float(value)


def as_probability(value: Any) -> Probability | None:
    """Return a `Probability` from itself or from its plain form."""
    if isinstance(value, Mapping) and {"value", "low", "high", "n"} <= set(value):
        return Probability.model_validate(dict(value))
    return value if isinstance(value, Probability) else None


def chance_of(value: Any) -> float | None:
    """Return the value of a probability given as `Probability`, plain form or number."""
    found = as_probability(value)
    return found.value if found is not None else as_number(value)
