"""Text files with separators: encoding, separator, header, and rows of the wrong width."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from svcsim.errors import Finding, InputError

SEPARATORS = {"comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|"}
ROW = "__row__"
WRONG_WIDTH = "wrong number of fields"
_MANY_LINES = 200
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
    """Return the rows as texts with their row number (header = 1), and the rows that are broken.

    Blank lines are no rows. A row with more or fewer fields than the header is broken.

    Raises
    ------
    InputError
        When there is no header, a name comes twice, a quote never ends, or most rows are broken.
    """
    lines = text.lstrip("\r\n")
    first = next(iter(lines.splitlines()), "")
    sep = SEPARATORS[separator] if separator != "auto" else _sniff(first)
    if sep not in first:
        sep = _sniff(first)
    rows = _rows(lines, sep, path)
    header = tidy_header(rows[0])
    width = len(header)
    if all(len(row) == width for row in rows):
        good, numbers, bad = rows[1:], list(range(2, len(rows) + 1)), list[Broken]()
    else:
        good, numbers, bad = _split(rows, width, path)
    frame = pd.DataFrame(good, columns=header, dtype="str")
    frame[ROW] = numbers
    broken = pd.DataFrame(bad, columns=[ROW, "reason", "line"])
    return frame, broken


def _rows(text: str, separator: str, path: Path) -> list[list[str]]:
    csv.field_size_limit(1 << 30)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if row]
    except csv.Error as error:
        raise InputError(Finding(str(path), f"cannot be split into columns: {error}")) from None
    if not rows:
        raise InputError(Finding(str(path), "the file is empty", "expected a header and rows"))
    for number, row in enumerate(rows if '"' in text else (), 1):
        longest = max(row, key=len)
        if len(longest) > 10_000 and longest.count("\n") > _MANY_LINES:
            raise InputError(
                Finding(
                    f"{path} row {number}",
                    'a quote (") opens here and does not end',
                    "expected quotes in pairs",
                    "mend that row in the export",
                )  # fmt: skip
            )
    return rows


def _split(
    rows: list[list[str]], width: int, path: Path
) -> tuple[list[list[str]], list[int], list[Broken]]:
    good, numbers, bad = [], [], []
    for number, row in enumerate(rows[1:], 2):
        if len(row) == width:
            good.append(row)
            numbers.append(number)
        else:
            bad.append((number, WRONG_WIDTH, "|".join(row)))
    if len(bad) > len(good):
        number, _, line = bad[0]
        raise InputError(
            Finding(
                f"{path} row {number}",
                f"most rows ({len(bad)} of {len(rows) - 1}) do not have the header's {width} "
                f"fields, for example: {line[:80]}",
                "expected one header and rows of its width",
                "check the separator and remove title lines above the header",
            )
        )
    return good, numbers, bad


def tidy_header(names: Sequence[str]) -> list[str]:
    """Return stripped names; an empty one becomes ``column 3``, a second one ``Name (2)``."""
    header: list[str] = []
    for number, name in enumerate(names, 1):
        plain = name.strip() or f"column {number}"
        count = sum(other == plain or other.startswith(f"{plain} (") for other in header)
        header.append(f"{plain} ({count + 1})" if plain in header else plain)
    return header


def _sniff(line: str) -> str:
    """Return the separator that splits the header line into most columns."""
    return max(SEPARATORS.values(), key=lambda sep: len(next(csv.reader([line], delimiter=sep))))
