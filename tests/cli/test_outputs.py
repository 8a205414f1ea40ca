"""Outputs never land on inputs, results are whole before they are told, names tell the language."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from svcsim.cli.main import run
from three_contacts import three, true_baseline

CARD = "name: c\nperiod: month\nkpis:\n- {metric: aht, weight: 100%, target: 50min}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a log (and its side table), an export, a mapping, a baseline and a card."""
    monkeypatch.chdir(tmp_path)
    work = pd.DataFrame(
        {
            "agent": ["a"],
            "ticket_id": ["0"],
            "team": ["L1"],
            "start_s": [1.7e9],
            "end_s": [1.7e9 + 60],
        }
    )
    three("Asia/Shanghai", work=work).to_parquet("h.parquet")
    baseline = true_baseline()
    texts = {
        "b.yaml": baseline,
        "h.csv": "id,opened\n1,2026-03-02 09:00\n2,2026-03-03 09:00\n",
        "m.yaml": "name: m\ntimezone: UTC\ncolumns: {ticket_id: id, opened_s: opened}\n",
        "roster.yaml": "no roster, but somebody's",
        "b.json": baseline,
        "card.yaml": CARD,
        "scenario.yaml": "name: s\nbaseline: b.yaml\nchanges: {}\n",
        "page.html": json.dumps({"units": [], "kpis": []}),
    }
    for name, text in texts.items():
        Path(name).write_text(text, encoding="utf-8")
    Path("link.yaml").symlink_to("h.parquet")
    Path("link.parquet").symlink_to("h.csv")
    os.link("h.csv", "hard.csv")
    Path("sub").mkdir()
    return tmp_path


ONTO_INPUTS = {
    "calibrate onto the log": ["calibrate", "h.parquet", "-o", "h.parquet"],
    "calibrate onto a link to the log": ["calibrate", "h.parquet", "-o", "link.yaml"],
    "calibrate onto the mapping": ["calibrate", "h.csv", "--mapping", "m.yaml", "-o", "m.yaml"],
    "calibrate onto the roster": ["calibrate", "h.csv", "--roster", "roster.yaml", "-o",
                                  "sub/../roster.yaml"],
    "calibrate with its page onto the log": ["calibrate", "page.html", "-o", "page.yaml"],
    "measure onto the log": ["measure", "h.parquet", "--csv", "h.parquet"],
    "measure onto the export": ["measure", "h.csv", "--mapping", "m.yaml", "--csv", "./h.csv"],
    "measure onto one of a glob": ["measure", "h*.csv", "--mapping", "m.yaml", "--csv", "h.csv"],
    "validate onto the baseline": ["validate", "b.yaml", "h.parquet", "-o", "b.yaml"],
    "validate onto a baseline named .json": ["validate", "b.json", "h.parquet", "-o", "b.json"],
    "check onto the log": ["check", "h.parquet", "-o", "sub/../h.parquet"],
    "check onto a link to the export": ["check", "h.csv", "-o", "link.parquet"],
    "check onto a side table": ["check", "h.parquet", "-o", "h.work.parquet"],
    "check rejects onto the export": ["check", "h.csv", "--rejects", "h.csv"],
    "check rejects onto a hard link": ["check", "h.csv", "--rejects", "hard.csv"],
    "report onto what it reads": ["report", "page.html", "--lang", "en"],
    "simulate onto the scenario": ["simulate", "scenario.yaml", "-o", "scenario.yaml"],
    "simulate into the folder of the scenario": ["simulate", "scenario.yaml", "-o", "."],
    "propose onto the baseline": ["propose", "b.yaml", "-o", "b.yaml"],
    "propose into the folder of the baseline": ["propose", "b.yaml", "-o", "."],
    "score onto the card": ["score", "h.parquet", "--scorecard", "card.yaml", "-o", "card.yaml"],
    "score into the folder of the log": ["score", "h.parquet", "--scorecard", "card.yaml",
                                         "-o", "."],
    "calibrate to no YAML file": ["calibrate", "h.parquet", "-o", "new.txt"],
    "measure to no CSV file": ["measure", "h.parquet", "--csv", "new"],
    "validate to no JSON file": ["validate", "b.yaml", "h.parquet", "-o", "new.yaml"],
    "measure to a folder": ["measure", "h.parquet", "--csv", "sub"],
}  # fmt: skip


WHYS = ("is read by this command", "does not end in", "is a file", "is not empty", "is a folder")


@pytest.mark.parametrize("case", list(ONTO_INPUTS))
def test_an_output_on_an_input_is_refused(
    case: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert run(ONTO_INPUTS[case]) == 2
    shown = capsys.readouterr()
    assert shown.err.count("error:") == 1
    assert any(why in shown.err for why in WHYS)
    assert "unexpected" not in shown.err
    assert shown.out == ""
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


def test_an_output_of_before_is_written_again(folder: Path) -> None:
    for _ in range(2):
        assert run(["measure", "h.parquet", "--csv", "kpis.csv", "-q"]) == 0
        assert run(["check", "h.csv", "--mapping", "m.yaml", "-o", "new.parquet", "-q"]) == 0


def piped(*argv: str) -> tuple[int, str]:
    """Exit code and messages of a command whose reader left before the first line."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-c", "from svcsim.cli.main import main; main()", *argv]
    try:
        done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True)
    finally:
        os.close(writer)
    return done.returncode, done.stderr


def complete(folder: str) -> bool:
    return bool(json.loads((Path(folder) / "manifest.json").read_text())["complete"])


SHORT = ("-n", "2", "--days", "2", "--seed", "1", "-q")


def test_results_are_whole_when_the_reader_of_stdout_leaves(folder: Path) -> None:
    assert piped("score", "h.parquet", "--scorecard", "card.yaml", "-o", "s", "-q") == (141, "")
    assert {p.name for p in Path("s").iterdir()} >= {"scores.json", "scores.csv", "scores.html"}
    assert complete("s")
    assert piped("simulate", "b.yaml", "--log", "h.parquet", "-o", "r", *SHORT)[0] == 141
    assert {p.name for p in Path("r").iterdir()} >= {"kpis.html", "summary.json", "kpis.parquet"}
    assert complete("r")
    assert piped("report", "r", "--format", "md") == (141, "")
    assert (folder / "r" / "kpis.md").is_file()
    assert piped("list", "metrics") == (141, "")
    assert piped("--help") == (141, "")


def test_messages_nobody_reads_do_not_stop_the_work(folder: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    code = "from svcsim.cli.main import main; main()"
    argv = ["check", "h.csv", "--mapping", "m.yaml", "-o", "new.parquet", "-v"]
    done = subprocess.run(
        [sys.executable, "-c", code, *argv], stdout=subprocess.PIPE, stderr=writer, text=True
    )
    os.close(writer)
    assert done.returncode == 0
    assert "rows read" in done.stdout


def test_chinese_pages_lie_beside_the_english_ones(folder: Path) -> None:
    command = ["simulate", "b.yaml", "--log", "h.parquet", "-o", "r", *SHORT, "--lang"]
    assert run([*command, "en"]) == 0
    english = Path("r/kpis.html").read_bytes()
    assert run([*command, "zh"]) == 0
    assert Path("r/kpis.html").read_bytes() == english
    assert 'lang="zh' in Path("r/kpis.zh.html").read_text(encoding="utf-8")
    score = ["score", "h.parquet", "--scorecard", "card.yaml", "-o", "s", "-q", "--lang", "zh"]
    assert run(score) in (0, 3)
    assert not Path("s/scores.html").exists()
    assert Path("s/scores.zh.html").exists()
