from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcsim.calibration.difficulty import DifficultyEstimator
from svcsim.contacts.log import ContactLog, make_log

DAY = 86400.0
WORK = {"easy": 0.6, "hard": 2.0}
ODDS = {"easy": 0.6, "hard": 2.2}


def desk(n: int = 6000, seed: int = 0, meaning: bool = True, **columns: object) -> ContactLog:
    """Two categories with different mixes; labels say how much work a contact is (or nothing)."""
    rng = np.random.default_rng(seed)
    category = rng.choice(["app", "bill"], n, p=[0.4, 0.6])
    hard = rng.random(n) < np.where(category == "app", 0.6, 0.2)
    truth = np.where(hard, "hard", "easy")
    label = truth if meaning else rng.permutation(truth)
    work = np.where(hard, WORK["hard"], WORK["easy"])
    seconds = np.where(category == "app", 900, 400) * work * rng.lognormal(-0.18, 0.6, n)
    odds = 0.1 / 0.9 * np.where(hard, ODDS["hard"], ODDS["easy"])
    back = rng.random(n) < odds / (1 + odds)
    opened = np.sort(rng.uniform(0, 60 * DAY, n))
    rows = {
        "ticket_id": [f"t{i}" for i in range(n)],
        "category": category,
        "difficulty": label,
        "opened_s": opened,
        "resolved_s": opened + 3600 + seconds,
        "handle_s": seconds,
        "reopens": back.astype(float),
        "agent": rng.choice(["ann", "bo"], n),
    }
    return make_log(pd.DataFrame(rows | columns), observed_until=90 * DAY)


def test_work_and_odds_of_the_tiers_are_recovered():
    fitted = DifficultyEstimator().fit(desk())
    tiers = fitted.difficulty_
    assert set(tiers) == {"easy", "hard"}
    ratio = tiers["hard"].work.value / tiers["easy"].work.value
    assert ratio == pytest.approx(WORK["hard"] / WORK["easy"], rel=0.06)
    odds = tiers["hard"].returns.value / tiers["easy"].returns.value
    assert odds == pytest.approx(ODDS["hard"] / ODDS["easy"], rel=0.3)
    assert tiers["hard"].work.grade == "measured"
    assert fitted.notes_ == []


def test_work_factors_average_to_one_over_the_contacts():
    fitted = DifficultyEstimator().fit(desk())
    share = fitted.tier_of(desk().frame).value_counts(normalize=True)
    mean = sum(share[name] * tier.work.value for name, tier in fitted.difficulty_.items())
    assert mean == pytest.approx(1)


def test_mixes_are_those_of_the_categories_and_add_up_to_one():
    shares = DifficultyEstimator().fit(desk()).shares_
    assert shares["app"]["hard"] == pytest.approx(0.6, abs=0.03)
    assert shares["bill"]["hard"] == pytest.approx(0.2, abs=0.03)
    assert all(sum(mix.values()) == pytest.approx(1) for mix in shares.values())


def test_labels_that_say_nothing_are_noise():
    fitted = DifficultyEstimator().fit(desk(meaning=False))
    assert list(fitted.difficulty_) == ["standard"]
    assert fitted.explained_ < 0.01
    assert "explain" in fitted.notes_[0]


def test_a_label_that_only_repeats_the_category_is_no_difficulty():
    log = desk()
    log.frame["difficulty"] = log.frame["category"]
    assert list(DifficultyEstimator().fit(log).difficulty_) == ["standard"]


def test_without_labels_there_is_one_tier_and_a_note():
    fitted = DifficultyEstimator().fit(desk(difficulty=None))
    assert fitted.shares_ == {"app": {"standard": 1.0}, "bill": {"standard": 1.0}}
    assert "no label" in fitted.notes_[0]
    assert (fitted.tier_of(desk().frame) == "standard").all()


def test_unlabelled_contacts_are_a_tier_of_their_own():
    log = desk()
    log.frame.loc[::4, "difficulty"] = np.nan
    fitted = DifficultyEstimator().fit(log)
    assert set(fitted.difficulty_) == {"easy", "hard", "unlabelled"}
    assert fitted.difficulty_["unlabelled"].work.value == pytest.approx(1, abs=0.1)


def test_many_labels_become_three_tiers_by_work():
    rng = np.random.default_rng(3)
    level = rng.integers(0, 9, 4000)
    seconds = 100 * 1.4**level * rng.lognormal(-0.08, 0.4, 4000)
    log = desk(4000, difficulty=[f"P{k}" for k in level], handle_s=seconds)
    tiers = DifficultyEstimator().fit(log).difficulty_
    assert set(tiers) == {"easy", "normal", "hard"}
    assert tiers["easy"].work.value < tiers["normal"].work.value < tiers["hard"].work.value


def test_elapsed_time_stands_in_where_no_handling_time_is_recorded():
    log = desk()
    cycle = log.frame["handle_s"] * 50
    log.frame["resolved_s"] = log.frame["opened_s"] + cycle
    log.frame["handle_s"] = np.nan
    tiers = DifficultyEstimator().fit(log).difficulty_
    assert tiers["hard"].work.grade == "proxy"
    ratio = tiers["hard"].work.value / tiers["easy"].work.value
    assert ratio == pytest.approx(WORK["hard"] / WORK["easy"], rel=0.06)


def test_hard_work_given_to_fast_agents_does_not_look_easier():
    log = desk()
    rng = np.random.default_rng(5)
    hard = (log.frame["difficulty"] == "hard").to_numpy()
    who = np.where(hard, rng.integers(3, 10, len(log)), rng.integers(0, 7, len(log)))
    log.frame["agent"] = [f"a{k}" for k in who]
    log.frame["handle_s"] /= np.exp(np.linspace(-0.4, 0.4, 10))[who]
    tiers = DifficultyEstimator().fit(log).difficulty_
    ratio = tiers["hard"].work.value / tiers["easy"].work.value
    naive = log.frame.groupby(["category", "difficulty"])["handle_s"].mean().unstack()
    assert ratio == pytest.approx(WORK["hard"] / WORK["easy"], rel=0.06)
    assert (naive["hard"] / naive["easy"]).max() < 0.9 * WORK["hard"] / WORK["easy"]


def test_contacts_resolved_too_late_to_come_back_do_not_count():
    log = desk()
    seen = DifficultyEstimator().fit(log).difficulty_["hard"].returns
    early = make_log(log.frame.drop(columns="outcome"), observed_until=40 * DAY)
    known = DifficultyEstimator().fit(early).difficulty_["hard"].returns
    assert known.n < 0.65 * seen.n
