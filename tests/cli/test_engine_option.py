"""``--engine``: two clocks, one result; the wait for the compiler is told once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from svcsim import compiler
from svcsim.cli.main import run
from three_contacts import true_baseline


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("b.yaml").write_text(true_baseline(), encoding="utf-8")


def kpis(capsys: pytest.CaptureFixture[str], *more: str) -> tuple[list[dict[str, object]], str]:
    assert run(["simulate", "b.yaml", "-n", "2", "--days", "7", "--json", *more]) == 0
    told = capsys.readouterr()
    return json.loads(told.out)["kpis"], told.err


def test_both_clocks_give_the_same_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    compiled, _ = kpis(capsys, "-o", "one")
    simpy, _ = kpis(capsys, "-o", "two", "--engine", "simpy")
    assert compiled == simpy


def test_compiling_is_told_once_and_in_the_language_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def compile_twice(*args: object, **more: object) -> None:
        assert compiler.announce is not None
        compiler.announce("loop")
        compiler.announce("reduce")
        raise KeyboardInterrupt

    monkeypatch.setattr(compiler, "announce", None)
    monkeypatch.setattr("svcsim.study.run.run_experiment", compile_twice)
    for lang, said in (("en", "compiling the clock once"), ("zh", "首次编译")):
        run(["simulate", "b.yaml", "-n", "1", "--lang", lang, "-o", lang])
        assert capsys.readouterr().err.count(said) == 1


def test_an_overloaded_team_is_told_and_kept_in_the_summary(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Two days of ten times the cases: allowed, but said on stderr and in summary.json."""
    Path("s.yaml").write_text(
        "name: s\nbaseline: b.yaml\nchanges:\n  arrivals.level: {times: 1.5}\n"
        "run: {days: 2, follow_up: 1d, replications: 1}\n"
    )
    for lang, said in (("en", "warning: team L2: "), ("zh", "注意：班组 L2：每周工作量")):
        assert run(["simulate", "s.yaml", "--lang", lang, "-o", lang]) == 0
        assert said in capsys.readouterr().err
        kept = json.loads((Path(lang) / "summary.json").read_text(encoding="utf-8"))
        assert "load 128%" in kept["remarks"][0]["en"]
