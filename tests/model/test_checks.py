"""Desks that could not run are refused with the place and the mend; others are warned about."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from small_desks import MONDAY, category, desk, run_clock
from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import simulate
from svcsim.errors import InputError
from svcsim.model.checks import remarks
from svcsim.model.demand import Category
from svcsim.model.duration import Duration
from svcsim.model.load import loads, offered_hours, staff_cost
from svcsim.model.narrowest import narrowest
from svcsim.model.service import ServiceModel
from svcsim.samples.history import truth

HOUR = {"law": "fixed", "mean": 3600.0}


def two_teams(**changes: Any) -> ServiceModel:
    """Ann (front, also serves back) and Bob (back), two tiers, two languages, both rostered."""
    parts: dict[str, Any] = {
        "teams": ["front", "back"],
        "difficulty": {"easy": {}, "hard": {}},
        "languages": {"zh": 0.8, "en": 0.2},
        "agents": {
            "Ann": {"team": "front", "serves": ["back"]} | changes.pop("ann", {}),
            "Bob": {"team": "back"} | changes.pop("bob", {}),
        },
        "categories": {
            "all": category(
                team="front", difficulty={"easy": 0.7, "hard": 0.3}, transfer=0.2,
                transfer_to="back", **changes.pop("category", {}),
            )
        },
    }  # fmt: skip
    return desk(**parts | changes)


def test_the_desk_of_these_tests_is_fine():
    assert two_teams().teams == ("front", "back")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ann": {"tiers": ["easy"]}}, "team front has hard cases to serve but no rostered agent"),
        ({"ann": {"languages": ["zh"]}}, "team front has cases in en but no rostered agent speaks"),
        ({"ann": {"tiers": ["easy"]}, "bob": {"languages": ["zh"], "tiers": ["hard"]}},
         "team back has hard cases in en but no rostered agent does both"),
        ({"ann": {"serves": []}, "staffing": {"extra": {"back": -1}}},
         "team back has contacts to serve but no rostered agent serves it"),
        ({"staffing": {"extra": {"front": -1, "back": -1}}}, "nobody is on duty"),
        ({"ann": {"tiers": ["esy"]}}, r"agents.Ann.tiers: 'esy' is unknown. Did you mean easy"),
        ({"ann": {"languages": ["eng"]}},
         "agents.Ann.languages: 'eng' is unknown. Did you mean en"),
        ({"languages": {}, "ann": {"languages": ["en"]}}, "the desk has no languages"),
        ({"ann": {"tiers": ["esy"]}, "bob": {"tiers": ["esy"]}}, r"tiers \(and 1 more agents\)"),
        ({"routing": {"credit": {"normale": 60.0}}},
         "routing.credit: 'normale' is unknown. Did you mean normal"),
        ({"routing": {"due": {"vip": 60.0}}}, "routing.due: 'vip' is unknown. expected one of"),
        ({"routing": {"sla_hours": {"monday": [("09:00", "17:00")]}}},
         "routing.sla_hours: 'monday' is unknown. Did you mean mon"),
        ({"routing": {"sla_hours": {"mon": [("17:00", "09:00")]}}}, "sla_hours.mon: window 17:00"),
        ({"routing": {"sla_hours": {"mon": [("9am", "17:00")]}}}, "'9am' is not a time of day"),
        ({"routing": {"sla_hours": {"mon": []}}}, "the SLA clock never runs"),
        ({"category": {"help": {"share": 0.1, "time": HOUR, "team": "bak"}}},
         "categories.all.help.team: 'bak' is unknown. Did you mean back"),
        ({"category": {"help": {"share": 0.1, "time": HOUR, "team": "back"}},
          "staffing": {"extra": {"back": -1}}}, "nobody of team back is on the roster"),
        ({"category": {"pending_by": {"customers": {"share": 1.0, "time": HOUR}}}},
         "pending_by: 'customers' is unknown. Did you mean customer"),
        ({"category": {"knowledge": {"effect": 0.1, "published": "soon"}}},
         "knowledge.published: 'soon' is not a date"),
    ],
)  # fmt: skip
def test_what_could_not_run_is_refused(changes, said):
    with pytest.raises(ValidationError, match=said):
        two_teams(**changes)


def test_help_from_elsewhere_needs_nobody():
    asked = {"help": {"share": 0.1, "time": HOUR}}
    assert two_teams(category=asked, staffing={"extra": {"back": -1}})


def test_an_incident_may_bring_a_tier_that_nobody_takes():
    """Ordinary cases are easy; the incident's are hard, and Ann takes easy ones only."""
    burst = {"per_week": 1.0, "category": "all", "size": 5.0, "over": 60.0}
    shares = {"difficulty": {"easy": 1.0}, "team": "back"}
    people = {"Bob": {"team": "back", "tiers": ["easy"]}}
    parts = {
        "teams": ["back"],
        "difficulty": {"easy": {}, "hard": {}},
        "categories": {"all": category(**shares)},
        "agents": people,
    }
    assert desk(bursts={"b": burst}, **parts)
    with pytest.raises(ValidationError, match="team back has hard cases"):
        desk(bursts={"b": burst | {"difficulty": {"hard": 1.0}}}, **parts)


