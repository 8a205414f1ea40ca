"""The scenarios that ship are valid and can be applied to the sample desk."""

from pathlib import Path

import pytest

from svcsim.samples.history import truth
from svcsim.scenario.scenario import Scenario

FILES = sorted((Path(__file__).resolve().parents[2] / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_scenario_changes_what_it_says(path):
    scenario = Scenario.from_yaml(path)
    model, log = scenario.apply(truth())
    assert scenario.name == path.stem
    assert len(log) == len(scenario.changes) > 0
    assert model != truth()
