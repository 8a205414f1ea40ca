"""The command line itself: lazy verbs, exit codes, one JSON object."""

import json
import subprocess
import sys

import pytest

from svcsim.cli.main import VERBS, run

HEAVY = {"numpy", "pandas", "scipy", "matplotlib", "simpy", "duckdb", "narwhals", "pydantic"}


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from svcsim.cli.main import run; run(['--help']); "
        f"print(sorted({HEAVY!r} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip().endswith("[]")


@pytest.mark.parametrize("verb", list(VERBS))
def test_every_verb_has_help_with_an_example(verb, capsys):
    assert run([verb, "--help"]) == 0
    text = capsys.readouterr().out
    assert "Example: svcsim " + verb in text
    assert "--json" in text


def test_an_unknown_verb_is_refused_with_the_nearest(capsys):
    assert run(["calibrat"]) == 2
    assert "Did you mean calibrate" in capsys.readouterr().err


def test_python_runs_the_package_as_the_command():
    command = [sys.executable, "-m", "svcsim", "--version"]
    out = subprocess.run(command, capture_output=True, text=True, check=True)
    assert out.stdout.startswith("svcsim, version")


def test_every_phony_target_of_the_makefile_has_a_rule_and_its_help(repo_root):
    text = (repo_root / "Makefile").read_text(encoding="utf-8")
    phony = text.split(".PHONY:")[1].split("\n")[0].split()
    assert [name for name in phony if f"\n{name}:" not in text] == []
    assert "make bench " in text


def test_an_unexpected_fault_names_a_file_and_exits_1(monkeypatch, capsys, tmp_path):
    import svcsim.cli.list as verb

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(verb, "_columns", lambda: 1 / 0)
    assert run(["list", "columns"]) == 1
    text = capsys.readouterr().err
    assert "unexpected fault" in text
    assert "Traceback" not in text
    assert list(tmp_path.glob("svcsim-fault-*.txt"))


def test_json_is_one_object_with_its_schema_version(capsys):
    assert run(["list", "columns", "--json"]) == 0
    out = capsys.readouterr().out
    data = json.loads(out)
    assert data["schema_version"] == 1
    assert {"name", "type", "description"} <= set(data["columns"][0])


def test_an_interruption_exits_130(monkeypatch, capsys):
    import svcsim.cli.list as verb

    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr(verb, "_columns", interrupt)
    assert run(["list", "columns"]) == 130
    assert "kept" in capsys.readouterr().err
