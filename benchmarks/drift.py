"""False alarms and power of the search for drift: python benchmarks/drift.py.

Clean histories of the sample's desk (`svcsim.samples`), each from a seed of its own, are searched
for changes over windows of several lengths; then the same histories with a change put in: every
handling time times a factor, or every resolution later, from the middle of the window on.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "desk"))

import numpy as np  # noqa: E402

from machine import describe  # noqa: E402
from svcsim.calibration.drift import propose_window  # noqa: E402
from svcsim.contacts.log import ContactLog  # noqa: E402
from svcsim.samples.history import DAYS, START, simulate_truth  # noqa: E402

WEEK = 7 * 86400.0
WEEKS = (8, 13, 26, 43)
WINDOWS = {
    "clean": (1.0, 1.0),
    "work x 1.15": (1.15, 1.0),
    "work x 1.3": (1.3, 1.0),
    "resolution x 3": (1.0, 3.0),
    "resolution x 6": (1.0, 6.0),
}
"""Name -> factor of the handling time and of the time to resolution after the change."""


def changed(log: ContactLog, work: float, elapsed: float) -> ContactLog:
    """The log with other handling and resolution times in the second half of its window."""
    frame, middle = log.frame.copy(), (log.start + log.end) / 2
    late = (frame["opened_s"] >= middle).to_numpy()
    frame["handle_s"] *= np.where(late, work, 1.0)
    taken = frame["resolved_s"] - frame["opened_s"]
    frame["resolved_s"] = frame["opened_s"] + taken * np.where(late, elapsed, 1.0)
    return replace(log, frame=frame)


def main() -> None:
    """Search every window and keep the shares that were reported, and called severe."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("-o", type=Path, default=HERE / "results" / "drift.json")
    asked = parser.parse_args()
    counts = {(name, weeks): [0, 0, 0] for name in WINDOWS for weeks in WEEKS}
    for seed in range(1, asked.seeds + 1):
        whole = simulate_truth(DAYS, 1000 + seed)
        end = whole.end - (whole.end - whole.start) % 86400
        for weeks in WEEKS:
            part = whole.between(end - weeks * WEEK, end)
            for name, factors in WINDOWS.items():
                found = propose_window(changed(part, *factors))
                row = counts[name, weeks]
                row[0] += 1
                row[1] += bool(found.drift)
                row[2] += found.refused
        rows = [
            {"window": name, "weeks": weeks, "histories": n, "reported": reported / n,
             "refused": refused / n}
            for (name, weeks), (n, reported, refused) in counts.items()
        ]  # fmt: skip
        result = {"machine": describe(), "first_day": str(START), "rows": rows}
        asked.o.write_text(json.dumps(result, indent=1) + "\n")
    for row in rows:
        print(row)


if __name__ == "__main__":
    main()
