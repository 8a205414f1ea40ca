"""A planner's roster: who works when, by date or by weekday."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from svcsim.calendar.days import WEEKDAYS
from svcsim.errors import Finding, InputError, nearest
from svcsim.model.times import minutes_of_day

COLUMNS = ("agent", "team", "date", "weekday", "start", "end")
NEEDED = ("agent", "start", "end")
_HEADERS = {
    "客服": "agent",
    "坐席": "agent",
    "姓名": "agent",
    "团队": "team",
    "组": "team",
    "日期": "date",
    "星期": "weekday",
    "开始": "start",
    "上班": "start",
    "结束": "end",
    "下班": "end",
}
_DAYS = {
    **{name: i for i, name in enumerate(WEEKDAYS)},
    **{f"周{c}": i for i, c in enumerate("一二三四五六日")},
    **{f"星期{c}": i for i, c in enumerate("一二三四五六日")},
    "周天": 6,
    "星期天": 6,
    **{str(i + 1): i for i in range(7)},
}
_TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")


@dataclass(frozen=True)
class Roster:
    """Rows ``agent, team, day (or NaT), weekday (0 is Monday), start, end`` in minutes.

    ``weekly`` rosters name weekdays, the others dates. A shift over midnight is two rows.
    """

    rows: pd.DataFrame
    weekly: bool
    source: str

    def with_teams(self, groups: Mapping[str, str]) -> Roster:
        """Return the roster with its teams named as the model groups them."""
        return replace(self, rows=self.rows.assign(team=self.rows["team"].replace(dict(groups))))

    def teams(self) -> dict[str, str]:
        """Return agent -> team for the agents whose team the roster names."""
        named = self.rows.dropna(subset=["team"]).drop_duplicates("agent")
        return dict(zip(named["agent"], named["team"], strict=True))


def read_roster(path: str | Path) -> Roster:
    """Read a roster from CSV: agent, team, date or weekday, start, end.

    Dates are ``YYYY-MM-DD``, times ``HH:MM`` (24:00 allowed); an end at or before the start is on
    the next day. Several rows of an agent and day are several windows, with breaks between them.
    Weekdays are mon ... sun, 1 ... 7 or 周一 ... 周日. Chinese headers are understood.

    Raises
    ------
    InputError
        With one finding for every row that cannot be read, or for a missing column.
    """
    file = Path(path)
    header, lines = _table(file)
    findings: list[Finding] = []
    rows: list[dict[str, object]] = []
    dated = "date" in header
    for number, cells in lines:
        record = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name}
        if not any(record.values()):
            continue
        where = f"{file}:{number}"
        problem = _problem(record, where, dated)
        if problem:
            findings.append(problem)
        else:
            rows += _windows(record, dated)
    if not findings and not rows:
        findings.append(Finding(str(file), "the roster has no rows", "one row a shift"))
    if findings:
        raise InputError(findings)
    table = pd.DataFrame(rows, columns=["agent", "team", "day", "weekday", "start", "end"])
    table["agent"] = table["agent"].astype("str")
    table["team"] = table["team"].astype("str")
    table["day"] = pd.to_datetime(table["day"])
    return Roster(table.drop_duplicates(ignore_index=True), not dated, f"roster {file.name}")


def _table(file: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    try:
        raw = file.read_bytes()
    except OSError as error:
        near = (
            nearest(file.name, [p.name for p in file.parent.glob("*")])
            if file.parent.is_dir()
            else ""
        )
        raise InputError(
            Finding(str(file), f"cannot be read: {error.strerror}", "", near)
        ) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", errors="replace")
    reader = csv.reader(io.StringIO(text, newline=""))
    lines = [(reader.line_num, cells) for cells in reader]
    if not lines:
        raise InputError(Finding(str(file), "the file is empty", f"columns {', '.join(COLUMNS)}"))
    header = [_HEADERS.get(cell.strip(), cell.strip().lower()) for cell in lines[0][1]]
    header = [name if name in COLUMNS else "" for name in header]
    missing = [name for name in NEEDED if name not in header]
    if "date" not in header and "weekday" not in header:
        missing.append("date (or weekday)")
    if missing:
        raise InputError(
            [
                Finding(
                    f"{file}:1",
                    f"column {name} is missing",
                    f"expected {', '.join(COLUMNS)} (date or weekday)",
                    nearest(name, lines[0][1]),
                )
                for name in missing
            ]
        )
    return header, lines[1:]


def _problem(record: dict[str, str], where: str, dated: bool) -> Finding | None:
    if not record.get("agent"):
        return Finding(where, "agent is empty", "the agent's name as in the history")
    for name in ("start", "end"):
        text = record.get(name, "")
        try:
            if not _TIME.fullmatch(text):
                raise ValueError
            minutes_of_day(text[:5] if text.count(":") == 2 else text)
        except ValueError:
            return Finding(where, f"{name} '{text}'", "a time of day", "write HH:MM, 24:00 at most")
    if _clock(record["start"]) == _clock(record["end"]):
        return Finding(
            where, f"start and end are both {record['start']}", "a shift with some length"
        )
    if dated:
        try:
            date.fromisoformat(record.get("date", ""))
        except ValueError:
            return Finding(where, f"date '{record.get('date', '')}'", "a date as YYYY-MM-DD")
    elif _weekday(record.get("weekday", "")) is None:
        return Finding(
            where,
            f"weekday '{record.get('weekday', '')}'",
            "mon, tue, wed, thu, fri, sat or sun",
            nearest(record.get("weekday", ""), WEEKDAYS),
        )
    return None


def _windows(record: dict[str, str], dated: bool) -> list[dict[str, object]]:
    start, end = _clock(record["start"]), _clock(record["end"])
    day = date.fromisoformat(record["date"]) if dated else None
    weekday = day.weekday() if day is not None else _weekday(record["weekday"])
    assert weekday is not None
    spans = [(0, start, end)] if end > start else [(0, start, 1440), (1, 0, end)]
    return [
        {
            "agent": record["agent"],
            "team": record.get("team") or None,
            "day": None if day is None else (day + timedelta(days=later)).isoformat(),
            "weekday": (weekday + later) % 7,
            "start": float(a),
            "end": float(b),
        }
        for later, a, b in spans
        if b > a
    ]


def _clock(text: str) -> int:
    hours, minutes = text.split(":")[:2]
    return minutes_of_day(f"{hours}:{minutes}")


def _weekday(text: str) -> int | None:
    key = text.strip().lower()
    if key in _DAYS:
        return _DAYS[key]
    # full English names
    return _DAYS.get(key[:3]) if key.endswith("day") else None
