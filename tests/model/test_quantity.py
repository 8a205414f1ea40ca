"""Quantities as people write them: units, intervals, grades; what cannot be is refused."""

from __future__ import annotations

import math

import pytest
from pydantic import BaseModel, ValidationError

from svcsim.model.quantity import Effect, Factor, Quantity, Rate, Share, Time, plain, walk
from svcsim.samples.history import truth

WRITTEN = {"written": True}


def read(kind: type[Quantity], data: object) -> Quantity:
    return kind.model_validate(data, context=WRITTEN)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Time, "12min", 720.0), (Time, "1h30min", 5400.0), (Time, 0, 0.0), (Rate, 790, 790.0),
        (Factor, 1.12, 1.12), (Share, "85%", 0.85), (Share, 0.85, 0.85), (Effect, -0.35, -0.35),
        (Factor, "1.5", 1.5),
    ],
)  # fmt: skip
def test_a_bare_value_is_exact_and_assumed(kind, text, value):
    quantity = read(kind, text)
    assert quantity.value == pytest.approx(value)
    assert (quantity.interval, quantity.grade, quantity.n) == (None, "assumed", None)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (Time, {"value": "12min", "interval": ["11min", "13min"], "n": 40, "grade": "measured",
                "how": "mean of 40"}),
        (Rate, {"value": 790, "unit": "per week", "interval": [700, 900], "grade": "measured"}),
        (Share, {"value": "85%", "interval": ["80%", "90%"], "n": 100, "grade": "proxy"}),
        (Effect, {"value": -0.2, "interval": [-0.5, 0.1], "grade": "measured"}),
        (Factor, {"value": 1.2, "grade": "assumed", "how": "as told"}),
    ],
)  # fmt: skip
def test_the_full_form_reads_and_writes_the_same(kind, data):
    quantity = read(kind, data)
    assert quantity.to_data() == data
    assert read(kind, quantity.to_data()) == quantity


def test_code_may_give_plain_seconds_but_people_must_write_the_unit():
    assert Time(value=720.0).value == 720.0
    assert Time.model_validate({"value": 720}).value == 720.0
    for data in (720, {"value": 720}, {"value": "12min", "interval": [11, 13]}):
        with pytest.raises(ValidationError, match="has no unit"):
            read(Time, data)


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        (Time, "-5min", "negative"),
        (Rate, -1, "negative"),
        (Factor, "abc", "'abc' is not a number"),
        (Factor, [1, 2], "is not a number"),
        (Factor, None, "is not a number"),
        (Factor, True, "'True' is not a number"),
        (Effect, {"value": {}}, "is not a number"),
        (Factor, math.nan, "finite"),
        (Rate, math.inf, "finite"),
        (Share, "120%", "between 0% and 100%"),
        (Share, {"value": "5%", "interval": ["9%", "1%"]}, "upside down"),
        (Share, {"value": "5%", "interval": ["1%"]}, r"write \[low, high\]"),
        (Factor, {"value": 1, "interval": 2}, r"write \[low, high\]"),
        (Factor, {"value": 1, "grade": "guess"}, "measured"),
        (Factor, {"value": 1, "vale": 2}, "vale"),
        (Factor, {"interval": [1, 2]}, "value"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(kind, data, said):
    with pytest.raises(ValidationError, match=said):
        read(kind, data)


def test_quantities_are_shown_as_people_write_them():
    assert (Time.show(720.0), Share.show(0.8512), Factor.show(1 / 3)) == (
        "12min",
        "85.12%",
        0.333333,
    )
    assert Rate(value=790.123456).to_data() == 790.123


def test_walk_finds_every_quantity_and_plain_writes_it():
    model = truth()
    found = dict(walk(model))
    assert found["arrivals.level"].value == model.arrivals.level.value
    assert found["agents.Chen Jing.speed"].value == 1.1
    assert "categories.repair.pending.cv" in found
    assert "staffing.off_time.mean" in found
    assert "survey.wait_effect" in found
    assert count(model) == len(found)
    data = plain(model)
    assert data["categories"]["repair"]["handling"]["mean"] == "37min"
    assert data["categories"]["repair"]["channels"] == {"web": "80%", "phone": "20%"}


def count(node: object) -> int:
    """Count quantities by another way than `walk`: through the declared fields' values."""
    if isinstance(node, Quantity):
        return 1
    if isinstance(node, BaseModel):
        return sum(count(value) for _, value in node)
    if isinstance(node, dict):
        return sum(map(count, node.values()))
    if isinstance(node, (list, tuple)):
        return sum(map(count, node))
    return 0
