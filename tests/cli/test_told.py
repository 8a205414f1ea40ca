"""Mistakes are told where they stand, in words a user of the file knows."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from svcsim.cli.main import run
from three_contacts import three, true_baseline

MAPPING = "name: m\ntimezone: UTC\n{dates}\ncolumns: {{ticket_id: id, opened_s: {opened}}}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a log of three contacts, an export and a baseline."""
    monkeypatch.chdir(tmp_path)
    three("Asia/Shanghai").to_parquet("h.parquet")
    Path("b.yaml").write_text(true_baseline(), encoding="utf-8")
    Path("h.csv").write_text("id,opened\n1,2026-03-02 09:00\n2,2026-03-03 09:00\n")
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *argv: str) -> list[str]:
    """The messages of a command that refuses."""
    assert run([*argv]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    return shown.err.splitlines()


@pytest.mark.parametrize(
    ("dates", "opened"),
    [("dates: iso", "opened"), ("", "{column: opened, dates: utc}"), ("dates: [iso]", "opened")],
)
def test_a_date_format_may_be_a_plain_text(folder: Path, dates: str, opened: str) -> None:
    Path("m.yaml").write_text(MAPPING.format(dates=dates, opened=opened))
    assert run(["check", "h.csv", "--mapping", "m.yaml", "-q"]) == 0


def test_mistakes_of_lists_name_the_values_only(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("m.yaml").write_text(MAPPING.format(dates='dates: ["%d/%Q", iso]', opened="opened"))
    (line,) = told(capsys, "check", "h.csv", "--mapping", "m.yaml")
    assert line.startswith("error: m.yaml:3  dates: '%d/%Q' is not a date format")
    assert line.endswith("write strptime's or iso, utc, epoch, epoch_ms")
    Path("m.yaml").write_text(MAPPING.format(dates="missing: NA", opened="opened"))
    (line,) = told(capsys, "check", "h.csv", "--mapping", "m.yaml")
    assert line == "error: m.yaml:3  missing: expected a list, such as [a, b]; found 'NA'"
    Path("c.yaml").write_text(
        "name: c\nperiod: month\nkpis:\n"
        "- {metric: aht, weight: 40%, target: 50min}\n"
        "- {metric: frt_p90, weight: 40%, target: 50min}\n"
    )
    (line,) = told(capsys, "score", "h.parquet", "--scorecard", "c.yaml")
    assert line == "error: c.yaml:3  kpis: the weights sum to 80%, not 100%; add 20%"


SCENARIO = "name: s\nbaseline: b.yaml\nchanges:\n  arrivals.level: {times: 1.1}\n"
WRONG = {
    "unknown path": ("  staffing.extr.L1: {plus: 1}", "staffing.extr.L1 is not in the baseline"),
    "no unit": ("  categories.repair.handling.mean: {to: 20}", "categories.repair.handling.mean: "),
    "unknown key": ("  staffing.extra.L1: {plsu: 1}", "changes.staffing.extra.L1.plsu is not a"),
}


@pytest.mark.parametrize("case", list(WRONG))
def test_a_scenario_is_told_by_file_and_line(
    case: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line, words = WRONG[case]
    Path("s.yaml").write_text(f"{SCENARIO}{line}\n")
    first, *_ = told(capsys, "simulate", "s.yaml", "-q")
    assert first.startswith(f"error: s.yaml:5  {words}")


CHANGED = {
    "an unknown rule": (
        "  routing.discipline: {to: dew}",
        "routing.discipline: 'dew' is unknown; expected waited or due; Did you mean due?",
    ),
    "a negative time": (
        "  categories.repair.handling.mean: {to: -5min}",
        "categories.repair.handling.mean: -5min is negative; expected 0 or more",
    ),
    "a negative wait of routing": (
        "  routing.due: {to: {high: -5min}}",
        "routing.due.high: -5min is negative; expected 0 or more",
    ),
    "a factor with a percent sign": (
        "  staffing.presence: {times: 20%}",
        "changes.staffing.presence.times: expected a factor as a number: 1.2 is 20% more, 0.8 is "
        "20% less; found '20%'",
    ),
    "nothing to do": (
        "  staffing.presence:",
        "changes.staffing.presence: it says nothing; write exactly one of to, times, plus and add",
    ),
    "a flag for a number of agents": (
        "  staffing.extra.L1: {to: true}",
        "staffing.extra.L1: expected a whole number of agents; found true",
    ),
    "a meeting of an unknown team": (
        "  staffing.meetings: {add: {weekday: mon, from: '10:00', to: '11:00', teams: [L9]}}",
        "staffing.meetings (mon 10:00-11:00).teams: 'L9' is unknown. expected one of L1, L2",
    ),
    "the second meeting of two": (
        "  staffing.meetings: {add: [{weekday: mon, from: '10:00', to: '11:00'}, "
        "{weekday: monday, from: '10:00', to: '11:00'}]}",
        "staffing.meetings (entry 2): 'monday' is not a weekday; write one of mon, tue, wed, thu, "
        "fri, sat, sun",
    ),
    "shares beyond 100 %": (
        "  languages: {add: {zh: 80%, fr: 30%}}",
        "languages: shares of languages add up to 110%; expected 100%",
    ),
    "a number of agents in words": (
        "  staffing.extra.L1: {plus: two}",
        "staffing.extra.L1: 'two' is not a number of agents",
    ),
    "endlessly many agents": (
        "  staffing.extra.L1: {to: .inf}",
        "staffing.extra.L1: would become inf; it is a whole number",
    ),
    "an agent whom nobody knows": (
        "  agents.Nobody.speed: {to: 1.1}",
        "agents.Nobody.speed is not in the baseline: none of its agents is called 'Nobody'; "
        "see: svcsim list paths BASELINE agents",
    ),
    "a category with a typo": (
        "  categories.repare.handling.mean: {to: 20min}",
        "categories.repare.handling.mean is not in the baseline: none of its categories is called "
        "'repare'; Did you mean categories.repair.handling.mean?",
    ),
    "a channel of another desk": (
        "  channels.fax.patience.level: {to: 2}",
        "channels.fax.patience.level is not in the baseline: none of its channels is called "
        "'fax'; known are web, phone",
    ),
    "a star for everything": (
        "  staffing.*: {to: 3}",
        "staffing.* is not in the baseline; a star stands for the names of agents, categories, "
        "channels or difficulty, as in agents.*.speed",
    ),
    "a place of no addition": (
        "  burst.o: {add: {}}",
        "burst.o: nothing can be added here. Did you mean bursts.o? (all places: svcsim list "
        "paths BASELINE)",
    ),
}


@pytest.mark.parametrize("case", list(CHANGED))
def test_a_change_is_refused_with_what_was_found_and_what_is_expected(
    case: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line, words = CHANGED[case]
    Path("s.yaml").write_text(f"{SCENARIO}{line}\n")
    assert told(capsys, "simulate", "s.yaml", "-q") == [f"error: s.yaml:5  {words}"]


def test_every_mistake_of_an_addition_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = "  bursts.o: {add: {at: 2025-11-11, category: repair, sise: 3, over: 40}}"
    Path("s.yaml").write_text(f"{SCENARIO}{line}\n")
    assert [text.partition("  ")[2] for text in told(capsys, "simulate", "s.yaml", "-q")] == [
        "bursts.o.at: '2025-11-11' is not a local time; write YYYY-MM-DD HH:MM",
        "bursts.o.size is missing",
        "bursts.o.over: '40' has no unit; write a duration such as 40s, 40min or 40h",
        "bursts.o.sise is not a known key; Did you mean size?",
    ]


def test_what_two_changes_break_together_is_told_at_the_second(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Until line 7 everybody speaks everything; from then on nobody speaks French."""
    lines = "  languages: {add: {zh: 80%, fr: 20%}}\n  staffing.presence: {to: 90%}\n"
    Path("s.yaml").write_text(f"{SCENARIO}{lines}  agents.*.languages: {{to: [zh]}}\n")
    assert told(capsys, "simulate", "s.yaml", "-q") == [
        f"error: s.yaml:7  languages.fr: team {team} has cases in fr but no rostered agent "
        "speaks it"
        for team in ("L1", "L2")
    ]


def test_missing_files_are_told_at_the_line_that_names_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("s.yaml").write_text("name: s\n\nbaseline: bb.yaml\nlog: hh.parquet\n")
    assert told(capsys, "simulate", "s.yaml", "-q") == [
        "error: s.yaml:3  baseline: bb.yaml does not exist; Did you mean b.yaml?",
        "error: s.yaml:4  log: hh.parquet does not exist; Did you mean h.parquet?",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: s\nbaseline: b.yaml\nchanges:\n\tarrivals.level: {times: 2}\n",
         "s.yaml:4  not valid YAML: a tab stands here; indent with blanks"),
        ("name: s\nname: t\n",
         's.yaml:2  not valid YAML: found duplicate key "name"; keep one of the two, or join them'),
        ("name: s\n---\nname: t\n",
         "s.yaml:2  not valid YAML: a second document starts here; leave out the line ---"),
        ("zh: s\nbaseline: b.yaml\n", "s.yaml:1  name is missing; Scenario needs it"),
        ("name: s\nbaseline: .\n", "s.yaml:2  baseline: . is a folder; expected a file"),
        ("- name: s\n", "s.yaml:1  found a list; expected the keys of Scenario (name, "),
        ("name: s\nbaseline: b.yaml\nchanges: more\n",
         "s.yaml:3  changes: expected paths and what happens to them, as  arrivals.level: "),
        ("name: s\nbaseline: b.yaml\nmetrics: [ahtt, frt_p5O]\n",
         "s.yaml:3  'ahtt' is not a known metric; Did you mean aht?"),
        ("name: s\nbaseline: b.yaml\nrun:\n  days: 5\n  warm_up: 7d\n",
         "s.yaml:5  run.warm_up: a warm-up of 7 days before a period of 5 days"),
        ("name: s\nbaseline: b.yaml\nrun:\n  replay: 2025-09-01/2025-09-08\n",
         "s.yaml:4  run.replay: no history to replay"),
        ("name: s\nbaseline: b.yaml\nrun:\n  replay: 2025-09-08/2025-09-01\n",
         "s.yaml:4  run.replay: '2025-09-08/2025-09-01' is not a span of days"),
    ],
)  # fmt: skip
def test_a_broken_scenario_is_told_by_file_and_line(
    text: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("s.yaml").write_text(text)
    assert told(capsys, "simulate", "s.yaml", "-q")[0].startswith(f"error: {said}")


def test_changes_that_are_all_commented_out_are_none(folder: Path) -> None:
    from svcsim.scenario.scenario import load_scenario

    Path("s.yaml").write_text("name: s\nbaseline: b.yaml\nchanges:\n#  arrivals.level: 5\n")
    assert load_scenario("s.yaml")[0].changes == ()


@pytest.mark.parametrize("text", ["abc", "500%", "0"])
def test_a_precision_that_cannot_be_is_told(
    text: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (line,) = told(capsys, "simulate", "b.yaml", "--precision", text, "-q")
    assert line.startswith(f"error: --precision  '{text}'")


def test_a_scenario_in_place_of_a_baseline_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("s.yaml").write_text(SCENARIO)
    (line,) = told(capsys, "propose", "s.yaml", "-o", "p")
    assert line == (
        "error: s.yaml:1  this is a scenario, not a baseline; expected svcsim.baseline/1; only "
        "svcsim simulate takes scenarios"
    )


def test_numbers_that_are_not_what_they_seem_are_told_though_quiet(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = "  staffing.extra.L2: {to: -5}\n  staffing.presence: {times: 1.2}\n"
    Path("s.yaml").write_text(SCENARIO + lines)
    argv = ["simulate", "s.yaml", "-n", "1", "--days", "2", "--metrics", "volume", "-o", "r"]
    assert run([*argv, "-q"]) == 0
    shown = capsys.readouterr().err.splitlines()
    assert len(shown) == 3
    assert shown[0].startswith("warning: staffing.presence: the change asks for 112.8%; ")
    load = r"\d+ h of work a week against \d+ h .*load [12]\d\d%"
    assert re.match(f"warning: team L2: {load}", shown[1])
    assert re.match(f"warning: all teams together: {load}", shown[2])
    summary = json.loads(Path("r/summary.json").read_text(encoding="utf-8"))
    assert [f"warning: {remark['en']}" for remark in summary["remarks"]] == shown


def test_changes_in_a_list_have_their_lines(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = SCENARIO.replace("  arrivals.level: {times: 1.1}", "- {path: arrivals.level, times: 2}")
    Path("s.yaml").write_text(f"{text}- path: arrivals.level\n  plus: 1\n")
    assert (
        "s.yaml:5  arrivals.level is changed twice" in told(capsys, "simulate", "s.yaml", "-q")[0]
    )


def test_options_are_named_as_the_verb_has_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (line,) = told(capsys, "propose", "b.yaml", "--card", "nosuch")
    assert line.startswith("error: --card  'nosuch' is neither")
    (line,) = told(capsys, "calibrate", "h.parquet", "-o", "n.yaml", "--from", "2031-01-01")
    assert line == (
        "error: --from/--until  no contact was opened on 2031-01-01 or later; the log covers "
        "[2023-11-15 06:13, 2023-11-15 06:15); choose days inside it"
    )
    (line,) = told(capsys, "calibrate", "h.parquet", "-o", "n.yaml", "--until", "2001-01-01")
    assert "no contact was opened before 2001-01-01" in line


def test_too_little_history_is_told_with_how_much_is_needed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for verb in (["calibrate", "h.parquet", "-o", "n.yaml"], ["propose", "h.parquet", "-o", "p"]):
        *_, line = told(capsys, *verb)
        assert "the history is too short: under a day; three weeks are needed" in line
        assert "hold-out" not in line


def test_files_of_another_kind_are_told_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("empty.csv").write_text("")
    (line,) = told(capsys, "report", "empty.csv")
    assert line.startswith("error: empty.csv  is not a result of svcsim; expected")
    Path("s.gz").write_bytes(gzip.compress(b"name: s"))
    (line,) = told(capsys, "simulate", "s.gz")
    assert line == "error: s.gz  is a compressed file (gzip); expected a YAML file (UTF-8)"
    (line,) = told(capsys, "validate", "h.parquet", "h.parquet")
    assert line == "error: h.parquet  is a Parquet file; expected a YAML file (UTF-8)"
    Path("s.yaml").write_text("名: s", encoding="utf-16")
    assert "is not text in UTF-8" in told(capsys, "simulate", "s.yaml")[0]


def test_ids_that_a_spreadsheet_rounded_are_named_with_their_column(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "id,opened,who\nT1,2026-03-02 09:00,3.27E+11\nT2,2026-03-03 09:00,3.28E+11\n"
    Path("ids.csv").write_text(text)
    columns = "{ticket_id: id, opened_s: opened, customer: who}"
    Path("m.yaml").write_text(f"name: m\ntimezone: UTC\ncolumns: {columns}\n")
    assert run(["check", "ids.csv", "--mapping", "m.yaml"]) == 0
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "rounded" in line]
    assert "2 contacts: long ids were rounded by a spreadsheet in customer" in line
    assert "such as 3.27E+11, 3.28E+11" in line
    assert "T1" not in line
