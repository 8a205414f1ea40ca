import json

import pytest

from svcsim.errors import InputError
from svcsim.study.results import Results


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


def test_a_folder_with_foreign_files_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="not empty"):
        Results(tmp_path, "try", {}, {})
    assert (tmp_path / "letter.txt").read_text() == "dear"
