from dataclasses import replace
from datetime import date

import pytest

from svcsim.calendar.days import midnight
from svcsim.contacts.log import make_log
from svcsim.errors import InputError
from svcsim.model.staffing import RosterDay, Staffing
from svcsim.study.learn import hold_out
from svcsim.study.pace import with_hours


def log_of(days: int):
    start = midnight(date(2025, 3, 3), "Asia/Shanghai")
    rows = [{"ticket_id": "1", "opened_s": start + 10}]
    log = make_log(rows, timezone="Asia/Shanghai")
    return replace(log, start=float(start), end=float(start + days * 86400))


@pytest.mark.parametrize(
    ("days", "held"), [(301, 28), (112, 28), (56, 14), (30, 7), (21, 7), (20, 6), (16, 2), (8, 2)]
)
def test_about_a_quarter_is_held_out_and_at_most_four_weeks(days, held):
    first, split, last = hold_out(log_of(days))
    assert (last - first).days == days
    assert (last - split).days == held


def test_more_than_half_cannot_be_held_out():
    with pytest.raises(InputError, match="cannot spare 15 held-out days"):
        hold_out(log_of(20), 15)


def test_the_hours_of_another_fit_are_taken_for_the_agents_that_are_known(small_baseline):
    model = small_baseline.model
    name = next(iter(model.agents))
    day = RosterDay(
        weekday="mon", label="2025-03-03", worked={name: "08:00-10:00", "new": "09:00-17:00"}
    )
    again = with_hours(model, Staffing(days=(day,)))
    assert again.staffing.days[0].worked == {name: "08:00-10:00"}
    assert again.staffing.shifts == {}
    assert again.staffing.slowdown == model.staffing.slowdown
