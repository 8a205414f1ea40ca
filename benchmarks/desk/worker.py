"""One contender in one process: loads, says so, then runs a replication a line of input."""

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
        wall, cpu = time.perf_counter(), time.process_time()
        rows = call()
        took = {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}
        took["peak_mb"] = peak_mb()
        found = {"counts": asdict(ready.counts(rows)), "rows": ready.digest(rows)}
        del rows, call
        answer(took | found)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
