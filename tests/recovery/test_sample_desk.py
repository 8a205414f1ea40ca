"""Calibrate on the shipped sample, whose truth is known: the numbers come back."""

import pytest

from svcsim.calibration.fit import calibrate
from svcsim.contacts.read import read_history
from svcsim.samples.history import PRESET, history_path, truth
from svcsim.samples.recovery import compare
from svcsim.targets.capacity import staffed_hours

WITHIN = {
    "arrivals.level": 0.04,
    "arrivals.day_cv": 0.20,
    "difficulty.hard.work": 0.05,
    "difficulty.hard.returns": 0.15,
    "channels.phone.patience.level": 0.10,
    "categories.repair.handling.mean": 0.05,
    "categories.technical.handling.mean": 0.05,
    "categories.repair.again": 0.06,
    "categories.repair.pending.mean": 0.10,
    "categories.repair.transfer": 0.06,
    "categories.repair.reopen": 0.12,
    "categories.technical.repeat": 0.12,
    "survey.asked": 0.02,
    "survey.answered": 0.04,
    "survey.wait_effect": 0.25,
}
"""Relative error allowed, about twice what the interval of ten months gives."""


@pytest.fixture(scope="module")
def baseline():
    return calibrate(read_history(history_path(), preset=PRESET).log, name="sample")


@pytest.fixture(scope="module")
def rows(baseline):
    return {row.path: row for row in compare(truth(), baseline.model)}


@pytest.mark.parametrize(("path", "tolerance"), list(WITHIN.items()))
def test_a_parameter_comes_back(rows, path, tolerance):
    assert abs(rows[path].error) <= tolerance


def test_speeds_come_back_within_their_team(rows):
    errors = [abs(r.error) for p, r in rows.items() if p.endswith("speed")]
    assert len(errors) == 24
    assert max(errors) < 0.10


def test_intervals_hold_the_truth_about_as_often_as_they_say(rows):
    """90 % intervals of one history: the desk's and those of its agents."""
    for agents in (True, False):
        covered = [r.covered for p, r in rows.items() if p.startswith("agents.") == agents]
        assert sum(covered) / len(covered) > 0.85


def test_staffed_hours_are_inferred_from_stamps_alone(baseline):
    """The truth rosters 94 % of its windows (absence)."""
    found, true = staffed_hours(baseline.model), staffed_hours(truth())
    for team in ("L1", "L2"):
        assert found[team] == pytest.approx(true[team], rel=0.08)
