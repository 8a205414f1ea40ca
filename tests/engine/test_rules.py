"""Each decision of the desk: worked examples and the law it must follow."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from svcsim.engine import draws, outcomes, rules

HOUR = 3600.0
SIGMA = math.sqrt(math.log1p(0.8**2))
TABLE = (0.0, 0.0, 0.4, 1.0, 1.5, 4.2)
TABLES = (7.0, 9.0, *TABLE, 0.1)
"""Tables of all laws of a desk, one after the other; this one lies between two others."""
LAWS = {
    "fixed": rules.Law(rules.FIXED, 600.0, 0.0, 0.0, 0, 0),
    "exponential": rules.Law(rules.EXPONENTIAL, 600.0, 0.0, 0.0, 0, 0),
    "lognormal": rules.Law(rules.LOGNORMAL, 600.0, SIGMA, 0.0, 0, 0),
    "table": rules.Law(rules.TABLE, 600.0, 0.0, 0.0, 2, 8),
    "exponential with zeros": rules.Law(rules.EXPONENTIAL, 600.0, 0.0, 0.3, 0, 0),
    "lognormal with zeros": rules.Law(rules.LOGNORMAL, 600.0, SIGMA, 0.25, 0, 0),
    "table with zeros": rules.Law(rules.TABLE, 600.0, 0.0, 0.1, 2, 8),
    "fixed with zeros": rules.Law(rules.FIXED, 600.0, 0.0, 0.4, 0, 0),
}
GRID = (np.arange(2000) + 0.5) / 2000


def continuous(law: rules.Law) -> bool:
    return law[0] in (rules.EXPONENTIAL, rules.LOGNORMAL, rules.TABLE)


@pytest.mark.parametrize(
    ("seconds", "grid"), [(0.0, 0), (0.49, 0), (0.5, 1), (1.49, 1), (90.5, 91)]
)
def test_whole_seconds_round_half_up(seconds, grid):
    assert rules.whole(seconds, 1) == grid
    assert rules.whole(seconds * 60, 60) == grid * 60


@pytest.mark.parametrize(
    ("law", "u", "seconds"),
    [
        ("fixed", 0.9, 600.0),
        ("exponential", 1 - math.exp(-1), 600.0),
        ("lognormal", 0.5, 600.0 / math.sqrt(1.64)),
        ("table", 0.5, 420.0),
        ("table", 0.3, 120.0),
        ("table", 0.1, 0.0),
        ("exponential with zeros", 0.29, 0.0),
        ("exponential with zeros", 0.3 + 0.7 * (1 - math.exp(-1)), 600.0),
        ("fixed with zeros", 0.39, 0.0),
        ("fixed with zeros", 0.41, 600.0),
    ],
)
def test_duration_worked_examples(law, u, seconds):
    assert rules.duration(LAWS[law], TABLES, u) == pytest.approx(seconds)


@pytest.mark.parametrize("name", LAWS)
def test_duration_has_its_mean(name):
    law = LAWS[name]
    fine = (np.arange(20_000) + 0.5) / 20_000
    mean = np.mean([rules.duration(law, TABLES, u) for u in fine])
    shape = np.trapezoid(TABLE, dx=1 / (len(TABLE) - 1)) if law[0] == rules.TABLE else 1.0
    assert mean == pytest.approx(600.0 * shape * (1 - law[3]), rel=2e-3)


def test_lognormal_has_the_declared_coefficient_of_variation():
    values = [
        rules.duration(LAWS["lognormal"], TABLES, u) for u in (np.arange(50_000) + 0.5) / 50_000
    ]
    assert np.std(values) / np.mean(values) == pytest.approx(0.8, rel=5e-3)


@pytest.mark.parametrize("name", LAWS)
def test_duration_does_not_decrease(name):
    values = [rules.duration(LAWS[name], TABLES, u) for u in GRID]
    assert all(b >= a for a, b in zip(values, values[1:], strict=False))


@pytest.mark.parametrize("name", LAWS)
def test_elapsed_share_inverts_duration(name):
    """F(F^-1(u)) = u wherever the law is continuous, and F(x) >= u at an atom."""
    law = LAWS[name]
    for u in GRID:
        x = rules.duration(law, TABLES, u)
        share = rules.elapsed_share(law, TABLES, x)
        assert share >= u - 1e-9
        if continuous(law) and x > 0:
            assert share == pytest.approx(u, abs=1e-9)


@pytest.mark.parametrize("name", LAWS)
def test_elapsed_share_is_a_distribution_function(name):
    law = LAWS[name]
    values = [rules.elapsed_share(law, TABLES, x) for x in np.linspace(-10, 50_000, 2000)]
    assert values[0] == 0.0
    assert values[-1] > 0.999
    assert all(b >= a for a, b in zip(values, values[1:], strict=False))
    assert rules.elapsed_share(law, TABLES, 0.0) == pytest.approx(
        law[3] + (1 - law[3]) * (0.2 if law[0] == rules.TABLE else 0.0)
    )


@pytest.mark.parametrize("name", [n for n, law in LAWS.items() if continuous(law)])
@pytest.mark.parametrize("age", [1.0, 300.0, 1500.0])
def test_remaining_follows_the_conditional_law(name, age):
    """P(rest <= x | duration > age) = (F(age + x) - F(age)) / (1 - F(age))."""
    law = LAWS[name]
    done = rules.elapsed_share(law, TABLES, age)
    rest = [rules.remaining(law, TABLES, age, u) for u in GRID]
    for x in (10.0, 200.0, 900.0):
        expected = (rules.elapsed_share(law, TABLES, age + x) - done) / (1 - done)
        assert np.mean(np.array(rest) <= x) == pytest.approx(expected, abs=5e-4)


def test_an_exponential_does_not_age():
    law = LAWS["exponential"]
    for u in (0.1, 0.5, 0.99):
        assert rules.remaining(law, TABLES, 5000.0, u) == pytest.approx(
            rules.duration(law, TABLES, u), rel=1e-6
        )


@pytest.mark.parametrize("name", LAWS)
def test_remaining_survives_any_age_and_draw(name):
    extremes = (0.5 * 2.0**-32, 0.5, 1.0 - 0.5 * 2.0**-32)
    for age in (0.0, 600.0, 1e4, 12_000.0, 15_000.0, 16_500.0, 1e5, 1e9):
        for u in extremes:
            assert 0.0 <= rules.remaining(LAWS[name], TABLES, age, u) < 1e7
    assert rules.remaining(LAWS["fixed"], TABLES, 200.0, 0.3) == 400.0
    assert rules.remaining(LAWS["fixed"], TABLES, 600.0, 0.3) == 0.0


@pytest.mark.parametrize("kind", [rules.FIXED, rules.EXPONENTIAL, rules.LOGNORMAL, rules.TABLE])
def test_a_duration_with_mean_zero_is_over_at_once(kind):
    law = rules.Law(kind, 0.0, 0.5, 0.0, 1, 3)
    assert rules.duration(law, TABLES, 0.7) == 0.0
    assert rules.elapsed_share(law, TABLES, 5.0) == 1.0
    assert rules.remaining(law, TABLES, 5.0, 0.7) == 0.0


def test_rest_of_pending_follows_the_law_of_tickets_still_open():
    """Among tickets still open `age` after the response, the rest of the running stage.

    Oracle: simulate whole paths of stages and keep those that are still open at `age`.
    """
    law, again, age = LAWS["lognormal"], 0.5, 900.0
    rng = np.random.default_rng(3)
    expected, stages = [], []
    while len(expected) < 4000:
        reached, stage = rules.duration(law, TABLES, rng.random()), 1
        while reached <= age and rng.random() < again:
            reached, stage = reached + rules.duration(law, TABLES, rng.random()), stage + 1
        if reached > age:
            expected.append(reached - age)
            stages.append(stage)
    drawn = [
        rules.rest_of_pending(law, TABLES, again, age, rng.random((24, 2)).tolist())
        for _ in expected
    ]
    rests, counts = zip(*drawn, strict=True)
    assert stats.ks_2samp(rests, expected).pvalue > 1e-3
    assert np.mean(counts) == pytest.approx(np.mean(stages), rel=0.05)


def test_rest_of_pending_of_a_ticket_older_than_any_path_is_still_a_time():
    short = [(0.1, 0.9)] * 24
    rest, stages = rules.rest_of_pending(LAWS["exponential"], TABLES, 0.2, 40_000.0, short)
    assert 0.0 <= rest < 10_000.0
    assert stages == 1


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
    fixed = LAWS["fixed"]
    assert rules.handling_time(fixed, TABLES, 2.1, 1.05, 0.5, 1) == 1200
    assert rules.handling_time(fixed, TABLES, 1e-9, 1.0, 0.5, 1) == 1
    assert rules.handling_time(fixed, TABLES, 1e-9, 1.0, 0.5, 60) == 60
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
    assert rules.leaves_queue(0.04, 0.039)
    assert not rules.leaves_queue(0.04, 0.041)
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
    slow = [rules.handling_time(LAWS["lognormal"], TABLES, 1.0, 0.9, v, 1) for v in u]
    fast = [rules.handling_time(LAWS["lognormal"], TABLES, 1.0, 1.1, v, 1) for v in u]
    in_order = np.array(slow)[np.argsort(u)]
    assert np.all(np.diff(in_order) >= 0)
    assert all(s >= f for s, f in zip(slow, fast, strict=True))
