"""What a contact costs as the desk grows: python benchmarks/desk/growth.py [--engine NAME ...].

More contacts, more agents, more categories, long queues, two threads. Every point is measured in a
process of its own whose code is loaded and compiled before the clock runs. Points that would take
longer than ``--seconds`` are left out, and said to be.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from contenders import CONTENDERS, OURS, Contender, Ready, by_name
from machine import describe, peak_mb
from workload import HALF_YEAR, Desk, overloaded, with_agents, with_categories, with_contacts

HERE = Path(__file__).parent
RESULTS = HERE.parent / "results"
DEFAULT = (OURS, "svcsim, compiled clock")
REPLICATIONS = 16
"""Shared by the threads."""
ROUNDS = 5
"""Of the threads."""

LOADS: dict[str, Desk] = {
    "as is": HALF_YEAR,
    "x 1.3": overloaded(HALF_YEAR, 1.3, 1.0),
    "x 2": overloaded(HALF_YEAR, 2.0, 1.0),
    "x 2, patience x 10": overloaded(HALF_YEAR),
}
DESKS: dict[str, Callable[[Any], Desk]] = {
    # more contacts are more days; past 15 years, ten times the desk
    "contacts": lambda n: with_contacts(HALF_YEAR if n <= 2e6 else with_agents(HALF_YEAR, 300), n),
    "agents": lambda n: with_agents(HALF_YEAR, n),
    "categories": lambda n: with_categories(HALF_YEAR, n),
    "load": lambda name: LOADS[name],
    "threads": lambda n: HALF_YEAR,
}
POINTS: dict[str, tuple[Any, ...]] = {
    "contacts": (1_000, 10_000, 100_000, 1_000_000, 10_000_000),
    "agents": (5, 30, 100, 300, 1_000, 2_000),
    "categories": (1, 4, 12, 30, 100),
    "load": tuple(LOADS),
    "threads": (1, 2),
}
QUICK: dict[str, tuple[Any, ...]] = {
    "contacts": (1_000, 10_000),
    "agents": (5, 30, 300),
    "categories": (1, 100),
    "load": ("as is", "x 2, patience x 10"),
    "threads": (1, 2),
}


def desk_of(axis: str, value: Any, quick: bool) -> Desk:
    """Return the desk of a point; quick: a twentieth of the days."""
    desk = DESKS[axis](value)
    if quick and axis != "contacts":
        desk = replace(desk, working_days=max(desk.working_days // 20, 1))
    return desk


def expected(axis: str, value: Any, quick: bool) -> float:
    """Return about how many contacts a point has."""
    desk = desk_of(axis, value, quick)
    total = 1.127 * desk.cases_a_day * desk.working_days
    return total * (REPLICATIONS if axis == "threads" else 1)


def measure(contender: Contender, axis: str, value: Any, quick: bool) -> dict[str, Any]:
    """Measure one point in this process."""
    ready = Ready(contender, desk_of(axis, value, quick))
    before = peak_mb()
    timed = _threads(ready, value) if axis == "threads" else _repeated(ready)
    return timed | {"peak_mb": peak_mb(), "loaded_mb": before}


def _repeated(ready: Ready) -> dict[str, Any]:
    """Run replications for about two seconds, at most five; return medians."""
    cpu, wall, contacts, begin = [], [], [], time.perf_counter()
    while len(cpu) < 5 and (not cpu or time.perf_counter() - begin < 2.0):
        call = ready.call(ready.desk, len(cpu) + 1)
        gc.collect()
        w, c = time.perf_counter(), time.process_time()
        rows = call()
        cpu.append(time.process_time() - c)
        wall.append(time.perf_counter() - w)
        contacts.append(ready.counts(rows).contacts)
        del rows, call
    each = median(c / n for c, n in zip(cpu, contacts, strict=True))
    return {"contacts": median(contacts), "us_a_contact": 1e6 * each, "wall_s": median(wall)}


def _threads(ready: Ready, threads: int) -> dict[str, Any]:
    """Run replications over threads, rows thrown away; a contact's time is wall time here."""
    calls = [ready.call(ready.desk, i + 1) for i in range(REPLICATIONS)]
    contacts = REPLICATIONS * ready.counts(calls[0]()).contacts
    walls = []
    for _ in range(ROUNDS):
        gc.collect()
        begin = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            done = [pool.submit(lambda call=call: call() is None) for call in calls]
            failed = any(future.result() for future in done)
        walls.append(time.perf_counter() - begin)
        assert not failed
    wall = median(walls)
    return {"contacts": contacts, "us_a_contact": 1e6 * wall / contacts, "wall_s": wall}


