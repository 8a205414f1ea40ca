"""The report of a simulated scenario."""

from __future__ import annotations

import re

import pytest
import sample_tables
from test_render import outline

from svcsim.report.kpi_report import kpis_document, render_kpis
from svcsim.report.render import to_markdown


@pytest.fixture(scope="module")
def results():
    return sample_tables.simulation()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_kpi_has_a_row_a_picture_and_a_definition(results, lang):
    summary, table = results
    page = render_kpis(summary, table, lang)
    text = " ".join(outline(page).text)
    assert "http" not in page
    assert len(re.findall("<svg", page)) == table["metric"].nunique()
    for name in ("晚班", "首次响应时间 P90") if lang == "zh" else ("evening", "P90"):
        assert name in text
    assert "Kaplan-Meier" in text
    assert "staffing.extra.L1: 0 -> 2" in text


def test_values_are_those_of_the_summary_and_the_history(results):
    summary, table = results
    text = to_markdown(kpis_document(summary, table))
    entry = next(e for e in summary["kpis"] if e["metric"] == "aht")
    assert f"{entry['p50'] / 60:.3g}min" in text
    history = table[(table["replication"] == 0) & (table["metric"] == "frt_p90")]["value"].iloc[0]
    assert f"{history / 60:.3g}min" in text


def test_a_kpi_without_any_value_shows_dashes():
    summary, table = sample_tables.simulation()
    bare = {"scenario": "evening", "period": "all", "metric": "reopen", "unit": "share",
            "replications": 200, "missing": 200, "observations": 0.0}  # fmt: skip
    text = to_markdown(kpis_document({**summary, "kpis": [bare]}, table))
    assert re.search(r"reopen.*\| – \| – \| – \| – \| 0 \|", text)


def test_a_failed_baseline_makes_the_simulation_exploratory(results):
    summary, table = results
    assert kpis_document(summary, table).banner == ""
    assert kpis_document({**summary, "fidelity": "fail"}, table).banner.startswith("Exploratory")


def test_the_page_says_the_warm_up_the_changes_and_the_remarks_in_its_language(results):
    summary, table = results
    more = {
        "warm_up_days": 7,
        "changes": [{"en": "routing.pooled: no -> yes", "zh": "routing.pooled：否 → 是"}],
        "remarks": [{"en": "team L1 is overloaded", "zh": "班组 L1 超负荷"}],
    }
    zh = to_markdown(kpis_document({**summary, **more}, table, "zh"))
    for said in ("routing.pooled：否 → 是", "班组 L1 超负荷", "7 天"):
        assert said in zh
    en = to_markdown(kpis_document({**summary, **more}, table))
    for said in ("routing.pooled: no -", "team L1 is overloaded", "7 days"):
        assert said in en
    assert "Warm-up" not in to_markdown(kpis_document(summary, table))


def test_the_page_says_why_the_scenario_was_asked_without_taking_it_for_markup(results):
    summary, table = results
    page = render_kpis({**summary, "why": "calls <b>& chats</b>"}, table)
    assert '<p class="lead">calls &lt;b&gt;&amp; chats&lt;/b&gt;</p>' in page
    assert 'class="lead"' not in render_kpis(summary, table)


def test_durations_are_chinese_on_a_chinese_page(results):
    summary, table = results
    entry = next(e for e in summary["kpis"] if e["metric"] == "aht")
    assert f"{entry['p50'] / 60:.3g} 分钟" in to_markdown(kpis_document(summary, table, "zh"))
