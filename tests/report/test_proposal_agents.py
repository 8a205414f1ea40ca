"""What a proposal says about single agents, in both languages."""

from __future__ import annotations

import pytest
import sample_proposal
from sample_proposal import chance

from svcsim.report.proposal_report import proposal_document, render_proposal
from svcsim.targets.proposal import AgentChance, AgentRow, PersonalKpi, Proposal


@pytest.fixture(scope="module")
def with_agents() -> Proposal:
    rows = tuple(
        AgentRow(
            agent=name,
            team="L1",
            p_joint=chance(p / 2, 100),
            chances=(
                AgentChance(
                    metric="csat_top2", p_met=chance(p, 100), p_met_after=chance(p + 0.1, 35),
                    n_period=25, low=0.8, median=0.88, high=0.96, adjusted=True,
                ),
            ),
        )
        for name, p in (("Chen <b>", 0.52), ("Wang", 0.44))
    )  # fmt: skip
    kpi = PersonalKpi(
        metric="csat_top2", unit="share", direction="higher", target=0.9, agents=2, n_period=25,
        p_low=0.44, p_median=0.48, p_high=0.52, who=0.03, luck=True, note="x", note_zh="x",
    )  # fmt: skip
    return sample_proposal.proposal().model_copy(update={"agents": rows, "personal": (kpi,)})


@pytest.mark.parametrize(
    ("lang", "luck", "after"),
    [
        ("en", "luck for one person", "→ 62%"),
        ("zh", "主要是运气", "→ 62%"),
    ],
)
def test_every_agent_and_the_warning_are_shown(
    with_agents: Proposal, lang: str, luck: str, after: str
) -> None:
    page = render_proposal(with_agents, lang)
    assert luck in page
    assert after in page
    assert "44%–52%" in page
    assert "Chen &lt;b&gt;" in page
    assert page.index("Chen &lt;b&gt;") < page.index("Wang")


def test_without_agents_there_is_no_section() -> None:
    document = proposal_document(sample_proposal.proposal(), "en")
    assert "agents" not in [part.key for part in document.sections]
