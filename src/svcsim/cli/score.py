"""``svcsim score``: a period's scores for the desk, its teams and its agents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from svcsim.cli.inputs import read_log_argument
from svcsim.cli.output import Output, common_options
from svcsim.cli.words import word
from svcsim.errors import Finding, InputError

if TYPE_CHECKING:
    from svcsim.scorecard.table import ScoreTable


@click.command(
    epilog="Example: svcsim score log.parquet --scorecard seed-25-40-35 --period 2026-03 -o march"
)
@click.argument("log")
@click.option("--scorecard", "card_name", required=True, help="Card: a file or a shipped name.")
@click.option("--period", help="2026-03, 2026-Q1, 2026-W12 or first/last+1 day; default: the last.")
@click.option("--preset", metavar="NAME", help="Preset of the export (see: list presets).")
@click.option("--mapping", type=click.Path(), help="Mapping file (YAML) of the export.")
@click.option("--tz", metavar="ZONE", help="IANA zone of the stamps.")
@click.option("-o", "folder", type=click.Path(path_type=Path), help="Folder for the results.")
@click.option("--no-report", is_flag=True, help="Do not write scores.html.")
@common_options
def command(
    log: str,
    card_name: str,
    period: str | None,
    preset: str | None,
    mapping: str | None,
    tz: str | None,
    folder: Path | None,
    no_report: bool,
    out: Output,
) -> int:
    """Score a period of LOG (a canonical log or an export) by a scorecard.

    With -o, writes scores.json, scores.csv and scores.html to that folder.
    """
    from svcsim.contacts.log import show_day
    from svcsim.scorecard.lint import spoken
    from svcsim.scorecard.score import score
    from svcsim.scorecard.scorecard import Scorecard, find_card
    from svcsim.scorecard.summary import KPI_HEADERS, UNIT_HEADERS, kpi_lines, unit_lines

    if folder is not None and folder.exists() and not folder.is_dir():
        raise InputError(Finding("-o", f"'{folder}' is a file", "expected a folder"))
    card = Scorecard.from_yaml(find_card(card_name))
    contacts = read_log_argument(log, out, preset=preset, mapping=mapping, timezone=tz)
    table = score(contacts, card, period)
    result = table.to_json_dict()
    out.findings(spoken(finding, out.lang) for finding in table.findings)
    first, last = (show_day(at, contacts.timezone) for at in (table.period.start, table.period.end))
    title = card.zh if out.lang == "zh" and card.zh else card.name
    out.print(f"{title}  [{first}, {last}) {contacts.timezone}")
    out.table(kpi_lines(table, out.lang), KPI_HEADERS[out.lang])
    out.print()
    out.table(unit_lines(table, out.lang), UNIT_HEADERS[out.lang])
    out.emit(result)
    if folder is not None:
        _write(folder, table, result, None if no_report else out.lang)
        out.say(word("written", file=folder))
    scorable = any(metric["value"] is not None for metric in result["units"][0]["metrics"])
    return 0 if scorable else 3


def _write(folder: Path, table: ScoreTable, result: dict[str, Any], lang: str | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, ensure_ascii=False, indent=1)
    (folder / "scores.json").write_text(text + "\n", encoding="utf-8")
    table.to_frame().to_csv(folder / "scores.csv", index=False, encoding="utf-8-sig")
    if lang is not None:
        from svcsim.report.score_report import render_scores

        (folder / "scores.html").write_text(render_scores(result, lang), encoding="utf-8")
