"""``svcsim measure`` on a canonical log: table, JSON, CSV, windows, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from svcsim.cli.main import run
from svcsim.contacts.log import ContactLog
from svcsim.metrics.catalogue import get_metric, list_metrics
from svcsim.metrics.evaluate import evaluate
from svcsim.metrics.support import choose, why_not, window

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def file(log: ContactLog, tmp_path: Path) -> Path:
    path = tmp_path / "desk.parquet"
    log.to_parquet(path)
    return path


def test_json_is_one_object_with_the_evaluated_numbers(
    file: Path, log: ContactLog, capsys: Capture
) -> None:
    wanted = "aht,frt_within(10min)"
    assert run(["measure", str(file), "--metrics", wanted, "--by", "team", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["schema_version"] == 1
    table = evaluate(log, ["aht", "frt_within(10min)"], "team")
    assert [row["value"] for row in result["table"]] == pytest.approx(table["value"].tolist())
    assert [row["n"] for row in result["table"]] == table["n"].tolist()
    described = {metric["id"]: metric for metric in result["metrics"]}
    assert described["aht"]["zh"] == "平均处理时长"
    assert len(described["aht"]["definition"]) == 8


def test_default_is_every_metric_the_data_support(file: Path, capsys: Capture) -> None:
    assert run(["measure", str(file), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    measured = {metric["id"].split("(")[0] for metric in result["metrics"]}
    assert measured == {metric.id.split("(")[0] for metric in list_metrics()}
    assert all(row["n"] > 0 for row in result["table"])


def test_a_metric_without_its_data_says_so(
    build: Callable[..., ContactLog], tmp_path: Path, capsys: Capture
) -> None:
    log = build()
    path = tmp_path / "poor.parquet"
    replace(log, frame=log.frame.assign(csat=float("nan"))).to_parquet(path)
    assert run(["measure", str(path), "--metrics", "csat_top2,volume"]) == 0
    told = capsys.readouterr()
    assert "csat_top2: not measured, the log has no csat" in told.err
    assert "csat_top2" not in told.out
    assert "volume" in told.out


def test_csv_is_the_table(file: Path, log: ContactLog, tmp_path: Path, capsys: Capture) -> None:
    target = tmp_path / "kpis.csv"
    argv = ["measure", str(file), "--metrics", "volume", "--period", "month", "--csv", str(target)]
    assert run(argv) == 0
    out = capsys.readouterr().out
    back = pd.read_csv(target)
    (definition,) = back["definition"].unique()
    assert definition == get_metric("volume").definition
    assert f"volume {definition}" in out
    assert back["value"].tolist() == evaluate(log, "volume", period="month")["value"].tolist()


def test_people_read_units_intervals_and_thin_marks(file: Path, capsys: Capture) -> None:
    argv = ["measure", str(file), "--metrics", "frt_p90", "--by", "agent", "--period", "day"]
    assert run([*argv, "--lang", "zh"]) == 0
    out = capsys.readouterr().out
    assert "首次响应时间 P90" in out
    assert "样本偏少" in out
    assert "n/a" in out


def test_days_cut_the_window_and_keep_its_context(file: Path, capsys: Capture) -> None:
    argv = ["measure", str(file), "--from", "2024-03-05", "--until", "2024-03-06", "--json"]
    assert run([*argv, "--metrics", "volume"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["log"]["window"] == ["2024-03-05", "2024-03-06"]
    assert result["table"][0]["value"] == result["log"]["contacts"] > 0


def test_the_window_keeps_repeats_that_come_after_it(log: ContactLog) -> None:
    cut = window(log, "2024-03-05", "2024-03-06")
    assert len(cut) == len(log)
    inside = log.frame["opened_s"].between(cut.start, cut.end, inclusive="left")
    whole = evaluate(replace(log, frame=log.frame[inside]), "repeat(7d)")
    assert evaluate(cut, "repeat(7d)")["value"].iloc[0] > whole["value"].iloc[0]


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        (["--metrics", "aht,ahtt"], "Did you mean aht"),
        (["--by", "teams"], "Did you mean team"),
        (["--period", "years"], "day, week, month, quarter"),
        (["--from", "5 March"], "expected a local day"),
        (["--from", "2025-01-01"], "no contact was opened"),
    ],
)
def test_bad_usage_is_exit_2_in_words(
    file: Path, capsys: Capture, extra: list[str], told: str
) -> None:
    assert run(["measure", str(file), *extra]) == 2
    caught = capsys.readouterr()
    assert told in caught.err
    assert caught.out == ""


def test_a_history_that_links_no_cases_supports_no_fcr(log: ContactLog) -> None:
    alone = log.frame.assign(case_id=log.frame["ticket_id"], contact_no=1.0)
    unlinked = replace(log, frame=alone)
    wanted, refused = choose(unlinked, ["fcr_window(7d)", "aht"])
    assert [metric.id for metric in wanted] == ["aht"]
    assert "same case" in refused["fcr_window(7d)"]
    simulated = replace(unlinked, origin="simulated")
    assert choose(simulated, ["fcr_window(7d)"])[1] == {}


def test_occupancy_is_known_by_agent_and_team_only(log: ContactLog) -> None:
    (occupancy,), _ = choose(log, ["occupancy"], ["agent"])
    assert why_not(log, occupancy, ["agent", "team"]) == ""
    assert "category" in why_not(log, occupancy, ["category"])
