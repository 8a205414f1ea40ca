"""A change names a path and what happens to it; the log says old -> new; mistakes are refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from small_desks import category, desk
from svcsim.errors import InputError
from svcsim.model.quantity import walk
from svcsim.model.service import ServiceModel
from svcsim.samples.history import truth
from svcsim.scenario.applied import said
from svcsim.scenario.changes import Change, apply_changes, list_paths


@pytest.fixture(scope="module")
def model() -> ServiceModel:
    data = truth().model_dump()
    data["categories"]["repair"]["handling"]["mean"] |= {
        "interval": (2000.0, 2400.0), "n": 40, "grade": "measured",
    }  # fmt: skip
    data["categories"]["repair"]["repeat"] |= {"interval": (0.10, 0.14), "n": 900}
    data["agents"]["Chen Jing"]["quality"] |= {"interval": (-0.1, 0.3)}
    return ServiceModel.model_validate(data)


def one(model, path, **op):
    changed, log = apply_changes(model, [Change(path=path, **op)])
    return changed, str(log[0])


def refused(model, *changes):
    with pytest.raises(InputError) as caught:
        apply_changes(model, [Change.model_validate(c) for c in changes], "what-if")
    return [str(finding) for finding in caught.value.findings]


@pytest.mark.parametrize(
    ("path", "op", "logged"),
    [
        ("categories.repair.handling.mean", {"times": 0.9}, "37min -> 33.3min"),
        ("categories.repair.handling.mean", {"plus": "-5min"}, "37min -> 32min"),
        ("categories.repair.handling.mean", {"plus": "+90s"}, "37min -> 38.5min"),
        ("categories.repair.handling.mean", {"to": "30min"}, "37min -> 30min"),
        ("categories.repair.repeat", {"times": 0.5}, "12% -> 6%"),
        ("categories.repair.repeat", {"plus": "-2%"}, "12% -> 10%"),
        ("categories.repair.repeat", {"plus": "-50%"}, "12% -> 0%"),
        ("categories.repair.repeat", {"to": "9%"}, "12% -> 9%"),
        ("staffing.presence", {"times": 20}, "94% -> 100%"),
        ("arrivals.level", {"times": 1.1}, "790 -> 869"),
        ("arrivals.level", {"plus": 10}, "790 -> 800"),
        ("arrivals.level", {"plus": -90}, "790 -> 700"),
        ("staffing.slowdown", {"plus": -0.12}, "1.12 -> 1"),
        ("agents.Chen Jing.quality", {"plus": "-0.3"}, "0.1 -> -0.2"),
        ("agents.Chen Jing.quality", {"plus": -0.3}, "0.1 -> -0.2"),
        ("agents.Chen Jing.quality", {"to": -1}, "0.1 -> -1"),
        ("survey.return_effect", {"times": 0.5}, "-0.9 -> -0.45"),
        ("staffing.presence", {"to": "100%"}, "94% -> 100%"),
        ("staffing.extra.L1", {"plus": 2}, "0 -> 2"),
        ("staffing.extra.L2", {"to": -1}, "0 -> -1"),
        ("routing.credit.high", {"to": "30min"}, "2h -> 30min"),
        ("routing.credit.high", {"times": 0}, "2h -> 0s"),
        ("routing.credit.high", {"plus": "1h"}, "2h -> 3h"),
        ("routing.credit.normal", {"to": "10min"}, "0s -> 10min"),
        ("agents.Chen Jing.serves", {"to": ["L2"]}, "none -> [L2]"),
        ("agents.Gao Feng.serves", {"from": ["L1"], "to": []}, "[L1] -> none"),
        ("routing.credit.high", {"from": "2h", "to": "1h"}, "2h -> 60min"),
        ("categories.repair.repeat", {"from": "12%", "times": 0.5}, "12% -> 6%"),
        ("arrivals.level", {"from": 790, "times": 2}, "790 -> 1580"),
    ],
)
def test_changes_of_every_kind(model, path, op, logged):
    changed, log = one(model, path, **op)
    assert log == f"{path}: {logged}"
    assert said(list_paths(changed)[path]) == logged.split(" -> ")[1].replace("+", "")
    others = {k: v for k, v in list_paths(changed).items() if k != path}
    assert others == {k: v for k, v in list_paths(model).items() if k != path}


def test_every_listed_path_can_be_changed(model):
    """Nothing is listed in vain, and a factor of 1 changes nothing but the note."""
    paths = list_paths(model)
    for path in paths:
        if path.endswith(".serves"):
            continue
        changed, _ = apply_changes(model, [Change(path=path, times=1.0)])
        assert list_paths(changed) == paths
    everything = [Change(path=p, times=1.0) for p in paths if not p.endswith(".serves")]
    changed, log = apply_changes(model, everything)
    assert len(log) == len(everything) > 120
    for (path, old), (_, new) in zip(walk(model), walk(changed), strict=True):
        assert (new.value, new.interval, new.n, new.grade) == (
            old.value, old.interval, old.n, old.grade,
        ), path  # fmt: skip


def test_listed_paths_are_the_quantities_and_the_plain_levers(model):
    paths = set(list_paths(model))
    assert {path for path, _ in walk(model)} < paths
    rest = paths - {path for path, _ in walk(model)}
    expected = {f"agents.{name}.serves" for name in model.agents}
    expected |= {"staffing.extra.L1", "staffing.extra.L2"}
    expected |= {"routing.credit.high", "routing.credit.normal"}
    assert rest == expected


def test_the_interval_moves_with_the_value(model):
    time, _ = one(model, "categories.repair.handling.mean", times=0.5)
    assert time.categories["repair"].handling.mean.interval == (1000.0, 1200.0)
    effect, _ = one(model, "agents.Chen Jing.quality", plus="0.2")
    assert effect.agents["Chen Jing"].quality.interval == pytest.approx((0.1, 0.5))
    share, _ = one(model, "categories.repair.repeat", times=0.5)
    low, high = share.categories["repair"].repeat.interval
    assert low < 0.06 < high
    factor = (0.06 / 0.94) / (0.12 / 0.88)
    assert low / (1 - low) == pytest.approx(factor * 0.10 / 0.90)
    assert high / (1 - high) == pytest.approx(factor * 0.14 / 0.86)
    exact, _ = one(model, "categories.repair.repeat", to="0%")
    assert exact.categories["repair"].repeat.interval is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"path": "agents.Chen Jing.sped", "times": 2}, "Did you mean agents.Chen Jing.speed"),
        ({"path": "staffing.extra.L3", "plus": 1}, "Did you mean staffing.extra.L"),
        ({"path": "timezone", "to": "UTC"}, "is not in the baseline"),
        ({"path": "arrivals.level", "from": 700, "times": 2}, "the baseline says 790, not 700"),
        ({"path": "agents.Gao Feng.serves", "from": [], "to": []}, "says ['L1'], not []"),
        ({"path": "routing.credit.high", "from": "1h", "to": "2h"}, "says 2h, not 1h"),
        ({"path": "categories.repair.handling.mean", "plus": "-2h"}, "become negative (-83min)"),
        ({"path": "arrivals.level", "times": -1}, "would become negative"),
        ({"path": "arrivals.level", "times": float("nan")}, "would become nan"),
        ({"path": "categories.repair.handling.mean", "to": 30}, "'30' has no unit"),
        ({"path": "categories.repair.handling.mean", "plus": 5}, "'5' has no unit"),
        ({"path": "categories.repair.repeat", "to": "120%"}, "not between 0% and 100%"),
        ({"path": "staffing.extra.L1", "plus": 1.5}, "would become 1.5; it is a whole number"),
        ({"path": "staffing.extra.L1", "to": -99}, "16 belong to the team"),
        ({"path": "agents.Chen Jing.serves", "to": ["L9"]}, "'L9' is unknown"),
        ({"path": "agents.Chen Jing.serves", "times": 2}, "only 'to' can change it"),
        ({"path": "routing.credit.high", "to": 7200}, "has no unit"),
        ({"path": "categories.repair.share", "to": "90%"}, "categories: their shares add up to"),
        ({"path": "categories.repair.again", "to": "100%"}, "never be resolved"),
        ({"path": "categories.repair.repeat", "times": 20}, "write less than 100%"),
    ],
)
def test_what_cannot_be_changed_is_refused(model, change, said):
    found = refused(model, change)
    assert len(found) == 1
    assert said in found[0]
    assert found[0].startswith("what-if")


def test_all_mistakes_are_told_together_and_two_changes_of_one_path_conflict(model):
    found = refused(
        model,
        {"path": "arrivals.level", "times": 2},
        {"path": "arrivals.level", "times": 0.5},
        {"path": "nope", "to": 1},
        {"path": "staffing.presence", "to": "abc"},
    )
    assert len(found) == 3
    assert "is changed twice" in found[0]


@pytest.mark.parametrize(
    "data",
    [
        {"path": "x"}, {"path": "x", "times": 2, "plus": 1}, {"path": "x", "to": 1, "times": 2},
        {"path": "x", "time": 2}, {"times": 2},
    ],
)  # fmt: skip
def test_a_change_does_exactly_one_thing(data):
    with pytest.raises(ValidationError):
        Change.model_validate(data)


def test_the_baseline_itself_is_untouched(model):
    before = model.model_dump()
    one(model, "agents.Chen Jing.serves", to=["L2"])
    one(model, "staffing.extra.L1", plus=3)
    one(model, "routing.credit.high", to="0s")
    assert model.model_dump() == before


def test_names_may_hold_dots():
    model = desk(
        agents={"J. Smith": {"team": "team"}, "J": {"team": "team"}},
        categories={"v1": category(share=0.5), "v1.2": category(share=0.5)},
    )
    changed, log = apply_changes(
        model,
        [
            Change(path="agents.J. Smith.speed", to=1.2),
            Change(path="categories.v1.2.repeat", to="5%"),
            Change(path="categories.v1.repeat", to="6%"),
        ],
    )
    assert [a.new for a in log] == ["1.2", "5%", "6%"]
    assert changed.agents["J. Smith"].speed.value == 1.2
    assert changed.categories["v1.2"].repeat.value == 0.05
    assert changed.categories["v1"].repeat.value == 0.06
