"""Each decision of the desk: worked examples and the law it must follow."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate

from svcsim.engine import draws, durations, outcomes, rules

HOUR = 3600.0
SIGMA = math.sqrt(math.log1p(0.8**2))
LOGNORMAL = durations.Law(durations.LOGNORMAL, 600.0, SIGMA, 0.0, 0, 0)
GRID = (np.arange(2000) + 0.5) / 2000


@pytest.mark.parametrize(
    ("probability", "odds", "expected"),
    [(0.5, 3.0, 0.75), (0.2, 1.0, 0.2), (0.1, 9.0, 0.5), (0.0, 5.0, 0.0), (1.0, 0.1, 1.0)],
)
def test_shifted_odds(probability, odds, expected):
    assert rules.shifted(probability, odds) == pytest.approx(expected)


def test_shifting_by_odds_and_back_changes_nothing():
    for p in (0.01, 0.3, 0.97):
        assert rules.shifted(rules.shifted(p, 1.9), 1 / 1.9) == pytest.approx(p)


@pytest.mark.parametrize(
    ("shift", "busy", "off", "eligible"),
    [(True, False, False, True), (False, False, False, False), (True, True, False, False),
     (True, False, True, False)],
)  # fmt: skip
def test_r1_eligible(shift, busy, off, eligible):
    assert rules.serves_now(shift, busy, off) is eligible


def test_r2_a_credit_counts_as_waiting():
    waited = rules.WAITED
    assert rules.urgency(waited, 1000, 0, 0) < rules.urgency(waited, 1001, 0, 0)
    assert rules.urgency(waited, 1000, 0, 0) > rules.urgency(waited, 1500, 600, 0)


def test_r3_the_longest_idle_agent_goes_first_and_take_counts_double():
    def claim(idle, take):
        return rules.claim(rules.LONGEST_IDLE, idle, take, 0, 0, 0)

    assert claim(60, 1.0) > claim(59, 1.0)
    assert claim(30, 2.0) > claim(60, 1.0)
    assert claim(0, 2.0) > claim(0, 1.0)


def test_r4_handling_and_busy_time():
    fixed = durations.Law(durations.FIXED, 600.0, 0.0, 0.0, 0, 0)
    assert rules.handling_time(fixed, (), 2.1, 1.05, 0.5, 1) == 1200
    assert rules.handling_time(fixed, (), 1e-9, 1.0, 0.5, 1) == 1
    assert rules.handling_time(fixed, (), 1e-9, 1.0, 0.5, 60) == 60
    assert rules.busy_time(600, 1.12, 1) == 672
    assert rules.busy_time(600, 1.0, 1) == 600
    assert rules.busy_time(1, 0.1, 1) == 1
    assert rules.busy_time(600, 1.12, 60) == 660


@pytest.mark.parametrize(
    ("live", "first", "u_transfer", "u_again", "outcome"),
    [
        (False, True, 0.29, 0.0, rules.TRANSFERRED),
        (True, True, 0.29, 0.0, rules.TRANSFERRED),
        # what is left of the first uniform above 0.30 decides on handing on: 0.20 of 0.70
        (False, True, 0.43, 0.0, rules.HANDED_ON),
        (True, True, 0.43, 0.0, rules.HANDED_ON),
        (False, False, 0.19, 0.9, rules.HANDED_ON),
        (False, True, 0.45, 0.33, rules.PENDING_AGAIN),
        (False, False, 0.21, 0.33, rules.PENDING_AGAIN),
        (True, True, 0.45, 0.0, rules.RESOLVED),
        (False, True, 0.45, 0.35, rules.RESOLVED),
    ],
)
def test_r5_what_a_handling_leads_to(live, first, u_transfer, u_again, outcome):
    assert rules.after_handling(live, first, 0.30, 0.20, 0.34, u_transfer, u_again) == outcome


def test_r6_patience_follows_its_piecewise_hazard():
    """The share that stayed t seconds is exp(-integral of the hazard), here by quadrature."""
    edges, rates = (0.0, 60.0, 300.0), (7.0 / HOUR, 0.0, 3.0 / HOUR)

    def hazard(x):
        return rates[0] if x < 60 else rates[1] if x < 300 else rates[2]

    u = (np.arange(20_000) + 0.5) / 20_000
    left = [rules.patience_deadline(edges, rates, 0, 3, 0.0, 1000, v, 0.5, 1) - 1000 for v in u]
    left = np.array(left)
    for t in (10, 59, 61, 200, 299, 400, 2000):
        area = integrate.quad(hazard, 0, t + 0.5, points=[60, 300], limit=200)[0]
        assert np.mean(left > t) == pytest.approx(math.exp(-area), abs=2e-4)


def test_r6_worked_examples():
    edges, rates = (0.0, 60.0), (0.01, 0.001)
    half = -math.log(0.5)

    def deadline(edges, rates, balk, queued, u_balk, tick=1):
        return rules.patience_deadline(edges, rates, 0, len(edges), balk, queued, 0.5, u_balk, tick)

    assert deadline((0.0,), (0.01,), 0.0, 50, 0.9) == 50 + round(half / 0.01)
    assert deadline(edges, rates, 0.0, 0, 0.9) == 60 + round((half - 0.6) / 0.001)
    assert deadline(edges, rates, 0.0, 0, 0.9, tick=60) == 180
    assert deadline(edges, rates, 0.02, 77, 0.019) == 77
    assert deadline(edges, rates, 0.02, 77, 0.021) > 77
    # the second of two channels whose pieces lie one after the other
    both = (0.0, *edges), (0.5, *rates)
    second = rules.patience_deadline(*both, 1, 3, 0.0, 0, 0.5, 0.9, 1)
    assert second == deadline(edges, rates, 0.0, 0, 0.9)


def test_r7_difficulty_and_quality_shift_the_odds():
    p = 0.12 * 1.9 / (0.88 + 0.12 * 1.9)
    assert rules.comes_back(0.12, 1.9, p - 1e-9)
    assert not rules.comes_back(0.12, 1.9, p + 1e-9)
    better = 0.12 * math.exp(-0.5) / (0.88 + 0.12 * math.exp(-0.5))
    assert rules.comes_back(0.12, rules.agent_odds(0.5), better - 1e-9)
    assert not rules.comes_back(0.12, rules.agent_odds(0.5), better + 1e-9)
    assert not rules.comes_back(0.0, 1.9 * rules.agent_odds(-3.0), 1e-12)


def test_r8_breaks_and_absence():
    # one draw decides both: whoever would leave a waiting customer would leave an empty queue
    assert rules.would_leave(0.04, 0.5, 0.039) == rules.IF_WAITED + rules.IF_QUIET
    assert rules.would_leave(0.04, 0.5, 0.041) == rules.IF_QUIET
    assert rules.would_leave(0.04, 0.5, 0.51) == 0
    assert rules.leaves_queue(rules.IF_QUIET, False)
    assert not rules.leaves_queue(rules.IF_QUIET, True)
    assert not rules.leaves_queue(rules.IF_WAITED, False)
    assert rules.is_present(0.94, 0.93)
    assert not rules.is_present(0.94, 0.95)
    assert rules.is_present(1.0, 1.0 - 2**-33)


@pytest.mark.parametrize("effect", [-1.2, 0.0, 0.7])
def test_survey_scores_follow_proportional_odds(effect):
    shares = (0.03, 0.04, 0.10, 0.33, 0.50)
    cumulative = tuple(sum(shares[k:]) for k in range(1, 5))
    scores = np.array([1 + outcomes.survey_score(cumulative, 4, effect, u) for u in GRID])
    assert set(scores) == {1, 2, 3, 4, 5}
    for k, p in enumerate(cumulative):
        observed = np.mean(scores >= k + 2)
        assert observed == pytest.approx(rules.shifted(p, math.exp(effect)), abs=3e-4)


def test_rules_use_the_uniforms_they_are_given():
    """A longer handling for a higher uniform: the same case stays hard in every scenario."""
    u = draws.uniform(1, 1, np.arange(200), 1, 1, draws.WORK)
    slow = [rules.handling_time(LOGNORMAL, (), 1.0, 0.9, v, 1) for v in u]
    fast = [rules.handling_time(LOGNORMAL, (), 1.0, 1.1, v, 1) for v in u]
    in_order = np.array(slow)[np.argsort(u)]
    assert np.all(np.diff(in_order) >= 0)
    assert all(s >= f for s, f in zip(slow, fast, strict=True))
