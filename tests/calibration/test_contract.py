"""Every estimator: quantities with value inside the interval, n, grade and how."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcsim.calibration.agents import AgentsEstimator
from svcsim.calibration.arrivals import ArrivalsEstimator
from svcsim.calibration.difficulty import DifficultyEstimator
from svcsim.calibration.estimator import (
    came_back,
    effect_from_normal,
    expected_chance,
    handlings_of,
    most_usual,
    on_log,
    share_from_counts,
    team_of,
)
from svcsim.calibration.handling import HandlingEstimator
from svcsim.calibration.patience import PatienceEstimator
from svcsim.contacts.log import ContactLog, make_log
from svcsim.model.quantity import Factor, Quantity, walk

DAY = 86400.0


def desk(kind: str) -> ContactLog:
    """A small desk; ``bare`` records nothing but openings and resolutions."""
    rng = np.random.default_rng(8)
    n = 2500
    opened = np.sort(rng.integers(0, 35 * 86400, n)).astype(float)
    wait = np.where(rng.random(n) < 0.5, 0.0, np.ceil(rng.exponential(60, n)))
    left = (wait > 0) & (rng.random(n) < 0.2)
    seconds = np.ceil(rng.lognormal(5.5, 0.8, n))
    rows = pd.DataFrame(
        {
            "ticket_id": [f"t{i}" for i in range(n)],
            "opened_s": opened,
            "resolved_s": np.where(left, np.nan, opened + wait + seconds),
        }
    )
    if kind == "rich":
        hard = rng.random(n) < 0.3
        seconds = seconds * np.where(hard, 3, 1)
        rows = rows.assign(
            channel="phone",
            category=rng.choice(["app", "bill"], n),
            difficulty=np.where(hard, "hard", "easy"),
            agent=rng.choice(["ann", "bo", "cy"], n),
            team="desk",
            first_response_s=np.where(left, np.nan, opened + wait),
            abandoned_s=np.where(left, opened + wait, np.nan),
            wait_s=wait,
            handle_s=np.where(left, np.nan, seconds),
            reopens=(rng.random(n) < 0.1).astype(float),
        )
    return make_log(rows, start=0.0, end=35 * DAY, observed_until=60 * DAY)


def quantities(log: ContactLog) -> list[tuple[str, Quantity]]:
    difficulty = DifficultyEstimator().fit(log)
    handling = HandlingEstimator().fit(log, difficulty)
    learned = {
        "arrivals": ArrivalsEstimator(["1970-01-05"]).fit(log).arrivals_,
        "difficulty": difficulty.difficulty_,
        "handling": handling.handling_,
        "agents": AgentsEstimator().fit(log, handling).agents_,
        "patience": PatienceEstimator().fit(log, "phone").patience_,
    }
    return walk({name: part for name, part in learned.items() if part is not None})


@pytest.mark.parametrize("kind", ["rich", "bare"])
def test_every_quantity_says_how_sure_it_is_and_where_it_comes_from(kind: str):
    found = quantities(desk(kind))
    assert len(found) > (15 if kind == "rich" else 5)
    for path, quantity in found:
        assert quantity.interval is not None, path
        assert quantity.interval[0] <= quantity.value <= quantity.interval[1], path
        assert quantity.n is not None, path
        assert quantity.how, path
        assert quantity.grade != "measured" or quantity.n > 0, path


def test_the_same_log_gives_the_same_numbers():
    assert quantities(desk("rich")) == quantities(desk("rich"))


def test_shares_have_jeffreys_intervals():
    share = share_from_counts(10, 100)
    assert share.value == 0.1
    assert share.interval == pytest.approx((0.0592, 0.1581), abs=2e-3)
    assert share_from_counts(0, 20).interval[0] == 0
    assert share_from_counts(20, 20).interval[1] == 1
    assert share_from_counts(0, 0).grade == "assumed"


def test_factors_have_intervals_on_the_log_scale():
    factor = on_log(Factor, 2.0, 0.1, 7)
    assert factor.interval[0] * factor.interval[1] == pytest.approx(4)
    assert effect_from_normal(1.0, 0.5, 3).interval == pytest.approx((0.1776, 1.8224), abs=1e-3)


def test_who_came_back_and_who_could():
    log = make_log(
        pd.DataFrame(
            {
                "ticket_id": ["a1", "a2", "b", "c"],
                "case_id": ["a", "a", "b", "c"],
                "contact_no": [1, 2, 1, 1],
                "opened_s": [0.0, 2 * DAY, 0.0, 5 * DAY],
                "first_resolved_s": [np.nan, np.nan, 3600.0, np.nan],
                "resolved_s": [3600.0, 2.1 * DAY, 9 * DAY, 6 * DAY],
                "reopens": [0.0, 0.0, 1.0, np.nan],
            }
        ),
        observed_until=10 * DAY,
    )
    back, matured = came_back(log)
    assert back.tolist() == [True, False, True, False]
    # the second contact was resolved 7.9 days before the end, the last one only 4
    assert matured.tolist() == [True, True, True, False]


def test_handlings_are_counted_or_follow_from_pending_and_reopens():
    log = make_log(
        pd.DataFrame(
            {
                "ticket_id": ["a", "b", "c"],
                "opened_s": [0.0, 0.0, 0.0],
                "handlings": [4.0, np.nan, np.nan],
                "pending_s": [0.0, 60.0, np.nan],
                "reopens": [0.0, 2.0, 0.0],
            }
        )
    )
    assert handlings_of(log.frame).tolist() == [4.0, 4.0, 1.0]


def test_small_groups_expect_what_all_expect():
    group = pd.Series(["a"] * 90 + ["b"] * 10)
    hit = np.array([True] * 9 + [False] * 81 + [True] * 10)
    chance = expected_chance(group, hit)
    assert chance[0] == pytest.approx((9 + 1.9) / 100)
    assert chance[-1] == pytest.approx((10 + 1.9) / 20)


def test_a_missing_team_is_that_of_the_agent():
    frame = pd.DataFrame(
        {"agent": ["ann", "ann", "ann", "bo"], "team": ["x", "x", None, None]}, dtype="str"
    )
    assert team_of(frame).tolist() == ["x", "x", "x", "desk"]
    assert most_usual(frame["agent"], frame["team"])["ann"] == "x"
