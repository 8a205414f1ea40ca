"""Errors of a schema in words: what stood there, what was expected, the nearest name."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import Field

from svcsim.errors import InputError
from svcsim.spec import Spec
from svcsim.wording import dotted, shown


class Desk(Spec):
    name: str = ""
    days: int = Field(default=1, ge=1, le=31)
    rate: float = 1.0
    open: bool = True
    rule: Literal["waited", "due"] = "waited"
    assign: Literal["idle", "busy", "open"] = "idle"
    teams: tuple[str, ...] = Field(default=("a",), min_length=1)
    shares: dict[str, float] = {}


def told(**data: object) -> str:
    with pytest.raises(InputError) as caught:
        Desk.from_data(data, "f.yaml")
    (finding,) = caught.value.findings
    return str(finding).removeprefix("f.yaml  ")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"rule": "dew"}, "rule: 'dew' is unknown; expected waited or due; Did you mean due?"),
        ({"rule": None}, "rule: nothing is unknown; expected waited or due"),
        ({"assign": "fast"}, "assign: 'fast' is unknown; expected one of idle, busy, open"),
        ({"name": 5}, "name: expected a text; found 5; put it in quotes: '5'"),
        ({"name": ["a"]}, "name: expected a text; found ['a']"),
        ({"days": "ten"}, "days: expected a whole number; found 'ten'"),
        ({"days": 2.5}, "days: expected a whole number; found 2.5"),
        ({"days": 0}, "days: expected 1 or more; found 0"),
        ({"days": 40}, "days: expected 31 or less; found 40"),
        ({"rate": "fast"}, "rate: expected a number; found 'fast'"),
        ({"open": "maybe"}, "open: expected true or false; found 'maybe'"),
        ({"teams": "L1"}, "teams: expected a list, such as [a, b]; found 'L1'"),
        ({"teams": []}, "teams: expected 1 or more of them; found []"),
        ({"teams": ["L1", None]}, "teams (entry 2): expected a text; found nothing"),
        ({"shares": 3}, "shares: expected a mapping (key: value); found 3"),
        ({"shares": {"a": "x"}}, "shares.a: expected a number; found 'x'"),
        ({"dyas": 3}, "dyas is not a known key; Did you mean days?"),
    ],
)
def test_each_kind_of_mistake_in_words_of_the_file(data, said):
    assert told(**data) == said


def test_a_list_is_counted_from_one():
    assert dotted(["staffing", "meetings", 0, "to"]) == "staffing.meetings (entry 1).to"
    assert dotted([1, "to"]) == "entry 2.to"
    assert dotted([]) == ""


def test_values_are_shown_as_in_a_file():
    assert shown({"a": 1, "b": 2}) == "a mapping with a, b"
    assert shown({}) == "a mapping with no keys"
    assert shown([True, None, "x"]) == "[true, nothing, 'x']"
    assert len(shown("x" * 200)) == 80


def test_a_file_of_another_shape_is_told_which_keys_it_should_have():
    with pytest.raises(InputError, match=r"f.yaml:1  found a list; expected the keys of Desk"):
        Desk.from_data([{"name": "x"}], "f.yaml")
