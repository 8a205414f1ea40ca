"""One declaration, every path: 200,000 simulated contacts measured in memory and by engines.

Counts, labels and order statistics must be equal; sums may differ by the order of addition.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from svcsim.contacts.log import ContactLog
from svcsim.contacts.store import read_log, read_window
from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import simulate
from svcsim.metrics.catalogue import list_metrics
from svcsim.metrics.evaluate import evaluate
from svcsim.metrics.metric import Count, Distinct, PerDistinct, Quantile
from svcsim.metrics.warehouse.evaluate import evaluate_lazy
from svcsim.metrics.warehouse.refusals import why_not_here
from svcsim.samples.history import truth

ROWS, REPLICATIONS, ZONE = 200_000, 5, "Europe/Berlin"
METRICS = [metric for metric in list_metrics(others=True) if not why_not_here(metric)]
EXACT = {m.id for m in METRICS if isinstance(m.kind, (Count, Distinct, PerDistinct, Quantile))}
GROUPS: tuple[tuple[str, ...], ...] = ((), ("agent",), ("team", "category"))
PERIODS = (None, "week", "month")

pytestmark = [  # of pyspark: on pandas 3, and sockets that it leaves to the collector
    pytest.mark.filterwarnings("ignore:The copy keyword:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def simulated() -> ContactLog:
    """Return replications of the sample desk over both changes of the clock, cut inside."""
    desk = truth().model_copy(update={"timezone": ZONE})
    horizon = Horizon(date(2025, 1, 6), 330, 2)
    logs = [
        simulate(desk, horizon, seed=1, replication=number, redraw_parameters=False)
        for number in range(1, REPLICATIONS + 1)
    ]
    share = ROWS // REPLICATIONS
    frame = pd.concat([log.frame.iloc[-share:] for log in logs], ignore_index=True)
    return replace(
        logs[0],
        frame=frame.assign(**told_afterwards(frame)),
        start=pd.Timestamp("2025-02-05", tz=ZONE).timestamp(),
        end=pd.Timestamp("2025-11-28", tz=ZONE).timestamp(),
        work=None,
        staffed=None,
    )


def told_afterwards(frame: pd.DataFrame) -> dict[str, Any]:
    """Return what this desk does not record: each with gaps, so that missing is met everywhere."""
    rng = np.random.default_rng(3)
    n = len(frame)

    def with_gaps(values: Any) -> Any:
        return np.where(rng.random(n) < 0.8, values, np.nan)

    flags = ("in_time", "complaint", "churned", "resolved_filled")
    return {
        **{name: with_gaps((rng.random(n) < 0.1).astype(float)) for name in flags},
        "nps": with_gaps(rng.integers(0, 11, n).astype(float)),
        "quality_score": with_gaps(rng.normal(85, 8, n).round(1)),
        "cost": with_gaps(rng.uniform(1, 30, n).round(2)),
        **{name: with_gaps(rng.poisson(1.0, n)) for name in ("replies", "customer_messages")},
        **{name: with_gaps(rng.poisson(1.0, n)) for name in ("commenters", "turns")},
        "turn_wait_s": with_gaps(np.floor(rng.exponential(900, n))),
        "requester_wait_s": with_gaps(np.floor(rng.exponential(5000, n))),
        "desk_turn_s": with_gaps(np.floor(rng.exponential(3000, n))),
        "meaningful_s": with_gaps(frame["first_response_s"] + 600),
        "effort": with_gaps(rng.integers(1, 8, n)),
        "csat_first": with_gaps(rng.integers(1, 6, n)),
        "recovered": with_gaps(rng.integers(0, 2, n)),
        "transfers": with_gaps(frame["transfers"].to_numpy()),
        "category": frame["category"].astype("str").where(rng.random(n) < 0.95),
    }


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("conformance") / "log.parquet"
    simulated().to_parquet(path)
    return path


@pytest.fixture(scope="module")
def in_memory(file: Path) -> Callable[..., pd.DataFrame]:
    log = read_log(file)
    assert len(log) == ROWS

    @cache
    def measured(by: tuple[str, ...], period: str | None) -> pd.DataFrame:
        return evaluate(log, METRICS, by, period)

    return measured


@pytest.fixture(scope="module", params=["duckdb", "pandas", "polars", "pyspark"])
def native(request: pytest.FixtureRequest, file: Path) -> Iterator[Any]:
    """Yield the file as a frame of each engine that is installed."""
    library = pytest.importorskip(request.param)
    if request.param == "duckdb":
        with library.connect() as connection:
            yield connection.sql(f"SELECT * FROM read_parquet('{file}')")
    elif request.param == "pandas":
        yield read_log(file).frame
    elif request.param == "polars":
        yield library.scan_parquet(file)
    else:
        yield from in_spark(file)


def in_spark(file: Path) -> Iterator[Any]:
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2"}
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session.read.parquet(str(file))
    session.stop()


def test_the_log_holds_whatever_may_go_wrong(file: Path) -> None:
    frame = read_log(file).frame
    assert frame["replication"].nunique() == REPLICATIONS
    assert set(frame["outcome"]) == {"resolved", "abandoned", "open"}
    assert (frame["contact_no"] > 1).any()
    assert (frame["reopens"] > 0).any()
    assert (frame["transfers"] > 0).any()
    assert frame["csat"].notna().any()
    assert frame["agent"].isna().any()


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("by", GROUPS, ids=lambda by: ",".join(by) or "all")
def test_every_metric_is_equal_wherever_it_is_computed(
    in_memory: Callable[..., pd.DataFrame],
    native: Any,
    file: Path,
    by: tuple[str, ...],
    period: str | None,
) -> None:
    ours = in_memory(by, period)
    theirs = evaluate_lazy(native, read_window(file), METRICS, by, period)
    measured = ["value", "lower", "upper"]
    pd.testing.assert_frame_equal(ours.drop(columns=measured), theirs.drop(columns=measured))
    exact = ours["metric"].isin(EXACT)
    np.testing.assert_array_equal(ours["value"][exact], theirs["value"][exact])
    np.testing.assert_allclose(ours["value"], theirs["value"], rtol=1e-12)
    for bound in ("lower", "upper"):
        np.testing.assert_array_equal(ours[bound][exact], theirs[bound][exact])
        np.testing.assert_allclose(ours[bound], theirs[bound], rtol=1e-9, atol=1e-9)
