"""The report of a proposal: everything it holds is shown, in both languages."""

from __future__ import annotations

import html
import re

import pytest
import sample_proposal
from sample_proposal import KPIS
from test_render import outline

from svcsim.report.proposal_report import proposal_document, render_proposal
from svcsim.report.render import to_markdown
from svcsim.targets.proposal import LeverRow, Probability, Warn


def words_of(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", " ".join(outline(page).text)))


@pytest.fixture(scope="module")
def both(english, chinese) -> dict[str, str]:
    return {"en": words_of(english), "zh": words_of(chinese)}


def test_the_page_is_whole_and_fetches_nothing(english, chinese):
    for page in (english, chinese):
        outline(page)
        assert "http" not in page
    assert 'lang="zh-CN"' in chinese


def test_rendering_twice_gives_the_same_bytes(proposal, english):
    assert render_proposal(proposal, "en") == english


def test_the_first_page_says_what_to_ask_how_sure_and_what_to_beware_of(proposal, both):
    front = both["en"].split("Contents")[0]
    assert proposal.headline in front
    assert "70%" in front  # P(all together)
    assert "65–76%, n=200" in front
    assert "95% of KPI periods in the 90% band" in front
    assert "83%" in front  # occupancy
    assert "640 / 676 h" in front
    assert [w.text for w in proposal.warnings if w.text in front] == [
        w.text for w in proposal.warnings[:3]
    ]


def test_the_first_page_says_why_occupancy_and_load_differ_in_hours(proposal, both):
    front = {
        lang: text.split(end)[0]
        for (lang, text), end in zip(sorted(both.items()), ("Contents", "目录"), strict=True)
    }
    for text in front.values():
        for part in ("593 h", "714 h", "640 h", "676 h", "95%", "83%", "1.08", "+47 h", "38 h"):
            assert part in text
    week = proposal.capacity["week"]
    assert week["recorded"] / week["on_duty"] == pytest.approx(0.83, abs=0.001)
    bare = {k: v for k, v in proposal.capacity.items() if k not in ("week", "busy_factor")}
    page = render_proposal(proposal.model_copy(update={"capacity": bare}), "en")
    assert "Why occupancy and load differ" not in page


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_stage_target_and_warning_appears(proposal, both, lang):
    text = both[lang]
    for warning in proposal.warnings:
        assert (warning.zh if lang == "zh" else warning.text) in text
    for stage in proposal.stages:
        assert (stage.zh if lang == "zh" else stage.name) in text
        assert (stage.gate_zh if lang == "zh" else stage.gate) in text
        for target in stage.targets:
            assert (target.zh if lang == "zh" else target.en) in text
            assert f"{100 * target.p_met_after.value:.0f}%" in text
            for need in target.needs_zh if lang == "zh" else target.needs:
                assert need in text
            assert (target.warning_zh if lang == "zh" else target.warning) in text


def test_targets_are_written_with_their_side_and_unit(both):
    assert "≥ 81.5%" in both["en"]
    assert "≤ 23.2min" in both["en"]


def test_each_kpi_has_its_two_pictures(proposal, english):
    pictures = re.findall(r'<svg role="img" aria-label="([^"]*)"', english)
    for _, en, *_ in KPIS.values():
        assert f"{en}: distribution of simulated periods" in pictures
        assert f"{en}: P(met) against the target" in pictures
    assert len(pictures) == 2 * len(KPIS) + len(["ladder", "staffing", "arrivals", "fidelity"])


def test_the_evidence_is_shown(both):
    text = both["en"]
    for words in (
        "team only",  # reliability of satisfaction
        "three-metrics", "no such survey in the data",  # a card in force
        "moves together with first contact resolution",  # not proposed
        "Shifts are inferred", "13.9min before 9 Feb 2026",  # notes and drift
        "27.9min", "+2.7",  # the cell outside its band
        "a1b2c3d4", "20260401", "2.4.6",  # definition hash, seed, version
        "luck share", "close early",  # parts of free form
    ):  # fmt: skip
        assert words in text


def test_metrics_without_a_name_of_their_own_get_one_from_the_catalogue(both):
    assert "Occupancy, median" in both["en"]
    assert "占用率" in both["zh"]


@pytest.mark.parametrize("verdict", ["fail", "none"])
def test_a_desk_that_failed_its_test_is_exploratory(verdict):
    document = proposal_document(sample_proposal.proposal(verdict), "en")
    assert document.banner.startswith("Exploratory")
    assert document.banner_detail == sample_proposal.fidelity(verdict)["why"]["en"]


def test_exploratory_is_also_what_the_proposal_calls_so(proposal, english):
    assert 'role="alert"' not in english
    changed = proposal.model_copy(update={"verdict": "exploratory"})
    assert proposal_document(changed, "zh").banner.startswith("仅供探索")


def test_names_from_outside_stay_text():
    evil = '<script>alert("x")</script>'
    lever = LeverRow(name=evil, zh=evil, what=evil, medians={"frt_p90": 900.0})
    changed = sample_proposal.proposal().model_copy(
        update={"name": evil, "levers": (lever,), "warnings": (Warn(kind=evil, text=evil),)}
    )
    page = render_proposal(changed, "en")
    assert "<script" not in page
    assert words_of(page).count(evil) > 4


def test_a_proposal_with_nothing_to_propose_still_says_why():
    empty = sample_proposal.proposal().model_copy(
        update={"stages": (), "weights": (), "levers": (), "curves": (), "distributions": (),
                "staffing": (), "cards": (), "headline": "", "headline_zh": "", "arrivals": {}}
    )  # fmt: skip
    text = to_markdown(proposal_document(empty, "en"))
    assert "supports no target" in text
    assert "moves together with first contact resolution" in text


def test_a_stage_shows_the_interval_that_the_proposal_stands_by(proposal):
    stage = proposal.stages[0]
    target = stage.targets[0].model_copy(update={"p_met_interval": (0.51, 0.97)})
    stage = stage.model_copy(update={"targets": (target, *stage.targets[1:])})
    changed = proposal.model_copy(update={"stages": (stage,)})
    assert "51–97%, n=200" in to_markdown(proposal_document(changed, "en"))


def test_an_unmeasured_card_says_so_instead_of_a_probability(proposal):
    card = proposal.cards[0].model_copy(update={"p_joint": None})
    text = to_markdown(proposal_document(proposal.model_copy(update={"cards": (card,)}), "zh"))
    assert "数据中没有这项调查" in text


def test_markdown_holds_the_same_tables(proposal):
    text = to_markdown(proposal_document(proposal, "en"))
    for stage in proposal.stages:
        for target in stage.targets:
            assert target.en in text
    assert "≤ 23.2min" in text


def test_the_ladder_survives_a_kpi_that_enters_later(proposal):
    first = proposal.stages[0]
    short = first.model_copy(update={"targets": first.targets[:2]})
    changed = proposal.model_copy(update={"stages": (short, *proposal.stages[1:])})
    assert "Average handling time" in words_of(render_proposal(changed, "en"))


def test_near_certainty_is_not_rounded_up(proposal):
    sure = Probability(value=0.998, low=0.99, high=1.0, n=1000)
    stage = proposal.stages[0].model_copy(update={"p_joint": sure})
    text = to_markdown(proposal_document(proposal.model_copy(update={"stages": (stage,)})))
    assert "&gt;99%" in text
