"""Incidents beside a baseline as scenario files, and the calendar of the command line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from small_desks import category, desk
from svcsim.cli.incidents import write_incidents
from svcsim.cli.inputs import special_days_around
from svcsim.contacts.log import make_log
from svcsim.errors import InputError
from svcsim.model.baseline import Baseline, Source
from svcsim.model.incident import Incident
from svcsim.scenario.scenario import load_scenario


def baseline(*incidents: Incident) -> Baseline:
    model = desk(categories={"a": category(share=1.0)})
    source = Source(log="log", rows=1, start="2024-01-01", end="2024-03-01")
    return Baseline(svcsim="0", name="b", source=source, incidents=incidents, model=model)


def incident(day: str, from_hour: int, **fields: object) -> Incident:
    more = {"n": 150, "expected": 50.0, "categories": {"a": 100.0}, "over": "30min"} | fields
    return Incident(day=day, from_hour=from_hour, until_hour=from_hour + 1, z=9.0, **more)


def test_each_day_is_a_scenario_that_the_baseline_accepts(tmp_path: Path):
    path = tmp_path / "desk.yaml"
    lost = {"n": 0, "expected": 80.0, "categories": {"a": -80.0}, "over": None, "of_day": 400.0}
    learned = baseline(
        incident("2024-01-17", 9), incident("2024-01-17", 15), incident("2024-02-06", 9, **lost)
    )
    path.write_text(learned.to_yaml(), encoding="utf-8")
    assert Baseline.from_yaml(path).incidents == learned.incidents
    files = write_incidents(learned, path)
    assert [file.name for file in files] == [
        "desk-incident-2024-01-17.yaml",
        "desk-incident-2024-02-06.yaml",
    ]
    scenario, base, _ = load_scenario(files[0])
    model, applied = scenario.apply(base.model)
    assert len(applied) == 2
    assert sorted(burst.at for burst in model.bursts.values()) == [
        "2024-01-17 09:00",
        "2024-01-17 15:00",
    ]
    scenario, base, _ = load_scenario(files[1])
    (campaign,) = scenario.apply(base.model)[0].campaigns.values()
    assert campaign.times.value == 0.8


def test_a_baseline_without_incidents_writes_nothing_and_reads_as_before(tmp_path: Path):
    assert write_incidents(baseline(), tmp_path / "desk.yaml") == []
    assert "incidents" not in baseline().to_yaml()
    assert "special" not in baseline().to_yaml()


def test_the_calendar_reaches_two_years_beyond_the_history():
    rows = [{"ticket_id": "1", "opened_s": 1_704_067_200.0}]
    log = make_log(rows, timezone="Asia/Shanghai")
    assert special_days_around(log, None) is None
    days = special_days_around(log, "CN")
    assert days is not None
    assert days.kinds[date(2026, 10, 1)] == "national-day"
    with pytest.raises(InputError, match="'QQ'"):
        special_days_around(log, "QQ")
