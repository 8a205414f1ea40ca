"""Changes between periods: exact parts, honest intervals, plain words."""

import numpy as np
import pandas as pd
import pytest

from review_desks import DAY, asked, drawn
from svcsim.contacts.log import ContactLog, make_log
from svcsim.metrics.catalogue import get_metric
from svcsim.scorecard.change import Change, Part, changes
from svcsim.scorecard.change_words import sentence
from svcsim.scorecard.kpi_rows import kpi_rows
from svcsim.scorecard.measure import DESK
from svcsim.scorecard.period import Period

BEFORE, NOW = Period("one", 0.0, 28 * DAY), Period("two", 28 * DAY, 56 * DAY)
PARTS = ("rate", "mix_category", "mix_difficulty", "mix_agent")


def change_of(log: ContactLog, metric: str, kind: str = DESK, name: str = "desk") -> Change:
    rows = kpi_rows(log, asked(metric, NOW), (BEFORE, NOW))
    (found,) = changes(log, asked(metric, NOW), rows, BEFORE.label, kind, [name])
    return found


def two_periods(cells: list[tuple[float, str, str, int, int]]) -> ContactLog:
    """Return a log of ``(day, category, agent, contacts, of them good)``, spread over 20 days."""
    rows = []
    for start, category, agent, n, good in cells:
        for i in range(n):
            opened = (start + i % 20) * DAY
            rows.append({
                "ticket_id": f"{start}{category}{agent}{i}", "opened_s": opened, "agent": agent,
                "team": "one", "category": category, "resolved_s": opened + 600,
                "first_response_s": opened + 60, "survey_s": opened + 900, "outcome": "resolved",
                "csat": 5.0 if i < good else 2.0,
            })  # fmt: skip
    return make_log(
        pd.DataFrame(rows), start=0.0, end=56 * DAY, observed_until=90 * DAY, timezone="UTC"
    )


def simpson() -> ContactLog:
    """Return the worked example: .7/.3 of .92/.70 becomes .5/.5 of .93/.72, one agent."""
    return two_periods([
        (0, "easy", "a", 700, 644), (0, "hard", "a", 300, 210),
        (28, "easy", "a", 500, 465), (28, "hard", "a", 500, 360),
    ])  # fmt: skip


def test_every_type_went_better_and_the_whole_fell() -> None:
    found = change_of(simpson(), "csat_top2")
    assert (found.before, found.now) == pytest.approx((0.854, 0.825))
    assert found.rate.value == pytest.approx(0.014)
    assert found.mix_category.value == pytest.approx(-0.043)
    easy, hard = sorted(found.categories, key=lambda one: one.category)
    assert (easy.rate, hard.rate) == pytest.approx((0.006, 0.008))
    assert easy.mix + hard.mix == pytest.approx(-0.043)
    assert (easy.share_before, easy.share_now) == pytest.approx((0.7, 0.5))


@pytest.mark.parametrize("metric", ["csat_top2", "csat_mean", "aht", "frt_within(10min)"])
def test_parts_sum_to_the_change_and_the_ends_are_the_metric_code(metric: str) -> None:
    from svcsim.metrics.evaluate import evaluate
    from svcsim.metrics.periods import Periods

    log = drawn(np.random.default_rng(2), agents=6, n=120, days=56)
    found = change_of(log, metric)
    edges = np.array([0.0, 28 * DAY, 56 * DAY])
    value = evaluate(log, metric, period=Periods(edges, ("one", "two")))["value"]
    assert (found.before, found.now) == pytest.approx(tuple(value))
    parts = sum(getattr(found, name).value for name in PARTS)
    assert parts == pytest.approx(found.total.value, abs=1e-9 * max(1.0, abs(found.now)))
    assert sum(one.rate + one.mix for one in found.categories) == pytest.approx(found.total.value)


def test_who_handled_them_is_told_from_how_well_they_did() -> None:
    # Both keep their values; b, who does worse, handles more.
    log = two_periods([
        (0, "x", "a", 100, 90), (0, "x", "b", 100, 60),
        (28, "x", "a", 50, 45), (28, "x", "b", 150, 90),
    ])  # fmt: skip
    found = change_of(log, "csat_top2")
    assert found.mix_agent.value == pytest.approx(0.675 - 0.75)
    assert found.rate.value == pytest.approx(0.0)
    assert found.by_agent


def test_people_of_one_period_only_are_not_blamed() -> None:
    # b left and c came; nothing tells their people from their period.
    log = two_periods([(0, "x", "b", 100, 90), (28, "x", "c", 100, 60)])
    found = change_of(log, "csat_top2")
    assert found.mix_agent.value == 0.0
    assert found.rate.value == pytest.approx(-0.3)


def test_without_agents_people_are_not_told_apart() -> None:
    log = simpson()
    frame = log.frame.assign(agent=log.frame["agent"].where(log.frame.index % 3 > 0))
    found = change_of(ContactLog(frame, log.start, log.end, log.observed_until), "csat_top2")
    assert not found.by_agent
    assert found.mix_agent.value == 0.0
    assert found.rate.value + found.mix_category.value == pytest.approx(-0.029)


def test_the_interval_of_an_unchanged_desk_mostly_holds_zero() -> None:
    rng = np.random.default_rng(4)
    held = [change_of(drawn(rng, agents=4, n=100, days=56), "csat_top2").total for _ in range(40)]
    # 95 % of 40 are 38; 33 or fewer would come with probability .003
    assert sum(part.lower <= 0 <= part.upper for part in held) >= 34


def test_a_team_with_few_contacts_and_a_quantile_have_no_parts() -> None:
    log = drawn(np.random.default_rng(5), agents=2, n=20, days=56)
    rows = kpi_rows(log, asked("csat_top2", NOW), (BEFORE, NOW))
    question = asked("csat_top2", NOW)
    assert changes(log, question, rows, "one", "team", ["one"], least=500) == []
    p90 = asked("frt_p90", NOW)
    assert changes(log, p90, kpi_rows(log, p90, (BEFORE, NOW)), "one", DESK, ["desk"]) == []


# --- words -----------------------------------------------------------------------------------


def told(total: Part, **parts: Part) -> Change:
    zero = Part(0.0, 0.0, 0.0)
    every = {name: parts.get(name, zero) for name in PARTS}
    return Change(
        "csat_top2", DESK, "desk", "one", 0.854, 0.825, 1000, 1000, total, **every,
        by_agent=True, categories=(),
    )  # fmt: skip


CLEAR = told(
    Part(-0.029, -0.05, -0.01),
    rate=Part(0.014, 0.0, 0.03),
    mix_category=Part(-0.043, -0.06, -0.03),
)


def test_a_clear_change_says_how_much_and_why() -> None:
    text = sentence(CLEAR, get_metric("csat_top2"), "higher")
    assert text.en == (
        "CSAT, share of 4 and 5 fell 2.9 points (85.4% to 82.5%; 95 %: -5.0 to -1.0 points): "
        "-4.3 points because harder types came, "
        "+1.4 points on the same kinds with the same people"
    )
    assert "下降 2.9 个百分点" in text.zh
    assert "-4.3 个百分点 因为来的类型更难" in text.zh


def test_noise_is_called_noise() -> None:
    text = sentence(told(Part(-0.029, -0.08, 0.02)), get_metric("csat_top2"), "higher")
    assert "within what luck moves" in text.en
    assert "在偶然波动范围内" in text.zh
    assert "because" not in text.en


def test_lower_is_better_turns_easy_and_hard() -> None:
    text = sentence(CLEAR, get_metric("csat_top2"), "lower")
    assert "because easier types came" in text.en
