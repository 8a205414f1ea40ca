"""KPI tables of ten million rows in memory, beside plain pandas: python benchmarks/kpi_many.py.

Ninety replications of half a year are stacked into one log; `evaluate` makes eleven KPIs, two
quantiles among them, by (replication, week, agent), as the pandas table of `kpi_table` does (which
leaves out the finer rules). Rounds are interleaved; CPU and wall seconds, medians.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "desk"))

import pandas as pd  # noqa: E402

import kpi_table  # noqa: E402
from machine import describe, peak_mb  # noqa: E402
from svcsim.contacts.log import ContactLog  # noqa: E402
from svcsim.metrics.evaluate import evaluate  # noqa: E402


def stacked(replications: int) -> ContactLog:
    """One log with many replications, each drawn anew."""
    logs = [kpi_table.make("simulation", seed) for seed in range(1, replications + 1)]

    def joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
        marked = [p.assign(replication=float(i + 1)) for i, p in enumerate(parts)]
        return pd.concat(marked, ignore_index=True)

    return replace(
        logs[0],
        frame=joined([log.frame for log in logs]),
        work=joined([log.work for log in logs if log.work is not None]),
        staffed=joined([log.staffed for log in logs if log.staffed is not None]),
    )


def by_pandas(log: ContactLog) -> pd.DataFrame:
    """The pandas table of one replication after the other: what a script would do."""
    work, staffed = log.work, log.staffed
    assert work is not None
    assert staffed is not None
    spells = dict(list(work.groupby("replication"))), dict(list(staffed.groupby("replication")))
    return pd.concat({
        number: kpi_table.by_pandas(
            replace(log, frame=part, work=spells[0][number], staffed=spells[1][number])
        )
        for number, part in log.frame.groupby("replication")
    })  # fmt: skip


def spent(run: Callable[[], Any]) -> tuple[float, float]:
    """CPU and wall seconds of a call."""
    cpu, wall = time.process_time(), time.perf_counter()
    run()
    return time.process_time() - cpu, time.perf_counter() - wall


def main() -> None:
    """Measure, print, write the JSON file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replications", type=int, default=90)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("-o", "--output", type=Path, default=HERE / "results" / "kpi_many.json")
    args = parser.parse_args()
    log = stacked(args.replications)
    held = peak_mb()
    contenders: dict[str, Callable[[], Any]] = {
        "svcsim": lambda: evaluate(
            replace(log, frame=log.frame.copy(deep=False)), kpi_table.METRICS, "agent", "week",
            intervals=False,
        ),
        "plain pandas": lambda: by_pandas(log),
    }  # fmt: skip
    contenders["svcsim"]()  # compiled
    rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for _ in range(args.rounds):
        for name, run in contenders.items():
            rounds[name].append(spent(run))
    lines = {
        name: {"cpu_s": median(r[0] for r in runs), "wall_s": median(r[1] for r in runs)}
        for name, runs in rounds.items()
    }
    ratio = median(
        b[0] / a[0] for a, b in zip(rounds["svcsim"], rounds["plain pandas"], strict=True)
    )
    print(f"{len(log):,} rows, {len(kpi_table.METRICS)} KPIs by (replication, week, agent)")
    for name, line in lines.items():
        print(f"{name:14s}{line['cpu_s']:8.2f} s CPU{line['wall_s']:8.2f} s wall")
    print(f"pandas takes {ratio:.1f} times as much CPU; memory {held:.0f} MB held, {peak_mb():.0f}")
    result = {
        "machine": describe(), "rows": len(log), "kpis": kpi_table.METRICS, "lines": lines,
        "ratio": ratio, "held_mb": held, "peak_mb": peak_mb(),
    }  # fmt: skip
    args.output.write_text(json.dumps(result, indent=1) + "\n")
    print(f"written: {args.output}")


if __name__ == "__main__":
    main()
