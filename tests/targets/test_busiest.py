"""The busiest hour for calls, worked by hand and against a desk that does nothing but calls."""

import numpy as np
import pytest

from small_desks import category, desk
from svcsim.calendar.days import WEEKDAYS
from svcsim.stats.queueing import erlang_c, mean_wait
from svcsim.targets.busiest import agents_on_duty, busiest_hour

PEAK = tuple(3.0 if hour == 10 else 1.0 for hour in range(24))


def calls(**changes):
    """24 h x 7 days, one hour of the day three times as busy; a call takes 6 minutes."""
    six = {"law": "exponential", "mean": 360.0}
    return desk(
        servers=6,
        arrivals={"level": 1680.0, "profile": dict.fromkeys(WEEKDAYS, PEAK)},
        categories={"all": category(handling=six, **changes)},
    )


def test_the_busiest_hour_is_load_agents_and_erlang_c() -> None:
    # 1680 calls a week in 7 x 26 parts, three of them at 10: 27.7 an hour, 2.77 erlangs
    found = busiest_hour(calls())
    rate = 1680 * 3 / (7 * 26)
    assert (found["weekday"], found["hour"], found["team"]) == ("mon", 10, "team")
    assert found["calls"] == pytest.approx(rate, abs=0.01)
    assert found["load"] == pytest.approx(rate / 10, abs=0.001)
    assert found["agents"] == 6
    assert found["p_wait"] == pytest.approx(erlang_c(6, rate / 10), abs=1e-4)
    assert found["wait_s"] == pytest.approx(3600 * mean_wait(rate, 10.0, 6), abs=0.1)
    assert _within(rate, found["needed"] - 1) < 0.8 <= _within(rate, found["needed"])


def _within(rate: float, agents: int) -> float:
    spare = agents * 10.0 - rate
    return 1 - erlang_c(agents, rate / 10) * float(np.exp(-spare * 20 / 3600))


def test_repeats_and_the_busy_factor_count_and_tickets_do_not() -> None:
    twice = busiest_hour(calls(repeat=0.5))
    assert twice["load"] == pytest.approx(2 * busiest_hour(calls())["load"], rel=1e-3)
    assert busiest_hour(desk(mode="ticket")) is None


def test_more_calls_than_agents_have_no_wait_to_tell() -> None:
    found = busiest_hour(calls(repeat=0.6))
    assert found["load"] > found["agents"]
    assert found["p_wait"] is None
    assert found["wait_s"] is None


def test_agents_on_duty_are_means_over_roster_days_and_parts_of_an_hour() -> None:
    model = desk(
        agents={"a": {"team": "team"}, "b": {"team": "team"}},
        staffing={
            "shifts": {"early": (("08:00", "12:30"),), "late": (("12:00", "18:00"),)},
            "days": [
                {"weekday": "mon", "on": {"early": ["a", "b"]}},
                {"weekday": "mon", "on": {"early": ["a"], "late": ["b"]}},
            ],
            "presence": 0.8,
        },
    )
    assert agents_on_duty(model, "team", "mon", 9) == pytest.approx(0.8 * 1.5)
    assert agents_on_duty(model, "team", "mon", 12) == pytest.approx(0.8 * (0.5 * 3 + 1) / 2)
    assert agents_on_duty(model, "team", "tue", 9) == 0
