"""Achievement or improvement: worked points, and no points for noise."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from svcsim.contacts.log import ContactLog
from svcsim.scorecard.curve import Curve
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.period import parse_period, previous
from svcsim.scorecard.reliability import Measured, Posterior, believe
from svcsim.scorecard.score import score
from svcsim.scorecard.scorecard import Scorecard
from svcsim.stats.interval import wilson

DeskMaker = Callable[..., ContactLog]
SHARE = Curve("improvement", "higher", target=0.6, floor=0.47, stretch=0.87)
TIME = Curve("improvement", "lower", target=5400.0, floor=7200.0, stretch=1800.0)
FEBRUARY, MARCH, APRIL = (
    pd.Timestamp(f"2026-0{month}-01", tz="Asia/Shanghai").timestamp() for month in (2, 3, 4)
)


@pytest.mark.parametrize(
    ("value", "points"),
    [
        (0.4699, 0), (0.47, 10), (0.70, 60), (0.8699, 90), (0.87, 100), (0.95, 100),
        # 9·(x − t)/(b − t) + ½ = 2.5 exactly at x = t + 2/9·(b − t): halves go up
        (0.47 + 0.40 * 2 / 9, 30),
    ],
)  # fmt: skip
def test_achievement_between_threshold_and_benchmark(value: float, points: float) -> None:
    """x = .70: 9·(.70 − .47)/(.87 − .47) + .5 = 5.675, rounded 6 of 10."""
    assert SHARE.achieved(value) == points
    assert SHARE.points(value) == points


@pytest.mark.parametrize(
    ("value", "baseline", "points"),
    [
        (0.70, 0.21, 70),  # 10·.49/.66 − .5 = 6.92
        (0.21, 0.21, 0), (0.15, 0.21, 0),
        (0.86, 0.21, 90),  # 9.35: never more than 9 below the benchmark
        (0.87, 0.21, 100),
        (0.90, 0.88, 0),  # a baseline beyond the benchmark leaves nothing to improve
        (0.70, float("nan"), 0),
    ],
)  # fmt: skip
def test_improvement_between_the_own_baseline_and_the_benchmark(
    value: float, baseline: float, points: float
) -> None:
    assert SHARE.improved(value, baseline) == points


def test_times_improve_by_their_ratio() -> None:
    """Threshold 2 h, benchmark 30 min: 1 h is half of the way as a ratio, 9/2 + ½ = 5."""
    assert TIME.achieved(3600.0) == 50
    assert TIME.achieved([7201.0, 1800.0, 900.0]).tolist() == [0, 100, 100]
    # from 4 h: 1 h is two of three halvings, 20/3 − ½ = 6.17
    assert TIME.improved(3600.0, 14400.0) == 60


def test_points_never_fall_as_the_value_gets_better() -> None:
    values = np.linspace(0.0, 1.0, 401)
    assert np.all(np.diff(SHARE.achieved(values)) >= 0)
    assert np.all(np.diff(SHARE.improved(values, 0.3)) >= 0)
    assert np.isnan(SHARE.achieved(np.nan))


@pytest.mark.parametrize(
    ("period", "before"),
    [
        ("2026-03", "2026-02-01/2026-03-01"),
        ("2026-01", "2025-12-01/2026-01-01"),
        ("2026-Q1", "2025-10-01/2026-01-01"),
        ("2026-W12", "2026-03-09/2026-03-16"),
        ("2026-03-10/2026-03-20", "2026-02-28/2026-03-10"),
    ],
)
def test_the_previous_period_has_the_same_length(period: str, before: str) -> None:
    zone = "Asia/Shanghai"
    found, expected = previous(parse_period(period, zone), zone), parse_period(before, zone)
    assert (found.start, found.end) == (expected.start, expected.end)


def two_months(desk: DeskMaker, first: dict[str, list[float]], second: dict[str, list[float]]):  # type: ignore[no-untyped-def]
    """Return one log of February and March."""
    old = desk(first, start=FEBRUARY, end=MARCH)
    new = desk(second, start=MARCH, end=APRIL)
    old_rows = old.frame.assign(ticket_id="old-" + old.frame["ticket_id"].astype("str"))
    frame = pd.concat([old_rows, new.frame], ignore_index=True)
    return replace(new, frame=frame, start=FEBRUARY)


def draw(rng: np.random.Generator, p: float, n: int) -> list[float]:
    return list(np.where(rng.random(n) < p, 5.0, 2.0))


def card(**options: object) -> Scorecard:
    kpi = {"metric": "csat_top2", "weight": 1.0, "target": 0.8, "curve": "improvement",
           "floor": 0.7, "stretch": 0.95} | options  # fmt: skip
    return Scorecard(name="card", kpis=(Kpi.model_validate(kpi),))


def test_the_desk_is_paid_for_the_better_of_the_two(desk: DeskMaker) -> None:
    """60 % to 80 %: achievement 9·.10/.25 + .5 = 4.1 (4), improvement 10·.20/.35 − .5 = 5.2 (5)."""
    log = two_months(desk, {"a": [5.0] * 60 + [2.0] * 40}, {"a": [5.0] * 80 + [2.0] * 20})
    kpi = score(log, card(), "2026-03").unit("desk").metrics[0]
    assert (kpi.baseline, kpi.value, kpi.points) == (pytest.approx(0.6), pytest.approx(0.8), 50.0)
    written = score(log, card(baseline=0.78), "2026-03").unit("desk").metrics[0]
    assert (written.baseline, written.points) == (0.78, 40.0)


def test_without_a_whole_previous_period_only_achievement_counts(desk: DeskMaker) -> None:
    log = desk({"a": [5.0] * 80 + [2.0] * 20})
    kpi = score(log, card(), "2026-03").unit("desk").metrics[0]
    assert np.isnan(kpi.baseline)
    assert kpi.points == 40.0
    said = [str(f) for f in score(log, card(), "2026-03").findings]
    assert any("there is no baseline to improve on" in text for text in said)


def test_few_contacts_in_the_previous_period_are_no_baseline(desk: DeskMaker) -> None:
    log = two_months(desk, {"a": [2.0] * 9}, {"a": [5.0] * 80 + [2.0] * 20})
    assert score(log, card(), "2026-03").unit("desk").metrics[0].points == 40.0


def test_noise_is_not_paid_as_improvement(desk: DeskMaker) -> None:
    """Forty equal agents: as measured, a fifth of them would "improve"; nobody is paid for it."""
    rng = np.random.default_rng(11)
    names = [f"a{i:02d}" for i in range(40)]
    log = two_months(
        desk, {n: draw(rng, 0.75, 40) for n in names}, {n: draw(rng, 0.75, 40) for n in names}
    )
    table = score(log, card(), "2026-03")
    curve = table.kpis[0].curve
    agents = [u.metrics[0] for u in table.units if u.kind == "agent"]
    assert all(kpi.points == curve.achieved(kpi.used_value) for kpi in agents)
    # What would have been paid without the rule: measured values of both months.
    before = score(log, card(), "2026-02")
    raw = [
        float(curve.improved(table.unit(n).metrics[0].value, before.unit(n).metrics[0].value))
        for n in names
    ]
    assert np.mean([points >= 30 for points in raw]) > 0.15


def test_true_improvement_of_one_among_different_agents_is_paid(desk: DeskMaker) -> None:
    """Reliable values (400 answers, qualities .45 to .95): from .45 to .80 pays as progress."""
    rng = np.random.default_rng(12)
    quality = {f"a{i:02d}": 0.45 + 0.05 * i for i in range(11)}
    log = two_months(
        desk,
        {n: draw(rng, p, 400) for n, p in quality.items()},
        {n: draw(rng, 0.80 if n == "a00" else p, 400) for n, p in quality.items()},
    )
    table = score(log, card(), "2026-03")
    risen = table.unit("a00").metrics[0]
    achieved = float(table.kpis[0].curve.achieved(risen.used_value))
    assert risen.points > achieved
    assert risen.baseline == pytest.approx(0.45, abs=0.06)
    assert table.unit("a00").lower >= achieved - 10


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"floor": None}, "needs floor .*threshold.* and stretch"),
        ({"curve": "linear", "baseline": 0.5}, "baseline belongs to curve: improvement"),
        ({"floor": 0.85}, "floor 85% must be worse than the target"),
    ],
)
def test_bad_curves(options: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        card(**options)


@pytest.mark.parametrize(
    ("n", "reliability", "rise"), [(20, 0.20, 0.100), (50, 0.39, 0.059), (200, 0.72, 0.020)]
)
def test_shrinking_takes_most_of_what_the_lowest_fifth_gains_by_itself(
    n: int, reliability: float, rise: float
) -> None:
    """Nobody changes (true level .85, sd .04): the lowest fifth of a month rises in the next.

    As measured by (1 − R)·(mean − x): 10.0, 5.9 and 2.0 points; shrunk to shrunk by R times that.
    """
    rng = np.random.default_rng(4)
    level = np.clip(0.85 + 0.04 * rng.standard_normal(3000), 0.0, 1.0)
    size = np.full(level.size, float(n))

    def month() -> tuple[np.ndarray, Posterior]:
        share = rng.binomial(n, level) / n
        low, high = wilson(share * n, size)
        known = Measured(share, size, low, high, "share")
        return share, believe(known, rng, shrink=True, draws=2)

    (first, before), (second, after) = month(), month()
    lowest = np.argsort(first + 1e-9 * rng.random(first.size))[:600]
    measured = float((second - first)[lowest].mean())
    shrunk = float((after.value - before.value)[lowest].mean())
    assert before.reliability[0] == pytest.approx(reliability, abs=0.04)
    assert measured == pytest.approx(rise, abs=0.012)
    assert shrunk == pytest.approx(reliability * measured, abs=0.005)
