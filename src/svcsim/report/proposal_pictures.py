"""The pictures of each KPI in a proposal: simulated period values, and P(met) by target."""

from __future__ import annotations

from collections.abc import Sequence

from svcsim.report.document import Block, Paragraph, Picture, Pictures, Section, section
from svcsim.report.names import Names
from svcsim.report.phrases import Phrases
from svcsim.report.proposal_terms import lever_name
from svcsim.report.scales import Mark
from svcsim.targets.proposal import Proposal


def kpis_section(proposal: Proposal, w: Phrases, names: Names) -> Section | None:
    """Return per KPI the simulated period values and the curve of P(met)."""
    order = used_metrics(proposal)
    blocks: list[Block] = [Paragraph(w("kpis_left")), Paragraph(w("kpis_right"))]
    for metric in order:
        drawn = [_distribution(proposal, metric, w, names), _curve(proposal, metric, w, names)]
        pictures = tuple(p for p in drawn if p is not None)
        blocks.append(Pictures(pictures, names.show(metric, w)))
    return section("kpis", w("kpis_title"), *blocks)


def used_metrics(proposal: Proposal) -> list[str]:
    """Return the KPIs of the stages, then those that are only drawn."""
    found = [t.metric for s in proposal.stages for t in s.targets]
    found += [d.metric for d in proposal.distributions] + [c.metric for c in proposal.curves]
    return list(dict.fromkeys(found))


def _marks(proposal: Proposal, metric: str, series: Sequence[str], w: Phrases) -> list[Mark]:
    """Return the stage targets of a KPI; stages with the same target share one mark."""
    found: dict[float, tuple[list[str], int]] = {}
    for index, stage in enumerate(proposal.stages):
        for t in stage.targets:
            if t.metric == metric:
                where = series.index(stage.lever) if stage.lever in series else 0
                labels = found.setdefault(t.value, ([], where))[0]
                labels.append(w("stage_short", n=index + 1))
    return [Mark("+".join(labels), value, where) for value, (labels, where) in found.items()]


def _distribution(proposal: Proposal, metric: str, w: Phrases, names: Names) -> Picture | None:
    found = [d for d in proposal.distributions if d.metric == metric]
    if not found:
        return None
    rows = {lever_name(d.scenario, proposal, w): d.values for d in found}
    observed = next(([value for _, value in d.observed] for d in found if d.observed), [])
    marks = _marks(proposal, metric, [d.scenario for d in found], w)
    alt = w("alt_distribution", kpi=names.show(metric, w))

    def draw() -> str:
        from svcsim.report import figures

        unit = found[0].unit
        figure = figures.kpi_distribution(rows, unit, w, marks=marks, observed=observed)
        return figures.svg(figure, alt)

    return Picture(draw, alt, half=True)


def _curve(proposal: Proposal, metric: str, w: Phrases, names: Names) -> Picture | None:
    found = next((c for c in proposal.curves if c.metric == metric), None)
    if found is None or not found.p:
        return None
    curves = {lever_name(name, proposal, w): share for name, share in found.p.items()}
    marks = _marks(proposal, metric, list(found.p), w)
    alt = w("alt_curve", kpi=names.show(metric, w))
    directions = [t.direction for s in proposal.stages for t in s.targets if t.metric == metric]
    direction = directions[0] if directions else names[metric].better
    if direction not in ("lower", "higher"):
        direction = "lower"

    def draw() -> str:
        from svcsim.report import figures

        figure = figures.p_met_curve(
            found.values, curves, found.unit, w, direction=direction, marks=marks
        )
        return figures.svg(figure, alt)

    return Picture(draw, alt, half=True)
