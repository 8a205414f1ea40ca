"""The generator gives its published words; draws are uniform and do not know of each other."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtri

from svcsim.engine import draws

ONES = 0xFFFFFFFF


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((ONES,) * 4, (ONES, ONES), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_gives_the_known_answers_of_its_authors(counter, key, words):
    assert draws.philox(*counter, *key) == words


def test_arrays_give_the_same_numbers_as_scalars():
    cases = np.array([0, 1, 7, 4_000_000_000, 2**32 - 1], dtype=np.uint64)
    contacts = np.array([1, 2, 3, 40, 65535], dtype=np.uint64)
    many = draws.block(2**40 + 5, 3, cases, contacts, contacts, 4)
    for i, (case, contact) in enumerate(zip(cases.tolist(), contacts.tolist(), strict=True)):
        one = draws.block(2**40 + 5, 3, case, contact, contact, 4)
        assert tuple(float(column[i]) for column in many) == one


def test_a_purpose_is_one_column_of_its_block():
    block = draws.block(1, 2, 3, 4, 5, 6)
    assert tuple(draws.uniform(1, 2, 3, 4, 5, 24 + k) for k in range(4)) == block


def test_every_part_of_the_key_matters():
    keys = [(1, 1, 1, 1, 1, 16), (2, 1, 1, 1, 1, 16), (1 + 2**32, 1, 1, 1, 1, 16)]
    keys += [(1, 2, 1, 1, 1, 16), (1, 1, 2, 1, 1, 16), (1, 1, 1, 2, 1, 16), (1, 1, 1, 1, 2, 16)]
    keys += [(1, 1, 1, 1, 1, purpose) for purpose in (17, 18, 19, 20)]
    assert len({draws.uniform(*key) for key in keys}) == len(keys)


def test_uniforms_never_reach_0_or_1():
    """The extreme words give 2^-33 and 1 - 2^-33; both have a finite normal quantile."""
    low, high = 0.5 * 2.0**-32, (ONES + 0.5) * 2.0**-32
    assert low > 0.0
    assert high < 1.0
    assert math.isfinite(draws.normal(low))
    assert math.isfinite(draws.normal(high))


PURPOSES = [
    "CASE_CATEGORY", "CASE_CHANNEL", "CASE_DIFFICULTY", "CASE_PRIORITY", "PATIENCE",
    "BALK", "REPEAT", "REPEAT_AFTER", "ASKED", "ANSWERED", "SCORE", "SURVEY_AFTER", "WORK",
    "AGAIN", "PENDING", "TRANSFER", "REOPEN", "REOPEN_AFTER", "OFF", "OFF_TIME", "DAY_FACTOR",
    "DAY_ROSTER", "PRESENCE", "PARAMETER",
]  # fmt: skip


def test_purposes_do_not_share_a_number():
    numbers = [value for name, value in vars(draws).items() if name.isupper() and name[0] != "_"]
    assert len(set(numbers)) == len(numbers)


@pytest.fixture(scope="module")
def columns():
    cases = np.arange(20_000, dtype=np.uint64)
    return {p: draws.uniform(11, 5, cases, 1, 1, getattr(draws, p)) for p in PURPOSES}


def test_each_purpose_is_uniform(columns):
    p_values = [stats.kstest(u, "uniform").pvalue for u in columns.values()]
    assert min(p_values) > 0.01 / len(p_values)
    assert all(u.min() > 0 and u.max() < 1 for u in columns.values())


def test_purposes_are_uncorrelated(columns):
    n = 20_000
    z = {
        pair: np.corrcoef(columns[pair[0]], columns[pair[1]])[0, 1] * math.sqrt(n)
        for pair in itertools.combinations(PURPOSES, 2)
    }
    assert max(abs(value) for value in z.values()) < 4
    assert np.std(list(z.values())) == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize("moved", ["seed", "replication", "case", "contact", "handling"])
def test_neighbouring_keys_are_uncorrelated(moved):
    cases = np.arange(20_000, dtype=np.uint64)
    here = {"seed": 1, "replication": 1, "case": cases, "contact": 1, "handling": 1}
    there = dict(here, **{moved: here[moved] + 1})
    u, v = (draws.uniform(**key, purpose=draws.WORK) for key in (here, there))
    assert abs(np.corrcoef(u, v)[0, 1]) * math.sqrt(20_000) < 4


def test_normal_quantile_equals_scipys():
    grid = np.concatenate([np.logspace(-9.9, -0.31, 400), np.linspace(0.001, 0.999, 999)])
    for u in (*grid, *(1.0 - grid)):
        assert draws.normal(float(u)) == pytest.approx(float(ndtri(u)), rel=1e-12, abs=1e-14)
    assert draws.normal(0.5) == 0.0
