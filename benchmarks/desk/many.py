"""A study's bread and butter: many replications with KPI tables, python benchmarks/desk/many.py.

Each line is a process of its own that runs `run_experiment` as the command line does: its own
start, the loading of cached machine code, every replication reduced to its KPI table at once, no
rows kept. Threads 1 and 2; tables for the desk, by week, and by week and agent.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from machine import describe, peak_mb
from ours import KPIS, SEED
from workload import HALF_YEAR, horizon, service_model

HERE = Path(__file__).parent
RESULTS = HERE.parent / "results" / "many.json"
TABLES: dict[str, dict[str, Any]] = {
    "desk": {"by": (), "period": None},
    "week": {"by": (), "period": "week"},
    "week, agent": {"by": ("agent",), "period": "week"},
}


def measure(threads: int, table: str, replications: int) -> dict[str, Any]:
    """Run one experiment in this process, which has compiled or loaded its code before."""
    from svcsim.model.baseline import Baseline
    from svcsim.study.experiment import Plan, run_experiment

    days = horizon(HALF_YEAR)
    baseline = Baseline.model_construct(model=service_model(HALF_YEAR))

    def run(number: int) -> Any:
        plan = Plan(
            days.start, days.days, days.follow_up_days, number, SEED, workers=threads,
            engine="compiled",
        )  # fmt: skip
        return run_experiment(
            baseline, {"base": None}, plan, metrics=KPIS, redraw=False, **TABLES[table]
        )

    run(1)
    loaded = peak_mb()
    wall, cpu = time.perf_counter(), time.process_time()
    found = run(replications)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    contacts = float(found.loc[found.metric == "volume", "value"].sum())
    return {
        "wall_s": wall, "cpu_s": cpu, "loaded_mb": loaded, "peak_mb": peak_mb(),
        "contacts": contacts, "rows": len(found),
    }  # fmt: skip


def main() -> None:
    """Measure every combination some rounds, print medians, write the JSON file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replications", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(measure(*json.loads(args.one))))
        return
    found: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for _ in range(args.rounds):
        for table in TABLES:
            for threads in (1, 2):
                begin = time.perf_counter()
                task = json.dumps([threads, table, args.replications])
                run = subprocess.run(
                    [sys.executable, __file__, "--one", task], stdout=subprocess.PIPE, text=True,
                    check=True,
                )  # fmt: skip
                line = json.loads(run.stdout.splitlines()[-1])
                line["process_s"] = time.perf_counter() - begin
                found.setdefault((threads, table), []).append(line)
    lines = []
    print(f"{args.replications} replications of half a year, medians of {args.rounds}")
    head = f"{'table':14s}{'threads':>8s}{'wall s':>9s}{'CPU s':>8s}"
    print(f"{head}{'process s':>11s}{'peak MB':>9s}")
    for (threads, table), runs in found.items():
        line = {key: median(run[key] for run in runs) for key in runs[0]}
        lines.append({"threads": threads, "table": table, **line})
        print(
            f"{table:14s}{threads:8d}{line['wall_s']:9.2f}{line['cpu_s']:8.2f}"
            f"{line['process_s']:11.2f}{line['peak_mb']:9.0f}"
        )
    result = {
        "machine": describe(), "replications": args.replications, "rounds": args.rounds,
        "lines": lines,
    }  # fmt: skip
    args.output.write_text(json.dumps(result, indent=1) + "\n")
    print(f"written: {args.output}")


if __name__ == "__main__":
    main()
