"""The table of words: complete, the same in both languages, used, and drawable."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from matplotlib.ft2font import FT2Font

import svcsim.report
from svcsim.errors import InputError
from svcsim.metrics.catalogue import EXAMPLES, METRICS, get_metric
from svcsim.model.service import ServiceModel
from svcsim.report.style import FONT
from svcsim.report.words import TABLES, WORDS, Words
from svcsim.scorecard.labels import BANDS, STATUS
from svcsim.units import unit_word

FOLDER = Path(svcsim.report.__file__).parent
SOURCES = list(FOLDER.glob("*.py"))
TEMPLATES = sorted((FOLDER / "templates").iterdir())
OPEN_PREFIXES = ("key_", "part_", "scope_", "verdict_", "unit_")
"""Looked up by a value of the results (`Phrases.known`), so that no source names them."""


def _blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _named() -> tuple[set[str], set[str]]:
    """Words named in the sources: whole, and by a pattern with a changing part."""
    whole, changing = set(), set()
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        whole |= set(re.findall(r'\b(?:w|words|self)\(\s*"([a-z0-9_]+)"', text))
        changing |= set(re.findall(r'\b(?:w|words|self)\(\s*f"([^"]+)"', text))
        for names in re.findall(r'(?:head|keys|key in) ?=? ?\(?((?:\s*"[a-z0-9_]+",?)+)\)', text):
            whole |= set(re.findall(r'"([a-z0-9_]+)"', names))
        for names in re.findall(r'for key in [(\[]((?:\s*"[a-z0-9_]+",?)+)\s*[)\]]', text):
            whole |= set(re.findall(r'"([a-z0-9_]+)"', names))
    return whole, changing


def _matching(pattern: str) -> list[str]:
    parts = [re.escape(part) for part in re.split(r"\{[^}]*\}", pattern)]
    return [word for word in WORDS if re.fullmatch(".+".join(parts), word)]


def test_both_languages_say_something_with_the_same_blanks():
    assert [w for w, text in WORDS.items() if not (text.en.strip() and text.zh.strip())] == []
    assert [w for w, text in WORDS.items() if _blanks(text.zh) != _blanks(text.en)] == []


def test_every_part_of_a_model_has_a_name():
    """Parts are told with the grades of their quantities; these have none."""
    plain = {"timezone", "teams", "holidays", "clock", "max_contacts", "max_handlings"}
    plain |= {"special_days", "worked", "expected_work"}
    assert [
        p for p in ServiceModel.model_fields if p not in plain and f"part_{p}" not in WORDS
    ] == []


def test_no_word_stands_in_two_tables():
    assert sum(len(table) for table in TABLES) == len(WORDS)


def test_sources_name_only_words_that_exist():
    whole, changing = _named()
    assert whole <= set(WORDS)
    assert [pattern for pattern in changing if not _matching(pattern)] == []


def test_every_word_is_used_somewhere():
    whole, changing = _named()
    used = whole | {word for pattern in changing for word in _matching(pattern)}
    used |= {word for word in WORDS if word.startswith(OPEN_PREFIXES)}
    assert sorted(set(WORDS) - used) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_words_of_their_own(path):
    text = re.sub(
        r"\{[%#].*?[%#]\}|\{\{.*?\}\}|<style>.*</style>|<[^>]*>",
        "",
        path.read_text(),
        flags=re.DOTALL,
    )
    if path.suffix != ".css":
        assert re.findall(r"[A-Za-z\u4e00-\u9fff]{2,}", text) == []


def test_chinese_sentences_use_full_width_punctuation():
    wrong = [t.zh for t in WORDS.values() if re.search(r"[\u4e00-\u9fff][,;:!?]", t.zh)]
    assert wrong == []


def test_the_shipped_font_has_every_character_that_reports_write():
    metrics = [get_metric(f"{n}({EXAMPLES[n]})" if n in EXAMPLES else n) for n in METRICS]
    texts = [said for text in WORDS.values() for said in (text.en, text.zh)]
    texts += [name for metric in metrics for name in (metric.zh, metric.en)]
    texts += [*STATUS.values(), *BANDS.values(), "0123456789.,+-–%≤≥±≈·年月日<>…"]
    texts += [unit_word(unit).zh for unit in ("ms", "s", "min", "h", "d", "w")]
    glyphs = FT2Font(str(FONT)).get_charmap()
    assert sorted({char for text in texts for char in text if ord(char) not in glyphs}) == []


def test_the_font_comes_with_its_licence_and_not_its_reserved_name():
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FONT.parent / "OFL.txt").read_text()
    assert "Source" not in FT2Font(str(FONT)).family_name
    assert FONT.stat().st_size < 1_000_000


def test_an_unknown_language_is_refused_in_words():
    with pytest.raises(InputError, match="write en or zh"):
        Words("fr")
