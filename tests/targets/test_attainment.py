"""Attainability: worked counts, laws, and the promise itself on fresh draws."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from svcsim.targets.attainment import (
    curve,
    easier,
    harder,
    joint,
    next_target,
    p_met,
    paired,
    probability,
    quantile_target,
    round_easier,
    wide,
)
from svcsim.units import format_duration, parse_duration


def table(values: dict[str, list[float]], scenario: str = "as is") -> pd.DataFrame:
    rows = [
        {"scenario": scenario, "replication": i + 1, "metric": metric, "value": value}
        for metric, column in values.items()
        for i, value in enumerate(column)
    ]
    return pd.DataFrame(rows)


def test_three_of_four_replications_meet_a_target_of_ten_minutes() -> None:
    found = p_met([300.0, 600.0, 599.0, 601.0], 600.0, "lower")
    assert (found.value, found.n) == (0.75, 4)
    assert 0.3 < found.low < 0.75 < found.high < 1.0


def test_a_replication_without_a_value_does_not_meet_its_target_and_is_counted() -> None:
    assert p_met([0.9, math.nan], 0.8, "higher").value == 0.5
    assert p_met([0.9, math.nan], 0.8, "higher").n == 2


def test_no_success_in_two_hundred_is_not_the_same_as_impossible() -> None:
    never, always = probability(0, 200), probability(200, 200)
    assert (never.low, always.high) == (0.0, 1.0)
    assert never.high == pytest.approx(1 - always.low)
    # Wilson: the upper end for 0 of n is z^2 / (n + z^2).
    z2 = 1.6448536**2
    assert never.high == pytest.approx(z2 / (200 + z2), rel=1e-6)


def test_curve_falls_as_the_target_gets_harder_and_equals_p_met() -> None:
    values = pd.Series(np.random.default_rng(1).normal(size=50))
    grid = np.linspace(-3, 3, 25).tolist()
    found = curve(values, grid, "higher")
    assert (np.diff(found) <= 0).all()
    assert found[10] == p_met(values, grid[10], "higher").value


@pytest.mark.parametrize("better", ["lower", "higher"])
def test_a_target_sold_at_80_percent_is_met_in_80_percent_of_fresh_draws(better: str) -> None:
    rng = np.random.default_rng(7)
    rates = []
    for _ in range(60):
        runs, fresh = rng.lognormal(sigma=0.6, size=100), rng.lognormal(sigma=0.6, size=500)
        rates.append(p_met(fresh, quantile_target(runs, 0.8, better), better).value)
    # One target errs by sd .04; the mean over 60 of them by .005.
    assert np.mean(rates) == pytest.approx(0.80, abs=0.02)


def test_quantile_target_counts_missing_values_as_misses() -> None:
    values = np.concatenate([np.arange(1.0, 91.0), np.full(10, np.nan)])
    target = quantile_target(values, 0.8, "lower")
    assert p_met(values, target, "lower").value == pytest.approx(0.8, abs=0.01)
    assert math.isnan(quantile_target(values, 0.95, "lower"))
    assert math.isnan(quantile_target([math.nan], 0.5, "lower"))


def test_quantile_target_mirrors_when_the_direction_does() -> None:
    values = np.random.default_rng(3).normal(size=80)
    for p in (0.5, 0.8, 0.99):
        assert quantile_target(values, p, "lower") == pytest.approx(
            -quantile_target(-values, p, "higher")
        )


def test_joint_is_the_product_for_independent_and_the_minimum_for_dependent_kpis() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.random(20_000), rng.random(20_000)
    targets = {"a": (0.8, "lower"), "b": (0.2, "higher")}
    independent = joint(pd.DataFrame({"a": a, "b": b}), targets)
    assert independent.value == pytest.approx(0.64, abs=0.015)
    same = joint(pd.DataFrame({"a": a, "b": 1 - a}), targets)
    assert same.value == p_met(a, 0.8, "lower").value


def test_a_change_run_on_few_lucky_replications_is_judged_by_what_it_changed() -> None:
    before = pd.Series([True] * 20 + [False] * 180)
    same = before.iloc[:25]
    assert paired(same, before).value == pytest.approx(0.1)
    # Of the 20 hits as is all stay, of the 20 shared misses 10 become hits: .1 x 1 + .9 x .5.
    better = before.iloc[:40] | (np.arange(40) >= 30)
    found = paired(better, before)
    assert found.value == pytest.approx(0.1 + 0.9 * 0.5)
    assert found.n == 40
    assert found.low < found.value < found.high
    assert paired(before, before) == probability(20, 200)


def test_a_change_seen_only_where_the_target_was_met_changes_nothing_elsewhere() -> None:
    before = pd.Series([True] * 150 + [False] * 50)
    found = paired(before.iloc[:30], before)
    assert found.value == pytest.approx(0.75)
    # None of the shared replications missed as is: after the change those 25 % may all be met.
    assert found.high == 1.0


def test_paired_differences_are_steadier_than_the_few_replications_alone() -> None:
    alone, steady = [], []
    for seed in range(60):
        z = np.random.default_rng(seed).normal(size=200)
        before, after = pd.Series(z < 0), pd.Series(z < 0.3).iloc[:25]
        alone.append(float(after.mean()))
        steady.append(paired(after, before).value)
    assert np.mean(steady) == pytest.approx(0.618, abs=0.03)
    assert np.std(steady) < 0.85 * np.std(alone)


def test_joint_reads_a_kpi_table_and_a_kpi_that_is_absent_is_never_met() -> None:
    kpis = table({"frt": [60, 90, 120], "fcr": [0.8, 0.9, math.nan]})
    both = {"frt": (100.0, "lower"), "fcr": (0.7, "higher")}
    assert joint(kpis, both, "as is").value == pytest.approx(2 / 3)
    assert joint(kpis, both | {"csat": (4.0, "higher")}, "as is").value == 0.0
    assert list(wide(kpis, "as is").columns) == ["fcr", "frt"]


@pytest.mark.parametrize(
    ("value", "unit", "better", "shown"),
    [
        (0.8371, "share", "higher", 0.83),
        (0.8371, "share", "lower", 0.84),
        (0.9567, "share", "higher", 0.955),
        (0.0123, "share", "lower", 0.013),
        (0.83, "share", "higher", 0.83),
        (47.2, "s", "lower", 48.0),
        (1163.0, "s", "lower", 1200.0),
        (10_050.0, "s", "lower", 10_080.0),
        (7_790.0, "s", "lower", 7_920.0),
        (300_000.0, "s", "lower", 302_400.0),
        (3.987, "score", "higher", 3.95),
        (0.0, "s", "lower", 0.0),
        (1234.0, "count", "lower", 1250.0),
        (8.0, "s", "lower", 8.0),
    ],
)
def test_targets_are_rounded_to_the_easier_side_of_a_publishable_grid(
    value: float, unit: str, better: str, shown: float
) -> None:
    assert round_easier(value, unit, better) == pytest.approx(shown)


def test_the_grid_is_finer_where_a_period_swings_less_than_a_step() -> None:
    assert round_easier(0.8578, "share", "higher", sd=0.02) == 0.85
    assert round_easier(0.8578, "share", "higher", sd=0.007) == 0.855
    assert round_easier(0.8578, "share", "higher", sd=0.0) == 0.857
    assert round_easier(3.987, "score", "higher", sd=0.04) == pytest.approx(3.98)
    assert round_easier(3130.0, "s", "lower", sd=70.0) == 3180.0


def test_neighbours_on_the_grid_lie_on_either_side() -> None:
    assert next_target(0.85, "share", "higher", 0.02, harder=True) == 0.86
    assert next_target(0.85, "share", "higher", 0.02, harder=False) == 0.84
    assert next_target(600.0, "s", "lower", 600.0, harder=True) == 570.0


def test_a_rounded_time_survives_being_written_in_a_card() -> None:
    rng = np.random.default_rng(4)
    for value in rng.lognormal(mean=7, sigma=3, size=500):
        target = round_easier(value, "s", "lower")
        assert parse_duration(format_duration(target, 6)) == pytest.approx(target, rel=1e-12)


def test_rounding_never_makes_a_target_harder_nor_moves_it_far() -> None:
    rng = np.random.default_rng(11)
    for value in rng.lognormal(mean=5, sigma=2, size=500):
        lower, higher = (round_easier(value, "s", side) for side in ("lower", "higher"))
        assert higher <= value <= lower
        assert lower - higher <= max(1.0, 0.075 * value) + 1e-9


def test_harder_and_easier_know_the_direction_and_the_missing() -> None:
    assert harder(5.0, 7.0, "lower") == 5.0
    assert easier(5.0, 7.0, "higher") == 5.0
    assert harder(math.nan, 7.0, "higher") == 7.0
    assert math.isnan(easier(math.nan, 7.0, "lower"))
