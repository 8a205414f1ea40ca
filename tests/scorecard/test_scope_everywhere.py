"""A card, or a KPI, for some people speaks of their contacts everywhere, or of nobody's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from svcsim.contacts.log import ContactLog, make_log
from svcsim.contacts.tables import make_table
from svcsim.scorecard.alerts_watch import with_alerts
from svcsim.scorecard.roles import Person, Roles
from svcsim.scorecard.score import score
from svcsim.scorecard.scorecard import Scorecard
from svcsim.scorecard.table import ScoreTable

DAY, DAYS, N = 86400.0, 182, 6000
ROLES = Roles({f"a{i:02d}": Person(role="A" if i < 6 else "B") for i in range(12)})
FOR_THE_CARD = """\
name: card
for: {role: A}
kpis:
  - {metric: csat_top2, weight: 60%, target: 80%}
  - {metric: renewal, weight: 40%, target: 50%}
"""
FOR_THE_KPI = """\
name: card
kpis:
  - {metric: csat_top2, weight: 60%, target: 80%, for: {role: A}}
  - {metric: renewal, weight: 40%, target: 50%, for: {role: A}}
"""


@pytest.fixture(scope="module")
def desk() -> ContactLog:
    """Satisfaction of role A is flat at .85, that of role B falls from .9 to .3."""
    rng = np.random.default_rng(3)
    who = rng.integers(0, 12, N)
    opened = np.floor(rng.random(N) * DAYS * DAY)
    share = np.where(who >= 6, 0.9 - 0.12 * (opened // (30.4 * DAY)), 0.85)
    rows = {
        "ticket_id": [f"t{i}" for i in range(N)],
        "agent": [f"a{i:02d}" for i in who],
        "team": "one",
        "category": rng.choice(["x", "y"], N),
        "opened_s": opened,
        "resolved_s": opened + 7200,
        "handle_s": 300.0,
        "csat": np.where(rng.random(N) < share, 5.0, 1.0),
        "survey_s": opened + 7300,
    }
    sold = {
        "time_s": np.linspace(160 * DAY, 181 * DAY, 120), "kind": "renewal",
        "agent": [f"a{i % 12:02d}" for i in range(120)], "team": "one",
        "success": [float(i % 12 < 6) for i in range(120)],
    }  # fmt: skip
    return make_log(
        pd.DataFrame(rows), start=0.0, end=DAYS * DAY, observed_until=(DAYS + 30) * DAY,
        tables={"sales": make_table("sales", pd.DataFrame(sold))},
    )  # fmt: skip


@pytest.fixture(params=[FOR_THE_CARD, FOR_THE_KPI], ids=["card", "kpi"])
def table(request: pytest.FixtureRequest, desk: ContactLog, tmp_path: Path) -> ScoreTable:
    file = tmp_path / "card.yaml"
    file.write_text(request.param, encoding="utf-8")
    return with_alerts(score(desk, Scorecard.from_yaml(file), "1970-06", roles=ROLES))


def test_the_desk_of_the_review_is_the_desk_of_the_score(table: ScoreTable) -> None:
    desk = table.units[0]
    told = desk.metrics[0]
    change = table.review.change("desk", desk.unit, "csat_top2")
    trend = table.review.trend("desk", desk.unit, "csat_top2")
    assert change is not None
    assert change.now == pytest.approx(told.value)
    assert trend is not None
    assert trend.values[-1] == pytest.approx(told.value)
    assert trend.verdict == "no change seen"  # role B falls all the time


def test_nobody_else_is_spoken_of(table: ScoreTable) -> None:
    mine = {f"a{i:02d}" for i in range(6)}
    assert {case.agent for case in table.review.cases if case.metric == "csat_top2"} <= mine
    assert {gap.agent for gap in table.review.gaps} <= mine
    assert table.alerts is not None
    assert [a for a in table.alerts.alerts if a.metric == "csat_top2"] == []
    told = table.units[0].metrics[0]
    used = (1 - told.value) / 0.2
    assert table.alerts.budgets["csat_top2"].used == pytest.approx(used, abs=0.05)


def test_side_tables_are_cut_to_the_same_people(table: ScoreTable) -> None:
    renewal = table.units[0].metrics[1]
    assert renewal.value == 1.0  # all of role A's, none of role B's
    assert 0 < renewal.n <= 60