def test_no_time_of_a_table_is_negative():
    with pytest.raises(ValidationError, match="a time cannot be negative"):
        Duration(law="table", mean=60.0, table=(-0.5, 1.0, 2.0))


@pytest.mark.parametrize("chance", ["again", "onward", "rework"])
def test_a_handling_that_never_ends_is_refused(chance):
    with pytest.raises(ValidationError, match="never be resolved"):
        Category.model_validate(category(**{chance: 1.0, "pending": HOUR}))


def test_load_by_hand():
    """8 cases an hour of one hour each; 10 agents around the clock: load 80 %, 7 agents: 114 %."""
    (load,) = loads(desk(servers=10))
    assert (load.work, load.able) == (8 * 168, 10 * 168)
    assert remarks(desk(servers=10)) == []
    (remark,) = remarks(desk(servers=7))
    assert "team team: 1344 h of work a week against 1176 h" in remark
    assert "load 114%" in remark
    assert "班组 team" in remark.zh


def test_load_counts_rework_speed_chats_and_first_replies():
    double = desk(servers=10, categories={"all": category(rework=0.5)})
    assert loads(double)[0].work == pytest.approx(2 * 8 * 168)
    agents = {f"a{i}": {"team": "team", "speed": 2.0, "slots": 2} for i in range(5)}
    fast = desk(agents=agents, chats={"slowdown": 0.5})
    assert loads(fast)[0].able == pytest.approx(5 * 2 * 168)
    assert loads(fast)[0].work == pytest.approx(8 * 168 / (2 / 1.5))
    reply = {"first_reply": {"law": "fixed", "mean": 900.0}}
    tickets = desk(mode="ticket", categories={"all": category(**reply)})
    assert loads(tickets)[0].work == pytest.approx(8 * 168 * 1.25)


def test_load_has_all_parts_of_a_handling():
    """1 h of handling, 1 h of wrap-up, a hold of half an hour each time: 80 % becomes 200 %."""
    hold = {"share": 1.0, "time": {"law": "fixed", "mean": 1800.0}}
    parts = {"all": category(wrap_up=HOUR, hold=hold)}
    (load,) = loads(desk(servers=10, categories=parts))
    assert load.rho == pytest.approx(2.0)
    assert "load 200%" in remarks(desk(servers=10, categories=parts))[0]
    assert offered_hours(desk(servers=10, categories=parts))["team"] == pytest.approx(load.work)


def test_first_answers_are_slowed_down_and_may_take_no_time():
    """Every second ticket is answered emptily in half an hour, one of five of those in no time."""
    empty = {"empty_reply": 0.5, "empty_reply_time": {"law": "fixed", "mean": 1800.0, "zero": 0.2}}
    slow = desk(mode="ticket", behaviour=empty, staffing={"slowdown": 1.5})
    assert loads(slow)[0].work == pytest.approx(8 * 168 * (1 + 0.5 * 0.8 * 0.5) * 1.5)
    own = {"all": category(first_reply={"law": "fixed", "mean": 1800.0, "zero": 0.2})}
    slow = desk(mode="ticket", categories=own, behaviour=empty, staffing={"slowdown": 1.5})
    assert loads(slow)[0].work == pytest.approx(8 * 168 * (1 + 0.8 * 0.5) * 1.5)


def test_an_agent_with_several_live_contacts_at_once_does_more_and_is_slowed_down_too():
    agents = {"one": {"team": "team"}, "two": {"team": "team", "slots": 2}}
    model = desk(agents=agents, chats={"slowdown": 0.6}, staffing={"slowdown": 1.25})
    assert loads(model)[0].work == pytest.approx(8 * 168 * 2 / ((1 + 2 / 1.6) / 1.25))


