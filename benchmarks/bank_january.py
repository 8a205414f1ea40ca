"""A baseline of the bank's January, replayed over its February: python benchmarks/bank_january.py.

Reads the two months of calls from the folder given (default: ../shared/data). February's arrivals
are replayed, its agents' hours are drawn from January's days of the same weekday; nothing else of
February is known.
"""

import sys
from datetime import date
from pathlib import Path

import pandas as pd

from svcsim.calibration.fit import calibrate
from svcsim.contacts.read import read_history
from svcsim.metrics.evaluate import evaluate
from svcsim.study.backtest import Kpis, Span, replay, without_hindsight
from svcsim.study.tune import tune_slowdown

METRICS = (
    "wait", "wait_p90", "answered_within(5s)", "answered_within(20s)", "answered_within(60s)",
    "abandon", "aht",
)  # fmt: skip


def main(folder: Path) -> None:
    """Print recorded and simulated February side by side."""
    log = read_history(str(folder / "bank_calls_1999_0*.tsv.gz"), preset="bank-calls").log
    split = pd.Timestamp("1999-02-01", tz=log.timezone).timestamp()
    january = without_hindsight(log, split)
    model = calibrate(january, name="january").model
    tuned = tune_slowdown(model, january, date(1999, 1, 4), date(1999, 2, 1))
    print(f"busy time factor {tuned.factor:.3f}", tuned.model.staffing.slowdown.interval)
    span = Span.of(log, tuned.model, date(1999, 2, 1), date(1999, 3, 1))
    runs = replay(tuned.model, span, Kpis(METRICS), replications=20, seed=3, redraw=False)
    simulated = pd.concat(runs).groupby("metric")["value"].agg(["mean", "std"])
    recorded = evaluate(span.observed, list(METRICS), intervals=False).set_index("metric")["value"]
    print(simulated.assign(recorded=recorded).loc[list(METRICS)].round(3).to_string())


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data"))
