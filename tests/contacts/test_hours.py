"""Business hours from a file: schedules by date, holidays, own days; mistakes by line."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from svcsim.calendar import business_hours
from svcsim.cli.main import run
from svcsim.contacts.hours import HoursFile
from svcsim.contacts.log import make_log
from svcsim.errors import InputError

FILE = """\
timezone: Asia/Shanghai
holidays: CN
closed: [2024-05-06]
worked: {2024-05-12: mon}
schedules:
  - hours: 周一至周五 9:00-12:00 13:00-18:00
  - valid_from: 2024-04-01
    hours: mon-fri 8:00-20:00; sat 10:00-14:00
  - valid_from: 2024-06-03 12:00
    hours: daily 0:00-24:00
"""


def at(text: str, zone: str = "Asia/Shanghai") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "hours.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        ("2024-03-29", 8),  # Friday of the first schedule
        ("2024-04-01", 12),  # Monday, the second is in force
        ("2024-04-04", 0),  # Qingming
        ("2024-04-07", 12),  # a Sunday worked for it, with Monday's hours
        ("2024-04-13", 4),  # Saturday
        ("2024-05-06", 0),  # closed by the desk itself
        ("2024-05-12", 12),  # a Sunday worked by the desk itself
        ("2024-06-03", 4 + 12),  # open from 8 to noon, then around the clock
        ("2024-06-09", 24),  # a plain Sunday
    ],
)
def test_open_hours_of_a_day(file: Path, day: str, hours: int) -> None:
    clock = HoursFile.from_yaml(file).clock("UTC", [2024])
    start = at(f"{day}T00:00")
    assert float(clock.open_seconds(start, start + 86400)) == hours * 3600


def test_hours_that_never_changed_are_those_of_the_option(tmp_path: Path) -> None:
    (tmp_path / "plain.yaml").write_text("hours: mon-fri 9:00-18:00\nholidays: CN\n")
    clock = HoursFile.from_yaml(tmp_path / "plain.yaml").clock("Asia/Shanghai", [2024])
    assert clock == business_hours("mon-fri 9:00-18:00", "Asia/Shanghai", "CN", [2024])


def test_measured_with_the_schedules_of_the_file(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {"ticket_id": "1", "opened_s": at("2024-03-29T17:00"), "first_response_s": at(end)}
        for end in ("2024-04-01T09:00", "2024-04-02T08:30")
    ]
    log = make_log(rows, timezone="Asia/Shanghai", observed_until=at("2024-05-01"))
    log.to_parquet(tmp_path / "desk.parquet")
    argv = ["measure", str(tmp_path / "desk.parquet"), "--metrics", "frt_open", "--json"]
    assert run([*argv, "--hours", str(file)]) == 0
    (row,) = json.loads(capsys.readouterr().out)["table"]
    assert row["value"] == ((1 + 1) + (1 + 12 + 0.5)) / 2 * 3600
    assert run([*argv, "--hours", str(file), "--holidays", "CN"]) == 2
    assert "names its own" in capsys.readouterr().err


BROKEN = {
    "timezone: UTC\n": "expected these or schedules, one of the two",
    "hours: mon 9:00-10:00\nschedules: [{hours: mon 9:00-10:00}]\n": "one of the two",
    "hours: mon-fry 9:00-10:00\n": "h.yaml:1  hours: 'mon-fry'",
    "hours: mon 9:00-10:00\ntimezone: Mars/Base\n": "h.yaml:2  timezone: time zone 'Mars/Base'",
    "hours: mon 9:00-10:00\nholidays: CHN\n": "Did you mean",
    "hours: mon 9:00-10:00\nclosed: [1 May]\n": "'1 May' is not a day",
    "hours: mon 9:00-10:00\nworked: {2024-05-01: mun}\n": "'mun'",
    "hours: mon 9:00-10:00\nholyday: CN\n": "Did you mean holidays?",
    "hours: mon 9:00-10:00\nclosed: [2024-05-01]\nworked: {2024-05-01: mon}\n": "h.yaml:3  worked",
    "schedules:\n  - hours: mon 9:00-10:00\n  - hours: tue 9:00-10:00\n": "h.yaml:3  schedules (e",
    "schedules:\n  - hours: mon 9:00-10:00\n  - {hours: mon 22-6, valid_from: 2024-01-01}\n": (
        "split a window over midnight in two"
    ),
    "schedules:\n  - hours: mon 9:00-10:00\n  - {hours: mon 9:00-11:00, valid_from: 2024-02-01}\n"
    "  - {hours: mon 9:00-12:00, valid_from: 2024-01-01}\n": "ascend",
}


@pytest.mark.parametrize("text", BROKEN)
def test_mistakes_are_told_by_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "h.yaml").write_text(text)
    with pytest.raises(InputError) as caught:
        HoursFile.from_yaml(tmp_path / "h.yaml")
    assert BROKEN[text] in str(caught.value)
