"""``svcsim simulate``: KPI distributions of one scenario."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from svcsim.cli.definitions import definitions
from svcsim.cli.folders import page_name
from svcsim.cli.inputs import log_options, parse_day, read_log_argument
from svcsim.cli.output import QUIET, Output, common_options
from svcsim.cli.trace import kept_hour, parse_span, write_trace
from svcsim.cli.words import word
from svcsim.errors import Finding, InputError
from svcsim.text import Text

if TYPE_CHECKING:
    from svcsim.engine.simulate import Engine


@click.command(
    epilog="Example: svcsim simulate scenarios/a-fifth-more-cases.yaml -o results/more -n 100"
)
@click.argument("scenario", type=click.Path())
@click.option("-o", "folder", type=click.Path(path_type=Path), help="Results folder (resumes it).")
@click.option(
    "-n",
    "replications",
    type=click.IntRange(1),
    help="How often to simulate the period.",
)
@click.option("--precision", metavar="SHARE", help="Run until every mean is this precise, e.g. 5%.")
@click.option("--seed", type=click.IntRange(0), help="Default: the scenario's.")
@click.option(
    "--engine",
    type=click.Choice(["compiled", "simpy"]),
    default="compiled",
    show_default=True,
    help="compiled: fast, for everyday use. simpy: the same numbers from a program that is easy to "
    "read and much slower, for whoever wants to check the rules.",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    help="Runs side by side; default: cores.",
)
@click.option("--days", type=click.IntRange(1, 731), help="Length of the period.")
@click.option("--start", metavar="DAY", help="First local day; default: the Monday after the log.")
@click.option(
    "--metrics",
    help="Comma-separated KPIs; default: the scenario's, else the usual ones and those of what the "
    "desk declares (docs/cli.md).",
)
@click.option(
    "--log", "history", help="History: gives the true opening backlog and what was observed."
)
@click.option("--keep-contacts", is_flag=True, help="Also write replication 1's contacts.")
@click.option(
    "--trace", is_flag=True, help="Also tell replication 1 event by event and draw an hour of it."
)
@click.option(
    "--trace-span",
    "span",
    metavar="SPAN",
    help="--trace for a local day or hours of it, e.g. '2026-04-11 09:00-10:00'.",
)
@log_options
@common_options
def command(
    scenario: str,
    folder: Path | None,
    replications: int | None,
    precision: str | None,
    seed: int | None,
    engine: Engine,
    workers: int | None,
    days: int | None,
    start: str | None,
    metrics: str | None,
    history: str | None,
    keep_contacts: bool,
    trace: bool,
    span: str | None,
    out: Output,
    **reading: str | None,
) -> int:
    """Simulate a scenario (or a baseline as it is) and write KPI distributions."""
    from svcsim import compiler
    from svcsim.metrics.catalogue import named
    from svcsim.scenario.scenario import load_scenario
    from svcsim.study.belonging import check_belongs
    from svcsim.study.run import RunRequest, run_scenario
    from svcsim.units import format_value

    what, baseline, log_path = load_scenario(scenario)
    source = history or (str(log_path) if log_path else None)
    log = read_log_argument(source, out, **reading) if source else None
    if log is None and what.run.warm_up:
        out.say(word("warm_up_told", days=what.run.warm_up / 86400))
    elif log is None:
        out.say(word("no_history"))
    else:
        out.findings(check_belongs(baseline, log))
    request = RunRequest(
        scenario_file=Path(scenario),
        folder=folder,
        replications=replications,
        precision=_precision(precision) if precision is not None else None,
        seed=seed,
        days=days,
        start=parse_day(start, "--start") if start else None,
        metrics=tuple(m.strip() for m in metrics.split(",")) if metrics else (),
        workers=workers,
        keep_contacts=keep_contacts,
        trace=trace or span is not None,
        engine=engine,
        trace_span=parse_span(span, baseline.model.timezone) if span is not None else None,
        log_source=source,
        reading=reading,
    )
    compiler.announce = _once(out)
    done = run_scenario(what, baseline, log, request, progress=out.progress(word("simulated")))
    files = {}
    if done.first is not None and request.trace:
        model, _ = what.apply(baseline.model)
        text, picture = write_trace(
            done.results, done.first, request.trace_span, out.lang, tuple(model.categories)
        )
        files = {"trace": str(text), "hour": str(picture)}
    if log is not None:
        from svcsim.report.kpi_report import render_kpis

        hour = kept_hour(done.results.folder)
        page = render_kpis(done.summary, done.table, out.lang, hour)
        done.results.text(page_name("kpis", out.lang), page)
    done.results.complete()
    for change in done.changes:
        out.print(word("changed", change=change.text))
    rows = [
        (named(e["metric"]), e["replications"],
         *(format_value(e.get(k), e["unit"]) for k in ("mean", "half_width", "p10", "p50", "p90")))
        for e in done.summary["kpis"]
    ]  # fmt: skip
    heads = [word(name) for name in ("kpi", "reps", "mean_value")]
    out.table(rows, [*heads, "+-", "P10", "P50", "P90"])
    out.print(definitions(e["metric"] for e in done.summary["kpis"]))
    if done.summary["staff"]:
        out.print(word("staff_cost", **done.summary["staff"]))
    for remark in done.summary["remarks"]:
        out.say(word("warning", what=Text.of(remark)), QUIET)
    for metric, why in done.summary["not_simulated"].items():
        out.say(word("not_simulated", metric=metric, why=Text.of(why)))
    if baseline.fidelity.verdict in ("fail", "none"):
        out.print(word("not_faithful", verdict=word(baseline.fidelity.verdict)))
    if files:
        out.print(word("trace_file", file=files["trace"]))
        out.print(word("hour_file", file=files["hour"]))
    out.print(word("results", folder=done.results.folder))
    out.emit({"folder": str(done.results.folder), **files, **done.summary})
    return 0


def _precision(text: str) -> float:
    """Read how precise every mean shall be."""
    from svcsim.units import parse_share

    try:
        share = parse_share(text)
    except ValueError as error:
        raise InputError(Finding("--precision", str(error))) from None
    if share == 0:
        told = f"'{text}' would need replications without end"
        raise InputError(Finding("--precision", told, "expected a share such as 5%"))
    return share


def _once(out: Output) -> Callable[[str], None]:
    """Return what tells people, once, that they wait for the compiler."""
    told: list[str] = []

    def say(function: str) -> None:
        if not told:
            out.say(word("compiling"))
        told.append(function)

    return say
