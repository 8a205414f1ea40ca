"""What a change did, in both languages and without a word of Python; what was cut is said."""

from __future__ import annotations

import pytest

from svcsim.samples.history import truth
from svcsim.scenario.applied import said
from svcsim.scenario.changes import Change, apply_changes


@pytest.fixture(scope="module")
def model():
    return truth()


def applied(model, path, **op):
    return apply_changes(model, [Change(path=path, **op)])[1][0]


@pytest.mark.parametrize(
    ("path", "op", "en", "zh"),
    [
        ("routing.by_preference", {"to": True}, "no -> yes", "否 → 是"),
        ("agents.Chen Jing.serves", {"to": ["L2"]}, "none -> [L2]", "无 → [L2]"),
        ("categories.repair.handling.mean", {"plus": "-5min"},
         "37min -> 32min", "37 分钟 → 32 分钟"),
        ("routing.credit.high", {"to": "2d"}, "2h -> 2d", "2 小时 → 2 天"),
        ("arrivals.level", {"times": 1.1}, "790 -> 869", "790 → 869"),
        ("arrivals.trend", {"add": 0.015}, "none -> 0.015", "无 → 0.015"),
        ("categories.*.hold", {"add": {"share": "20%", "time": {"mean": "3min", "cv": 1}}},
         "none -> {share: 20%, time: {mean: 3min, cv: 1}} (4 times)",
         "无 → {share: 20%, time: {mean: 3 分钟, cv: 1}}（共 4 处）"),
        ("agents.L2/*.speed", {"to": 1.2}, "8 values -> 1.2 (8 times)",
         "8 个不同的值 → 1.2（共 8 处）"),
        ("staffing.meetings", {"add": {"weekday": "mon", "from": "10:00", "to": "11:00"}},
         "none -> 1 more", "无 → 新增 1 个"),
    ],
)  # fmt: skip
def test_a_change_is_told_in_both_languages(model, path, op, en, zh):
    change = applied(model, path, **op)
    assert change.text.en == f"{path}: {en}"
    assert change.text.zh == f"{path}：{zh}"
    assert change.notes == ()


def test_a_probability_beyond_100_percent_is_said(model):
    """94 % times 1.2 is 112.8 %: 100 % is taken, and whoever asked is told so."""
    (note,) = applied(model, "staffing.presence", times=1.2).notes
    assert note.en == (
        "staffing.presence: the change asks for 112.8%; a probability lies between 0% and 100%, "
        "so 100% was taken"
    )
    assert "112.8%" in note.zh
    (note,) = applied(model, "categories.repair.repeat", plus="-50%").notes
    assert "asks for -38%" in note
    assert "so 0% was taken" in note


def test_a_star_says_each_path_that_was_cut(model):
    notes = applied(model, "categories.*.repeat", plus="-90%").notes
    assert len(notes) == 4
    assert {note.partition(":")[0] for note in notes} == {
        f"categories.{name}.repeat" for name in model.categories
    }


@pytest.mark.parametrize(
    ("path", "to", "said"),
    [
        ("arrivals.level", 1.2,
         "790 -> 1.2 changes it by a factor of 658; did you mean times: 1.2?"),
        ("arrivals.level", "0.9", "by a factor of 878; did you mean times: 0.9?"),
        ("arrivals.level", 16000, "790 -> 16000 changes it by a factor of 20.3"),
        ("categories.repair.handling.mean", "1.2min",
         "37min -> 72s changes it by a factor of 30.8"),
        ("arrivals.level", 40, None),
        ("categories.repair.repeat", "0%", None),
        ("agents.Chen Jing.quality", 5, None),
    ],
)  # fmt: skip
def test_a_value_far_from_the_old_one_is_remarked(model, path, to, said):
    """A bare number is the new value: who writes a level of 1.2 may have meant a fifth more."""
    notes = applied(model, path, to=to).notes
    assert len(notes) == (said is not None)
    for note in notes:
        assert note.en.startswith(f"{path}: ")
        assert note.en.endswith(said)
        assert note.zh


def test_a_star_over_many_says_one_and_how_many_more(model):
    (note,) = applied(model, "agents.*.speed", to=50).notes
    assert note.endswith("(agents.*.speed: 23 more like it)")
    assert "另有 23 处" in note.zh


def test_nothing_is_said_where_the_value_was_taken(model):
    assert applied(model, "staffing.presence", to="100%").notes == ()


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [(None, "none", "无"), ([], "none", "无"), (False, "no", "否"), (2.0, "2", "2"),
     ("1h30min", "1h30min", "1 小时 30 分钟"), ("mon", "mon", "mon"),
     (("a", "b"), "[a, b]", "[a, b]")],
)  # fmt: skip
def test_values_in_words(value, en, zh):
    assert (said(value).en, said(value).zh) == (en, zh)
