"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def repo_root() -> Path:
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def data_dir(repo_root: Path) -> Path:
    """Folder with the real histories; tests that ask for it skip when it is absent."""
    folder = Path(os.environ.get("SVCSIM_DATA", repo_root.parent / "shared" / "data"))
    if not (folder / "README.md").is_file():
        pytest.skip("the real histories are not beside the repository")
    return folder
