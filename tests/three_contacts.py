"""The smallest files that verbs accept: three contacts, and the sample's truth as a baseline."""

from __future__ import annotations

from typing import Any

from svcsim.contacts.log import ContactLog, make_log
from svcsim.model.baseline import Baseline, Source
from svcsim.samples.history import truth


def three(timezone: str, name: str = "three", category: str = "repair", **more: Any) -> ContactLog:
    """Three contacts of one agent, a minute apart, ten minutes each."""
    rows = [
        {"ticket_id": str(i), "opened_s": 1.7e9 + 60 * i, "resolved_s": 1.7e9 + 60 * i + 600,
         "handle_s": 300, "agent": "a", "team": "L1", "category": category}
        for i in range(3)
    ]  # fmt: skip
    return make_log(rows, timezone=timezone, name=name, **more)


def true_baseline() -> str:
    """Return the sample's truth as the text of a baseline."""
    source = Source(log="x", rows=0, start="2025-01-06", end="2025-11-03")
    return Baseline(svcsim="0", name="t", source=source, model=truth()).to_yaml()
