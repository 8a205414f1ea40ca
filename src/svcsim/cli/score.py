"""``svcsim score``: a period's scores for the desk, its teams and its agents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from svcsim.cli.definitions import definitions
from svcsim.cli.folders import write_scores
from svcsim.cli.inputs import hours_options, read_log_argument, with_hours, with_side_tables
from svcsim.cli.output import Output, common_options
from svcsim.cli.words import word
from svcsim.errors import Finding, InputError


@click.command(
    epilog="Example: svcsim score log.parquet --scorecard seed-25-40-35 --period 2026-03 -o march"
)
@click.argument("log")
@click.option("--scorecard", "card_name", required=True, help="Card: a file or a shipped name.")
@click.option("--period", help="2026-03, 2026-Q1, 2026-W12 or first/last+1 day; default: the last.")
@click.option(
    "--roles", type=click.Path(), help="Who has which role: CSV or YAML (agent, role, ...)"
)
@click.option("--points", type=click.Path(), help="Points given by hand: CSV (see docs).")
@click.option("--preset", metavar="NAME", help="Preset of the export (see: list presets).")
@click.option("--mapping", type=click.Path(), help="Mapping file (YAML) of the export.")
@click.option("--tz", metavar="ZONE", help="IANA zone of the stamps.")
@hours_options
@click.option("--tables", metavar="DIR", help="Folder of side tables (docs/tables.md).")
@click.option("-o", "folder", type=click.Path(path_type=Path), help="Results folder.")
@click.option("--alerts", is_flag=True, help="Also say what has got worse week by week.")
@click.option(
    "--simulated",
    type=click.Path(path_type=Path),
    help="With --alerts: kpis.parquet of simulated periods as long as this one.",
)
@click.option("--no-report", is_flag=True, help="Do not write scores.html.")
@common_options
def command(
    log: str,
    card_name: str,
    period: str | None,
    roles: str | None,
    points: str | None,
    preset: str | None,
    mapping: str | None,
    tz: str | None,
    hours: str | None,
    holidays: str | None,
    tables: str | None,
    folder: Path | None,
    alerts: bool,
    simulated: Path | None,
    no_report: bool,
    out: Output,
) -> int:
    """Score a period of LOG (a canonical log or an export) by a scorecard.

    With -o, writes scores.json, scores.csv and scores.html to that results folder, which may be
    new or hold the same scores already.
    """
    from svcsim.contacts.log import show_day
    from svcsim.scorecard import summary
    from svcsim.scorecard.alerts_watch import with_alerts
    from svcsim.scorecard.bonus import read_points
    from svcsim.scorecard.integrity.lines import spoken_lines
    from svcsim.scorecard.lint import spoken
    from svcsim.scorecard.review_summary import review_lines
    from svcsim.scorecard.roles import read_roles
    from svcsim.scorecard.score import score
    from svcsim.scorecard.scorecard import Scorecard, find_card, own_metrics_file
    from svcsim.study.results import Results, input_files

    source = find_card(card_name)
    card, people, given = _read_all(
        lambda: Scorecard.from_yaml(source),
        lambda: read_roles(roles) if roles else None,
        lambda: read_points(points) if points else [],
    )
    reading = {"preset": preset, "mapping": mapping, "timezone": tz}
    contacts = with_side_tables(read_log_argument(log, out, **reading), tables, out)
    contacts = with_hours(contacts, hours, holidays)
    table = score(contacts, card, period, roles=people, points=given)
    if alerts or simulated:
        table = with_alerts(table, simulated)
    results = None
    if folder is not None:
        settings: dict[str, Any] = {
            "scorecard": card.name,
            "period": table.period.label,
            "reading": reading,
        }
        inputs = {"scorecard": Path(source), **input_files("log", log)}
        for name, file in (("mapping", mapping), ("roles", roles), ("points", points)):
            inputs |= input_files(name, file)
        inputs |= input_files("own_metrics", own_metrics_file(card, source))
        inputs |= input_files("tables", None if tables is None else f"{tables}/*.*")
        if hours is not None:
            settings |= {"hours": hours, "holidays": holidays}
            inputs |= input_files("hours", hours if hours.endswith((".yaml", ".yml")) else None)
        if alerts or simulated:
            settings["alerts"] = True
            inputs |= input_files("simulated", str(simulated) if simulated else None)
        results = Results(folder, "score", settings, inputs)
        write_scores(results, table, None if no_report else out.lang)
        results.complete()
    result = table.to_json_dict()
    out.findings(spoken(finding, out.lang) for finding in table.findings)
    first, last = (show_day(at, contacts.timezone) for at in (table.period.start, table.period.end))
    title = card.zh if out.lang == "zh" and card.zh else card.name
    out.print(f"{title}  [{first}, {last}) {contacts.timezone}")
    out.table(summary.kpi_lines(table, out.lang), summary.KPI_HEADERS[out.lang])
    out.print(definitions(asked.kpi.kind for asked in table.kpis))
    if gates := summary.gate_lines(table, out.lang):
        out.print()
        out.table(gates, summary.GATE_HEADERS[out.lang])
    out.print()
    out.table(summary.unit_lines(table, out.lang), summary.unit_headers(table, out.lang))
    for line in spoken_lines(table.integrity, table.alerts, out.lang):
        out.print(line)
    for line in ("", *review_lines(table, out.lang)):
        out.print(line)
    out.emit(result)
    if results is not None:
        out.say(word("written", file=folder))
    scorable = any(metric["value"] is not None for metric in result["units"][0]["metrics"])
    return 0 if scorable else 3


def _read_all(*readers: Callable[[], Any]) -> list[Any]:
    """Return what every reader reads; the mistakes of all files are told together."""
    found: list[Any] = []
    findings: list[Finding] = []
    for read in readers:
        try:
            found.append(read())
        except InputError as error:
            findings += error.findings
    if findings:
        raise InputError(findings)
    return found
