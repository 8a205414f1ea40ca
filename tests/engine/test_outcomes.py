"""What becomes of a contact: worked examples, the logits as declared, monotone in every cause."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from svcsim.engine import outcomes, rules

GRID = (np.arange(20_000) + 0.5) / 20_000


def share(rule):
    """The share of uniforms at which a rule says yes."""
    return float(np.mean([rule(u) for u in GRID]))


def logistic(x):
    return 1.0 / (1.0 + math.exp(-x))


def logit(p):
    return math.log(p / (1.0 - p))


def test_the_effect_on_a_survey_adds_up():
    """log(1 + hours) = 1 and log(1 + minutes) = 2: -0.35 + 2 x 0.1 - 0.9 + 0.5 x 0.4."""
    each = (-0.35, 0.1, -0.9, 0.5)
    assert outcomes.survey_effect(*each, 0.0, 0.0, False, 0.0) == 0.0
    moved = outcomes.survey_effect(*each, math.e - 1, math.exp(2) - 1, True, 0.4)
    assert moved == pytest.approx(-0.35 + 0.2 - 0.9 + 0.2)
    effects = [
        outcomes.survey_effect(-0.35, 0.0, 0.0, 0.0, hours, 5.0, False, 0.0) for hours in range(50)
    ]
    assert effects == sorted(effects, reverse=True)


def test_an_effect_moves_the_odds_that_a_survey_is_answered():
    """A quarter answers; a logit of log 3 more makes it one half."""
    for effect, share in ((0.0, 0.25), (math.log(3), 0.5)):
        said = [outcomes.answers(0.25, effect, u) for u in GRID]
        assert np.mean(said) == pytest.approx(share, abs=1e-3)


def test_scores_of_recommendation_use_eleven_steps():
    cumulative = tuple(np.linspace(0.95, 0.2, 10))
    scores = [outcomes.survey_score(cumulative, 10, 0.0, u) for u in GRID]
    assert set(scores) == set(range(11))
    for k, p in enumerate(cumulative):
        assert np.mean(np.array(scores) > k) == pytest.approx(p, abs=1e-4)
    high, low = (
        np.mean([outcomes.survey_score(cumulative, 10, effect, u) for u in GRID])
        for effect in (0.5, -0.5)
    )
    assert high > np.mean(scores) > low


def test_steering_withholds_surveys_from_the_unhappy_alone():
    assert share(lambda u: outcomes.asked(0.8, 0.0, -1.0, u)) == pytest.approx(0.8)
    assert share(lambda u: outcomes.asked(0.8, 0.75, -1.0, u)) == pytest.approx(0.2)
    assert share(lambda u: outcomes.asked(0.8, 0.75, 0.0, u)) == pytest.approx(0.8)
    assert share(lambda u: outcomes.asked(0.8, 1.0, -1e-9, u)) == 0.0


@pytest.mark.parametrize("hours", [0.0, 5.0])
@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("quality", [-0.5, 0.0, 0.5])
def test_complaints_have_the_declared_logit(hours, back, quality):
    expected = logistic(logit(0.03) + 0.4 * math.log(1 + hours) + 0.7 * back - quality)
    found = share(lambda u: outcomes.complains(0.03, 0.4, 0.7, hours, back, quality, u))
    assert found == pytest.approx(expected, abs=1e-4)


def test_without_a_share_nobody_complains_or_leaves():
    assert share(lambda u: outcomes.complains(0.0, 9.0, 9.0, 99.0, True, -9.0, u)) == 0.0
    assert share(lambda u: outcomes.churns(0.0, 9.0, 9.0, True, 9, u)) == 0.0


@pytest.mark.parametrize("complained", [False, True])
@pytest.mark.parametrize("earlier", [0, 1, 3])
def test_churn_has_the_declared_logit(complained, earlier):
    expected = logistic(logit(0.01) + 1.2 * complained + 0.3 * earlier)
    found = share(lambda u: outcomes.churns(0.01, 1.2, 0.3, complained, earlier, u))
    assert found == pytest.approx(expected, abs=1e-4)


def test_checked_scores_are_normal_and_cut_to_their_scale():
    scores = [outcomes.checked_score(70.0, 5.0, 10.0, 0.4, u) for u in GRID]
    assert stats.kstest(scores, stats.norm(74.0, 5.0).cdf).pvalue > 0.99
    wide = [outcomes.checked_score(95.0, 30.0, 0.0, 0.0, u) for u in GRID]
    assert (min(wide), max(wide)) == (0.0, 100.0)
    assert np.mean(np.array(wide) == 100.0) == pytest.approx(stats.norm.sf(5 / 30), abs=1e-4)
    assert outcomes.checked_score(70.0, 0.0, 10.0, -1.0, 0.3) == 60.0
    by_quality = [outcomes.checked_score(70.0, 5.0, 10.0, q, 0.6) for q in np.linspace(-9, 9, 50)]
    assert by_quality == sorted(by_quality)


def test_what_hurry_and_early_closing_do():
    assert outcomes.rushed(0.0) == 1.0
    assert outcomes.rushed(0.15) == 0.85
    assert share(lambda u: outcomes.closes_early(0.3, u)) == pytest.approx(0.3)


def test_what_a_contact_costs():
    """2 a contact, 0.8 a minute of work, 0.1 a minute of waiting: 10 min of work, 5 of waiting."""
    assert outcomes.contact_cost(2.0, 0.8, 0.1, 600.0, 300.0) == pytest.approx(10.5)
    assert outcomes.contact_cost(2.0, 0.8, 0.1, 0.0, 0.0) == 2.0
    both = outcomes.contact_cost(2.0, 0.8, 0.1, np.array([600.0, 0.0]), np.array([300.0, 0.0]))
    assert both.tolist() == pytest.approx([10.5, 2.0])


def test_a_better_agent_is_better_in_every_respect():
    """The one quality of an agent moves every outcome in its favour."""
    for worse, better in ((-0.6, -0.1), (0.0, 0.8)):
        complaints, back, score = (
            [rule(q) for q in (worse, better)]
            for rule in (
                lambda q: share(lambda u: outcomes.complains(0.1, 0.2, 0.5, 2.0, True, q, u)),
                lambda q: share(lambda u: rules.comes_back(0.2, 1.3 * rules.agent_odds(q), u)),
                lambda q: outcomes.survey_effect(-0.3, 0.0, -0.5, 0.5, 2.0, 9.0, True, q),
            )
        )
        assert complaints[0] > complaints[1]
        assert back[0] > back[1]
        assert score[0] < score[1]
