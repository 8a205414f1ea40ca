"""The first simulated day: the Monday on or after the end of what is known."""

from datetime import date

import pandas as pd
import pytest

from small_desks import desk
from svcsim.contacts.log import make_log
from svcsim.model.baseline import Baseline, Source
from svcsim.study.opening import first_day


def baseline(end: str) -> Baseline:
    source = Source(log="x", rows=0, start="2025-01-06", end=end)
    return Baseline(svcsim="0", name="b", source=source, model=desk())


@pytest.mark.parametrize(
    ("end", "first"),
    [
        ("2025-03-03", date(2025, 3, 3)),  # a Monday
        ("2025-03-04", date(2025, 3, 10)),
        ("2025-03-09 12:00", date(2025, 3, 10)),
    ],
)
def test_a_baseline_alone_goes_on_where_it_was_fitted_until(end, first):
    assert first_day(baseline(end), None) == first


@pytest.mark.parametrize(
    ("end", "first"),
    [
        ("2025-03-03 00:00", date(2025, 3, 3)),  # ends with the Sunday before
        ("2025-03-03 00:01", date(2025, 3, 10)),
    ],
)
def test_a_log_goes_on_after_its_last_local_day(end, first):
    zone = "Asia/Shanghai"
    at = pd.Timestamp(end, tz=zone).timestamp()
    rows = [{"ticket_id": "1", "opened_s": at - 7200.0}]
    log = make_log(rows, timezone=zone, start=at - 86400.0, end=at, observed_until=at)
    assert first_day(baseline("2020-01-01"), log) == first
