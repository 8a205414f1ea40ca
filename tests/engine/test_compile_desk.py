"""What the desk in plain numbers says about the model: means stay means, expected is expected."""

from __future__ import annotations

import numpy as np
import pytest

from small_desks import MONDAY, category, desk
from svcsim.engine import durations
from svcsim.engine.compile_desk import compile_desk
from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import simulate


@pytest.mark.parametrize("table", [(0.0, 0.0, 0.0, 10.0), (0.2, 0.9, 1.0, 1.1, 2.3)])
def test_a_table_has_the_declared_mean_whatever_its_own(table):
    law = {"law": "table", "mean": 600.0, "table": table}
    plain = compile_desk(desk(categories={"all": category(handling=law)}))
    u = (np.arange(20_000) + 0.5) / 20_000
    drawn = [durations.duration(plain.categories[0].handling, plain.tables, v) for v in u]
    assert np.mean(drawn) == pytest.approx(600.0, rel=1e-3)


def test_costs_are_drawn_anew_in_every_replication():
    cost = {"per_contact": {"value": 10.0, "interval": [5.0, 20.0]}, "per_minute": 0.5}
    model = desk(2.0, 5, cost=cost)
    each = []
    for replication in (1, 2, 3):
        log = simulate(model, Horizon(MONDAY, 1, 0), seed=1, replication=replication)
        frame = log.frame
        each.append((frame["cost"] - frame["handle_s"] / 120.0).round(9).unique())
        assert len(each[-1]) == 1
    assert len(set(np.concatenate(each))) == 3


def test_what_mostly_takes_no_time_looks_easy():
    """1000 s in one of ten cases is less work than 500 s in every case."""
    rare = {"law": "fixed", "mean": 1000.0, "zero": 0.9}
    plain = compile_desk(desk(categories={"all": category(handling=rare)}))
    assert plain.categories[0].expected_work == pytest.approx((100.0,))
