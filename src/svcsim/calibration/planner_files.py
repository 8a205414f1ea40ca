"""Small files that planners write: a table with a header, read row by row with their lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from svcsim.errors import Finding, InputError, nearest


def read_rows(
    path: str | Path, headers: Mapping[str, str], columns: Sequence[str], needed: Sequence[str]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield ``file:line`` and the cells by column of every row that is not blank.

    Parameters
    ----------
    path : path
        CSV in UTF-8 or GB 18030, with a header.
    headers : dict
        Other names of columns (Chinese ones), besides the names themselves.
    columns, needed : list of str
        Columns that are known, and those that must be there; others are left alone.

    Raises
    ------
    InputError
        When the file cannot be read, or a needed column is missing.
    """
    file = Path(path)
    lines = _lines(file, columns)
    first = [cell.strip() for cell in lines[0][1]]
    header = [headers.get(cell, cell.lower()) for cell in first]
    missing = [name for name in needed if name not in header]
    if missing:
        raise InputError(
            [
                Finding(
                    f"{file}:1",
                    f"column {name} is missing",
                    f"expected {', '.join(columns)}",
                    nearest(name, first),
                )
                for name in missing
            ]
        )
    for number, cells in lines[1:]:
        row = {
            name: cell.strip() for name, cell in zip(header, cells, strict=False) if name in columns
        }
        if any(row.values()):
            yield f"{file}:{number}", row


def _lines(file: Path, columns: Sequence[str]) -> list[tuple[int, list[str]]]:
    try:
        raw = file.read_bytes()
    except OSError as error:
        folder = file.parent
        near = nearest(file.name, [p.name for p in folder.glob("*")]) if folder.is_dir() else ""
        told = f"cannot be read: {error.strerror}"
        raise InputError(Finding(str(file), told, "", near)) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", errors="replace")
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        lines = [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        told = f"is no table: {error}"
        mend = "a quote that is not closed swallows the lines after it"
        raise InputError(Finding(f"{file}:{reader.line_num}", told, "CSV", mend)) from None
    if not lines:
        found = "the file is empty"
        raise InputError(Finding(str(file), found, f"columns {', '.join(columns)}"))
    return lines
