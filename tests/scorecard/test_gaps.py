"""Skill gaps: planted ones are found, luck is not listed."""

import numpy as np
import pytest

from review_desks import drawn, names_of, rows_of
from svcsim.contacts.log import ContactLog
from svcsim.metrics.catalogue import get_metric
from svcsim.scorecard.curve import Direction
from svcsim.scorecard.difficulty import PEERS, expected_values
from svcsim.scorecard.gaps import Gap, skill_gaps


def gaps_of(log: ContactLog, metric: str, better: Direction = "higher") -> list[Gap]:
    rows = rows_of(log, metric)
    expected, _ = expected_values(log, rows, PEERS)
    return skill_gaps(log, get_metric(metric), rows, expected, names_of(log), better)


def test_a_planted_weakness_is_listed_for_its_kind_alone() -> None:
    log = drawn(np.random.default_rng(1), n=400, mix=False, weak={("a05", "hard"): -0.3})
    listed = [gap for gap in gaps_of(log, "csat_top2") if gap.listed]
    assert [(gap.agent, gap.category, gap.listed) for gap in listed] == [("a05", "hard", "train")]
    (gap,) = listed
    assert 0 < gap.lower < gap.gap < gap.expected - gap.value  # shrunk, as one of forty cells
    assert gap.p_worse > 0.95


def test_a_strength_shows_how() -> None:
    log = drawn(np.random.default_rng(2), n=400, mix=False, weak={("a05", "hard"): 0.35})
    listed = [gap for gap in gaps_of(log, "csat_top2") if gap.listed]
    assert [(gap.agent, gap.category, gap.listed) for gap in listed] == [
        ("a05", "hard", "shows how")
    ]


@pytest.mark.parametrize(("metric", "better"), [("csat_top2", "higher"), ("aht", "lower")])
def test_equal_agents_are_seldom_listed(metric: str, better: Direction) -> None:
    rng = np.random.default_rng(3)
    gaps = [gap for _ in range(10) for gap in gaps_of(drawn(rng, n=80), metric, better)]
    assert len(gaps) > 250
    assert sum(bool(gap.listed) for gap in gaps) <= 0.01 * len(gaps)


def test_intervals_hold_the_true_difference() -> None:
    rng = np.random.default_rng(4)
    held = []
    for _ in range(10):
        skill = {f"a{i:02d}": float(x) for i, x in enumerate(rng.normal(0, 0.04, 20))}
        held += [
            # the others' mean skill is taken off: a gap is a difference to them
            gap.lower <= np.mean([v for k, v in skill.items() if k != gap.agent])
            - skill[gap.agent] <= gap.upper
            for gap in gaps_of(drawn(rng, n=150, mix=False, skill=skill), "csat_top2")
            if gap.category == "hard"
        ]  # fmt: skip
    assert np.mean(held) == pytest.approx(0.95, abs=0.05)  # 200 agents


def test_one_bad_answer_of_few_is_not_a_gap() -> None:
    log = drawn(np.random.default_rng(5), agents=6, n=300, mix=False)
    frame = log.frame.copy()
    frame["csat"] = 5.0
    own = frame.index[frame["agent"] == "a00"]
    frame.loc[own[10:], "csat"] = np.nan
    frame.loc[own[10:], "survey_s"] = np.nan
    frame.loc[own[:10], "category"] = "easy"
    frame.loc[own[0], "csat"] = 1.0
    log = ContactLog(frame, log.start, log.end, log.observed_until)
    assert [gap for gap in gaps_of(log, "csat_top2") if gap.listed == "train"] == []


def test_quantiles_have_no_gaps_and_thin_cells_are_left_out() -> None:
    log = drawn(np.random.default_rng(6), agents=4, n=40)
    assert gaps_of(log, "frt_p90", "lower") == []
    assert min(gap.n for gap in gaps_of(log, "csat_top2")) >= 10
