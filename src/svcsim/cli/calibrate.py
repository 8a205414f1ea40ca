"""``svcsim calibrate``: fit a baseline from history."""

from __future__ import annotations

from pathlib import Path

import click

from svcsim.cli.folders import page_name
from svcsim.cli.inputs import check_output, log_options, read_log_argument
from svcsim.cli.learning import learn_steady, window_options
from svcsim.cli.output import Output, common_options
from svcsim.cli.words import word
from svcsim.text import listed
from svcsim.units import spoken_duration

GRADES = ("measured", "proxy", "assumed")


@click.command(
    epilog="Example: svcsim calibrate log.parquet -o baseline.yaml --from 2026-01-05",
)
@click.argument("log")
@click.option("-o", "output", type=click.Path(path_type=Path), required=True, help="Baseline YAML.")
@click.option("--name", default=None, help="What the baseline is called.")
@click.option("--roster", type=click.Path(), help="CSV: agent, team, date or weekday, start, end.")
@click.option(
    "--hold-out", type=click.IntRange(1), metavar="DAYS", help="Days kept for the verdict."
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
    hold_out: int | None,
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

    LOG is a canonical log or any export that `svcsim check` reads. The last weeks are held out,
    replayed with their real arrivals, and compared KPI by KPI.
    """
    page = output.with_name(page_name(output.stem, out.lang))
    check_output(
        output, "-o", (".yaml", ".yml"), (log, roster, reading["mapping"]),
        also=[page] if report else [],
    )  # fmt: skip
    from svcsim.study.learn import Effort

    effort = Effort(
        hold_out_days=hold_out, fidelity_replications=replications, seed=seed, workers=workers
    )
    baseline = learn_steady(
        read_log_argument(log, out, **reading), effort, out,
        name=name, roster=roster, whole_window=whole_window, steady=steady,
    )  # fmt: skip
    output.write_text(baseline.to_yaml(), encoding="utf-8")
    if report:
        from svcsim.report.baseline_report import render_baseline

        page.write_text(render_baseline(baseline, out.lang), encoding="utf-8")
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
    out.print(word("fidelity", verdict=word(fidelity.verdict), why=fidelity.why))
    lies = [word("baseline", file=output)] + ([word("report", file=page)] if report else [])
    out.print(listed(lies, ("  ", "  ")))
    out.emit(
        {
            "baseline": str(output),
            "fidelity": fidelity.model_dump(mode="json"),
            "drift": [drift.model_dump(mode="json") for drift in baseline.drift],
            "grades": baseline.grades(),
            "notes": [note.data() for note in baseline.notes],
        }
    )
    return 3 if fidelity.verdict == "fail" else 0
