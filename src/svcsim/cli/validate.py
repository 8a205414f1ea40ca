"""``svcsim validate``: fidelity of a baseline on another period."""

from __future__ import annotations

from pathlib import Path

import click

from svcsim.cli.definitions import definitions
from svcsim.cli.inputs import check_output, log_options, read_log_argument
from svcsim.cli.output import QUIET, Output, common_options
from svcsim.cli.words import word


@click.command(epilog="Example: svcsim validate baseline.yaml march.parquet --from 2026-03-01")
@click.argument("baseline", type=click.Path())
@click.argument("log")
@click.option(
    "--arrivals",
    type=click.Choice(["real", "forecast", "both"]),
    default="both",
    show_default=True,
    help="Arrivals of the log, drawn ones, or one after the other.",
)
@click.option("--replications", type=click.IntRange(20), default=100, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True)
@click.option("--workers", type=click.IntRange(1), default=None)
@click.option("-o", "output", type=click.Path(path_type=Path), help="Write the result as JSON.")
@log_options
@common_options
def command(
    baseline: str,
    log: str,
    arrivals: str,
    replications: int,
    seed: int,
    workers: int | None,
    output: Path | None,
    out: Output,
    **reading: str | None,
) -> int:
    """Replay a period with a baseline: bands, PIT, distances, volume, verdict.

    Ends with code 3 where the verdict is fail or nothing could be compared.
    """
    from svcsim.calendar.days import local_day
    from svcsim.metrics.catalogue import named
    from svcsim.model.baseline import Baseline
    from svcsim.study.belonging import check_belongs
    from svcsim.study.fidelity import check_fidelity, show_period
    from svcsim.units import format_value

    check_output(output, "-o", (".json",), (baseline, log, reading["mapping"]))
    desk = Baseline.from_yaml(baseline)
    history = read_log_argument(log, out, **reading)
    out.findings(check_belongs(desk, history))
    start, end = (local_day(at, history.timezone) for at in (history.start, history.end))
    from datetime import timedelta

    end += (
        timedelta(days=1) if local_day(history.end - 1, history.timezone) == end else timedelta(0)
    )
    fidelity = check_fidelity(
        desk.model, history, start, end,
        replications=replications, seed=seed, arrivals=arrivals,  # type: ignore[arg-type]
        workers=workers, progress=out.progress(word("replay")),
    )  # fmt: skip
    result = fidelity.told().model_dump(mode="json")
    if output is not None:
        import json

        text = json.dumps({"schema_version": 1, **result}, ensure_ascii=False, indent=1)
        output.write_text(text, encoding="utf-8")
    rows = [
        (named(c.metric), show_period(c.period),
         *(format_value(value, c.unit) for value in (c.observed, c.low, c.high)),
         f"{c.z:+.1f}", word("yes" if c.inside else "no"))
        for c in fidelity.cells
    ]  # fmt: skip
    heads = [word(name) for name in ("kpi", "period", "observed_value")]
    out.table(rows, [*heads, "5 %", "95 %", "z", word("inside_band")])
    out.print(definitions(c.metric for c in fidelity.cells))
    out.print(word("fidelity", verdict=word(fidelity.verdict), why=fidelity.why))
    for reason in fidelity.reasons:
        out.print(word("reason", why=reason))
    if desk.source.start < str(end) and str(start) < desk.source.end:
        out.say(word("not_unseen", start=desk.source.start, end=desk.source.end), QUIET)
    out.emit(result)
    return 3 if fidelity.verdict in ("fail", "none") else 0
