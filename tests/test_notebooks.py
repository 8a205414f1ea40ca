"""Notebooks are percent scripts that run from top to bottom."""

import runpy
from pathlib import Path

import pytest

FILES = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_notebook_runs(path):
    names = runpy.run_path(str(path))
    assert names["simulated"]["value"].notna().all()
    assert len(names["by_month"]) == 11 * len(names["METRICS"])
