"""Funnels by simulation: equal agents stay inside, however unequal their contacts."""

import numpy as np
import pytest

from review_desks import MONTH, asked, drawn, names_of, rows_of
from svcsim.contacts.log import ContactLog
from svcsim.scorecard.curve import Direction
from svcsim.scorecard.funnel import Funnel, funnel, placed
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.score import score
from svcsim.scorecard.scorecard import Scorecard


def funnel_of(
    log: ContactLog, metric: str, better: Direction = "higher", target: float = float("nan")
) -> Funnel:
    rows = rows_of(log, metric)
    found = funnel(log, asked(metric), rows, "agent", names_of(log), better, target)
    assert found is not None
    return found


@pytest.mark.parametrize("metric", ["csat_top2", "csat_mean", "aht", "aht_p50", "frt_p90"])
def test_equal_agents_with_unequal_contacts_rarely_leave_the_limits(metric: str) -> None:
    rng = np.random.default_rng(11)
    watch = act = units = 0
    for _ in range(12):
        points = funnel_of(drawn(rng), metric).points
        units += len(points)
        watch += sum(point.status != "inside" for point in points)
        act += sum(point.status == "act" for point in points)
    # 240 agents: 12 beyond the 95 % limit and .5 beyond the 99.8 % limit are expected at most;
    # more than 22 or 4 would come with probability below .003.
    assert watch <= 22
    assert act <= 4


def test_a_really_different_agent_is_named_on_the_right_side() -> None:
    rng = np.random.default_rng(12)
    found = funnel_of(drawn(rng, n=200, skill={"a03": -0.35}), "csat_top2")
    assert [(p.unit, p.side) for p in found.points if p.status == "act"] == [("a03", "worse")]


def test_hard_contacts_alone_make_nobody_conspicuous() -> None:
    log = drawn(np.random.default_rng(13), n=200)
    blind = ContactLog(log.frame.assign(category="all"), log.start, log.end, log.observed_until)
    limits = {}
    for name, seen in (("known", log), ("unknown", blind)):
        found = funnel_of(seen, "csat_top2")
        outside = [p.unit for p in found.points if p.status != "inside"]
        limits[name] = (found.over_dispersion, len(outside))
    # Without the kinds of contact the agents seem to differ seven times as much as chance.
    assert limits["unknown"][0] > 5
    assert limits["known"][0] < 1.5
    assert limits["known"][1] <= 3


def test_the_value_is_the_adjusted_value_of_the_score() -> None:
    log = drawn(np.random.default_rng(14))
    card = Scorecard(name="c", kpis=(Kpi(metric="csat_top2", weight=1.0, target=0.8),))
    table = score(log, card, MONTH)
    found = funnel_of(log, "csat_top2")
    for unit in (unit for unit in table.units if unit.kind == "agent"):
        point = found.point(unit.unit)
        assert point is not None
        assert point.value == pytest.approx(unit.metrics[0].adjusted_value, abs=1e-12)
        assert point.n == unit.metrics[0].n


def test_limits_narrow_as_contacts_grow_and_hold_the_centre() -> None:
    curve = np.array(funnel_of(drawn(np.random.default_rng(15)), "csat_top2").curve)
    n, act_low, watch_low, watch_high, act_high = curve.T
    assert (np.diff(n) > 0).all()
    assert (act_low <= watch_low).all()
    assert (watch_high <= act_high).all()
    assert watch_high[-1] - watch_low[-1] < watch_high[0] - watch_low[0]


def test_a_target_far_from_all_is_missed_beyond_luck() -> None:
    log = drawn(np.random.default_rng(16), n=200, mix=False)
    found = funnel_of(log, "csat_top2", target=0.99)
    assert {(p.target_status, p.target_side) for p in found.points} == {("act", "worse")}
    assert sum(p.status == "act" for p in found.points) == 0


def test_spread_between_agents_widens_the_limits() -> None:
    rng = np.random.default_rng(17)
    skill = {f"a{i:02d}": float(x) for i, x in enumerate(rng.normal(0, 0.12, 20))}
    spread = funnel_of(drawn(rng, n=200, mix=False, skill=skill), "csat_top2")
    assert spread.over_dispersion > 3
    assert sum(point.status == "act" for point in spread.points) <= 1


def test_whoever_alone_handles_a_kind_is_not_compared() -> None:
    log = drawn(np.random.default_rng(18))
    frame = log.frame.copy()
    frame.loc[frame["agent"] == "a00", "category"] = "own"
    alone = ContactLog(frame, log.start, log.end, log.observed_until)
    point = funnel_of(alone, "csat_top2").point("a00")
    assert point is not None
    assert (point.status, point.side) == ("not comparable", "")


def test_a_single_unit_has_no_funnel() -> None:
    log = drawn(np.random.default_rng(19), agents=1)
    rows = rows_of(log, "csat_top2")
    assert funnel(log, asked("csat_top2"), rows, "agent", ["a00"], "higher") is None


@pytest.mark.parametrize(
    ("value", "better", "where"),
    [
        (0.5, "higher", ("inside", "")),
        (0.2, "higher", ("watch", "worse")),
        (0.2, "lower", ("watch", "better")),
        (0.95, "lower", ("act", "worse")),
        (0.3, "higher", ("inside", "")),  # on the limit is inside
    ],
)
def test_where_a_value_lies(value: float, better: Direction, where: tuple[str, str]) -> None:
    assert placed(value, (0.3, 0.7), (0.1, 0.9), better) == where


def test_a_perfect_agent_of_few_contacts_is_not_beyond_the_limits() -> None:
    """Fifteen contacts of equal agents: 100 % is no wonder, and no exact limit lies below it."""
    points = [
        point
        for seed in range(15)
        for point in funnel_of(
            drawn(np.random.default_rng(seed), 30, 15, mix=True), "csat_top2"
        ).points
    ]
    perfect = [point for point in points if point.value == 1.0]
    assert len(perfect) >= 10
    assert [point for point in perfect if point.status == "act"] == []
