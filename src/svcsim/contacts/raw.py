"""A file, whatever its kind, as a table of texts: nothing is interpreted here."""

from __future__ import annotations

import glob
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from svcsim.contacts.delimited import ROW, decode, read_delimited, tidy_header
from svcsim.errors import Finding, InputError, nearest

FILE = "__file__"
Cells = tuple[list[str], Sequence[Sequence[str | None]]]
"""A header and rows of texts."""
_PARQUET, _GZIP, _ZIP, _OLD_EXCEL = b"PAR1", b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass
class RawTable:
    """Rows of texts with the file and row number (header = row 1) they come from.

    ``broken`` are rows that could not be split into the header's columns; they have a reason.
    """

    frame: pd.DataFrame
    broken: pd.DataFrame
    findings: list[Finding] = field(default_factory=list)
    source: str = ""

    @property
    def header(self) -> list[str]:
        """Return the names of the export's columns."""
        return [str(name) for name in self.frame.columns if name not in (FILE, ROW)]

    @property
    def files(self) -> list[str]:
        """Return the names of the files, in order."""
        return [str(name) for name in dict.fromkeys(self.frame[FILE])]


def read_raw(
    source: str | Path,
    *,
    separator: str = "auto",
    encoding: str | None = None,
    sheet: str | None = None,
) -> RawTable:
    """Read a file or a glob (sorted by name, one below the other) as texts.

    Raises
    ------
    InputError
        When there is no such file, it cannot be read, or the headers differ.
    """
    paths = find_files(source)
    tables = [_read_one(path, separator, encoding, sheet) for path in paths]
    findings = [finding for table in tables for finding in table.findings]
    header = tables[0].header
    odd = [
        Finding(
            str(path),
            f"its columns differ from those of {paths[0]}",
            _difference(header, table.header),
            "read files of one kind together",
        )
        for path, table in zip(paths, tables, strict=True)
        if set(table.header) != set(header)
    ]
    if odd:
        raise InputError(odd)
    filled = [table.frame for table in tables if len(table.frame)]
    frame = pd.concat(filled, ignore_index=True) if filled else tables[0].frame
    if not len(frame):
        raise InputError(
            Finding(str(source), "there are no rows below the header", "expected contacts")
        )
    broken = pd.concat([table.broken for table in tables], ignore_index=True)
    return RawTable(frame, broken, findings, str(source))


def find_files(source: str | Path) -> list[Path]:
    """Return the files that a path or glob names.

    Raises
    ------
    InputError
        When there is none, or it is a folder.
    """
    path = Path(source).expanduser()
    if path.is_dir():
        raise InputError(
            Finding(str(source), "is a folder", "expected a file or a glob", f"try '{path}/*.csv'")
        )
    if path.is_file():
        return [path]
    if glob.has_magic(str(source)):
        paths = [Path(name) for name in sorted(glob.glob(str(path))) if Path(name).is_file()]
        if not paths:
            raise InputError(Finding(str(source), "no file matches", "expected at least one"))
        return paths
    siblings = [p.name for p in path.parent.glob("*")] if path.parent.is_dir() else []
    raise InputError(Finding(str(source), "no such file", "", nearest(path.name, siblings)))


def _read_one(path: Path, separator: str, encoding: str | None, sheet: str | None) -> RawTable:
    try:
        data = path.read_bytes()
        name = path.name
        if data.startswith(_GZIP):
            data, name = gzip.decompress(data), name.removesuffix(".gz")
        if data.startswith(_ZIP):
            data, name = _unzip(data, path, name)
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(Finding(str(path), f"cannot be read: {error}")) from None
    if not data.strip():
        raise InputError(Finding(str(path), "the file is empty", "expected a header and rows"))
    findings: list[Finding] = []
    if data.startswith(_PARQUET):
        header, rows = _parquet(path)
    elif data.startswith((_ZIP, _OLD_EXCEL)):
        header, rows = _excel(data, path, sheet, findings)
    else:
        text, note = decode(data, path, encoding)
        if not text.strip():
            raise InputError(Finding(str(path), "the file is empty", "expected rows"))
        findings += [note] if note is not None else []
        if name.endswith((".jsonl", ".ndjson", ".json")):
            header, rows = _json(text, path)
        else:
            frame, broken = read_delimited(text, path, separator)
            return _numbered(frame, broken, path, findings)
    header = tidy_header(header)
    frame = pd.DataFrame(rows, columns=header, dtype="str") if rows else pd.DataFrame(
        {name: pd.Series([], dtype="str") for name in header}
    )  # fmt: skip
    frame[ROW] = range(2, len(frame) + 2)
    return _numbered(frame, pd.DataFrame({ROW: [], "reason": []}), path, findings)


