"""``svcsim demo``: the whole road on the embedded sample history."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from svcsim.cli.folders import keep_baseline, page_name, write_proposal, write_scores
from svcsim.cli.output import Output, common_options
from svcsim.cli.words import word
from svcsim.text import Text, listed

if TYPE_CHECKING:
    from svcsim.contacts.log import ContactLog
    from svcsim.model.baseline import Baseline
    from svcsim.study.results import Results
    from svcsim.targets.proposal import Proposal


REPLICATIONS = 200
"""Of the desk as it is; half of them choose the targets, half judge them."""


@click.command(epilog="Example: svcsim demo -o results/demo")
@click.option(
    "-o", "folder", type=click.Path(path_type=Path),
    help="Results folder; default: results/demo, or results/demo-quick.",
)  # fmt: skip
@click.option("--quick", is_flag=True, help="Fewer replications: a look, not a proposal.")
@click.option("--workers", type=click.IntRange(1), default=None)
@common_options
def command(folder: Path | None, quick: bool, workers: int | None, out: Output) -> int:
    """Check, calibrate, prove, propose and score the embedded sample history.

    Ten months of an after-sales desk of 24 agents: the last five weeks are kept from the proposal;
    four of them are scored at the end, the fifth lets their repeat windows pass. A finished demo
    is made anew, an interrupted one goes on.
    """
    from svcsim.contacts.read import read_history
    from svcsim.report.baseline_report import render_baseline
    from svcsim.samples.history import PRESET, history_path
    from svcsim.study.results import Results
    from svcsim.targets.propose import propose

    begin = time.monotonic()
    effort = {"fidelity": 40 if quick else 100, "replications": 60 if quick else REPLICATIONS}
    results = Results(
        folder or Path("results") / ("demo-quick" if quick else "demo"),
        "demo", {"quick": quick, **effort}, {"history": history_path()}, redo=True,
    )  # fmt: skip
    reading = read_history(history_path(), preset=PRESET)
    past = _before_last_weeks(reading.log)
    out.say(word("demo_calibrate"))
    learn_it = partial(_learned, past, effort["fidelity"], workers, out)
    baseline = keep_baseline(results, learn_it)
    results.text("baseline.html", render_baseline(baseline, out.lang))
    reading.log.to_parquet(results.folder / "history.parquet")
    out.say(word("demo_propose"))
    proposal = propose(
        baseline, past, replications=effort["replications"], workers=workers,
        progress=out.progress(word("simulated")), store=results.folder,
    )  # fmt: skip
    write_proposal(results, proposal, {"proposal.html": "en", "proposal.zh.html": "zh"})
    out.say(word("demo_score"))
    met = _score(results, reading.log, past, proposal, out) if proposal.stages else 0
    results.complete()
    _five_lines(results.folder, reading.account, proposal, met, out)
    out.say(word("took", n=time.monotonic() - begin))
    place = results.folder
    out.emit({"folder": str(place), "proposal": str(place / "proposal.json"), "stage1_met": met})
    return 0


def _learned(past: ContactLog, replications: int, workers: int | None, out: Output) -> Baseline:
    from svcsim.calibration.fit import calibrate
    from svcsim.study.learn import Effort, learn

    return learn(
        past, lambda log: calibrate(log, name="sample desk", zh="示例服务台"),
        effort=Effort(fidelity_replications=replications, workers=workers),
        say=out.say, progress=out.progress(word("replay")),
    )  # fmt: skip


def _before_last_weeks(log: ContactLog, weeks: int = 5) -> ContactLog:
    """Return the log as it was known ``weeks`` before its end."""
    from svcsim.study.backtest import without_hindsight

    return without_hindsight(log, log.end - weeks * 7 * 86400.0)


def _score(
    results: Results, whole: ContactLog, past: ContactLog, proposal: Proposal, out: Output
) -> int:
    """Score the held-back weeks with the stage 1 card; return how many team targets were met."""
    from svcsim.contacts.log import show_day
    from svcsim.scorecard.score import score
    from svcsim.targets.propose import scorecard_for_stage

    card = scorecard_for_stage(proposal, proposal.stages[0])
    begin, end = (show_day(past.end + days * 86400, whole.timezone)[:10] for days in (0, 28))
    scores = write_scores(results, score(whole, card, f"{begin}/{end}"), out.lang)
    desk = next(unit for unit in scores["units"] if unit["kind"] == "desk")
    return sum(bool(metric["met"]) for metric in desk["metrics"])


def _five_lines(
    folder: Path, account: dict[str, Any], proposal: Proposal, met: int, out: Output
) -> None:
    """Say what was found in five lines."""
    aside = sum(account["set_aside"].values())
    rows = word("rows_read", read=account["read"], used=account["used"], aside=aside)
    out.print(word("demo_1", rows=rows))
    fidelity = proposal.fidelity
    verdict, why = word(fidelity["verdict"]), Text.of(fidelity["why"])
    out.print(word("demo_2", verdict=verdict, why=why))
    out.print(word("demo_3", headline=Text(proposal.headline, proposal.headline_zh)))
    levers = {lever.name: Text(lever.name, lever.zh) for lever in proposal.levers}
    later = [
        word(
            "demo_assumes",
            stage=Text(stage.name, stage.zh),
            lever=levers.get(stage.lever, word("as_is")),
        )
        for stage in proposal.stages[1:]
    ]
    out.print(word("demo_4", stages=listed(later)))
    asked = len(proposal.stages[0].targets) if proposal.stages else 0
    page = folder / page_name("proposal", out.lang)
    out.print(word("demo_5", met=met, asked=asked, file=page))
