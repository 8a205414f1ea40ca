"""A planner's roster file: what it may look like and what is said about its mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from svcsim.calibration.roster import read_roster
from svcsim.errors import InputError


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_weekly_rows_with_a_break_are_two_windows(tmp_path: Path):
    path = write(
        tmp_path,
        "agent,team,weekday,start,end\nAnn,L1,mon,09:00,12:00\nAnn,L1,Monday,13:00,18:00\n",
    )
    roster = read_roster(path)
    assert roster.weekly
    assert roster.rows[["weekday", "start", "end"]].to_numpy().tolist() == [
        [0, 540.0, 720.0],
        [0, 780.0, 1080.0],
    ]
    assert roster.teams() == {"Ann": "L1"}


def test_a_shift_over_midnight_ends_on_the_next_day(tmp_path: Path):
    path = write(tmp_path, "agent,date,start,end\nBo,2025-03-09,22:00,06:00\n")
    rows = read_roster(path).rows
    assert rows["day"].dt.strftime("%Y-%m-%d").tolist() == ["2025-03-09", "2025-03-10"]
    assert rows["weekday"].tolist() == [6, 0]
    assert rows[["start", "end"]].to_numpy().tolist() == [[1320.0, 1440.0], [0.0, 360.0]]


def test_chinese_headers_and_weekdays_in_a_national_encoding(tmp_path: Path):
    path = write(tmp_path, "姓名,团队,星期,上班,下班\n陈静,一线,周六,08:30,17:30\n", "gb18030")
    roster = read_roster(path)
    assert roster.rows["agent"].tolist() == ["陈静"]
    assert roster.rows["weekday"].tolist() == [5]
    assert roster.teams() == {"陈静": "一线"}


def test_every_bad_row_is_named_with_its_line(tmp_path: Path):
    path = write(
        tmp_path,
        "agent,weekday,start,end\n"
        ",mon,09:00,17:00\n"
        "Ann,mox,09:00,17:00\n"
        "Ann,tue,9am,17:00\n"
        "Ann,wed,09:00,25:00\n"
        "Ann,thu,09:00,09:00\n"
        "Ann,fri,09:00,17:00\n",
    )
    with pytest.raises(InputError) as error:
        read_roster(path)
    findings = error.value.findings
    assert [finding.where.rsplit(":", 1)[1] for finding in findings] == ["2", "3", "4", "5", "6"]
    assert "mon" in findings[1].mend
    assert "9am" in findings[2].found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("agent,start,end\nAnn,09:00,17:00\n", "date (or weekday)"),
        ("agent,weekday,start,end\n", "no rows"),
        ("", "empty"),
        ("agent,date,start,end\nAnn,03/04/2025,09:00,17:00\n", "03/04/2025"),
    ],
)
def test_a_roster_that_cannot_be_read_says_why(tmp_path: Path, text: str, said: str):
    with pytest.raises(InputError, match=said.replace("(", r"\(").replace(")", r"\)")):
        read_roster(write(tmp_path, text))


def test_a_missing_file_names_its_neighbour(tmp_path: Path):
    write(tmp_path, "agent,weekday,start,end\nAnn,mon,09:00,17:00\n")
    with pytest.raises(InputError, match="roster.csv"):
        read_roster(tmp_path / "rostr.csv")
