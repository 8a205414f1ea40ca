"""Incidents of the history as scenarios beside the baseline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from svcsim.model.baseline import Baseline


def write_incidents(baseline: Baseline, path: Path) -> list[Path]:
    """Write ``BASELINE-incident-DATE.yaml`` for every day with incidents; return the files.

    One that is there and differs stays; the new one gets ``-new`` in its name.
    """
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
        text = dump_yaml(whole)
        if file.exists() and file.read_text(encoding="utf-8") != text:
            # people edit scenarios: theirs stays
            file = file.with_name(f"{file.stem}-new{file.suffix}")
        file.write_text(text, encoding="utf-8")
        written.append(file)
    return written
