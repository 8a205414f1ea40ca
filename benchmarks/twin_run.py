"""The twin run at length: both clocks on desks drawn at random, rows compared in every field.

``python benchmarks/twin_run.py [DESKS]`` (default 3000) prints desks, rows, features and
differences, and writes ``benchmarks/results/twins.json``. The short form is ``tests/twins``.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from svcsim.engine.simulate import run  # noqa: E402
from twins.random_desks import random_desk  # noqa: E402
from twins.test_twins import settings  # noqa: E402
from twins.twins import differences  # noqa: E402


def main(desks: int) -> int:
    rows = spells = 0
    seconds = Counter()
    clocks: Counter[str] = Counter()
    features: Counter[str] = Counter()
    differing = []
    for number in range(desks):
        model, _, drawn = random_desk(number)
        clocks[f"{model.clock:.0f} s"] += 1
        features.update(drawn)
        setting = settings(number)
        tables = {}
        for engine in ("simpy", "compiled"):
            given, begin = next(setting), time.process_time()
            tables[engine] = run(given, engine)
            seconds[engine] += time.process_time() - begin
        rows += len(tables["simpy"].rows)
        spells += len(tables["simpy"].work)
        found = differences(tables["simpy"], tables["compiled"])
        if found:
            differing.append({"desk": number, "found": found[:5]})
    out = {
        "desks": desks, "contacts": rows, "spells": spells, "differing": differing,
        "clocks": dict(clocks), "features": dict(features.most_common()),
        "cpu_s": {name: round(s, 1) for name, s in seconds.items()},
    }  # fmt: skip
    print(f"{desks} desks, {rows} contacts, {spells} spells of work: {len(differing)} differing")
    print("clocks:", dict(clocks))
    print(f"{len(features)} features, the rarest: {features.most_common()[-1]}")
    (HERE / "results" / "twins.json").write_text(json.dumps(out, indent=1) + "\n")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000))
