"""``svcsim check``: read an export, say what was used, what was set aside and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from svcsim.cli.output import Output, common_options

WORDS = {
    "read": ("rows read", "读入行数"),
    "used": ("used", "使用"),
    "aside": ("set aside", "搁置"),
    "contacts": ("contacts", "联络数"),
    "window": ("window", "窗口"),
    "mapping": ("mapping", "映射"),
    "part": ("part", "部分"),
    "grade": ("can be calibrated", "可否校准"),
    "buys": ("what one more column would buy", "再多一列能带来什么"),
    "resolved": ("resolved", "已解决"),
    "abandoned": ("abandoned", "已放弃"),
    "open": ("open", "未结"),
    "wrote": ("wrote", "已写入"),
}


@click.command(epilog="Example: svcsim check 'exports/2026-*.csv' --preset sample -o log.parquet")
@click.argument("history")
@click.option("--preset", help="Name of a known export (svcsim list presets).")
@click.option("--mapping", help="YAML file that says what the columns mean (docs/mapping.md).")
@click.option("--tz", help="IANA time zone of stamps without one, e.g. Asia/Shanghai.")
@click.option("--date-order", help="Order of numeric dates: ymd, dmy or mdy.")
@click.option("--encoding", help="Encoding of a text file, e.g. gb18030.")
@click.option("--sheet", help="Sheet of a workbook.")
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
    rejects: Path | None,
    output: Path | None,
    out: Output,
) -> int:
    """Read HISTORY (an export, a glob or a canonical log) and say what is in it.

    Rows read = rows used + rows set aside, each with its reason. Exit code 3 when the log holds
    errors: it is written, but numbers from it would be wrong.
    """
    from svcsim.contacts.checks import run_checks
    from svcsim.contacts.read import check_target, read_history

    check_target(history, output, ".parquet", "-o")
    check_target(history, rejects, ".csv", "--rejects")
    reading = read_history(
        history,
        preset=preset,
        mapping=mapping,
        timezone=tz,
        date_order=date_order,
        encoding=encoding,
        sheet=sheet,
    )
    findings = [*reading.findings, *run_checks(reading.log)]
    written = []
    if output is not None:
        reading.log.to_parquet(output)
        written.append(output)
    if rejects is not None:
        rejects.parent.mkdir(parents=True, exist_ok=True)
        reading.rejects.to_csv(rejects, index=False, encoding="utf-8-sig")
        written.append(rejects)
    result = reading.summary()
    result["findings"] = [finding.to_dict() for finding in findings]
    out.emit(result)
    _show(out, result)
    out.findings(findings)
    for path in written:
        out.say(f"{WORDS['wrote'][out.lang == 'zh']} {path}")
    return 3 if any(finding.level == "error" for finding in findings) else 0


def _show(out: Output, result: dict[str, Any]) -> None:
    from svcsim.contacts.capability import ADVICE
    from svcsim.contacts.capability import WORDS as PARTS

    lang = 1 if out.lang == "zh" else 0
    word = {key: words[lang] for key, words in (PARTS | WORDS).items()}
    rows, window = result["rows"], result["window"]
    out.print(f"{word['read']}: {rows['read']}  {word['used']}: {rows['used']}")
    for reason, count in rows["set_aside"].items():
        out.print(f"  {word['aside']} {count}: {reason}")
    ends = "  ".join(f"{word[k]} {n}" for k, n in result["outcomes"].items())
    out.print(f"{word['contacts']}: {result['contacts']}  ({ends})")
    out.print(f"{word['window']}: [{window['start']}, {window['end']})  {window['timezone']}")
    if result["mapping"]:
        out.print(f"{word['mapping']}: {result['mapping']['name']}")
    out.print()
    lines = [
        (word[part], word[grade], "" if grade == "measured" else ADVICE[part][lang])
        for part, grade in result["can_calibrate"].items()
    ]
    out.table(lines, [word["part"], word["grade"], word["buys"]])
