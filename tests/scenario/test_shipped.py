"""The scenarios that ship are valid and can be applied to the sample desk."""

from datetime import date
from pathlib import Path

import pytest

from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import simulate
from svcsim.samples.history import truth
from svcsim.scenario.scenario import Scenario
from svcsim.study.told import unspoken

FILES = sorted((Path(__file__).resolve().parents[2] / "scenarios").glob("*.yaml"))
WITHIN_WEEKS = (
    "articles-for-returns",
    "demand-grows",
    "hard-cases-come-back-later",
    "incidents-at-random",
    "people-leave",
)
"""What they change shows later than in two days."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_scenario_changes_what_it_says(path):
    scenario = Scenario.from_yaml(path)
    model, log = scenario.apply(truth())
    assert scenario.name == path.stem
    assert len(log) == len(scenario.changes) > 0
    assert model != truth()
    assert [note for change in log for note in change.notes] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_scenario_says_why_and_runs(path):
    """Two days from its own start, or twelve weeks; what each adds is seen in the rows."""
    scenario = Scenario.from_yaml(path)
    assert scenario.zh
    assert scenario.why
    start = date.fromisoformat(scenario.run.start or "2025-11-10")
    horizon = Horizon(start, 84 if path.stem in WITHIN_WEEKS else 2, 0)
    model, _ = scenario.apply(truth())
    one, two = (
        simulate(m, horizon, seed=1, replication=1, redraw_parameters=False)
        for m in (truth(), model)
    )
    assert len(two) > 50
    assert [metric for metric in scenario.metrics if unspoken(model, metric)] == []
    assert not one.frame.equals(two.frame), "the scenario leaves no trace in the rows"
    if scenario.run.start:
        assert len(two) > len(one) + 20


def test_the_page_of_scenarios_lists_each_with_its_declarations():
    """One line a file: its Chinese name and the paths that it changes."""
    page = (FILES[0].parent / "README.md").read_text(encoding="utf-8")
    lines = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    assert sorted(lines) == [path.name for path in FILES]
    for path in FILES:
        scenario = Scenario.from_yaml(path)
        assert scenario.zh in lines[path.name]
        missing = [c.path for c in scenario.changes if f"`{c.path}`" not in lines[path.name]]
        assert missing == [], path.name
