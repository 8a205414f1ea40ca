"""Incidents of the history as scenarios beside the baseline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from svcsim.model.baseline import Baseline


def write_incidents(baseline: Baseline, path: Path) -> list[Path]:
    """Write ``BASELINE-incident-DATE.yaml`` for every day with incidents; return the files."""
    from svcsim.spec import dump_yaml

    written = []
    for day in dict.fromkeys(incident.day for incident in baseline.incidents):
        parts = [one.scenario(path.name) for one in baseline.incidents if one.day == day]
        whole: dict[str, Any] = parts[0]
        for number, part in enumerate(parts[1:], 2):
            # a day with several incidents is one scenario: their names must differ
            whole["changes"] |= {f"{at}-{number}": what for at, what in part["changes"].items()}
            whole["why"] += "; " + part["why"]
        file = path.with_name(f"{path.stem}-incident-{day}{path.suffix}")
        file.write_text(dump_yaml(whole), encoding="utf-8")
        written.append(file)
    return written
