"""Every word of the pages in English and Chinese; the texts of results come from the results."""

from __future__ import annotations

from svcsim.errors import Finding, InputError
from svcsim.report.words.baseline import BASELINE
from svcsim.report.words.evidence import EVIDENCE
from svcsim.report.words.fit import FIT
from svcsim.report.words.general import GENERAL
from svcsim.report.words.integrity import INTEGRITY
from svcsim.report.words.proposal import PROPOSAL
from svcsim.report.words.questions import QUESTIONS
from svcsim.report.words.review import REVIEW
from svcsim.report.words.scores import SCORES
from svcsim.report.words.simulation import SIMULATION
from svcsim.report.words.sources import SOURCES
from svcsim.report.words.tuning import TUNING
from svcsim.text import LANGUAGES, Text

TABLES = (
    GENERAL, PROPOSAL, EVIDENCE, SOURCES, SCORES, REVIEW, SIMULATION, BASELINE, INTEGRITY, FIT,
    TUNING, QUESTIONS,
)  # fmt: skip
WORDS: dict[str, Text] = {word: text for table in TABLES for word, text in table.items()}


class Words:
    """Looks words up in one language: ``words("now")``, ``words("stage_n", n=2)``."""

    def __init__(self, lang: str = "en") -> None:
        if lang not in LANGUAGES:
            raise InputError(Finding("--lang", f"'{lang}' is not a language", "write en or zh"))
        self.lang = lang

    def __call__(self, word: str, /, **values: object) -> str:
        """Return a word or sentence with its blanks filled in."""
        text = WORDS[word]
        return (text.fill(**values) if values else text).in_(self.lang)

    def has(self, word: str) -> bool:
        """Tell whether there is such a word."""
        return word in WORDS

    def pick(self, zh: str, en: str) -> str:
        """Return the text in this language, or the other one when it is missing."""
        return Text(en, zh).in_(self.lang)
