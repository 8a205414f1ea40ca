"""Scenario: a baseline plus a short list of named changes; how long and how often to run it."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationInfo, field_validator

from svcsim.errors import Finding, InputError, nearest
from svcsim.model.baseline import Baseline
from svcsim.model.quantity import Seconds
from svcsim.model.service import ServiceModel
from svcsim.model.times import iso_date
from svcsim.scenario.applied import Applied
from svcsim.scenario.changes import Change, apply_changes
from svcsim.spec import Spec, line_of, read_yaml

_AS_SEEN = "write its path as seen from the folder of the scenario"


class Run(Spec):
    """How a scenario is run when the command line does not say otherwise."""

    days: int = Field(default=28, ge=1, le=731)
    follow_up: Seconds = 7 * 86400.0
    """Simulated after the period so that repeat windows mature."""
    warm_up: Seconds = 0.0
    """Simulated before the period, whole days, and not counted: the desk fills from empty. Contacts
    opened in it are context, as a backlog is. Not together with a history or a replay. Like all of
    ``run``, only ``svcsim simulate`` reads it."""
    replications: int = Field(default=200, ge=1, le=1_000_000)
    seed: int = Field(default=1, ge=0)
    start: str | None = None
    """First local day (ISO); default: the Monday after the baseline's history."""
    replay: str | None = None
    """``FIRST/LAST`` (local days, the last excluded): instead of drawn arrivals, the real new cases
    of that span of the history, moved to the start by whole weeks; ``days`` is then its length."""

    @field_validator("follow_up", "warm_up")
    @classmethod
    def _forward(cls, seconds: float, info: ValidationInfo) -> float:
        if not 0 <= seconds < math.inf:
            message = f"{info.field_name} is {seconds / 86400:g} days; expected 0 or more"
            raise ValueError(message)
        return seconds

    @field_validator("warm_up")
    @classmethod
    def _whole_days(cls, seconds: float) -> float:
        if seconds % 86400:
            message = f"warm_up is {seconds / 86400:g} days; expected whole days, such as 7d"
            raise ValueError(message)
        return seconds

    @field_validator("replay")
    @classmethod
    def _span(cls, text: str | None) -> str | None:
        return None if text is None else "/".join(day.isoformat() for day in span_of(text))

    @field_validator("start")
    @classmethod
    def _date(cls, day: str | None) -> str | None:
        return None if day is None else iso_date(day)


def span_of(text: str) -> tuple[date, date]:
    """Return the first day, and the day after the last, of ``FIRST/LAST``."""
    parts = [iso_date(part.strip()) for part in text.split("/")]
    if len(parts) != 2 or parts[0] >= parts[1]:
        message = f"'{text}' is not a span of days; write FIRST/LAST, as 2025-01-06/2025-02-03"
        raise ValueError(message)
    return date.fromisoformat(parts[0]), date.fromisoformat(parts[1])


class Scenario(Spec):
    """A named what-if on top of a baseline."""

    name: str
    zh: str = ""
    why: str = ""
    baseline: str | None = None
    """Path of the baseline file, relative to the scenario file."""
    log: str | None = None
    """Path of the history, for the true opening backlog, relative to the scenario file."""
    changes: tuple[Change, ...] = ()
    metrics: tuple[str, ...] = ()
    run: Run = Run()

    @field_validator("changes", mode="before")
    @classmethod
    def _by_path(cls, value: Any) -> Any:
        """Accept ``path: {times: 0.9}`` mappings as well as lists of changes."""
        if value is None:
            return []  # all changes are left out, or commented out
        if isinstance(value, Mapping):
            return [
                {"path": path, **(op if isinstance(op, Mapping) else {"to": op})}
                for path, op in value.items()
            ]
        if not isinstance(value, (list, tuple)):
            message = "expected paths and what happens to them, as  arrivals.level: {times: 1.1}"
            raise ValueError(message)
        return value

    def apply(self, model: ServiceModel) -> tuple[ServiceModel, tuple[Applied, ...]]:
        """Return the changed model and the log ``path: old -> new``."""
        return apply_changes(model, self.changes, self.name)


def load_scenario(path: str | Path) -> tuple[Scenario, Baseline, Path | None]:
    """Read a scenario file, its baseline, and the path of its history (if it names one).

    A baseline file itself is accepted as the scenario without changes.

    Raises
    ------
    InputError
        For a missing file or any mistake in either file, or a change that the baseline refuses.
    """
    file = Path(path)
    if not file.exists():
        siblings = [p.name for p in file.parent.glob("*.yaml")] if file.parent.is_dir() else []
        raise InputError(Finding(str(path), "no such file", "", nearest(file.name, siblings)))
    data = read_yaml(file)
    if isinstance(data, Mapping) and "model" in data:
        return Scenario(name="as-is", zh="现状"), Baseline.from_yaml(file), None
    scenario = Scenario.from_data(data, str(file))
    source, log = _files(scenario, data, file)
    baseline = Baseline.from_yaml(source)
    apply_changes(baseline.model, scenario.changes, str(file), _places(data, file))
    return scenario, baseline, log


def _files(scenario: Scenario, data: Any, file: Path) -> tuple[Path, Path | None]:
    """Return the baseline and the history of a scenario; refuse those that are not there."""
    if scenario.baseline is None:
        mend = "add  baseline: path/to/baseline.yaml"
        raise InputError(Finding(f"{file}:1", "baseline is missing", "", mend))
    findings = []
    for key, name in (("baseline", scenario.baseline), ("log", scenario.log)):
        place = f"{file}:{line_of(data, (key,))}"
        if name is None or (file.parent / name).is_file():
            continue
        if (file.parent / name).is_dir():
            findings.append(Finding(place, f"{key}: {name} is a folder", "expected a file"))
            continue
        folder = (file.parent / name).parent
        own = folder.glob(f"*{Path(name).suffix}") if folder.is_dir() else ()
        hint = nearest(Path(name).name, sorted(p.name for p in own if p.name != file.name), n=2)
        mend = hint or _made_by_demo(folder, Path(name).name) or _AS_SEEN
        findings.append(Finding(place, f"{key}: {name} does not exist", "", mend))
    if findings:
        raise InputError(findings)
    log = None if scenario.log is None else file.parent / scenario.log
    return file.parent / scenario.baseline, log


def _made_by_demo(folder: Path, name: str) -> str:
    """Return how to make a file of the demo, which the example scenarios start from."""
    if folder.name != "demo" or name not in ("baseline.yaml", "history.parquet"):
        return ""
    return f"make it first: svcsim demo -o {os.path.relpath(folder)} (or: make demo)"


def place_of(file: Path, *keys: str) -> str:
    """Return ``file:line`` of a key of a scenario file, ``file`` where it has no such key."""
    try:
        line = line_of(read_yaml(file), keys)
    except InputError:
        line = None
    return f"{file}:{line}" if line else str(file)


def places_of_changes(scenario: Scenario, file: Path) -> list[str]:
    """Return ``file:line`` of every change of a scenario, ``file`` where the lines are unknown."""
    try:
        places = _places(read_yaml(file), file)
    except InputError:
        places = []
    return places if len(places) == len(scenario.changes) else [str(file)] * len(scenario.changes)


def _places(data: Any, file: Path) -> list[str]:
    """Return ``file:line`` of every change of a scenario file."""
    changes = data.get("changes") or ()
    keys = list(changes) if isinstance(changes, Mapping) else range(len(changes))
    lines = [line_of(data, ("changes", key)) for key in keys]
    return [f"{file}:{line}" if line else str(file) for line in lines]
