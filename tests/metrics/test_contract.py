"""Every metric of the catalogue is held to one list of laws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from svcsim.contacts.columns import columns
from svcsim.contacts.log import ContactLog
from svcsim.contacts.tables import tables
from svcsim.metrics.catalogue import get_metric, list_metrics
from svcsim.metrics.evaluate import evaluate
from svcsim.metrics.facts import with_facts
from svcsim.metrics.metric import (
    Across,
    BeforeAfter,
    Count,
    Mean,
    Metric,
    PlanRatio,
    RatioOfSums,
    Share,
    ShareLower,
    SpellRatio,
    Sum,
    TimeAverage,
)
from svcsim.metrics.support import why_not

IDS = [metric.id for metric in list_metrics(others=True)]
Build = Callable[..., ContactLog]
each_metric = pytest.mark.parametrize("metric", list_metrics(others=True), ids=IDS)


def needs_of(metrics: list[Metric]) -> set[str]:
    return {name for metric in metrics for need in metric.needs for name in need.split("|")}


@each_metric
def test_declaration_is_complete(metric: Metric) -> None:
    assert metric.zh
    assert metric.en
    assert metric.formula.endswith(".")
    assert metric.source
    assert any("一" <= char <= "鿿" for char in metric.zh)
    for need in metric.needs:
        for name in need.split("|"):
            assert name in columns() or name in tables() or name in ("work", "staffed", "hours")
    if metric.table == "contacts" and not isinstance(metric.kind, Across):
        assert all(columns()[name].type == "time" for name in metric.dated_by)
    assert metric.min_n >= 1


def test_ids_and_definitions_are_unique() -> None:
    assert len(set(IDS)) == len(IDS)
    assert len({metric.definition for metric in list_metrics(others=True)}) == len(IDS)


def test_definition_depends_on_the_length_not_on_its_spelling() -> None:
    day, hours = get_metric("res_within(1d)"), get_metric("res_within(24h)")
    assert day.definition == hours.definition
    assert day.definition != get_metric("res_within(23h)").definition


@each_metric
def test_the_random_log_has_a_value_with_its_interval_around_it(
    metric: Metric, log: ContactLog
) -> None:
    row = evaluate(log, metric).iloc[0]
    assert row["n"] > 0
    assert np.isfinite(row["value"])
    assert not row["lower"] > row["value"]
    assert not row["upper"] < row["value"]
    if metric.unit == "share" and not isinstance(metric.kind, (BeforeAfter, PlanRatio)):
        assert 0 <= row["value"] <= 1
    kind = metric.kind
    if isinstance(kind, (Share, Mean, RatioOfSums)) and not isinstance(kind, ShareLower):
        assert row["lower"] < row["upper"]


def test_order_of_rows_does_not_matter(log: ContactLog) -> None:
    shuffled = log.frame.sample(frac=1, random_state=1).reset_index(drop=True)
    by = ("team", "category")
    first = evaluate(log, IDS, by, "week")
    second = evaluate(replace(log, frame=shuffled), IDS, by, "week")
    pd.testing.assert_frame_equal(first, second, rtol=1e-12)


def test_input_is_not_changed(log: ContactLog) -> None:
    before = log.frame.copy(deep=True)
    evaluate(log, IDS, "agent", "day")
    pd.testing.assert_frame_equal(log.frame, before)


@each_metric
def test_numerators_and_denominators_add_up_over_a_partition(
    metric: Metric, log: ContactLog
) -> None:
    if isinstance(metric.kind, SpellRatio) or why_not(log, metric, ["team"]):
        return  # by agent: its own test; or the table knows no teams
    whole = evaluate(log, metric).iloc[0]
    parts = evaluate(log, metric, "team")
    assert parts["n"].sum() == whole["n"]
    if isinstance(metric.kind, (Count, Sum, TimeAverage)):
        assert parts["value"].sum() == pytest.approx(whole["value"])
    if type(metric.kind) in (Mean, Share):
        together = (parts["value"] * parts["n"]).sum() / parts["n"].sum()
        assert together == pytest.approx(whole["value"])


@each_metric
def test_a_group_without_contacts_is_unknown_and_never_zero(
    metric: Metric, log: ContactLog
) -> None:
    frame = log.frame
    early = frame["opened_s"] < log.start + 86400
    frame = frame[~((frame["team"] == "east") & early)]
    quiet = replace(log, frame=frame, work=log.work.iloc[:0], staffed=log.staffed.iloc[:0])
    table = evaluate(quiet, metric, "team", "day").query("team == 'east'")
    first = table.iloc[0]
    assert first["period"] == "2024-03-01"
    assert first["n"] == 0
    assert np.isnan(first["value"])
    assert len(table) == 40


@each_metric
def test_replications_are_measured_as_if_alone(metric: Metric, build: Build) -> None:
    if isinstance(metric.kind, (SpellRatio, PlanRatio, Across)) or metric.table != "contacts":
        return  # by replication: its own test; side tables belong to a history
    logs = [build(seed) for seed in (1, 2, 3)]
    frames = [log.frame.assign(replication=i + 1.0) for i, log in enumerate(logs)]
    stacked = replace(logs[0], frame=pd.concat(frames, ignore_index=True))
    together = evaluate(stacked, metric, "category", "week", intervals=False)
    assert together["replication"].unique().tolist() == [1, 2, 3]
    for i, frame in enumerate(frames):
        alone = evaluate(replace(logs[0], frame=frame), metric, "category", "week", intervals=False)
        part = together[together["replication"] == i + 1].reset_index(drop=True)
        pd.testing.assert_frame_equal(part, alone, rtol=1e-12)


@each_metric
def test_leaving_out_intervals_changes_nothing_else(metric: Metric, log: ContactLog) -> None:
    full = evaluate(log, metric, "team", "month")
    bare = evaluate(log, metric, "team", "month", intervals=False)
    assert bare[["lower", "upper"]].isna().all(axis=None)
    rest = ["scenario", "replication", "period", "team", "metric", "value", "n", "unit"]
    pd.testing.assert_frame_equal(full[rest], bare[rest])


@each_metric
def test_without_its_columns_there_is_no_value(metric: Metric, log: ContactLog) -> None:
    for need in metric.needs:
        names = [name for name in need.split("|") if name in columns()]
        if "opened_s" in names or "case_id" in names:
            continue
        frame = log.frame.copy()
        for name in names:
            frame[name] = frame[name].where(pd.Series(False, index=frame.index))
        beside = ("work", "staffed", "hours")
        side = dict.fromkeys((n for n in need.split("|") if n in beside), None)
        left = {name: rows for name, rows in log.tables.items() if name not in need.split("|")}
        row = evaluate(replace(log, frame=frame, tables=left, **side), metric).iloc[0]
        assert row["n"] == 0
        assert np.isnan(row["value"])


def test_elementwise_parts_mean_the_same_on_duckdb(log: ContactLog) -> None:
    """NaN in pandas is NULL in SQL: no expression may lean on how either compares."""
    import duckdb

    frame = with_facts(log, needs_of(list_metrics(others=True))).drop(columns="agent_day")
    expressions = {}
    for metric in list_metrics(others=True):
        for part, value in vars(metric.kind).items():
            if isinstance(value, nw.Expr) and metric.table == "contacts":
                expressions[f"{metric.id}.{part}"] = value
    here = nw.from_native(frame).select(**expressions).to_native()
    con = duckdb.connect()
    con.register("rows_nan", frame)
    numeric = [name for name in frame if frame[name].dtype.kind == "f"]
    nulls = ", ".join(f"nullif({n}, 'nan'::DOUBLE) AS {n}" for n in numeric)
    relation = con.sql(f"SELECT * REPLACE ({nulls}) FROM rows_nan")
    there = nw.from_native(relation).select(**expressions).to_native().df()
    for name in expressions:
        mine, theirs = here[name], there[name]
        if mine.dtype == bool:
            assert (mine == theirs.fillna(False).astype(bool)).all(), name
        else:
            pd.testing.assert_series_equal(
                mine.astype(float), theirs.astype(float), check_names=False, rtol=1e-12
            )