def points(contender: Contender, seconds: float, quick: bool) -> Iterator[dict[str, Any]]:
    """Measure all points of a contender, each in a fresh process."""
    # what has to be compiled is compiled before the first point
    _alone({"name": contender.name, "axis": "contacts", "value": 1_000, "q": True})
    for axis, values in (QUICK if quick else POINTS).items():
        slowest = 0.0
        if axis == "threads" and contender.name == OURS:
            continue  # SimPy holds the interpreter lock: its replications run in processes
        for value in values:
            guess = slowest * expected(axis, value, quick) / 1e6
            line: dict[str, Any] = {"engine": contender.name, "axis": axis, "value": value}
            if guess > seconds:
                yield line | {"left_out": f"would take about {guess:.0f} s"}
                continue
            run = _alone({"name": contender.name, "axis": axis, "value": value, "q": quick})
            if run.returncode != 0:
                yield line | {"left_out": f"ended with exit code {run.returncode}"}
                continue
            found = json.loads(run.stdout.splitlines()[-1])
            slowest = found["us_a_contact"]
            yield line | found


def _alone(task: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Measure one point in a process of its own."""
    command = [sys.executable, __file__, "--one", json.dumps(task)]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True)


def main() -> None:
    """Measure, print, write the JSON file and the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", action="append", help="a contender's name; may be repeated")
    parser.add_argument("--seconds", type=float, default=60.0, help="longest run of a point")
    parser.add_argument("--quick", action="store_true", help="few small points")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS / "growth.json")
    parser.add_argument("--redraw", action="store_true", help="draw the JSON file again")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        task = json.loads(args.one)
        found = measure(by_name(task["name"]), task["axis"], task["value"], task["q"])
        print(json.dumps(found))
        return
    picture = args.output.with_suffix(".png")
    if args.redraw:
        _draw(json.loads(args.output.read_text())["points"], picture)
        return
    lines = []
    for contender in _chosen(args.engine or DEFAULT):
        for line in points(contender, args.seconds, args.quick):
            lines.append(line)
            print(_words(line), flush=True)
    args.output.parent.mkdir(exist_ok=True)
    args.output.write_text(json.dumps({"machine": describe(), "points": lines}, indent=1) + "\n")
    _draw(lines, picture)
    print(f"written: {args.output}, {picture}")


def _chosen(names: Any) -> list[Contender]:
    known = {contender.name: contender for contender in CONTENDERS}
    chosen = []
    for name in names:
        if name not in known:
            sys.exit(f"'{name}' is not a contender; choose among: {'; '.join(known)}")
        why = known[name].missing()
        if why:
            print(f"skipped: {name}: {why}")
        else:
            chosen.append(known[name])
    return chosen


def _words(line: dict[str, Any]) -> str:
    head = f"{line['engine']:24s}{line['axis']:>11s} {line['value']!s:>18s}"
    if "left_out" in line:
        return f"{head}  left out: {line['left_out']}"
    return (
        f"{head}{line['contacts']:12,.0f} contacts{line['us_a_contact']:10.3f} us a contact"
        f"{line['wall_s']:9.3f} s{line['peak_mb']:8.0f} MB"
    )


def _draw(lines: list[dict[str, Any]], path: Path) -> None:
    """Draw cost against each kind of growth, and memory against contacts."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 6.2), layout="constrained")
    axes = figure.subplots(2, 3).ravel()
    cost = "microseconds of CPU a contact"
    panels = [(axis, "us_a_contact", cost) for axis in ("contacts", "agents", "categories", "load")]
    panels += [("contacts", "peak_mb", "peak memory, MB")]
    panels += [("threads", "us_a_contact", "microseconds of wall time a contact")]
    for place, (axis, what, label) in zip(axes, panels, strict=True):
        for engine in dict.fromkeys(line["engine"] for line in lines):
            mine = [p for p in lines if p["engine"] == engine and p["axis"] == axis and what in p]
            values = [p["value"] for p in mine]
            if axis == "load":
                values = [value.replace(", ", ",\n") for value in values]
            place.plot(values, [p[what] for p in mine], "o-", label=engine)
        place.set(xlabel=axis, ylabel=label, yscale="log")
        if axis in ("contacts", "agents", "categories"):
            place.set_xscale("log")
        place.grid(alpha=0.3, which="both")
    axes[5].set_xticks([1, 2])
    axes[0].legend(fontsize=8)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
