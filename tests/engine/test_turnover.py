"""Meetings, hires, departures, replacements, spells of absence, learning."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from small_desks import MONDAY, desk
from svcsim.calendar.days import WEEKDAYS, midnight
from svcsim.engine.compile_desk import compile_desk
from svcsim.engine.demand import Horizon
from svcsim.engine.roster import shifts
from svcsim.engine.rules_people import learned, spell_begins, spell_days, stays
from svcsim.model.service import ServiceModel

SPLIT = (("08:30", "12:00"), ("13:00", "17:30"))


def rostered(model, horizon=None, replication=1):
    desk, found, hired = shifts(
        compile_desk(model), horizon or Horizon(MONDAY, 7, 0), 1, replication
    )
    return desk, [tuple(window) for window in found.tolist()], hired


def spans(windows, who):
    """Windows of one agent as local text (the desks are on UTC)."""
    return [
        f"{pd.Timestamp(a, unit='s'):%a %H:%M}-{pd.Timestamp(b, unit='s'):%H:%M}"
        for a, b, w in windows
        if w == who
    ]


def days_on(windows, who):
    return sorted({pd.Timestamp(a, unit="s").date() for a, _, w in windows if w == who})


def test_a_meeting_is_cut_out_of_the_windows_of_its_teams_and_agents():
    people = {"ann": {"team": "one"}, "bob": {"team": "two"}, "cem": {"team": "two"}}
    model = desk(
        agents=people, teams=["one", "two"], hours=SPLIT,
        categories={"all": {"share": 1.0, "team": "one", "channels": {"in": 1.0},
                            "difficulty": {"normal": 1.0},
                            "handling": {"law": "exponential", "mean": 60.0}}},
        staffing={"meetings": [
            {"weekday": "mon", "from": "09:00", "to": "09:30"},
            {"weekday": "mon", "from": "11:30", "to": "13:30", "teams": ["two"]},
            {"weekday": "tue", "from": "08:30", "to": "17:30", "agents": ["cem"]},
        ]},
    )  # fmt: skip
    _, out, _ = rostered(model, Horizon(MONDAY, 2, 0))
    assert spans(out, 0) == [
        "Mon 08:30-09:00", "Mon 09:30-12:00", "Mon 13:00-17:30", "Tue 08:30-12:00",
        "Tue 13:00-17:30",
    ]  # fmt: skip
    assert spans(out, 1) == [
        "Mon 08:30-09:00", "Mon 09:30-11:30", "Mon 13:30-17:30", "Tue 08:30-12:00",
        "Tue 13:00-17:30",
    ]  # fmt: skip
    assert spans(out, 2) == ["Mon 08:30-09:00", "Mon 09:30-11:30", "Mon 13:30-17:30"]


def test_windows_lie_on_the_grid_of_the_clock():
    model = desk(servers=1, hours=(("08:20", "12:05"),), clock="15min")
    _, out, _ = rostered(model, Horizon(MONDAY, 1, 0))
    assert spans(out, 0) == ["Mon 08:15-12:00"]


def test_agents_work_from_the_day_they_are_hired_until_they_leave():
    people = {"old": {"team": "team"}, "new": {"team": "team", "hired": "2025-03-05"},
              "gone": {"team": "team", "leaves": "2025-03-06"}}  # fmt: skip
    model = desk(agents=people, hours=SPLIT)
    _, out, hired = rostered(model)
    assert [d.day for d in days_on(out, 0)] == [3, 4, 5, 6, 7, 8, 9]
    assert [d.day for d in days_on(out, 1)] == [5, 6, 7, 8, 9]
    assert [d.day for d in days_on(out, 2)] == [3, 4, 5]
    assert hired == [-math.inf, float(midnight(date(2025, 3, 5), "UTC")), -math.inf]


def test_the_declared_share_leaves_in_a_year_and_nobody_comes_unless_replaced():
    model = desk(servers=400, hours=SPLIT, staffing={"attrition": {"per_year": "30%"}})
    horizon = Horizon(MONDAY, 366, 0)
    plain, out, hired = rostered(model, horizon)
    last = {who: 0 for who in range(400)}
    for _, end, who in out:
        last[who] = max(last[who], end)
    stopped = sum(end < horizon.bounds("UTC")[1] - 86400 for end in last.values())
    assert stopped / 400 == pytest.approx(0.3, abs=4 * math.sqrt(0.21 / 400))
    assert len(plain.agents) == 400
    assert hired == [-math.inf] * 400


def test_a_replacement_takes_over_the_shifts_after_the_declared_time():
    people = {f"a{i:02d}": {"team": "team", "speed": 0.8 + 0.1 * i} for i in range(5)}
    after = {"law": "fixed", "mean": 10 * 86400.0}
    staffing = {"attrition": {"per_year": "60%", "replaced_after": after}}
    model = desk(agents=people, hours=SPLIT, staffing=staffing)
    plain, out, hired = rostered(model, Horizon(MONDAY, 300, 0))
    new = plain.agents[5:]
    assert len(new) >= 2
    assert all(name.startswith("+a") for name in new)
    assert len(hired) == len(plain.agents) == len(plain.speed) == len(plain.serves)
    for who, name in enumerate(new, 5):
        before = plain.agents.index(name[1:].removesuffix(" 2").removesuffix(" 3"))
        if name.endswith((" 2", " 3")):
            continue
        gap = days_on(out, who)[0] - days_on(out, before)[-1]
        assert gap == timedelta(days=11)  # the last day worked is the one before leaving
        assert hired[who] == float(midnight(days_on(out, who)[0], "UTC"))
        assert plain.speed[who] == pytest.approx(1.0)
    assert len({(a, w) for a, _, w in out}) == len(out)


def test_higher_attrition_makes_the_same_people_leave_sooner():
    def last_days(share):
        model = desk(servers=30, hours=SPLIT, staffing={"attrition": {"per_year": share}})
        _, out, _ = rostered(model, Horizon(MONDAY, 200, 0))
        return [days_on(out, who)[-1] for who in range(30)]

    few, many = last_days("20%"), last_days("50%")
    assert all(b <= a for a, b in zip(few, many, strict=True))
    assert few != many
    assert len(set(last_days("0%"))) == 1


def test_spells_of_absence_have_their_rate_length_and_independence():
    staffing = {"absence": {"per_year": 6.0, "days": 4.0}}
    full = desk(servers=200, hours=(("09:00", "17:00"),))
    model = desk(servers=200, hours=(("09:00", "17:00"),), staffing=staffing)
    horizon = Horizon(MONDAY, 200, 0)
    base, out = (set(rostered(m, horizon)[1]) for m in (full, model))
    assert out < base
    # a day is free of absence when no spell that could reach it has begun: geometric lengths
    rate = 6.0 / 365.25
    present = math.prod(1.0 - rate * 0.75**k for k in range(60))
    assert len(out) / len(base) == pytest.approx(present, abs=0.006)
    missing = Counter(who for _, _, who in base - out)
    assert np.std(list(missing.values())) > 3
    first, second = (sum(a < horizon.bounds("UTC")[0] + 86400 * d for a, _, _ in out)
                     for d in (20, 200))  # fmt: skip
    assert first / (20 * 200) == pytest.approx(second / (200 * 200), abs=0.03)


def test_nobody_else_is_moved_by_what_happens_to_one():
    people = {f"a{i}": {"team": "team"} for i in range(6)}
    staffing = {"presence": 0.8, "absence": {"per_year": 20.0, "days": 3.0}}
    _, base, _ = rostered(desk(agents=people, hours=SPLIT, staffing=staffing))
    people["a2"] = {"team": "team", "leaves": "2025-03-05"}
    _, out, _ = rostered(desk(agents=people, hours=SPLIT, staffing=staffing))
    assert [w for w in out if w[2] != 2] == [w for w in base if w[2] != 2]
    assert len(out) < len(base)


def test_tenure_is_exponential_with_the_share_of_a_year():
    u = (np.arange(20_000) + 0.5) / 20_000
    days = np.array([stays(0.3, x) for x in u])
    assert (days < 365.25).mean() == pytest.approx(0.3, abs=1e-3)
    rate = -math.log(0.7) / 365.25
    assert stats.kstest(days * rate, "expon").pvalue > 0.5
    assert stays(0.0, 0.5) == math.inf


def test_lengths_of_spells_are_geometric():
    u = (np.arange(20_000) + 0.5) / 20_000
    days = np.array([spell_days(4.0, x) for x in u])
    assert days.min() == 1
    assert days.mean() == pytest.approx(4.0, abs=0.01)
    assert (days == 1).mean() == pytest.approx(0.25, abs=1e-3)
    assert spell_days(1.0, 0.001) == 1
    assert [spell_begins(36.525, x) for x in (0.09, 0.11)] == [True, False]


def test_new_hires_come_up_to_speed():
    week = 7 * 86400.0
    assert learned(0.6, 8 * week, 0.0) == pytest.approx(0.6)
    assert learned(0.6, 8 * week, 8 * week) == pytest.approx(1 - 0.4 / math.e)
    assert learned(0.6, 8 * week, math.inf) == 1.0
    assert learned(0.6, 8 * week, -5.0) == pytest.approx(0.6)
    assert learned(0.6, 0.0, 5.0) == 1.0
    speeds = [learned(0.6, 8 * week, t * week) for t in range(60)]
    assert speeds == sorted(speeds)


@pytest.mark.parametrize(
    ("staffing", "said"),
    [
        ({"meetings": [{"weekday": "mon", "from": "10:00", "to": "09:00"}]}, "end later"),
        ({"meetings": [{"weekday": "day", "from": "08:00", "to": "09:00"}]}, "not a weekday"),
        ({"meetings": [{"weekday": "mon", "from": "8", "to": "09:00"}]}, "not a time of day"),
        ({"meetings": [{"weekday": "mon", "from": "08:00", "to": "09:00", "teams": ["tem"]}]},
         "staffing.meetings .mon 08:00-09:00..teams: 'tem' is unknown. Did you mean team"),
        ({"attrition": {"per_year": "100%"}}, "nobody would be left"),
        ({"absence": {"per_year": 5, "days": 0.5}}, "a spell is a day or longer"),
        ({"absence": {"per_year": 500, "days": 2}}, "at most one spell"),
    ],
)  # fmt: skip
def test_mistakes_are_told(staffing, said):
    with pytest.raises(ValueError, match=said):
        desk(staffing=staffing)


def test_dates_of_an_agent_must_make_sense():
    with pytest.raises(ValueError, match="leaves on 2025-03-01"):
        desk(agents={"a": {"team": "team", "hired": "2025-03-01", "leaves": "2025-03-01"}})
    with pytest.raises(ValueError, match="write YYYY-MM-DD"):
        desk(agents={"a": {"team": "team", "hired": "March"}})


def test_what_is_declared_is_written_and_read_back(tmp_path):
    model = desk(
        agents={"a": {"team": "team", "hired": "2025-03-01"}},
        arrivals={"level": 10.0, "profile": {d: [1 / 128.0] * 16 + [0.0] * 8 for d in WEEKDAYS}},
        staffing={"meetings": [{"weekday": "mon", "from": "08:00", "to": "09:00"}],
                  "attrition": {"per_year": "20%", "replaced_after": {"mean": 86400.0, "cv": 1.0}},
                  "absence": {"per_year": 3, "days": 4},
                  "learning": {"start": "60%", "time": 56 * 86400.0}},
    )  # fmt: skip
    file = tmp_path / "desk.yaml"
    file.write_text(model.to_yaml(), encoding="utf-8")
    again = ServiceModel.from_yaml(file)
    assert again.staffing == model.staffing
    assert again.agents == model.agents
