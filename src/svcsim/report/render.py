"""Documents as text: one HTML file that opens offline, or Markdown. Every text is escaped."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from svcsim.report.document import Block, Bullets, Document, Facts, Paragraph, Picture, Table


def to_html(document: Document) -> str:
    """Return the document as one HTML file: styles and figures inside, no address to fetch."""
    text: str = _environment().get_template("document.html.j2").render(doc=document)
    return text


def to_markdown(document: Document) -> str:
    """Return the document as Markdown; figures are given by their description."""
    lines = [f"# {_md(document.title)}", "", _md(document.subtitle), ""]
    if document.banner:
        lines += [f"> **{_md(document.banner)}** {_md(document.banner_detail)}".rstrip(), ""]
    for block in document.front:
        lines += _block(block)
    for section in document.sections:
        lines += [f"## {_md(section.title)}", ""]
        for block in section.blocks:
            lines += _block(block)
    return "\n".join([*lines, "---", "", _md(document.foot), ""])


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("svcsim.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["drawn"] = _drawn
    return environment


def _drawn(picture: Picture) -> Markup:
    # The SVG is our own drawing: matplotlib escapes the texts it writes into it.
    return Markup(picture.draw())


def _block(block: Block) -> list[str]:
    """Return one block as lines of Markdown, followed by an empty line."""
    if isinstance(block, Paragraph):
        text = _md(block.text)
        return [f"**{text}**" if block.look == "lead" else text, ""]
    if isinstance(block, Facts):
        return [*(_item(f.label, f"{f.value} {f.note}".strip()) for f in block.items), ""]
    if isinstance(block, Bullets):
        title = [f"### {_md(block.title)}", ""] if block.title else []
        return [*title, *(_item(b.label, b.text) for b in block.items), ""]
    if isinstance(block, Table):
        return _table(block)
    title = [f"### {_md(block.title)}", ""] if block.title else []
    return [*title, *(f"*{_md(p.caption or p.alt)}*\n" for p in block.items)]


def _table(block: Table) -> list[str]:
    rule = ["---:" if i in block.numbers else "---" for i in range(len(block.head))]
    rows = [[_md(f"{c.text} ({c.sub})" if c.sub else c.text) for c in row] for row in block.rows]
    head = [_md(text) for text in block.head]
    caption = [f"**{_md(block.caption)}**", ""] if block.caption else []
    return [*caption, *("| " + " | ".join(line) + " |" for line in [head, rule, *rows]), ""]


def _item(label: str, text: str) -> str:
    return f"- **{_md(label)}**: {_md(text)}" if label else f"- {_md(text)}"


def _md(value: Any) -> str:
    """Escape what Markdown (or the HTML inside it) would read as markup."""
    text = str(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|#~])", r"\\\1", " ".join(text.split()))
