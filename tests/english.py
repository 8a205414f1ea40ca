"""Finds what is left of English sentences in a Chinese page or on a Chinese terminal."""

from __future__ import annotations

import re
from html.parser import HTMLParser

SENTENCE = re.compile(r"[A-Za-z][A-Za-z'-]*(?:[,;:]? [A-Za-z][A-Za-z'-]*){2,}")
"""Three or more words of letters, one blank apart; ids, file names and columns are no such run."""


class Page(HTMLParser):
    """Collects what a reader sees of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = 0
        self.shown: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.hidden += tag in ("style", "script")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.shown.append(data)


def english_of_page(html: str) -> list[str]:
    page = Page()
    page.feed(html)
    return [found for text in page.shown for found in SENTENCE.findall(text)]


def english_of_lines(text: str) -> list[str]:
    """Findings stay English (they are for whoever mends the input), so their lines are let pass."""
    told = [x for x in text.splitlines() if not x.startswith(("error:", "warning:", "note:"))]
    return [found for line in told for found in SENTENCE.findall(line)]
