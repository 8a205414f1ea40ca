"""Settings are replaced by ``to``; a star stands for every agent, category, channel or tier."""

from __future__ import annotations

import pytest

from small_desks import category, desk
from svcsim.errors import InputError
from svcsim.model.duration import Duration, Patience
from svcsim.model.service import ServiceModel
from svcsim.samples.history import truth
from svcsim.scenario.additions import additions
from svcsim.scenario.changes import Change, apply_changes, list_paths
from svcsim.scenario.settings import declarations, settings, starred


@pytest.fixture(scope="module")
def model() -> ServiceModel:
    return truth()


def changed(model, *changes):
    return apply_changes(model, [Change.model_validate(c) for c in changes], "what-if")


def refused(model, *changes):
    with pytest.raises(InputError) as caught:
        changed(model, *changes)
    return [str(finding) for finding in caught.value.findings]


def test_every_setting_can_be_set_to_what_it_is(model):
    """Values are read as they are shown, so nothing is listed in vain."""
    same = [{"path": path, "to": value} for path, value in settings(model).items()]
    after, log = changed(model, *same)
    assert after == model
    assert len(log) == len(same) > 80


@pytest.mark.parametrize(
    ("path", "value", "logged"),
    [
        ("routing.own_wait", "30min", "0s -> 30min"),
        ("routing.assign", "least_busy", "longest_idle -> least_busy"),
        ("routing.by_preference", True, "no -> yes"),
        ("clock", "60s", "1s -> 60s"),
        ("staffing.at_shift_end", "hand_back", "finish -> hand_back"),
        ("agents.Chen Jing.tiers", ["hard", "normal"], "none -> [hard, normal]"),
        ("categories.repair.channels", {"web": "70%", "phone": "30%"},
         "{web: 80%, phone: 20%} -> {web: 70%, phone: 30%}"),
    ],
)  # fmt: skip
def test_settings_of_every_kind(model, path, value, logged):
    after, log = changed(model, {"path": path, "to": value})
    assert str(log[0]) == f"{path}: {logged}"
    assert str(settings(after)[path]) == str(value)


def test_settings_that_need_each_other_may_come_in_any_order(model):
    due = {"path": "routing.due", "to": {"high": "1h", "normal": "8h"}}
    rule = {"path": "routing.discipline", "to": "due"}
    for pair in ((due, rule), (rule, due)):
        assert changed(model, *pair)[0].routing.due["high"] == 3600.0
    assert "needs due" in refused(model, rule)[0]


def test_a_star_is_every_agent_or_those_of_a_team(model):
    after, log = changed(model, {"path": "agents.*.slots", "to": 3})
    assert {agent.slots for agent in after.agents.values()} == {3}
    assert [str(a) for a in log] == ["agents.*.slots: 1 -> 3 (24 times)"]
    after, _ = changed(model, {"path": "agents.L2/*.speed", "times": 1.1})
    for name, agent in model.agents.items():
        factor = 1.1 if agent.team == "L2" else 1.0
        assert after.agents[name].speed.value == pytest.approx(agent.speed.value * factor)


def test_a_star_takes_those_that_have_the_path():
    model = desk(
        categories={
            "plain": category(share=0.5),
            "v1.2": category(share=0.5, again=0.1, pending={"law": "fixed", "mean": 60.0}),
        }
    )
    after, log = changed(model, {"path": "categories.*.pending.mean", "to": "2min"})
    assert str(log[0]) == "categories.*.pending.mean: 60s -> 2min"
    assert after.categories["v1.2"].pending.mean.value == 120.0


