import json

import pytest

from svcsim.errors import InputError
from svcsim.study.results import Results, input_files


def test_the_manifest_tells_what_was_run_and_is_complete_last(tmp_path):
    source = tmp_path / "in.yaml"
    source.write_text("a: 1\n")
    results = Results(tmp_path / "r", "try", {"seed": 1}, {"scenario": source})
    manifest = json.loads((tmp_path / "r" / "manifest.json").read_text())
    assert not manifest["complete"]
    results.complete()
    manifest = json.loads((tmp_path / "r" / "manifest.json").read_text())
    assert manifest["complete"]
    assert manifest["settings"] == {"seed": 1}
    assert len(manifest["inputs"]["scenario"]) == 64


def test_the_same_inputs_resume_and_others_are_refused(tmp_path):
    source = tmp_path / "in.yaml"
    source.write_text("a: 1\n")
    Results(tmp_path / "r", "try", {"seed": 1}, {"scenario": source})
    assert Results(tmp_path / "r", "try", {"seed": 1}, {"scenario": source}).resumed
    with pytest.raises(InputError, match="other inputs"):
        Results(tmp_path / "r", "try", {"seed": 2}, {"scenario": source})
    source.write_text("a: 2\n")
    with pytest.raises(InputError, match="never written over"):
        Results(tmp_path / "r", "try", {"seed": 1}, {"scenario": source})


def test_a_folder_taken_up_is_not_complete_until_it_ends_again(tmp_path):
    Results(tmp_path / "r", "try", {}, {}).complete()
    assert Results(tmp_path / "r", "try", {}, {}).resumed
    assert not json.loads((tmp_path / "r" / "manifest.json").read_text())["complete"]


def test_a_finished_run_is_made_anew_when_asked_and_an_unfinished_one_goes_on(tmp_path):
    part = tmp_path / "r" / "parts" / "a.parquet"
    first = Results(tmp_path / "r", "try", {}, {})
    part.parent.mkdir()
    part.write_text("a finished batch")
    assert Results(tmp_path / "r", "try", {}, {}, redo=True).resumed
    assert part.exists()
    first.complete()
    assert not Results(tmp_path / "r", "try", {}, {}, redo=True).resumed
    assert not part.exists()


def test_a_refusal_says_in_what_the_runs_differ(tmp_path, monkeypatch):
    Results(tmp_path / "r", "try", {"days": (1, 2), "seed": 1}, {}).complete()
    with pytest.raises(InputError, match="other settings: seed"):
        Results(tmp_path / "r", "try", {"days": (1, 2), "seed": 2}, {})
    with pytest.raises(InputError, match="holds the results of another run, 'try'"):
        Results(tmp_path / "r", "score", {"days": (1, 2), "seed": 1}, {})
    monkeypatch.setattr("svcsim.study.results.__version__", "99")
    with pytest.raises(InputError, match=r"svcsim \d.*, this is 99"):
        Results(tmp_path / "r", "try", {"days": (1, 2), "seed": 1}, {})


def test_a_folder_of_another_command_is_told_in_one_line(tmp_path, monkeypatch):
    """Whose folder it is, by its command; none of the settings that differ, for all of them do."""
    settings = {f"s{i}": i for i in range(30)}
    monkeypatch.setattr("sys.argv", ["svcsim", "demo", "-o", "r"])
    Results(tmp_path / "r", "demo", settings, {}).complete()
    monkeypatch.setattr("sys.argv", ["svcsim", "simulate", "more.yaml", "-o", "r"])
    with pytest.raises(InputError) as caught:
        Results(tmp_path / "r", "more", {"days": 7}, {})
    assert str(caught.value) == (
        f"{tmp_path / 'r'}  holds the results of another run, 'demo', made by "
        "'svcsim demo -o r'; a results folder is never written over; choose another folder with "
        "-o, or remove this one"
    )


def test_of_many_settings_that_differ_a_few_are_named(tmp_path):
    Results(tmp_path / "r", "try", {f"s{i}": 1 for i in range(9)}, {}).complete()
    with pytest.raises(InputError, match=r"other settings: s0, s1, s2, s3 and 5 more\)"):
        Results(tmp_path / "r", "try", {f"s{i}": 2 for i in range(9)}, {})


def test_a_manifest_that_cannot_be_read_is_refused(tmp_path):
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(InputError, match="cannot be read"):
        Results(tmp_path, "try", {}, {})
    assert (tmp_path / "manifest.json").read_text() == "{"


def test_every_file_of_a_glob_is_an_input(tmp_path):
    for name in "ba":
        (tmp_path / f"{name}.csv").write_text(name)
    found = input_files("log", str(tmp_path / "*.csv"))
    assert {key: path.name for key, path in found.items()} == {"log 1": "a.csv", "log 2": "b.csv"}
    assert input_files("log", tmp_path / "a.csv") == {"log": tmp_path / "a.csv"}
    assert input_files("log", None) == {}


def test_a_folder_with_foreign_files_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="not empty"):
        Results(tmp_path, "try", {}, {})
    assert (tmp_path / "letter.txt").read_text() == "dear"
