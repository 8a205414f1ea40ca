"""A history inside which the desk changed: the window is proposed, never silently chosen."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from svcsim.cli.main import run
from svcsim.contacts.log import make_log
from svcsim.model.baseline import Baseline

Capture = pytest.CaptureFixture[str]
WEEK = 604800.0
MONDAY = pd.Timestamp("2025-03-03", tz="UTC").timestamp()


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight weeks that take two days to resolve, then eight that take two hours."""
    rng = np.random.default_rng(4)
    n = 60 * 16
    week = np.repeat(np.arange(16), 60)
    day = rng.integers(0, 5, n)
    opened = MONDAY + week * WEEK + day * 86400 + rng.uniform(9, 16, n) * 3600
    elapsed = np.where(week < 8, 48.0, 2.0) * 3600 * np.exp(rng.normal(0, 0.3, n))
    frame = pd.DataFrame({
        "ticket_id": [f"t{i}" for i in range(n)], "opened_s": opened.round(),
        "first_response_s": (opened + 600).round(), "resolved_s": (opened + elapsed).round(),
        "agent": rng.choice(["Ann", "Bo", "Cy"], n), "handle_s": 600.0,
    })  # fmt: skip
    log = make_log(frame, start=MONDAY, end=MONDAY + 16 * WEEK)
    path = tmp_path_factory.mktemp("changed") / "changed.parquet"
    log.to_parquet(path)
    return path


def test_one_fit_over_both_sides_is_refused_with_the_numbers_and_the_window(
    changed: Path, tmp_path: Path, capsys: Capture
) -> None:
    target = tmp_path / "b.yaml"
    for verb in (["calibrate", str(changed), "-o", str(target)],
                 ["propose", str(changed), "-o", str(tmp_path / "p")]):  # fmt: skip
        assert run(verb) == 2
        told = capsys.readouterr().err
        assert "median time to resolution from 2025-04-28: 2d -> 2h" in told
        assert "--from 2025-04-28 (leaves out 480 contacts)" in told
        assert "--steady" in told
        assert "--whole-window" in told
    assert not target.exists()
    assert not (tmp_path / "p").exists()


def test_an_explicit_window_over_the_change_is_refused_alike(
    changed: Path, tmp_path: Path, capsys: Capture
) -> None:
    span = ["--from", "2025-03-10", "--until", "2025-06-09"]
    assert run(["calibrate", str(changed), "-o", str(tmp_path / "b.yaml"), *span]) == 2
    assert "--from 2025-04-28" in capsys.readouterr().err


def test_both_answers_at_once_are_refused(changed: Path, tmp_path: Path, capsys: Capture) -> None:
    both = ["--steady", "--whole-window"]
    assert run(["calibrate", str(changed), "-o", str(tmp_path / "b.yaml"), *both]) == 2
    assert "both are given" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("asked", "start", "note"),
    [
        (["--steady"], "2025-04-28", "480 contacts left out"),
        (["--from", "2025-04-28"], "2025-04-28", ""),
        (["--whole-window"], "2025-03-03", "asked: whole window"),
    ],
)
def test_an_answer_is_obeyed_and_said(
    changed: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch,
    asked: list[str], start: str, note: str,
) -> None:  # fmt: skip
    """Only fitted here: what is tuned and replayed does not choose the window."""
    monkeypatch.setattr("svcsim.study.learn.learn", lambda log, fit, **_: fit(log))
    target = tmp_path / "b.yaml"
    verb = ["calibrate", str(changed), "-o", str(target), "--no-report", "--json"]
    assert run([*verb, *asked]) == 0
    said = json.loads(capsys.readouterr().out)
    baseline = Baseline.from_yaml(target)
    assert baseline.source.start == start
    assert any(note in told["en"] for told in said["notes"])
    assert any("resolution" in series.name for series in baseline.weeks.series)
    assert bool(baseline.drift) is bool(note)  # what was left out is still told
