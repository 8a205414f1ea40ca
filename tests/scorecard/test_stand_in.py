"""KPIs of desk and teams that cannot be judged yet, and teams with unequal work: by hand."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from svcsim.contacts.log import ContactLog
from svcsim.scorecard.curve import Curve
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.score import score
from svcsim.scorecard.scorecard import Scorecard
from svcsim.scorecard.stand_in import settled, with_stand_in
from svcsim.scorecard.table import UnitScore

DeskMaker = Callable[..., ContactLog]

SPEED = Kpi(metric="frt", weight=0.4, target=1200.0, floor=2400.0, stretch=600.0)
CSAT = Kpi(metric="csat_top2", weight=0.6, target=0.8, floor=0.6, stretch=0.9, min_n=30)
CARD = Scorecard(name="two", kpis=(SPEED, CSAT))
ONLY = Scorecard(name="one", kpis=(CSAT.model_copy(update={"weight": 1.0}),))


def answers(good: int, of: int) -> list[float]:
    return [5.0] * good + [2.0] * (of - good)


def kinds(unit: UnitScore) -> set[str]:
    return {flag.kind for flag in unit.flags}


# --- thin and immature ----------------------------------------------------------------------------


@pytest.mark.parametrize("good", [0, 16, 20])
def test_twenty_answers_of_thirty_needed_neither_earn_nor_lose(desk: DeskMaker, good: int) -> None:
    log = desk({"a": answers(good, 20) + [None] * 40})
    unit = score(log, CARD, by=["team"]).unit("desk")
    speed, csat = unit.metrics
    assert (csat.value, csat.n, csat.status) == (good / 20, 20, "too few")
    assert (csat.points, csat.used_value, csat.basis) == (80.0, 0.8, "on target")
    assert unit.score == pytest.approx(0.4 * speed.points + 0.6 * 80.0)
    # What was measured is still there to see.
    curve_points = {0: 0.0, 16: 80.0, 20: 100.0}[good]
    assert unit.score_as_measured == pytest.approx(0.4 * speed.points + 0.6 * curve_points)
    assert unit.weight_scored == pytest.approx(0.4)
    assert "thin" in kinds(unit)


def test_the_interval_covers_whatever_a_thin_kpi_may_turn_out_to_be(desk: DeskMaker) -> None:
    unit = score(desk({"a": answers(20, 20) + [None] * 40}), CARD).unit("desk")
    least, most = (0.4 * unit.metrics[0].points + 0.6 * points for points in (0.0, 100.0))
    # 95 % of half the draws spread over 0 to 80 and half over 80 to 100.
    assert unit.lower == pytest.approx(least + 0.6 * 80 * 0.05, abs=1.5)
    assert unit.upper == pytest.approx(most - 0.6 * 20 * 0.05, abs=1.5)
    assert unit.band == "uncertain"


def test_thirty_answers_are_judged_by_themselves(desk: DeskMaker) -> None:
    unit = score(desk({"a": answers(18, 30) + [None] * 40}), CARD).unit("desk")
    csat = unit.metrics[1]
    assert (csat.points, csat.basis, csat.status) == (0.0, "measured", "not met")
    assert unit.weight_scored == 1.0


def test_half_a_period_of_follow_up_counts_as_on_target_and_is_said(desk: DeskMaker) -> None:
    log = desk({"a": answers(40, 40)})
    place = np.arange(40)
    pairs = {"case_id": [str(i // 2) for i in place], "contact_no": 1 + place % 2}
    log = replace(log, frame=log.frame.assign(**pairs))
    fcr = Kpi(metric="fcr_window(7d)", weight=0.6, target=0.75, floor=0.5, stretch=0.9, min_n=10)
    card = Scorecard(name="fcr", kpis=(SPEED, fcr))
    whole = score(log, card, "2026-03").unit("desk")
    assert (whole.metrics[1].value, whole.metrics[1].points) == (0.0, 0.0)
    early = score(replace(log, observed_until=log.end), card, "2026-03")
    unit = early.unit("desk")
    assert (unit.metrics[1].status, unit.metrics[1].points) == ("immature", 80.0)
    assert unit.upper - unit.lower > 40.0
    text = "\n".join(str(finding) for finding in early.findings)
    assert "60% of the desk's weight cannot be judged yet (fcr_window(7d))" in text


def test_a_thin_team_counts_as_the_desk_does(desk: DeskMaker) -> None:
    log = desk(
        {"a": answers(0, 5) + [None] * 60, "b": answers(90, 100)},
        team={"a": "small", "b": "large"},
    )
    table = score(log, CARD, by=["team"])
    whole, small, large = (table.unit(name).metrics[1] for name in ("desk", "small", "large"))
    assert whole.points == pytest.approx(80 + 20 * (90 / 105 - 0.8) / 0.1)
    assert (small.value, small.basis) == (0.0, "as the desk")
    assert small.points == pytest.approx(whole.points)
    assert "adjusted" in large.basis
    assert any("the desk's value stands in" in flag.text for flag in table.unit("small").flags)


def test_agents_keep_their_shrunk_value_however_thin(desk: DeskMaker) -> None:
    log = desk({f"a{i}": answers(8, 10) for i in range(4)} | {"b": answers(0, 10)})
    unit = score(log, ONLY).unit("b")
    assert "shrunk" in unit.metrics[0].basis
    assert unit.metrics[0].used_value > 0.0
    assert unit.weight_scored == 1.0


def test_stand_ins_are_as_likely_better_as_worse() -> None:
    curve = Curve("linear", "higher", 0.8, 0.6, 0.9)
    table = pd.DataFrame({"settled": [False, True], "used": 0.1, "points": 0.0, "basis": "x"})
    rows, draws = with_stand_in(table, np.zeros((2, 4000)), curve, None, np.random.default_rng(1))
    assert rows["points"].tolist() == [80.0, 0.0]
    assert (draws[0] < 80.0).mean() == pytest.approx(0.5, abs=0.03)
    assert (draws[0].min(), draws[0].max()) == (pytest.approx(0, abs=1), pytest.approx(100, abs=1))
    assert (draws[1] == 0.0).all()


def test_what_is_settled() -> None:
    n = np.array([0.0, 29.0, 30.0])
    assert settled(n, 30, 1.0).tolist() == [False, False, True]
    assert settled(n, 30, 0.9).tolist() == [False, False, False]


# --- teams with unequal work ----------------------------------------------------------------------


def unequal_work(desk: DeskMaker, misses: dict[str, float]) -> ContactLog:
    """Teams north (800 easy, 200 hard) and south (200, 800) that miss a given share of easy ones.

    Of hard contacts twice as many are missed.
    """
    mix = {"north": 800, "south": 200}
    scores = {}
    for team, easy in mix.items():
        bad = round(easy * misses[team]), round((1000 - easy) * 2 * misses[team])
        scores[team] = [
            *answers(easy - bad[0], easy),
            *answers(1000 - easy - bad[1], 1000 - easy),
        ]
    return desk(
        scores,
        category=lambda name, i: "easy" if i < mix[name] else "hard",
        team={name: name for name in mix},
    )


def test_a_team_with_the_hard_contacts_is_not_punished_for_them(desk: DeskMaker) -> None:
    table = score(unequal_work(desk, {"north": 0.14, "south": 0.14}), ONLY, by=["team"])
    north, south = (table.unit(name).metrics[0] for name in ("north", "south"))
    assert (north.value, south.value) == (pytest.approx(0.832), pytest.approx(0.748))
    # The rates of the two kinds are held a little towards their mean.
    assert north.expected_value == pytest.approx(0.832, abs=0.006)
    assert south.expected_value == pytest.approx(0.748, abs=0.006)
    # At the desk's mix, half and half, both miss 21 %.
    assert north.adjusted_value == pytest.approx(0.79, abs=0.006)
    assert south.adjusted_value == pytest.approx(0.79, abs=0.006)
    assert north.points == pytest.approx(south.points, abs=3.0)
    assert table.unit("south").score_as_measured == pytest.approx(80 * 0.148 / 0.2, abs=0.1)
    assert table.unit("south").score > table.unit("south").score_as_measured + 15


def test_a_team_that_is_worse_stays_worse(desk: DeskMaker) -> None:
    table = score(unequal_work(desk, {"north": 0.16, "south": 0.12}), ONLY, by=["team"])
    north, south = (table.unit(name).metrics[0] for name in ("north", "south"))
    assert {table.unit(name).band for name in ("north", "south")} <= {
        "on target", "below target", "uncertain",
    }  # fmt: skip
    assert north.value > south.value
    assert north.adjusted_value == pytest.approx(1 - 0.16 * 1.5, abs=0.005)
    assert south.adjusted_value == pytest.approx(1 - 0.12 * 1.5, abs=0.005)
    assert (north.status, south.status) == ("not met", "met")
    assert (north.met, south.met) == (True, False)


def test_a_team_that_alone_handles_its_kinds_is_not_adjusted_and_that_is_said(
    desk: DeskMaker,
) -> None:
    log = desk(
        {"a": answers(80, 100), "b": answers(60, 100)},
        category=lambda name, i: name,
        team={"a": "bills", "b": "outages"},
    )
    table = score(log, ONLY, by=["team"])
    unit = table.unit("outages")
    assert {u.unit: u.band for u in table.units if u.kind == "team"} == {"bills": "", "outages": ""}
    assert any("write a card with targets of its own" in str(f) for f in table.findings)
    assert math.isnan(unit.metrics[0].adjusted_value)
    assert unit.metrics[0].basis == "measured"
    assert unit.metrics[0].points == 0.0
    assert any("any other team handles; the value is not adjusted" in f.text for f in unit.flags)


def test_intervals_of_adjusted_teams_hold_what_they_say(desk: DeskMaker) -> None:
    rng = np.random.default_rng(12)
    mix = {"t0": 0.8, "t1": 0.5, "t2": 0.2}
    misses = {"t0": 0.12, "t1": 0.14, "t2": 0.10}
    wide = Scorecard(
        name="wide", kpis=(Kpi(metric="csat_top2", weight=1.0, target=0.8, floor=0.2, stretch=1.0),)
    )
    held = []
    for _ in range(40):
        hard = {name: rng.random(150) > share for name, share in mix.items()}
        bad = {name: rng.random(150) < misses[name] * (1 + hard[name]) for name in mix}
        log = desk(
            {name: list(np.where(bad[name], 2.0, 5.0)) for name in mix},
            category=lambda name, i, hard=hard: "hard" if hard[name][i] else "easy",
            team={name: name for name in mix},
        )
        table = score(log, wide, by=["team"])
        curve = table.kpis[0].curve
        share = np.concatenate(list(hard.values())).mean()
        for unit in table.units[1:]:
            truth = float(curve.points(1 - misses[unit.unit] * (1 + share)))
            held.append(unit.lower <= truth <= unit.upper)
    # 120 intervals of nominal 95 %: standard error .02.
    assert np.mean(held) > 0.90
