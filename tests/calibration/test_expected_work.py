"""Tiers from what is known at arrival: recovery, skill routing, honesty, other logs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcsim.calibration.difficulty import DifficultyEstimator
from svcsim.calibration.expected_work import learn_expected_work, tiers_by
from svcsim.contacts.log import ContactLog, make_log
from svcsim.model.expected import ExpectedWork

DAY = 86400.0
WORK = {"vip": 3.0, "plain": 1.0, "urgent": 1.5}


def desk(n: int = 6000, seed: int = 0, routed: bool = False) -> ContactLog:
    """Two categories; VIP customers need three times the work, urgent contacts half as much more.

    ``routed``: agents 3 and 4 are twice as fast and get nearly all VIP contacts.
    """
    rng = np.random.default_rng(seed)
    category = rng.choice(["app", "bill"], n)
    vip, urgent = rng.random(n) < 0.25, rng.random(n) < 0.3
    fast = rng.random(n) < (np.where(vip, 0.9, 0.1) if routed else 0.4)
    agent = np.where(fast, rng.integers(3, 5, n), rng.integers(0, 3, n))
    seconds = np.where(category == "app", 900.0, 400.0) * rng.lognormal(-0.125, 0.5, n)
    seconds *= np.where(vip, WORK["vip"], 1) * np.where(urgent, WORK["urgent"], 1)
    if routed:
        seconds /= np.where(fast, 2.0, 1.0)
    opened = np.sort(rng.uniform(0, 60 * DAY, n))
    rows = {
        "ticket_id": [f"t{i}" for i in range(n)],
        "category": category,
        "segment": np.where(vip, "vip", "plain"),
        "priority": np.where(urgent, "urgent", "usual"),
        "opened_s": opened,
        "resolved_s": opened + 3600 + seconds,
        "handle_s": seconds,
        "agent": [f"a{k}" for k in agent],
    }
    return make_log(pd.DataFrame(rows), observed_until=90 * DAY)


def effects(log: ContactLog) -> ExpectedWork:
    frame = log.frame
    learned = learn_expected_work(frame, frame["handle_s"].to_numpy(), frame["category"])
    assert learned is not None
    return learned.rule


@pytest.mark.parametrize("routed", [False, True])
def test_what_raises_the_work_is_found_also_when_fast_agents_get_it(routed: bool):
    found = effects(desk(routed=routed)).effects
    vip = found["segment"]["vip"] - found["segment"]["plain"]
    urgent = found["priority"]["urgent"] - found["priority"]["usual"]
    app = found["category"]["app"] - found["category"]["bill"]
    assert vip == pytest.approx(np.log(3), abs=0.06)
    assert urgent == pytest.approx(np.log(1.5), abs=0.04)
    assert app == pytest.approx(np.log(900 / 400), abs=0.04)


def test_tiers_hold_about_a_third_of_the_work_each_and_are_used():
    log = desk()
    fitted = DifficultyEstimator().fit(log)
    assert fitted.expected_ is not None
    tier = fitted.tier_of(log.frame)
    work = log.frame["handle_s"].groupby(tier).sum() / log.frame["handle_s"].sum()
    assert set(work.index) == {"easy", "normal", "hard"}
    assert work.between(0.2, 0.5).all()
    factors = {name: part.work.value for name, part in fitted.difficulty_.items()}
    assert factors["easy"] < factors["normal"] < factors["hard"]
    assert all(part.work.grade == "measured" for part in fitted.difficulty_.values())
    assert sum(fitted.shares_["app"].values()) == pytest.approx(1)


def test_the_share_that_it_predicts_is_the_one_of_the_truth():
    """Within categories VIP and urgent are what can be known; the rest is noise."""
    log = desk()
    known = np.where(log.frame["segment"] == "vip", np.log(3), 0) + np.where(
        log.frame["priority"] == "urgent", np.log(1.5), 0
    )
    truth = known.var() / (known.var() + 0.25)
    fitted = DifficultyEstimator().fit(log)
    assert fitted.predicted_ == pytest.approx(truth, abs=0.03)


def test_what_predicts_nothing_gives_no_tiers():
    log = desk()
    rng = np.random.default_rng(1)
    for name in ("segment", "priority"):
        log.frame[name] = rng.permutation(log.frame[name])
    fitted = DifficultyEstimator().fit(log)
    assert fitted.predicted_ is not None
    assert abs(fitted.predicted_) < 0.01
    assert list(fitted.difficulty_) == ["standard"]
    assert fitted.expected_ is None
    assert "predicts" in fitted.notes_[0]


def test_the_outcome_is_never_looked_at():
    log = desk()
    rng = np.random.default_rng(2)
    hard = log.frame["handle_s"] > log.frame["handle_s"].median()
    log.frame["transfers"] = hard.astype(float)
    log.frame["reopens"] = hard.astype(float)
    log.frame["segment"] = rng.permutation(log.frame["segment"])
    log.frame["priority"] = rng.permutation(log.frame["priority"])
    assert DifficultyEstimator().fit(log).expected_ is None


def test_a_category_pooled_for_the_model_still_tells():
    """Bill and app become `other`, yet the rule knows which is which."""
    log = desk()
    raw = log.frame
    pooled = ContactLog(
        raw.assign(category="other"), log.start, log.end, log.observed_until, name="pooled"
    )
    fitted = DifficultyEstimator().fit(pooled, raw)
    rule = fitted.expected_
    assert rule is not None
    assert set(rule.effects["category"]) == {"app", "bill"}
    labelled = fitted.labelled(pooled, raw).frame
    assert fitted.tier_of(labelled).tolist() == tiers_by(rule, raw).tolist()


def test_tiers_of_other_logs_are_those_of_the_rule_row_by_row():
    rule = effects(desk())
    other = desk(n=200, seed=9).frame
    other.loc[:20, "segment"] = None
    other.loc[5:30, "category"] = "never seen"
    by_row = [rule.tier(row) for row in other.to_dict("records")]
    assert tiers_by(rule, other).tolist() == by_row


def test_elapsed_time_is_no_work_to_expect():
    log = desk()
    log.frame["handle_s"] = np.nan
    fitted = DifficultyEstimator().fit(log)
    assert list(fitted.difficulty_) == ["standard"]
    assert "no handling times" in fitted.notes_[0]


def test_a_rule_needs_one_tier_more_than_cuts():
    with pytest.raises(ValueError, match="one tier more"):
        ExpectedWork(mean=6.0, effects={}, cuts=(1.0,), tiers=("easy",))
