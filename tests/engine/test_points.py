"""Nested points: less demand is a part of more; categories do not touch; both ways agree."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest

from small_desks import MONDAY, category, desk
from svcsim.calendar.days import WEEKDAYS
from svcsim.engine import demand as demand_module
from svcsim.engine import draws
from svcsim.engine import points as nested
from svcsim.engine.compile_desk import compile_desk
from svcsim.engine.demand import Cases, Horizon, generate
from svcsim.errors import InputError
from svcsim.model.events import stream_of

HORIZON = Horizon(MONDAY, 7, 2)
PROFILE = {day: [h % 7 + 0.5 for h in range(24)] for day in WEEKDAYS}
ALL = [field.name for field in dataclasses.fields(Cases)]


def two_kinds(level=900.0, a=0.6, more=None, arrivals=None, **changes):
    """A desk whose categories differ in everything that is drawn for a case."""
    kinds = {
        "a": category(share=a, channels={"in": 0.3, "mail": 0.7},
                      difficulty={"easy": 0.5, "hard": 0.5}),
        "b": category(share=1 - a - sum(m["share"] for m in (more or {}).values()),
                      difficulty={"easy": 0.9, "hard": 0.1},
                      priorities={"low": 0.2, "normal": 0.5, "high": 0.3}),
    }  # fmt: skip
    return desk(
        arrivals={"level": level, "profile": PROFILE, "day_cv": 0.2, "day_ar": 0.4}
        | (arrivals or {}),
        difficulty={"easy": {}, "hard": {"work": 2.0}},
        channels={"in": {"mode": "live"}, "mail": {"mode": "ticket"}},
        categories=kinds | (more or {}),
        **{"customers": {"number": 300}, "segments": {"vip": {"share": 0.1}, "all": {"share": 0.9}},
           "languages": {"zh": 0.8, "en": 0.2}} | changes,
    )  # fmt: skip


def drawn(model, horizon=HORIZON, replication=1):
    return generate(compile_desk(model), horizon, 5, replication)


def rows(cases, names=ALL):
    """Cases by their identity."""
    return {
        row[:2]: row
        for row in zip(
            *(getattr(cases, n).tolist() for n in ("stream", "key", *names)), strict=True
        )
    }


def same(one, two):
    return all(np.array_equal(getattr(one, name), getattr(two, name)) for name in ALL)


def test_a_case_is_what_the_generator_says():
    """By hand: heights -log(u0) summed, place u1, tier u2, channel u3 of the case's own block."""
    plain = compile_desk(two_kinds(9000.0))
    mass = demand_module.masses(plain, HORIZON, 5, 1)
    hour, stream = 38, stream_of("a")
    start = HORIZON.bounds("UTC")[0]
    expected, height, n = [], 0.0, 0
    while True:
        u = draws.block(5, 1, (hour << 15) + n, 0, 0, draws.CASE_POINT >> 2, stream)
        height += -np.log(u[0])
        if height >= mass[0, hour]:
            break
        opened = int(start + hour * 3600 + u[1] * 3600)
        expected.append((opened, int(u[2] >= 0.5), int(u[3] >= 0.3), (hour << 15) + n))
        n += 1
    assert len(expected) > 1
    cases = generate(plain, HORIZON, 5, 1)
    here = (cases.stream == stream) & (cases.key >> 15 == hour)
    got = zip(*(getattr(cases, n)[here].tolist() for n in ("opened", "tier", "channel", "key")),
              strict=True)  # fmt: skip
    assert sorted(got) == sorted(expected)


@pytest.mark.parametrize("seed", [5, 2**62 + 3, 2**63 + 1, 2**64 - 1])
def test_machine_code_and_plain_functions_give_equal_arrays(monkeypatch, seed):
    model = two_kinds(bursts={"out": {"per_week": 6, "category": "a", "size": 30,
                                      "size_law": "geometric", "over": 3600.0}})  # fmt: skip
    plain = compile_desk(model)
    horizon = Horizon(MONDAY, 2, 0)
    one = generate(plain, horizon, seed, 3)
    monkeypatch.setattr(demand_module.nested, "compiled_points", nested.points)
    monkeypatch.setattr(demand_module.nested, "compiled_kinds", nested.kinds)
    assert same(one, generate(plain, horizon, seed, 3))
    assert len(one.opened) > 200


def test_cases_are_in_order_of_time_stream_and_key():
    for zone in ("UTC", "America/New_York"):
        model = two_kinds(9000.0, clock="15min", timezone=zone)
        cases = drawn(model, Horizon(MONDAY, 14, 0))
        order = np.lexsort((cases.key, cases.stream, cases.opened))
        assert np.array_equal(order, np.arange(len(order)))
        assert (np.diff(cases.opened) == 0).mean() > 0.5
        assert all(getattr(cases, name).dtype == np.int64 for name in ALL)


