"""Names to definitions, and the page that prints them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from svcsim.errors import InputError
from svcsim.metrics.catalogue import METRICS, get_metric, list_metrics, markdown
from svcsim.metrics.metric import Metric
from svcsim.text import Text


def test_call_style() -> None:
    metric = get_metric(" frt_within( 10 min ) ")
    assert metric.id == "frt_within(10min)"
    assert metric.unit == "share"
    assert "10min" in metric.formula
    assert get_metric("aht") is METRICS["aht"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("frt_withn(10min)", "Did you mean frt_within"),
        ("nonsense", "list metrics"),
        ("frt_within", "write for example frt_within(10min)"),
        ("frt_within()", "needs a duration"),
        ("frt_within(10)", "10min"),
        ("frt_within(soon)", "not a duration"),
        ("frt_within(-5min)", "above 0"),
        ("frt_p90(10min)", "takes no parameter"),
        ("frt_within(10min", "not a known metric"),
        ("", "not a known metric"),
    ],
)
def test_mistakes_say_how_to_mend_them(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        get_metric(text)
    assert message in str(caught.value)


def test_the_list_holds_every_name_once() -> None:
    metrics = list_metrics(others=True)
    assert all(isinstance(metric, Metric) for metric in metrics)
    assert [metric.id.split("(")[0] for metric in metrics] == list(METRICS)


@pytest.mark.parametrize("metric", list_metrics(others=True), ids=lambda metric: metric.id)
def test_every_metric_is_defined_in_both_languages(metric: Metric) -> None:
    for text in (metric.zh, metric.formula.zh):
        assert re.search("[\u4e00-\u9fff]", text)
        assert not re.search(r"[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]{2,}", text)
    assert not re.search("[\u4e00-\u9fff]", metric.en + metric.formula.en)
    assert metric.formula.zh.endswith("。")
    assert metric.formula.zh in markdown()


def test_a_limit_is_said_in_the_language_of_the_definition() -> None:
    metric = get_metric("frt_within(90s)")
    assert metric.zh == "90 秒首响达标率"
    assert "90 秒" in metric.formula.zh
    assert "90s" in metric.formula.en


def test_the_hash_of_a_definition_is_of_its_rule_and_not_of_its_languages() -> None:
    metric = get_metric("aht")
    again = replace(metric, formula=Text(metric.formula.en, "另一种说法。"))
    assert again.definition == metric.definition == "c31d7c2a"
    assert replace(metric, formula=Text("Another.", "")).definition != metric.definition


def test_the_committed_page_is_the_written_one(repo_root: Path) -> None:
    page = (repo_root / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert page == markdown(), "write it again: docs/metrics.md = catalogue.markdown()"
