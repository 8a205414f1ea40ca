"""The sections of data to check and of alerts: names, tickets, reasons, in both languages."""

from __future__ import annotations

import pytest
from test_render import outline

from svcsim.report.phrases import Phrases
from svcsim.report.score_integrity import alerts_section, integrity_section
from svcsim.report.score_report import render_scores

FOUND = {
    "detector": "cherry_picking",
    "name": {"en": "cherry-picking", "zh": "挑单"},
    "kind": "agent",
    "unit": "Hu <Bo>",
    "n": 60,
    "share": 12.0,
    "expected": 20.0,
    "sure": 0.97,
    "p": 0.0004,
    "q": 0.008,
    "text": {"en": "took the easy ones; please check", "zh": "专接简单的，请核实"},
    "tickets": [f"T{i}" for i in range(20)],
}
INTEGRITY = {
    "fdr": 0.1,
    "detections": [FOUND],
    "tested": {"cherry_picking": 20},
    "not_possible": {"bunching": {"en": "no limit is known", "zh": "没有已知时限"}},
    "notes": {},
}
ALERTS = {
    "alerts": [
        {
            "rule": "cusum",
            "kind": "desk",
            "unit": "log",
            "metric": "frt",
            "statistic": 5.1,
            "bound": 4.0,
            "arl": 335.4,
            "p": 0.002,
            "q": 0.05,
            "text": {"en": "frt worse than before", "zh": "首次响应变差"},
        }
    ],
    "watched": 10,
    "arl_weeks": 335.4,
    "fdr": 0.1,
    "notes": [{"en": "10 charts", "zh": "共 10 张控制图"}],
    "budgets": {"abandon": {"text": {"en": "30% used", "zh": "已用 30%"}}},
}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_findings_reasons_and_alerts_are_shown(scores, lang):
    page = render_scores({**scores, "integrity": INTEGRITY, "alerts": ALERTS}, lang)
    text = " ".join(outline(page).text)
    assert "<Bo>" not in page
    shown = {
        "en": ("please check", "no limit is known", "335 weeks", "30% used", "10% or fewer"),
        "zh": ("请核实", "没有已知时限", "335 周", "已用 30%", "不超过 10%"),
    }
    for words in ("97%", "q 0.008", "T4", "(20)", *shown[lang]):
        assert words in text
    assert "T5," not in text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_found_is_said_and_older_files_have_no_section(lang):
    w = Phrases(lang)
    assert integrity_section({}, w) is None
    assert alerts_section({}, w) is None
    quiet = integrity_section({"integrity": {**INTEGRITY, "detections": []}}, w)
    assert quiet is not None
    assert w("integrity_none") in [getattr(block, "text", "") for block in quiet.blocks]
