"""What planners know, on the command line: mistakes of all files at once, before anything runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from svcsim.cli.main import run
from svcsim.samples.history import history_path

SAMPLE = ["--preset", "sample", "--until", "2025-02-03"]


def test_mistakes_in_all_files_are_told_at_once_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    aht, costs = tmp_path / "aht.csv", tmp_path / "costs.yaml"
    aht.write_text("category,minutes\nrepiar,70\n", encoding="utf-8")
    costs.write_text("per_huor: 60\n", encoding="utf-8")
    out = tmp_path / "b.yaml"
    code = run([
        "calibrate", str(history_path()), *SAMPLE, "-o", str(out),
        "--aht", str(aht), "--costs", str(costs), "--shrinkage", "120%",
    ])  # fmt: skip
    said = capsys.readouterr()
    assert code == 2
    assert "category 'repiar' is not in the history" in said.err
    assert "Did you mean repair?" in said.err
    assert "per_huor" in said.err
    assert "120%" in said.err
    assert not out.exists()


def test_an_input_of_the_planner_is_never_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    costs = tmp_path / "costs.yaml"
    costs.write_text("per_hour: 60\n", encoding="utf-8")
    code = run(["calibrate", str(history_path()), *SAMPLE, "-o", str(costs), "--costs", str(costs)])
    said = capsys.readouterr()
    assert code == 2
    assert "an input is never written over" in said.err


def test_check_shows_the_ladder(capsys: pytest.CaptureFixture[str]):
    code = run(["check", str(history_path()), "--preset", "sample", "--lang", "en", "--json"])
    said = capsys.readouterr()
    assert code == 0
    shown = json.loads(said.out)
    rungs = {rung["name"]: rung for rung in shown["ladder"]}
    assert len(rungs) == 8
    assert rungs["hours"]["present"] is False
    assert rungs["hours"]["fallback"]["zh"].startswith("由坐席的活动推断工时")
    assert rungs["weeks"]["present"] is True


@pytest.mark.parametrize("option", ["--aht", "--costs", "--shrinkage"])
def test_a_missing_file_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str):
    out = tmp_path / "b.yaml"
    code = run(
        [
            "calibrate",
            str(history_path()),
            *SAMPLE,
            "-o",
            str(out),
            option,
            str(tmp_path / "no.csv"),
        ]
    )
    said = capsys.readouterr()
    assert code == 2
    assert "no.csv" in said.err
