"""Small days worked out by hand, on both clocks: what shared rules cannot test of each other."""

from __future__ import annotations

import numpy as np
import pytest

from small_desks import MONDAY, category, desk
from svcsim.engine.demand import Horizon
from svcsim.engine.rows import NEVER
from svcsim.engine.simulate import prepare, run

HOUR = 3600
ENGINES = pytest.mark.parametrize("engine", ["simpy", "compiled"])
FIXED = {"law": "fixed", "mean": 3600.0}


def day(model, hours, engine, days=1):
    """Cases at the given hours of Monday; the tables, times counted from midnight."""
    start = Horizon(MONDAY, days, 0).bounds("UTC")[0]
    arrivals = [start + round(hour * HOUR) for hour in hours]
    setting = prepare(
        model, Horizon(MONDAY, days, 0), seed=1, replication=1, redraw_parameters=False,
        arrivals=arrivals,
    )  # fmt: skip
    return run(setting, engine)


def hours_of(rows, field):
    """A field in hours; not yet: NaN."""
    return [float("nan") if v == NEVER else v / HOUR for v in rows[field].tolist()]


def chat_desk(slots, **changes):
    agents = {f"a{i}": {"team": "team", "slots": n} for i, n in enumerate(slots)}
    return desk(agents=agents, categories={"all": category(handling=FIXED)}, **changes)


@ENGINES
@pytest.mark.parametrize("clock", ["1s", "60s", "15min"])
def test_chats_that_begin_together_end_together(engine, clock):
    """Four chats of an hour at once, without slow-down: each takes an hour on any clock."""
    rows = day(chat_desk([4], clock=clock), [9, 9, 9, 9], engine).rows
    assert hours_of(rows, "resolved") == [10.0] * 4
    assert hours_of(rows, "handle") == [1.0] * 4


@ENGINES
def test_chats_share_an_agent(engine):
    """Slow-down 1/2: two at once go 2/3 as fast. From 9 to 9:30 alone, then together.

    At 9:30 the first has half an hour left, so together it ends 45 min later, at 10:15; the
    second has done half an hour of its hour by then and ends alone at 10:45.
    """
    model = chat_desk([2], chats={"slowdown": 0.5})
    rows = day(model, [9, 9.5], engine).rows
    assert hours_of(rows, "resolved") == [10.25, 10.75]


@ENGINES
def test_an_agent_with_chats_is_busy_once(engine):
    """Four chats from 0 to 1, a fifth at 6: busy for a sixth of the time, so nobody is tired."""
    model = chat_desk([4], fatigue={"effect": 2.0, "threshold": 0.3})
    rows = day(model, [0, 0, 0, 0, 6], engine).rows
    assert hours_of(rows, "handle") == [1.0] * 5


@ENGINES
def test_the_least_busy_agent_has_done_less_of_the_shift(engine):
    """One chat runs since 0; at half an hour the other agent, idle so far, takes the second."""
    rows = day(chat_desk([2, 2], routing={"assign": "least_busy"}), [0, 0.5], engine).rows
    assert rows["agent"].tolist() == [0, 1]


@ENGINES
def test_slowdown_and_time_off_hold_for_chats_too(engine):
    """An hour of chat takes two; then an hour off the queue, so the next begins at 3."""
    model = chat_desk(
        [2],
        staffing={
            "slowdown": 2.0, "off_share": 1.0, "off_time": FIXED,
        },
    )  # fmt: skip
    rows = day(model, [0, 2.5], engine).rows
    assert hours_of(rows, "resolved")[0] == 2.0
    assert hours_of(rows, "first_response")[1] == 3.0


@ENGINES
def test_agents_rest_when_nobody_waits(engine):
    """Two calls at 9: the second waits, so the first ends without rest; then an hour's rest.

    Calls at 9, 9 and 11.5, an hour each: served 9-10, 10-11, and, after the rest, 12-13.
    """
    model = desk(
        mode="live",
        agents={"a": {"team": "team"}},
        categories={"all": category(handling=FIXED)},
        staffing={"quiet_share": 1.0, "off_time": FIXED},
    )
    rows = day(model, [9, 9, 11.5], engine).rows
    assert hours_of(rows, "first_response") == [9.0, 10.0, 12.0]


def two_shifts(**changes):
    """One agent until noon, another all day; tickets still worked on at noon are handed back."""
    week = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return desk(
        mode="ticket",
        agents={"early": {"team": "team", "speed": 2.0}, "late": {"team": "team", "speed": 0.5}},
        staffing={
            "shifts": {"am": (("08:00", "12:00"),), "pm": (("12:00", "24:00"),)},
            "days": [{"weekday": d, "on": {"am": ["early"], "pm": ["late"]}} for d in week],
            "at_shift_end": "hand_back",
        },
        **changes,
    )


@ENGINES
def test_a_ticket_handed_back_is_anybodys(engine):
    """Kept for its agent, it would wait for tomorrow; it goes on with what is left at once.

    Two hours of work at speed 2 from 11:30: at noon one hour of work is left, two at speed 1/2.
    """
    model = two_shifts(
        categories={"all": category(handling={"law": "fixed", "mean": 7200.0})},
        routing={"own_wait": "5h"},
    )
    tables = day(model, [11.5], engine)
    assert hours_of(tables.rows, "resolved") == [14.0]
    assert tables.rows["agent"].tolist() == [1]
    assert tables.rows["handlings"].tolist() == [1]
    assert (tables.work["end"] / HOUR).tolist() == [12.0, 14.0]


@ENGINES
def test_time_on_hold_does_not_depend_on_speed(engine):
    """An hour of hold after work of 40 min at speed 2: handed back in the hold, 35 min remain."""
    model = two_shifts(
        categories={
            "all": category(
                handling={"law": "fixed", "mean": 4800.0}, hold={"share": 1.0, "time": FIXED}
            )
        }
    )
    begin = 12 - (40 + 25) / 60
    rows = day(model, [begin], engine).rows
    assert rows["resolved"].tolist() == [12 * HOUR + 35 * 60]


@ENGINES
def test_what_is_cut_off_is_flagged(engine):
    """Every handling would leave the ticket pending; the third ends it, and says so."""
    model = desk(
        mode="ticket",
        categories={"all": category(again=0.999, pending=FIXED)},
        max_handlings=3,
    )
    tables = day(model, [1, 2], engine, days=3)
    assert tables.rows["handlings"].tolist() == [3, 3]
    assert tables.capped == 2


@ENGINES
def test_who_was_never_served_is_not_a_returning_customer(engine):
    """Callers who left and try again are asked like new ones: the score of a return is 1."""
    survey = {
        "asked": 1.0, "answered": 1.0, "scores": (0.0, 0.0, 0.0, 0.0, 1.0),
        "return_effect": -50.0, "delay": FIXED,
    }  # fmt: skip
    model = desk(
        servers=1,
        patience={"hazard": (3.0,)},
        categories={"all": category(handling=FIXED)},
        returns={"redial": 1.0, "redial_after": {"law": "fixed", "mean": 1800.0}},
        survey=survey,
        max_contacts=6,
    )
    rows = day(model, np.arange(0, 8, 0.75), engine).rows
    again = rows[(rows["no"] > 1) & (rows["score"] != NEVER)]
    assert len(again) > 3
    assert set(again["score"].tolist()) == {5}
