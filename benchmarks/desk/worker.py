"""One contender in one process: loads, says so, then runs a replication a line of input.

A replication is run over and over until half a second has passed, as a study runs many one after
the other, and the mean is told: one alone of the fast contenders lasts a fiftieth of a second,
which is mostly the waking up of a process that slept for the others' turns.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from dataclasses import asdict
from typing import Any

from contenders import Ready, by_name
from machine import peak_mb
from workload import HALF_YEAR, weeks

LEAST_S = 0.5


def main(name: str, number: int) -> None:
    """Answer on standard output, one line of JSON a replication."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what contenders print is not an answer

    def answer(data: dict[str, Any]) -> None:
        print(json.dumps(data), file=out, flush=True)

    begin = time.perf_counter()
    ready = Ready(by_name(name), weeks(HALF_YEAR, number))
    answer({"cpu_s": time.process_time(), "wall_s": time.perf_counter() - begin})
    for line in sys.stdin:
        call = ready.call(ready.desk, int(line))
        gc.collect()
        wall, cpu, times = time.perf_counter(), time.process_time(), 0
        while times == 0 or time.perf_counter() - wall < LEAST_S:
            rows = call()
            times += 1
        took = {
            "cpu_s": (time.process_time() - cpu) / times,
            "wall_s": (time.perf_counter() - wall) / times,
        }
        took["peak_mb"] = peak_mb()
        found = {"counts": asdict(ready.counts(rows)), "rows": ready.digest(rows)}
        del rows, call
        answer(took | found)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
