"""svcsim's clocks behind three functions: the one place where the benchmarks call the engine.

``simpy_clock`` and ``compiled_clock`` give the rows of one replication (a ContactLog), chance
included; ``compiled_with_kpis`` gives its KPIs by agent and week as well. `missing` says which are
not there in this version.
"""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

import numpy as np

from given import Counts
from workload import Desk, horizon, service_model

SEED = 20250106
KPIS = (
    "volume", "frt", "frt_p90", "wait", "wait_p90", "answered_within(20s)", "abandon", "aht",
    "repeat(7d)", "occupancy",
)  # fmt: skip
"""Ten KPIs, of means, shares and quantiles."""


def missing(name: str) -> str:
    """Return why a contender cannot run, or nothing."""
    if name == "simpy_clock":
        return ""
    return "" if _has_engines() else "the compiled clock is not there"


@cache
def _has_engines() -> bool:
    from svcsim.engine.simulate import simulate

    return "engine" in inspect.signature(simulate).parameters


@cache
def _model(desk: Desk) -> Any:
    return service_model(desk)


def simpy_clock(desk: Desk, replication: int) -> Any:
    """Simulate one replication with SimPy as the clock."""
    return _simulate(desk, replication, "simpy")


def compiled_clock(desk: Desk, replication: int) -> Any:
    """Simulate one replication in machine code."""
    return _simulate(desk, replication, "compiled")


def compiled_with_kpis(desk: Desk, replication: int) -> tuple[Any, Any]:
    """Simulate one replication in machine code and measure it by agent and week."""
    log = compiled_clock(desk, replication)
    return log, kpis(log)


def kpis(log: Any) -> Any:
    """Return the KPI table by agent and week."""
    from svcsim.metrics.evaluate import evaluate

    return evaluate(log, KPIS, by="agent", period="week", intervals=False)


def _simulate(desk: Desk, replication: int, engine: str) -> Any:
    from svcsim.engine.simulate import simulate

    choice = {"engine": engine} if _has_engines() else {}
    return simulate(
        _model(desk),
        horizon(desk),
        seed=SEED,
        replication=replication,
        redraw_parameters=False,
        **choice,
    )


def count(log: Any, desk: Desk) -> Counts:
    """Count for the comparison."""
    frame = log.frame
    answered = frame["first_response_s"].notna()
    wait = frame["wait_s"].to_numpy()[answered.to_numpy()]
    return Counts(
        contacts=len(frame),
        abandoned=float(frame["abandoned_s"].notna().mean()),
        returned=float((frame["contact_no"] > 1).mean()),
        utilisation=float(frame["handle_s"].sum() / desk.staffed_s()),
        wait_s=float(np.mean(wait)),
    )


def digest(log: Any) -> str:
    """Return a short hash of the rows: the two clocks must give the same one."""
    import pandas as pd

    return f"{int(pd.util.hash_pandas_object(log.frame, index=False).sum()) & (1 << 48) - 1:012x}"
