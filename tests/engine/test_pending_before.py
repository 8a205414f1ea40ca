"""Tickets pending at the start: the reason and the rest, against whole lives simulated."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from svcsim.engine import durations
from svcsim.engine.durations import Law
from svcsim.engine.pending_before import rest_since_answer, rest_since_touch

SIGMA = math.sqrt(math.log1p(0.8**2))
LOGNORMAL = Law(durations.LOGNORMAL, 600.0, SIGMA, 0.0, 0, 0)
QUICK = Law(durations.EXPONENTIAL, 300.0, 0.0, 0.0, 0, 0)
SLOW = Law(durations.EXPONENTIAL, 6_000.0, 0.0, 0.0, 0, 0)


def draws(rng, n=24):
    return [tuple(u) for u in rng.random((n, 3)).tolist()]


@pytest.mark.parametrize(("laws", "cuts"), [((LOGNORMAL,), ()), ((QUICK, SLOW), (0.7,))])
def test_since_an_answer_the_rest_is_that_of_tickets_still_open(laws, cuts):
    """Oracle: simulate whole paths of stages and keep those that are still open at `age`."""
    again, age = 0.5, 900.0
    rng = np.random.default_rng(3)

    def stage():
        which = int(np.searchsorted(cuts, rng.random(), side="right"))
        return which, durations.duration(laws[which], (), rng.random())

    rests, stages, reasons = [], [], []
    while len(rests) < 4000:
        which, reached = stage()
        number = 1
        while reached <= age and rng.random() < again:
            which, length = stage()
            reached, number = reached + length, number + 1
        if reached > age:
            rests.append(reached - age)
            stages.append(number)
            reasons.append(which)
    drawn = [rest_since_answer(laws, cuts, (), again, age, draws(rng)) for _ in rests]
    assert stats.ks_2samp([one.rest for one in drawn], rests).pvalue > 1e-3
    assert np.mean([len(one.stages) for one in drawn]) == pytest.approx(np.mean(stages), rel=0.05)
    running = np.mean([one.stages[-1][0] for one in drawn])
    assert running == pytest.approx(np.mean(reasons), abs=0.04)
    for one in drawn[:50]:
        assert sum(length for _, length in one.stages) == pytest.approx(age + one.rest)


def test_since_a_touch_long_reasons_are_likelier_the_longer_it_lasts():
    """Worked: P(slow | 900 s) = .3 e^-.15 / (.7 e^-3 + .3 e^-.15), and neither law ages."""
    rng = np.random.default_rng(4)
    drawn = [
        rest_since_touch((QUICK, SLOW), (0.7,), (), 900.0, tuple(rng.random(2)))
        for _ in range(20_000)
    ]
    slow = np.array([one.stages[0][0] == 1 for one in drawn])
    rest = np.array([one.rest for one in drawn])
    p = 0.3 * math.exp(-0.15) / (0.7 * math.exp(-3.0) + 0.3 * math.exp(-0.15))
    assert slow.mean() == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / 20_000))
    assert rest[slow].mean() == pytest.approx(6_000.0, rel=0.04)
    assert rest[~slow].mean() == pytest.approx(300.0, rel=0.1)
    assert all(len(one.stages) == 1 for one in drawn)


def test_a_ticket_older_than_any_path_still_gets_a_time():
    short = [(0.1, 0.9, 0.5)] * 24
    one = rest_since_answer((QUICK,), (), (), 0.2, 40_000.0, short)
    assert 0.0 <= one.rest < 10_000.0
    assert len(one.stages) == 1
