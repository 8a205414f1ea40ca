"""``svcsim score``: a period's scores for the desk, its teams and its agents."""

from __future__ import annotations

from pathlib import Path

import click

from svcsim.cli.folders import write_scores
from svcsim.cli.inputs import read_log_argument
from svcsim.cli.output import Output, common_options
from svcsim.cli.words import word


@click.command(
    epilog="Example: svcsim score log.parquet --scorecard seed-25-40-35 --period 2026-03 -o march"
)
@click.argument("log")
@click.option("--scorecard", "card_name", required=True, help="Card: a file or a shipped name.")
@click.option("--period", help="2026-03, 2026-Q1, 2026-W12 or first/last+1 day; default: the last.")
@click.option("--preset", metavar="NAME", help="Preset of the export (see: list presets).")
@click.option("--mapping", type=click.Path(), help="Mapping file (YAML) of the export.")
@click.option("--tz", metavar="ZONE", help="IANA zone of the stamps.")
@click.option("-o", "folder", type=click.Path(path_type=Path), help="Results folder.")
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

    With -o, writes scores.json, scores.csv and scores.html to that results folder, which may be
    new or hold the same scores already.
    """
    from svcsim.contacts.log import show_day
    from svcsim.scorecard.lint import spoken
    from svcsim.scorecard.review_summary import review_lines
    from svcsim.scorecard.score import score
    from svcsim.scorecard.scorecard import Scorecard, find_card
    from svcsim.scorecard.summary import KPI_HEADERS, UNIT_HEADERS, kpi_lines, unit_lines
    from svcsim.study.results import Results, input_files

    source = find_card(card_name)
    card = Scorecard.from_yaml(source)
    reading = {"preset": preset, "mapping": mapping, "timezone": tz}
    contacts = read_log_argument(log, out, **reading)
    table = score(contacts, card, period)
    results = None
    if folder is not None:
        settings = {"scorecard": card.name, "period": table.period.label, "reading": reading}
        inputs = {"scorecard": Path(source), **input_files("log", log)}
        inputs |= input_files("mapping", mapping)
        results = Results(folder, "score", settings, inputs)
        write_scores(results, table, None if no_report else out.lang)
        results.complete()
    result = table.to_json_dict()
    out.findings(spoken(finding, out.lang) for finding in table.findings)
    first, last = (show_day(at, contacts.timezone) for at in (table.period.start, table.period.end))
    title = card.zh if out.lang == "zh" and card.zh else card.name
    out.print(f"{title}  [{first}, {last}) {contacts.timezone}")
    out.table(kpi_lines(table, out.lang), KPI_HEADERS[out.lang])
    out.print()
    out.table(unit_lines(table, out.lang), UNIT_HEADERS[out.lang])
    for line in ("", *review_lines(table, out.lang)):
        out.print(line)
    out.emit(result)
    if results is not None:
        out.say(word("written", file=folder))
    scorable = any(metric["value"] is not None for metric in result["units"][0]["metrics"])
    return 0 if scorable else 3
