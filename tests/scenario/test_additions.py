"""A scenario may add what the baseline does not have; mistakes are told at their place."""

from __future__ import annotations

import pytest

from small_desks import category, desk
from svcsim.errors import InputError
from svcsim.samples.history import truth
from svcsim.scenario.additions import additions
from svcsim.scenario.changes import Change, apply_changes
from svcsim.scenario.scenario import Scenario


@pytest.fixture(scope="module")
def model():
    return truth()


def one(model, path, added):
    changed, log = apply_changes(model, [Change(path=path, add=added)])
    assert log[0].path == path
    assert log[0].old == "none"
    return changed


def refused(model, path, added):
    with pytest.raises(InputError) as caught:
        apply_changes(model, [Change(path=path, add=added)], "what-if")
    assert len(caught.value.findings) == 1
    return str(caught.value)


OUTAGE = {"at": "2025-11-11 09:30", "category": "repair", "size": 90, "over": "40min"}


def test_an_incident_is_added_by_name(model):
    changed = one(model, "bursts.outage", OUTAGE)
    assert changed.bursts["outage"].over.value == 2400.0
    assert changed.bursts["outage"].size.value == 90.0
    assert model.bursts == {}


def test_a_campaign_a_population_segments_and_languages_are_added(model):
    sale = {"from": "2025-11-10", "until": "2025-11-17", "times": 1.5}
    assert one(model, "campaigns.sale", sale).campaigns["sale"].from_ == "2025-11-10"
    assert one(model, "arrivals.trend", 0.02).arrivals.trend.value == 0.02
    assert one(model, "customers", {"number": 400}).customers.number == 400
    two = {"vip": {"share": "10%", "priority": "high"}, "all": {"share": "90%"}}
    assert one(model, "segments", two).segments["vip"].share == pytest.approx(0.1)
    assert one(model, "languages", {"zh": "80%", "en": "20%"}).languages["en"] == 0.2


def test_the_roster_is_added_to(model):
    meeting = {"weekday": "mon", "from": "10:00", "to": "11:00"}
    once = one(model, "staffing.meetings", meeting)
    twice = one(once, "staffing.meetings", [meeting | {"weekday": "tue"}])
    assert [m.weekday for m in twice.staffing.meetings] == ["mon", "tue"]
    leave = {"per_year": "30%", "replaced_after": {"law": "fixed", "mean": "3w"}}
    assert one(model, "staffing.attrition", leave).staffing.attrition.per_year.value == 0.3
    assert one(model, "staffing.absence", {"per_year": 3, "days": 5}).staffing.absence
    assert one(model, "staffing.learning", {"start": "60%", "time": "8w"}).staffing.learning
    assert one(model, "agents.Chen Jing.leaves", "2025-12-01").agents["Chen Jing"].leaves


def test_a_category_gets_a_profile_of_its_own(model):
    flat = {d: [1.0] * 24 for d in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    changed = one(model, "categories.repair.profile", flat)
    assert changed.categories["repair"].profile["mon"][0] == pytest.approx(1 / 168)


def test_names_may_hold_dots():
    base = desk(agents={"J. Smith": {"team": "team"}}, categories={"v1.2": category()})
    assert one(base, "agents.J. Smith.hired", "2025-03-05").agents["J. Smith"].hired
    added = one(base, "bursts.power cut 1.5", OUTAGE | {"category": "v1.2"})
    assert list(added.bursts) == ["power cut 1.5"]


def test_what_was_added_can_be_changed_by_a_later_scenario(model):
    outage = one(model, "bursts.outage", OUTAGE)
    changed, log = apply_changes(outage, [Change(path="bursts.outage.size", times=2.0)])
    assert changed.bursts["outage"].size.value == 180.0
    assert str(log[0]) == "bursts.outage.size: 90 -> 180"


@pytest.mark.parametrize(
    ("path", "added", "said"),
    [
        ("bursts.outage", OUTAGE | {"over": 40}, "'40' has no unit"),
        ("bursts.outage", OUTAGE | {"category": "repairs"}, "Did you mean repair"),
        ("bursts.outage", OUTAGE | {"sise": 3},
         "bursts.outage.sise is not a known key; Did you mean size?"),
        ("bursts.outage", {k: v for k, v in OUTAGE.items() if k != "category"},
         "bursts.outage.category is missing"),
        ("burst.outage", OUTAGE, "nothing can be added here. Did you mean bursts.outage"),
        ("agents.Chen Jin.leaves", "2025-12-01", "nothing can be added here"),
        ("agents.Chen Jing.leaves", "Dec 1", "write YYYY-MM-DD"),
        ("staffing.meetings", {"weekday": "mon", "from": "10:00", "to": "11:00", "teams": ["L9"]},
         "'L9' is unknown"),
        ("languages", {"zh": "80%"}, "languages add up to 80%"),
        ("arrivals.level", 3, "is in the baseline already; change it by to, times or plus"),
    ],
)  # fmt: skip
def test_mistakes_are_told(model, path, added, said):
    assert said in refused(model, path, added)


def test_what_is_there_is_not_added_again(model):
    outage = one(model, "bursts.outage", OUTAGE)
    assert "bursts.outage: is there already" in refused(outage, "bursts.outage", OUTAGE)
    some = one(model, "languages", {"zh": "80%", "en": "20%"})
    assert "is there already" in refused(some, "languages", {"zh": "100%"})
    assert "languages" in additions(model)
    assert "languages" not in additions(some)


@pytest.mark.parametrize("text", ["2025-01-06", "2025-01-06/2025-01-06", "2025-02-30/2025-03-09"])
def test_a_span_to_replay_has_two_days_in_order(text):
    with pytest.raises(ValueError, match=r"is not a (span of days|date)"):
        Scenario(name="x", run={"replay": text})
