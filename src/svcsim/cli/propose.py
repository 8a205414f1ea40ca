"""``svcsim propose``: staged targets and weights, each with the probability of meeting it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from svcsim.cli.inputs import log_options, read_log_argument
from svcsim.cli.output import Output, common_options
from svcsim.errors import Finding, InputError
from svcsim.units import parse_duration

if TYPE_CHECKING:
    from svcsim.contacts.log import ContactLog
    from svcsim.model.baseline import Baseline
    from svcsim.study.results import Results
    from svcsim.targets.proposal import Proposal


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
@log_options
@common_options
def command(
    source: str, folder: Path | None, baseline_file: Path | None, log_file: str | None, out: Output,
    **options: Any,
) -> int:  # fmt: skip
    """Propose what to ask, when, and how sure, for the period after a history.

    SOURCE is a history (calibrated first unless --baseline names a baseline) or a baseline, with
    its history in --log.
    """
    from svcsim.model.baseline import Baseline
    from svcsim.report.proposal_report import render_proposal
    from svcsim.scorecard.scorecard import Scorecard, find_card
    from svcsim.study.results import Results
    from svcsim.targets.benchmarks import Benchmarks
    from svcsim.targets.propose import propose, scorecard_for_stage

    names = ("preset", "mapping", "timezone", "from_", "until")
    reading = {name: options.pop(name) for name in names}
    own = source.endswith((".yaml", ".yml"))
    found, history = (Path(source), log_file) if own else (baseline_file, source)
    marks, days = options.pop("benchmarks"), _days(options.pop("horizon"))
    cards = {str(n): Scorecard.from_yaml(find_card(n)) for n in options.pop("cards")} or None
    metrics = options.pop("metrics")
    settings = {k: v for k, v in options.items() if k != "workers"} | reading
    settings |= {"metrics": metrics, "days": days, "cards": sorted(cards or {})}
    files = {"baseline": found, "history": history, "benchmarks": marks}
    inputs = {k: Path(v) for k, v in files.items() if v and Path(v).is_file()}
    baseline = None if found is None else Baseline.from_yaml(found)
    log = None if history is None else read_log_argument(history, out, **reading)
    results = Results(folder, "propose", settings, inputs)
    if baseline is None:
        assert log is not None
        baseline = _calibrated(log, results, options["workers"], out)
    proposal = propose(
        baseline, log, horizon_days=days, cards=cards, store=results.folder,
        metrics=[m.strip() for m in metrics.split(",")] if metrics else None,
        benchmarks=Benchmarks.from_yaml(marks).benchmarks if marks else None,
        progress=out.progress("simulated"), **options,
    )  # fmt: skip
    results.text("proposal.json", proposal.model_dump_json(indent=1) + "\n")
    for number, stage in enumerate(proposal.stages, 1):
        card = scorecard_for_stage(proposal, stage)
        results.text(f"scorecard-stage{number}.yaml", card.to_yaml())
    page = results.text("proposal.html", render_proposal(proposal, out.lang))
    results.complete()
    _five_lines(proposal, page, out)
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


def _calibrated(log: ContactLog, results: Results, workers: int | None, out: Output) -> Baseline:
    """Calibrate a history, or take up the baseline of an interrupted run of the same inputs."""
    from svcsim.calibration.fit import calibrate
    from svcsim.model.baseline import Baseline
    from svcsim.study.learn import Effort, learn

    kept = results.folder / "baseline.yaml"
    if results.resumed and kept.exists():
        return Baseline.from_yaml(kept)
    baseline = learn(
        log, lambda part: calibrate(part, name=log.name),
        effort=Effort(workers=workers), say=out.say, progress=out.progress("  replay"),
    )  # fmt: skip
    results.text("baseline.yaml", baseline.to_yaml())
    return baseline


def _five_lines(proposal: Proposal, page: Path, out: Output) -> None:
    """Say verdict, proposal, first stage, what it needs, and where the report lies."""
    from svcsim.targets.headline import five_lines

    for line in five_lines(proposal, out.lang):
        out.print(line)
    out.print(f"{'报告' if out.lang == 'zh' else 'report'}: {page}")
