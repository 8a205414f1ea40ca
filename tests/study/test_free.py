import numpy as np
import pytest

from svcsim.samples.history import truth
from svcsim.study.free import with_free, with_off_peak, with_repeats


def hours(model):
    """Rostered minutes in working hours, and off peak, of all roster days."""
    peak = off = 0
    for day in model.staffing.days:
        for _, windows in model.staffing.duty(day):
            for start, end in windows:
                inside = max(min(end, 1080) - max(start, 480), 0)
                inside = 0 if day.weekday in ("sat", "sun") else inside
                peak, off = peak + inside, off + end - start - inside
    return np.array([peak, off])


@pytest.mark.parametrize("ratio", [0.7, 0.9, 1.0, 1.3])
def test_off_peak_hours_change_against_those_of_the_day_and_hours_are_only_cut(ratio):
    model = truth()
    share = hours(with_off_peak(model, ratio)) / hours(model)
    assert share[1] / share[0] == pytest.approx(ratio, rel=0.01)
    assert share.max() == pytest.approx(1.0, abs=1e-9)


def test_chances_of_repeats_are_scaled_and_their_intervals_widened():
    model = truth()
    before, after = (m.categories["repair"].repeat for m in (model, with_repeats(model, 1.5, 0.1)))
    assert after.value == pytest.approx(1.5 * before.value)
    half = 1.645 * 0.1 * after.value
    assert after.interval == pytest.approx((after.value - half, after.value + half), rel=1e-3)


def test_zero_on_the_log_scale_leaves_a_model_as_it_is():
    model = truth()
    same = with_free(model, {"off_peak": 0.0, "repeat": 0.0})
    assert same == model
