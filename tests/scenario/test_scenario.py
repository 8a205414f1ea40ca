"""Scenario files: a baseline, a few changes, how to run them."""

from __future__ import annotations

import pytest

from svcsim.errors import InputError
from svcsim.model.baseline import Baseline, Source
from svcsim.samples.history import truth
from svcsim.scenario.scenario import Scenario, load_scenario


@pytest.fixture
def folder(tmp_path):
    source = Source(log="a.csv", rows=1, start="2025-01-06", end="2025-06-02")
    baseline = Baseline(svcsim="0", name="desk", source=source, model=truth())
    (tmp_path / "baseline.yaml").write_text(baseline.to_yaml(), encoding="utf-8")

    def write(text: str, name: str = "evening.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


GOOD = """name: evening
zh: 晚班
why: first responses are late after 18:00
baseline: baseline.yaml
changes:
  staffing.extra.L1: {from: 0, to: 2}
  categories.repair.handling.mean: {times: 0.9}
  categories.repair.repeat: 9%
metrics: [frt_p50]
run: {days: 90, follow_up: 14d, replications: 40, seed: 20240701, start: 2025-07-07}
"""


def test_a_scenario_file_is_read_and_applied(folder):
    scenario, baseline, log = load_scenario(folder(GOOD))
    assert (scenario.name, scenario.zh, log) == ("evening", "晚班", None)
    assert scenario.run.follow_up == 14 * 86400.0
    assert scenario.run.start == "2025-07-07"
    model, applied = scenario.apply(baseline.model)
    assert [str(a) for a in applied] == [
        "staffing.extra.L1: 0 -> 2",
        "categories.repair.handling.mean: 37min -> 33.3min",
        "categories.repair.repeat: 12% -> 9%",
    ]
    assert model.staffing.extra == {"L1": 2}
    assert model.categories["repair"].repeat.value == 0.09


def test_changes_may_also_be_a_list(folder):
    text = "name: x\nbaseline: baseline.yaml\nchanges:\n- {path: arrivals.level, times: 1.1}\n"
    scenario, baseline, _ = load_scenario(folder(text))
    assert scenario.apply(baseline.model)[0].arrivals.level.value == pytest.approx(869.0)


def test_a_baseline_is_the_scenario_without_changes(folder, tmp_path):
    scenario, baseline, _ = load_scenario(tmp_path / "baseline.yaml")
    assert scenario.changes == ()
    assert scenario.apply(baseline.model) == (baseline.model, ())


def test_a_scenario_written_reads_back_the_same(folder):
    scenario, _, _ = load_scenario(folder(GOOD))
    again = Scenario.from_yaml(folder(scenario.to_yaml(), "again.yaml"))
    assert again == scenario


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: x\n", "baseline is missing"),
        ("name: x\nbaseline: basline.yaml\n",
         ":2  baseline: basline.yaml does not exist; Did you mean baseline.yaml"),
        ("name: x\nbaseline: baseline.yaml\nlog: no.csv\n", ":3  log: no.csv does not exist"),
        ("name: x\nbaseline: baseline.yaml\nrun: {dys: 3}\n", ":3  run.dys is not a known key"),
        ("name: x\nbaseline: baseline.yaml\nrun: {days: 0}\n",
         ":3  run.days: expected 1 or more; found 0"),
        ("name: x\nbaseline: baseline.yaml\nrun: {follow_up: 7}\n", "has no unit"),
        ("name: x\nbaseline: baseline.yaml\nrun: {start: July}\n", "write YYYY-MM-DD"),
        ("name: x\nbaseline: baseline.yaml\nchanges: {a: {times: x}}\n", "changes.a.times"),
        ("name: x\nbaseline: baseline.yaml\nchanges:\n  a: {times: 2}\n  a: {times: 3}\n",
         ":5  not valid YAML: found duplicate key"),
    ],
)  # fmt: skip
def test_mistakes_in_a_scenario_file_are_found(folder, text, said):
    with pytest.raises(InputError) as caught:
        load_scenario(folder(text))
    assert said in str(caught.value)


def test_a_missing_baseline_of_the_demo_tells_how_to_make_it(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "name: x\nbaseline: results/demo/baseline.yaml\nlog: results/demo/history.parquet\n"
    with pytest.raises(InputError) as caught:
        load_scenario(folder(text))
    mend = "does not exist; make it first: svcsim demo -o results/demo (or: make demo)"
    assert [finding.where[-2:] for finding in caught.value.findings] == [":2", ":3"]
    assert str(caught.value).count(mend) == 2


def test_a_missing_scenario_file_names_its_neighbours(folder, tmp_path):
    folder(GOOD)
    with pytest.raises(InputError, match="Did you mean evening.yaml"):
        load_scenario(tmp_path / "evenning.yaml")
