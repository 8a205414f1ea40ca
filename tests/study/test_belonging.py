"""A baseline is used with its own desk's history, or with none."""

import pytest

from small_desks import category, desk
from svcsim.contacts.log import make_log
from svcsim.errors import InputError
from svcsim.model.baseline import Baseline, Source
from svcsim.study.belonging import check_belongs, same_clock


def baseline(*categories, team="L1", timezone="UTC"):
    model = desk(
        teams=[team],
        agents={"ann": {"team": team}},
        categories={c: category(share=1 / len(categories), team=team) for c in categories},
        timezone=timezone,
    )
    source = Source(log="x", rows=0, start="2025-01-06", end="2025-03-03")
    return Baseline(svcsim="0", name="b", source=source, model=model)


def log(*categories, team="L1", agent="ann", timezone="UTC"):
    rows = [
        {"ticket_id": str(i), "opened_s": 1.7e9 + 60 * i, "resolved_s": 1.7e9 + 60 * i + 600,
         "agent": agent, "team": team, "category": name}
        for i, name in enumerate(categories)
    ]  # fmt: skip
    return make_log(rows, timezone=timezone, name="month")


def test_a_log_of_the_desk_passes_without_a_word():
    assert check_belongs(baseline("bill", "repair"), log("bill", "repair", "new")) == []


def test_another_clock_is_refused_and_another_name_of_the_same_clock_is_not():
    with pytest.raises(InputError, match="month  time zone Asia/Shanghai; baseline 'b' was made"):
        check_belongs(baseline("bill"), log("bill", timezone="Asia/Shanghai"))
    assert check_belongs(baseline("bill"), log("bill", timezone="Etc/UTC")) == []
    winter, summer = 1704067200.0, 1719792000.0
    assert same_clock("Europe/London", "UTC", winter, winter + 30 * 86400)
    assert not same_clock("Europe/London", "UTC", winter, summer)


def test_no_known_category_or_team_is_refused_with_what_was_found_and_expected():
    with pytest.raises(InputError) as error:
        check_belongs(baseline("bill", "repair"), log("x", "y", team="Z"))
    said = str(error.value)
    assert "team Z: none of them is in baseline 'b'; expected some of: L1" in said
    assert "category x, y: none of them is in baseline 'b'; expected some of: bill, repair" in said
    with pytest.raises(InputError, match="no category is filled in"):
        check_belongs(baseline("bill"), log(None, None))


def test_a_baseline_without_names_of_its_own_takes_any_log():
    assert check_belongs(baseline("all", team="desk"), log("x", team="Z")) == []


def test_less_than_half_known_is_a_warning():
    (found,) = check_belongs(baseline("bill"), log("bill", "x", "y"))
    assert found.level == "warning"
    assert "33% of its contacts" in str(found)
    assert check_belongs(baseline("bill"), log("bill", "x")) == []


def test_strange_agents_are_a_warning():
    (found,) = check_belongs(baseline("bill"), log("bill", agent="zoe"))
    assert found.level == "warning"
    assert "agent zoe: none of them is in baseline 'b'" in str(found)
