"""``simulate --trace``: what is written, for which span, in which language."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from svcsim.cli.main import run
from svcsim.cli.trace import parse_span
from svcsim.errors import InputError
from svcsim.scenario.scenario import load_scenario
from three_contacts import true_baseline

SHORT = ["-n", "2", "--days", "7", "--metrics", "volume", "-q", "--start", "2025-03-10"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("b.yaml").write_text(true_baseline(), encoding="utf-8")
    return tmp_path


def test_without_it_nothing_is_told(folder):
    assert run(["simulate", "b.yaml", "-o", "r", *SHORT]) == 0
    assert not list(Path("r").glob("trace*")) + list(Path("r").glob("hour*"))


def test_trace_and_picture_in_both_languages_lie_in_the_folder(folder, capsys):
    assert run(["simulate", "b.yaml", "-o", "r", "--trace", *SHORT, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["trace"], told["hour"]) == ("r/trace.txt", "r/hour.svg")
    text = Path("r/trace.txt").read_text(encoding="utf-8")
    assert "Replication 1: what happened from Mon 2025-03-10 00:00" in text
    assert "Not told" not in text
    assert Path("r/hour.png").read_bytes().startswith(b"\x89PNG")
    span = ["--trace-span", "2025-03-11 09:00-09:30", "--lang", "zh"]
    assert run(["simulate", "b.yaml", "-o", "r", *SHORT, *span]) == 0
    assert "经过：r/trace.zh.txt" in capsys.readouterr().out
    lines = Path("r/trace.zh.txt").read_text(encoding="utf-8").splitlines()
    clocks = [line[:5] for line in lines if line[2:3] == ":"]
    assert clocks[0] >= "09:00"
    assert clocks[-1] < "09:30"
    assert Path("r/trace.txt").read_text(encoding="utf-8") == text
    hour = json.loads(Path("r/hour.json").read_text(encoding="utf-8"))
    assert hour["end"] - hour["start"] == 1800
    assert hour["categories"] == list(load_scenario("b.yaml")[1].model.categories)
    # a part of the trace is the same lines as in the whole
    english = ["--trace-span", "2025-03-11 09:00-09:30", "--lang", "en"]
    assert run(["simulate", "b.yaml", "-o", "r", *SHORT, *english]) == 0
    part = Path("r/trace.txt").read_text(encoding="utf-8")
    assert set(part.splitlines()[1:]) <= set(text.splitlines())


def test_the_page_made_again_shows_the_hour(folder):
    assert run(["simulate", "b.yaml", "-o", "r", "--trace", *SHORT]) == 0
    assert run(["report", "r", "--lang", "zh", "-q"]) == 0
    assert "服务台的一小时" in Path("r/kpis.zh.html").read_text(encoding="utf-8")
    Path("r/hour.json").write_text("[1]", encoding="utf-8")
    assert run(["report", "r", "-q"]) == 2


def test_the_span_is_local_time():
    day = parse_span("2025-03-30", "Europe/Berlin")  # the clock goes forward at 02:00
    assert day[1] - day[0] == 23 * 3600
    start, end = parse_span("2025-03-30 09:00-24:00", "Europe/Berlin")
    assert (start - day[0], end) == (8 * 3600, day[1])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("soon", "YYYY-MM-DD"), ("", "not a span"), ("2025-03-12 9-10", "not a span"),
        ("2025-03-12 10:00-09:00", "start before the end"),
        ("2025-03-12 10:00-25:00", "24:00"), ("2025-03-12 10:61-11:00", "no such hours"),
    ],
)  # fmt: skip
def test_a_span_that_is_none_is_told_in_words(text, said):
    with pytest.raises(InputError, match=said):
        parse_span(text, "Asia/Shanghai")


def test_a_day_that_is_not_simulated_is_refused_before_anything_is_written(folder, capsys):
    command = ["simulate", "b.yaml", "-o", "r", *SHORT, "--trace-span", "2030-01-01"]
    assert run(command) == 2
    assert "2030-01-01 is not simulated" in capsys.readouterr().err
    assert not Path("r").exists()
