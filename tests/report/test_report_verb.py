"""``svcsim report``: finds what a folder holds and renders it again."""

from __future__ import annotations

import json

import pytest
import sample_tables

from svcsim.cli.main import run
from svcsim.report.proposal_report import render_proposal
from svcsim.study.experiment import write_table


@pytest.fixture
def folder(tmp_path, proposal, scores):
    (tmp_path / "proposal.json").write_text(proposal.model_dump_json(), encoding="utf-8")
    (tmp_path / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
    summary, table = sample_tables.simulation()
    (tmp_path / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    write_table(table, tmp_path / "kpis.parquet")
    (tmp_path / "desk.yaml").write_text(sample_tables.baseline().to_yaml(), encoding="utf-8")
    (tmp_path / "card.yaml").write_text("name: not a baseline\n", encoding="utf-8")
    return tmp_path


def test_every_result_of_a_folder_becomes_a_page(folder, proposal, capsys):
    assert run(["report", str(folder), "--json", "--lang", "en"]) == 0
    files = json.loads(capsys.readouterr().out)["files"]
    names = {"proposal.html", "scores.html", "kpis.html", "desk.html"}
    assert {file.rsplit("/", 1)[-1] for file in files} == names
    page = (folder / "proposal.html").read_text(encoding="utf-8")
    assert page == render_proposal(proposal, "en")


def test_chinese_pages_and_markdown_get_names_of_their_own(folder):
    assert run(["report", str(folder / "proposal.json"), "--format", "md", "--lang", "zh"]) == 0
    text = (folder / "proposal.zh.md").read_text(encoding="utf-8")
    assert text.startswith("# KPI 目标建议")
    assert not (folder / "proposal.html").exists()


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("proposal.json", '{"stages": [', "cannot be read as JSON"),
        ("proposal.json", "[1]", "is not a JSON object"),
        ("proposal.json", '{"stages": []}', "is missing"),
        ("scores.json", '{"nothing": 1}', "neither a proposal nor scores"),
        ("summary.json", "{}", "needs it beside it"),
        ("notes.txt", "", "holds nothing that can be shown"),
    ],
)
def test_bad_input_is_said_in_words(tmp_path, capsys, name, content, found):
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert run(["report", str(tmp_path)]) == 2
    assert found in capsys.readouterr().err


def test_a_missing_folder_is_said_in_words(tmp_path, capsys):
    assert run(["report", str(tmp_path / "nowhere")]) == 2
    assert "no such folder" in capsys.readouterr().err
