"""What planners know, on the command line: mistakes of all files at once, before anything runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from svcsim.cli.main import cli
from svcsim.samples.history import history_path

SAMPLE = ["--preset", "sample", "--until", "2025-02-03"]


def run(*args: object) -> tuple[int, str]:
    done = CliRunner().invoke(cli, [str(arg) for arg in args])
    return done.exit_code, done.output


def test_mistakes_in_all_files_are_told_at_once_and_nothing_is_written(tmp_path: Path):
    aht, costs = tmp_path / "aht.csv", tmp_path / "costs.yaml"
    aht.write_text("category,minutes\nrepiar,70\n", encoding="utf-8")
    costs.write_text("per_huor: 60\n", encoding="utf-8")
    out = tmp_path / "b.yaml"
    code, said = run(
        "calibrate", history_path(), *SAMPLE, "-o", out,
        "--aht", aht, "--costs", costs, "--shrinkage", "120%",
    )  # fmt: skip
    assert code == 2
    assert "category 'repiar' is not in the history" in said
    assert "Did you mean repair?" in said
    assert "per_huor" in said
    assert "120%" in said
    assert not out.exists()


def test_an_input_of_the_planner_is_never_written_over(tmp_path: Path):
    costs = tmp_path / "costs.yaml"
    costs.write_text("per_hour: 60\n", encoding="utf-8")
    code, said = run("calibrate", history_path(), *SAMPLE, "-o", costs, "--costs", costs)
    assert code == 2
    assert "an input is never written over" in said


def test_check_shows_the_ladder(tmp_path: Path):
    code, said = run("check", history_path(), "--preset", "sample", "--lang", "en", "--json")
    assert code == 0
    shown = json.loads(said[said.index("{") :])
    rungs = {rung["name"]: rung for rung in shown["ladder"]}
    assert len(rungs) == 8
    assert rungs["hours"]["present"] is False
    assert rungs["hours"]["fallback"]["zh"].startswith("由坐席的活动推断工时")
    assert rungs["weeks"]["present"] is True


@pytest.mark.parametrize("option", ["--aht", "--costs", "--shrinkage"])
def test_a_missing_file_is_said(tmp_path: Path, option: str):
    out = tmp_path / "b.yaml"
    code, said = run("calibrate", history_path(), *SAMPLE, "-o", out, option, tmp_path / "no.csv")
    assert code == 2
    assert "no.csv" in said