@pytest.mark.parametrize(("slots", "slowdown"), [(1, 1.25), (2, 1.25), (3, 0.8)])
def test_what_load_calls_able_is_what_an_agent_with_always_somebody_waiting_gets_done(
    slots, slowdown
):
    agents = {"one": {"team": "team", "slots": slots}}
    model = desk(
        30.0, agents=agents, chats={"slowdown": 0.6}, staffing={"slowdown": slowdown},
        categories={"all": category(handling={"law": "exponential", "mean": 600.0})},
    )  # fmt: skip
    (load,) = loads(model)
    assert load.rho > 2
    _, record = run_clock(model, Horizon(MONDAY, 28, 0))
    done = sum(contact.resolved == contact.resolved for contact in record.contacts)
    assert done / 4 == pytest.approx(30 * 168 / load.rho, rel=0.05)


def test_load_is_what_the_clock_is_busy_with():
    """Busy hours of a month on paper and under the clock, with every part and a slowdown."""
    law = {"law": "exponential", "mean": 600.0}
    parts = category(wrap_up=law, hold={"share": 0.5, "time": law},
                     help={"share": 0.3, "time": law}, first_reply=law)  # fmt: skip
    model = desk(4.0, 30, mode="ticket", categories={"all": parts}, staffing={"slowdown": 1.2})
    _, record = run_clock(model, Horizon(MONDAY, 56, 1))
    busy = sum(free - begun for _, _, _, begun, _, free in record.work) / 3600.0 / 8
    assert busy == pytest.approx(loads(model)[0].work, rel=0.03)


def test_helpers_count_for_each_team_and_once_for_the_desk():
    """Ann and Bob work around the clock (168 h a week each); Ann is able to do both teams' work."""
    model = two_teams()
    front, back, both = loads(model)
    assert (front.teams, back.teams, both.teams) == (("front",), ("back",), ("front", "back"))
    assert front.able == 168.0
    assert back.able == both.able == 336.0
    assert front.work + back.work == pytest.approx(both.work)
    told = remarks(model)
    assert [text.split(":")[0] for text in told][-1] == "all teams together"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"categories": {"all": category(repeat=0.95)}}, "categories.all.repeat is 95%"),
        ({"categories": {"all": category(reopen=0.95)}}, "cut off after 40 handlings"),
        ({"returns": {"redial": 0.95}}, "returns.redial is 95%"),
        ({"returns": {"redial": 1.0}}, "returns.redial is 100%"),
    ],
)
def test_a_loop_that_only_the_cap_ends_is_told(changes, said):
    told = remarks(desk(per_hour=0.001, **changes))
    assert len(told) == 1
    assert said in told[0]
    assert said.split()[-1] in told[0].zh or "40" in told[0].zh


def test_several_contacts_at_once_are_remarked_with_the_channels_they_are_of():
    """Ann has three slots, meant for chats; they count for calls, not for the unused channel."""
    modes = {"phone": "live", "chat": "live", "web": "ticket", "video": "live"}
    channels = {name: {"mode": mode} for name, mode in modes.items()}
    shares = {"phone": 0.5, "chat": 0.2, "web": 0.3, "video": 0.0}
    people = {"Ann": {"team": "team", "slots": 3}, "Bob": {"team": "team"}}
    parts = {"channels": channels, "agents": people, "per_hour": 0.1}
    kinds = {"all": category(channels=shares)}
    (free,) = remarks(desk(**parts, categories=kinds))
    assert free.startswith(
        "1 of 2 rostered agents take several contacts at once of every live channel: phone, chat "
        "(up to 3 each; agents.*.slots); chats.slowdown is 0, so several at once cost no time"
    )
    assert "phone, chat" in free.zh
    (slowed,) = remarks(desk(**parts, categories=kinds, chats={"slowdown": 0.3}))
    assert slowed.endswith("(up to 3 each; agents.*.slots)")
    assert remarks(desk(**parts, categories={"all": category(channels={"web": 1.0})})) == []
    off = [{"weekday": "mon", "on": {"all": ["Bob"]}}]
    assert remarks(desk(**parts, categories=kinds, staffing={"days": off})) == []


