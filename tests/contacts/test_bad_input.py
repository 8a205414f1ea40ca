"""Bad input: exit code 2, one clear message a fault, no traceback, nothing written."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from svcsim.cli.main import run
from svcsim.contacts.read import read_history
from svcsim.errors import InputError

GOOD = "id,opened,score,spent\n1,2026-03-14 09:00,4,10\n2,2026-03-15 09:00,5,20\n"
RULES = """\
name: desk
timezone: Asia/Shanghai
columns:
  ticket_id: id
  opened_s: opened
  csat: score
  handle_s: {column: spent, unit: min}
"""

Case = tuple[str, dict[str, str | bytes], list[str], list[str]]
"""Name, files to write, arguments, texts that the message must hold."""

MAP = ["--mapping", "m.yaml"]


def with_rules(text: str | bytes, **more: str) -> dict[str, str | bytes]:
    return {"h.csv": text, "m.yaml": RULES, **more}


def rules(old: str, new: str) -> dict[str, str | bytes]:
    assert old in RULES
    return {"h.csv": GOOD, "m.yaml": RULES.replace(old, new)}


CASES: list[Case] = [
    ("no such file", {"history.csv": GOOD}, ["histroy.csv"], ["no such file", "history.csv"]),
    ("a folder", {"x/h.csv": GOOD}, ["x"], ["is a folder", "*.csv"]),
    ("glob without match", {}, ["exports/*.csv"], ["no file matches"]),
    ("empty file", {"h.csv": ""}, ["h.csv"], ["empty"]),
    ("blank file", {"h.csv": " \n\n"}, ["h.csv"], ["empty"]),
    ("header only", with_rules("id,opened,score,spent\n"), ["h.csv", *MAP], ["no rows"]),
    ("binary", {"h.csv": bytes(range(256)) * 9}, ["h.csv"], ["not a text file"]),
    ("not gzip to the end", {"h.csv.gz": gzip.compress(GOOD.encode() * 99)[:60]}, ["h.csv.gz"],
     ["cannot be read"]),
    ("no Parquet inside", {"h.parquet": b"PAR1 nothing"}, ["h.parquet"], ["Parquet"]),
    ("no JSON inside", {"h.jsonl": '{"a": 1}\n{"a": \n'}, ["h.jsonl"], ["h.jsonl:2", "JSON"]),
    ("JSON of another shape", {"h.json": "[1, 2]"}, ["h.json"], ["list of objects"]),
    ("latin text", with_rules(GOOD.replace("1,", "café \xfc\xfd,").encode("latin-1")),
     ["h.csv", *MAP], ["not text in utf-8", "--encoding"]),
    ("unknown encoding", with_rules(GOOD), ["h.csv", *MAP, "--encoding", "utf-99"],
     ["utf-99", "not an encoding"]),
    ("quote without end", with_rules(GOOD + '3,"2026' + "\n4,2026-03-15 09:00,5,20" * 900),
     ["h.csv", *MAP], ["a quote", "4,2026-03-15"]),
    ("title lines above", with_rules("Report of March\n\n" + GOOD), ["h.csv", *MAP],
     ["title lines"]),
    ("unknown preset", {"h.csv": GOOD}, ["h.csv", "--preset", "bank-call"],
     ["no preset 'bank-call'", "Did you mean bank-calls"]),
    ("preset and mapping", with_rules(GOOD), ["h.csv", *MAP, "--preset", "sample"],
     ["both are given"]),
    ("nothing fits", {"h.csv": GOOD}, ["h.csv"],
     ["no preset reads", "--mapping", "ticket_id: id", "opened_s: opened"]),
    ("missing columns", with_rules(GOOD.replace("score,spent", "Score,minutes")),
     ["h.csv", *MAP], ["column 'score' is missing", "Did you mean Score?",
                       "column 'spent' is missing"]),
    ("a header twice", with_rules(GOOD.replace("id,opened,score,spent", "id,opened,score,score")
                                  .replace("spent", "x")), ["h.csv", *MAP],
     ["column 'score' comes more than once", "column 'spent' is missing"]),
    ("other headers in a glob", {"a.csv": GOOD, "b.csv": GOOD.replace("spent", "time")},
     ["*.csv"], ["b.csv", "lacks spent", "has also time"]),
    ("no mapping file", {"h.csv": GOOD}, ["h.csv", *MAP], ["m.yaml", "no such file"]),
    ("mapping: unknown key", rules("columns:", "colums: {}\ncolumns:"), ["h.csv", *MAP],
     ["m.yaml:3", "colums", "columns"]),
    ("mapping: unknown column", rules("handle_s", "handel_s"), ["h.csv", *MAP],
     ["m.yaml:7", "handel_s", "Did you mean handle_s"]),
    ("mapping: no unit", rules("{column: spent, unit: min}", "spent"), ["h.csv", *MAP],
     ["m.yaml:7", "needs its unit"]),
    ("mapping: odd unit", rules("unit: min", "unit: minutes"), ["h.csv", *MAP],
     ["m.yaml:7", "unit"]),
    ("mapping: no opening", rules("  opened_s: opened\n", ""), ["h.csv", *MAP],
     ["opened_s is missing"]),
    ("mapping: no YAML", {"h.csv": GOOD, "m.yaml": "a: [1"}, ["h.csv", *MAP],
     ["m.yaml", "not valid YAML"]),
    ("no time zone", rules("timezone: Asia/Shanghai\n", ""), ["h.csv", *MAP],
     ["no time zone", "2026-03-14 09:00", "--tz"]),
    ("mapping: unknown zone", rules("Asia/Shanghai", "Asia/Shangai"), ["h.csv", *MAP],
     ["m.yaml:2", "Asia/Shangai", "not an IANA time zone"]),
    ("mapping: odd date format", rules("columns:", 'dates: ["%d/%Q"]\ncolumns:'),
     ["h.csv", *MAP], ["m.yaml:3", "%d/%Q"]),
    ("unknown time zone", with_rules(GOOD), ["h.csv", *MAP, "--tz", "Asia/Shangai"],
     ["Asia/Shangai", "Did you mean Asia/Shanghai"]),
    ("day or month", with_rules(GOOD.replace("2026-03-14", "02/03/2026")
                                .replace("2026-03-15", "04/05/2026")), ["h.csv", *MAP],
     ["02/03/2026", "04/05/2026", "--date-order"]),
    ("day and month", with_rules(GOOD.replace("2026-03-14", "14/03/2026")
                                 .replace("2026-03-15", "03/15/2026")), ["h.csv", *MAP],
     ["day first on some", "14/03/2026", "03/15/2026"]),
    ("year of two digits", with_rules(GOOD.replace("2026-", "26-")), ["h.csv", *MAP],
     ["26-03-14", "--date-order"]),
    ("unknown date order", with_rules(GOOD), ["h.csv", *MAP, "--date-order", "ydm"],
     ["ydm", "ymd, dmy or mdy"]),
    ("no dates at all", with_rules(GOOD.replace("2026-03-1", "week ")), ["h.csv", *MAP],
     ["opened: 2 of 2 values are not a date and time", "week 4 09:00"]),
    ("text for a number", with_rules(GOOD.replace(",10\n", ",ten\n").replace(",20\n", ",y\n")),
     ["h.csv", *MAP], ["spent: 2 of 2", "duration in min"]),
    ("scores of another scale", with_rules(GOOD.replace(",4,", ",80,").replace(",5,", ",90,")),
     ["h.csv", *MAP], ["2 of 2 satisfaction scores", "1-5 scale"]),
    ("nothing left", with_rules(GOOD.replace("\n1,", "\n,").replace("\n2,", "\n,")),
     ["h.csv", *MAP], ["no row is a usable contact", "no ticket id (2)"]),
    ("output of another kind", with_rules(GOOD), ["h.csv", *MAP, "-o", "log.csv"],
     ["-o", ".parquet"]),
    ("rejects over the history", with_rules(GOOD), ["h.csv", *MAP, "--rejects", "h.csv"],
     ["--rejects", "is read by this command"]),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_bad_input(
    case: Case,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, contents, arguments, expected = case
    for name, content in contents.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    monkeypatch.chdir(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    if "-o" not in arguments:
        arguments = [*arguments, "-o", "log.parquet"]
    assert run(["check", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    assert captured.err.startswith("error: ")
    for text in expected:
        assert text in captured.err
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before


def zip_of_two(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "h.zip", "w") as archive:
        archive.writestr("a.csv", GOOD)
        archive.writestr("b.csv", GOOD)
    return folder / "h.zip"


def workbook_without_workbook(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "h.xlsx", "w") as archive:
        archive.writestr("xl/nothing.xml", "<x/>")
    return folder / "h.xlsx"


@pytest.mark.parametrize(
    ("make", "text"),
    [(zip_of_two, "the zip holds 2 files"), (workbook_without_workbook, "as a workbook")],
)
def test_bad_archives(make: Callable[[Path], Path], text: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=text):
        read_history(make(tmp_path))


def test_an_unknown_sheet_names_the_sheets(
    tmp_path: Path, write_workbook: Callable[[Path, list[list[str]]], None]
) -> None:
    write_workbook(tmp_path / "h.xlsx", [["a"], ["1"]])
    with pytest.raises(InputError, match=r"no sheet 'Ticket'.*Did you mean Tickets\?"):
        read_history(tmp_path / "h.xlsx", sheet="Ticket")


def test_every_fault_of_a_mapping_is_named_at_once(tmp_path: Path) -> None:
    text = """\
