"""One model, two clocks: rows equal in every field on desks drawn at random.

The SimPy clock and the kernel share rules and chance, but neither structures nor flow. Clocks are
rounded to 1 s, 60 s and 15 min, so that much happens at one instant. The long form
(``benchmarks/twin_run.py``) runs more desks.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import numpy as np
import pytest

from svcsim.engine.demand import Cases, Horizon
from svcsim.engine.kernel import loop
from svcsim.engine.opening import opening_state
from svcsim.engine.simulate import prepare, run, simulate
from twins.happened import KNOWN, POSITIVE, happened
from twins.random_desks import random_desk
from twins.twins import differences

DESKS = 300
GROUP = 10
EVERYTHING = (
    *POSITIVE, *KNOWN, "quality checks", "cut off", "overtime", "wrap-up or slowdown",
    "cases of incidents", "handlings by added agents", "handlings by replacements", "redials",
    "repeat contacts", "helpers held", "hand-backs", "chats side by side",
)  # fmt: skip
"""What happens at desks, see `happened`."""


def settings(number: int):
    """The setting of a desk, made afresh for each clock; every third begins with a backlog."""
    model, horizon, drawn = random_desk(number)
    opening = None
    if number % 3 == 0:
        log = simulate(model, horizon, seed=number, replication=1)
        opening = opening_state(log, log.observed_until, model)
        first = horizon.local_days()[-1] + timedelta(days=1)
        horizon = Horizon(first, horizon.days, 1)
    given = run_inputs(model, horizon, number, drawn)
    while True:
        yield prepare(
            model, horizon, seed=number, replication=2, opening=opening, redraw_parameters=False,
            **given,
        )  # fmt: skip


def run_inputs(model, horizon, number, drawn):
    """What is replayed instead of drawn: cases of another seed, only their times, or windows."""
    out = {}
    other = prepare(model, horizon, seed=number + 50_000, replication=2, redraw_parameters=False)
    cases = other.cases
    if "replayed cases" in drawn:
        columns = (cases.opened, cases.category, cases.channel, cases.tier, cases.priority)
        out["cases"] = Cases(*columns)
    elif "replayed times" in drawn:
        out["arrivals"] = cases.opened
    if "replayed windows" in drawn:  # everybody leaves ten minutes early
        own = prepare(model, horizon, seed=number, replication=2, redraw_parameters=False)
        long = own.windows[:, 1] - own.windows[:, 0] > 1200
        out["windows"] = own.windows[long] - np.array([0, 600, 0])
    return out


@pytest.mark.parametrize("first", range(0, DESKS, GROUP))
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
    """Every feature is drawn by at least 20 of the desks."""
    drawn = [random_desk(number)[2] for number in range(DESKS)]
    names = set().union(*drawn)
    assert len(names) > 60
    rare = {name for name in names if sum(name in d for d in drawn) < 20}
    assert rare == set()


def test_everything_happens_on_the_desks():
    """What a desk may do, it does: queues form on most, and each thing happens dozens of times."""
    total, queues, backlogs, overdue = Counter(), 0, 0, 0
    for number in range(DESKS):
        setting = next(settings(number))
        backlogs += len(setting.contacts) > 0
        overdue += len(setting.sla[0]) > 0
        counted = happened(setting, run(setting, "compiled"))
        queues += counted["waits"] > 20
        total.update(counted)
    assert queues > DESKS / 2
    assert backlogs > 60
    assert overdue > 20
    assert {name: total[name] for name in EVERYTHING if total[name] < 60} == {}
    assert set(total) == set(EVERYTHING)
