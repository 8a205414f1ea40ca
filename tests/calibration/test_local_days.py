"""Cuts into local days and weeks: by the clock of the desk, summer time included."""

import numpy as np
import pandas as pd
import pytest

from svcsim.calibration.estimator import local_days, local_weeks
from svcsim.contacts.log import make_log

ZONE = "Europe/Berlin"


def at(text: str) -> float:
    return pd.Timestamp(text, tz=ZONE).timestamp()


def test_a_day_begins_at_the_local_midnight_also_when_the_clock_changes():
    stamps = np.array([at("2025-03-29 23:59"), at("2025-03-30 00:00"), at("2025-03-30 23:59")])
    days = [day.date().isoformat() for day in local_days(stamps, ZONE)]
    assert days == ["2025-03-29", "2025-03-30", "2025-03-30"]


@pytest.mark.parametrize(
    ("start", "first"), [("2025-03-26 00:00", "2025-03-26"), ("2025-03-25 07:00", "2025-03-26")]
)
def test_weeks_are_seven_local_days_from_the_first_whole_day(start, first):
    rows = [{"ticket_id": "1", "opened_s": at("2025-03-27 12:00")}]
    log = make_log(rows, timezone=ZONE, start=at(start), end=at("2025-05-01"))
    # the clock goes forward on 30 March: seven days are 167 hours here
    stamps = ["2025-03-25 23:59", "2025-03-26 00:00", "2025-04-01 23:59", "2025-04-02 00:00"]
    week, begins = local_weeks(np.array([at(text) for text in stamps]), log)
    assert week.tolist() == [-1, 0, 0, 1]
    assert begins.date().isoformat() == first
