"""What verbs write into a results folder: a baseline, a proposal with its cards, scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from svcsim.model.baseline import Baseline
    from svcsim.scorecard.table import ScoreTable
    from svcsim.study.results import Results
    from svcsim.targets.proposal import Proposal


def page_name(stem: str, lang: str, kind: str = "html") -> str:
    """Return the name of a page: Chinese ones have names of their own, so both may lie there."""
    return f"{stem}{'.zh' if lang == 'zh' else ''}.{kind}"


def keep_baseline(results: Results, learn: Callable[[], Baseline]) -> Baseline:
    """Return the baseline of the folder: the one an interrupted run left, or one learned now.

    It is always read back from the file, whose numbers are rounded for people, so that a run
    that was taken up computes with the same numbers as one that was not.
    """
    from svcsim.model.baseline import Baseline
    from svcsim.model.fidelity import read_full, write_full

    kept = results.folder / "baseline.yaml"
    if not (results.resumed and kept.exists()):
        learned = learn()
        results.text(kept.name, learned.to_yaml())
        write_full(learned.fidelity, kept)
    back = Baseline.from_yaml(kept)
    return back.model_copy(update={"fidelity": read_full(back.fidelity, kept)})


def write_proposal(results: Results, proposal: Proposal, pages: Mapping[str, str]) -> None:
    """Write ``proposal.json``, a card for each stage, and the report: name of page -> language.

    A stage that asks for pace alone gets no card.
    """
    from svcsim.report.proposal_report import render_proposal
    from svcsim.targets.stage_card import scorecard_for_stage
    from svcsim.targets.weights import pace_only

    results.text("proposal.json", proposal.model_dump_json(indent=1) + "\n")
    for number, stage in enumerate(proposal.stages, 1):
        if pace_only([target.metric for target in stage.targets]):
            continue
        card = scorecard_for_stage(proposal, stage)
        results.text(f"scorecard-stage{number}.yaml", card.to_yaml())
    for name, lang in pages.items():
        results.text(name, render_proposal(proposal, lang))


def write_scores(results: Results, table: ScoreTable, lang: str | None) -> dict[str, Any]:
    """Write and return the scores; a report as well, in ``lang``, unless it is None."""
    scores = table.to_json_dict()
    results.json("scores.json", scores)
    # the mark at the start tells a spreadsheet that the text is UTF-8
    frame = table.to_frame()
    hashes = {kpi["metric"]: kpi["definition"] for kpi in scores["kpis"]}
    frame["definition"] = frame["metric"].map(hashes)
    results.text("scores.csv", frame.to_csv(index=False), encoding="utf-8-sig")
    if lang is not None:
        from svcsim.report.score_report import render_scores

        results.text(page_name("scores", lang), render_scores(scores, lang))
    return scores
