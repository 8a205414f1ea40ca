"""A report as data: sections of blocks. `render` writes it as one HTML file or as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

Tone = Literal["", "good", "warn", "bad", "muted"]


@dataclass(frozen=True)
class Cell:
    """One cell of a table: text, a smaller second line, a tone, a share drawn as a bar."""

    text: str
    sub: str = ""
    tone: Tone = ""
    share: float | None = None


Cells = list[Cell | str]
"""A row while it is put together; `table` turns its texts into cells."""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; ``lead`` is the sentence to remember, ``note`` is small print."""

    kind: ClassVar[str] = "paragraph"
    text: str
    look: Literal["lead", "body", "note"] = "body"


@dataclass(frozen=True)
class Bullet:
    """One line of a list with an optional label before it."""

    text: str
    label: str = ""
    tone: Tone = ""


@dataclass(frozen=True)
class Bullets:
    """A list."""

    kind: ClassVar[str] = "bullets"
    items: tuple[Bullet, ...]
    title: str = ""


@dataclass(frozen=True)
class Fact:
    """One number of the first page: what it is, its value, and a line of context."""

    label: str
    value: str
    note: str = ""
    tone: Tone = ""


@dataclass(frozen=True)
class Facts:
    """The numbers of the first page, side by side."""

    kind: ClassVar[str] = "facts"
    items: tuple[Fact, ...]


@dataclass(frozen=True)
class Table:
    """A table; ``numbers`` are the columns set flush right, ``foot`` marks a last, summing row."""

    kind: ClassVar[str] = "table"
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    numbers: tuple[int, ...] = ()
    foot: bool = False


@dataclass(frozen=True)
class Picture:
    """A figure, drawn only when it is needed; ``alt`` says in words what it shows."""

    draw: Callable[[], str]
    alt: str
    caption: str = ""
    half: bool = False
    """Half as wide as the page: two stand side by side."""


@dataclass(frozen=True)
class Pictures:
    """Figures under one heading."""

    kind: ClassVar[str] = "pictures"
    items: tuple[Picture, ...]
    title: str = ""


Block = Paragraph | Bullets | Facts | Table | Pictures


@dataclass(frozen=True)
class Section:
    """A heading with its blocks; an untitled section stands on the first page."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A whole report."""

    lang: str
    title: str
    subtitle: str
    front: tuple[Block, ...]
    sections: tuple[Section, ...]
    foot: str
    banner: str = ""
    """Said first, and again at the head of every printed page."""
    banner_detail: str = ""
    stamp: str = ""
    """The banner in one word, behind every printed page."""
    contents: str = ""
    """Heading of the table of contents; empty: none."""


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[Cell | str]],
    *,
    caption: str = "",
    numbers: Sequence[int] = (),
    foot: bool = False,
) -> Table:
    """Return a table whose plain texts become cells."""
    cells = tuple(
        tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in row) for row in rows
    )
    return Table(tuple(head), cells, caption, tuple(numbers), foot)


def section(key: str, title: str, *blocks: Block | None) -> Section | None:
    """Return a section of the blocks that hold something, or None when none does."""
    filled = kept(*blocks)
    return Section(key, title, filled) if any(b.kind != "paragraph" for b in filled) else None


def kept(*blocks: Block | None) -> tuple[Block, ...]:
    """Return the blocks that hold something."""
    return tuple(block for block in blocks if block is not None and not is_empty(block))


def is_empty(block: Block) -> bool:
    """Tell whether a block would show nothing."""
    if isinstance(block, Paragraph):
        return not block.text
    return not (block.rows if isinstance(block, Table) else block.items)
