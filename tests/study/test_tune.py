from datetime import date

import numpy as np
import pytest

from small_desks import category, desk
from svcsim.calendar.days import WEEKDAYS
from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import simulate
from svcsim.model.quantity import Time
from svcsim.study.backtest import with_slowdown
from svcsim.study.free import with_off_peak
from svcsim.study.tune import tune_slowdown


@pytest.mark.parametrize("wrong", [0.8, 1.4])
def test_the_busy_time_factor_is_found_from_any_start(small_baseline, true_log, wrong):
    """The truth is 1.12; the start does not matter and the interval covers it."""
    model = with_slowdown(small_baseline.model, wrong)
    tuned = tune_slowdown(model, true_log, date(2025, 3, 31), date(2025, 4, 21), workers=1)
    factor = tuned.model.staffing.slowdown
    assert tuned.identified
    assert factor.interval[0] <= 1.12 <= factor.interval[1]
    assert abs(tuned.factor / 1.12 - 1) < 0.08


def test_a_desk_with_time_to_spare_tells_that_the_factor_is_not_identified(
    small_baseline, true_log
):
    """Fifty more agents: waits no longer depend on the busy time, so it stays at 1."""
    model = small_baseline.model
    more = model.staffing.model_copy(update={"extra": dict.fromkeys(model.teams, 50)})
    idle = model.model_copy(update={"staffing": more})
    tuned = tune_slowdown(idle, true_log, date(2025, 4, 7), date(2025, 4, 21), workers=1)
    assert not tuned.identified
    assert tuned.note


def test_slow_handling_of_the_span_is_not_taken_for_busy_time(small_baseline, true_log):
    """A model whose handling times are 15 % short still finds the factor, not 15 % more."""
    model = small_baseline.model
    short = {
        name: category.model_copy(
            update={
                "handling": category.handling.model_copy(
                    update={"mean": Time(value=0.85 * category.handling.mean.value)}
                )
            }
        )
        for name, category in model.categories.items()
    }
    wrong = model.model_copy(update={"categories": short})
    tuned = tune_slowdown(wrong, true_log, date(2025, 3, 31), date(2025, 4, 21), workers=1)
    assert abs(tuned.factor / 1.12 - 1) < 0.08
    assert tuned.model.categories == short


def test_what_the_planner_has_given_is_not_tuned(small_baseline, true_log):
    model = with_slowdown(small_baseline.model, 1.2)
    staffing = model.staffing
    given = staffing.slowdown.model_copy(update={"grade": "given"})
    model = model.model_copy(update={"staffing": staffing.model_copy(update={"slowdown": given})})
    tuned = tune_slowdown(model, true_log, date(2025, 4, 7), date(2025, 4, 21), workers=1)
    assert tuned.model == model
    assert tuned.carry(model) == model
    (factor,) = tuned.tuning.factors
    assert not factor.tuned
    assert tuned.tuning.df > 0


def test_the_account_holds_moments_the_test_of_the_fit_and_what_can_be_told_apart(
    small_baseline, true_log
):
    tuned = tune_slowdown(
        small_baseline.model, true_log, date(2025, 3, 31), date(2025, 4, 21), workers=1
    )
    told = tuned.tuning
    assert {"frt.day", "frt.evening", "mean_wait", "backlog"} <= {m.name for m in told.moments}
    assert told.p > 0.01
    assert len(told.moments) > told.df > 2
    assert told.singular == tuple(sorted(told.singular, reverse=True))
    frozen = {name for ridge in told.ridges for name in ridge.frozen}
    assert "slowdown" not in frozen
    again = type(told).model_validate(told.model_dump(mode="json"))
    assert again.moments == told.moments


def two_shifts():
    """Fourteen agents on two shifts and at weekends; calls and tickets until late."""
    people = [f"agent {i:02d}" for i in range(14)]
    week = {"early": people[:8], "late": people[8:]}
    weekend = {"early": people[:4], "late": people[8:11]}
    hours = (0.1,) * 5 + (0.2, 0.5, 1, 3, 5, 6, 5.5, 4, 4, 5, 5.5, 5, 4, 3, 3, 2.5, 2, 1, 0.3)
    profile = {
        day: tuple(x * (0.5 if day in ("sat", "sun") else 1.0) for x in hours) for day in WEEKDAYS
    }
    return desk(
        agents={name: {"team": "team"} for name in people},
        staffing={
            "shifts": {"early": (("08:00", "16:30"),), "late": (("13:00", "21:30"),)},
            "days": [
                {"weekday": day, "on": weekend if day in ("sat", "sun") else week}
                for day in WEEKDAYS
            ],
        },
        arrivals={"level": 1190.0, "profile": profile},
        channels={
            "web": {"mode": "ticket"},
            "phone": {"mode": "live", "patience": {"hazard": (6.0,), "balk": 0.03}},
        },
        categories={
            "all": category(
                channels={"web": 0.7, "phone": 0.3}, handling={"mean": 1000.0, "cv": 1.0}
            )
        },
    )


def test_hours_that_nobody_works_in_the_evening_are_found_beside_the_factor():
    """A quarter of the off-peak hours of the roster is not worked; the factor is 1."""
    model = two_shifts()
    log = simulate(
        with_off_peak(model, 0.75), Horizon(date(2025, 3, 3), 28, 0), seed=4, replication=1,
        redraw_parameters=False,
    )  # fmt: skip
    tuned = tune_slowdown(
        model, log, date(2025, 3, 10), date(2025, 3, 31), workers=1, replications=4, examine=False
    )
    factors = {factor.name: factor for factor in tuned.tuning.factors}
    assert factors["off_peak"].low < 0.75 < factors["off_peak"].high < 1
    assert factors["slowdown"].low < 1.0 < factors["slowdown"].high
    carried = tuned.carry(model).staffing.hours_per_week()
    assert sum(carried.values()) < 0.97 * sum(model.staffing.hours_per_week().values())


def test_tickets_and_calls_in_one_line_are_not_mended_by_a_factor(small_baseline, true_log):
    """The history serves tickets before calls that came later; the model serves calls first."""
    model = small_baseline.model
    routing = model.routing.model_copy(update={"live_first": False})
    log = simulate(
        model.model_copy(update={"routing": routing}), Horizon(date(2025, 3, 17), 42, 0),
        seed=4, replication=1, redraw_parameters=False,
    )  # fmt: skip
    tuned = tune_slowdown(
        model, log, date(2025, 3, 31), date(2025, 4, 28), workers=1, replications=4, examine=False
    )
    assert tuned.tuning.p < 0.01
    assert tuned.tuning.misses
    assert "structure is wrong" in tuned.note.en
    assert "模型结构" in tuned.note.zh


def test_the_factor_is_recovered_without_bias_and_its_errors_are_of_the_right_size():
    """Five histories of two weeks of a desk of eleven with a factor of 1.1."""
    model = desk(per_hour=8.0, servers=11, mode="ticket")
    off = []
    for seed in range(5):
        log = simulate(
            with_slowdown(model, 1.1), Horizon(date(2025, 3, 3), 21, 0), seed=50 + seed,
            replication=1, redraw_parameters=False,
        )  # fmt: skip
        tuned = tune_slowdown(
            model, log, date(2025, 3, 10), date(2025, 3, 24), workers=1, replications=4,
            examine=False,
        )  # fmt: skip
        low, high = tuned.model.staffing.slowdown.interval
        error = np.log(high / low) / 2 / 1.645
        off.append(float(np.log(tuned.factor / 1.1) / error))
    assert max(np.abs(off)) < 3.0
    assert abs(np.mean(off)) < 2.2 / np.sqrt(5)
