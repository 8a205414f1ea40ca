"""``--lang zh``: what every verb prints is Chinese, but for ids, file names and findings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sample_proposal

from english import english_of_lines
from svcsim.cli.demo import _five_lines
from svcsim.cli.main import run
from svcsim.cli.output import Output
from svcsim.cli.words import WORDS, word
from svcsim.samples.history import history_path
from svcsim.text import Text

SOURCES = Path(run.__code__.co_filename).parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five weeks of the sample desk, its baseline and a results folder, made by the verbs."""
    folder = tmp_path_factory.mktemp("zh")
    log, baseline = str(folder / "log.parquet"), str(folder / "b.yaml")
    check = ["check", str(history_path()), "--preset", "sample", "-o", log, "-q"]
    assert run(check) == 0
    span = ["--from", "2025-09-15", "--until", "2025-10-20", "--replications", "20"]
    assert run(["calibrate", log, "-o", baseline, *span, "-q", "--json"]) in (0, 3)
    return folder


def said(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """What a verb prints in Chinese, results and messages."""
    capsys.readouterr()
    assert run([*argv, "--lang", "zh"]) in (0, 3)
    shown = capsys.readouterr()
    return shown.out + shown.err


def test_check_and_measure(folder, capsys):
    history, log = str(history_path()), str(folder / "log.parquet")
    text = said(capsys, "check", history, "--preset", "sample", "-v")
    assert "搁置 163: 工单编号重复（保留首个）" in text
    assert english_of_lines(text) == []
    text = said(capsys, "measure", log, "--by", "team,channel", "-v")
    assert "班组" in text
    assert "occupancy：未计算，数据中没有" in text
    assert english_of_lines(text) == []


def test_calibrate_validate_and_list_paths(folder, capsys, tmp_path):
    log, baseline = str(folder / "log.parquet"), str(folder / "b.yaml")
    span = ["--from", "2025-10-20", "--until", "2025-10-27", "--replications", "20"]
    text = said(capsys, "validate", baseline, log, *span)
    assert "保真度：" in text
    assert "首次响应时间中位数" in text
    assert english_of_lines(text) == []
    again = ["--from", "2025-09-22", "--until", "2025-10-20", "--replications", "20"]
    text = said(capsys, "calibrate", log, "-o", str(tmp_path / "c.yaml"), *again, "-v")
    assert "回放留出历史 20 次" in text
    assert "满意度调查" in text
    assert english_of_lines(text) == []
    assert english_of_lines(said(capsys, "list", "paths", baseline)) == []


def test_simulate(folder, capsys):
    log, baseline = str(folder / "log.parquet"), str(folder / "b.yaml")
    argv = ["simulate", baseline, "-n", "2", "--days", "7", "--log", log]
    text = said(capsys, *argv, "-o", str(folder / "run"))
    assert "结果：" in text
    assert english_of_lines(text) == []
    text = said(capsys, "simulate", baseline, "-n", "2", "--days", "7", "-o", str(folder / "r2"))
    assert "没有给出历史（--log）" in text
    assert english_of_lines(text) == []


def test_changes_and_what_was_cut_of_them(folder, capsys):
    (folder / "s.yaml").write_text(
        "name: s\nbaseline: b.yaml\nrun: {days: 7, warm_up: 7d}\nchanges:\n"
        "  routing.by_preference: {to: true}\n  staffing.presence: {times: 2}\n"
        "  categories.repair.handling.mean: {to: 30min}\n",
        encoding="utf-8",
    )
    text = said(capsys, "simulate", str(folder / "s.yaml"), "-n", "1", "-o", str(folder / "cut"))
    assert "变更  routing.by_preference：否 → 是" in text
    assert "→ 30 分钟" in text
    assert "改动要求 200%" in text
    assert "先预热 7 天" in text
    assert "模拟次数" in text
    assert english_of_lines(text) == []


@pytest.mark.parametrize("kind", ["metrics", "presets", "columns", "tables", "cards"])
def test_list(kind, capsys):
    assert english_of_lines(said(capsys, "list", kind)) == []


def test_doctor(capsys):
    assert english_of_lines(said(capsys, "doctor")) == []


def test_notes_of_a_real_baseline_have_both_languages(folder, capsys):
    from svcsim.model.baseline import Baseline

    baseline = Baseline.from_yaml(folder / "b.yaml")
    assert baseline.notes
    assert [note.en for note in baseline.notes if english_of_lines(note.zh) or not note.zh] == []
    assert baseline.fidelity.why.zh


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_five_lines_of_the_demo(lang, capsys, tmp_path):
    proposal = sample_proposal.proposal()
    account = {"read": 38633, "used": 37693, "set_aside": {"spam": 940}}
    _five_lines(tmp_path, account, proposal, 4, Output(lang=lang))
    lines = capsys.readouterr().out.splitlines()
    assert [line[:2] for line in lines] == ["1 ", "2 ", "3 ", "4 ", "5 "]
    text = "\n".join(lines).replace(str(tmp_path), "")
    if lang == "zh":
        assert "读入 38,633 行，使用 37,693 行，搁置 940 行" in lines[0]
        assert "退换货手册" in lines[3]
        assert "proposal.zh.html" in lines[4]
        assert english_of_lines(text) == []
    else:
        assert lines[0].endswith("38,633 rows read, 37,693 used, 940 set aside")
        assert not any("\u4e00" <= char <= "\u9fff" for char in text)


def test_json_holds_both_languages(folder, capsys):
    argv = ["measure", str(folder / "log.parquet"), "--metrics", "aht,occupancy", "--json"]
    shown = []
    for lang in ("en", "zh"):
        capsys.readouterr()
        assert run([*argv, "--lang", lang]) == 0
        shown.append(json.loads(capsys.readouterr().out))
    assert shown[0] == shown[1]
    assert set(shown[0]["metrics"][0]["formula"]) == {"en", "zh"}
    assert set(shown[0]["not_measured"][0]["why"]) == {"en", "zh"}


def test_every_word_of_the_terminal_is_used():
    text = "".join(p.read_text(encoding="utf-8") for p in SOURCES.glob("*.py"))
    table = (SOURCES / "words.py").read_text(encoding="utf-8")
    rest = text.replace(table, "")
    looked_up = {"pass", "warn", "fail", "none", "resolved", "abandoned", "open"}
    looked_up |= {"replication", "team", "agent", "category", "channel", "priority"}
    looked_up |= {"measured", "given", "proxy", "assumed"}
    looked_up |= {"int", "number", "time", "flag", "text", "required", "optional"}
    used = {name for name in WORDS if f'"{name}"' in rest}
    used |= {name for name in WORDS if name.startswith("unit_")} | looked_up
    assert set(WORDS) - used == set()


def test_a_word_fills_its_blanks_in_both_languages():
    text = word("baseline", file="b.yaml")
    assert (text.en, text.zh) == ("baseline: b.yaml", "基线：b.yaml")
    assert isinstance(word("yes"), Text)
