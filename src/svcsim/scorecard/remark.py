"""A finding about a card or a score in two languages."""

from __future__ import annotations

from dataclasses import dataclass

from svcsim.errors import Finding


@dataclass(frozen=True)
class Remark(Finding):
    """A finding in two languages: ``zh`` says all of it in one sentence."""

    zh: str = ""


def spoken(finding: Finding, lang: str) -> Finding:
    """Return the finding as people of a language read it."""
    zh = finding.zh if isinstance(finding, Remark) and lang == "zh" else ""
    return Finding(finding.where, zh, level=finding.level) if zh else finding
