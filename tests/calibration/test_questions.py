"""Which answers a baseline asks for, and in which order."""

from __future__ import annotations

import math
from typing import Any

import pytest

from small_desks import category, desk
from svcsim.calibration.questions import elasticity, questions
from svcsim.model.baseline import Baseline, Source
from svcsim.model.quantity import Factor, Share
from svcsim.model.questions import Satisfaction


def baseline(
    per_hour: float = 8.0, *, grade: str = "proxy", mean: dict[str, Any] | None = None,
    slowdown: Factor | None = None, **changes: Any,
) -> Baseline:  # fmt: skip
    """Ten agents, an hour's work a contact: the load is an eighth of the contacts an hour less."""
    handling = {"value": 3600.0, "interval": (3420.0, 3790.0), "n": 500, "grade": "measured"}
    kind = category(handling={"law": "exponential", "mean": mean or handling})
    staffing = {"presence": Share(value=1.0, grade=grade)}
    if slowdown is not None:
        staffing["slowdown"] = slowdown
    source = Source(log="log", rows=1, start="2025-01-06", end="2025-06-02")
    model = desk(per_hour, categories={"all": kind}, staffing=staffing)
    return Baseline(svcsim="0", name="x", source=source, model=model, **changes)


def sizes(found: Baseline, most: int = 9) -> dict[str, float]:
    return {question.name: question.size for question in questions(found, most)}


def test_waits_follow_capacity_less_on_a_quiet_desk():
    """Ten agents all day and night: six contacts an hour of one hour load them to 60 %."""
    assert elasticity(baseline(6.0).model) == pytest.approx(8.0)
    assert elasticity(baseline(9.0).model) == pytest.approx(8.0)
    assert elasticity(baseline(3.0).model) == pytest.approx(4.0)


def test_the_size_is_elasticity_times_what_is_not_known():
    found = sizes(baseline(6.0))
    assert found["roster"] == pytest.approx(8 * 0.10)
    assert found["aht"] == pytest.approx(8 * 0.5 * math.log(3790 / 3420))
    assert found["shrinkage"] == pytest.approx(8 * 0.10)
    assert sizes(baseline(3.0))["roster"] == pytest.approx(4 * 0.10)


def test_a_tuned_factor_has_taken_up_half_of_hours_and_times():
    tuned = Factor(value=1.1, interval=(1.0, 1.21), grade="proxy")
    found = sizes(baseline(6.0, slowdown=tuned))
    assert found["roster"] == pytest.approx(0.5 * 8 * 0.10)
    assert found["shrinkage"] == pytest.approx(8 * math.log(1.1))


def test_what_was_given_is_not_asked_again():
    mean = {"value": 3600.0, "interval": (3500.0, 3700.0), "grade": "given"}
    given = baseline(grade="given", mean=mean)
    staffing = given.model.staffing.model_copy(update={"shrinkage": {"team": Share(value=0.2)}})
    model = given.model.model_copy(update={"staffing": staffing, "holidays": ("2025-05-01",)})
    assert sizes(given.model_copy(update={"model": model})) == {}


def test_three_are_asked_the_largest_first_each_with_what_why_how_and_what_it_changes():
    mean = {"value": 600.0, "interval": (300.0, 1200.0), "grade": "assumed"}
    found = questions(baseline(36.0, grade="assumed", mean=mean))
    assert [question.name for question in found] == ["aht", "roster", "shrinkage"]
    assert [q.size for q in found] == sorted((q.size for q in found), reverse=True)
    for question in found:
        for text in (question.ask, question.why, question.how, question.effect):
            assert text.en
            assert text.zh
    assert "--aht FILE" in found[0].how.en
    assert "±100%" in found[0].why.en
    assert "uncertain by a factor of" in found[0].effect.en


def test_who_was_sent_a_survey_is_asked_by_what_it_may_hide():
    from svcsim.calibration.ladder import Rung

    rung = Rung(
        name="survey_sent", what="x", present=False, fallback="x", grade="proxy", effect="x"
    )
    seen = Satisfaction(
        kind="csat_top2", answers=300, contacts=1200, naive=0.82, value=0.80,
        interval=(0.77, 0.83), method="g-formula",
        sensitivity={"1": 0.80, "0.67": 0.75, "0.5": 0.70},
    )  # fmt: skip
    found = sizes(baseline(ladder=(rung,), satisfaction=seen))
    assert found["survey_sent"] == pytest.approx(0.125)
