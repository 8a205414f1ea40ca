"""Mistakes are told where they stand, in words a user of the file knows."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from svcsim.cli.main import run
from three_contacts import three, true_baseline

MAPPING = "name: m\ntimezone: UTC\n{dates}\ncolumns: {{ticket_id: id, opened_s: {opened}}}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a log of three contacts, an export and a baseline."""
    monkeypatch.chdir(tmp_path)
    three("Asia/Shanghai").to_parquet("h.parquet")
    Path("b.yaml").write_text(true_baseline(), encoding="utf-8")
    Path("h.csv").write_text("id,opened\n1,2026-03-02 09:00\n2,2026-03-03 09:00\n")
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *argv: str) -> list[str]:
    """The messages of a command that refuses."""
    assert run([*argv]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    return shown.err.splitlines()


@pytest.mark.parametrize(
    ("dates", "opened"),
    [("dates: iso", "opened"), ("", "{column: opened, dates: utc}"), ("dates: [iso]", "opened")],
)
def test_a_date_format_may_be_a_plain_text(folder: Path, dates: str, opened: str) -> None:
    Path("m.yaml").write_text(MAPPING.format(dates=dates, opened=opened))
    assert run(["check", "h.csv", "--mapping", "m.yaml", "-q"]) == 0


def test_mistakes_of_lists_name_the_values_only(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("m.yaml").write_text(MAPPING.format(dates='dates: ["%d/%Q", iso]', opened="opened"))
    (line,) = told(capsys, "check", "h.csv", "--mapping", "m.yaml")
    assert line.startswith("error: m.yaml:3  dates: '%d/%Q' is not a date format")
    assert line.endswith("write strptime's or iso, utc, epoch, epoch_ms")
    Path("m.yaml").write_text(MAPPING.format(dates="missing: NA", opened="opened"))
    (line,) = told(capsys, "check", "h.csv", "--mapping", "m.yaml")
    assert line == "error: m.yaml:3  missing: expected a list, such as [a, b]; found 'NA'"
    Path("c.yaml").write_text(
        "name: c\nperiod: month\nkpis:\n"
        "- {metric: aht, weight: 40%, target: 50min}\n"
        "- {metric: frt_p90, weight: 40%, target: 50min}\n"
    )
    (line,) = told(capsys, "score", "h.parquet", "--scorecard", "c.yaml")
    assert line == "error: c.yaml:3  kpis: the weights sum to 80%, not 100%; add 20%"


SCENARIO = "name: s\nbaseline: b.yaml\nchanges:\n  arrivals.level: {times: 1.1}\n"
WRONG = {
    "unknown path": ("  staffing.extr.L1: {plus: 1}", "staffing.extr.L1 is not in the baseline"),
    "no unit": ("  categories.repair.handling.mean: {to: 20}", "categories.repair.handling.mean: "),
    "unknown key": ("  staffing.extra.L1: {plsu: 1}", "changes.staffing.extra.L1.plsu is not a"),
}


@pytest.mark.parametrize("case", list(WRONG))
def test_a_scenario_is_told_by_file_and_line(
    case: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line, words = WRONG[case]
    Path("s.yaml").write_text(f"{SCENARIO}{line}\n")
    first, *_ = told(capsys, "simulate", "s.yaml", "-q")
    assert first.startswith(f"error: s.yaml:5  {words}")


def test_changes_in_a_list_have_their_lines(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = SCENARIO.replace("  arrivals.level: {times: 1.1}", "- {path: arrivals.level, times: 2}")
    Path("s.yaml").write_text(f"{text}- path: arrivals.level\n  plus: 1\n")
    assert (
        "s.yaml:5  arrivals.level is changed twice" in told(capsys, "simulate", "s.yaml", "-q")[0]
    )


def test_options_are_named_as_the_verb_has_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (line,) = told(capsys, "propose", "b.yaml", "--card", "nosuch")
    assert line.startswith("error: --card  'nosuch' is neither")
    (line,) = told(capsys, "calibrate", "h.parquet", "-o", "n.yaml", "--from", "2031-01-01")
    assert line == (
        "error: --from/--until  no contact was opened on 2031-01-01 or later; the log covers "
        "[2023-11-15 06:13, 2023-11-15 06:15); choose days inside it"
    )
    (line,) = told(capsys, "calibrate", "h.parquet", "-o", "n.yaml", "--until", "2001-01-01")
    assert "no contact was opened before 2001-01-01" in line


def test_too_little_history_is_told_with_how_much_is_needed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for verb in (["calibrate", "h.parquet", "-o", "n.yaml"], ["propose", "h.parquet", "-o", "p"]):
        *_, line = told(capsys, *verb)
        assert "the history is too short: under a day; three weeks are needed" in line
        assert "hold-out" not in line


def test_files_of_another_kind_are_told_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("empty.csv").write_text("")
    (line,) = told(capsys, "report", "empty.csv")
    assert line.startswith("error: empty.csv  is not a result of svcsim; expected")
    Path("s.gz").write_bytes(gzip.compress(b"name: s"))
    (line,) = told(capsys, "simulate", "s.gz")
    assert line == "error: s.gz  is a compressed file (gzip); expected a YAML file (UTF-8)"
    (line,) = told(capsys, "validate", "h.parquet", "h.parquet")
    assert line == "error: h.parquet  is a Parquet file; expected a YAML file (UTF-8)"
    Path("s.yaml").write_text("名: s", encoding="utf-16")
    assert "is not text in UTF-8" in told(capsys, "simulate", "s.yaml")[0]


def test_ids_that_a_spreadsheet_rounded_are_named_with_their_column(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "id,opened,who\nT1,2026-03-02 09:00,3.27E+11\nT2,2026-03-03 09:00,3.28E+11\n"
    Path("ids.csv").write_text(text)
    columns = "{ticket_id: id, opened_s: opened, customer: who}"
    Path("m.yaml").write_text(f"name: m\ntimezone: UTC\ncolumns: {columns}\n")
    assert run(["check", "ids.csv", "--mapping", "m.yaml"]) == 0
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "rounded" in line]
    assert "2 contacts: long ids were rounded by a spreadsheet in customer" in line
    assert "such as 3.27E+11, 3.28E+11" in line
    assert "T1" not in line
