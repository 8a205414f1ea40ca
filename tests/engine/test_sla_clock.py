"""The SLA clock of a run: exact due times, and whom both clocks serve first because of them.

``low`` has a target of an hour, ``high`` of half an hour; nobody works until both contacts wait.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from small_desks import category, desk
from svcsim.calendar.days import WEEKDAYS
from svcsim.engine import rules
from svcsim.engine.demand import Cases, Horizon
from svcsim.engine.opening import OpenContact, Opening
from svcsim.engine.simulate import prepare, run
from twins.twins import differences

BERLIN = "Europe/Berlin"
DAY = (("09:00", "18:00"),)
LUNCH = (("09:00", "12:00"), ("13:00", "18:00"))
WORKDAYS = WEEKDAYS[:5]


def at(text: str) -> int:
    """The epoch second of a local time in Berlin."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN)).timestamp())


def model_of(hours, holidays=(), clock="1s"):
    """A desk whose SLA clock runs in some hours."""
    kind = category(
        priorities={"low": 0.5, "high": 0.5}, handling={"law": "fixed", "mean": 60.0}
    )  # fmt: skip
    return desk(
        1.0, 1, mode="ticket", categories={"all": kind}, timezone=BERLIN, holidays=holidays,
        clock=clock,
        routing={"discipline": "due", "due": {"low": "1h", "high": "30min"}, "sla_hours": hours},
    )  # fmt: skip


def setting_of(model, days, opened=(), opening=None):
    """Contacts of the priorities low and high, and an agent from 20:00 on of the last day."""
    first, last = (date.fromisoformat(day) for day in days)
    horizon = Horizon(first, (last - first).days + 1, 1)
    names = model.categories["all"].priorities
    order = list(prepare(model, horizon, seed=1, replication=1).desk.priorities)
    zero = np.zeros(len(opened), dtype=np.int64)
    priority = np.array([order.index(p) for p in list(names)[: len(opened)]], dtype=np.int64)
    cases = Cases(np.array([at(t) for t in opened], dtype=np.int64), zero, zero, zero, priority)
    evening = at(f"{last} 20:00")
    setting = prepare(
        model, horizon, seed=1, replication=1, redraw_parameters=False, cases=cases,
        windows=[(evening, evening + 3600, 0)], opening=opening,
    )  # fmt: skip
    return setting, order


EXAMPLES = {
    # spring: the day has 23 hours, 9:00 is 8 hours after midnight
    "spring": (dict.fromkeys(WEEKDAYS, DAY), (), ("2025-03-30", "2025-03-30"),
               ("2025-03-30 08:00", "2025-03-30 09:40"),
               ("2025-03-30 10:00", "2025-03-30 10:10"), "low"),
    # autumn: 25 hours, 9:00 is 10 hours after midnight
    "autumn": (dict.fromkeys(WEEKDAYS, DAY), (), ("2025-10-26", "2025-10-26"),
               ("2025-10-26 07:00", "2025-10-26 08:45"),
               ("2025-10-26 10:00", "2025-10-26 09:30"), "high"),
    "holiday": (dict.fromkeys(WEEKDAYS, DAY), ("2025-03-03",), ("2025-03-03", "2025-03-04"),
                ("2025-03-03 10:00", "2025-03-04 09:15"),
                ("2025-03-04 10:00", "2025-03-04 09:45"), "high"),
    "lunch": (dict.fromkeys(WEEKDAYS, LUNCH), (), ("2025-03-03", "2025-03-03"),
              ("2025-03-03 11:45", "2025-03-03 13:05"),
              ("2025-03-03 13:45", "2025-03-03 13:35"), "high"),
    "weekend": (dict.fromkeys(WORKDAYS, DAY), (), ("2025-03-07", "2025-03-10"),
                ("2025-03-07 17:30", "2025-03-10 09:05"),
                ("2025-03-10 09:30", "2025-03-10 09:35"), "low"),
    # due after the end of the run (two days and a tail of one): still by the SLA clock
    "after the end": (dict.fromkeys(("fri", "mon"), DAY), (), ("2025-03-07", "2025-03-07"),
                      ("2025-03-07 17:15", "2025-03-07 17:50"),
                      ("2025-03-10 09:15", "2025-03-10 09:20"), "low"),
}  # fmt: skip


