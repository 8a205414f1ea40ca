"""svcsim's clocks behind three functions: the one place where the benchmarks call the engine.

``simpy_clock`` and ``compiled_clock`` give one replication (`svcsim.engine.rows.Tables`,
chance included); ``compiled_with_kpis`` gives its KPIs by agent and week as well. `missing` says
which are not there in this version.
"""

from __future__ import annotations

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
    from svcsim.compiler import available

    return "" if name == "simpy_clock" or available() else "numba is not installed"


@cache
def _model(desk: Desk) -> Any:
    return service_model(desk)


def simpy_clock(desk: Desk, replication: int) -> Any:
    """Simulate one replication with SimPy as the clock."""
    return _run(desk, replication, "simpy")[1]


def compiled_clock(desk: Desk, replication: int) -> Any:
    """Simulate one replication in machine code."""
    return _run(desk, replication, "compiled")[1]


def compiled_with_kpis(desk: Desk, replication: int) -> tuple[Any, Any]:
    """Simulate one replication in machine code and measure it by agent and week."""
    from svcsim.engine.to_log import to_log

    setting, tables = _run(desk, replication, "compiled")
    bounds = horizon(desk).bounds(_model(desk).timezone)
    return tables, kpis(to_log(tables, setting.desk, replication, bounds, "desk", named=False))


def kpis(log: Any) -> Any:
    """Return the KPI table by agent and week."""
    from svcsim.metrics.evaluate import evaluate

    return evaluate(log, KPIS, by="agent", period="week", intervals=False)


def _run(desk: Desk, replication: int, engine: Any) -> tuple[Any, Any]:
    from svcsim.engine.simulate import prepare, run

    setting = prepare(
        _model(desk), horizon(desk), seed=SEED, replication=replication, redraw_parameters=False
    )
    return setting, run(setting, engine)


def count(tables: Any, desk: Desk) -> Counts:
    """Count for the comparison."""
    from svcsim.engine.rows import NEVER

    rows = tables.rows
    return Counts(
        contacts=len(rows),
        abandoned=float(np.mean(rows["abandoned"] != NEVER)),
        returned=float(np.mean(rows["no"] > 1)),
        utilisation=float(rows["handle"].sum() / desk.staffed_s()),
        wait_s=float(np.mean(rows["wait"][rows["first_response"] != NEVER])),
    )


def digest(tables: Any) -> str:
    """Return a short hash of the rows: the two clocks must give the same one."""
    import hashlib

    text = hashlib.sha256()
    for name in tables.rows.dtype.names:
        text.update(np.ascontiguousarray(tables.rows[name]).tobytes())
    return text.hexdigest()[:12]
