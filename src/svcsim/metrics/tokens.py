"""The words of a formula with their places: numbers with units, names, texts, signs."""

from __future__ import annotations

import re
from typing import NamedTuple

from svcsim.units import parse_duration

KEYWORDS = frozenset({"and", "or", "not", "is", "in", "if", "then", "else", "known", "missing"})
MOST = 300
"""A formula of more words than this is refused."""
_SYNONYMS = str.maketrans("≤≥≠−×÷＝（）［］，％“”‘’＜＞＋．", "≤≥≠-*/=()[],%\"\"''<>+.")
"""Signs of Chinese keyboards and of mathematics stand for the plain ones."""
_SIGNS = {"≤": "<=", "≥": ">=", "≠": "!="}
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>[0-9]+(?:\.[0-9]+)?(?:%|[A-Za-z][A-Za-z0-9.]*)?)
    | (?P<name>[^\W\d]\w*)
    | (?P<text>"[^"]*"|'[^']*')
    | (?P<sign>==|!=|<=|>=|[≤≥≠<>+\-*/()\[\],])
    | (?P<odd>&&|\|\||=|\*\*|\S)
    )""",
    re.VERBOSE,
)
_INSTEAD = {
    "=": "write == to compare",
    "&&": "write and", "&": "write and", "||": "write or", "|": "write or", "!": "write not",
    "^": "write a product", ":": "a formula has no :", ";": "leave it out",
    '"': "a text ends with the quote it begins with",
    "'": "a text ends with the quote it begins with",
}  # fmt: skip


class FormulaError(ValueError):
    """What is wrong in a formula, with its place, in words."""


class Token(NamedTuple):
    """``kind``: number, duration, share, name, keyword, text, sign or end; ``at`` counts from 1."""

    kind: str
    text: str
    at: int
    number: float = 0.0

    def __str__(self) -> str:
        """Return it as an error names it."""
        return "the end" if self.kind == "end" else f"'{self.text}' (character {self.at})"


def tokens(formula: str) -> list[Token]:
    """Return the words of a formula, the end as the last one.

    Raises
    ------
    FormulaError
        For a sign or a number that cannot be read, an empty formula or one that is too long.
    """
    text = formula.translate(_SYNONYMS)
    found: list[Token] = []
    place, end = 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        assert match is not None  # any sign that is not white matches
        kind, at = str(match.lastgroup), match.start(str(match.lastgroup)) + 1
        found.append(_token(kind, match[kind], at))
        place = match.end()
    if not found:
        message = "the formula is empty"
        raise FormulaError(message)
    if len(found) > MOST:
        message = f"the formula has {len(found)} words; at most {MOST} are read"
        raise FormulaError(message)
    return [*found, Token("end", "", end + 1)]


def _token(kind: str, text: str, at: int) -> Token:
    if kind == "odd":
        mend = _INSTEAD.get(text, "expected names, numbers, texts in quotes and + - * / < <= == !=")
        shown = f"'{text}'" if text.isprintable() else ascii(text)
        message = f"{shown} (character {at}) cannot be read here; {mend}"
        raise FormulaError(message)
    if kind == "number":
        return _number(text, at)
    if kind == "name" and text.lower() in KEYWORDS:
        return Token("keyword", text.lower(), at)
    if kind == "text":
        return Token(kind, text[1:-1], at)
    return Token(kind, _SIGNS.get(text, text), at)


def _number(text: str, at: int) -> Token:
    if text.endswith("%"):
        return Token("share", text, at, float(text[:-1]) / 100.0)
    if text[-1].isdigit() and text.replace(".", "", 1).isdigit():
        return Token("number", text, at, float(text))
    try:
        return Token("duration", text, at, parse_duration(text))
    except ValueError:
        message = (
            f"'{text}' (character {at}) is no number; write a duration such as 10min, 2h or "
            "1h30min, a share such as 85%, or a plain number"
        )
        raise FormulaError(message) from None


class Tokens:
    """Words read one after the other; `here` is the next one."""

    def __init__(self, found: list[Token]) -> None:
        self.tokens, self.place = found, 0

    @property
    def here(self) -> Token:
        """The next word."""
        return self.tokens[self.place]

    def next(self) -> Token:
        """Take the next word."""
        self.place += 1
        return self.tokens[self.place - 1]

    def takes(self, *texts: str) -> Token | None:
        """Take the next word if it is one of these signs or keywords."""
        if self.here.kind in ("sign", "keyword") and self.here.text in texts:
            return self.next()
        return None

    def expects(self, *texts: str) -> Token:
        """Take one of these words, or refuse."""
        taken = self.takes(*texts)
        if taken is None:
            message = f"found {self.here}, expected {' or '.join(texts)}"
            raise FormulaError(message)
        return taken
