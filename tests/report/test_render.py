"""Documents as HTML and Markdown: one file, well formed, everything escaped."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from svcsim.report.document import (
    Bullet,
    Bullets,
    Cell,
    Document,
    Fact,
    Facts,
    Paragraph,
    Picture,
    Pictures,
    Section,
    section,
    table,
)
from svcsim.report.render import to_html, to_markdown

EVIL = "<script>alert('x')</script> | *bold* \"quoted\" & more"
VOID = {"meta", "br", "img", "hr", "link", "input"}


class Outline(HTMLParser):
    """Collects tags and texts; complains where an element is closed that is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: dict[str, int] = {}
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.seen[tag] = self.seen.get(tag, 0) + 1
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        self.seen[tag] = self.seen.get(tag, 0) + 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


@pytest.fixture
def document() -> Document:
    blocks = (
        Paragraph(EVIL, "lead"),
        Facts((Fact(EVIL, EVIL, EVIL, "bad"),)),
        Bullets((Bullet(EVIL, EVIL, "warn"),), EVIL),
        table((EVIL, "n"), [[Cell(EVIL, EVIL, share=0.5), "1"]], caption=EVIL, numbers=(1,)),
        Pictures((Picture(lambda: "<svg><g></g></svg>", EVIL, EVIL),), EVIL),
    )
    return Document(
        lang="en", title=EVIL, subtitle=EVIL, front=blocks, foot=EVIL, contents="Contents",
        sections=(Section("a", EVIL, blocks), Section("b", "Second", blocks)),
        banner="Exploratory.", banner_detail=EVIL, stamp="exploratory",
    )  # fmt: skip


def test_every_text_is_escaped_in_html(document):
    page = to_html(document)
    assert "<script" not in page
    found = outline(page)
    assert found.seen["table"] == 3
    assert found.seen["svg"] == 3
    assert "".join(found.text).count("<script>alert('x')</script>") > 20


def test_html_is_one_file_that_fetches_nothing(document):
    page = to_html(document)
    assert page.startswith('<!DOCTYPE html>\n<html lang="en">')
    for address in ("http:", "https:", "src=", "@import", "url("):
        assert address not in page


def test_links_of_the_contents_lead_to_sections(document):
    page = to_html(document)
    assert 'href="#a"' in page
    assert '<section id="a">' in page


def test_the_banner_is_said_first_and_repeated_in_print(document):
    page = to_html(document)
    assert page.index("Exploratory.") < page.index("<main>")
    assert '@top-right { content: "Exploratory."' in page
    assert 'class="running"' in page
    calm = Document("en", "t", "", (), (), "f")
    assert 'class="running"' not in to_html(calm)
    assert "@top-right" not in to_html(calm)


def test_markdown_escapes_markup_and_keeps_the_shape_of_tables(document):
    text = to_markdown(document)
    assert "<script" not in text
    assert "*bold*" not in text.replace("\\*", "")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert {line.replace("\\|", "").count("|") for line in rows} == {3}
    assert text.count("\n## ") == 2


def test_a_section_without_content_is_left_out():
    assert section("x", "X", table(("a",), []), Bullets(())) is None
    assert section("x", "X", Paragraph("only words of introduction")) is None
    kept = section("x", "X", Paragraph("intro"), table(("a",), []), Bullets((Bullet("b"),)))
    assert kept is not None
    assert [block.kind for block in kept.blocks] == ["paragraph", "bullets"]
