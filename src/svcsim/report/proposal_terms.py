"""What the parts of a proposal are called: stages, changes, probabilities in cells."""

from __future__ import annotations

from typing import Any

from svcsim.report.document import Cell
from svcsim.report.names import Names
from svcsim.report.phrases import Phrases, chance_of
from svcsim.targets.proposal import Probability, Proposal, Stage, Target

AS_IS = "as is"
"""Name of the scenario without any change."""


def stage_name(stage: Stage, index: int, w: Phrases) -> str:
    """Return what a stage is called, e.g. ``Stage 1``."""
    name = w.pick(stage.zh, stage.name) or w("stage_n", n=index + 1)
    return name[:1].upper() + name[1:]


def lever_name(name: str, proposal: Proposal, w: Phrases) -> str:
    """Return what a simulated scenario is called in the language of the report."""
    if name in ("", AS_IS):
        return w("as_is")
    found = next((lever for lever in proposal.levers if lever.name == name), None)
    return w.pick(found.zh, found.name) if found is not None else name


def p_after(target: Target) -> Probability:
    """Return P(met) after the change with the interval that the proposal stands by."""
    low, high = target.p_met_interval
    return target.p_met_after.model_copy(update={"low": low, "high": high})


def p_cell(chance: Any, w: Phrases, why: str = "") -> Cell:
    """Return a probability with its interval and replications, or why there is none."""
    value = chance_of(chance)
    if value is None:
        return Cell("–", why, "muted")
    return Cell(w.p(chance), w.p_note(chance), share=value)


def kpi_cell(metric: str, w: Phrases, names: Names, more: str = "") -> Cell:
    """Return the name of a KPI with its id below, unless the id is all that is known."""
    name = names.show(metric, w)
    below = [text for text in (metric if name != metric else "", more) if text]
    return Cell(name, " · ".join(below))
