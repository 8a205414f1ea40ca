"""``svcsim check``: the account on stdout, messages on stderr, files, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from svcsim.cli.main import run
from svcsim.contacts.log import make_log
from svcsim.contacts.store import read_log

TEXT = (
    "id,opened,done\n"
    "1,2026-03-02 09:00,2026-03-02 10:00\n"
    "2,2026-03-02 09:30,2026-03-02 09:00\n"
    "3,2026-03-03 09:00,\n"
)
RULES = "name: desk\ntimezone: Asia/Shanghai\ncolumns:\n  {ticket_id: id, opened_s: opened, resolved_s: done}\n"  # noqa: E501


@pytest.fixture
def export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    (tmp_path / "h.csv").write_text(TEXT)
    (tmp_path / "m.yaml").write_text(RULES)
    monkeypatch.chdir(tmp_path)
    return ["check", "h.csv", "--mapping", "m.yaml"]


def test_the_account_as_json(export: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*export, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["schema_version"] == 1
    assert result["rows"] == {
        "read": 3,
        "used": 2,
        "set_aside": {"resolved before the opening": 1},
    }
    assert result["window"] == {
        "start": "2026-03-02",
        "end": "2026-03-04",
        "observed_until": "2026-03-04",
        "timezone": "Asia/Shanghai",
    }
    assert result["mapping"]["name"] == "desk"
    assert set(result["can_calibrate"].values()) <= {"measured", "proxy", "assumed", "no"}
    assert set(result["findings"][0]) == {"level", "where", "found", "expected", "mend"}


def test_the_account_for_people(export: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*export, "--lang", "en"]) == 0
    shown = capsys.readouterr()
    assert "rows read: 3  used: 2" in shown.out
    assert "set aside 1: resolved before the opening" in shown.out
    assert "h.csv row 3" in shown.err


def test_chinese_words(export: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*export, "--lang", "zh"]) == 0
    assert "读入行数: 3  使用: 2" in capsys.readouterr().out


def test_log_and_rejects_are_written(export: list[str], tmp_path: Path) -> None:
    assert run([*export, "-q", "-o", "out/log.parquet", "--rejects", "out/rejects.csv"]) == 0
    log = read_log(tmp_path / "out" / "log.parquet")
    assert log.frame["ticket_id"].tolist() == ["1", "3"]
    assert log.account["set_aside"] == {"resolved before the opening": 1}
    rejects = pd.read_csv(tmp_path / "out" / "rejects.csv")
    assert rejects.to_dict("records") == [
        {
            "reason": "resolved before the opening",
            "file": "h.csv",
            "row": 3,
            "id": 2,
            "opened": "2026-03-02 09:30",
            "done": "2026-03-02 09:00",
        }
    ]


def test_a_log_with_errors_is_a_negative_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = make_log([{"ticket_id": "1", "opened_s": 100.0, "resolved_s": 50.0}])
    log.to_parquet(tmp_path / "log.parquet")
    assert run(["check", str(tmp_path / "log.parquet")]) == 3
    assert "error: history  1 contact: resolved before opened" in capsys.readouterr().err
