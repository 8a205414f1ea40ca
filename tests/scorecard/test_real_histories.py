"""Scores of real histories: the reference values of their data sheets come out."""

from pathlib import Path

import pytest

from svcsim.contacts.read import read_history
from svcsim.metrics.evaluate import evaluate
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.score import score
from svcsim.scorecard.scorecard import Scorecard, find_card

pytestmark = pytest.mark.realdata


def test_bank_calls_name_the_agents_with_very_short_services(data_dir: Path) -> None:
    log = read_history(data_dir / "bank_calls_1999_02.tsv.gz", preset="bank-calls").log
    card = Scorecard(
        name="calls",
        kpis=(
            Kpi(metric="abandon", weight=0.4, target=0.10, scope="team"),
            Kpi(metric="aht", weight=0.6, target=180.0),
        ),
    )
    table = score(log, card, "1999-02")
    abandon, aht = table.unit("desk").metrics
    assert abandon.value == pytest.approx(0.1265, abs=0.001)
    assert aht.value == pytest.approx(179.61, abs=0.5)
    agents = [unit for unit in table.units if unit.kind == "agent"]
    assert len(agents) == 24
    short = {u.unit for u in agents if "short handlings" in {flag.kind for flag in u.flags}}
    assert {"ANAT", "MORIAH"} <= short
    assert len(short) <= 4
    assert table.score_reliability > 0.8  # over a thousand calls a person tell people apart


def test_service_desk_incidents_score_without_surveys(data_dir: Path) -> None:
    source = data_dir / "servicenow_incidents_2016_mar_apr.csv.gz"
    log = read_history(source, preset="servicenow-log").log
    table = score(log, Scorecard.from_yaml(find_card("seed-20-15-30-20-10-5")), "2016-04")
    desk = table.unit("desk")
    assert desk.weight_scored == pytest.approx(0.70)
    csat = next(kpi for kpi in desk.metrics if kpi.metric == "csat_top2")
    assert csat.status == "no data"
    agents = [unit for unit in table.units if unit.kind == "agent"]
    assert len(agents) > 150
    thin = [unit for unit in agents if unit.contacts < 5]
    assert thin
    assert {unit.band for unit in thin} <= {"typical"}


def test_synthetic_tickets_have_surveys_for_the_quarter(data_dir: Path) -> None:
    source = data_dir / "tech_support_tickets_2023_synthetic.csv.gz"
    log = read_history(source, preset="tech-support-flat").log
    table = score(log, Scorecard.from_yaml(find_card("seed-25-40-35")), "2023-06")
    _, fcr, csat = table.unit("desk").metrics
    quarters = evaluate(log, "csat_top2", period="quarter").set_index("period")
    assert fcr.status == "no data"
    assert (csat.value, csat.n) == tuple(quarters.loc["2023-Q2", ["value", "n"]])
    assert table.kpis[2].question.period.label == "quarter to 2023-06"
