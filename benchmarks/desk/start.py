"""How long svcsim takes to get going: python benchmarks/desk/start.py.

Processes of their own, CPU seconds (user + system) and wall, medians: the help page; a baseline of
the sample desk from the command line until its first replication of one day is simulated, with
machine code in the cache; the same with an empty cache, which compiles the clock once.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from machine import describe

HERE = Path(__file__).parent
RESULTS = HERE.parent / "results" / "start.json"
FIRST = """
import os, sys, time
import svcsim.engine.simulate as engine
whole = engine.run
def first(*given, **named):
    whole(*given, **named)
    print(time.process_time(), flush=True)
    os._exit(0)
engine.run = first
from svcsim.cli.main import main
main(sys.argv[1:])
"""
"""Runs the command line and ends at the end of the first replication."""


def timed(command: list[str], cache: Path) -> dict[str, float]:
    """Run a process to its end; its CPU and wall seconds."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = os.environ | {"SVCSIM_CACHE": str(cache)}
    done = subprocess.run(command, env=environment, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{command[-1]} ended with {done.returncode}: {done.stderr.decode()}")
    wall, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return {"cpu_s": cpu, "wall_s": wall}


def sample_baseline(folder: Path) -> Path:
    """Write the baseline that calibration would learn of the sample desk, were it all-knowing."""
    from svcsim.model.baseline import Baseline, Source
    from svcsim.samples.history import truth

    source = Source(log="sample", rows=0, start="2025-01-06", end="2025-09-29")
    baseline = Baseline(svcsim="0", name="sample desk", source=source, model=truth())
    path = folder / "baseline.yaml"
    path.write_text(baseline.to_yaml(), encoding="utf-8")
    return path


def main() -> None:
    """Measure, print, write the JSON file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    args = parser.parse_args()
    found: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache"
        out = ["-o", str(Path(folder) / "run"), "--days", "1", "-n", "1"]
        first = [sys.executable, "-c", FIRST, "simulate", str(sample_baseline(Path(folder))), *out]
        found["first replication, cold"] = [timed(first, cache)]
        for _ in range(args.rounds):
            found.setdefault("--help", []).append(
                timed([sys.executable, "-m", "svcsim", "--help"], cache)
            )
            found.setdefault("first replication, warm", []).append(timed(first, cache))
    lines: list[dict[str, Any]] = []
    for name, runs in found.items():
        line = {key: median(run[key] for run in runs) for key in runs[0]}
        lines.append({"what": name, "runs": len(runs), **line})
        print(
            f"{name:26s}{line['cpu_s']:8.2f} s CPU{line['wall_s']:8.2f} s wall  ({len(runs)} runs)"
        )
    args.output.write_text(json.dumps({"machine": describe(), "lines": lines}, indent=1) + "\n")
    print(f"written: {args.output}")


if __name__ == "__main__":
    main()
