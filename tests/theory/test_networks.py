"""The benchmark of theory in short: returning contacts, teams, chats, waves and office hours."""

import pytest

from known import networks, time_varying
from known.formulas import busy_of_hours, general_patience, transient_erlang_c, wait_by_hour
from known.measure import Effort
from known_answers import holds
from svcsim.stats import queueing


@pytest.mark.parametrize(
    ("check", "size", "number"),
    [
        (networks.feedback, 0.08, 27),
        (networks.redial, 0.15, 10),
        (networks.pooling, 0.06, 27),
        (networks.chats, 0.08, 8),
        (time_varying.infinite_servers, 0.04, 40),
        (time_varying.offered_load, 0.2, 16),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_desk_follows_its_formula(check, size, number):
    holds(check(Effort(size)), number)


def test_tickets_of_the_night_wait_as_the_fluid_does():
    holds(time_varying.office_hours(Effort(0.1)), 6)


@pytest.mark.parametrize("engine", ["compiled", "simpy"])
def test_tickets_handed_back_at_night_equal_a_recursion_in_staffed_time(engine):
    holds(time_varying.trace_of_office_hours(Effort(0.1, engine)), 2)


def test_chats_on_the_other_clock():
    holds(networks.chats(Effort(0.02, "simpy")), 8)


def test_general_patience_is_erlang_a_when_it_is_exponential():
    truth = queueing.erlang_a(12.0, 1.0, 10, 0.5, within=0.1, balk=0.1)
    grid = general_patience(12.0, 1.0, 10, (0.0, 0.3), (0.5, 0.5), balk=0.1, within=0.1)
    for name in ("p_wait", "p_abandon", "mean_wait", "served_within", "mean_wait_served"):
        assert getattr(grid, name) == pytest.approx(getattr(truth, name), rel=2e-6)
    assert grid.levels()[1] == pytest.approx(truth.service_level, rel=2e-6)


def test_the_equations_of_the_hour_are_erlang_c_when_all_hours_are_alike():
    mean, full = wait_by_hour([8.0] * 24, 1.0, 10)
    assert mean[23] == pytest.approx(queueing.erlang_c(10, 8.0), abs=1e-6)
    assert full[23] == pytest.approx(mean[23], abs=1e-6)
    assert busy_of_hours([8.0] * 24, lambda u: float(u < 2.0), 5.5, 2.0) == pytest.approx(16.0)


def test_the_transient_from_empty_comes_to_erlang_c():
    level, wait, busy = transient_erlang_c(8.0, 1.0, 10, 400.0, 0.25)
    assert level == pytest.approx(1 - queueing.wait_beyond(8.0, 1.0, 10, 0.25), abs=0.01)
    assert wait == pytest.approx(queueing.mean_wait(8.0, 1.0, 10), rel=0.05)
    assert busy == pytest.approx(0.8 * (1 - 1 / 400), abs=1e-3)  # it fills up as M/M/inf does
