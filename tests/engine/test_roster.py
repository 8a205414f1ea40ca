"""Who is on when: roster days, absence, added agents, clocks that change."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from small_desks import MONDAY, desk
from svcsim.calendar.days import WEEKDAYS, midnight
from svcsim.engine.compile_desk import compile_desk
from svcsim.engine.demand import Horizon
from svcsim.engine.roster import shifts

SPLIT = (("08:30", "12:00"), ("13:00", "17:30"))


def windows(model, horizon=None, replication=1):
    plain, found, _ = shifts(compile_desk(model), horizon or Horizon(MONDAY, 7, 0), 1, replication)
    out = [tuple(window) for window in found.tolist()]
    return plain, out


def local(model, windows):
    return [
        tuple(f"{pd.Timestamp(x, unit='s', tz=model.timezone):%m-%d %H:%M}" for x in (a, b)) + (w,)
        for a, b, w in windows
    ]


def test_windows_are_local_times_of_the_roster():
    model = desk(servers=1, hours=SPLIT, timezone="Asia/Shanghai")
    _, out = windows(model, Horizon(MONDAY, 1, 1))
    assert local(model, out) == [
        ("03-03 08:30", "03-03 12:00", 0),
        ("03-03 13:00", "03-03 17:30", 0),
        ("03-04 08:30", "03-04 12:00", 0),
        ("03-04 13:00", "03-04 17:30", 0),
    ]


@pytest.mark.parametrize("day", [date(2025, 3, 9), date(2025, 11, 2)])
def test_shifts_keep_their_clock_times_when_the_clock_changes(day):
    model = desk(
        servers=2, timezone="America/New_York", hours=(("00:00", "01:00"), ("09:00", "17:00")),
    )  # fmt: skip
    _, out = windows(model, Horizon(day, 1, 0))
    times = {t for a, b, _ in local(model, out) for t in (a[6:], b[6:])}
    assert times == {"00:00", "01:00", "09:00", "17:00"}


@pytest.mark.parametrize("day", [date(2025, 3, 9), date(2025, 11, 2)])
def test_a_desk_open_day_and_night_has_no_gap_when_the_clock_changes(day):
    model = desk(servers=1, timezone="America/New_York")
    _, out = windows(model, Horizon(day - timedelta(days=1), 3, 0))
    zone = model.timezone
    whole = (midnight(day - timedelta(days=1), zone), midnight(day + timedelta(days=2), zone), 0)
    assert out == [whole]


def test_windows_that_overlap_or_touch_are_one():
    model = desk(
        servers=1,
        staffing={
            "shifts": {"early": [("08:00", "13:00")], "late": [("12:00", "18:00")],
                       "eve": [("18:00", "20:00")]},
            "days": [{"weekday": "mon", "on": {
                "early": ["agent 00", "agent 00"], "late": ["agent 00"], "eve": ["agent 00"]}}],
        },
    )  # fmt: skip
    _, out = windows(model)
    assert local(model, out) == [("03-03 08:00", "03-03 20:00", 0)]


def test_each_day_takes_one_of_the_roster_days_of_its_weekday():
    days = [
        {"weekday": "mon", "label": f"week {k}", "on": {"all": [f"agent {k:02d}"]}}
        for k in range(4)
    ]
    model = desk(servers=4, hours=SPLIT, staffing={"days": days})
    seen: Counter[int] = Counter()
    for replication in range(1, 401):
        _, out = windows(model, replication=replication)
        on = {who for _, _, who in out}
        assert len(on) == 1
        assert {pd.Timestamp(a, unit="s").day_of_week for a, _, _ in out} == {0}
        seen[on.pop()] += 1
    assert min(seen.values()) > 60
    assert len(seen) == 4


def test_absence_is_one_draw_per_agent_and_day_and_nested():
    full, most, half = (
        windows(desk(servers=20, hours=SPLIT, staffing={"presence": p}), Horizon(MONDAY, 28, 0))[1]
        for p in (1.0, 0.9, 0.5)
    )
    days = 20 * 28
    assert len(full) == 2 * days
    for share, out in ((0.9, most), (0.5, half)):
        present = Counter((a // 86400, who) for a, _, who in out)
        assert set(present.values()) == {2}  # both windows of the day, or none
        assert len(present) / days == pytest.approx(share, abs=4 * 0.5 / np.sqrt(days))
    assert set(half) < set(most) < set(full)


def test_added_agents_copy_the_typical_roster_of_their_team():
    people = {f"p{i}": {"team": "team", "speed": s, "quality": q}
              for i, (s, q) in enumerate([(0.8, 0.0), (1.0, 0.2), (1.5, 0.4)])}  # fmt: skip
    week = {"p0": WEEKDAYS[:1], "p1": WEEKDAYS[:4], "p2": WEEKDAYS}
    days = [{"weekday": d, "on": {"all": [p for p in people if d in week[p]]}} for d in WEEKDAYS]
    staffing = {"days": days, "presence": 0.8}
    _, before = windows(desk(agents=people, hours=SPLIT, staffing=staffing))
    plain, after = windows(
        desk(agents=people, hours=SPLIT, staffing=staffing | {"extra": {"team": 1}})
    )
    assert plain.agents[3:] == ("+team 1",)
    assert plain.speed[3:] == (1.0,)
    assert plain.quality[3:] == (0.2,)
    assert [w for w in after if w[2] < 3] == before  # nobody else is moved
    rostered = windows(desk(agents=people, hours=SPLIT, staffing=staffing | {"presence": 1.0}))[1]
    added = {(a, b) for a, b, who in after if who == 3}
    assert 0 < len(added) <= 8
    assert added <= {(a, b) for a, b, who in rostered if who == 1}  # p1 works the median week


def test_a_team_without_agents_of_its_own_has_nobody_to_copy():
    agents = {"a": {"team": "team", "serves": ["other"]}}
    with pytest.raises(ValueError, match="0 belong to the team"):
        desk(agents=agents, teams=["team", "other"], staffing={"extra": {"other": 1}})
    with pytest.raises(ValueError, match="1 belong to the team"):
        desk(servers=1, staffing={"extra": {"team": -2}})


def test_agents_taken_away_are_the_typical_ones_and_the_rest_stay():
    model = desk(servers=5, hours=SPLIT, staffing={"presence": 0.9, "extra": {"team": -2}})
    _, before = windows(desk(servers=5, hours=SPLIT, staffing={"presence": 0.9}))
    plain, after = windows(model)
    left = {who for _, _, who in after}
    assert len(left) == 3
    assert after == [w for w in before if w[2] in left]
    assert len(plain.agents) == 5