def test_the_sample_desk_has_nothing_to_remark():
    assert remarks(truth()) == []


def test_staff_costs_its_hours_those_of_added_agents_too():
    """10 agents around the clock and 2 more at 90 % presence: 12 x 168 x 0.9 hours at 50."""
    cost = {"per_hour": 50.0, "currency": "CNY"}
    model = desk(servers=10, cost=cost, staffing={"extra": {"team": 2}, "presence": 0.9})
    told = staff_cost(model)
    assert told["hours_per_week"] == pytest.approx(12 * 168 * 0.9)
    assert told["cost_per_week"] == pytest.approx(12 * 168 * 0.9 * 50)
    assert staff_cost(desk()) == {}
    assert staff_cost(desk(cost={"per_contact": 2.0})) == {}


def test_every_problem_has_its_own_line_in_the_file(tmp_path):
    """A tier and a credit that do not exist are two findings, at the lines where they stand."""
    data = two_teams().to_yaml()
    file = tmp_path / "desk.yaml"
    file.write_text(
        data.replace("Bob: {team: back}", "Bob: {team: back, tiers: [herd]}")
        + "routing:\n  credit: {normale: 1h}\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        ServiceModel.from_yaml(file)
    lines = file.read_text(encoding="utf-8").splitlines()
    for finding, key in zip(caught.value.findings, ("tiers: [herd]", "credit:"), strict=True):
        place, line = finding.where.rsplit(":", 1)
        assert place == str(file)
        assert key in lines[int(line) - 1]
    assert "Did you mean hard?" in str(caught.value)
    assert "Did you mean normal?" in str(caught.value)


def test_hard_cases_that_only_a_few_may_take_are_an_overload_though_teams_are_not():
    """Four agents do 8 x 168 x .5 h; hard work (half of all) falls on one of them."""
    agents = {"senior": {"team": "team"}}
    agents |= {f"junior {i}": {"team": "team", "tiers": ["simple"]} for i in range(3)}
    law = {"law": "fixed", "mean": 900.0}
    kind = category(difficulty={"simple": 0.75, "hard": 0.25}, handling=law)
    model = desk(
        8.0, agents=agents, categories={"all": kind},
        difficulty={"simple": {"work": 1.0}, "hard": {"work": 3.0}},
    )  # fmt: skip
    assert loads(model)[0].rho == pytest.approx(8 * 0.25 / 4)
    load, queues = narrowest(model)
    assert queues == (("team", "hard", None),)
    assert load.rho == pytest.approx(8 * 0.25 / 2)
    said = " ".join(str(remark) for remark in remarks(model))
    assert "team hard" in said
    # both clocks agree: hard cases pile up, a quarter of an hour of them an hour
    log = simulate(model, Horizon(MONDAY, 28, 0), seed=1, replication=1)
    waiting = log.frame[log.frame["first_response_s"].isna()]
    assert (waiting["difficulty"] == "hard").all()


def test_languages_divide_work_like_tiers_and_helpers_of_both_count_once():
    """zh 90 % of 2 h an hour: one speaks zh, one en, one both: zh 1.8 / 2, all 2 / 3."""
    agents = {"a": {"team": "team", "languages": ["zh"]},
              "b": {"team": "team", "languages": ["en"]}, "c": {"team": "team"}}  # fmt: skip
    model = desk(2.0, agents=agents, languages={"zh": 0.9, "en": 0.1})
    load, queues = narrowest(model)
    assert queues == (("team", None, "zh"),)
    assert load.rho == pytest.approx(0.9)
    assert narrowest(desk(2.0, 3)) is None


def test_an_agent_misspelt_in_the_roster_is_told_once_where_the_name_stands(tmp_path):
    """Bob is misspelt in all seven days; that nobody then serves his team is no second mistake."""
    file = tmp_path / "desk.yaml"
    text = two_teams(ann={"serves": []}).to_yaml()
    file.write_text(text.replace("[Ann, Bob]", "[Ann, Bobb]"), encoding="utf-8")
    line = next(i for i, t in enumerate(file.read_text().splitlines(), 1) if "Bobb" in t)
    with pytest.raises(InputError) as caught:
        ServiceModel.from_yaml(file)
    assert str(caught.value) == (
        f"{file}:{line}  staffing.days (entry 1).on.all (entry 2) (and 6 more places): 'Bobb' is "
        "unknown. Did you mean Bob?"
    )
