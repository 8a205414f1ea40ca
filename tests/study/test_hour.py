"""An hour at the desk: what is drawn is what happened in the span."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from small_desks import MONDAY, category, desk
from svcsim.contacts.log import ContactLog, make_log
from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import simulate
from svcsim.study.hour import Hour, Stay, busiest_hour, hour_of, lanes_of


@pytest.fixture(scope="module")
def calls() -> ContactLog:
    """A live desk under pressure, with a lunch break."""
    model = desk(
        per_hour=30.0,
        servers=4,
        hours=[("08:00", "12:00"), ("12:30", "17:00")],
        patience={"hazard": (8.0,), "balk": 0.05},
        categories={"all": category(handling={"law": "exponential", "mean": 420.0})},
    )
    return simulate(model, Horizon(MONDAY, 2, 0), seed=1, replication=3)


def area(steps: list[tuple[float, int]], end: float) -> float:
    times = np.array([time for time, _ in steps] + [end])
    return float(np.dot(np.diff(times), [n for _, n in steps]))


@pytest.mark.parametrize(("start", "end"), [(0, 48), (8, 9), (11.5, 13), (16.75, 17.25)])
def test_the_area_below_the_queue_is_the_sum_of_waits(calls, start, end):
    """Little's law as an identity: contacts in the queue, summed over time, are times in it."""
    low, high = calls.start + 3600 * start, calls.start + 3600 * end
    frame = calls.frame
    waited = frame["wait_s"].fillna(calls.observed_until)  # still waiting at the end
    since, until = frame["queued_s"], (frame["queued_s"] + waited).clip(upper=high)
    total = float((until - since.clip(lower=low)).clip(lower=0).sum())
    hour = hour_of(calls, low, high)
    assert total > 0
    assert area(hour.queues["team"], high) == total
    assert hour.unknown == 0


def test_counts_and_bars_are_those_of_the_rows(calls):
    low, high = calls.start + 11 * 3600, calls.start + 13 * 3600
    hour = hour_of(calls, low, high)
    frame, work = calls.frame, calls.work
    gone = frame["abandoned_s"]
    assert hour.arrived == ((frame["opened_s"] >= low) & (frame["opened_s"] < high)).sum()
    assert hour.taken == ((work["start_s"] >= low) & (work["start_s"] < high)).sum()
    assert [left.time for left in hour.left] == sorted(gone[(gone >= low) & (gone < high)])
    assert len(hour.stays) == ((work["start_s"] < high) & (work["free_s"] > low)).sum()
    assert all(low <= s.start <= s.end <= s.free <= high for s in hour.stays)
    lunch = [shift for shift in hour.shifts if low + 3600 < shift.end < high]
    assert lunch == []  # overtime into the break is not a shift
    assert {shift.end for shift in hour.shifts} == {low + 3600, high}


def test_a_customer_leaves_from_the_height_of_the_queue(calls):
    hour = hour_of(calls, calls.start, calls.observed_until)
    for left in hour.left[:50]:
        before = [n for time, n in hour.queues["team"] if time < left.time]
        assert left.waiting == before[-1] > 0


def test_it_is_read_back_as_it_was_written(calls):
    hour = hour_of(calls, calls.start + 8 * 3600, calls.start + 9 * 3600)
    data = json.loads(json.dumps(hour.data()))
    assert Hour.from_data(data) == hour
    del data["categories"]  # older files
    assert Hour.from_data(data) == replace(hour, categories=[])


@pytest.mark.parametrize(
    ("spans", "lanes"),
    [
        ([(0, 10), (10, 20)], [(0, 1), (0, 1)]),  # one after the other
        ([(0, 10), (5, 20)], [(0, 2), (1, 2)]),
        # the third begins when the first is over: its lane is empty again
        ([(0, 10), (5, 20), (10, 15), (30, 40)], [(0, 2), (1, 2), (0, 2), (0, 1)]),
        ([(5, 20), (0, 10)], [(1, 2), (0, 2)]),  # in any order
        ([(0, 9), (1, 9), (2, 9)], [(0, 3), (1, 3), (2, 3)]),
        ([], []),
    ],
)
def test_lanes_of_contacts_at_once(spans, lanes):
    stays = [
        Stay("Bo", f"C{i}", "", float(a), float(b), float(b)) for i, (a, b) in enumerate(spans)
    ]
    assert lanes_of(stays) == lanes


def test_categories_are_those_of_the_desk_not_of_the_span():
    """In the order of the model; without it those of the whole log by name."""
    rows = [
        {"ticket_id": str(i), "opened_s": 60.0 * i, "category": name}
        for i, name in enumerate(["repair", "billing", None])
    ]
    log = make_log(rows, timezone="UTC")
    assert hour_of(log, 0.0, 60.0).categories == ["billing", "repair"]
    model = ["repair", "returns", "billing"]
    assert hour_of(log, 60.0, 120.0, model).categories == model


@pytest.mark.parametrize(("timezone", "minute"), [("Asia/Shanghai", 0), ("Asia/Kolkata", 0)])
def test_the_busiest_hour_is_a_full_hour_of_the_local_clock(timezone, minute):
    at = pd.Timestamp("2025-03-03 10:00", tz=timezone).timestamp()
    opened = [at - 60.0, *(at + 700.0 * i for i in range(5)), at + 3600.0]
    rows = [{"ticket_id": str(i), "opened_s": t} for i, t in enumerate(opened)]
    log = make_log(rows, timezone=timezone)
    assert busiest_hour(log, at - 7200 + minute, at + 7200) == (at, at + 3600)


def test_where_nothing_happens_the_first_hour_is_taken():
    log = make_log([{"ticket_id": "a", "opened_s": 0.0}], timezone="UTC")
    assert busiest_hour(log, 7200.0, 9000.0) == (7200.0, 9000.0)
    hour = hour_of(log, 7200.0, 9000.0)
    assert (hour.agents, hour.stays, hour.left) == ([], [], [])