@pytest.mark.parametrize("clock", ["1s", "60s"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_worked_examples_of_both_clocks(name, clock):
    hours, holidays, days, opened, due, first = EXAMPLES[name]
    model = model_of(hours, holidays, clock)
    runs = []
    for engine in ("simpy", "compiled"):  # a clock writes into its setting
        setting, order = setting_of(model, days, opened)
        priorities = [order.index(p) for p in ("low", "high")]
        assert [setting.due(at(t), p) for t, p in zip(opened, priorities, strict=True)] == [
            at(t) for t in due
        ]
        runs.append(run(setting, engine))
    assert differences(*runs) == []
    low, high = runs[1].rows["first_response"]
    assert (low < high) == (first == "low")


def carried(ticket, priority, opened):
    """A ticket that nobody answered yet."""
    nan = float("nan")
    return OpenContact(
        ticket, 1, "all", "in", "normal", priority, at(opened), nan, at(opened), None, nan, 0
    )


def test_contacts_opened_a_hundred_days_before_the_start_have_their_own_due_times():
    """Opened on a Friday evening and on the Monday after: 9:30 and 9:45 of that Monday."""
    opened = ("2024-11-22 17:30", "2024-11-25 09:15")
    assert at("2025-03-03 00:00") - at(opened[0]) > 100 * 86_400
    backlog = Opening(waiting=(carried("b", "high", opened[1]), carried("a", "low", opened[0])))
    model = model_of(dict.fromkeys(WORKDAYS, DAY))
    days = ("2025-03-03", "2025-03-03")
    runs = []
    for engine in ("simpy", "compiled"):
        setting, order = setting_of(model, days, opening=backlog)
        assert setting.due(at(opened[0]), order.index("low")) == at("2024-11-25 09:30")
        assert setting.due(at(opened[1]), order.index("high")) == at("2024-11-25 09:45")
        runs.append(run(setting, engine))
    assert differences(*runs) == []
    high, low = runs[1].rows["first_response"]
    assert low < high


def test_the_machines_own_zone_does_not_matter(monkeypatch):
    """Whatever the zone of the machine, the windows are those of the desk's zone."""
    import time

    found = []
    for zone in ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        setting, _ = setting_of(model_of(dict.fromkeys(WEEKDAYS, LUNCH)), ("2025-03-03",) * 2)
        found.append(setting.sla)
    monkeypatch.undo()
    time.tzset()
    assert found[0] == found[1] == found[2]
    assert found[0][0][:2] == [at("2025-03-03 09:00"), at("2025-03-03 13:00")]


def test_windows_reach_past_the_end_and_count_what_ran_before_each():
    setting, _ = setting_of(model_of(dict.fromkeys(WEEKDAYS, LUNCH)), ("2025-03-29", "2025-03-31"))
    begins, ends, done = setting.sla
    lengths = np.subtract(ends, begins)
    assert set(lengths.tolist()) == {3 * 3600, 5 * 3600}
    assert done == [0, *np.cumsum(lengths)[:-1]]
    assert ends[-1] > setting.stop + timedelta(days=300).total_seconds()


def test_a_desk_without_due_times_has_no_sla_clock():
    assert setting_of(desk(1.0, 1, mode="ticket", timezone=BERLIN), ("2025-03-03",) * 2)[0].sla == (
        [],
        [],
        [],
    )
    setting, order = setting_of(model_of({}), ("2025-03-03",) * 2)
    assert setting.sla == ([], [], [])
    assert setting.desk.discipline == rules.DUE
    assert setting.due(at("2025-03-03 03:00"), order.index("low")) == at("2025-03-03 04:00")
