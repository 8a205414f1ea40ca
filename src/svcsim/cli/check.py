"""``svcsim check``: read an export, say what was used, what was set aside and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from svcsim.cli.inputs import check_output, with_side_tables
from svcsim.cli.output import Output, common_options
from svcsim.cli.planning import show_ladder
from svcsim.cli.words import word
from svcsim.text import Text, listed

TWO = ("  ", "  ")
"""Between things on one line, in both languages."""


@click.command(epilog="Example: svcsim check 'exports/2026-*.csv' --preset sample -o log.parquet")
@click.argument("history")
@click.option("--preset", help="Name of a known export (svcsim list presets).")
@click.option("--mapping", help="YAML file that says what the columns mean (docs/mapping.md).")
@click.option("--tz", help="IANA time zone of stamps without one, e.g. Asia/Shanghai.")
@click.option("--date-order", help="Order of numeric dates: ymd, dmy or mdy.")
@click.option("--encoding", help="Encoding of a text file, e.g. gb18030.")
@click.option("--sheet", help="Sheet of a workbook.")
@click.option("--tables", metavar="DIR", help="Folder of side tables (docs/tables.md).")
@click.option("--rejects", type=click.Path(path_type=Path), help="Write rows set aside (CSV).")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write the canonical log (.parquet)."
)
@common_options
def command(
    history: str,
    preset: str | None,
    mapping: str | None,
    tz: str | None,
    date_order: str | None,
    encoding: str | None,
    sheet: str | None,
    tables: str | None,
    rejects: Path | None,
    output: Path | None,
    out: Output,
) -> int:
    """Read HISTORY (an export, a glob or a canonical log) and say what is in it.

    Rows read = rows used + rows set aside, each with its reason. Exit code 3 when the log holds
    errors: it is written, but numbers from it would be wrong.
    """
    from svcsim.calibration.ladder import ladder
    from svcsim.contacts.checks import run_checks
    from svcsim.contacts.read import read_history

    check_output(output, "-o", (".parquet",), (history, mapping), folder_made=True)
    check_output(rejects, "--rejects", (".csv",), (history, mapping), folder_made=True)
    reading = read_history(
        history,
        preset=preset,
        mapping=mapping,
        timezone=tz,
        date_order=date_order,
        encoding=encoding,
        sheet=sheet,
    )
    contacts = with_side_tables(reading.log, tables, out)
    findings = [*reading.findings, *run_checks(contacts)]
    written = []
    if output is not None:
        contacts.to_parquet(output)
        written.append(output)
    if rejects is not None:
        rejects.parent.mkdir(parents=True, exist_ok=True)
        reading.rejects.to_csv(rejects, index=False, encoding="utf-8-sig")
        written.append(rejects)
    result = reading.summary()
    rungs = ladder(contacts)
    result["ladder"] = [rung.model_dump(mode="json") for rung in rungs]
    result["findings"] = [finding.to_dict() for finding in findings]
    out.emit(result)
    _show(out, result)
    show_ladder(out, rungs)
    out.findings(findings)
    for path in written:
        out.say(word("written", file=path))
    return 3 if any(finding.level == "error" for finding in findings) else 0


def _show(out: Output, result: dict[str, Any]) -> None:
    from svcsim.contacts.capability import ADVICE, PARTS

    rows, window = result["rows"], result["window"]
    out.print(word("rows_line", read=rows["read"], used=rows["used"]))
    for reason, count in rows["set_aside"].items():
        out.print(word("aside_line", n=count, reason=Text.of(reason)))
    ends = listed((word("end", what=word(k), n=n) for k, n in result["outcomes"].items()), TWO)
    out.print(word("contacts_line", n=result["contacts"], ends=ends))
    out.print(word("window_line", **window))
    if result["mapping"]:
        out.print(word("mapping_line", name=result["mapping"]["name"]))
    out.print()
    lines = [
        (PARTS[part], PARTS[grade], "" if grade == "measured" else ADVICE[part])
        for part, grade in result["can_calibrate"].items()
    ]
    out.table(lines, [word("part"), word("can"), word("buys")])
