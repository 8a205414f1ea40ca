"""Results to render, built once."""

from __future__ import annotations

import pytest
import sample_proposal
import sample_tables

from svcsim.report.proposal_report import render_proposal
from svcsim.targets.proposal import Proposal


@pytest.fixture(scope="session")
def proposal() -> Proposal:
    return sample_proposal.proposal()


@pytest.fixture(scope="session")
def english(proposal) -> str:
    return render_proposal(proposal, "en")


@pytest.fixture(scope="session")
def chinese(proposal) -> str:
    return render_proposal(proposal, "zh")


@pytest.fixture(scope="session")
def scores() -> dict:
    return sample_tables.scores()
