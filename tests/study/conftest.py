"""A small desk whose truth is known."""

from __future__ import annotations

from datetime import date

import pytest

from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import simulate
from svcsim.model.baseline import Baseline, Source
from svcsim.samples.history import truth


@pytest.fixture(scope="session")
def small_baseline() -> Baseline:
    """The sample's truth as a baseline: nothing uncertain but the level of demand."""
    model = truth()
    level = model.arrivals.level.model_copy(update={"interval": (760.0, 820.0)})
    model = model.model_copy(
        update={"arrivals": model.arrivals.model_copy(update={"level": level})}
    )
    source = Source(log="truth", rows=0, start="2025-01-06", end="2025-11-03")
    return Baseline(svcsim="0", name="truth", source=source, model=model)


@pytest.fixture(scope="session")
def true_log(small_baseline: Baseline):
    """Eight weeks of the true desk, the first two as a warm-up."""
    log = simulate(
        small_baseline.model, Horizon(date(2025, 3, 3), 56, 0), seed=12, replication=1,
        redraw_parameters=False,
    )  # fmt: skip
    return log.window(log.start + 14 * 86400, log.end)