def _numbered(
    frame: pd.DataFrame, broken: pd.DataFrame, path: Path, findings: list[Finding]
) -> RawTable:
    frame[FILE] = path.name
    broken[FILE] = path.name
    return RawTable(frame, broken, findings, str(path))


def _unzip(data: bytes, path: Path, name: str) -> tuple[bytes, str]:
    """Return the one file inside a zip; a workbook is a zip that stays as it is."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [m for m in archive.namelist() if not m.endswith("/") and "__MACOSX" not in m]
        if any(m.startswith(("xl/", "content.xml")) for m in members):
            return data, name
        if len(members) != 1:
            raise InputError(
                Finding(
                    str(path),
                    f"the zip holds {len(members)} files",
                    "expected one",
                    "unpack it and read the files with a glob such as 'folder/*.csv'",
                )
            )
        return archive.read(members[0]), members[0]


def _excel(data: bytes, path: Path, sheet: str | None, findings: list[Finding]) -> Cells:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = list(book.sheet_names)
        if sheet is not None and sheet not in names:
            mend = nearest(sheet, names) or f"sheets: {', '.join(names)}"
            raise InputError(Finding(str(path), f"there is no sheet '{sheet}'", "", mend))
        if sheet is None and len(names) > 1:
            findings.append(
                Finding(
                    str(path),
                    f"read the first of {len(names)} sheets, '{names[0]}'",
                    "",
                    f"--sheet chooses another: {', '.join(names)}",
                    "note",
                )  # fmt: skip
            )
        cells = book.get_sheet_by_name(sheet or names[0]).to_python(skip_empty_area=True)
    except (CalamineError, IndexError) as error:
        raise InputError(Finding(str(path), f"cannot be read as a workbook: {error}")) from None
    rows = [[_cell(value) for value in row] for row in cells]
    if not rows:
        raise InputError(Finding(str(path), "the sheet is empty", "expected a header and rows"))
    return [str(name or "") for name in rows[0]], rows[1:]


def _json(text: str, path: Path) -> Cells:
    """Read JSON lines, or one JSON list, of flat objects."""
    records: list[Any] = []
    number = 0
    try:
        if text.lstrip().startswith("["):
            records = json.loads(text)
        else:
            for line in text.splitlines():
                number += 1
                if line.strip():
                    records.append(json.loads(line))
    except json.JSONDecodeError as error:
        place = f"{path}:{number or error.lineno}"
        raise InputError(Finding(place, f"not valid JSON: {error.msg}", "one object a line")) from (
            None
        )
    if not records or not all(isinstance(record, dict) for record in records):
        raise InputError(Finding(str(path), "not a list of objects", "expected one for each row"))
    header = list(dict.fromkeys(key for record in records for key in record))
    return header, [[_cell(record.get(key)) for key in header] for record in records]


def _parquet(path: Path) -> Cells:
    quoted = str(path).replace("'", "''")
    try:
        with duckdb.connect() as con:
            con.execute(f"SELECT COLUMNS(*)::VARCHAR FROM read_parquet('{quoted}')")
            header = [str(item[0]) for item in con.description or ()]
            return header, con.fetchall()
    except duckdb.Error:
        raise InputError(Finding(str(path), "cannot be read as Parquet")) from None


def _cell(value: Any) -> str | None:
    """Return a typed cell as the text that people see: whole numbers without a fraction."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, (datetime, date, time)):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _difference(expected: Iterable[str], found: Iterable[str]) -> str:
    lacks, has = list(expected), list(found)
    missing = [name for name in lacks if name not in has]
    extra = [name for name in has if name not in lacks]
    parts = [f"lacks {', '.join(missing[:5])}"] if missing else []
    return "; ".join([*parts, f"has also {', '.join(extra[:5])}"] if extra else parts)
