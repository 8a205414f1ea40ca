"""``svcsim demo``: the whole road on the embedded sample history."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from svcsim.cli.output import Output, common_options
from svcsim.cli.words import word
from svcsim.text import Text, listed

if TYPE_CHECKING:
    from svcsim.contacts.log import ContactLog
    from svcsim.targets.proposal import Proposal


REPLICATIONS = 140
"""Of the desk as it is; half of them choose the targets, half judge them."""


@click.command(epilog="Example: svcsim demo -o results/demo")
@click.option("-o", "folder", type=click.Path(path_type=Path), default=Path("results/demo"))
@click.option("--quick", is_flag=True, help="Fewer replications: a look, not a proposal.")
@click.option("--workers", type=click.IntRange(1), default=None)
@common_options
def command(folder: Path, quick: bool, workers: int | None, out: Output) -> int:
    """Check, calibrate, prove, propose and score the embedded sample history.

    Ten months of an after-sales desk of 24 agents: the last five weeks are kept from the proposal;
    four of them are scored at the end, the fifth lets their repeat windows pass.
    """
    from svcsim.calibration.fit import calibrate
    from svcsim.contacts.read import read_history
    from svcsim.report.baseline_report import render_baseline
    from svcsim.report.proposal_report import render_proposal
    from svcsim.samples.history import PRESET, history_path
    from svcsim.study.learn import Effort, learn
    from svcsim.targets.propose import propose, scorecard_for_stage

    begin = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    reading = read_history(history_path(), preset=PRESET)
    account = reading.account
    whole = reading.log
    past = _before_last_weeks(whole)
    out.say(word("demo_calibrate"))
    effort = Effort(fidelity_replications=40 if quick else 100, workers=workers)
    baseline = learn(
        past, lambda log: calibrate(log, name="sample desk", zh="示例服务台"),
        effort=effort, say=out.say, progress=out.progress(word("replay")),
    )  # fmt: skip
    (folder / "baseline.yaml").write_text(baseline.to_yaml(), encoding="utf-8")
    page = render_baseline(baseline, out.lang)
    (folder / "baseline.html").write_text(page, encoding="utf-8")
    whole.to_parquet(folder / "history.parquet")
    out.say(word("demo_propose"))
    proposal = propose(
        baseline,
        past,
        replications=60 if quick else REPLICATIONS,
        workers=workers,
        progress=out.progress(word("simulated")),
    )
    text = proposal.model_dump_json(indent=1)
    (folder / "proposal.json").write_text(text, encoding="utf-8")
    for number, stage in enumerate(proposal.stages, 1):
        card = scorecard_for_stage(proposal, stage)
        (folder / f"scorecard-stage{number}.yaml").write_text(card.to_yaml(), encoding="utf-8")
    for lang, name in (("en", "proposal.html"), ("zh", "proposal.zh.html")):
        (folder / name).write_text(render_proposal(proposal, lang), encoding="utf-8")
    out.say(word("demo_score"))
    met = _score(folder, whole, past, proposal, out) if proposal.stages else 0
    _five_lines(folder, account, proposal, met, out)
    out.say(word("took", n=time.monotonic() - begin))
    out.emit({"folder": str(folder), "proposal": str(folder / "proposal.json"), "stage1_met": met})
    return 0


def _before_last_weeks(log: ContactLog, weeks: int = 5) -> ContactLog:
    """Return the log as it was known ``weeks`` before its end."""
    from svcsim.study.backtest import without_hindsight

    return without_hindsight(log, log.end - weeks * 7 * 86400.0)


def _score(
    folder: Path, whole: ContactLog, past: ContactLog, proposal: Proposal, out: Output
) -> int:
    """Score the held-back weeks with the stage 1 card; return how many team targets were met."""
    import json

    from svcsim.contacts.log import show_day
    from svcsim.report.score_report import render_scores
    from svcsim.scorecard.score import score
    from svcsim.targets.propose import scorecard_for_stage

    card = scorecard_for_stage(proposal, proposal.stages[0])
    begin, end = (show_day(past.end + days * 86400, whole.timezone)[:10] for days in (0, 28))
    period = f"{begin}/{end}"
    scores = score(whole, card, period)
    result = scores.to_json_dict()
    text = json.dumps(result, ensure_ascii=False, indent=1)
    (folder / "scores.json").write_text(text, encoding="utf-8")
    scores.to_frame().to_csv(folder / "scores.csv", index=False)
    (folder / "scores.html").write_text(render_scores(result, out.lang), encoding="utf-8")
    desk = next(unit for unit in result["units"] if unit["kind"] == "desk")
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
    page = folder / ("proposal.zh.html" if out.lang == "zh" else "proposal.html")
    out.print(word("demo_5", met=met, asked=asked, file=page))
