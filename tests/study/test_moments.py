from datetime import date

import numpy as np
import pytest

from small_desks import MONDAY, category, desk
from svcsim.calendar.days import midnight
from svcsim.contacts.log import make_log
from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import simulate
from svcsim.study.daily_sums import DailySums
from svcsim.study.moments import Moments, label_of, long_run

START = float(midnight(date(2025, 3, 7), "UTC"))
"""A Friday."""
DAY = 86400.0


def ticket(number, hours, answered=None, resolved=None, contact=1, **more):
    """A ticket opened so many hours into the window; answers and ends in hours after that."""
    opened = START + 3600 * hours
    return {
        "ticket_id": str(number), "case_id": str(number), "contact_no": contact, "channel": "web",
        "opened_s": opened,
        "first_response_s": np.nan if answered is None else opened + 3600 * answered,
        "resolved_s": np.nan if resolved is None else opened + 3600 * resolved,
        "outcome": "open" if resolved is None else "resolved",
    } | more  # fmt: skip


def sums_of(rows, days=2):
    log = make_log(rows, timezone="UTC")
    edges = tuple(START + DAY * i for i in range(days + 1))
    return DailySums(log, ("phone",), edges, tuple((4 + i) % 7 for i in range(days)), (1.0,) * days)


def test_tickets_belong_to_the_day_and_the_part_of_the_week_of_their_opening():
    """Friday 10:00 answered after 1 h, Friday 20:00 after 2 h, Saturday noon after 3 h."""
    seen = sums_of([ticket(1, 10, 1), ticket(2, 20, 2), ticket(3, 36, 3)])
    for part, day, hours in (("day", 0, 1), ("evening", 0, 2), ("weekend", 1, 3)):
        sums = seen.sums(f"frt.{part}")
        assert sums[day] == pytest.approx(np.log1p(3600 * hours))
        assert sums[1 - day] == 0
        assert seen.counts(f"frt.{part}").tolist() == [1 - day, day]
    assert seen.sums("in_time.1").tolist() == [1, 0]
    assert seen.sums("in_time.4").tolist() == [2, 1]


def test_backlog_counts_what_is_open_at_midnight_and_resolved_what_ends_in_a_day():
    """One from before the window and one of Friday are solved on Saturday; one is not at all."""
    rows = [ticket(1, -5, 1, 52), ticket(2, 10, 1, 20), ticket(3, 30)]
    seen = sums_of(rows)
    assert np.expm1(seen.sums("backlog")) == pytest.approx([2, 1])
    assert seen.sums("resolved").tolist() == [0, 2]


def test_callers_who_leave_wait_too_and_are_not_answered_quickly():
    call = {"channel": "phone", "first_response_s": np.nan}
    rows = [
        ticket(1, 10, None, 1, **call, wait_s=10.0),
        ticket(2, 11, None, None, **call, wait_s=5.0, abandoned_s=START + 11 * 3600 + 5)
        | {"outcome": "abandoned"},
        ticket(3, 12, None, 1, **call, wait_s=45.0),
    ]
    seen = sums_of(rows)
    assert seen.sums("mean_wait")[0] == 60
    assert seen.sums("level")[0] == 1
    assert seen.sums("abandon")[0] == 1
    assert seen.counts("mean_wait").tolist() == [3, 0]


def test_repeats_are_counted_against_the_resolved_and_not_as_new_volume():
    rows = [ticket(1, 9, 1, 2), ticket(2, 20, 1, 2, contact=2, case_id="1"), ticket(3, 10)]
    seen = sums_of(rows)
    assert seen.sums("repeat").tolist() == [1, 0]
    assert seen.counts("repeat").tolist() == [2, 0]
    assert seen.sums("spread").tolist() == [(2 - 1.0) ** 2, (0 - 1.0) ** 2]


@pytest.fixture(scope="module")
def observed():
    model = desk(per_hour=10, servers=13, mode="ticket", categories={"all": category(repeat=0.1)})
    log = simulate(model, Horizon(MONDAY, 14, 0), seed=3, replication=1, redraw_parameters=False)
    return model, log


def test_a_ticket_desk_has_no_moments_of_calls(observed):
    model, log = observed
    names = Moments.of(log, model).names
    assert {"frt.day", "frt.evening", "frt.weekend", "resolved", "repeat"} <= set(names)
    assert not [n for n in names if n.startswith(("wait", "mean_wait", "level", "abandon"))]
    assert sum("in_time" in name for name in names) == 1


def test_influences_add_up_to_the_change_of_a_moment(observed):
    """To first order, for a small change of every day: the delta method."""
    model, log = observed
    moments = Moments.of(log, model)
    mean = moments(log)
    rng = np.random.default_rng(5)
    near = mean * (1 + 1e-4 * rng.standard_normal(mean.shape))
    change = moments.value(near) - moments.value(mean)
    assert moments.influence(near, mean).sum(axis=1) == pytest.approx(change, rel=1e-3, abs=1e-9)


def test_long_run_variance_of_independent_days_is_their_number_times_the_variance():
    x = np.random.default_rng(1).standard_normal((2, 50))
    assert long_run(x, 0) == pytest.approx(50 * np.cov(x))


def test_long_run_variance_sees_days_that_stay_alike():
    """AR(1) with correlation 0.6: the variance of a sum is about (1 + .6) / (1 - .6) = 4 fold."""
    rng, number = np.random.default_rng(2), 4000
    x = np.zeros(number)
    for day in range(1, number):
        x[day] = 0.6 * x[day - 1] + rng.standard_normal()
    ratio = long_run(x[None, :], 30)[0, 0] / long_run(x[None, :], 0)[0, 0]
    assert ratio == pytest.approx(4.0, rel=0.15)


@pytest.mark.parametrize("name", ["frt.day", "wait.weekend", "in_time.4", "backlog", "repeat"])
def test_every_moment_has_words_in_both_languages(name):
    text = label_of(name)
    assert text.en
    assert text.zh
    assert "{" not in text.en + text.zh
