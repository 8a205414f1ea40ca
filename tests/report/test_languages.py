"""A Chinese page holds no English sentence: every part of a result brings its own Chinese."""

from __future__ import annotations

import re

import pytest
import sample_tables

from english import english_of_page
from svcsim.metrics.catalogue import get_metric
from svcsim.model.quantity import walk
from svcsim.report.baseline_report import render_baseline
from svcsim.report.kpi_report import render_kpis


def test_the_check_finds_sentences_and_lets_ids_pass():
    assert english_of_page("<p>由 svcsim 0.1.0 生成 frt_within(10min)</p>") == []
    assert english_of_page("<style>a b c d</style><p>中位数 (mean of all)</p>") == ["mean of all"]


def test_a_chinese_proposal(chinese):
    assert english_of_page(chinese) == []
    assert "班次由每天首末一次操作推断。" in chinese
    assert "退换货处理时长" in chinese
    assert get_metric("frt_p90").formula.zh in chinese


@pytest.mark.parametrize("verdict", ["pass", "warn", "fail", "none"])
def test_a_chinese_baseline_but_for_how_each_quantity_was_learned(verdict):
    baseline = sample_tables.baseline(verdict)
    page = render_baseline(baseline, "zh")
    how = {quantity.how for _, quantity in walk(baseline.model)}
    assert [text for text in english_of_page(page) if not any(text in h for h in how)] == []
    assert baseline.fidelity.why.zh in page
    assert all(note.zh in page for note in baseline.notes)


def test_chinese_kpis():
    summary, table = sample_tables.simulation()
    page = render_kpis(summary, table, "zh")
    left = [text for text in english_of_page(page) if text not in str(summary["changes"])]
    assert left == []
    assert re.search("分位数。", page)


def test_an_english_page_holds_no_chinese_definition(english):
    assert get_metric("frt_p90").formula.en in english
    assert get_metric("frt_p90").formula.zh not in english