name: x
columns:
  ticket_id: id
  opened_s: {column: opened, not_before: resolved_s}
  resolved_s: {constant: 5}
  agent: {column: a, take: max}
  wait_s: {between: [opened_s, closed_s]}
  priority: {column: p, unit: h}
derive:
  case_chain: {by: [customer], silence: 7d}
"""
    (tmp_path / "m.yaml").write_text(text)
    with pytest.raises(InputError) as error:
        read_history(tmp_path / "m.yaml", mapping=tmp_path / "m.yaml")
    lines = sorted({int(f.where.rsplit(":", 1)[1]) for f in error.value.findings})
    assert lines == [4, 5, 6, 7, 8, 10]


def test_an_absent_optional_column_that_others_need_is_named(tmp_path: Path) -> None:
    text = RULES + "  abandoned_s: {column: gone, not_before: opened_s}\noptional: true\n"
    (tmp_path / "m.yaml").write_text(text)
    (tmp_path / "h.csv").write_text(GOOD)
    reading = read_history(tmp_path / "h.csv", mapping=tmp_path / "m.yaml")
    assert reading.log.frame["abandoned_s"].isna().all()
    (tmp_path / "m.yaml").write_text(text + "derive: {case_chain: {by: [csat], silence: 7d}}\n")
    (tmp_path / "h.csv").write_text(GOOD.replace("score", "rating"))
    with pytest.raises(InputError, match="'csat' is not mapped"):
        read_history(tmp_path / "h.csv", mapping=tmp_path / "m.yaml")
