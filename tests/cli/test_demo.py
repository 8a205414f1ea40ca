"""The demo's folder: made anew when it is finished, refused when it is of another demo."""

import json

import pytest
import sample_proposal

from svcsim.cli.main import run
from svcsim.model.baseline import Baseline, Source
from svcsim.samples.history import truth
from svcsim.scorecard.scorecard import Scorecard, find_card


@pytest.fixture
def short_road(monkeypatch):
    """The demo without its simulations; counts how often the desk is learned."""
    learned = []

    def learn(log, fit, **options):
        learned.append(log.name)
        source = Source(log="sample", rows=0, start="2025-01-06", end="2025-09-29")
        return Baseline(svcsim="0", name="sample desk", source=source, model=truth())

    card = Scorecard.from_yaml(find_card("seed-25-40-35"))
    proposal = sample_proposal.proposal()
    monkeypatch.setattr("svcsim.study.learn.learn", learn)
    monkeypatch.setattr("svcsim.targets.propose.propose", lambda *args, **options: proposal)
    for place in ("propose", "stage_card"):
        monkeypatch.setattr(f"svcsim.targets.{place}.scorecard_for_stage", lambda *args: card)
    return learned


def test_a_demo_is_a_results_folder_and_runs_twice(short_road, tmp_path, capsys):
    folder = tmp_path / "demo"
    command = ["demo", "-o", str(folder), "-q"]
    assert run(command) == 0
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["complete"]
    assert manifest["settings"]["quick"] is False
    assert len(manifest["inputs"]["history"]) == 64
    kept = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {"baseline.yaml", "history.parquet", "proposal.json", "scores.csv"} <= set(kept)
    assert run(command) == 0
    again = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {k: v for k, v in again.items() if k != "manifest.json"} == {
        k: v for k, v in kept.items() if k != "manifest.json"
    }
    assert len(short_road) == 2
    capsys.readouterr()
    assert run([*command, "--quick"]) == 2
    told = capsys.readouterr()
    assert "other settings" in told.err
    assert "-o" in told.err
    assert told.out == ""
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == again


def test_an_interrupted_demo_goes_on_with_the_baseline_it_has(short_road, tmp_path, monkeypatch):
    command = ["demo", "-o", str(tmp_path / "demo"), "-q"]

    def stop(*args, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("svcsim.targets.propose.propose", stop)
        assert run(command) == 130
    manifest = json.loads((tmp_path / "demo" / "manifest.json").read_text(encoding="utf-8"))
    assert not manifest["complete"]
    assert run(command) == 0
    assert len(short_road) == 1


def test_a_quick_look_has_a_folder_of_its_own(short_road, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(["demo", "-q"]) == 0
    assert run(["demo", "-q", "--quick"]) == 0
    assert {path.name for path in (tmp_path / "results").iterdir()} == {"demo", "demo-quick"}
