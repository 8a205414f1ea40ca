"""What the targets of stage 1 mean for single agents: a summary of each KPI, then every agent."""

from __future__ import annotations

from svcsim.report.document import Block, Cell, Cells, Paragraph, Section, section, table
from svcsim.report.names import Names
from svcsim.report.phrases import Phrases
from svcsim.report.proposal_terms import kpi_cell
from svcsim.targets.proposal import AgentChance, AgentRow, PersonalKpi, Proposal


def agents_section(proposal: Proposal, w: Phrases, names: Names) -> Section | None:
    """Return P(met) of every agent, and which targets are luck for one person."""
    if not proposal.agents:
        return None
    blocks: list[Block] = [Paragraph(w("people_intro"))]
    if proposal.personal:
        head = (w("kpi"), w("target"), w("n_own"), w("p_range"), w("who_explains"), w("remark"))
        rows = [_kpi(kpi, w, names) for kpi in proposal.personal]
        blocks.append(table(head, rows, numbers=(1, 2, 3, 4)))
    metrics = list(dict.fromkeys(c.metric for row in proposal.agents for c in row.chances))
    heads = (w("kind_agent"), *(names.show(m, w) for m in metrics), w("all_together"))
    each = [_agent(row, metrics, w) for row in proposal.agents]
    numbers = range(1, len(heads))
    blocks.append(table(heads, each, caption=w("people_caption"), numbers=numbers))
    blocks.append(Paragraph(w("people_note"), "note"))
    return section("agents", w("people_title"), *blocks)


def _kpi(kpi: PersonalKpi, w: Phrases, names: Names) -> Cells:
    return [
        kpi_cell(kpi.metric, w, names),
        w.target(kpi.direction, kpi.target, kpi.unit),
        w.count(kpi.n_period),
        Cell(f"{w.p(kpi.p_low)}–{w.p(kpi.p_high)}", w("median_p", p=w.p(kpi.p_median))),
        Cell(w.p(kpi.who), share=kpi.who),
        Cell(w("luck") if kpi.luck else w("no_luck"), tone="warn" if kpi.luck else ""),
    ]


def _agent(row: AgentRow, metrics: list[str], w: Phrases) -> Cells:
    found = {chance.metric: chance for chance in row.chances}
    together = Cell("–", tone="muted")
    if row.p_joint is not None:
        together = Cell(w.p(row.p_joint), w.p_range(row.p_joint), tone="")
    return [Cell(row.agent, row.team), *(_chance(found.get(m), w) for m in metrics), together]


def _chance(chance: AgentChance | None, w: Phrases) -> Cell:
    if chance is None:
        return Cell("–", tone="muted")
    after = "" if chance.p_met_after is None else f" → {w.p(chance.p_met_after)}"
    return Cell(w.p(chance.p_met), w.p_range(chance.p_met) + after)
