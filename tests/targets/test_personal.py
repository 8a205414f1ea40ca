"""What a target of the desk means for one person: worked chances, and laws of small numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from small_desks import category, desk
from svcsim.scorecard.fairness import at_mix
from svcsim.targets.attainment import probability
from svcsim.targets.personal import (
    about_people,
    agent_rows,
    personal_kpis,
    true_spread,
    who_explains,
)
from svcsim.targets.proposal import AgentRow, Proposal
from svcsim.targets.stages import Chosen, KpiFacts, StagePlan

CSAT = KpiFacts("csat_top2", "share", "higher")
AHT = KpiFacts("aht", "s", "lower")
QUEUE = KpiFacts("abandon", "share", "lower")
PLAN = StagePlan("stage 1", "", "training", 0.8)


def model(agents: int):
    return desk(
        per_hour=1.0,
        teams=["L1"],
        agents={f"a{i}": {"team": "L1"} for i in range(agents)},
        categories={"x": category(share=1.0, team="L1")},
    )


def stage(**values: float) -> Chosen:
    return Chosen(PLAN, 0.8, values, (), ())


def runs(values: dict[str, np.ndarray], metric: str, scenario: str = "as is", n: float = 30.0):
    return pd.DataFrame(
        [
            {"scenario": scenario, "replication": i + 1, "agent": agent, "metric": metric,
             "value": value, "n": n}
            for agent, column in values.items()
            for i, value in enumerate(column)
        ]
    )  # fmt: skip


def chances(rows: tuple[AgentRow, ...], metric: str) -> dict[str, float]:
    return {r.agent: c.p_met.value for r in rows for c in r.chances if c.metric == metric}


def test_an_agents_chance_is_counted_on_the_even_periods_that_have_a_value() -> None:
    good = np.tile([0.0, 0.9], 20)  # odd replications choose, even ones judge
    half = np.where(np.arange(40) % 4 == 1, 0.9, 0.7)
    rare = np.where(np.arange(40) < 35, np.nan, 0.9)
    table = runs({"a0": good, "a1": half, "a2": rare}, "csat_top2")
    rows = agent_rows(table, stage(csat_top2=0.85), [CSAT], model(4), None)
    # a2 has a value in 3 even periods only, a3 in none: nothing is said about them.
    assert chances(rows, "csat_top2") == {"a0": 1.0, "a1": 0.5}
    assert rows[1].chances[0].p_met == probability(10, 20)
    assert rows[0].chances[0].n_period == 30.0


def test_the_chance_after_the_change_is_paired_with_the_one_before() -> None:
    before = np.repeat([0.9, 0.7], 20)
    after = np.where(np.arange(24) < 20, 0.9, 0.9)
    table = pd.concat(
        [runs({"a0": before}, "csat_top2"), runs({"a0": after}, "csat_top2", "training")]
    )
    found = agent_rows(table, stage(csat_top2=0.85), [CSAT], model(1), None)[0].chances[0]
    assert found.p_met.value == 0.5
    assert found.p_met_after is not None
    # All of the shared ones are met after the change, those missed before among them.
    assert found.p_met_after.value == 1.0
    assert found.p_met_after.n == 12


def test_all_targets_of_one_person_in_the_same_period() -> None:
    csat = runs({"a0": np.repeat([0.9, 0.7], 20)}, "csat_top2")
    aht = runs({"a0": np.tile([500.0, 500.0, 700.0, 700.0], 10)}, "aht")
    rows = agent_rows(
        pd.concat([csat, aht]), stage(csat_top2=0.85, aht=600.0), [CSAT, AHT], model(1), None
    )
    assert chances(rows, "csat_top2") == chances(rows, "aht") == {"a0": 0.5}
    assert rows[0].p_joint is not None
    assert rows[0].p_joint.value == 0.25


def test_what_the_queue_decides_is_nobodys_own() -> None:
    table = runs({"a0": np.full(40, 0.02)}, "abandon")
    assert agent_rows(table, stage(abandon=0.05), [QUEUE], model(1), None) == ()
    assert personal_kpis((), stage(abandon=0.05), [QUEUE]) == ()


def test_equal_agents_with_few_surveys_are_a_lottery_and_the_warning_says_so() -> None:
    rng = np.random.default_rng(4)
    n, true = 25, 0.88
    values = {f"a{i}": rng.binomial(n, true, 400) / n for i in range(12)}
    rows = agent_rows(runs(values, "csat_top2", n=n), stage(csat_top2=0.9), [CSAT], model(12), None)
    found = chances(rows, "csat_top2")
    # Sampling alone: P(K >= 23 of 25 | .88).
    exact = float(binom.sf(22, n, true))
    assert np.mean(list(found.values())) == pytest.approx(exact, abs=0.03)
    kpi = personal_kpis(rows, stage(csat_top2=0.9), [CSAT])[0]
    assert kpi.luck
    assert kpi.who < 0.02
    warned = about_people([kpi])
    assert len(warned) == 1
    assert "Luck for one person" in warned[0].text
    assert "CSAT, share of 4 and 5: 1% explained, chances" in warned[0].text
    # Counted on 200 periods, equal chances seem to run from 32 to 50 %; that is drawn in.
    assert kpi.p_high - kpi.p_low < 0.75 * (max(found.values()) - min(found.values()))


def test_agents_who_really_differ_on_many_contacts_are_no_lottery() -> None:
    rng = np.random.default_rng(4)
    values = {f"a{i}": rng.binomial(400, 0.78 + 0.02 * i, 400) / 400 for i in range(12)}
    rows = agent_rows(runs(values, "csat_top2"), stage(csat_top2=0.9), [CSAT], model(12), None)
    kpi = personal_kpis(rows, stage(csat_top2=0.9), [CSAT])[0]
    assert not kpi.luck
    assert kpi.who > 0.7
    assert (kpi.p_low, kpi.p_high) == (pytest.approx(0.0, abs=0.02), pytest.approx(1.0, abs=0.02))
    assert about_people([kpi]) == []


def test_who_explains_nothing_of_equal_chances_and_all_of_certain_ones() -> None:
    assert who_explains(np.array([0.5, 0.5, 0.5]), np.full(3, 100)) == 0.0
    assert who_explains(np.array([1.0, 0.0, 1.0, 0.0]), np.full(4, 100)) == 1.0
    assert who_explains(np.array([1.0, 1.0]), np.full(2, 100)) == 0.0


def test_chances_are_drawn_in_only_as_far_as_simulation_scatters_them() -> None:
    rng = np.random.default_rng(8)
    true = np.linspace(0.3, 0.7, 200)
    seen = rng.binomial(50, true) / 50
    assert seen.std() > 1.1 * true.std()
    assert true_spread(seen, np.full(200, 50.0)).std() == pytest.approx(true.std(), rel=0.08)
    assert true_spread(true, np.full(200, 1e9)) == pytest.approx(true)


def test_a_target_that_everybody_meets_is_no_lottery() -> None:
    values = {f"a{i}": np.full(40, 0.95) for i in range(4)}
    rows = agent_rows(runs(values, "csat_top2"), stage(csat_top2=0.9), [CSAT], model(4), None)
    assert not personal_kpis(rows, stage(csat_top2=0.9), [CSAT])[0].luck


def test_values_are_moved_to_the_mix_of_the_desk() -> None:
    one = np.array([[0.7]]), np.array([0.6]), np.array([0.8])
    # Misses halve from a mix expected at .6 to one expected at .8.
    assert at_mix(*one, "share", mostly=True)[0, 0] == pytest.approx(1 - 0.3 * 0.2 / 0.4)
    scores = at_mix(
        np.full((2, 3), 4.0), np.full(3, 3.5), np.full((2, 1), 3.8), "score", mostly=False
    )
    assert scores == pytest.approx(np.full((2, 3), 4.3))  # 4.0 where 3.5 was expected, at 3.8
    assert at_mix(*one, "s", mostly=False)[0, 0] == pytest.approx(0.7 * 0.8 / 0.6)


def test_a_proposal_gives_every_agent_of_the_desk_a_chance(tier_proposal: Proposal) -> None:
    names = [row.agent for row in tier_proposal.agents]
    assert names == [f"L1 {i}" for i in range(5)] + [f"L2 {i}" for i in range(4)]
    assert {kpi.metric for kpi in tier_proposal.personal}
    asked = {t.metric for t in tier_proposal.stages[0].targets}
    for row in tier_proposal.agents:
        assert {c.metric for c in row.chances} <= asked
        assert row.p_joint is not None
        assert row.p_joint.value <= min(c.p_met.value for c in row.chances)
        for chance in row.chances:
            assert 0 <= chance.p_met.low <= chance.p_met.value <= chance.p_met.high <= 1
            assert chance.low <= chance.median <= chance.high
