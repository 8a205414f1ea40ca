"""How fast svcsim simulates beside its peers: python benchmarks/desk/run.py [--quick] [--rounds N].

Every contender waits in a process of its own, loaded and warm; a round runs one replication of
each, one after the other (the fast ones over and over for half a second), so that a busy machine
slows all of them alike. Ratios are taken within a
round, the table shows medians. Loading and compiling are reported apart. Speed alone proves
nothing: the counts that all must agree on are printed beside it, and rows are compared where chance
is shared.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from statistics import mean, median
from typing import Any

from contenders import CONTENDERS, IDIOMATIC, LIMIT, Contender
from machine import describe
from workload import HALF_YEAR, weeks

HERE = Path(__file__).parent
RESULTS = HERE.parent / "results" / "desk.json"
TOLERANCE = {"contacts": 0.015, "abandoned": 0.006, "returned": 0.006, "utilisation": 0.012}
"""Of means over half-year replications: contacts relative, shares absolute."""


class Worker:
    """A contender's process."""

    def __init__(self, contender: Contender, number: int) -> None:
        self.contender = contender
        self.rounds: list[dict[str, Any]] = []
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py"), contender.name, str(number)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.ready = self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            message = f"{self.contender.name} ended early (exit code {self._process.wait()})"
            raise RuntimeError(message)
        return dict(json.loads(line))

    def run(self, replication: int) -> None:
        """Run one replication and note what it took."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{replication}\n")
        self._process.stdin.flush()
        self.rounds.append(self._answer())

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def rate(self, number: int) -> float:
        """Return contacts a CPU second in a round."""
        one = self.rounds[number]
        return float(one["counts"]["contacts"] / one["cpu_s"])


def main() -> None:
    """Run the rounds, print the table, write the JSON file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=0, help="rounds (5; quick: 3)")
    parser.add_argument("--quick", action="store_true", help="two weeks instead of half a year")
    parser.add_argument("--only", default="", help="contenders whose name contains this")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    args = parser.parse_args()
    number = 2 if args.quick else 26
    rounds = args.rounds or (3 if args.quick else 5)
    workers = _workers(args.only, number)
    for replication in range(1, rounds + 1):
        for worker in workers:
            worker.run(replication)
        print(f"round {replication} of {rounds}", file=sys.stderr, flush=True)
    for worker in workers:
        worker.close()
    result = _result(workers, number, rounds)
    _show(result)
    args.output.parent.mkdir(exist_ok=True)
    args.output.write_text(json.dumps(result, indent=1) + "\n")
    print(f"written: {args.output}")
    if not all(line["agrees"] for line in result["contenders"]):
        sys.exit("contenders do not simulate the same desk")


def _workers(only: str, number: int) -> list[Worker]:
    workers = []
    for contender in CONTENDERS:
        if only.lower() not in contender.name.lower():
            continue
        why = contender.missing()
        if why:
            print(f"skipped: {contender.name}: {why}")
        else:
            workers.append(Worker(contender, number))
    return workers


def _result(workers: list[Worker], number: int, rounds: int) -> dict[str, Any]:
    by_name = {worker.contender.name: worker for worker in workers}
    reference = by_name.get(LIMIT) or by_name.get(IDIOMATIC) or workers[0]
    return {
        "workload": asdict(weeks(HALF_YEAR, number)),
        "machine": describe(),
        "rounds": rounds,
        "contenders": [_line(w, by_name, reference, number, rounds) for w in workers],
    }


def _line(
    worker: Worker, by_name: dict[str, Worker], reference: Worker, number: int, rounds: int
) -> dict[str, Any]:
    ratios = {
        name: median(worker.rate(i) / other.rate(i) for i in range(rounds))
        for name, other in by_name.items()
    }
    means = _means(worker)
    off = _off(means, _means(reference), number)
    other = by_name.get(worker.contender.reference)
    equal = None
    if other is not None:
        pairs = zip(worker.rounds, other.rounds, strict=True)
        equal = sum(mine["rows"] == theirs["rows"] for mine, theirs in pairs)
    return {
        "name": worker.contender.name,
        "contacts_per_cpu_s": median(worker.rate(i) for i in range(rounds)),
        "cpu_s": [one["cpu_s"] for one in worker.rounds],
        "wall_s": [one["wall_s"] for one in worker.rounds],
        "ratios": ratios,
        "peak_mb": worker.rounds[0]["peak_mb"],
        "loading": worker.ready,
        "means": means,
        "off": off,
        "rows_equal": None if equal is None else f"{equal}/{rounds} {worker.contender.reference}",
        "agrees": not off and equal in (None, rounds),
    }


def _means(worker: Worker) -> dict[str, float]:
    counts = [one["counts"] for one in worker.rounds]
    return {key: mean(c[key] for c in counts) for key in counts[0]}


def _off(mine: dict[str, float], theirs: dict[str, float], number: int) -> list[str]:
    """Return the counts that differ by more than chance allows; short runs may differ more."""
    wider = (26 / number) ** 0.5
    return [
        key
        for key, allowed in TOLERANCE.items()
        if abs(mine[key] - theirs[key])
        > allowed * wider * (theirs[key] if key == "contacts" else 1.0)
    ]


def _show(result: dict[str, Any]) -> None:
    machine = result["machine"]
    print(f"\n{machine['processor']}, {machine['cores']} cores, Python {machine['python']}")
    print(
        f"{'':32s}{'contacts':>11s}{'x idiom.':>9s}{'x C++':>8s}{'wall':>8s}{'peak':>6s}"
        f"{'load':>6s}{'contacts':>10s}{'aband.':>8s}{'return':>8s}{'util.':>7s}{'wait':>7s}"
    )
    print(f"{'':32s}{'/CPU s':>11s}{'SimPy':>9s}{'':>8s}{'s':>8s}{'MB':>6s}{'CPU s':>6s}")
    for line in result["contenders"]:
        means, x, c = line["means"], line["ratios"].get(IDIOMATIC), line["ratios"].get(LIMIT)
        words = [f"differs: {', '.join(line['off'])}"] if line["off"] else []
        words += [f"rows equal {line['rows_equal']}"] if line["rows_equal"] else []
        print(
            f"{line['name']:32s}{line['contacts_per_cpu_s']:11,.0f}"
            f"{'' if x is None else f'{x:.2f}':>9s}{'' if c is None else f'{c:.4f}':>8s}"
            f"{median(line['wall_s']):8.3f}{line['peak_mb']:6.0f}{line['loading']['cpu_s']:6.1f}"
            f"{means['contacts']:10,.0f}{means['abandoned']:8.2%}{means['returned']:8.2%}"
            f"{means['utilisation']:7.3f}{means['wait_s']:6.0f}s  {'; '.join(words)}"
        )
    print()
    for line in result["contenders"]:
        if line["name"].startswith("svcsim"):
            others = [f"{x:.3g} x {n}" for n, x in line["ratios"].items() if n != line["name"]]
            print(f"{line['name']} = {', '.join(others)}")


if __name__ == "__main__":
    main()
