"""Incidents are set aside, told by category, and come back as scenarios that can be run."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from svcsim.calibration.arrivals import ArrivalsEstimator
from svcsim.contacts.log import ContactLog, make_log
from svcsim.model.incident import Incident
from svcsim.scenario.scenario import Scenario

ZONE = "Asia/Shanghai"
MONDAY = pd.Timestamp("2024-01-01", tz=ZONE).timestamp()
DAY, WEEKS = 86400.0, 8


def log_with(extra: np.ndarray, category: str = "login", gone: tuple[float, float] = (0, 0)):
    """200 cases a day from 9 to 17 in two categories, some more in one, none in a span."""
    rng = np.random.default_rng(3)
    times = np.concatenate(
        [MONDAY + DAY * i + 3600 * rng.uniform(9, 17, rng.poisson(200)) for i in range(7 * WEEKS)]
    )
    names = np.where(rng.random(len(times)) < 0.5, "login", "billing")
    kept = ~((times >= gone[0]) & (times < gone[1]))
    opened = np.concatenate([times[kept], extra])
    names = np.concatenate([names[kept], np.full(len(extra), category)])
    order = np.argsort(opened, kind="stable")
    rows = pd.DataFrame(
        {
            "ticket_id": [f"t{i}" for i in range(len(opened))],
            "opened_s": np.floor(opened[order]),
            "category": names[order],
        }
    )
    return make_log(rows, start=MONDAY, end=MONDAY + 7 * WEEKS * DAY, timezone=ZONE)


def spike(count: int = 150, over: float = 1800.0) -> ContactLog:
    """An outage on Wednesday 17 January 2024 at 10:15."""
    rng = np.random.default_rng(4)
    return log_with(MONDAY + 16 * DAY + 10.25 * 3600 + rng.exponential(over, count))


def test_an_outage_is_told_by_hours_category_and_size():
    fitted = ArrivalsEstimator().fit(spike())
    (found,) = fitted.incidents_
    assert (found.day, found.from_hour) == ("2024-01-17", 10)
    assert set(found.categories) == {"login"}
    assert found.extra == pytest.approx(150, abs=35)
    assert found.categories["login"] == pytest.approx(found.extra, abs=0.11)
    assert found.begins == "10:15"
    assert found.over is not None
    assert found.over.value == pytest.approx(1800, rel=0.35)
    assert found.z > 5


def test_an_outage_does_not_move_level_profile_or_spread():
    plain = ArrivalsEstimator().fit(log_with(np.zeros(0))).arrivals_
    struck = ArrivalsEstimator().fit(spike()).arrivals_
    assert struck.level.value == pytest.approx(plain.level.value, rel=0.01)
    assert struck.profile["wed"] == pytest.approx(plain.profile["wed"], abs=0.002)
    assert struck.day_cv.value == pytest.approx(plain.day_cv.value, abs=0.02)


def test_hours_without_contacts_are_an_incident_with_missing_ones():
    begin = MONDAY + 23 * DAY + 11 * 3600
    (found,) = ArrivalsEstimator().fit(log_with(np.zeros(0), gone=(begin, begin + 7200))).incidents_
    assert (found.day, found.from_hour, found.until_hour) == ("2024-01-24", 11, 13)
    assert found.n == 0
    assert found.extra == pytest.approx(-50, abs=10)
    assert set(found.categories) == {"login", "billing"}
    assert found.over is None


def test_the_scenario_of_an_outage_is_a_burst_at_its_time():
    (found,) = ArrivalsEstimator().fit(spike()).incidents_
    data = found.scenario("desk.yaml")
    scenario = Scenario.from_data(data, "incident.yaml")
    (change,) = scenario.changes
    assert change.path == "bursts.incident-1"
    assert data["changes"]["bursts.incident-1"]["add"]["at"] == "2024-01-17 10:15"
    assert data["changes"]["bursts.incident-1"]["add"]["category"] == "login"
    assert scenario.run.start == "2024-01-15"
    assert date.fromisoformat(scenario.run.start).weekday() == 0


def test_a_huge_incident_is_split_and_a_loss_is_a_campaign():
    fields = {"day": "2024-01-17", "from_hour": 9, "until_hour": 12, "expected": 100.0, "z": 9.0}
    huge = Incident(n=16100, categories={"login": 16000.0}, over="30min", **fields)
    adds = [change["add"] for change in huge.scenario("b.yaml")["changes"].values()]
    assert len(adds) == 3
    assert sum(add["size"] for add in adds) == pytest.approx(16000, abs=1)
    loss = Incident(n=20, of_day=400.0, categories={"login": -80.0}, **fields)
    (add,) = (change["add"] for change in loss.scenario("b.yaml")["changes"].values())
    assert (add["from"], add["until"], add["times"]) == ("2024-01-17", "2024-01-18", 0.8)


def test_told_in_both_languages():
    one = Incident(
        day="2024-01-17", from_hour=9, until_hour=12, n=150, expected=50.0, z=9.0,
        categories={"login": 100.0}, over="30min",
    )  # fmt: skip
    assert str(one.told()) == (
        "2024-01-17 09:00-12:00: 100 more new cases than usual (150 instead of 50)"
    )
    assert "多 100 个" in one.told().zh
