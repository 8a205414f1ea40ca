"""Text files with separators: encoding, separator, header, and rows of the wrong width."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from svcsim.errors import Finding, InputError
from svcsim.text import Text

SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
ROW = "__row__"
WRONG_WIDTH = Text("wrong number of fields", "字段数不符")
Broken = tuple[int, str, str]
"""Row number, reason, and the line as it stood."""


def decode(data: bytes, path: Path, encoding: str | None) -> tuple[str, Finding | None]:
    """Return the text of a file: the stated encoding, else UTF-8 (or UTF-16), else GB18030.

    Raises
    ------
    InputError
        When the bytes are no text, or none in the stated encoding.
    """
    sixteen = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\x00" in data[:65536] and not sixteen and encoding is None:
        raise InputError(
            Finding(str(path), "is not a text file", "expected CSV, TSV, JSON, Excel or Parquet")
        )
    tries = [encoding] if encoding else ["utf-16"] if sixteen else ["utf-8-sig", "gb18030"]
    for name in tries:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        except LookupError:
            raise InputError(
                Finding("--encoding", f"'{name}' is not an encoding", "for example utf-8, gb18030")
            ) from None
        note = None
        if name == "gb18030" and encoding is None:
            note = Finding(str(path), "is not UTF-8; read as GB18030", "",
                           "--encoding chooses another if names look wrong", "note")  # fmt: skip
        return text, note
    mend = "state another with --encoding" if encoding else "state it with --encoding"
    raise InputError(Finding(str(path), f"is not text in {' or '.join(tries)}", "", mend))


def read_delimited(text: str, path: Path, separator: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows as texts with their row number in the file, and the rows that are broken.

    Blank lines are no rows but count, as in a spreadsheet. A row with more or fewer fields than
    the header is broken.

    Raises
    ------
    InputError
        When there is no header, a quote never ends, or most rows are broken.
    """
    start = [line for line in text[:65536].splitlines() if line.strip()][:10]
    sep = SEPARATORS.get(separator, "")
    if not sep or sep not in start[0]:
        sep = _sniff(start)
    rows, numbers = _split(text, sep, path)
    header = tidy_header(rows[0])
    width = len(header)
    good, bad = rows[1:], list[Broken]()
    if any(len(row) != width for row in good):
        pairs = list(zip(numbers, good, strict=True))
        bad = [(n, WRONG_WIDTH, sep.join(row)) for n, row in pairs if len(row) != width]
        numbers = [n for n, row in pairs if len(row) == width]
        good = [row for row in good if len(row) == width]
    _check_quotes(text, [*good, *(row for row in rows if len(row) != width)], width, sep, path)
    if len(bad) > len(good):
        raise InputError(_most_broken(bad, len(good), width, path))
    frame = pd.DataFrame(good, columns=header, dtype="str")
    frame[ROW] = numbers
    return frame, pd.DataFrame(bad, columns=[ROW, "reason", "line"])


def _split(text: str, separator: str, path: Path) -> tuple[list[list[str]], list[int]]:
    """Return the rows with the header first, and the row numbers of those below it."""
    csv.field_size_limit(1 << 30)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise InputError(Finding(str(path), f"cannot be split into columns: {error}")) from None
    if all(lines):
        return lines, list(range(2, len(lines) + 1))
    numbers = [number for number, row in enumerate(lines, 1) if row]
    return [row for row in lines if row], numbers[1:]


def _check_quotes(text: str, rows: list[list[str]], width: int, separator: str, path: Path) -> None:
    """Refuse a file in which an open quote has swallowed rows: a cell that looks like rows."""
    if '"' not in text or width < 3:
        return
    for row in rows:
        for cell in row:
            if "\n" in cell and len(cell) > width:
                inside = [line for line in cell.splitlines() if line.count(separator) >= width - 1]
                if len(inside) > 1 or (inside and row is rows[-1]):
                    raise InputError(
                        Finding(
                            str(path),
                            'a quote (") opens and does not end before: ' + inside[0][:80],
                            "expected quotes in pairs",
                            "mend the row above it in the export",
                        )
                    )


def _most_broken(bad: list[Broken], good: int, width: int, path: Path) -> Finding:
    number, _, line = bad[0]
    return Finding(
        f"{path} row {number}",
        f"most rows ({len(bad)} of {len(bad) + good}) do not have the header's {width} fields, "
        f"for example: {line[:80]}",
        "expected one header and rows of its width",
        "check the separator and remove title lines above the header",
    )


def tidy_header(names: Sequence[str]) -> list[str]:
    """Return stripped names; an empty one becomes ``column 3``, a second one ``Name (2)``."""
    header: list[str] = []
    for number, name in enumerate(names, 1):
        plain = name.strip() or f"column {number}"
        count = sum(other == plain or other.startswith(f"{plain} (") for other in header)
        header.append(f"{plain} ({count + 1})" if plain in header else plain)
    return header


def _sniff(lines: Sequence[str]) -> str:
    """Return the separator that splits the header into most columns (or the lines below it)."""

    def width(line: str, separator: str) -> int:
        return len(next(csv.reader([line], delimiter=separator)))

    best = max(SEPARATORS.values(), key=lambda separator: width(lines[0], separator))
    if width(lines[0], best) > 1:
        return best
    return max(SEPARATORS.values(), key=lambda sep: max(width(line, sep) for line in lines))
