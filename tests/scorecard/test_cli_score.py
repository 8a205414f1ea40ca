"""``svcsim score`` as people and scripts use it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from svcsim.cli.main import run
from svcsim.contacts.log import ContactLog

CARD = """\
name: small
zh: 小考核表
kpis:
  - {metric: csat_top2, weight: 60%, target: 85%, floor: 50%, stretch: 100%}
  - {metric: frt, weight: 40%, target: 20min}
"""


@pytest.fixture
def files(tmp_path: Path, unequal_agents: ContactLog) -> tuple[str, str]:
    log, card = tmp_path / "log.parquet", tmp_path / "card.yaml"
    unequal_agents.to_parquet(log)
    card.write_text(CARD, encoding="utf-8")
    return str(log), str(card)


def test_people_read_a_table(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    log, card = files
    assert run(["score", log, "--scorecard", card, "--period", "2026-03", "--lang", "en"]) == 0
    shown = capsys.readouterr()
    assert "[2026-03-01, 2026-04-01) Asia/Shanghai" in shown.out
    bad = next(line for line in shown.out.splitlines() if line.startswith("agent  bad"))
    assert "support" in bad
    assert "12-12/12" in bad
    assert "average" in shown.err
    assert "P(true level meets it)" in shown.out
    assert "P(met)" not in shown.out


def test_the_table_in_chinese(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", files[0], "--scorecard", files[1], "--lang", "zh"]) == 0
    shown = capsys.readouterr()
    assert "小考核表" in shown.out
    assert "需支持" in shown.out
    assert "真实水平达标概率" in shown.out
    assert "平均值" in shown.err


def test_json_alone_stands_on_stdout(
    files: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["score", files[0], "--scorecard", files[1], "--json", "-q"]) == 0
    shown = capsys.readouterr()
    result = json.loads(shown.out)
    assert result["schema_version"] == 1
    assert result["period"]["label"] == "2026-03"
    assert shown.err == ""


def test_files_are_written(files: tuple[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "new" / "march"
    args = ["score", files[0], "--scorecard", files[1], "-o", str(folder), "-q"]
    assert run([*args, "--no-report"]) == 0
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["manifest.json", "scores.csv", "scores.json"]
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["complete"]
    assert manifest["settings"]["period"] == "2026-03"
    assert {"scorecard", "log"} == set(manifest["inputs"])
    result = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    table = pd.read_csv(folder / "scores.csv")
    assert len(table) == len(result["units"]) * 2
    first = (folder / "scores.json").read_bytes()
    assert run(args) == 0
    assert (folder / "scores.json").read_bytes() == first
    page = (folder / "scores.html").read_text(encoding="utf-8")
    assert "bad" in page


def test_scores_of_another_card_do_not_go_into_the_same_folder(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "march"
    args = ["score", files[0], "--scorecard", files[1], "-o", str(folder), "-q", "--no-report"]
    assert run(args) == 0
    kept = {path: path.read_bytes() for path in folder.iterdir()}
    Path(files[1]).write_text(CARD.replace("20min", "30min"), encoding="utf-8")
    capsys.readouterr()
    assert run(args) == 2
    shown = capsys.readouterr()
    assert "other inputs: scorecard" in shown.err
    assert "-o" in shown.err
    assert shown.out == ""
    assert {path: path.read_bytes() for path in folder.iterdir()} == kept


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (["--scorecard", "seed-25-40-3"], "Did you mean seed-25-40-35"),
        (["--scorecard", "no/such.yaml"], "neither a file nor a shipped card"),
        (["--period", "2027-01"], "the log covers [2026-03-01, 2026-04-01)"),
        (["--period", "soon"], "'soon' is not a period"),
        (["-o", "FILE"], "is a file"),
    ],
)
def test_bad_options_compute_nothing(
    files: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
    change: list[str],
    says: str,
) -> None:
    log, card = files
    change = [card if part == "FILE" else part for part in change]
    assert run(["score", log, "--scorecard", card, *change]) == 2
    shown = capsys.readouterr()
    assert says in shown.err
    assert "Traceback" not in shown.err
    assert shown.out == ""


def test_a_missing_log_and_a_missing_card(
    files: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["score", "nowhere.parquet", "--scorecard", files[1]]) == 2
    assert run(["score", files[0]]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_scoring_without_a_report_needs_neither_simulation_nor_figures(
    files: tuple[str, str],
) -> None:
    code = (
        "import sys; from svcsim.cli.main import run; "
        f"assert run(['score', {files[0]!r}, '--scorecard', {files[1]!r}, '-q']) == 0; "
        "assert not {'simpy', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_a_log_of_a_handful_of_contacts_is_scored(
    desk: Callable[..., ContactLog], tmp_path: Path, files: tuple[str, str]
) -> None:
    log = desk({"a": [5, 2, None], "b": [4, 4, 4]})
    target = tmp_path / "live.parquet"
    log.to_parquet(target)
    assert run(["score", str(target), "--scorecard", files[1], "-q"]) == 0


@pytest.mark.parametrize(
    ("lang", "told", "banner"),
    [("en", "the card is exploratory", "Exploratory card"), ("zh", "仅供探索", "考核表仅供探索")],
)
def test_a_card_from_an_unproven_proposal_is_said_to_be_exploratory(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str],
    lang: str, told: str, banner: str,
) -> None:  # fmt: skip
    card = tmp_path / "loose.yaml"
    card.write_text(CARD + "exploratory: true\n", encoding="utf-8")
    folder = tmp_path / "scores"
    command = ["score", files[0], "--scorecard", str(card), "--lang", lang, "-o", str(folder)]
    assert run(command) == 0
    assert told in capsys.readouterr().err
    scores = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    assert scores["card"]["exploratory"] is True
    page = "scores.html" if lang == "en" else "scores.zh.html"
    assert banner in (folder / page).read_text(encoding="utf-8")


OPEN_HOURS = """\
name: open
kpis:
  - {metric: frt_within_open(20min), weight: 50%, target: 80%}
  - {metric: kb_rate, weight: 50%, target: 10}
"""


def test_hours_and_side_tables_reach_the_score(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card, tables = tmp_path / "open.yaml", tmp_path / "tables"
    card.write_text(OPEN_HOURS, encoding="utf-8")
    tables.mkdir()
    text = "time,agent,action\n2026-03-10,bad,new\n2026-03-11,bad,update\n"
    (tables / "knowledge.csv").write_text(text, encoding="utf-8")
    asked = ["score", files[0], "--scorecard", str(card), "--period", "2026-03", "--json", "-q"]
    assert run(asked) == 3  # nothing can be scored
    capsys.readouterr()
    given = ["--hours", "mon-sun 9:00-18:00", "--tables", str(tables)]
    assert run([*asked, *given]) == 0
    units = {u["unit"]: u for u in json.loads(capsys.readouterr().out)["units"]}
    frt, articles = units["bad"]["metrics"]
    assert frt["n"] > 0
    assert 0 <= frt["value"] <= 1
    assert articles["value"] == pytest.approx(200 / articles["n"])
    assert units["a01"]["metrics"][1]["value"] == 0
