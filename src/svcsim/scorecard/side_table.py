"""Small tables that people keep beside a log: who has which role, a supervisor's points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from svcsim.contacts.delimited import ROW
from svcsim.contacts.raw import read_raw
from svcsim.errors import Finding, InputError, nearest


@dataclass(frozen=True)
class Row:
    """One row: where it stands, and its cells that are not empty."""

    where: str
    cells: Mapping[str, str]


def read_table(
    path: str | Path, needs: Sequence[str], may: Sequence[str], chinese: Mapping[str, str]
) -> list[Row]:
    """Return the rows of a CSV, TSV or Excel file; its header is held to the known columns.

    Parameters
    ----------
    path : str or Path
    needs, may : sequence of str
        Columns that must and that may stand there.
    chinese : mapping
        Chinese header -> column.

    Raises
    ------
    InputError
        When the file cannot be read, a needed column is missing, one is unknown or stands twice,
        or a row has other cells than the header.
    """
    raw = read_raw(path)
    known = [*needs, *may]
    names = {name: chinese.get(name.strip(), name.strip().lower()) for name in raw.header}
    findings = [
        Finding(
            f"{path}:1",
            f"'{name}' is no column of this table",
            f"known columns: {', '.join(known)}",
            nearest(column, [*known, *chinese]),
        )
        for name, column in names.items()
        if column not in known
    ]
    found = list(names.values())
    findings += [
        Finding(f"{path}:1", f"the column {column} stands twice", "", "keep one of them")
        for column in known
        if found.count(column) > 1
    ]
    findings += [
        Finding(f"{path}:1", f"the column {column} is missing", f"expected {', '.join(needs)}")
        for column in needs
        if column not in found
    ]
    findings += [
        Finding(f"{path} row {row[ROW]}", str(row["reason"]), "expected the cells of the header")
        for _, row in raw.broken.iterrows()
    ]
    if findings:
        raise InputError(findings)
    return [
        Row(
            f"{path} row {row[ROW]}",
            {
                column: str(row[name]).strip()
                for name, column in names.items()
                if isinstance(row[name], str) and row[name].strip()
            },
        )
        for _, row in raw.frame.iterrows()
    ]
