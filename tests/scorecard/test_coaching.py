"""Who is talked with, and what a number may be used for."""

import dataclasses

import numpy as np
import pytest

from review_desks import DAY, drawn
from svcsim.contacts.log import ContactLog
from svcsim.scorecard.coaching import below_limit, checks, use_of
from svcsim.scorecard.funnel import Funnel, FunnelPoint, Side
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.period import Period
from svcsim.scorecard.score import score
from svcsim.scorecard.scorecard import Scorecard
from svcsim.scorecard.table import Flag, ScoreTable

CARD = Scorecard(
    name="c", period="4w", kpis=(Kpi(metric="csat_top2", weight=1.0, target=0.8, min_n=20),)
)
LAST = Period("third", 56 * DAY, 84 * DAY)


def scored(log: ContactLog) -> ScoreTable:
    return score(log, CARD, LAST)


@pytest.fixture(scope="module")
def weak() -> ScoreTable:
    """Return twelve agents over three periods, one of them far below the others."""
    rng = np.random.default_rng(1)
    return scored(drawn(rng, agents=12, n=240, days=84, mix=False, skill={"a04": -0.3}))


def funnel_of(side: Side, n: int = 50) -> Funnel:
    point = FunnelPoint(
        "a", 0.6, 0.8, n, float(n), (0.7, 0.9), (0.65, 0.95),
        "watch" if side else "inside", side, "inside", "",
    )  # fmt: skip
    return Funnel("csat_top2", "agent", 0.8, 1.0, 1.0, "binomial", True, (point,), ())


@pytest.mark.parametrize(
    ("sides", "told"),
    [
        (("worse", "worse", "worse"), 3),
        (("worse", "", "worse"), 2),
        (("", "worse", "worse"), 2),
        (("worse", "worse", ""), 0),  # better again: nothing to say
        (("", "", "worse"), 0),  # once is luck
        (("better", "better", "better"), 0),
    ],
)
def test_two_of_the_last_three_with_the_last_one(
    weak: ScoreTable, sides: tuple[Side, ...], told: int
) -> None:
    history = [(f"p{i}", funnel_of(side)) for i, side in enumerate(sides)]
    assert len(below_limit(weak.kpis[0], history, "a")) == told


def test_few_contacts_are_no_evidence(weak: ScoreTable) -> None:
    history = [(f"p{i}", funnel_of("worse", n=19)) for i in range(3)]
    assert below_limit(weak.kpis[0], history, "a") == ()


def test_somebody_far_below_is_suggested_a_talk_with_evidence(weak: ScoreTable) -> None:
    (talk,) = weak.review.coaching
    assert (talk.unit, talk.reason, talk.metric) == ("a04", "below limit", "csat_top2")
    assert len(talk.evidence) == 3
    assert all(one.value < one.limit < one.expected and one.n >= 20 for one in talk.evidence)
    assert talk.evidence[-1].value < talk.without_action < talk.evidence[-1].expected
    assert len(talk.tickets) == 3
    assert {"easy", "hard"} >= set(talk.topics)


def test_the_words_suggest_a_talk_and_accuse_nobody(weak: ScoreTable) -> None:
    text = weak.review.coaching[0].text
    assert "A talk before any consequence" in text.en
    assert "先沟通辅导" in text.zh
    for word in ("fraud", "cheat", "guilty", "punish", "fault", "作弊", "造假", "处罚"):
        assert word not in text.en + text.zh


def test_equal_agents_are_left_alone() -> None:
    rng = np.random.default_rng(2)
    talks = [
        scored(drawn(rng, agents=15, n=120, days=84)).review.coaching for _ in range(8)
    ]  # .15 of 120 agents are expected
    assert sum(len(found) for found in talks) <= 2


def test_integrity_flags_ask_to_check_and_flags_of_the_data_do_not(weak: ScoreTable) -> None:
    unit = dataclasses.replace(
        weak.unit("a01"),
        flags=(
            Flag("thin", "few", "少", "csat_top2"),
            Flag("bunching", "many closed just in time; please check", "请核实", "csat_top2"),
        ),
    )
    (check,) = checks(unit, {"csat_top2": "feedback"})
    assert (check.reason, check.use, check.text.zh) == ("please check", "feedback", "请核实")


@pytest.mark.parametrize(
    ("reliability", "use"),
    [
        (0.39, "team only"),
        (0.40, "feedback"),
        (0.69, "feedback"),
        (0.70, "may carry pay"),
        (float("nan"), "team only"),
    ],
)
def test_use_follows_reliability(weak: ScoreTable, reliability: float, use: str) -> None:
    kpi = dataclasses.replace(weak.unit("a01").metrics[0], reliability=reliability)
    assert use_of("agent", kpi, weak.kpis[0], exploratory=False) == use


def test_what_is_provisional_carries_no_pay(weak: ScoreTable) -> None:
    kpi = dataclasses.replace(weak.unit("a01").metrics[0], reliability=0.9)
    early = dataclasses.replace(kpi, status="immature")
    assert use_of("agent", early, weak.kpis[0], exploratory=False) == "feedback"
    assert use_of("agent", kpi, weak.kpis[0], exploratory=True) == "feedback"
    assert use_of("team", kpi, weak.kpis[0], exploratory=False) == ""
