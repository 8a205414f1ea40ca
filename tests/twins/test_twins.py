"""One model, two clocks: rows equal in every field on desks drawn at random.

The SimPy clock and the kernel share rules and chance, but neither structures nor flow. Clocks are
rounded to 1 s, 60 s and 15 min, so that much happens at one instant. The long form
(``benchmarks/twin_run.py``) runs more desks.
"""

from __future__ import annotations

import pytest

from svcsim.engine.kernel import loop
from svcsim.engine.opening import opening_state
from svcsim.engine.simulate import prepare, run, simulate
from twins.random_desks import random_desk
from twins.twins import differences

GROUP = 10


def settings(number: int):
    """The setting of a desk, made afresh for each clock; every third begins with a backlog."""
    model, horizon, _ = random_desk(number)
    opening = None
    if number % 3 == 0:
        log = simulate(model, horizon, seed=number, replication=1)
        opening = opening_state(log, log.observed_until, model)
        later = type(horizon)(horizon.local_days()[-1], horizon.days, 1)
        horizon = type(horizon)(later.start.fromordinal(later.start.toordinal() + 1), later.days, 1)
    while True:
        yield prepare(
            model, horizon, seed=number, replication=2, opening=opening, redraw_parameters=False
        )


@pytest.mark.parametrize("first", range(0, 300, GROUP))
def test_both_clocks_give_the_same_rows(first):
    for number in range(first, first + GROUP):
        setting = settings(number)
        assert differences(run(next(setting), "simpy"), run(next(setting), "compiled")) == [], (
            number, sorted(random_desk(number)[2]),
        )  # fmt: skip


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_kernel_runs_uncompiled_too(number):
    from svcsim.engine.compiled_clock import run_compiled

    setting = settings(number)
    plain = run_compiled(next(setting), loop.advance)
    assert differences(plain, run(next(setting), "compiled")) == []


def test_the_desks_have_everything():
    """Every feature is drawn by at least 20 of the desks, and queues form."""
    drawn = [random_desk(number)[2] for number in range(300)]
    names = set().union(*drawn)
    assert len(names) > 40
    rare = {name for name in names if sum(name in d for d in drawn) < 20}
    assert rare == set()
