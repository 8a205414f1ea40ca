from dataclasses import replace
from datetime import date

import pytest

from svcsim.contacts.log import make_log
from svcsim.engine.demand import midnight
from svcsim.errors import InputError
from svcsim.study.learn import hold_out


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
