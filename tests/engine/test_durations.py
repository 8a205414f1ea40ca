"""Laws of duration: worked examples, their means, their inverse, and what is left of them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from svcsim.engine import durations

HOUR = 3600.0
SIGMA = math.sqrt(math.log1p(0.8**2))
TABLE = (0.0, 0.0, 0.4, 1.0, 1.5, 4.2)
TABLES = (7.0, 9.0, *TABLE, 0.1)
"""Tables of all laws of a desk, one after the other; this one lies between two others."""
LAWS = {
    "fixed": durations.Law(durations.FIXED, 600.0, 0.0, 0.0, 0, 0),
    "exponential": durations.Law(durations.EXPONENTIAL, 600.0, 0.0, 0.0, 0, 0),
    "lognormal": durations.Law(durations.LOGNORMAL, 600.0, SIGMA, 0.0, 0, 0),
    "table": durations.Law(durations.TABLE, 600.0, 0.0, 0.0, 2, 8),
    "exponential with zeros": durations.Law(durations.EXPONENTIAL, 600.0, 0.0, 0.3, 0, 0),
    "lognormal with zeros": durations.Law(durations.LOGNORMAL, 600.0, SIGMA, 0.25, 0, 0),
    "table with zeros": durations.Law(durations.TABLE, 600.0, 0.0, 0.1, 2, 8),
    "fixed with zeros": durations.Law(durations.FIXED, 600.0, 0.0, 0.4, 0, 0),
}
GRID = (np.arange(2000) + 0.5) / 2000


def continuous(law: durations.Law) -> bool:
    return law[0] in (durations.EXPONENTIAL, durations.LOGNORMAL, durations.TABLE)


@pytest.mark.parametrize(
    ("seconds", "grid"), [(0.0, 0), (0.49, 0), (0.5, 1), (1.49, 1), (90.5, 91)]
)
def test_whole_seconds_round_half_up(seconds, grid):
    assert durations.whole(seconds, 1) == grid
    assert durations.whole(seconds * 60, 60) == grid * 60


@pytest.mark.parametrize(
    ("law", "u", "seconds"),
    [
        ("fixed", 0.9, 600.0),
        ("exponential", 1 - math.exp(-1), 600.0),
        ("lognormal", 0.5, 600.0 / math.sqrt(1.64)),
        ("table", 0.5, 420.0),
        ("table", 0.3, 120.0),
        ("table", 0.1, 0.0),
        ("exponential with zeros", 0.29, 0.0),
        ("exponential with zeros", 0.3 + 0.7 * (1 - math.exp(-1)), 600.0),
        ("fixed with zeros", 0.39, 0.0),
        ("fixed with zeros", 0.41, 600.0),
    ],
)
def test_duration_worked_examples(law, u, seconds):
    assert durations.duration(LAWS[law], TABLES, u) == pytest.approx(seconds)


@pytest.mark.parametrize("name", LAWS)
def test_duration_has_its_mean(name):
    law = LAWS[name]
    fine = (np.arange(20_000) + 0.5) / 20_000
    mean = np.mean([durations.duration(law, TABLES, u) for u in fine])
    shape = np.trapezoid(TABLE, dx=1 / (len(TABLE) - 1)) if law[0] == durations.TABLE else 1.0
    assert mean == pytest.approx(600.0 * shape * (1 - law[3]), rel=2e-3)


def test_lognormal_has_the_declared_coefficient_of_variation():
    values = [
        durations.duration(LAWS["lognormal"], TABLES, u) for u in (np.arange(50_000) + 0.5) / 50_000
    ]
    assert np.std(values) / np.mean(values) == pytest.approx(0.8, rel=5e-3)


@pytest.mark.parametrize("name", LAWS)
def test_duration_does_not_decrease(name):
    values = [durations.duration(LAWS[name], TABLES, u) for u in GRID]
    assert all(b >= a for a, b in zip(values, values[1:], strict=False))


@pytest.mark.parametrize("name", LAWS)
def test_elapsed_share_inverts_duration(name):
    """F(F^-1(u)) = u wherever the law is continuous, and F(x) >= u at an atom."""
    law = LAWS[name]
    for u in GRID:
        x = durations.duration(law, TABLES, u)
        share = durations.elapsed_share(law, TABLES, x)
        assert share >= u - 1e-9
        if continuous(law) and x > 0:
            assert share == pytest.approx(u, abs=1e-9)


@pytest.mark.parametrize("name", LAWS)
def test_elapsed_share_is_a_distribution_function(name):
    law = LAWS[name]
    values = [durations.elapsed_share(law, TABLES, x) for x in np.linspace(-10, 50_000, 2000)]
    assert values[0] == 0.0
    assert values[-1] > 0.999
    assert all(b >= a for a, b in zip(values, values[1:], strict=False))
    assert durations.elapsed_share(law, TABLES, 0.0) == pytest.approx(
        law[3] + (1 - law[3]) * (0.2 if law[0] == durations.TABLE else 0.0)
    )


@pytest.mark.parametrize("name", [n for n, law in LAWS.items() if continuous(law)])
@pytest.mark.parametrize("age", [1.0, 300.0, 1500.0])
def test_remaining_follows_the_conditional_law(name, age):
    """P(rest <= x | duration > age) = (F(age + x) - F(age)) / (1 - F(age))."""
    law = LAWS[name]
    done = durations.elapsed_share(law, TABLES, age)
    rest = [durations.remaining(law, TABLES, age, u) for u in GRID]
    for x in (10.0, 200.0, 900.0):
        expected = (durations.elapsed_share(law, TABLES, age + x) - done) / (1 - done)
        assert np.mean(np.array(rest) <= x) == pytest.approx(expected, abs=5e-4)


def test_an_exponential_does_not_age():
    law = LAWS["exponential"]
    for u in (0.1, 0.5, 0.99):
        assert durations.remaining(law, TABLES, 5000.0, u) == pytest.approx(
            durations.duration(law, TABLES, u), rel=1e-6
        )


@pytest.mark.parametrize("name", LAWS)
def test_remaining_survives_any_age_and_draw(name):
    extremes = (0.5 * 2.0**-32, 0.5, 1.0 - 0.5 * 2.0**-32)
    for age in (0.0, 600.0, 1e4, 12_000.0, 15_000.0, 16_500.0, 1e5, 1e9):
        for u in extremes:
            assert 0.0 <= durations.remaining(LAWS[name], TABLES, age, u) < 1e7
    assert durations.remaining(LAWS["fixed"], TABLES, 200.0, 0.3) == 400.0
    assert durations.remaining(LAWS["fixed"], TABLES, 600.0, 0.3) == 0.0


@pytest.mark.parametrize(
    "kind", [durations.FIXED, durations.EXPONENTIAL, durations.LOGNORMAL, durations.TABLE]
)
def test_a_duration_with_mean_zero_is_over_at_once(kind):
    law = durations.Law(kind, 0.0, 0.5, 0.0, 1, 3)
    assert durations.duration(law, TABLES, 0.7) == 0.0
    assert durations.elapsed_share(law, TABLES, 5.0) == 1.0
    assert durations.remaining(law, TABLES, 5.0, 0.7) == 0.0