def test_a_star_adds_to_each_that_has_none(model):
    hold = {"share": "20%", "time": {"law": "fixed", "mean": "2min"}}
    after, log = changed(model, {"path": "categories.*.hold", "add": hold})
    assert all(c.hold.time.mean.value == 120.0 for c in after.categories.values())
    assert len(log) == 1
    again = refused(after, {"path": "categories.*.hold", "add": hold})
    assert "none of 4 categories has hold" in again[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"path": "agents.*.slots", "to": 0}, "agents.*.slots: expected 1 or more; found 0"),
        ({"path": "agents.L3/*.slots", "to": 2}, "team 'L3' is unknown; expected one of L1, L2"),
        ({"path": "agents.*.slot", "to": 2}, "none of 24 agents has slot. Did you mean slots"),
        ({"path": "agents.*.tiers", "to": "hard"},
         "agents.*.tiers: expected a list, such as [a, b]; found 'hard'"),
        ({"path": "routing.own_wait", "to": 30}, "'30' has no unit"),
        ({"path": "routing.own_wait", "times": 2}, "only 'to' can change it"),
        ({"path": "routing.assign", "to": "idle"},
         "'idle' is unknown; expected one of longest_idle, "),
        ({"path": "routing.assign", "from": "fewest_open", "to": "least_busy"},
         "says longest_idle, not fewest_open"),
        ({"path": "clock", "to": "7s"}, "write whole seconds that divide 15min"),
    ],
)  # fmt: skip
def test_mistakes_are_told(model, change, said):
    found = refused(model, change)
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"path": "categories.*.channels", "to": {"web": "75%", "chat": "25%"}},
         "categories.*.channels: 'chat' is unknown. expected one of web, phone"),
        ({"path": "categories.repair.channels", "to": {"web": "75%", "chat": "25%"}},
         "categories.repair.channels: 'chat' is unknown. expected one of web, phone"),
        ({"path": "categories.*.difficulty", "to": {"nrmal": "100%"}},
         "categories.*.difficulty: 'nrmal' is unknown. Did you mean normal?"),
        ({"path": "categories.*.channels", "to": {"web": "75%", "phone": "24%"}},
         "categories.*: shares of channels add up to 99%; they must add up to 100%"),
        ({"path": "agents.L2/*.serves", "to": ["L9"]},
         "agents.L2/*.serves: 'L9' is unknown. expected one of L1, L2"),
        ({"path": "agents.*.tiers", "to": ["esy"]},
         "agents.Chen Jing.tiers (and 23 more agents): 'esy' is unknown. expected one of simple, "
         "normal, hard"),
        ({"path": "categories.*.help",
          "add": {"share": "10%", "time": {"law": "fixed", "mean": "1h"}, "team": "L9"}},
         "categories.*.help.team: 'L9' is unknown. expected one of L1, L2"),
    ],
)  # fmt: skip
def test_a_name_that_the_desk_lacks_is_told_once(model, change, said):
    assert refused(model, change) == [f"what-if  {said}"]


def test_a_priority_that_a_scenario_brings_may_have_a_credit(model):
    shares = {"path": "categories.*.priorities", "to": {"urgent": "10%", "high": "90%"}}
    credit = {"path": "routing.credit.urgent", "to": "3h"}
    for pair in ((shares, credit), (credit, shares)):
        assert changed(model, *pair)[0].routing.credit["urgent"] == 3 * 3600.0
    assert "routing.credit.urgent is not in the baseline" in refused(model, credit)[0]


def test_a_star_and_one_of_its_paths_conflict(model):
    found = refused(
        model,
        {"path": "agents.*.speed", "times": 1.1},
        {"path": "agents.Chen Jing.speed", "times": 0.9},
    )
    assert "agents.Chen Jing.speed is changed twice" in found[0]


def test_paths_with_a_star_are_listed_with_what_they_share(model):
    shown = starred(list_paths(model) | settings(model), model)
    assert shown["agents.*.slots"] == 1
    assert shown["agents.*.speed"] == "24 values"
    assert shown["categories.*.rework"] == "0%"
    assert "categories.CATEGORY.hold" in additions(model)


FIXED = {
    "timezone", "teams", "holidays", "arrivals.profile", "arrivals.day_law", "staffing.shifts",
    "staffing.days", "categories.*.team", "categories.*.transfer_to", "channels.*.mode",
    "agents.*.team", "agents.*.extra", "special_days", "worked", "arrivals.special",
    "expected_work",
}  # fmt: skip
"""What the history tells and no scenario changes: another desk, not a what-if."""
PARTS = ("agents", "categories", "channels", "difficulty")
REACHED_OTHERWISE = {"agents.*.serves", "routing.credit", "staffing.extra", "staffing.meetings"}


def test_everything_of_a_desk_is_a_path_or_stays_as_the_history_says(model):
    """A feature added to the model later cannot be out of reach of scenarios unnoticed."""
    reached = {*list_paths(model), *settings(model)}
    free = {path.replace("AGENT", "*").replace("CATEGORY", "*") for path in additions(model)}
    free = {path.replace("CHANNEL", "*").partition(".NAME")[0] for path in free}
    lost = set()
    for path, spec in declarations(model).items():
        if isinstance(spec, (Duration, Patience)):
            continue  # the shape of a law belongs to its mean
        for field in type(spec).model_fields:
            at = f"{path}.{field}".lstrip(".")
            part, _, rest = at.partition(".")
            starred_at = f"{part}.*.{rest.rpartition('.')[2]}" if part in PARTS and rest else at
            known = any(
                p == at or p.startswith(f"{at}.") or at.startswith(f"{p}.") for p in reached
            )
            if not known and starred_at not in free | FIXED | REACHED_OTHERWISE:
                lost.add(starred_at)
    assert lost == set()
