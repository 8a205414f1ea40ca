"""Worked examples: a few contacts in, one value out. Planners add them as YAML files here.

Times are ``9:05`` (on 1 January 2024, UTC) or ``day 2 9:05``, durations ``20s``; ``until`` is the
end of knowledge (else the end of January), ``window`` the window of the log, ``hours`` the
business hours and ``tables`` the side tables. 1 January 2024 is a Monday.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from svcsim.calendar import business_hours
from svcsim.contacts.attach import with_tables
from svcsim.contacts.columns import columns
from svcsim.contacts.log import ContactLog, make_log
from svcsim.contacts.tables import make_table, tables
from svcsim.metrics.catalogue import METRICS
from svcsim.metrics.evaluate import evaluate
from svcsim.spec import read_yaml
from svcsim.units import parse_duration

EXAMPLES = sorted(Path(__file__).parent.glob("*.yaml"))
DAY_1 = pd.Timestamp("2024-01-01", tz="UTC").timestamp()
LAST = DAY_1 + 31 * 86400


def instant(text: str) -> float:
    """Return epoch seconds of ``9:05``, ``9:05:30`` or ``day 2 9:05``."""
    day, clock = 1, str(text)
    if clock.startswith("day "):
        _, number, clock = clock.split()
        day = int(number)
    hours, minutes, seconds = (*(int(part) for part in clock.split(":")), 0)[:3]
    return DAY_1 + (day - 1) * 86400 + hours * 3600 + minutes * 60 + seconds


def contact(number: int, written: dict[str, Any]) -> dict[str, Any]:
    """Return the canonical row of a contact as a planner writes it."""
    row: dict[str, Any] = {"ticket_id": f"T{number}"}
    for key, value in written.items():
        column = columns().get(f"{key}_s") or columns()[key]
        if column.type == "time":
            row[column.name] = instant(value)
        elif column.unit == "s":
            row[column.name] = parse_duration(value)
        else:
            row[column.name] = value
    return row


def spells(written: list[dict[str, Any]] | None) -> pd.DataFrame | None:
    if written is None:
        return None
    rows = [
        {
            "agent": s["agent"],
            "team": s.get("team"),
            "ticket_id": s.get("ticket"),
            "start_s": instant(s["start"]),
            "end_s": instant(s["end"]),
        }
        for s in written
    ]
    return pd.DataFrame(rows)


def table(name: str, written: list[dict[str, Any]]) -> pd.DataFrame:
    """Return a side table as a planner writes it."""
    declared = tables()[name]
    rows = [
        {
            declared[key].held: instant(value) if declared[key].type == "time" else value
            for key, value in row.items()
        }
        for row in written
    ]
    return make_table(name, pd.DataFrame(rows))


def log_of(example: dict[str, Any]) -> ContactLog:
    start, end = (instant(t) for t in example.get("window", ["0:00", "day 32 0:00"]))
    made = make_log(
        [contact(i, written) for i, written in enumerate(example["contacts"])],
        start=start,
        end=end,
        observed_until=instant(example["until"]) if "until" in example else LAST,
        work=spells(example.get("work")),
        staffed=spells(example.get("staffed")),
    )
    beside = {name: table(name, rows) for name, rows in example.get("tables", {}).items()}
    made = with_tables(made, beside)
    hours = example.get("hours")
    return made if hours is None else replace(made, hours=business_hours(hours, "UTC"))


def number(written: Any) -> float:
    """Return an expected value written as 3, 1/3, 50s, 2h or null (not known)."""
    if written is None:
        return float("nan")
    if isinstance(written, (int, float)):
        return float(written)
    if "/" in written:
        top, bottom = written.split("/")
        return float(top) / float(bottom)
    return parse_duration(written)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_worked_example(path: Path) -> None:
    example = read_yaml(path)
    assert 1 <= len(example["contacts"]) <= 10
    row = evaluate(log_of(example), example["metric"]).iloc[0]
    expected = number(example["expect"]["value"])
    assert row["n"] == example["expect"]["n"], example["name"]
    assert row["value"] == pytest.approx(expected, rel=1e-5, nan_ok=True), example["name"]
    assert not row["lower"] > row["value"]
    assert not row["upper"] < row["value"]


def test_every_metric_has_a_worked_example() -> None:
    shown = {read_yaml(path)["metric"].split("(")[0] for path in EXAMPLES}
    assert shown == set(METRICS)
