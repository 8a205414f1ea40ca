"""Hours of agents: from rosters, from recorded spells, and inferred from what agents did."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from tests.small_desks import category, desk

from svcsim.calibration.calendars import two_rate_calendar
from svcsim.calibration.groups import grouped
from svcsim.calibration.offqueue import Spans, off_queue
from svcsim.calibration.roster import read_roster
from svcsim.calibration.staffing import StaffingEstimator
from svcsim.calibration.templates import templates_of
from svcsim.contacts.log import ContactLog, make_log
from svcsim.engine.simulate import Horizon, simulate
from svcsim.errors import InputError

DAY, HOUR = 86400.0, 3600.0
MONDAY = pd.Timestamp("2025-03-03", tz="UTC").timestamp()


def calls(spells: list[tuple[str, float, float]], every: float = 300.0) -> pd.DataFrame:
    """Calls served back to back by each agent through spells given in hours after the Monday."""
    rows = []
    for agent, start, end in spells:
        at = MONDAY + start * HOUR
        while at + every <= MONDAY + end * HOUR + 1:
            rows.append((agent, at - 3.0, at, at + every, 3.0))
            at += every
    names = ["agent", "opened_s", "first_response_s", "resolved_s", "wait_s"]
    frame = pd.DataFrame(rows, columns=names).sort_values("opened_s", ignore_index=True)
    frame["ticket_id"] = [f"c{i}" for i in range(len(frame))]
    return frame.assign(channel="phone", handle_s=every, category="any", team="desk")


def live_log(frame: pd.DataFrame, days: int, zone: str = "UTC", **more: object) -> ContactLog:
    return make_log(frame, start=MONDAY, end=MONDAY + days * DAY, timezone=zone, **more)


def on(fitted: StaffingEstimator, label: str) -> dict[str, tuple[str, ...]]:
    return next(day.on for day in fitted.staffing_.days if day.label == label)


def worked(fitted: StaffingEstimator, label: str) -> dict[str, str]:
    (day,) = [day for day in fitted.staffing_.days if day.label == label]
    return day.worked


def test_calendars_of_thirteen_weeks_with_one_stamp_an_hour_are_nearly_right():
    rng = np.random.default_rng(4)
    days, scores, hours = 91, [], [0.0, 0.0]
    for _ in range(12):
        truth = np.zeros((7, 24), dtype=bool)
        first = int(rng.integers(7, 13))
        truth[rng.choice(7, 5, replace=False), first : first + 8] = True
        counts = np.zeros((days, 24))
        for date_ in range(days):
            if rng.random() < 0.93:
                counts[date_] = rng.poisson(np.where(truth[date_ % 7], 1.0, 0.0))
            counts[date_] += rng.poisson(0.05 / 3, 24)
        day, hour = (np.repeat(x, counts.ravel().astype(int)) for x in _grid(days))
        found = two_rate_calendar(day, hour, days).on
        hit = float((found & truth).sum())
        scores.append(2 * hit / (found.sum() + truth.sum()))
        hours[0] += found.sum()
        hours[1] += truth.sum()
    assert np.mean(scores) >= 0.95
    assert hours[0] / hours[1] == pytest.approx(1.0, abs=0.05)


def _grid(days: int) -> tuple[np.ndarray, np.ndarray]:
    day, hour = np.meshgrid(np.arange(days), np.arange(24), indexing="ij")
    return day.ravel(), hour.ravel()


def test_weekdays_on_which_an_agent_is_rarely_seen_are_not_in_the_calendar():
    day = np.array([d for d in range(0, 70, 7) for _ in range(8)] + [1, 1, 1])
    hour = np.array(list(range(9, 17)) * 10 + [10, 11, 12])
    calendar = two_rate_calendar(day, hour, 70)
    assert calendar.on[0, 9:17].all()
    assert not calendar.on[1:].any()
    assert calendar.presence[1] == pytest.approx(0.1)


def test_recorded_days_are_replayed_with_the_agents_who_were_there():
    spells = [("ann", d * 24 + 9, d * 24 + 17) for d in range(14)]
    spells += [("bo", d * 24 + 12, d * 24 + 20) for d in range(14) if d != 8]
    fitted = StaffingEstimator().fit(live_log(calls(spells), 14))
    assert len(fitted.staffing_.days) == 14
    assert worked(fitted, "2025-03-03") == {"ann": "09:00-17:00", "bo": "12:00-20:00"}
    assert worked(fitted, "2025-03-11") == {"ann": "09:00-17:00"}
    assert fitted.grade_ == "proxy"


def test_hours_are_local():
    spells = [("ann", d * 24 + 1, d * 24 + 9) for d in range(14)]
    fitted = StaffingEstimator().fit(live_log(calls(spells), 14, "Asia/Shanghai"))
    assert {hours for day in fitted.staffing_.days for hours in day.worked.values()} == {
        "09:00-17:00"
    }


def test_a_night_shift_is_cut_at_midnight():
    spells = [("owl", d * 24 + 22, d * 24 + 30) for d in range(14)]
    fitted = StaffingEstimator().fit(live_log(calls(spells), 14))
    assert worked(fitted, "2025-03-05") == {"owl": "00:00-06:00 22:00-24:00"}


def test_time_away_is_no_working_time_and_a_short_pause_is():
    """Ann pauses 9 and 15 minutes while Bo, idle for less time, takes a call every 2 minutes."""
    calls_of_bo = calls([("bo", d * 24 + 9, d * 24 + 18) for d in range(14)], 120.0)
    spells = []
    for d in range(14):
        spells += [("ann", d * 24 + 9, d * 24 + 12), ("ann", d * 24 + 12.15, d * 24 + 14)]
        spells += [("ann", d * 24 + 14.25, d * 24 + 18)]
    both = pd.concat([calls(spells), calls_of_bo], ignore_index=True)
    both["ticket_id"] = [f"t{i}" for i in range(len(both))]
    fitted = StaffingEstimator().fit(live_log(both, 14))
    assert worked(fitted, "2025-03-05")["ann"] == "09:00-13:59 14:15-18:00"


def test_who_waits_long_on_a_quiet_desk_is_not_away():
    """Two agents take turns, a call every 14 minutes: nobody is passed over."""
    spells = [(("ann", "bo")[k % 2], d * 24 + 9 + k * 0.23, d * 24 + 9 + k * 0.23 + 0.05)
              for d in range(14) for k in range(36)]  # fmt: skip
    fitted = StaffingEstimator().fit(live_log(calls(spells, 180.0), 14))
    hours = fitted.staffing_.hours_per_week()
    assert hours["ann"] == pytest.approx(7 * 7.9, rel=0.06)
    assert hours["bo"] == pytest.approx(7 * 7.9, rel=0.06)


def test_a_passer_by_is_left_out_and_said_so():
    spells = [("ann", d * 24 + 9, d * 24 + 17) for d in range(14)]
    spells += [("boss", 30.0, 30.1), ("ann", 4 * 24 + 21.0, 4 * 24 + 21.1)]
    fitted = StaffingEstimator().fit(live_log(calls(spells), 14))
    assert {name for day in fitted.staffing_.days for name in day.agents()} == {"ann"}
    assert worked(fitted, "2025-03-07") == {"ann": "09:00-17:00"}
    assert any("2 of 16 spells" in note for note in fitted.notes_)


def test_a_day_with_a_hole_in_the_records_is_not_replayed():
    spells = [("ann", d * 24 + 9, d * 24 + 17) for d in range(28) if d != 15]
    spells += [("ann", 15 * 24 + 9, 15 * 24 + 11), ("ann", 15 * 24 + 13, 15 * 24 + 17)]
    fitted = StaffingEstimator().fit(live_log(calls(spells), 28))
    labels = [day.label for day in fitted.staffing_.days]
    assert len(labels) == 27
    assert "2025-03-18" not in labels
    assert any("2025-03-18" in note for note in fitted.notes_)


def test_only_the_most_recent_days_of_each_weekday_are_replayed():
    spells = [("ann", d * 24 + 9, d * 24 + 17) for d in range(77)]
    fitted = StaffingEstimator().fit(live_log(calls(spells, 900.0), 77))
    labels = [day.label for day in fitted.staffing_.days]
    assert len(labels) == 56
    assert labels == sorted(labels)
    assert labels[0] == "2025-03-24"


def test_few_templates_keep_the_staffed_hours():
    rng = np.random.default_rng(2)
    start = rng.uniform(360, 840, 400)
    end = start + rng.uniform(300, 540, 400)
    days = pd.DataFrame({"start": start, "end": end, "touches": 50})
    days["idle_start"] = days["idle_end"] = np.nan
    templates = templates_of(days)
    assert len(templates.shifts) <= 12
    assert templates.hours().sum() == pytest.approx((end - start).sum() / 60, rel=0.01)


def test_staffed_spells_in_the_log_are_taken_as_they_are():
    frame = calls([("ann", d * 24 + 9, d * 24 + 12) for d in range(14)])
    staffed = pd.DataFrame(
        {
            "agent": ["ann"] * 28,
            "team": ["desk"] * 28,
            "start_s": [MONDAY + d * DAY + h * HOUR for d in range(14) for h in (8.5, 13)],
            "end_s": [MONDAY + d * DAY + h * HOUR for d in range(14) for h in (12, 17.25)],
        }
    )
    fitted = StaffingEstimator().fit(live_log(frame, 14, staffed=staffed))
    assert fitted.staffing_.shifts == {"0830-1715": (("08:30", "12:00"), ("13:00", "17:15"))}
    assert fitted.grade_ == "measured"


def test_a_weekly_roster_overrides_the_log(tmp_path: Path):
    path = tmp_path / "roster.csv"
    path.write_text(
        "agent,team,weekday,start,end\nann,desk,mon,08:00,12:00\nzoe,desk,sun,10:00,14:00\n"
    )
    log = live_log(calls([("ann", d * 24 + 9, d * 24 + 17) for d in range(14)]), 14)
    fitted = StaffingEstimator(read_roster(path)).fit(log)
    assert [(day.weekday, day.on) for day in fitted.staffing_.days] == [
        ("mon", {"0800-1200": ("ann",)}),
        ("sun", {"1000-1400": ("zoe",)}),
    ]


def test_sparse_ticket_stamps_give_whole_days_not_minutes():
    # three resolutions a day, between 9 and 17: their range is half a shift on average
    rng = np.random.default_rng(3)
    rows = []
    for d in range(21):
        for agent in ("ann", "bo", "cy"):
            for at in np.sort(rng.uniform(9, 17, 3)):
                rows.append((agent, MONDAY + d * DAY + at * HOUR))
    frame = pd.DataFrame(rows, columns=["agent", "resolved_s"])
    frame["ticket_id"] = [f"t{i}" for i in range(len(frame))]
    frame["opened_s"] = frame["resolved_s"] - 1800.0
    log = make_log(frame, start=MONDAY, end=MONDAY + 21 * DAY)
    fitted = StaffingEstimator().fit(grouped(log))
    table = fitted.agent_days_
    assert len(table) == 63
    assert float((table["end"] - table["start"]).mean()) / 60 == pytest.approx(8.0, abs=0.8)


def test_without_agents_a_roster_is_asked_for():
    frame = calls([("ann", d * 24 + 9, d * 24 + 17) for d in range(14)]).drop(columns="agent")
    with pytest.raises(InputError, match="--roster"):
        StaffingEstimator().fit(live_log(frame, 14))


def test_time_off_the_queue_is_found_again():
    off = {"off_share": 0.2, "off_time": {"law": "exponential", "mean": 400.0}}
    kind = category(handling={"law": "lognormal", "mean": 240.0, "cv": 0.8})
    patience = {"edges": [0.0], "hazard": [6.0]}
    model = desk(
        per_hour=150.0, servers=15, patience=patience, categories={"all": kind}, staffing=off
    )
    log = simulate(model, Horizon(date(2025, 3, 3), 14, 0), seed=6, replication=1)
    fitted = StaffingEstimator().fit(grouped(log)).staffing_
    assert fitted.off_share.value == pytest.approx(0.2, abs=0.03)
    assert fitted.off_time is not None
    assert fitted.off_time.mean.value == pytest.approx(400.0, rel=0.15)
    assert fitted.off_share.grade == "measured"


def test_little_waiting_tells_nothing_about_time_off():
    span = np.array([0.0, 1000.0])
    few = Spans(np.array(["a", "a"]), span, span + 60.0, np.array(["x", "x"]))
    assert off_queue(few, few, few) is None


def test_a_desk_on_which_nobody_goes_off_the_queue_is_learned_as_such():
    """A fault once: times without any seen end have no mean."""
    patience = {"hazard": (2.0,)}
    kind = category(handling={"law": "exponential", "mean": 240.0})
    model = desk(per_hour=52.0, servers=4, patience=patience, categories={"all": kind})
    log = simulate(model, Horizon(date(2025, 3, 3), 21, 0), seed=2, replication=1)
    fitted = StaffingEstimator().fit(grouped(log)).staffing_
    assert fitted.off_share.value == 0.0
    assert fitted.off_time is None


def test_going_home_while_customers_wait_is_no_time_off():
    """Each day two services on end until the shift ends at 1 h, then home until 5 h; all that
    time somebody waits. One of the two ends of service is followed by the next at once, the other
    by the end of the shift: nobody took time off.
    """
    day = 86400.0 * np.arange(300)
    team = np.full(600, "a")
    first = Spans(
        team, np.concatenate([day, day + 1801.0]), np.concatenate([day + 1800.0, day + 3600.0]),
        np.full(600, "x"),
    )  # fmt: skip
    late = Spans(team[:300], day + 18000.0, day + 20000.0, np.full(300, "x"))
    services = Spans(*(np.concatenate([getattr(s, n) for s in (first, late)])
                       for n in ("team", "start", "end", "agent")))  # fmt: skip
    staffed = Spans(
        team, np.concatenate([day, day + 18000.0]), np.concatenate([day + 3600.0, day + 21600.0]),
        np.full(600, "x"),
    )  # fmt: skip
    waits = Spans(team[:300], day + 1000.0, day + 18000.0)
    found = off_queue(waits, staffed, services)
    assert found is not None
    assert found.share.value == 0.0
    assert found.time is None


def test_work_on_tickets_is_no_absence_from_the_phones():
    """Half of the work is in tickets, of which only the resolution is stamped."""
    from svcsim.calibration.presence import activity_of

    calls = {"channel": "phone", "first_response_s": 0.0, "resolved_s": 600.0, "handle_s": 600.0}
    ticket = {"channel": "web", "first_response_s": 900.0, "resolved_s": 900.0, "handle_s": 600.0}
    rows = pd.DataFrame([calls, calls, ticket, ticket]).assign(agent="x", transfers=0.0)
    rows = rows.assign(handlings=1.0, resolved_filled=0.0, reopens=0.0)
    live = (rows["channel"] == "phone").to_numpy()
    log = SimpleNamespace(frame=rows, work=None)
    assert not activity_of(log, live).exact
    few = SimpleNamespace(frame=rows.assign(handle_s=[600.0, 600.0, 20.0, 20.0]), work=None)
    assert activity_of(few, live).exact
