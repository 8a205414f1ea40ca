"""``svcsim calibrate``: fit a baseline from history."""

from __future__ import annotations

from pathlib import Path

import click

from svcsim.cli.folders import page_name
from svcsim.cli.incidents import write_incidents
from svcsim.cli.inputs import check_output, log_options, read_log_argument, special_days_around
from svcsim.cli.learning import learn_steady, window_options
from svcsim.cli.output import Output, common_options
from svcsim.cli.planning import (
    doubts_of_roster,
    planner_options,
    read_known,
    show_ladder,
    show_questions,
    show_satisfaction,
)
from svcsim.cli.words import word
from svcsim.text import listed
from svcsim.units import spoken_duration


@click.command(
    epilog="Example: svcsim calibrate log.parquet -o baseline.yaml --from 2026-01-05",
)
@click.argument("log")
@click.option("-o", "output", type=click.Path(path_type=Path), required=True, help="Baseline YAML.")
@click.option("--name", default=None, help="What the baseline is called.")
@click.option("--roster", type=click.Path(), help="CSV: agent, team, date or weekday, start, end.")
@planner_options
@click.option(
    "--calendar",
    metavar="FILE|COUNTRY",
    help="Holidays: a country (CN with make-up working days, US-CA) or a calendar file (YAML).",
)
@click.option(
    "--hold-out", type=click.IntRange(1), metavar="DAYS", help="Days held out at each time split."
)
@click.option(
    "--origins", type=click.IntRange(1), metavar="N", help="Time splits; default: 3 where they fit."
)
@click.option("--replications", type=click.IntRange(20), default=100, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True)
@click.option("--workers", type=click.IntRange(1), default=None, help="Processes; default: cores.")
@click.option("--report/--no-report", default=True, help="Write an HTML page beside the baseline.")
@window_options
@log_options
@common_options
def command(
    log: str,
    output: Path,
    name: str | None,
    roster: str | None,
    calendar: str | None,
    given: dict[str, str | None],
    hold_out: int | None,
    origins: int | None,
    replications: int,
    seed: int,
    workers: int | None,
    whole_window: bool,
    steady: bool,
    report: bool,
    out: Output,
    **reading: str | None,
) -> int:
    """Fit a baseline from history, with uncertainty and a fidelity verdict.

    LOG is a canonical log or any export that `svcsim check` reads. At several time splits the
    weeks that follow are held out, simulated with real and with forecast arrivals, and compared
    KPI by KPI.
    """
    from svcsim.model.fidelity import full_file, write_full
    from svcsim.model.quantity import GRADES
    from svcsim.study.learn import Effort

    page = output.with_name(page_name(output.stem, out.lang))
    check_output(
        output, "-o", (".yaml", ".yml"), (log, roster, *given.values(), reading["mapping"]),
        also=[full_file(output), *([page] if report else [])],
    )  # fmt: skip
    effort = Effort(
        hold_out_days=hold_out, origins=origins, fidelity_replications=replications,
        forecast_replications=max(replications * 3 // 5, 20), seed=seed, workers=workers,
    )  # fmt: skip
    contacts = read_log_argument(log, out, **reading)
    out.findings(doubts_of_roster(roster, contacts))
    baseline = learn_steady(
        contacts, effort, out,
        name=name, roster=roster, calendar=special_days_around(contacts, calendar),
        known=read_known(given, contacts), whole_window=whole_window, steady=steady,
    )  # fmt: skip
    output.write_text(baseline.to_yaml(), encoding="utf-8")
    scenarios = write_incidents(baseline, output)
    write_full(baseline.fidelity, output)
    if report:
        from svcsim.report.baseline_report import render_baseline

        page.write_text(render_baseline(baseline, out.lang), encoding="utf-8")
    for note in baseline.notes:
        if "the planner gives" in note.en:
            out.print(note)
    fidelity = baseline.fidelity
    for drift in baseline.drift:
        told: dict[str, str] = {"what": drift.what, "when": drift.when}
        told |= {name: spoken_duration(getattr(drift, name)) for name in ("before", "after")}
        out.print(word("drift_line", **told))
    rows = [
        (word(f"part_{part}"), *(counts[g] for g in GRADES))
        for part, counts in baseline.grades().items()
    ]
    out.table(rows, [word(head) for head in ("part", *GRADES)])
    show_ladder(out, baseline.ladder)
    show_satisfaction(out, baseline)
    show_questions(out, baseline)
    out.print(word("fidelity", verdict=word(fidelity.verdict), why=fidelity.why))
    for reason in fidelity.reasons:
        out.print(word("reason", why=reason))
    lies = [word("baseline", file=output)] + ([word("report", file=page)] if report else [])
    lies += [word("incident_scenario", file=path) for path in scenarios]
    out.print(listed(lies, ("  ", "  ")))
    out.emit(
        {
            "baseline": str(output),
            "fidelity": fidelity.told().model_dump(mode="json"),
            "tuning": baseline.tuning.model_dump(mode="json"),
            "drift": [drift.model_dump(mode="json") for drift in baseline.drift],
            "grades": baseline.grades(),
            "incidents": [one.model_dump(mode="json") for one in baseline.incidents],
            "incident_scenarios": [str(path) for path in scenarios],
            "notes": [note.data() for note in baseline.notes],
            **baseline.model_dump(mode="json", include={"ladder", "questions", "satisfaction"}),
        }
    )
    return 3 if fidelity.verdict == "fail" else 0
