"""Scenarios share chance: what a change does not touch is the same in every row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from small_desks import MONDAY, category, desk
from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import simulate
from svcsim.model.service import ServiceModel
from svcsim.samples.history import truth
from svcsim.scenario.changes import Change, apply_changes, list_paths

HORIZON = Horizon(MONDAY, 10, 2)
ATTRIBUTES = ["ticket_id", "opened_s", "category", "channel", "difficulty", "priority"]


@pytest.fixture(scope="module")
def uncertain() -> ServiceModel:
    """The sample desk with an interval on quantities of every kind."""
    data = truth().model_dump()

    def widen(node):
        if isinstance(node, dict) and {"value", "interval"} <= node.keys():
            value = node["value"]
            if 0 < value < 1:
                node["interval"] = (value * 0.9, value + 0.1 * (1 - value))
            elif value:
                node["interval"] = tuple(sorted((value * 0.95, value * 1.05)))
        elif isinstance(node, dict):
            for each in node.values():
                widen(each)

    widen(data)
    return ServiceModel.model_validate(data)


def run(model, replication=1, **options):
    return simulate(model, HORIZON, seed=5, replication=replication, **options)


def roots(log):
    frame = log.frame[log.frame["contact_no"] == 1]
    return frame.sort_values("opened_s", kind="stable")[ATTRIBUTES].reset_index(drop=True)


def changed(model, *changes):
    return apply_changes(model, [Change(**change) for change in changes])[0]


def test_a_change_by_the_factor_1_changes_no_row(uncertain):
    paths = [path for path in list_paths(uncertain) if not path.endswith(".serves")]
    same = changed(uncertain, *({"path": path, "times": 1.0} for path in paths))
    one, two = run(uncertain), run(same)
    pd.testing.assert_frame_equal(one.frame, two.frame, check_exact=True)
    pd.testing.assert_frame_equal(one.work, two.work, check_exact=True)
    exact = run(uncertain, redraw_parameters=False)
    assert not one.frame.equals(exact.frame)


@pytest.mark.parametrize(
    "change",
    [
        {"path": "staffing.extra.L1", "plus": 2},
        {"path": "staffing.presence", "to": "80%"},
        {"path": "categories.repair.repeat", "times": 0.5},
        {"path": "categories.repair.handling.mean", "times": 0.9},
        {"path": "routing.credit.high", "to": "0s"},
        {"path": "agents.Chen Jing.serves", "to": ["L2"]},
        {"path": "survey.asked", "to": "10%"},
    ],
)
def test_no_change_of_service_moves_or_alters_an_arrival(uncertain, change):
    base, other = run(uncertain), run(changed(uncertain, change))
    pd.testing.assert_frame_equal(roots(base), roots(other), check_exact=True)
    assert not base.frame.equals(other.frame)


def alike_agents() -> ServiceModel:
    common = {"again": 0.3, "pending": {"mean": 20_000.0, "cv": 1.0}, "reopen": 0.1}
    return desk(
        per_hour=4.0,
        servers=8,
        mode="ticket",
        categories={
            "a": category(**common, share=0.5, repeat=0.2),
            "b": category(**common, share=0.5, repeat=0.2),
        },
        survey={"asked": 0.8, "answered": 0.5, "scores": (0.1, 0.1, 0.1, 0.3, 0.4)},
    )


def test_more_repeats_in_one_category_leave_the_draws_of_the_others():
    """Agents are alike here, so whatever a ticket's own chance decides must be the same."""
    base = alike_agents()
    more = changed(base, {"path": "categories.a.repeat", "to": "60%"})
    one, two = (run(m).frame.set_index("ticket_id") for m in (base, more))
    assert len(two) > 1.1 * len(one)
    b_one, b_two = (f[f["category"] == "b"] for f in (one, two))
    columns = ["handle_s", "handlings", "reopens", "pending_s", "transfers", "survey_sent"]
    both = b_one.index.intersection(b_two.index)
    # whether a survey goes out is settled when nothing can be reopened any more
    settled = b_one.loc[both, "survey_sent"].notna() & b_two.loc[both, "survey_sent"].notna()
    done = both[settled]
    assert len(done) > 200
    assert np.array_equal(b_one.loc[done, columns], b_two.loc[done, columns], equal_nan=True)
    assert not np.array_equal(b_one.loc[done, "resolved_s"], b_two.loc[done, "resolved_s"])
    repeated = [{t for t in f[f["category"] == "a"].index if t.endswith("-2")} for f in (one, two)]
    assert len(repeated[1]) > 2 * len(repeated[0]) > 40
    # whoever repeats at 20 % repeats at 60 %, unless the busier desk has not come so far yet
    missing = [t.replace("-2", "-1") for t in repeated[0] - repeated[1]]
    assert len(missing) < 0.2 * len(repeated[0])
    later = two.loc[missing, "resolved_s"].fillna(np.inf) > one.loc[missing, "resolved_s"]
    assert later.all()


def test_faster_work_shortens_every_handling_by_the_same_factor():
    base = alike_agents()
    fast = changed(base, {"path": "categories.a.handling.mean", "times": 0.5})
    one, two = (run(m).frame.set_index("ticket_id") for m in (base, fast))
    both = one.index.intersection(two.index)
    done = [
        t
        for t in both
        if one.loc[t, "outcome"] == two.loc[t, "outcome"] == "resolved"
        and one.loc[t, "handlings"] == two.loc[t, "handlings"]
        and one.loc[t, "category"] == "a"
    ]
    difference = two.loc[done, "handle_s"] - 0.5 * one.loc[done, "handle_s"]
    assert len(done) > 200
    assert difference.abs().max() <= one.loc[done, "handlings"].max()  # rounding of each handling


def test_pairs_of_replications_tell_a_change_better_than_independent_ones():
    base = desk(8.0, 10, mode="ticket")
    more = changed(base, {"path": "staffing.extra.team", "plus": 1})

    def waits(model, replications):
        frames = [run(model, r).frame for r in replications]
        return np.array([(f["first_response_s"] - f["opened_s"]).mean() for f in frames])

    one, two = waits(base, range(1, 10)), waits(more, range(1, 10))
    assert (one - two).mean() > 0
    paired, independent = (one - two).var(ddof=1), one.var(ddof=1) + two.var(ddof=1)
    assert paired < 0.6 * independent
