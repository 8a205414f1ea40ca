from datetime import date

import pytest

from svcsim.model.quantity import Time
from svcsim.study.backtest import with_slowdown
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
