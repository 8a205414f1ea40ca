"""Chance in every desk: what is shared when a desk is changed, and whether draws are random.

The known answers of the generator are in `test_draws`.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from svcsim.engine import draws
from svcsim.engine.simulate import prepare, run
from svcsim.model.service import ServiceModel
from svcsim.scenario.changes import Change, apply_changes, list_paths
from twins.random_desks import random_desk
from twins.twins import differences


@pytest.mark.parametrize("number", [1003, 1011, 1027, 1042])
@pytest.mark.parametrize("engine", ["compiled", "simpy"])
def test_a_change_of_nothing_changes_nothing(number, engine):
    """Every quantity that can be changed, changed by +0 %: no row differs in any field."""
    model, horizon, _ = random_desk(number)
    paths = [path for path in list_paths(model) if not path.endswith(".serves")]
    same, *_ = apply_changes(model, [Change(path=path, times=1.0) for path in paths])
    one, two = (run(prepare(m, horizon, seed=2, replication=3), engine) for m in (model, same))
    assert differences(one, two) == []
    assert len(one.rows) >= 50


def with_a_category(model: ServiceModel) -> ServiceModel:
    """The desk with a further category beside the others, whose cases stay as many as they were."""
    data = model.model_dump(by_alias=True)
    data["arrivals"]["level"]["value"] *= 2.0
    for old in data["categories"].values():
        old["share"]["value"] /= 2.0
    first = next(iter(data["categories"].values()))
    data["categories"] = {"new one": first | {"share": 0.5}, **data["categories"]}
    return ServiceModel.model_validate(data)


@pytest.mark.parametrize("number", [1001, 1005, 1013, 1030])
def test_a_further_category_leaves_the_chance_of_the_others(number):
    """When they open, what they are about, and how long they are patient (nobody serves here)."""
    model, horizon, _ = random_desk(number)
    patient = {"edges": (0.0, 300.0), "hazard": (6.0, 1.0), "balk": 0.1}
    data = model.model_dump(by_alias=True)
    for channel in data["channels"].values():
        channel |= {"mode": "live", "patience": patient}
    model = ServiceModel.model_validate(data)
    columns = ["opened", "channel", "tier", "priority", "language", "customer", "abandoned", "no"]
    found = []
    for desk_, moved in ((model, 0), (with_a_category(model), 1)):
        rows = run(
            prepare(desk_, horizon, seed=4, replication=1, redraw_parameters=False, windows=[])
        ).rows
        old = rows[rows["category"] >= moved]
        table = pd.DataFrame({"category": old["category"] - moved} | {c: old[c] for c in columns})
        found.append(table.sort_values(list(table)).reset_index(drop=True))
        assert len(rows) > len(old) or not moved
    pd.testing.assert_frame_equal(*found)
    assert len(found[0]) > 30


@pytest.fixture(scope="module")
def every_purpose():
    names = [
        n for n, v in vars(draws).items() if n.isupper() and n[0] != "_" and isinstance(v, int)
    ]
    key = np.arange(20_000, dtype=np.int64)
    return {n: draws.uniform(7, 3, key, 1, 1, getattr(draws, n), 0x1234ABCD) for n in names}


def test_every_purpose_is_uniform(every_purpose):
    p_values = [stats.kstest(u, "uniform").pvalue for u in every_purpose.values()]
    assert len(p_values) > 50
    assert min(p_values) > 0.01 / len(p_values)
    # and the p-values themselves are: neither too good nor too bad
    assert stats.kstest(p_values, "uniform").pvalue > 0.001


def test_no_two_purposes_are_correlated(every_purpose):
    n = 20_000
    centred = np.array(list(every_purpose.values())) - 0.5
    z = np.corrcoef(centred)[np.triu_indices(len(centred), 1)] * math.sqrt(n)
    assert len(z) > 1000
    assert np.abs(z).max() < 4
    # nor are their squares: no purpose tells how far another is from its middle
    z = np.corrcoef(centred**2)[np.triu_indices(len(centred), 1)] * math.sqrt(n)
    assert np.abs(z).max() < 4.3


def test_streams_and_cases_next_to_each_other_are_uncorrelated():
    n = 20_000
    key = np.arange(n, dtype=np.int64)
    for stream, other in itertools.combinations((0, 1, 2, 0xFFFFFFFF, 0x80000000), 2):
        u, v = (draws.uniform(5, 1, key, 1, 1, draws.WORK, s) for s in (stream, other))
        assert abs(np.corrcoef(u, v)[0, 1]) * math.sqrt(n) < 4
    u = draws.uniform(5, 1, key, 1, 1, draws.WORK, 9)
    for lag in (1, 2, 4, 1 << 10):
        assert abs(np.corrcoef(u[:-lag], u[lag:])[0, 1]) * math.sqrt(n - lag) < 4
