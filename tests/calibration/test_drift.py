"""Drift: a desk that changed is told from one that only varies."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from svcsim.calibration.changes import best_split, one_way
from svcsim.calibration.drift import (
    SEVERE,
    find_drift,
    propose_window,
    steady_from,
    steady_part,
)
from svcsim.calibration.weekly import Series
from svcsim.contacts.log import ContactLog, make_log, show_day
from svcsim.contacts.read import read_history

DAY, WEEK = 86400.0, 604800.0
MONDAY = pd.Timestamp("2025-03-03", tz="UTC").timestamp()


def desk(
    medians: list[float], seed: int = 1, per_week: int = 300, until: float = 0.0
) -> ContactLog:
    """Tickets whose time to resolution (hours) has the given median in each opening week."""
    rng = np.random.default_rng(seed)
    rows = []
    for week, median in enumerate(medians):
        opened = MONDAY + week * WEEK + rng.uniform(0, WEEK, per_week)
        elapsed = median * 3600 * np.exp(rng.normal(0, 1.5, per_week))
        first = np.minimum(elapsed, 600 * np.exp(rng.normal(0, 0.5, per_week)))
        rows.append(pd.DataFrame({"opened_s": opened, "elapsed": elapsed, "first": first}))
    frame = pd.concat(rows).sort_values("opened_s", ignore_index=True)
    frame["resolved_s"] = frame["opened_s"] + frame.pop("elapsed")
    frame["first_response_s"] = frame["opened_s"] + frame.pop("first")
    frame["in_time"] = (frame["resolved_s"] - frame["opened_s"] < 24 * 3600).astype(float)
    frame["ticket_id"] = [f"t{i}" for i in range(len(frame))]
    end = MONDAY + len(medians) * WEEK
    log = make_log(frame.round(0), start=MONDAY, end=end, observed_until=end + 90 * DAY)
    return log.known_at(end + until) if until else log


def test_a_step_is_found_with_its_week_and_levels():
    drift = find_drift(desk([20.0] * 6 + [5.0] * 6))
    change = next(d for d in drift if d.what.startswith("median time to resolution"))
    assert change.when == "2025-04-14"
    assert change.strength > SEVERE
    assert 15 < float(change.before.removesuffix("h")) < 25
    assert "one way" not in change.what
    assert change.what.zh == "解决时长中位数"


def test_a_desk_that_moves_one_way_throughout_is_said_to():
    drift = find_drift(desk([80.0, 40.0, 20.0, 10.0, 5.0, 2.5, 1.2, 0.6]))
    change = next(d for d in drift if d.what.startswith("median time to resolution"))
    assert "one way throughout" in change.what
    assert change.what.zh == "解决时长中位数（全程单向变化）"


def test_a_steady_desk_has_no_drift():
    log = desk([20.0] * 12)
    assert find_drift(log) == ()
    assert steady_from(log) == date(2025, 3, 3)


def test_open_tickets_do_not_make_the_last_weeks_look_quick():
    log = desk([60.0] * 10, until=1.0)
    last = log.frame[log.frame["opened_s"] > log.end - WEEK]
    assert (last["resolved_s"] - last["opened_s"]).median() < 30 * 3600
    assert find_drift(log) == ()


def test_two_steps_are_found_each_with_its_own_levels():
    """Up and down again: halves are alike, the stretch between them is not."""
    drift = find_drift(desk([5.0] * 8 + [60.0] * 8 + [5.0] * 8, per_week=500))
    mine = [d for d in drift if d.what.startswith("median time to resolution")]
    assert sorted(d.when for d in mine) == ["2025-04-28", "2025-06-23"]
    (up, down) = sorted(mine, key=lambda d: d.when)
    assert up.after == down.before
    assert [float(d.before.removesuffix("h")) for d in (up,)] == pytest.approx([5], rel=0.15)
    assert all(d.severe for d in mine)


def test_a_clear_change_that_is_not_large_is_reported_and_not_refused():
    found = propose_window(desk([20.0] * 8 + [8.0] * 8, per_week=3000))
    change = next(d for d in found.drift if d.what.startswith("median time to resolution"))
    assert change.strength > SEVERE
    assert not change.severe


def test_four_weeks_that_run_one_way_are_a_ramp():
    ramp = propose_window(desk([90.0, 30.0, 10.0, 3.0]))
    assert ramp.refused
    assert ramp.start is None
    assert not propose_window(desk([90.0, 3.0, 10.0, 30.0])).severe
    assert not propose_window(desk([20.0, 19.0, 18.0, 17.0])).severe


def test_agents_who_slow_down_are_told_from_work_that_got_harder():
    """All agents take 1.4 times as long from week 9 on; or category b takes over half the work."""
    rng = np.random.default_rng(3)

    def log(slower: float, share_after: float) -> ContactLog:
        n, weeks = 400, 16
        week = np.repeat(np.arange(weeks), n)
        late = week >= 8
        hard = rng.random(n * weeks) < np.where(late, share_after, 0.1)
        work = 600.0 * np.where(hard, 4.0, 1.0) * np.where(late, slower, 1.0)
        opened = MONDAY + week * WEEK + rng.uniform(0, WEEK, n * weeks)
        handle = work * np.exp(rng.normal(0, 0.5, n * weeks))
        frame = pd.DataFrame({
            "ticket_id": [f"t{i}" for i in range(n * weeks)], "opened_s": opened.round(),
            "handle_s": handle, "resolved_s": (opened + handle).round(),
            "category": np.where(hard, "b", "a"), "agent": rng.choice(list("xyz"), n * weeks),
        })  # fmt: skip
        return make_log(frame, start=MONDAY, end=MONDAY + weeks * WEEK)

    def series(log: ContactLog) -> dict[str, list[str]]:
        weeks = propose_window(log).course.weeks()
        return {str(s.name): list(s.changes) for s in weeks.series}

    pace = "time for like work by the same agents (1 = usual)"
    slower, harder = series(log(1.4, 0.1)), series(log(1.0, 0.5))
    assert slower[pace] == ["2025-04-28"]
    assert harder[pace] == []
    assert harder["mean handling time (log)"] == ["2025-04-28"]


def test_the_weeks_are_kept_in_their_own_units_with_intervals():
    weeks = propose_window(desk([20.0] * 12)).course.weeks()
    assert len(weeks.starts) == 12
    resolve = next(s for s in weeks.series if s.name.startswith("median time to resolution"))
    assert (resolve.unit, resolve.changes) == ("s", ())
    assert 15 * 3600 < resolve.values[0] < 26 * 3600
    inside = [low < 20 * 3600 < high for low, high in zip(resolve.low, resolve.high, strict=True)]
    assert sum(inside) >= 8
    volume = next(s for s in weeks.series if s.unit == "contacts")
    assert volume.values[0] == pytest.approx(300, rel=0.01)


def test_a_small_clear_change_is_not_worth_a_report():
    log = desk([20.0] * 8 + [14.0] * 8, per_week=3000)
    log.frame["in_time"] = np.nan
    assert find_drift(log) == ()


def test_false_alarms_are_rare():
    rng = np.random.default_rng(2)
    alarms = sum(
        best_split(Series("x", rng.normal(size=n), np.full(n, 0.1), 0.0, str)) is not None
        for n in (6, 9, 13, 26)
        for _ in range(60)
    )
    assert alarms <= 12


def test_mann_kendall_needs_more_than_a_few_weeks():
    assert one_way(np.arange(8.0))
    assert one_way(-np.arange(8.0))
    assert not one_way(np.arange(5.0))
    assert not one_way(np.array([1.0, 3, 2, 5, 4, 2, 3, 1]))


def test_the_steady_tail_starts_where_the_changes_end():
    log = desk([90.0, 80.0, 60.0, 20.0, 8.0, 3.0, 3.0, 3.0, 3.0, 3.0])
    # from 8 hours down to 3 is within what counts as about steady, from 20 is not
    assert steady_from(log) == date(2025, 3, 31)


def test_a_desk_that_never_settles_has_no_steady_tail():
    assert steady_from(desk([100.0 * 0.2**k for k in range(7)])) is None


def test_too_short_a_history_tells_no_drift():
    log = desk([90.0, 3.0, 3.0])
    assert find_drift(log) == ()


@pytest.mark.realdata
def test_the_start_of_a_real_desk_is_noticed_and_its_last_weeks_are_steady(data_dir: Path):
    file = data_dir / "servicenow_incidents_2016_mar_apr.csv.gz"
    log = read_history(file, preset="servicenow-log").log
    strongest = find_drift(log)[0]
    assert strongest.what.startswith("median time to resolution")
    assert strongest.strength > SEVERE
    april = pd.Timestamp("2016-04-11", tz="UTC").timestamp()
    assert all(change.strength < SEVERE for change in find_drift(log.between(april, log.end)))
    assert date(2016, 4, 1) <= steady_from(log) <= date(2016, 4, 11)


@pytest.mark.realdata
def test_a_go_live_ramp_is_cut_off_and_steady_weeks_are_kept(data_dir: Path) -> None:
    """ServiceNow from its go-live: March is left out; from 11 April on nothing is."""
    path = data_dir / "servicenow_incidents_2016_mar_apr.csv.gz"
    log = read_history(path, preset="servicenow-log").log
    kept, drift, note = steady_part(log)
    assert show_day(kept.start, kept.timezone) >= "2016-04-01"
    assert len(kept) == len(log)  # what was opened before stays as context
    assert drift
    assert "left out" in note
    april = log.between(pd.Timestamp("2016-04-11", tz="UTC").timestamp(), log.end)
    assert steady_part(april)[0].start == april.start
