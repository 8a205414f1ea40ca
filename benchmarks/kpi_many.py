"""KPI tables of ten million rows, in memory and from Parquet: python benchmarks/kpi_many.py.

Ninety replications of half a year are stacked into one log. `evaluate` makes eleven KPIs, two
quantiles among them, by (replication, week, agent); so does pandas, by one groupby over the whole
log and by one a replication, without the finer rules. From Parquet `evaluate_lazy` on DuckDB (with
2 GB) and Polars, where it is installed, make the ten that need no spells of work. Every contender
runs in a process of its own, in interleaved rounds: CPU and wall seconds (medians, after one call
to warm up where the log is in memory), and the largest resident memory.
"""

from __future__ import annotations

import argparse
import json
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "desk"))

import pandas as pd  # noqa: E402

import kpi_table  # noqa: E402
from machine import describe, peak_mb  # noqa: E402
from svcsim.contacts.log import ContactLog  # noqa: E402
from svcsim.contacts.store import read_window  # noqa: E402
from svcsim.metrics.evaluate import evaluate  # noqa: E402
from svcsim.metrics.warehouse.duckdb_log import open_log  # noqa: E402
from svcsim.metrics.warehouse.evaluate import evaluate_lazy  # noqa: E402

OF_CONTACTS = [name for name in kpi_table.METRICS if name != "occupancy"]
WEEK = 7 * 86400


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


def one_by_one(log: ContactLog) -> pd.DataFrame:
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


def by_svcsim(log: ContactLog) -> pd.DataFrame:
    """The table of svcsim, of a frame that it has not seen before."""
    fresh = replace(log, frame=log.frame.copy(deep=False))
    return evaluate(fresh, kpi_table.METRICS, "agent", "week", intervals=False)


def by_duckdb(file: Path) -> pd.DataFrame:
    """The table of svcsim, aggregated by DuckDB."""
    with open_log(file) as rows:
        window = read_window(file)
        return evaluate_lazy(rows, window, OF_CONTACTS, "agent", "week", intervals=False)


def by_polars(file: Path) -> list[Any]:
    """The table by Polars from Parquet: one frame a date."""
    import polars as pl

    c, start = pl.col, kpi_table.START
    until = kpi_table.END + WEEK
    response, kept = c("first_response_s") - c("opened_s"), c("outcome") != "abandoned"
    following = c("opened_s").shift(-1).over("replication", "case_id")
    again = (following - c("resolved_s")).is_between(0, WEEK).fill_null(False)
    done = c("resolved_s") + WEEK < until
    first = done & (c("contact_no") == 1)
    rows = pl.scan_parquet(file).with_columns(again=again)
    wanted = {
        "opened_s": {
            "volume": pl.len(),
            "p50": response.filter(kept).quantile(0.5, "linear"),
            "p90": response.filter(kept).quantile(0.9, "linear"),
            "within": (response <= 600).fill_null(False).mean(),
        },
        "queued_s": {"wait": c("wait_s").filter(kept).mean(), "abandon": (~kept).mean()},
        "resolved_s": {
            "aht": c("handle_s").filter(c("handle_s") > 0).mean(),
            "fcr": (~c("again") & (c("reopens") == 0)).filter(first).mean(),
            "repeat": c("again").filter(done).mean(),
        },
        "survey_s": {"csat": (c("csat") >= 4).filter(c("csat").is_not_null()).mean()},
    }
    return pl.collect_all([
        rows.group_by("replication", "agent", week=(c(date) - start) // WEEK).agg(**columns)
        for date, columns in wanted.items()
    ])  # fmt: skip


IN_MEMORY: dict[str, Callable[[ContactLog], Any]] = {
    "svcsim": by_svcsim,
    "pandas, one groupby": lambda log: kpi_table.by_pandas(log, ["replication"]),
    "pandas, one by one": one_by_one,
}
FROM_PARQUET: dict[str, Callable[[Path], Any]] = {
    "svcsim on DuckDB, 2 GB": by_duckdb,
    "Polars": by_polars,
}


def spent(run: Callable[[], Any]) -> dict[str, float]:
    """CPU and wall seconds of a call, and the largest memory so far."""
    cpu, wall = time.process_time(), time.perf_counter()
    run()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return {"cpu_s": cpu, "wall_s": wall, "peak_mb": peak_mb()}


def contend(name: str, folder: Path) -> dict[str, float]:
    """Measure one contender in this process."""
    file = folder / "log.parquet"
    if name in FROM_PARQUET:
        return spent(lambda: FROM_PARQUET[name](file))
    with (folder / "log.pickle").open("rb") as held:
        log = pickle.load(held)
    if name == "svcsim":
        IN_MEMORY[name](log)  # compiled
    return {"held_mb": peak_mb(), **spent(lambda: IN_MEMORY[name](log))}


def in_process(name: str, folder: Path) -> dict[str, float]:
    """Measure one contender in a process of its own."""
    command = [sys.executable, __file__, "--contender", name, "--folder", str(folder)]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(told.stdout))


def prepare(replications: int, folder: Path) -> int:
    """Write the log for the contenders; return its rows."""
    log = stacked(replications)
    with (folder / "log.pickle").open("wb") as held:
        pickle.dump(log, held, protocol=5)
    replace(log, work=None, staffed=None).to_parquet(folder / "log.parquet")
    return len(log)


def main() -> None:
    """Measure, print, write the JSON file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replications", type=int, default=90)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("-o", "--output", type=Path, default=HERE / "results" / "kpi_many.json")
    args = parser.parse_args()
    if args.contender:
        print(json.dumps(contend(args.contender, args.folder)))
        return
    names = [*IN_MEMORY, *FROM_PARQUET]
    if find_spec("polars") is None:
        names.remove("Polars")
    with tempfile.TemporaryDirectory() as folder:
        rows = prepare(args.replications, Path(folder))
        rounds = [{n: in_process(n, Path(folder)) for n in names} for _ in range(args.rounds)]
    lines = {
        name: {key: median(each[name][key] for each in rounds) for key in rounds[0][name]}
        for name in names
    }
    pandas = [name for name in names if name.startswith("pandas")]
    ratio = {
        key: median(min(each[n][key] for n in pandas) / each["svcsim"][key] for each in rounds)
        for key in ("cpu_s", "wall_s")
    }
    print(f"{rows:,} rows, {len(kpi_table.METRICS)} KPIs by (replication, week, agent)")
    for name, line in lines.items():
        print(
            f"{name:24s}{line['cpu_s']:8.2f} s CPU{line['wall_s']:8.2f} s wall"
            f"{line['peak_mb']:8.0f} MB at most"
        )
    print(f"the faster pandas takes {ratio['wall_s']:.1f} times as long as svcsim in memory")
    result = {
        "machine": describe(), "rows": rows, "kpis": kpi_table.METRICS,
        "kpis_from_parquet": OF_CONTACTS, "lines": lines, "rounds": rounds, "ratio": ratio,
    }  # fmt: skip
    args.output.write_text(json.dumps(result, indent=1) + "\n")
    print(f"written: {args.output}")


if __name__ == "__main__":
    main()
