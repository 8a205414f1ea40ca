"""Every known answer, in one table: python benchmarks/theory.py

Queueing formulas, fluids, exact recursions and figures that others printed, against simulated
desks. A row is right when expected and got differ by no more than the tolerance: 4 standard
errors, the half-width of a printed interval, or the rounding of a printed value. Takes a few
minutes; ``--size 0.1`` a tenth of the days, ``--only A1,E4`` some rows, ``--engine simpy`` the
other clock (slow: take ``--size 0.01``). Writes benchmarks/results/theory.json.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from known import learned, networks, patience, published, queues, time_varying
from known.measure import Effort, Row

CHECKS: dict[str, list[Callable[[Effort], list[Row]]]] = {
    "A0": [queues.trace, time_varying.trace_of_office_hours],
    "A1": [queues.erlang_c],
    "A2": [patience.erlang_a, patience.general_leaving],
    "A3": [queues.general_service],
    "A4": [queues.priorities],
    "A5": [networks.feedback],
    "A6": [networks.pooling],
    "A7": [time_varying.infinite_servers, time_varying.offered_load],
    "A8": [time_varying.office_hours],
    "A9": [networks.chats],
    "A10": [queues.square_root],
    "E1": [published.erlang],
    "E3": [published.staffing],
    "E4": [published.from_empty],
    "E5": [published.busy_days],
    "E6": [learned.observations],
    "E9": [networks.redial],
}
OUT = Path(__file__).parent / "results" / "theory.json"


def line(row: Row) -> str:
    """Return one row of the table."""
    error = "" if row.error is None else f"{row.error:.3g}"
    return (
        f"{row.id:4} {row.what:64} {row.expected:13.7g} {row.got:13.7g} {error:>9} "
        f"{row.tolerance:9.3g}  {'ok' if row.ok else 'DIFFERS'}"
    )


def main() -> int:
    """Run the checks, print the table, write the file; 1 when a row differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=float, default=1.0)
    parser.add_argument("--engine", choices=("compiled", "simpy"), default="compiled")
    parser.add_argument("--only", default=",".join(CHECKS))
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    effort = Effort(args.size, args.engine)
    rows: list[Row] = []
    titles = ("id", "what", "expected", "got", "error", "tolerance")
    print("{:4} {:64} {:>13} {:>13} {:>9} {:>9}".format(*titles))
    begun = time.perf_counter()
    for name in args.only.split(","):
        for check in CHECKS[name]:
            made = check(effort)
            rows += made
            print("\n".join(line(row) for row in made), flush=True)
    bad = [row for row in rows if not row.ok]
    print(f"{len(rows)} rows, {len(bad)} differ; {time.perf_counter() - begun:.0f} s")
    lines = [json.dumps(vars(row) | {"ok": row.ok}) for row in rows]
    head = json.dumps({"engine": args.engine, "size": args.size})[1:-1]
    args.out.write_text(f'{{{head}, "rows": [\n' + ",\n".join(lines) + "\n]}\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
