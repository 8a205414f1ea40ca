"""The verb: files, five lines, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from english import english_of_lines
from svcsim.cli.main import run
from svcsim.contacts.log import ContactLog
from svcsim.errors import InputError
from svcsim.model.baseline import Baseline
from svcsim.scorecard.scorecard import Scorecard
from svcsim.targets.proposal import Proposal
from svcsim.targets.propose import scorecard_for_stage

FAST = ["-n", "20", "--stages", "1", "--horizon", "2w", "--metrics", "fcr_window(7d)",
        "--card", "seed-25-40-35", "--workers", "2"]  # fmt: skip


@pytest.fixture(scope="session")
def files(
    tier_baseline: Baseline, tier_log: ContactLog, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("desk")
    baseline, log = folder / "baseline.yaml", folder / "log.parquet"
    baseline.write_text(tier_baseline.to_yaml(), encoding="utf-8")
    tier_log.to_parquet(log)
    return baseline, log


@pytest.fixture(autouse=True)
def fewer_scenarios(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("svcsim.targets.trial.DELTAS", (1,))
    monkeypatch.setattr("svcsim.targets.trial.singles", lambda model: [])


def test_proposes_from_a_baseline_and_takes_up_finished_batches(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline, log = files
    folder = tmp_path / "out"
    command = ["propose", str(baseline), "--log", str(log), "-o", str(folder), *FAST]
    assert run([*command, "--lang", "en"]) == 0
    lines = capsys.readouterr().out.strip().splitlines()
    assert len(lines) == 6
    assert lines[4].startswith("beware: Few simulated periods: 20 as is")
    assert lines[0].startswith("ready: fidelity pass")
    assert lines[-1] == f"report: {folder / 'proposal.html'}"
    first = (folder / "proposal.json").read_bytes()
    proposal = Proposal.model_validate_json(first)
    assert [card.card for card in proposal.cards] == ["seed-25-40-35"]
    card = Scorecard.from_yaml(folder / "scorecard-stage1.yaml")
    assert card.kpis[0].target == proposal.stages[0].targets[0].value
    for part in (folder / "parts").glob("*.parquet"):
        part.touch()
    assert run([*command, "--json", "--lang", "zh", "-q"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["schema_version"] == 1
    assert printed["stages"][0]["targets"][0]["p_met_after"]["n"] == 10
    assert (folder / "proposal.json").read_bytes() == first
    assert run([*command, "--lang", "zh"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("可用：保真度通过（")
    assert english_of_lines(shown.out.replace(str(folder), "") + shown.err) == []


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--horizon", "4"], "--horizon"),
        (["--horizon", "400d"], "7 to 92"),
        (["--metrics", "fcr_windw(7d)"], "fcr_window"),
        (["--card", "seed-25-40-36"], "seed-25-40-35"),
        (["--benchmarks", "nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_bad_input_is_refused_in_words_before_anything_is_simulated(
    files: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    word: str,
) -> None:
    baseline, log = files
    folder = tmp_path / "out"
    command = ["propose", str(baseline), "--log", str(log), "-o", str(folder), "-n", "20"]
    assert run([*command, *options]) == 2
    told = capsys.readouterr()
    assert word in told.err
    assert told.out == ""
    assert not (folder / "parts").exists()


def test_an_exploratory_proposal_is_written_but_ends_with_code_three(
    files: tuple[Path, Path],
    tmp_path: Path,
    tier_proposal: Proposal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loose = tier_proposal.model_copy(update={"verdict": "exploratory"})
    monkeypatch.setattr("svcsim.targets.propose.propose", lambda *args, **options: loose)
    folder = tmp_path / "out"
    command = ["propose", str(files[1]), "--baseline", str(files[0]), "-o", str(folder), "-q"]
    assert run(command) == 3
    assert Proposal.model_validate_json((folder / "proposal.json").read_text()) == loose
    cards = sorted(folder.glob("scorecard-stage*.yaml"))
    assert len(cards) == 3
    assert all(Scorecard.from_yaml(file).exploratory for file in cards)


def test_a_stage_of_handling_time_alone_is_for_discussion_and_writes_no_card(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"
    command = ["propose", str(files[0]), "--log", str(files[1]), "-o", str(folder), *FAST, "-q"]
    command[command.index("fcr_window(7d)")] = "aht"
    assert run([*command, "--lang", "en"]) == 3
    told = capsys.readouterr().out
    assert "beware: Targets for discussion only, no scorecard" in told
    assert not list(folder.glob("scorecard-*"))
    proposal = Proposal.model_validate_json((folder / "proposal.json").read_text())
    assert proposal.verdict == "exploratory"
    assert [target.metric for target in proposal.stages[0].targets] == ["aht"]
    assert proposal.weights == ()
    assert "Targets for discussion only" in (folder / "proposal.html").read_text("utf-8")
    with pytest.raises(InputError, match="handling time or volume alone"):
        scorecard_for_stage(proposal, proposal.stages[0])
