"""Known ridges on desks built to have them."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from small_desks import MONDAY, category, desk
from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import simulate
from svcsim.study.backtest import Span
from svcsim.study.fit_moments import Replays
from svcsim.study.identify import Jacobian, jacobian, ridges
from svcsim.study.knobs import KNOBS, false_links
from svcsim.study.moments import Moments

KNOB = {knob.name: knob for knob in KNOBS}


def told(model, knobs, *, beside=(), kinds=None, days=14):
    """Ridges, and what stays free, of the moments of a simulated history of a desk."""
    log = simulate(model, Horizon(MONDAY, days, 0), seed=3, replication=1, redraw_parameters=False)
    span = Span.of(log, model, MONDAY, MONDAY + timedelta(days=days))
    moments = Moments.of(span.observed, model, beside)
    if kinds is not None:
        kept = tuple(name for name in moments.names if name.partition(".")[0] in kinds)
        moments = replace(moments, names=kept)
    replays = Replays(model, span, moments, 4, 5, workers=1)
    return ridges(jacobian(model, replays, knobs))


@pytest.fixture(scope="module")
def calls():
    off = {"presence": 0.9, "off_share": 0.5, "off_time": {"law": "exponential", "mean": 1800.0}}
    return desk(per_hour=20, servers=30, patience={"hazard": (6.0,), "balk": 0.3}, staffing=off)


def test_waits_show_only_speed_times_headcount_times_non_ticket_time(calls):
    names = ("slowdown", "handling", "headcount", "off_time")
    found, free = told(calls, [KNOB[name] for name in names])
    assert free == ("slowdown",)
    assert {name for ridge in found for name in ridge.frozen} == set(names[1:])
    product = found[0]
    assert product.frozen == ("handling",)
    assert product.direction["slowdown"] * product.direction["handling"] < 0
    assert "only their product shows" in product.what.en
    assert "两者之积" in product.what.zh


def test_recorded_handling_times_tell_work_from_busy_time(calls):
    _, free = told(calls, [KNOB["slowdown"], KNOB["handling"]], beside=("handling",))
    assert free == ("slowdown", "handling")


def test_patience_and_balking_are_a_ridge_where_only_abandonment_is_looked_at(calls):
    found, free = told(calls, [KNOB["patience"], KNOB["balk"]], kinds=("abandon",))
    assert len(free) < 2
    assert found[0].error is None


def test_the_repeat_rate_alone_shows_repeats_times_false_links():
    model = desk(per_hour=10, servers=12, mode="ticket", categories={"all": category(repeat=0.12)})
    knobs = [KNOB["repeat"], false_links(0.5)]
    found, free = told(model, knobs, kinds=("repeat",))
    assert free == ("repeat",)
    assert found[0].frozen == ("false_links",)
    assert "only their product shows" in found[0].what.en


def test_parameters_that_move_different_moments_are_all_free():
    matrix = np.array([[30.0, 1.0], [2.0, 25.0], [1.0, 1.0]])
    found, free = ridges(Jacobian((KNOB["slowdown"], KNOB["repeat"]), matrix, np.zeros(2)))
    assert found == ()
    assert free == ("slowdown", "repeat")


def test_a_parameter_that_moves_nothing_is_called_invisible_and_frozen():
    matrix = np.array([[30.0, 0.5], [2.0, 0.1]])
    (ridge,), free = ridges(Jacobian((KNOB["slowdown"], KNOB["balk"]), matrix, np.zeros(2)))
    assert ridge.frozen == ("balk",)
    assert "hardly show it" in ridge.what.en
    assert free == ("slowdown",)


def test_parameters_that_pull_the_same_way_show_as_a_product_and_opposite_ones_as_a_ratio():
    column = np.array([20.0, -15.0, 8.0])
    knobs = (KNOB["slowdown"], KNOB["headcount"])
    same = Jacobian(knobs, np.column_stack([column, column * 1.1]), np.zeros(2))
    other = Jacobian(knobs, np.column_stack([column, -column]), np.zeros(2))
    assert "product" in ridges(same)[0][0].what.en
    assert "ratio" in ridges(other)[0][0].what.en


def test_a_small_singular_value_within_the_noise_of_the_differences_is_a_ridge():
    matrix = np.array([[200.0, 196.0], [100.0, 116.0]])
    knobs = (KNOB["slowdown"], KNOB["headcount"])
    assert ridges(Jacobian(knobs, matrix, np.zeros(2)))[1] == ("slowdown", "headcount")
    assert ridges(Jacobian(knobs, matrix, np.full(2, 8.0)))[1] == ("slowdown",)
