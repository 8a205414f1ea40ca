"""``svcsim list``: what there is, narrowed by a part of the name or a pattern."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from svcsim.cli.main import run
from three_contacts import true_baseline


@pytest.fixture
def baseline(tmp_path: Path) -> str:
    path = tmp_path / "b.yaml"
    path.write_text(true_baseline(), encoding="utf-8")
    return str(path)


def listed(capsys: pytest.CaptureFixture[str], *argv: str) -> list[str]:
    assert run(["list", *argv]) == 0
    return capsys.readouterr().out.splitlines()


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert run(["list", *argv]) == 2
    return capsys.readouterr().err.strip()


def test_paths_are_narrowed_by_a_part_of_them(baseline, capsys):
    head, rule, *rows, count, hint = listed(capsys, "paths", baseline, "repair.rep")
    assert [row.split() for row in rows] == [["categories.repair.repeat", "12%"]]
    assert count.startswith("1 of ")
    assert "'agents.*.speed'" in hint
    assert listed(capsys, "paths", "repair.rep", baseline)[2:3] == rows


def test_paths_are_narrowed_by_a_pattern(baseline, capsys):
    rows = [row.split("  ")[0] for row in listed(capsys, "paths", baseline, "agents.*.speed")[2:-2]]
    assert len(rows) == 25
    assert "agents.*.speed" in rows
    assert "agents.Chen Jing.speed" in rows


def test_without_a_pattern_all_paths_are_counted(baseline, capsys):
    *rows, count, _ = listed(capsys, "paths", baseline)
    assert count == f"{len(rows) - 2} of {len(rows) - 2} paths"


def test_json_is_narrowed_too(baseline, capsys):
    (line,) = listed(capsys, "paths", baseline, "arrivals.level", "--json")
    assert json.loads(line)["paths"] == [{"path": "arrivals.level", "value": 790.0}]


def test_what_has_no_path_names_the_nearest(baseline, capsys):
    assert refused(capsys, "paths", baseline, "reapir").endswith("Did you mean repair?")
    assert refused(capsys, "paths", baseline, "xyzxyz").endswith(f"svcsim list paths {baseline}")


def test_paths_need_a_baseline(capsys):
    assert "no baseline given, only 'repair'" in refused(capsys, "paths", "repair")
    assert refused(capsys, "paths").endswith("svcsim list paths BASELINE.yaml [PATTERN]")


def test_other_kinds_are_narrowed_too(capsys):
    rows = [row.split()[0] for row in listed(capsys, "metrics", "frt_p")[2:]]
    assert rows == ["frt_p50", "frt_p90"]
    assert "none of" in refused(capsys, "metrics", "zzz")
    assert "'b' is too much" in refused(capsys, "metrics", "a", "b")


def test_the_help_of_simulate_has_no_jargon(capsys):
    assert run(["simulate", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "dmy is 3 April" in text
    assert "only where names come out garbled" in text
    assert "the same numbers" in text
    for jargon in ("Of slashes", "Clock;", "IANA"):
        assert jargon not in text
