"""``svcsim propose``: staged targets and weights, each with the probability of meeting it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from svcsim.cli.folders import keep_baseline, page_name, write_proposal
from svcsim.cli.inputs import log_options, read_log_argument
from svcsim.cli.learning import learn_steady, window_options
from svcsim.cli.output import Output, common_options
from svcsim.cli.words import word
from svcsim.errors import Finding, InputError
from svcsim.units import parse_duration


@click.command(epilog="Example: svcsim propose log.parquet -o results/h2 --baseline baseline.yaml")
@click.argument("source", type=click.Path())
@click.option("-o", "folder", type=click.Path(path_type=Path), help="Results folder (resumes it).")
@click.option("--baseline", "baseline_file", type=click.Path(path_type=Path), help="Baseline YAML.")
@click.option("--log", "log_file", help="History of a baseline given as SOURCE.")
@click.option("-n", "--replications", type=click.IntRange(20), default=200, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--horizon", default="4w", show_default=True, help="Length of a scoring period.")
@click.option("--stages", type=click.IntRange(1, 5), default=3, show_default=True)
@click.option("--metrics", help="Comma-separated KPIs; default: what the data support.")
@click.option("--benchmarks", type=click.Path(path_type=Path), help="YAML: values of other desks.")
@click.option("--card", "cards", multiple=True, help="Card to hold against the desk (repeatable).")
@click.option("--workers", type=click.IntRange(1), default=None, help="Processes; default: cores.")
@window_options
@log_options
@common_options
def command(
    source: str, folder: Path | None, baseline_file: Path | None, log_file: str | None,
    replications: int, seed: int, horizon: str, stages: int, metrics: str | None,
    benchmarks: Path | None, cards: tuple[str, ...], workers: int | None, whole_window: bool,
    steady: bool, out: Output, **reading: Any,
) -> int:  # fmt: skip
    """Propose what to ask, when, and how sure, for the period after a history.

    SOURCE is a history (calibrated first unless --baseline names a baseline) or a baseline, with
    its history in --log.
    """
    from svcsim.metrics.catalogue import get_metric
    from svcsim.model.baseline import Baseline
    from svcsim.scorecard.scorecard import Scorecard, find_card
    from svcsim.study.belonging import check_belongs
    from svcsim.study.learn import Effort
    from svcsim.study.results import Results, input_files
    from svcsim.targets.benchmarks import Benchmarks
    from svcsim.targets.headline import five_lines
    from svcsim.targets.propose import propose

    own = source.endswith((".yaml", ".yml"))
    found, history = (Path(source), log_file) if own else (baseline_file, source)
    held = {name: Scorecard.from_yaml(find_card(name, "--card")) for name in cards} or None
    marks = Benchmarks.from_yaml(benchmarks).benchmarks if benchmarks else None
    settings = {
        "replications": replications, "seed": seed, "days": _days(horizon), "stages": stages,
        "metrics": metrics, "reading": reading, "whole_window": whole_window, "steady": steady,
        "cards": {name: card.model_dump(mode="json") for name, card in (held or {}).items()},
    }  # fmt: skip
    files = {
        "baseline": found, "history": history, "benchmarks": benchmarks,
        "mapping": reading["mapping"],
    }  # fmt: skip
    baseline = None if found is None else Baseline.from_yaml(found)
    log = None if history is None else read_log_argument(history, out, **reading)
    if baseline is not None and log is not None:
        out.findings(check_belongs(baseline, log))
    inputs = {k: path for label, f in files.items() for k, path in input_files(label, f).items()}
    asked = [name.strip() for name in metrics.split(",")] if metrics else None
    for name in asked or ():
        get_metric(name)
    results = Results(folder, "propose", settings, inputs)
    try:
        if baseline is None:
            assert log is not None
            learn = partial(
                learn_steady, log, Effort(workers=workers), out,
                whole_window=whole_window, steady=steady,
            )  # fmt: skip
            baseline = keep_baseline(results, learn)
        proposal = propose(
            baseline, log, replications=replications, seed=seed, horizon_days=_days(horizon),
            stages=stages, cards=held, benchmarks=marks, workers=workers, store=results.folder,
            metrics=asked, progress=out.progress(word("simulated")),
        )  # fmt: skip
    except InputError:
        results.give_up()
        raise
    name = page_name("proposal", out.lang)
    write_proposal(results, proposal, {name: out.lang})
    results.complete()
    page = str(results.folder / name)
    for line in five_lines(proposal, page, out.lang):
        out.print(line)
    out.emit({"folder": str(results.folder), **proposal.model_dump(mode="json")})
    return 3 if proposal.verdict == "exploratory" else 0


def _days(text: str) -> int:
    """Read the length of a scoring period: whole days, a week to a quarter."""
    try:
        days = parse_duration(text) / 86400.0
    except ValueError as error:
        raise InputError(Finding("--horizon", str(error), "write 4w, 28d or 13w")) from None
    if days != int(days) or not 7 <= days <= 92:
        raise InputError(
            Finding("--horizon", f"{text} is {days:g} days", "expected whole days, 7 to 92")
        )
    return int(days)