def test_nothing_more_is_exactly_the_same():
    assert same(drawn(two_kinds()), drawn(two_kinds(900.0 * 1.0)))
    idle = {
        "campaigns": {"none": {"from": "2025-03-04", "until": "2025-03-06", "times": 1.0}},
        "bursts": {"never": {"per_week": 0, "category": "a", "size": 9, "over": 60.0}},
    }
    assert same(drawn(two_kinds()), drawn(two_kinds(**idle)))


@pytest.mark.parametrize(
    "more",
    [
        {"level": 1080.0},
        {"level": 9000.0},
        {"arrivals": {"trend": 0.3}},
        {"campaigns": {"sale": {"from": "2025-03-05", "until": "2025-03-07", "times": 3.0}}},
        {"bursts": {"out": {"at": "2025-03-04 10:30", "category": "b", "size": 40, "over": 900.0}}},
    ],
)
def test_less_demand_is_a_part_of_more_with_the_same_attributes(more):
    few, many = rows(drawn(two_kinds())), rows(drawn(two_kinds(**more)))
    assert len(many) > len(few) + 20
    assert few.items() <= many.items()


def test_holidays_take_cases_away_and_move_none():
    level = {"holiday": 0.4}
    workday = rows(drawn(two_kinds(arrivals=level)))
    holiday = rows(drawn(two_kinds(arrivals=level, holidays=("2025-03-06",))))
    assert holiday.items() < workday.items()


def test_a_further_category_leaves_all_others_as_they_were():
    """Level and shares are set so that a and b keep their volume: 0.6 and 0.4 of 1024 a week."""
    base = two_kinds(1024.0, a=0.625)
    third = {"c": category(share=0.5, difficulty={"hard": 1.0})}
    more = two_kinds(2048.0, a=0.3125, more=third)
    one, two = drawn(base), drawn(more)
    names = [n for n in ALL if n != "category"]
    own = {k: v for k, v in rows(two, names).items() if k[0] != stream_of("c")}
    assert own == rows(one, names)
    assert len(two.opened) > 1.5 * len(one.opened)


def test_names_decide_the_chance_of_a_category_not_its_place():
    model = two_kinds(1024.0, a=0.5)
    data = model.model_dump()
    data["categories"] = dict(reversed(data["categories"].items()))
    turned = type(model).model_validate(data)
    names = ["opened", "tier", "channel", "customer", "segment", "language"]
    assert rows(drawn(model), names) == rows(drawn(turned), names)


@pytest.mark.parametrize(("tick", "seconds"), [("1s", 1), ("60s", 60), ("15min", 900)])
def test_times_lie_on_the_grid_of_the_desk(tick, seconds):
    fine, coarse = drawn(two_kinds()), drawn(two_kinds(clock=tick))
    assert (coarse.opened % seconds == 0).all()
    floored = {k: (v[2] - v[2] % seconds, *v[3:]) for k, v in rows(fine).items()}
    assert floored == {k: v[2:] for k, v in rows(coarse).items()}


@pytest.mark.parametrize("clock", ["0.5s", "7s", "1h", "0s", "1.5s"])
def test_a_clock_that_is_no_grid_is_refused(clock):
    with pytest.raises(ValueError, match="whole seconds that divide 15min"):
        two_kinds(clock=clock)


def test_an_hour_with_too_many_cases_is_refused_before_the_start():
    model = desk(per_hour=40_000.0)
    with pytest.raises(InputError) as caught:
        generate(compile_desk(model), HORIZON, 1, 1)
    said = str(caught.value)
    assert "categories.all" in said
    assert "40000 new cases are expected on 2025-03-03 from 00:00" in said
    assert "at most 31000" in said


def test_a_refusal_survives_the_way_back_from_a_process():
    with pytest.raises(InputError) as caught:
        generate(compile_desk(desk(per_hour=40_000.0)), HORIZON, 1, 1)
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301
    assert again.findings == caught.value.findings


def test_two_categories_with_the_same_stream_are_refused():
    """crc32("plumless") == crc32("buckeroo")."""
    assert stream_of("plumless") == stream_of("buckeroo")
    kinds = {"plumless": category(share=0.5), "buckeroo": category(share=0.5)}
    with pytest.raises(ValueError, match="'plumless' and 'buckeroo' have the same stream"):
        desk(categories=kinds)


def test_an_output_that_is_too_small_is_told():
    one = np.ones(1)
    zero = np.zeros(1, dtype=np.int64)
    room = zero + 5
    args = (1, 1, 1, 10**9, one * 100, one, one, zero, room, zero, zero, zero, zero,
            np.empty((1, 0)), np.empty((1, 0)))  # fmt: skip
    assert nested.points(*args, np.empty((6, 3), dtype=np.int64)) == nested.FULL
    assert nested.points(*args, np.empty((6, 50), dtype=np.int64)) == nested.CROWDED
