"""The report of scores: uncertainty first, flags once, every KPI of every unit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from test_render import outline

from svcsim.contacts.log import make_log
from svcsim.report.render import to_markdown
from svcsim.report.score_report import render_scores, scores_document
from svcsim.scorecard.score import score
from svcsim.scorecard.scorecard import Kpi, Scorecard


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_units_scores_ranks_and_findings_are_shown(scores, lang):
    page = render_scores(scores, lang)
    text = " ".join(outline(page).text)
    assert "http" not in page
    for words in ("Chen Jing", "71.2", "62.2–79.2", "1–3", "12 answers; 30 are needed"):
        assert words in text
    assert ("六月考核表" if lang == "zh" else "june card") in text
    assert ("样本不足" if lang == "zh" else "too few") in text


def test_agents_stand_in_the_order_of_the_results_and_names_stay_text(scores):
    page = render_scores(scores, "en")
    assert "Wu <Jie>" not in page
    text = to_markdown(scores_document(scores))
    table = text[text.index("## Agents") :]
    assert table.index("Chen Jing") < table.index("Hu Bo") < table.index("Wu &lt;Jie&gt;")


def test_a_unit_without_a_score_shows_a_dash_and_no_bar(scores):
    page = render_scores(scores, "en")
    picture = page[page.index("<svg") : page.index("</svg>")]
    assert "Hu Bo" in picture
    assert "Jie" not in picture


def test_a_kind_of_flag_is_told_once_with_everybody_it_concerns(scores):
    text = to_markdown(scores_document(scores))
    flags = text[text.index("## To look into") :].split("## KPI by KPI")[0]
    assert flags.count("team only") == 1
    assert "Chen Jing, Hu Bo, Wu &lt;Jie&gt;" in flags


def test_the_same_scores_give_the_same_bytes(scores):
    assert render_scores(scores, "zh") == render_scores(scores, "zh")


def test_scores_of_a_real_table_can_be_shown():
    rng = np.random.default_rng(5)
    opened = np.sort(rng.integers(0, 27 * 86400, 400)).astype(float) + 1_780_272_000.0
    first = opened + rng.integers(60, 1500, 400)
    frame = pd.DataFrame({
        "ticket_id": [f"t{i}" for i in range(400)], "opened_s": opened,
        "first_response_s": first, "resolved_s": first + 600.0, "outcome": "resolved",
        "agent": [("Chen", "Hu", "Wu")[i % 3] for i in range(400)], "team": "L1",
    })  # fmt: skip
    log = make_log(frame, start=opened[0], end=opened[0] + 28 * 86400.0, timezone="UTC")
    card = Scorecard(name="one", kpis=(Kpi(metric="frt_within(10min)", weight=1.0, target=0.5),))
    table = score(log, card, period="2026-06-01/2026-06-29")
    text = " ".join(outline(render_scores(table.to_json_dict(), "zh")).text)
    for words in ("Chen", "Hu", "Wu", "10min", "≥ 50%"):
        assert words in text
