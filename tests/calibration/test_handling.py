from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcsim.calibration.difficulty import DifficultyEstimator
from svcsim.calibration.handling import HandlingEstimator
from svcsim.calibration.shape import table_scv
from svcsim.contacts.log import ContactLog, make_log
from svcsim.model.duration import Duration

DAY = 86400.0
MEANS = {"app": 900.0, "bill": 400.0, "odd": 600.0}
WORK = {"easy": 0.7, "hard": 1.9}


def desk(n: int = 8000, seed: int = 0, cv: float = 0.9, **columns: object) -> ContactLog:
    """Handling = mean x work(tier) / speed(agent) x lognormal; hard work mostly to the fast."""
    rng = np.random.default_rng(seed)
    category = rng.choice(list(MEANS), n, p=[0.4, 0.598, 0.002])
    hard = rng.random(n) < 0.25
    speed = np.exp(np.linspace(-0.3, 0.3, 10))
    agent = np.where(hard, rng.integers(4, 10, n), rng.integers(0, 10, n))
    sigma2 = np.log1p(cv**2)
    work = np.where(hard, WORK["hard"], WORK["easy"])
    mean = pd.Series(category).map(MEANS).to_numpy()
    seconds = mean * work / speed[agent] * rng.lognormal(-sigma2 / 2, sigma2**0.5, n)
    opened = np.sort(rng.uniform(0, 60 * DAY, n))
    rows = {
        "ticket_id": [f"t{i}" for i in range(n)],
        "category": category,
        "difficulty": np.where(hard, "hard", "easy"),
        "opened_s": opened,
        "first_response_s": opened + 60,
        "resolved_s": opened + 60 + seconds,
        "handle_s": seconds,
        "agent": [f"a{k}" for k in agent],
        "team": "desk",
    }
    return make_log(pd.DataFrame(rows | columns))


def learn(log: ContactLog) -> HandlingEstimator:
    return HandlingEstimator().fit(log, DifficultyEstimator().fit(log))


def scv_of(duration: Duration) -> float:
    if duration.law == "table":
        return table_scv(duration.table)
    return 1.0 if duration.law == "exponential" else duration.cv.value**2


def test_model_gives_back_the_recorded_mean_and_spread():
    """Mean x work / speed x residual, over the same contacts, has the log's own two moments."""
    log = desk()
    fitted = learn(log)
    tiers = fitted.difficulty_.difficulty_
    for name in ("app", "bill"):
        rows = log.frame[log.frame["category"] == name]
        mix = fitted.difficulty_.shares_[name]
        middle = sum(share * tiers[tier].work.value for tier, share in mix.items())
        work = rows["difficulty"].map({k: v.work.value for k, v in tiers.items()}) / middle
        factor = (work / fitted.speeds_.of(rows["agent"])).to_numpy()
        handling = fitted.handling_[name]
        mean = handling.mean.value * factor.mean()
        assert mean == pytest.approx(rows["handle_s"].mean(), rel=1e-6)
        scv = (1 + scv_of(handling)) * (1 + factor.var() / factor.mean() ** 2) - 1
        seen = rows["handle_s"].var() / rows["handle_s"].mean() ** 2
        assert scv == pytest.approx(seen, rel=0.05)


def test_spread_is_net_of_difficulty_and_agents():
    handling = learn(desk(cv=0.6)).handling_
    assert handling["bill"].law == "lognormal"
    assert handling["bill"].cv.value == pytest.approx(0.6, abs=0.04)
    assert handling["bill"].mean.grade == "measured"


def test_a_thin_category_leans_on_the_others():
    log = desk()
    rows = log.frame["category"] == "odd"
    assert 5 < rows.sum() < 30
    log.frame.loc[rows, "handle_s"] *= 3
    fitted = learn(log).handling_
    own = log.frame.loc[rows, "handle_s"].mean()
    assert fitted["bill"].mean.value < fitted["odd"].mean.value < own
    assert fitted["odd"].mean.n == rows.sum()
    wide = np.log(np.divide(*fitted["odd"].mean.interval[::-1]))
    assert wide > 4 * np.log(np.divide(*fitted["bill"].mean.interval[::-1]))


def test_a_category_never_handled_gets_the_mean_of_the_others():
    log = desk()
    log.frame.loc[log.frame["category"] == "odd", "handle_s"] = np.nan
    odd = learn(log).handling_["odd"].mean
    assert (odd.n, odd.grade) == (0, "proxy")
    assert 400 < odd.value < 900


def test_mean_is_per_handling():
    log = desk()
    log.frame["handlings"] = 1.0 + np.arange(len(log)) % 3
    log.frame["handle_s"] *= log.frame["handlings"]
    again = learn(log).handling_["bill"].mean.value
    assert again == pytest.approx(learn(desk()).handling_["bill"].mean.value, rel=0.02)


def test_mean_intervals_cover_the_truth():
    hits = []
    for seed in range(25):
        log = desk(1500, seed, agent="one", difficulty=None)
        flat = np.random.default_rng(seed).lognormal(np.log(400) - 0.25, 0.5**0.5, len(log))
        log.frame["handle_s"] = flat
        low, high = learn(log).handling_["bill"].mean.interval
        hits.append(low <= 400 <= high)
    assert np.mean(hits) >= 0.72


def test_short_handlings_are_kept_and_reported():
    log = desk()
    log.frame.loc[::20, "handle_s"] = 4.0
    fitted = learn(log)
    assert "under 10 s" in " ".join(fitted.notes_)
    assert fitted.handling_["bill"].law == "table"


def test_contacts_without_any_work_are_a_share_of_their_own():
    log = desk()
    log.frame.loc[::50, "handle_s"] = 0.0
    zero = learn(log).handling_["bill"].zero
    assert zero.value == pytest.approx(0.02)
    assert zero.interval[0] < 0.02 < zero.interval[1]


def test_recorded_spells_of_work_stand_in_for_handling_times():
    log = desk()
    work = pd.DataFrame(
        {
            "agent": log.frame["agent"],
            "team": "desk",
            "ticket_id": log.frame["ticket_id"],
            "start_s": log.frame["first_response_s"],
            "end_s": log.frame["resolved_s"],
        }
    )
    frame = log.frame.drop(columns=["handle_s", "outcome"])
    fitted = learn(make_log(frame, work=work))
    assert fitted.level_ == 4
    # difficulty is learned from elapsed times here, hence not the very same mean
    expected = learn(log).handling_["bill"].mean.value
    assert fitted.handling_["bill"].mean.value == pytest.approx(expected, rel=0.02)
    assert fitted.work_["seconds"].sum() == pytest.approx(log.frame["handle_s"].sum())


def test_unfinished_contacts_do_not_count():
    log = desk()
    log.frame.loc[::2, "outcome"] = "open"
    assert len(learn(log).work_) == len(log) / 2


def test_nothing_known_is_assumed_and_said_so():
    fitted = learn(desk(60, handle_s=np.nan))
    handling = fitted.handling_["bill"]
    assert (handling.mean.value, handling.cv.value) == (600, 1.2)
    assert handling.mean.grade == handling.cv.grade == "assumed"
    assert "10 min is assumed" in fitted.notes_[0]
