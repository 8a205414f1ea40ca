"""Satisfaction: proportional odds found again, and what is done with few or no answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from svcsim.calibration.survey import SurveyEstimator, fit_odds
from svcsim.contacts.log import ContactLog, make_log

CUTS = np.array([3.2, 2.4, 1.5, 0.1])
EFFECTS = np.array([-0.4, -0.9, 0.6])


def scores(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    above = expit(CUTS[None, :] + (x @ EFFECTS)[:, None])
    return 1 + (rng.random(len(x))[:, None] < above).sum(axis=1)


def covariates(n: int, rng: np.random.Generator) -> np.ndarray:
    return np.column_stack(
        [np.log1p(rng.exponential(3, n)), rng.random(n) < 0.15, rng.normal(0, 0.3, n)]
    ).astype(float)


def test_cuts_and_effects_of_a_known_model_are_found_again():
    rng = np.random.default_rng(1)
    x = covariates(20000, rng)
    fit = fit_odds(x, scores(x, rng))
    assert np.allclose(fit.cuts, CUTS, atol=0.12)
    assert np.allclose(fit.effects, EFFECTS, atol=0.12)
    truth = -np.diff(np.concatenate([[1.0], expit(CUTS), [0.0]]))
    assert np.allclose(fit.shares(), truth, atol=0.01)
    assert sum(fit.shares()) == pytest.approx(1.0)


def test_the_optimum_is_one_no_step_in_any_direction_improves():
    rng = np.random.default_rng(2)
    x = covariates(400, rng)
    score = scores(x, rng)
    fit = fit_odds(x, score)

    def likelihood(cuts: np.ndarray, effects: np.ndarray) -> float:
        above = expit(cuts[None, :] + (x @ effects)[:, None])
        edges = np.column_stack([np.ones(len(x)), above, np.zeros(len(x))])
        p = edges[np.arange(len(x)), score - 1] - edges[np.arange(len(x)), score]
        base = -np.diff(np.concatenate([[1.0], expit(cuts), [0.0]]))
        return float(np.log(p).sum() + 0.5 * np.log(base).sum() - 0.5 * (effects**2).sum() / 4)

    best = likelihood(fit.cuts, fit.effects)
    for i in range(7):
        for step in (-0.01, 0.01):
            cuts, effects = fit.cuts.copy(), fit.effects.copy()
            (cuts if i < 4 else effects)[i % 4] += step
            assert likelihood(cuts, effects) < best


def test_ninety_percent_intervals_hold_the_truth_about_nine_times_in_ten():
    rng = np.random.default_rng(3)
    inside = np.zeros(3)
    for _ in range(40):
        x = covariates(300, rng)
        fit = fit_odds(x, scores(x, rng))
        inside += np.abs(fit.effects - EFFECTS) < 1.645 * fit.errors
    assert (inside / 40 >= 0.8).all()


def desk(n: int, rng: np.random.Generator, answered: float = 0.3) -> ContactLog:
    wait = rng.exponential(3 * 3600, n).round()
    reopens = (rng.random(n) < 0.15).astype(float)
    agent = rng.integers(0, 5, n)
    x = np.column_stack([np.log1p(wait / 3600), reopens, (agent - 2) * 0.2])
    opened = np.sort(rng.uniform(0, 40 * 86400, n)).round()
    sent = rng.random(n) < 0.8
    replied = sent & (rng.random(n) < answered)
    resolved = opened + wait + 600
    return make_log(
        pd.DataFrame(
            {
                "ticket_id": [f"t{i}" for i in range(n)],
                "agent": [f"a{k}" for k in agent],
                "opened_s": opened,
                "first_response_s": opened + wait,
                "resolved_s": resolved,
                "reopens": reopens,
                "survey_sent": sent.astype(float),
                "csat": np.where(replied, scores(x, rng), np.nan),
                "survey_s": np.where(replied, resolved + rng.exponential(7200, n).round(), np.nan),
            }
        ),
        observed_until=80 * 86400,
    )


QUALITY = {f"a{k}": (k - 2) * 0.2 for k in range(5)}


def test_a_survey_is_learned_whole():
    survey = SurveyEstimator().fit(desk(15000, np.random.default_rng(4)), QUALITY).survey_
    assert survey.asked.value == pytest.approx(0.8, abs=0.02)
    assert survey.answered.value == pytest.approx(0.3, abs=0.02)
    found = [survey.wait_effect, survey.return_effect, survey.quality_effect]
    for effect, truth in zip(found, EFFECTS, strict=True):
        assert effect.interval[0] < truth < effect.interval[1]
        assert effect.grade == "measured"
    assert survey.delay.mean.value == pytest.approx(7200, rel=0.05)


def test_few_answers_teach_shares_but_no_effects():
    fitted = SurveyEstimator().fit(desk(200, np.random.default_rng(5)), QUALITY)
    assert 10 <= fitted.survey_.answered.n * fitted.survey_.answered.value < 100
    assert fitted.survey_.wait_effect.value == 0
    assert fitted.survey_.wait_effect.grade == "assumed"
    assert any("too few" in note for note in fitted.notes_)


def test_an_effect_that_cannot_vary_is_assumed_to_be_none():
    log = desk(3000, np.random.default_rng(6))
    fitted = SurveyEstimator().fit(log, dict.fromkeys(QUALITY, 0.0))
    assert fitted.survey_.quality_effect.grade == "assumed"
    assert fitted.survey_.wait_effect.grade == "measured"


def test_without_answers_there_is_no_survey():
    log = desk(500, np.random.default_rng(7), answered=0.0)
    assert SurveyEstimator().fit(log, QUALITY).survey_ is None


def test_everybody_is_taken_as_asked_where_that_is_not_recorded():
    log = desk(3000, np.random.default_rng(8))
    log.frame["survey_sent"] = np.nan
    survey = SurveyEstimator().fit(log, QUALITY).survey_
    assert survey.asked.value == 1
    assert survey.asked.grade == "assumed"
    assert survey.answered.value == pytest.approx(0.24, abs=0.02)
