"""Values that the clock could not take are refused with their path and how to mend them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from small_desks import category, desk
from svcsim.errors import InputError
from svcsim.model.service import ServiceModel

YEAR = 365 * 86400.0
HOUR = {"law": "fixed", "mean": 3600.0}
CUSTOMERS = {"number": 100}
WINDOWS = {"mon": [("09:00", "17:00")]}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"patience": {"hazard": (6.0,), "level": 0.0}}, "leave patience out"),
        ({"patience": {"hazard": (0.0,)}}, "leave patience out"),
        ({"patience": {"hazard": ()}}, "hazard is empty; write a leaving rate"),
        ({"patience": {"hazard": (), "edges": ()}}, "hazard is empty; write a leaving rate"),
        ({"patience": {"hazard": (6.0, 6.0), "edges": (0.0, 11 * YEAR)}},
         "channels.in.patience.edges: 11 years; write 10 years or less"),
        ({"difficulty": {"normal": {"work": 0.0}}},
         "difficulty.normal.work: all tiers of category all have work 0; write more than 0"),
        ({"categories": {"all": category(handling={"law": "fixed", "mean": 11 * YEAR})}},
         "categories.all.handling.mean: 11 years; write 10 years or less"),
        ({"categories": {"all": category(knowledge={"effect": 0.1, "time": 1e300})}},
         "categories.all.knowledge.time: .* years; write 10 years or less"),
        ({"bursts": {"b": {"per_week": 1, "category": "all", "size": 3, "over": 11 * YEAR}}},
         "bursts.b.over: 11 years"),
        ({"routing": {"credit": {"normal": 10_001 * YEAR}}},
         r"routing.credit.normal: 1e\+04 years; write 10000 years or less"),
        ({"routing": {"credit": {"normal": float("inf")}}}, "routing.credit.normal: no finite"),
        ({"routing": {"due": {"normal": 11 * YEAR}}}, "routing.due.normal: 11 years"),
        ({"routing": {"own_wait": 2 * YEAR}}, "routing.own_wait: 2 years; write a year or less"),
        ({"routing": {"own_wait": float("nan")}}, "routing.own_wait: no finite time"),
        ({"agents": {"Ann": {"team": "team", "speed": 0.0}}},
         "agents.Ann.speed: 0; write 0.05 or more"),
        ({"staffing": {"learning": {"start": 0.005, "time": 3600.0}}},
         "start is 0.5%; write 1% or more"),
        ({"staffing": {"off_share": 0.1}}, "off_share is above 0%, so off_time"),
        ({"staffing": {"presence": 0.0}}, "staffing.presence: 0%; nobody would ever come; write"),
        ({"routing": {"sla_hours": WINDOWS}}, "routing.sla_hours: needs discipline: due; write it"),
        ({"routing": {"own_customer": True}},
         "routing.own_customer: needs customers; declare customers or leave it out"),
        ({"routing": {"own_customer": True, "own_first": False}, "customers": CUSTOMERS},
         "routing.own_customer: needs own_first; write own_first: true"),
        ({"max_handlings": 65_536}, "less than or equal to 65535"),
        ({"max_contacts": 65_536}, "less than or equal to 65535"),
        ({"categories": {"all": category(reopen=1.0)}},
         "categories.all.reopen: 100%; a case would come back without end; write less than 100%"),
        ({"categories": {"all": category(repeat=1.0)}},
         "categories.all.repeat: 100%; a case would come back without end; write less than 100%"),
        ({"categories": {"all": category(repeat=0.1)}, "returns": {"redial": 1.0}},
         "returns.redial: 100% where contacts are repeated, too; .* write less than 100%"),
    ],
)  # fmt: skip
def test_what_the_clock_could_not_take_is_refused(changes, said):
    with pytest.raises(ValidationError, match=said):
        desk(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"routing": {"credit": {"normal": 9_999 * YEAR}, "own_wait": YEAR}},
        {"routing": {"own_customer": True}, "customers": CUSTOMERS},
        {"routing": {"sla_hours": WINDOWS, "discipline": "due", "due": {"normal": 3600.0}}},
        {"staffing": {"learning": {"start": 0.01, "time": 3600.0}, "off_share": 0.1,
                      "off_time": HOUR}},
        {"agents": {"Ann": {"team": "team", "speed": 0.05, "slots": 3}},
         "categories": {"all": category(wrap_up=HOUR)}},
        {"returns": {"redial": 1.0}},
        {"mode": "ticket", "categories": {"all": category(repeat=0.1)}, "returns": {"redial": 1.0}},
        {"max_handlings": 65_535, "max_contacts": 65_535},
    ],
)  # fmt: skip
def test_the_limits_themselves_are_allowed(changes):
    assert desk(**changes)


def test_each_limit_is_a_finding_at_its_line(tmp_path):
    file = tmp_path / "desk.yaml"
    text = desk(servers=2).to_yaml().replace("mean: 60min", "mean: 99999d")
    file.write_text(text + "routing: {own_customer: true}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        ServiceModel.from_yaml(file)
    said = [str(finding) for finding in caught.value.findings]
    for path in ("categories.all.handling.mean", "routing.own_customer"):
        (one,) = [line for line in said if path in line]
        assert one.startswith(f"{file}:")
