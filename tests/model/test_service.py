"""A desk that could not work is refused, with every reason."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
from pydantic import ValidationError

from small_desks import category, desk
from svcsim.calendar.days import WEEKDAYS
from svcsim.errors import InputError
from svcsim.model.demand import Arrivals
from svcsim.model.duration import Duration, Patience
from svcsim.model.service import ServiceModel
from svcsim.model.staffing import Staffing, minutes_of_day
from svcsim.samples.history import truth
from svcsim.spec import read_yaml


def changed(**changes: Any) -> ServiceModel:
    data = desk(servers=2).model_dump()
    for path, value in changes.items():
        *parents, leaf = path.split("__")
        node = data
        for key in parents:
            node = node[int(key) if key.isdigit() else key]
        node[leaf] = value
    return ServiceModel.model_validate(data)


def test_the_unchanged_desk_is_fine():
    assert changed() == desk(servers=2)
    assert len(truth().agents) == 24


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"categories__all__team": "taem"}, "'taem' is unknown. Did you mean team"),
        ({"categories__all__channels": {"out": 1.0}}, "categories.all.channels: 'out' is unknown"),
        ({"categories__all__channels": {"in": 0.9}}, "shares of channels add up to 90%"),
        ({"categories__all__difficulty": {"normal": 0.5}}, "shares of difficulty add up to 50%"),
        ({"categories__all__difficulty": {"hard": 1.0}}, "'hard' is unknown"),
        ({"categories__all__priorities": {"a": 0.5, "b": 0.6}}, "shares of priorities add up"),
        ({"categories__all__share": {"value": 0.9}}, "categories: their shares add up to 90%"),
        ({"categories__all__again": {"value": 0.2}}, "pending"),
        ({"categories__all__again": {"value": 1.0}}, "never be resolved"),
        ({"categories__all__transfer": {"value": 0.2}}, "transfer_to"),
        ({"categories__all__transfer_to": "nobody"}, "'nobody' is unknown"),
        ({"agents__agent 00__team": "other"}, "'other' is unknown"),
        ({"agents__agent 00__serves": ("x",)}, "agents.agent 00.serves: 'x' is unknown"),
        ({"teams": ("team", "second"), "categories__all__team": "second"},
         "team second has contacts to serve but no rostered agent"),
        ({"teams": ("team", "second"), "categories__all__transfer_to": "second",
          "categories__all__transfer": {"value": 0.1}}, "team second has contacts to serve"),
        ({"staffing__days": ()}, "no rostered agent serves it"),
        ({"staffing__days__0__weekday": "monday"}, "'monday' is unknown. Did you mean mon"),
        ({"staffing__days__0__on": {"late": ("agent 00",)}}, "'late' is unknown"),
        ({"staffing__days__0__on": {"all": ("agent 07",)}}, "'agent 07' is unknown"),
        ({"staffing__extra": {"taem": 1}}, "staffing.extra: 'taem' is unknown"),
        ({"timezone": "Asia/Shangai"}, "Did you mean Asia/Shanghai"),
        ({"holidays": ("1 May 2025",)}, "write YYYY-MM-DD"),
        ({"holidays": ("2025-02-30",)}, "write YYYY-MM-DD"),
        ({"max_contacts": 0}, "greater than or equal to 1"),
        ({"agents": {}}, "at least 1"),
    ],
)  # fmt: skip
def test_a_desk_that_cannot_work_is_refused(changes, said):
    with pytest.raises(ValidationError, match=said):
        changed(**changes)


def test_all_problems_are_told_together():
    with pytest.raises(ValidationError) as caught:
        changed(categories__all__team="x", categories__all__share={"value": 0.5})
    assert "'x' is unknown" in str(caught.value)
    assert "add up to 50%" in str(caught.value)


def test_a_category_that_needs_no_roster_may_be_served_by_helpers():
    model = desk(
        agents={"a": {"team": "team", "serves": ["second"]}},
        teams=["team", "second"],
        categories={"all": category(team="second")},
    )
    assert model.agents["a"].serves == ("second",)


@pytest.mark.parametrize(
    ("windows", "said"),
    [
        ([], "never opens"),
        ([("09:00", "09:00")], "end later than it starts"),
        ([("22:00", "06:00")], "end later than it starts"),
        ([("09:00", "12:00"), ("11:00", "15:00")], "start after the one before"),
        ([("9", "12:00")], "not a time of day"),
        ([("09:00", "25:00")], "between 00:00 and 24:00"),
        ([("09:70", "12:00")], "between 00:00 and 24:00"),
    ],
)
def test_shifts_that_cannot_be_worked_are_refused(windows, said):
    with pytest.raises(ValidationError, match=said):
        Staffing(shifts={"x": windows}, days=())


@pytest.mark.parametrize(
    ("text", "minutes"), [("00:00", 0), ("09:30", 570), ("9:05", 545), ("24:00", 1440)]
)
def test_times_of_day(text, minutes):
    assert minutes_of_day(text) == minutes


def test_a_profile_is_made_shares_and_needs_a_whole_week():
    hours = tuple(float(h) for h in range(24))
    arrivals = Arrivals(level={"value": 10.0}, profile=dict.fromkeys(WEEKDAYS, hours))
    assert sum(map(sum, arrivals.profile.values())) == pytest.approx(1.0, abs=1e-12)
    assert arrivals.profile["mon"][23] == pytest.approx(23 / 276 / 7)
    same = Arrivals(level=arrivals.level, profile=arrivals.profile)
    assert same.profile == arrivals.profile  # shares stay exactly as they are
    for profile, said in (
        (dict.fromkeys(WEEKDAYS[:6], hours), "24 shares for each of"),
        (dict.fromkeys(WEEKDAYS, hours[:23]), "24 shares for each of"),
        (dict.fromkeys(WEEKDAYS, (0.0,) * 24), "nor all zero"),
        (dict.fromkeys(WEEKDAYS, (-1.0,) + hours[1:]), "must not be negative"),
    ):
        with pytest.raises(ValidationError, match=said):
            Arrivals(level={"value": 10.0}, profile=profile)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"law": "lognormal", "mean": 5.0}, "needs cv"),
        ({"law": "table", "mean": 5.0}, "needs table"),
        ({"law": "table", "mean": 5.0, "table": (0.0, 2.0, 1.0)}, "must not decrease"),
        ({"law": "weibull", "mean": 5.0}, "lognormal"),
    ],
)
def test_durations_must_be_complete(data, said):
    with pytest.raises(ValidationError, match=said):
        Duration.model_validate(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"edges": (0.0, 60.0), "hazard": (1.0,)}, "same length"),
        ({"edges": (5.0,), "hazard": (1.0,)}, "first edge is 0"),
        ({"edges": (0.0, 60.0, 60.0), "hazard": (1.0, 1.0, 1.0)}, "must increase"),
        ({"edges": (0.0,), "hazard": (0.0,)}, "last is above 0"),
        ({"edges": (0.0, 5.0), "hazard": (-1.0, 1.0)}, "zero or more"),
    ],
)
def test_patience_must_be_a_hazard(data, said):
    with pytest.raises(ValidationError, match=said):
        Patience.model_validate(data)


def test_survey_scores_are_five_shares():
    for scores in ((0.5, 0.5), (0.1, 0.1, 0.1, 0.1, 0.1), (-0.1, 0.3, 0.3, 0.3, 0.2)):
        with pytest.raises(ValidationError):
            changed(survey={"asked": 1.0, "answered": 1.0, "scores": scores})


def test_a_desk_written_as_yaml_reads_back_the_same(tmp_path):
    model, path = truth(), tmp_path / "desk.yaml"
    path.write_text(model.to_yaml(), encoding="utf-8")
    again = ServiceModel.from_yaml(path)
    assert again.to_yaml() == model.to_yaml()
    assert again.categories == model.categories
    assert again.staffing == model.staffing
    assert again.agents == model.agents


def test_mistakes_in_a_desk_file_have_their_lines(tmp_path):
    path = tmp_path / "desk.yaml"
    text = truth().to_yaml().replace("off_share: 4%", "off_share: 4%\n  presense: 90%")
    path.write_text(text.replace("mean: 37min", "mean: 37"), encoding="utf-8")
    lines = path.read_text(encoding="utf-8").splitlines()
    with pytest.raises(InputError) as caught:
        ServiceModel.from_yaml(path)
    found = {str(f).split("  ")[0]: str(f) for f in caught.value.findings}
    typo = 1 + next(i for i, line in enumerate(lines) if "presense" in line)
    bare = 1 + next(i for i, line in enumerate(lines) if "mean: 37," in line)
    assert "Did you mean presence?" in found[f"{path}:{typo}"]
    assert "has no unit" in found[f"{path}:{bare}"]


def leaves(node, at=()):
    """One path for each kind of place in a file; lists and named things are alike inside."""
    if at:
        yield at
    if isinstance(node, dict):
        named = at in (("categories",), ("agents",), ("channels",), ("difficulty",))
        for key in list(node)[: 1 if named else None]:
            yield from leaves(node[key], (*at, key))
    elif isinstance(node, list) and node:
        yield from leaves(node[0], (*at, 0))


ODD = [None, [], "abc", math.nan, {"value": None}, {"value": 1, "interval": 3}]


def test_whatever_stands_in_a_file_is_read_or_refused_with_a_finding(tmp_path):
    path = tmp_path / "desk.yaml"
    path.write_text(truth().to_yaml(), encoding="utf-8")
    good = read_yaml(path)
    found = []
    for place in leaves(good):
        *parents, last = place
        data = copy.deepcopy(good)
        node = data
        for key in parents:
            node = node[key]
        for odd in ODD:
            node[last] = odd
            try:
                ServiceModel.from_data(data, "desk.yaml")
            except InputError as error:
                found += error.findings
            else:
                assert odd in ([], None, "abc"), (place, odd)
    assert len(found) > 400
    assert {finding.where.split(":")[0] for finding in found} == {"desk.yaml"}


def test_rostered_hours_of_a_week_are_means_over_the_roster_days_of_a_weekday():
    # two kinds of Monday: Ann works one of them; both work the only kind of Tuesday
    early = (("08:00", "12:00"), ("13:00", "17:00"))
    staffing = Staffing(
        shifts={"day": early, "late": (("17:00", "18:30"),)},
        days=(
            {"weekday": "mon", "on": {"day": ("Ann", "Bob")}},
            {"weekday": "mon", "on": {"day": ("Bob",), "late": ("Bob",)}},
            {"weekday": "tue", "on": {"day": ("Ann", "Bob")}},
        ),
        presence=0.9,
    )
    assert staffing.hours_per_week() == {"Ann": 4.0 + 8.0, "Bob": 8.75 + 8.0}
