"""Bad input at every verb: exit code 2, one clear message, no traceback, nothing written."""

import json

import pytest

from svcsim.cli.main import run
from three_contacts import three, true_baseline

CARD = "name: c\nperiod: month\nkpis:\n- {metric: aht, weight: %s, target: %s}\n"


def _without_roster(baseline: str) -> str:
    """The baseline with no roster day at all."""
    head, days, rest = baseline.partition("    days:\n")
    assert days
    return f"{head}    days: []\n" + rest[rest.index("  routing:") :]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a small log, a baseline, a scenario and a card."""
    monkeypatch.chdir(tmp_path)
    three("UTC", category="x").to_parquet("three.parquet")
    three("Asia/Shanghai", "china", category="x").to_parquet("china.parquet")
    baseline = true_baseline()
    files = {
        "baseline.yaml": baseline,
        "other-version.yaml": baseline.replace("svcsim.baseline/1", "svcsim.baseline/99"),
        "typo.yaml": "name: t\nbaseline: baseline.yaml\nchanges:\n"
        "  categories.repare.handling.mean: {times: 0.9}\n",
        "twice.yaml": "name: t\nbaseline: baseline.yaml\nchanges:\n"
        "- {path: arrivals.level, times: 2}\n- {path: arrivals.level, times: 3}\n",
        "unit.yaml": "name: t\nbaseline: baseline.yaml\nchanges:\n"
        "  categories.repair.handling.mean: {to: 20}\n",
        "from.yaml": "name: t\nbaseline: baseline.yaml\nchanges:\n"
        "  arrivals.level: {from: 5, to: 6}\n",
        "nobody.yaml": "name: t\nbaseline: baseline.yaml\nchanges:\n"
        "  agents.*.tiers: {to: [simple]}\n",
        "tier.yaml": "name: t\nbaseline: baseline.yaml\nchanges:\n"
        "  agents.*.tiers: {to: [simple, normal, herd]}\n",
        "no-second-line.yaml": "name: t\nbaseline: baseline.yaml\nchanges:\n"
        "  staffing.extra.L2: {to: -8}\n",
        "long.yaml": "name: t\nbaseline: baseline.yaml\nrun: {follow_up: 6000d}\n",
        "back.yaml": "name: t\nbaseline: baseline.yaml\nrun: {follow_up: -7d}\n",
        "short.yaml": "name: t\nbaseline: baseline.yaml\nmetrics: [fcr_window(90d)]\n"
        "run: {days: 1, follow_up: 1d}\n",
        "due.yaml": "name: t\nbaseline: baseline.yaml\nchanges:\n  routing.discipline: {to: due}\n",
        "negative.yaml": "name: t\nbaseline: baseline.yaml\nchanges:\n"
        "  routing.own_wait: {to: -5min}\n",
        "empty-roster.yaml": _without_roster(baseline),
        "lost.yaml": "name: t\nbaseline: nowhere.yaml\n",
        "key.yaml": "name: t\nbaseline: baseline.yaml\nchange: {}\n",
        "empty.yaml": "",
        "broken.yaml": "name: [t\n",
        "card.yaml": CARD % ("100%", "50min"),
        "card99.yaml": CARD % ("99%", "50min"),
        "card-unit.yaml": CARD % ("100%", "50"),
        "roster.csv": "agent,team,weekday,start,end\nA,L1,mon,18:00,09:00\n",
        "text.txt": "not a log",
        "mine/letter.txt": "dear",
    }
    (tmp_path / "mine").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


CASES = {
    "simulate a missing scenario": (["simulate", "scenari.yaml"], "no such file"),
    "simulate an empty file": (["simulate", "empty.yaml"], "empty"),
    "simulate broken yaml": (["simulate", "broken.yaml"], "not valid YAML"),
    "simulate an unknown key": (["simulate", "key.yaml"], "changes"),
    "simulate a lost baseline": (["simulate", "lost.yaml"], "nowhere.yaml"),
    "simulate an unknown path": (["simulate", "typo.yaml"], "categories.repair.handling.mean"),
    "simulate a path changed twice": (["simulate", "twice.yaml"], "changed twice"),
    "simulate hard cases that nobody takes": (
        ["simulate", "nobody.yaml"],
        "nobody.yaml:4  categories.installation: team L1 has hard cases to serve"),
    "simulate a tier that does not exist": (
        ["simulate", "tier.yaml"], "'herd' is unknown. Did you mean hard"),
    "simulate without the second line": (
        ["simulate", "no-second-line.yaml"], "team L2 has contacts to serve but no rostered"),
    "simulate an empty roster": (["simulate", "empty-roster.yaml"], "nobody is on duty"),
    "simulate longer than a clock counts": (["simulate", "long.yaml", "-n", "1"], "at most 5460 d"),
    "simulate a negative follow-up": (["simulate", "back.yaml"], "follow_up is -7 days"),
    "simulate windows longer than the run": (
        ["simulate", "short.yaml", "-n", "1"], "in a run of 2 days: it is too short"),
    "simulate due dates without a due time": (["simulate", "due.yaml"], "due.yaml:4  routing"),
    "simulate a negative wait": (
        ["simulate", "negative.yaml"],
        "negative.yaml:4  routing.own_wait: -5min is negative; expected 0 or more"),
    "simulate a time without unit": (["simulate", "unit.yaml"], "no unit"),
    "simulate a stale from": (["simulate", "from.yaml"], "not 5"),
    "simulate an unknown metric": (
        ["simulate", "baseline.yaml", "--metrics", "frt_p5O", "-n", "1"], "frt_p50"),
    "simulate a start that is no day": (
        ["simulate", "baseline.yaml", "--start", "soon"], "YYYY-MM-DD"),
    "simulate an unknown engine": (
        ["simulate", "baseline.yaml", "--engine", "fast"], "compiled"),
    "calibrate three tickets": (["calibrate", "three.parquet", "-o", "b.yaml"], "three"),
    "calibrate into a lost folder": (
        ["calibrate", "three.parquet", "-o", "no/b.yaml"], "does not exist"),
    "calibrate an empty period": (
        ["calibrate", "three.parquet", "-o", "b.yaml", "--from", "2030-01-01",
         "--until", "2030-02-01"], "no contact"),
    "calibrate days the wrong way round": (
        ["calibrate", "three.parquet", "-o", "b.yaml", "--from", "2030-03-01",
         "--until", "2030-02-01"], "not before"),
    "validate another version": (
        ["validate", "other-version.yaml", "three.parquet"], "svcsim.baseline/99"),
    "validate a card as baseline": (["validate", "card.yaml", "three.parquet"], "not a baseline"),
    "propose another version": (
        ["propose", "other-version.yaml", "-o", "p"], "svcsim.baseline/1"),
    "propose from three tickets": (["propose", "three.parquet", "-o", "p"], "three"),
    "propose an unknown metric": (
        ["propose", "baseline.yaml", "--metrics", "nope", "-o", "p"], "nope"),
    "score weights of 99": (
        ["score", "three.parquet", "--scorecard", "card99.yaml", "-o", "s"], "99"),
    "score a target without unit": (
        ["score", "three.parquet", "--scorecard", "card-unit.yaml", "-o", "s"], "unit"),
    "score a period outside": (
        ["score", "three.parquet", "--scorecard", "card.yaml", "--period", "2031-03", "-o", "s"],
        "2023-11"),
    "score an unknown card": (
        ["score", "three.parquet", "--scorecard", "seed-25-40-53", "-o", "s"], "seed-25-40-35"),
    "score into a folder of mine": (
        ["score", "three.parquet", "--scorecard", "card.yaml", "-o", "mine"], "not empty"),
    "score into a file": (
        ["score", "three.parquet", "--scorecard", "card.yaml", "-o", "text.txt"], "is a file"),
    "simulate into a folder of mine": (
        ["simulate", "baseline.yaml", "-n", "1", "-o", "mine"], "not empty"),
    "propose into a folder of mine": (["propose", "baseline.yaml", "-o", "mine"], "not empty"),
    "demo into a folder of mine": (["demo", "-o", "mine"], "choose another folder with -o"),
    "demo into a file": (["demo", "-o", "text.txt"], "is a file"),
    "validate a log of another time zone": (
        ["validate", "baseline.yaml", "three.parquet"], "baseline 't' was made with Asia/Shanghai"),
    "validate a log of other categories": (
        ["validate", "baseline.yaml", "china.parquet"], "category x: none of them is in baseline"),
    "simulate with a log of another time zone": (
        ["simulate", "baseline.yaml", "--log", "three.parquet", "-o", "s"], "time zone UTC"),
    "simulate with a log of other categories": (
        ["simulate", "baseline.yaml", "--log", "china.parquet", "-o", "s"], "repair"),
    "propose with a log of another time zone": (
        ["propose", "baseline.yaml", "--log", "three.parquet", "-o", "p"], "time zone UTC"),
    "propose for a history with a baseline of other categories": (
        ["propose", "china.parquet", "--baseline", "baseline.yaml", "-o", "p"],
        "calibrate this log"),
    "measure an unknown column": (
        ["measure", "three.parquet", "--by", "tema"], "team"),
    "measure a missing log": (["measure", "tree.parquet"], "tree.parquet"),
    "list an unknown kind": (["list", "metric"], "metrics"),
    "list paths of nothing": (["list", "paths"], "BASELINE"),
    "report an unknown folder": (["report", "nowhere"], "nowhere"),
}  # fmt: skip


@pytest.mark.parametrize("case", list(CASES))
def test_bad_input_is_told_in_words_and_leaves_nothing(case, folder, capsys):
    command, word = CASES[case]
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert run(command) == 2
    out, err = capsys.readouterr()
    assert word in err
    assert "Traceback" not in err
    assert "unexpected fault" not in err
    assert out == ""
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert after == before


def test_a_results_folder_is_not_written_over(folder, capsys):
    command = ["simulate", "baseline.yaml", "-o", "r", "-n", "1", "--days", "2", "-q"]
    assert run([*command, "--seed", "1"]) == 0
    kept = json.loads((folder / "r" / "manifest.json").read_text())
    assert run([*command, "--seed", "2"]) == 2
    assert "never written over" in capsys.readouterr().err
    assert json.loads((folder / "r" / "manifest.json").read_text()) == kept
