from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcsim.calibration.agents import AgentsEstimator
from svcsim.calibration.difficulty import DifficultyEstimator
from svcsim.calibration.handling import HandlingEstimator
from svcsim.calibration.speed import learn_speeds
from svcsim.contacts.log import ContactLog, make_log
from svcsim.model.staffing import Agent

DAY = 86400.0


def learn(log: ContactLog) -> AgentsEstimator:
    difficulty = DifficultyEstimator().fit(log)
    return AgentsEstimator().fit(log, HandlingEstimator().fit(log, difficulty))


def records(rng: np.random.Generator, each: int, skilled: bool, noise: float = 0.8) -> tuple:
    """25 agents; ``skilled``: the hard half of the categories goes to the fast half of agents."""
    speed = rng.normal(0, 0.2, 25)
    agent = np.repeat(np.arange(25), each)
    category = rng.integers(0, 6, agent.size)
    if skilled:
        fast = np.argsort(np.argsort(speed)) >= 12
        hard = rng.random(agent.size) < np.where(fast[agent], 0.8, 0.2)
        category = np.where(hard, 3 + category % 3, category % 3)
    log_mean = 6 + 0.4 * category
    seconds = np.exp(log_mean - speed[agent] + rng.normal(0, noise, agent.size))
    frame = pd.DataFrame({"category": category, "tier": "t", "team": "x", "seconds": seconds})
    return frame.assign(agent=[f"a{k}" for k in agent]), speed - speed.mean()


@pytest.mark.parametrize(
    ("skilled", "each", "limit"), [(False, 15, 0.185), (False, 300, 0.066), (True, 60, 0.135)]
)
def test_speeds_are_told_from_the_work_that_agents_got(skilled: bool, each: int, limit: float):
    """Root mean square error of log speed; raw means have .40, .09 and .45 here."""
    rng = np.random.default_rng(1)
    errors, covered = [], []
    for _ in range(8):
        work, truth = records(rng, each, skilled)
        speeds = learn_speeds(work).by_agent
        found = np.array([speeds[f"a{k}"].value for k in range(25)])
        errors.append(np.log(found) - truth)
        low, high = np.log([speeds[f"a{k}"].interval for k in range(25)]).T
        covered.append((low <= truth) & (truth <= high))
    assert np.sqrt(np.mean(np.square(errors))) < limit
    assert np.mean(covered) > 0.78


def test_two_agents_who_share_no_work_cannot_be_compared():
    rng = np.random.default_rng(2)
    who = rng.integers(0, 2, 400)
    seconds = np.where(who == 0, 300, 900) * rng.lognormal(0, 0.3, 400)
    work = pd.DataFrame({"tier": "t", "team": "x", "seconds": seconds})
    work["agent"] = work["category"] = np.where(who == 0, "ann", "bo")
    speeds = learn_speeds(work).by_agent
    assert speeds["ann"].value == pytest.approx(1, abs=1e-6)
    assert speeds["ann"].interval[1] > 1.2


def test_a_team_s_own_pace_is_not_its_agents():
    rng = np.random.default_rng(3)
    who = rng.integers(0, 6, 3000)
    seconds = np.where(who < 3, 300, 900) * rng.lognormal(0, 0.5, 3000)
    work = pd.DataFrame({"tier": "t", "category": "c", "seconds": seconds})
    work["agent"] = [f"a{k}" for k in who]
    work["team"] = np.where(who < 3, "first", "second")
    speeds = learn_speeds(work).by_agent
    assert max(abs(np.log(s.value)) for s in speeds.values()) < 0.08


