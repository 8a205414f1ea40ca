"""Trend, campaigns, own profiles and incidents: laws of their counts and times."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from small_desks import MONDAY, category, desk
from svcsim.calendar.days import WEEKDAYS
from svcsim.engine import demand as demand_module
from svcsim.engine import incidents as incidents_module
from svcsim.engine.compile_desk import compile_desk
from svcsim.engine.demand import HOUR_ROOM, MOST_AN_HOUR, Horizon, generate, masses
from svcsim.engine.incidents import CASE_BITS
from svcsim.errors import InputError
from svcsim.model.events import MOST_CASES, stream_of
from svcsim.model.quantity import walk
from svcsim.model.service import ServiceModel

FLAT = {day: (1.0,) * 24 for day in WEEKDAYS}
TWO = {"a": category(share=0.5), "b": category(share=0.5)}


def burst(**changes):
    return {"out": {"category": "a", "size": 20.0, "over": 1800.0} | changes}


def incident_cases(replications, horizon=None, zone="UTC", **changes):
    model = desk(2.0, categories=TWO, timezone=zone, bursts=burst(**changes))
    plain, span = compile_desk(model), horizon or Horizon(MONDAY, 7, 0)
    out = []
    for replication in replications:
        cases = generate(plain, span, 1, replication)
        here = cases.stream == stream_of("burst:out")
        assert (cases.category[here] == 0).all()
        out.append((cases.opened[here], cases.key[here], cases.tier[here]))
    return out


def test_demand_with_a_trend_grows_by_the_same_share_each_week():
    model = desk(arrivals={"level": 700.0, "profile": FLAT, "trend": 0.1})
    mass = masses(compile_desk(model), Horizon(MONDAY, 28, 0), 1, 1)[0].reshape(28, 24).sum(axis=1)
    assert mass[0] == pytest.approx(100.0)
    assert mass[7] / mass[0] == pytest.approx(np.exp(0.1))
    assert np.allclose(mass[1:] / mass[:-1], np.exp(0.1 / 7))


def test_a_campaign_multiplies_the_demand_of_its_categories_on_its_days():
    model = desk(
        arrivals={"level": 700.0, "profile": FLAT},
        categories=TWO,
        campaigns={
            "sale": {
                "from": "2025-03-05",
                "until": "2025-03-07",
                "times": 3.0,
                "categories": ["a"],
            },
            "ads": {"from": "2025-03-06", "until": "2025-03-08", "times": 2.0},
        },
    )
    mass = masses(compile_desk(model), Horizon(MONDAY, 7, 0), 1, 1).reshape(2, 7, 24).sum(axis=2)
    assert mass[0] == pytest.approx([50, 50, 150, 300, 100, 50, 50])
    assert mass[1] == pytest.approx([50, 50, 50, 100, 100, 50, 50])


def test_a_category_may_have_its_own_profile():
    night = {day: [0.0] * 20 + [1.0] * 4 for day in WEEKDAYS}
    model = desk(categories={"a": category(share=0.5), "b": category(share=0.5, profile=night)})
    cases = generate(compile_desk(model), Horizon(MONDAY, 28, 0), 1, 1)
    hour = cases.opened // 3600 % 24
    assert hour[cases.category == 1].min() == 20
    assert set(hour[cases.category == 0].tolist()) == set(range(24))
    assert (cases.category == 1).sum() == pytest.approx(0.5 * 8 * 24 * 28, rel=0.06)
    with pytest.raises(ValueError, match="profile needs 24 shares"):
        desk(categories={"a": category(profile={"mon": [1.0]})})


def test_an_incident_at_a_local_time_brings_poisson_many_cases_at_exponential_times():
    runs = incident_cases(range(1, 401), at="2025-03-05 09:30", zone="Asia/Shanghai")
    at = pd.Timestamp("2025-03-05 09:30", tz="Asia/Shanghai").timestamp()
    counts = np.array([len(opened) for opened, _, _ in runs])
    assert counts.mean() == pytest.approx(20.0, abs=4 * np.sqrt(20 / 400))
    assert counts.var() == pytest.approx(20.0, rel=0.25)
    after = np.concatenate([opened for opened, _, _ in runs]) - at
    assert after.min() >= 0
    assert stats.kstest((after + 0.5) / 1800.0, "expon").pvalue > 1e-3


def test_geometric_incidents_vary_as_much_as_their_size():
    """Variance m + m^2, and P(0) = 1 / (1 + m)."""
    runs = incident_cases(range(1, 1501), at="2025-03-05 09:30", size_law="geometric", size=6.0)
    counts = np.array([len(opened) for opened, _, _ in runs])
    assert counts.mean() == pytest.approx(6.0, abs=4 * np.sqrt(42 / 1500))
    assert counts.var() == pytest.approx(42.0, rel=0.25)
    assert (counts == 0).mean() == pytest.approx(1 / 7, abs=4 * np.sqrt(6 / 49 / 1500))


def test_random_incidents_come_at_their_rate_and_are_told_apart_by_key():
    runs = incident_cases(range(1, 101), per_week=5.0, horizon=Horizon(MONDAY, 28, 0))
    number = np.array([len(set((key >> 13).tolist())) for _, key, _ in runs])
    assert number.mean() == pytest.approx(20.0, abs=4 * np.sqrt(20 / 100))
    assert number.var() == pytest.approx(20.0, rel=0.45)
    assert all(len(set(key.tolist())) == len(key) for _, key, _ in runs)
    hours = np.concatenate([np.unique(key >> 17) for _, key, _ in runs])
    assert stats.kstest((hours + 0.5) / 672, "uniform").pvalue > 1e-3


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ({"per_week": 3.0}, {"per_week": 9.0}),
        ({"per_week": 3.0}, {"per_week": 3.0, "size": 50.0}),
        ({"per_week": 3.0, "size_law": "geometric"},
         {"per_week": 3.0, "size_law": "geometric", "size": 50.0}),
    ],
)  # fmt: skip
def test_fewer_incidents_are_a_part_of_more(less, more):
    few, many = (
        set(zip(*(a.tolist() for a in incident_cases([1], **kind)[0]), strict=True))
        for kind in (less, more)
    )
    assert few < many


def test_incidents_leave_the_ordinary_cases_alone_and_may_be_harder():
    common = {"difficulty": {"easy": {}, "hard": {}}, "per_hour": 2.0}
    kinds = {"a": category(difficulty={"easy": 1.0})}
    one = desk(categories=kinds, **common)
    two = desk(categories=kinds, **common,
               bursts=burst(at="2025-03-05 09:30", difficulty={"hard": 1.0}))  # fmt: skip
    base, cases = (generate(compile_desk(m), Horizon(MONDAY, 7, 0), 1, 1) for m in (one, two))
    extra = cases.stream == stream_of("burst:out")
    assert extra.sum() > 5
    assert (cases.tier[extra] == 1).all()
    for name in ("opened", "key", "stream", "tier", "channel", "priority"):
        assert np.array_equal(getattr(cases, name)[~extra], getattr(base, name))


def test_an_incident_outside_the_horizon_does_not_happen():
    assert len(incident_cases([1], at="2025-03-02 23:59")[0][0]) == 0
    assert len(incident_cases([1], at="2025-03-10 00:00")[0][0]) == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"at": "2025-03-05 09:30", "per_week": 1}, "exactly one of at"),
        ({}, "exactly one of at"),
        ({"at": "tomorrow"}, "write YYYY-MM-DD HH:MM"),
        ({"per_week": 500}, "ordinary demand"),
        ({"per_week": 1, "size": 9000}, "above 7600 cases"),
        ({"per_week": 1, "size": 400, "size_law": "geometric"}, "above 390 cases .geometric"),
        ({"per_week": 1, "category": "aa"}, "bursts.out.category: 'aa' is unknown"),
        ({"per_week": 1, "difficulty": {"easy": 1.0}}, "bursts.out.difficulty: 'easy'"),
        ({"per_week": 1, "difficulty": {"normal": 0.7}}, "difficulty add up to 70%"),
    ],
)
def test_mistakes_in_an_incident_are_told(changes, said):
    with pytest.raises(ValueError, match=said):
        desk(categories=TWO, bursts=burst(**changes))


def test_mistakes_in_a_campaign_are_told():
    def refused(said, **campaign):
        with pytest.raises(ValueError, match=said):
            desk(categories=TWO, campaigns={"x": {"times": 2.0} | campaign})

    refused("runs from", **{"from": "2025-03-05", "until": "2025-03-05"})
    refused("write YYYY-MM-DD", **{"from": "5 March", "until": "2025-03-05"})
    refused("Field required", until="2025-03-05")
    refused("'c' is unknown", **{"from": "2025-03-05", "until": "2025-03-06", "categories": ["c"]})


def test_incidents_of_a_horizon_too_long_are_refused():
    model = desk(categories=TWO, bursts=burst(per_week=1))
    with pytest.raises(InputError, match="at most 32768 where incidents"):
        generate(compile_desk(model), Horizon(date(2020, 1, 6), 1400, 0), 1, 1)


def test_what_is_declared_is_written_and_read_back(tmp_path):
    model = desk(
        categories=TWO,
        campaigns={"sale": {"from": "2025-03-05", "until": "2025-03-07", "times": 3.0}},
        bursts=burst(at="2025-03-05 09:30", difficulty={"normal": 1.0}),
        segments={"all": {"share": 1.0}}, languages={"zh": 1.0}, customers={"number": 9},
        clock="60s",
    )  # fmt: skip
    file = tmp_path / "desk.yaml"
    file.write_text(model.to_yaml(), encoding="utf-8")
    assert "from: '2025-03-05'" in file.read_text(encoding="utf-8")
    again = ServiceModel.from_yaml(file)
    assert again == model.model_copy(update={"arrivals": again.arrivals})  # shares are rounded
    assert ServiceModel.model_validate(model.model_dump()) == model


def test_the_largest_incidents_and_hours_always_have_room_for_their_cases():
    """P(more than the room) is below 1e-9 at the largest means that are accepted."""
    room = 1 << CASE_BITS
    assert stats.poisson(MOST_CASES["poisson"]).sf(room) < 1e-9
    assert stats.geom(1 / (1 + MOST_CASES["geometric"]), loc=-1).sf(room) < 1e-9
    assert MOST_AN_HOUR + 10 * np.sqrt(MOST_AN_HOUR) <= HOUR_ROOM
    sizes = incident_cases(range(1, 41), at="2025-03-05 09:30", size_law="geometric", size=390.0)
    assert np.mean([len(opened) for opened, _, _ in sizes]) == pytest.approx(390, rel=0.6)


@pytest.mark.parametrize("size", [{"value": 7600.0}, {"value": 390.0, "law": "geometric"}])
def test_an_incident_drawn_too_large_is_told_by_its_name(size):
    law = size.pop("law", "poisson")
    model = desk(2.0, categories=TWO,
                 bursts=burst(at="2025-03-05 09:30", size_law=law, size=size))  # fmt: skip
    values = {path: quantity.value for path, quantity in walk(model)}
    plain = compile_desk(model, values | {"bursts.out.size": 9000.0})
    with pytest.raises(InputError, match=r"bursts.out.size  an incident of 9000 cases"):
        generate(plain, Horizon(MONDAY, 7, 0), 1, 1)


def test_more_cases_than_can_be_numbered_are_told_by_their_source(monkeypatch):
    monkeypatch.setattr(incidents_module, "CASE_BITS", 3)
    with pytest.raises(InputError, match=r"bursts.out.size  more cases came in one incident"):
        incident_cases([1], at="2025-03-05 09:30")
    monkeypatch.setattr(demand_module, "HOUR_ROOM", 2)
    with pytest.raises(InputError, match=r"categories.[ab]  more new cases came in one hour"):
        generate(compile_desk(desk(8.0, categories=TWO)), Horizon(MONDAY, 7, 0), 1, 1)
