"""Satisfaction of everybody from those who answered: known truth, and what cannot be seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from svcsim.calibration.response import fit_logit, satisfaction
from svcsim.calibration.survey import SurveyEstimator
from svcsim.contacts.log import make_log

DAY = 86400.0


def served(n: int, rng: np.random.Generator, unseen: float = 0.0) -> tuple[pd.DataFrame, float]:
    """Resolved contacts of which about a quarter answers, and the share of all that is satisfied.

    Those who waited less and did not have to come back answer more often; ``unseen`` is the
    logit by which the satisfied answer more besides.
    """
    wait = rng.exponential(5.0, n)
    back = rng.random(n) < 0.2
    happy = rng.random(n) < expit(2.0 - 0.5 * np.log1p(wait) - 1.0 * back)
    answers = rng.random(n) < expit(
        -0.6 - 0.3 * np.log1p(wait) - 0.5 * back + unseen * (happy - 0.5)
    )
    score = np.where(happy, 5.0, 2.0)
    opened = np.sort(rng.uniform(0, 30 * DAY, n))
    rows = pd.DataFrame(
        {
            "ticket_id": [f"t{i}" for i in range(n)],
            "opened_s": opened,
            "first_response_s": opened + 3600 * wait,
            "resolved_s": opened + 3600 * wait + 600,
            "handle_s": 600.0,
            "agent": "ann",
            "reopens": back.astype(float),
            "csat": np.where(answers, score, np.nan),
        }
    )
    log = make_log(rows, start=0.0, end=30 * DAY, observed_until=90 * DAY)
    return log.frame[log.frame["outcome"] == "resolved"], float(happy.mean())


def test_effects_of_a_known_logit_are_found_again():
    rng = np.random.default_rng(1)
    x = np.column_stack([rng.normal(0, 3, 20000), rng.random(20000) < 0.3, np.ones(20000)])
    fit = fit_logit(x, rng.random(20000) < expit(-1.0 + 0.2 * x[:, 0] + 0.8 * x[:, 1]))
    assert fit.intercept == pytest.approx(-1.0, abs=0.06)
    assert fit.effects == pytest.approx([0.2, 0.8, 0.0], abs=0.06)
    assert fit.effects[2] == 0.0
    assert np.isinf(fit.errors[2])


def test_who_answers_by_what_is_recorded_is_corrected():
    """Answers flatter by 2.5 points; corrected, the truth of all contacts comes back within .5."""
    naive, errors = [], []
    for seed in range(8):
        frame, truth = served(20_000, np.random.default_rng(seed))
        found = satisfaction(frame, {}, "csat_top2")
        assert found.method == "AIPW"
        naive.append(found.naive - truth)
        errors.append(found.value - truth)
    assert np.mean(naive) > 0.02
    assert abs(np.mean(errors)) < 0.005
    assert np.std(errors) < 0.01


@pytest.mark.parametrize("n", [1200, 6000])
def test_ninety_percent_intervals_hold_the_truth_about_nine_times_in_ten(n: int):
    inside = 0
    for seed in range(60):
        frame, _ = served(n, np.random.default_rng(100 + seed))
        # of the contacts' chances, not of what became of this sample
        wait = (frame["first_response_s"] - frame["opened_s"]).to_numpy() / 3600
        chance = expit(2.0 - 0.5 * np.log1p(wait) - 1.0 * (frame["reopens"] > 0).to_numpy())
        found = satisfaction(frame, {}, "csat_top2")
        assert found.method == ("AIPW" if n >= 5000 else "g-formula")
        inside += found.interval[0] <= chance.mean() <= found.interval[1]
    assert 0.80 <= inside / 60 <= 1.0


def test_when_the_satisfied_answer_more_the_sensitivity_shows_it_and_the_value_does_not():
    """Odds of answering x 2.1 for the satisfied: no covariate tells; odds x .5 come near."""
    frame, truth = served(20_000, np.random.default_rng(9), unseen=0.75)
    found = satisfaction(frame, {}, "csat_top2")
    assert found.value - truth > 0.06
    steps = [found.sensitivity[odds] for odds in ("1", "0.67", "0.5")]
    assert steps[0] == found.value
    assert steps[0] > steps[1] > steps[2]
    assert abs(steps[2] - truth) < 0.25 * (found.value - truth)


def test_recommendation_is_corrected_the_same_way():
    frame, truth = served(20_000, np.random.default_rng(4))
    frame = frame.assign(nps=np.where(frame["csat"] == 5, 10.0, 3.0))
    frame.loc[frame["csat"].isna(), "nps"] = np.nan
    found = satisfaction(frame, {}, "nps")
    assert found.naive - (2 * truth - 1) > 0.03
    assert found.value == pytest.approx(2 * truth - 1, abs=0.02)
    assert found.sensitivity["0.5"] < found.value


def test_few_answers_are_not_corrected():
    frame, _ = served(100, np.random.default_rng(2))
    assert satisfaction(frame, {}, "csat_top2") is None


def test_a_desk_that_records_recommendation_alone_has_a_survey_of_eleven_steps():
    frame, _ = served(4000, np.random.default_rng(3))
    nps = np.where(frame["csat"].isna(), np.nan, np.where(frame["csat"] == 5, 9.0, 4.0))
    log = make_log(
        frame.assign(nps=nps, csat=np.nan).drop(columns=["replication"]),
        start=0.0, end=30 * DAY, observed_until=90 * DAY,
    )  # fmt: skip
    learned = SurveyEstimator().fit(log)
    assert learned.survey_.kind == "nps"
    shares = learned.survey_.scores
    assert len(shares) == 11
    assert shares[9] + shares[4] > 0.99
    assert learned.satisfaction_.kind == "nps"


def test_what_moves_who_answers_is_learned_where_it_is_clear():
    frame, _ = served(12_000, np.random.default_rng(5))
    log = make_log(
        frame.drop(columns=["replication"]), start=0.0, end=30 * DAY, observed_until=90 * DAY
    )
    survey = SurveyEstimator().fit(log).survey_
    assert survey.answer_wait_effect.value == pytest.approx(-0.3, abs=0.09)
    assert survey.answer_return_effect.value == pytest.approx(-0.5, abs=0.15)
    # every contact took ten minutes, and one agent served all
    assert survey.answer_work_effect.value == survey.answer_quality_effect.value == 0.0
    assert survey.answered.value == pytest.approx(expit(-0.6), abs=0.03)