def desk(n: int = 12000, seed: int = 4) -> ContactLog:
    """Two teams; slow ann is careful, fast zoe is not; bo takes twice what others take."""
    rng = np.random.default_rng(seed)
    names = np.array(["ann", "bo", "cy", "di", "ed", "zoe", "lu", "mo"])
    agent = rng.choice(8, n, p=np.array([2, 4, 2, 2, 2, 2, 1, 1]) / 16)
    tried = np.isin(agent, [6, 7])
    team = np.where(tried, "second", "first")
    helps = (agent == 6) & (rng.random(n) < 0.2)
    team = np.where(helps, "first", team)
    speed = np.array([0.8, 1, 1, 1, 1, 1.25, 1, 1])[agent]
    seconds = 600 / speed * rng.lognormal(-0.18, 0.6, n)
    quality = np.array([0.5, 0, 0, 0, 0, -0.5, 0, 0])[agent]
    odds = 0.12 / 0.88 * np.exp(-quality)
    day, hour = rng.integers(0, 60, n), rng.uniform(9, 17, n)
    opened = day * DAY + hour * 3600
    frame = pd.DataFrame(
        {
            "ticket_id": [f"t{i}" for i in range(n)],
            "category": rng.choice(["app", "bill"], n),
            "opened_s": opened,
            "first_response_s": opened + 30,
            "resolved_s": opened + 30 + seconds,
            "handle_s": seconds,
            "agent": names[agent],
            "team": team,
            "reopens": (rng.random(n) < odds / (1 + odds)).astype(float),
        }
    )
    return make_log(frame, observed_until=90 * DAY)


@pytest.fixture(scope="module")
def agents() -> dict[str, Agent]:
    return learn(desk()).agents_


def test_speed_and_quality_of_known_agents(agents: dict[str, Agent]):
    assert agents["ann"].speed.value == pytest.approx(0.8, abs=0.06)
    assert agents["zoe"].speed.value == pytest.approx(1.25, abs=0.08)
    assert agents["ann"].quality.interval[0] > 0
    assert agents["zoe"].quality.interval[1] < 0
    assert agents["zoe"].quality.value == pytest.approx(-0.5, abs=0.2)


def test_who_takes_twice_as_much_is_twice_as_ready(agents: dict[str, Agent]):
    others = np.mean([agents[name].take.value for name in ("cy", "di", "ed")])
    assert agents["bo"].take.value / others == pytest.approx(2, rel=0.15)
    assert agents["bo"].take.grade == "proxy"


def test_teams_and_whom_they_help(agents: dict[str, Agent]):
    assert (agents["lu"].team, agents["lu"].serves) == ("second", ("first",))
    assert (agents["mo"].team, agents["mo"].serves) == ("second", ())
    assert (agents["ann"].team, agents["ann"].serves) == ("first", ())


def test_a_roster_makes_readiness_measured():
    log = desk()
    spells = [
        {"agent": name, "team": "first", "start_s": d * DAY + 32400, "end_s": d * DAY + 64800}
        for d in range(60)
        for name in log.frame["agent"].unique()
    ]
    known = make_log(
        log.frame.drop(columns="outcome"), observed_until=90 * DAY, staffed=pd.DataFrame(spells)
    )
    take = learn(known).agents_["bo"].take
    assert take.grade == "measured"
    assert take.value > 1.5


def test_agents_with_hardly_any_contact_are_pooled_and_named_in_a_note():
    log = desk(3000)
    log.frame.loc[:3, "agent"] = "guest"
    fitted = learn(log)
    assert "guest" not in fitted.agents_
    assert fitted.pooled_ == {"guest": 4}
    assert "1, with 4 contacts" in fitted.notes_[0]


def test_no_agents_in_the_log_means_none_in_the_model():
    log = desk(500)
    log.frame["agent"] = pd.Series([None] * 500, dtype="str")
    fitted = learn(log)
    assert fitted.agents_ == {}
    assert "no agents" in fitted.notes_[0]


def test_where_nobody_comes_back_quality_is_the_same_for_all():
    log = desk(3000)
    log.frame["reopens"] = np.nan
    quality = learn(log).agents_["ann"].quality
    assert (quality.value, quality.grade) == (0.0, "assumed")


def test_without_working_times_speeds_are_unknown_not_equal():
    log = desk(120)
    log.frame["handle_s"] = np.nan
    speed = learn(log).agents_["bo"].speed
    assert (speed.value, speed.grade) == (1.0, "assumed")
    assert speed.interval[0] < 0.9 < 1.1 < speed.interval[1]
