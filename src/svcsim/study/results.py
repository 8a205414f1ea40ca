"""A results folder: written piece by piece, resumable, marked complete last, with a manifest.

``manifest.json`` records what one needs to run the same again: command line, versions, seed,
sha256 of every input, the resolved settings. A folder whose manifest has another input hash, or
that holds anything without a manifest, is never written over.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import platform
import shutil
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from textwrap import shorten
from typing import Any

from svcsim import __version__
from svcsim.errors import Finding, InputError
from svcsim.text import Text

LIBRARIES = ("simpy", "numpy", "scipy", "pandas", "duckdb", "narwhals", "holidays")
MANIFEST = "manifest.json"
PARTS = "parts"
"""Folder of the finished batches of an experiment, inside a results folder."""
_MEND = "choose another folder with -o"


def sha256(path: Path) -> str:
    """Return the sha256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            digest.update(piece)
    return digest.hexdigest()


def input_hash(name: str, settings: Mapping[str, Any], inputs: Mapping[str, str]) -> str:
    """Return the hash of everything that decides the results (not workers, not the folder)."""
    text = json.dumps([__version__, name, settings, dict(inputs)], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def input_files(label: str, source: str | Path | None) -> dict[str, Path]:
    """Return the files behind an argument by name: one, or those of a glob, numbered."""
    if source is None:
        return {}
    from svcsim.contacts.raw import find_files

    paths = find_files(source)
    if len(paths) == 1:
        return {label: paths[0]}
    return {f"{label} {number}": path for number, path in enumerate(paths, 1)}


class Results:
    """One results folder.

    Parameters
    ----------
    folder : Path or None
        None: ``results/<UTC stamp>-<name>-<6 hex of the input hash>``.
    name : str
        What was run.
    settings : mapping
        Everything that decides the numbers.
    inputs : mapping of label -> path
        Files that were read.
    redo : bool
        Make a complete folder of the same run anew instead of taking up its finished batches.

    Raises
    ------
    InputError
        When the folder holds another run or other files, or cannot be made; nothing is written.
    """

    def __init__(
        self,
        folder: Path | None,
        name: str,
        settings: Mapping[str, Any],
        inputs: Mapping[str, Path],
        *,
        redo: bool = False,
    ) -> None:
        self.inputs = {label: sha256(path) for label, path in inputs.items()}
        self.settings = dict(settings)
        self.hash = input_hash(name, self.settings, self.inputs)
        self.name = name
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        self.folder = folder or Path("results") / f"{stamp}-{name}-{self.hash[:6]}"
        self.started = time.monotonic()
        self.resumed = self._claim(redo)

    def _claim(self, redo: bool) -> bool:
        """Make the folder, or take up a run of the same inputs (not complete until it ends)."""
        if self.folder.exists() and not self.folder.is_dir():
            raise InputError(Finding(str(self.folder), "is a file", "expected a folder", _MEND))
        resumed = (self.folder / MANIFEST).exists()
        if resumed:
            found = self._found()
            if redo and found.get("complete"):
                shutil.rmtree(self.folder / PARTS, ignore_errors=True)
                resumed = False
        elif self.folder.exists() and any(self.folder.iterdir()):
            raise InputError(
                Finding(
                    str(self.folder),
                    f"is not empty and has no {MANIFEST}",
                    "expected a new folder or an interrupted run of the same inputs",
                    _MEND,
                )
            )
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                Finding(str(self.folder), f"cannot be made: {error.strerror}", "", _MEND)
            ) from None
        self._manifest(complete=False)
        return resumed

    def _found(self) -> dict[str, Any]:
        """Return the manifest in the folder if it is of this very run; else refuse."""
        try:
            found = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, json.JSONDecodeError):
            found = None
        if not isinstance(found, dict) or found.get("input_hash") != self.hash:
            raise InputError(
                Finding(
                    str(self.folder),
                    self._holds(found),
                    "a results folder is never written over",
                    f"{_MEND}, or remove this one",
                )
            )
        return found

    def _holds(self, found: Any) -> str:
        """Say in one line what is in the folder, and in what it differs from this run."""
        if not isinstance(found, dict):
            return f"holds a run of which nothing is known: its {MANIFEST} cannot be read"
        command = " ".join(str(part) for part in found.get("command") or ())
        command = f", made by '{shorten(command, 100, placeholder=' ...')}'" if command else ""
        if found.get("name") != self.name:
            return f"holds the results of another run, '{found.get('name')}'{command}"
        return f"holds a run with other inputs or settings{command}{self._other(found)}"

    def _other(self, found: Mapping[str, Any]) -> str:
        """Say in what the manifest of a run of the same name differs from this run."""
        same = found.get("svcsim") == __version__
        told = [] if same else [f"svcsim {found.get('svcsim')}, this is {__version__}"]
        for what, own in (("inputs", self.inputs), ("settings", self.settings)):
            theirs = found.get(what) or {}
            # as JSON gives them back: tuples are lists there
            mine = json.loads(json.dumps(own, default=str))
            odd = sorted(k for k in {*theirs, *mine} if theirs.get(k) != mine.get(k))
            more = f" and {len(odd) - 4} more" if len(odd) > 4 else ""
            told += [f"other {what}: {', '.join(odd[:4])}{more}"] if odd else []
        return f" ({'; '.join(told)})" if told else ""

    def text(self, name: str, content: str, encoding: str = "utf-8") -> Path:
        """Write a text file whole (temporary name, then rename)."""
        path = self.folder / name
        part = path.with_name(path.name + ".part")
        part.write_text(content, encoding=encoding)
        part.replace(path)
        return path

    def json(self, name: str, content: Any) -> Path:
        """Write a JSON file whole; NaN becomes null."""
        text = json.dumps(known_to_json(content), ensure_ascii=False, indent=1, allow_nan=False)
        return self.text(name, text + "\n")

    def complete(self) -> None:
        """Mark the folder complete."""
        self._manifest(complete=True)

    def give_up(self) -> None:
        """Leave nothing behind of a run that was refused before anything was computed."""
        if not self.resumed and [p.name for p in self.folder.iterdir()] == [MANIFEST]:
            (self.folder / MANIFEST).unlink()
            self.folder.rmdir()

    def _manifest(self, *, complete: bool) -> None:
        self.json(
            MANIFEST,
            {
                "schema_version": 1,
                "name": self.name,
                "complete": complete,
                "svcsim": __version__,
                "python": platform.python_version(),
                "libraries": {name: _version(name) for name in LIBRARIES},
                "command": ["svcsim", *sys.argv[1:]],
                "settings": self.settings,
                "inputs": self.inputs,
                "input_hash": self.hash,
                "holiday_tables": _version("holidays"),
                "cores": os.cpu_count(),
                "wall_seconds": round(time.monotonic() - self.started, 1) if complete else None,
            },
        )


def known_to_json(value: Any) -> Any:
    """Return what JSON knows: null for NaN and infinity, both languages of a text."""
    if isinstance(value, Text):
        return value.data()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: known_to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [known_to_json(item) for item in value]
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        return known_to_json(value.item())
    return value


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
