"""Every report says by which rule each KPI was measured, and of how many rules it is one."""

from __future__ import annotations

import pytest
import sample_proposal
import sample_tables

from svcsim.cli.definitions import definitions
from svcsim.metrics.catalogue import get_metric, list_metrics
from svcsim.metrics.variants import FAMILIES, family_of, which_of
from svcsim.report.baseline_report import baseline_document
from svcsim.report.definitions import definitions_section
from svcsim.report.document import Document, Table
from svcsim.report.kpi_report import kpis_document
from svcsim.report.names import Names
from svcsim.report.phrases import Phrases
from svcsim.report.proposal_report import proposal_document
from svcsim.report.score_report import scores_document

MEMBERS = {family.id: len(family.members) for family in FAMILIES}


def documents(lang: str) -> dict[str, Document]:
    summary, table = sample_tables.simulation()
    return {
        "simulation": kpis_document(summary, table, lang),
        "scores": scores_document(sample_tables.scores(), lang),
        "proposal": proposal_document(sample_proposal.proposal(), lang),
        "baseline": baseline_document(sample_tables.baseline(), lang),
    }


def rows_of(document: Document) -> list[tuple]:
    (section,) = [one for one in document.sections if one.key == "definitions"]
    (table,) = [block for block in section.blocks if isinstance(block, Table)]
    return list(table.rows)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("report", ["simulation", "scores", "proposal", "baseline"])
def test_every_report_ends_with_rule_and_hash_of_each_kpi(report: str, lang: str) -> None:
    rows = rows_of(documents(lang)[report])
    assert rows
    for name, rule, hashed in rows:
        assert name.text
        assert rule.text
        assert len(hashed.text) == 8


def one_row(metric: str, lang: str = "en", hashes: dict[str, str] | None = None) -> tuple:
    section = definitions_section([metric, "", metric], Phrases(lang), Names(), hashes)
    assert section is not None
    (table,) = section.blocks
    assert isinstance(table, Table)
    (row,) = table.rows
    return row


def test_of_several_definitions_it_says_which() -> None:
    _, rule, hashed = one_row("fcr_window(7d)")
    assert rule.text == get_metric("fcr_window(7d)").formula
    assert rule.sub.startswith(
        f"one of {MEMBERS['fcr']} definitions of first contact resolution: nobody comes"
    )
    assert "svcsim measure --variants" in rule.sub
    assert hashed.text == get_metric("fcr_window(7d)").definition
    assert f"“一次解决率”的 {MEMBERS['fcr']} 种口径之一" in one_row("fcr_window(7d)", "zh")[1].sub
    assert one_row("aht")[1].sub == ""


def test_numbers_of_another_rule_than_today_say_so() -> None:
    today = get_metric("frt").definition
    _, rule, hashed = one_row("frt", hashes={"frt": "0ld0ld00"})
    assert hashed.text == "0ld0ld00"
    assert rule.sub.startswith("measured by the rule of another version")
    assert today in rule.sub
    same = one_row("frt", hashes={"frt": today})[1].sub
    assert same.startswith(f"one of {MEMBERS['frt']} definitions")


def test_every_member_of_a_family_knows_its_family() -> None:
    names = {name for family in FAMILIES for name in family.members}
    for metric in list_metrics(others=True):
        family = family_of(metric.id)
        assert (family is not None) == (metric.id.split("(")[0] in names)
        assert bool(which_of(metric.id)) == (family is not None)
        assert bool(which_of(metric.id).zh) == (family is not None)


def test_the_line_below_a_table() -> None:
    aht, frt = get_metric("aht"), get_metric("frt")
    line = definitions([aht, "frt", "aht"])
    each = f"aht {aht.definition}, frt {frt.definition} (1 of {MEMBERS['frt']})"
    assert line == f"definitions: {each}; svcsim measure --variants shows the others"
    assert f"{MEMBERS['frt']} 种口径之一" in line.zh
    assert definitions(["aht"]) == f"definitions: aht {aht.definition}"
    assert definitions([]) == ""
