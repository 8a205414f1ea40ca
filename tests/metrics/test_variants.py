"""Definitions of one name beside each other: complete, told apart, and the agreed one marked."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from svcsim.cli.main import run
from svcsim.contacts.log import ContactLog, make_log
from svcsim.metrics.evaluate import evaluate
from svcsim.metrics.variants import FAMILIES, side_by_side

Capture = pytest.CaptureFixture[str]
HOUR = 3600.0


def test_members_of_a_family_are_different_definitions_told_in_both_languages() -> None:
    for family, variants in side_by_side():
        assert len({v.metric.definition for v in variants}) == len(variants) > 1
        assert [v.contractual for v in variants] == [True] + [False] * (len(variants) - 1)
        assert all(v.differs.en and v.differs.zh for v in variants)
        assert family.name.zh


def test_the_metric_asked_for_is_the_agreed_one_and_gives_its_parameter() -> None:
    ((family, variants),) = side_by_side(["answered_within_excused(45s)"])
    assert family.id == "service_level"
    agreed = [v.metric.id for v in variants if v.contractual]
    assert agreed == ["answered_within_excused(45s)"]
    assert {v.metric.id for v in variants} == {
        "answered_within(45s)", "answered_within_excused(45s)", "answered_within_credited(45s)",
        "answered_within_served(45s)",
    }  # fmt: skip
    ((_, fcr),) = side_by_side(["fcr_window(30d)"])
    ids = {v.metric.id for v in fcr}
    assert {"fcr_net(30d)", "fcr_fast(1h)", "fcr_one_handling"} < ids


def test_service_levels_are_ordered_as_their_rules_say(log: ContactLog) -> None:
    """Excused and served drop misses or nothing, credited turns them into hits."""
    value = {
        rule: evaluate(log, f"{rule}(120s)")["value"].item()
        for rule in ("answered_within", "answered_within_excused", "answered_within_credited")
    }
    assert (
        value["answered_within"]
        < value["answered_within_excused"]
        < value["answered_within_credited"]
    )


def test_the_page_marks_one_of_each_and_says_what_is_missing(
    tmp_path: Path, capsys: Capture
) -> None:
    rows = [
        {"ticket_id": f"T{i}", "opened_s": i * HOUR, "first_response_s": i * HOUR + 300,
         "resolved_s": (i + 30) * HOUR, "csat": float(1 + i % 5), "survey_sent": 1.0,
         "survey_s": (i + 40) * HOUR}
        for i in range(50)
    ]  # fmt: skip
    path = tmp_path / "log.parquet"
    make_log(rows, timezone="UTC").to_parquet(path)
    assert run(["measure", str(path), "--variants", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["variants"]
    assert [family["family"] for family in told] == [family.id for family in FAMILIES]
    for family in told:
        assert sum(member["contractual"] for member in family["members"]) == 1
    level = next(f for f in told if f["family"] == "service_level")
    assert all("not_measured" in member for member in level["members"])
    # by the date of resolution, those resolved after the window are not of the period
    cohort = {m["metric"]: m["n"] for f in told if f["family"] == "cohort" for m in f["members"]}
    assert cohort["volume"] == 50 > cohort["volume_resolved"]
    assert run(["measure", str(path), "--variants", "--lang", "zh"]) == 0
    shown = capsys.readouterr().out
    assert "客户满意度" in shown
    assert "csat_good" in shown


def test_a_metric_with_one_definition_is_said_to_have_no_other(
    tmp_path: Path, capsys: Capture
) -> None:
    path = tmp_path / "log.parquet"
    make_log([{"ticket_id": "a", "opened_s": 0.0}], timezone="UTC").to_parquet(path)
    assert run(["measure", str(path), "--variants", "--metrics", "volume,agents"]) == 0
    told = capsys.readouterr()
    assert "agents: only one definition" in told.err
    assert "volume_resolved" in told.out


def test_variants_are_of_the_whole_window(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "log.parquet"
    make_log([{"ticket_id": "a", "opened_s": 0.0}], timezone="UTC").to_parquet(path)
    assert run(["measure", str(path), "--variants", "--by", "team"]) == 2
    assert "--variants" in capsys.readouterr().err


def test_business_hours_come_from_the_command_line(tmp_path: Path, capsys: Capture) -> None:
    """Opened 17:30 on the day before National Day 2024 in China, answered 9:30 on 8 October."""
    path = tmp_path / "log.parquet"
    opened = pd.Timestamp("2024-09-30 17:30", tz="Asia/Shanghai").timestamp()
    answered = pd.Timestamp("2024-10-08 09:30", tz="Asia/Shanghai").timestamp()
    row = {"ticket_id": "a", "opened_s": opened, "first_response_s": answered}
    make_log([row], timezone="Asia/Shanghai").to_parquet(path)
    asked = [
        "measure",
        str(path),
        "--metrics",
        "frt_open",
        "--json",
        "--hours",
        "mon-fri 9:00-18:00",
    ]
    assert run([*asked, "--holidays", "CN"]) == 0
    assert json.loads(capsys.readouterr().out)["table"][0]["value"] == 3600.0
    assert run(asked) == 0
    days = 5  # 1-4 and 7 October would be working days
    assert json.loads(capsys.readouterr().out)["table"][0]["value"] == 3600.0 + days * 9 * 3600
    for wrong in (["--hours", "moon 9-18"], ["--hours", "mon"], ["--holidays", "CN"],
                  ["--hours", "mon 9:00-18:00", "--holidays", "Cina"]):  # fmt: skip
        assert run(["measure", str(path), *wrong]) == 2
        told = capsys.readouterr().err
        assert "Traceback" not in told
        assert "error: --ho" in told  # the option that was written, not the calendar behind it


def test_a_scorecard_says_what_was_agreed(tmp_path: Path, capsys: Capture) -> None:
    path, card = tmp_path / "log.parquet", tmp_path / "card.yaml"
    make_log([{"ticket_id": "a", "opened_s": 0.0}], timezone="UTC").to_parquet(path)
    card.write_text(
        "name: c\nkpis:\n  - {metric: frt_p90, weight: 50%, target: 2h}\n"
        "  - {metric: fcr_net(3d), weight: 50%, target: 80%}\n",
        encoding="utf-8",
    )
    assert run(["measure", str(path), "--variants", "--scorecard", str(card), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["variants"]
    agreed = {m["metric"] for f in told for m in f["members"] if m["contractual"]}
    assert agreed == {"frt_p90", "fcr_net(3d)"}
    assert run(["measure", str(path), "--scorecard", str(card)]) == 2
