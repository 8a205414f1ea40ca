"""Measured where the contacts are: missing values, local days, chains, refusals, the verb."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcsim.cli import measure_engine
from svcsim.cli.main import run
from svcsim.contacts.log import ContactLog, make_log
from svcsim.contacts.store import read_window
from svcsim.contacts.window import Window
from svcsim.errors import InputError
from svcsim.metrics.catalogue import list_metrics
from svcsim.metrics.evaluate import evaluate
from svcsim.metrics.metric import Mean, Metric, Quantile, Share
from svcsim.metrics.periods import local_periods
from svcsim.metrics.warehouse.edges import edges_before, period_of
from svcsim.metrics.warehouse.evaluate import evaluate_lazy
from svcsim.metrics.warehouse.refusals import why_not_here
from svcsim.text import Text

Capture = pytest.CaptureFixture[str]
DAY = 86400.0
HERE = [metric for metric in list_metrics(others=True) if not why_not_here(metric)]


def in_duckdb(frame: pd.DataFrame) -> Any:
    """Return rows as a relation of a connection of its own; NaN stays NaN."""
    connection = duckdb.connect()
    connection.register("rows", frame)
    return connection.sql("SELECT * FROM rows")


def asked(kind: Any) -> Metric:
    """Return a metric of one's own."""
    shown = Text("Of one's own.", "自定义。")
    return Metric(
        "own", "自定义", "Own", shown, "s", "none", "workload", kind, ("opened_s",), 1,
        ("opened_s",), "test",
    )  # fmt: skip


def both(log: ContactLog, metrics: Any, **how: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    return evaluate(log, metrics, **how), evaluate_lazy(in_duckdb(log.frame), log, metrics, **how)


# --- missing ------------------------------------------------------------------------------------

wait, handle = nw.col("wait_s"), nw.col("handle_s")


@pytest.mark.parametrize(
    ("expression", "counted"),
    [
        (wait > 60, 1),
        (~(wait > 60), 2),  # the missing one is not above 60, as in memory
        (wait <= 60, 1),
        (wait != 60, 3),
        (wait.is_null(), 1),
        ((wait > 60) | (handle > 1), 3),
        (~((wait > 60) & (handle > 1)), 3),
        (nw.when(wait > 60).then(handle).otherwise(wait) > 0, 1),
    ],
)
def test_a_missing_value_never_counts_unless_asked_for(expression: nw.Expr, counted: int) -> None:
    rows = {"ticket_id": ["a", "b", "c"], "opened_s": [0.0, 1.0, 2.0]}
    rows |= {"wait_s": [90.0, 30.0, np.nan], "handle_s": [np.nan, 5.0, 7.0]}
    log = make_log(pd.DataFrame(rows))
    metric = asked(Share(~nw.col("opened_s").is_null(), expression))
    for table in both(log, metric):
        assert round(table["value"][0] * table["n"][0]) == counted


def test_null_and_nan_are_the_same() -> None:
    rows = pd.DataFrame({"ticket_id": list("abc"), "opened_s": [0.0, 1.0, 2.0]})
    log = make_log(rows.assign(wait_s=[90.0, np.nan, 30.0]))
    connection = duckdb.connect()
    null = connection.sql(
        "SELECT * FROM (VALUES ('a', 0, 90, 'open'), ('b', 1, NULL, 'open'), ('c', 2, 30, 'open'))"
        " AS t(ticket_id, opened_s, wait_s, outcome)"
    )
    ours = evaluate_lazy(in_duckdb(log.frame), log, "wait")
    pd.testing.assert_frame_equal(evaluate_lazy(null, log, "wait"), ours)
    assert ours["value"].tolist() == [60.0]


def test_a_value_missing_in_a_contact_that_counts_makes_a_mean_unknown() -> None:
    rows = pd.DataFrame({"ticket_id": list("ab"), "opened_s": [0.0, 1.0], "wait_s": [5.0, np.nan]})
    for table in both(make_log(rows), asked(Mean(~nw.col("opened_s").is_null(), wait))):
        assert table["n"].tolist() == [2]
        assert table["value"].isna().all()


def test_expressions_that_only_narwhals_knows_are_carried_out_too() -> None:
    rows = pd.DataFrame({"ticket_id": list("abc"), "opened_s": [0.0, 1.0, 2.0]})
    log = make_log(rows.assign(category=["bill", None, "fault"], wait_s=[9.0, 4.0, 1.0]))
    among = nw.col("category").is_in(["bill", "fault"])
    for table in both(log, [asked(Share(~nw.col("opened_s").is_null(), among))]):
        assert table["value"][0] == pytest.approx(2 / 3)


# --- instants among edges -----------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=12),
    st.lists(st.integers(-10, 110).map(float), min_size=1, max_size=30),
)
def test_edges_are_counted_as_in_a_sorted_array(steps: list[int], instants: list[float]) -> None:
    edges = np.cumsum([0.0, *steps])
    frame = nw.from_native(pd.DataFrame({"x": [*instants, np.nan]}))
    x = nw.col("x")
    found = frame.select(
        right=edges_before(x, edges, at_edge=True), left=edges_before(x, edges, at_edge=False)
    )
    for side in ("right", "left"):
        counted = np.append(np.searchsorted(edges, instants, side=side), 0)
        assert found[side].to_list() == counted.tolist()


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Sao_Paulo", "Asia/Shanghai"])
@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_days_of_23_and_25_hours_hold_what_they_hold_in_memory(zone: str, period: str) -> None:
    start, end = (pd.Timestamp(day, tz=zone).timestamp() for day in ("2018-01-03", "2018-12-20"))
    periods = local_periods(start, end, zone, period)
    near = np.concatenate([periods.edges - 1, periods.edges, periods.edges + 3600])
    relation = in_duckdb(pd.DataFrame({"x": near}))
    table = nw.from_native(relation).with_columns(period=period_of(nw.col("x"), periods.edges))
    found = table.collect("pandas")["period"].to_numpy()
    np.testing.assert_array_equal(found, periods.index(near))


# --- cases --------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_the_next_contact_of_a_case_is_that_of_memory(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 25))
    few = st.integers(0, 6).map(float)  # ties on purpose, resolutions before openings too
    opened = data.draw(st.lists(few, min_size=n, max_size=n))
    ended = data.draw(st.lists(st.one_of(few, st.just(np.nan)), min_size=n, max_size=n))
    case = data.draw(st.lists(st.sampled_from(["A", "B", None]), min_size=n, max_size=n))
    rows = pd.DataFrame({"ticket_id": [f"t{i}" for i in range(n)], "case_id": case})
    rows = rows.assign(opened_s=opened, resolved_s=ended, outcome="resolved")
    log = make_log(rows, start=0.0, end=10.0, observed_until=100 * DAY)
    ours, theirs = both(log, ["repeat(2s)", "fcr_window(2s)", "throughput"])
    pd.testing.assert_frame_equal(ours, theirs)


# --- logs at the edge ---------------------------------------------------------------------------


def test_a_log_without_contacts_is_an_empty_table(log: ContactLog) -> None:
    empty = replace(log, frame=log.frame.iloc[:0])
    ours, theirs = both(empty, HERE, by="team", period="month")
    assert ours.empty
    assert theirs.empty
    assert theirs.columns.tolist() == ours.columns.tolist()


def test_columns_that_a_frame_lacks_are_missing(log: ContactLog) -> None:
    few = ["ticket_id", "opened_s", "outcome", "agent", "resolved_s"]
    theirs = evaluate_lazy(in_duckdb(log.frame[few]), log, HERE, "agent")
    ours = evaluate(make_log(log.frame[few], start=log.start, end=log.end, name=log.name,
                             observed_until=log.observed_until, timezone=log.timezone),
                    HERE, "agent")  # fmt: skip
    pd.testing.assert_frame_equal(ours, theirs, rtol=1e-12)
    assert (theirs.loc[theirs["metric"] == "aht", "n"] == 0).all()


def test_a_window_can_be_built_by_hand(log: ContactLog) -> None:
    window = Window(log.start, log.end, log.observed_until, timezone=log.timezone, name=log.name)
    assert window == Window.of(log)
    ours = evaluate_lazy(in_duckdb(log.frame), window, "frt_p90", "team")
    pd.testing.assert_frame_equal(ours, evaluate(log, "frt_p90", "team"))


@pytest.mark.parametrize(
    ("change", "metrics", "said"),
    [
        ({}, ["occupancy", "frt_open"], ["occupancy", "frt_open"]),
        ({"opened_s": None}, ["volume"], ["opened_s is missing"]),
        ({"outcome": None}, ["volume"], ["outcome is missing"]),
        ({"opened_s": "soon"}, ["volume"], ["opened_s is of type String", "epoch seconds"]),
        ({}, ["volumes"], ["volumes"]),
    ],
)
def test_what_cannot_be_measured_is_refused_in_words(
    log: ContactLog, change: dict[str, Any], metrics: list[str], said: list[str]
) -> None:
    frame = log.frame.assign(**{k: v for k, v in change.items() if v is not None})
    frame = frame.drop(columns=[k for k, v in change.items() if v is None])
    with pytest.raises(InputError) as caught:
        evaluate_lazy(in_duckdb(frame), log, metrics)
    assert all(part in str(caught.value) for part in said)


@pytest.mark.parametrize("fact", ["open_age_s", "agent_day", "mood"])
def test_a_fact_that_no_engine_has_is_refused_by_name(log: ContactLog, fact: str) -> None:
    metric = asked(Share(~nw.col("opened_s").is_null(), nw.col(fact) > 1))
    with pytest.raises(InputError, match=fact):
        evaluate_lazy(in_duckdb(log.frame), log, metric)


def test_something_that_is_no_table_is_refused(log: ContactLog) -> None:
    with pytest.raises(InputError, match="DuckDB relation"):
        evaluate_lazy([1, 2], log, "volume")


def test_nothing_is_left_in_the_callers_database(log: ContactLog) -> None:
    connection = duckdb.connect()
    connection.register("contacts", log.frame)
    evaluate_lazy(connection.sql("SELECT * FROM contacts"), log, ["repeat(7d)"], "team")
    assert connection.execute("SELECT table_name FROM duckdb_tables()").fetchall() == []
    with pytest.raises(InputError):
        evaluate_lazy(connection.sql("SELECT * FROM contacts"), log, ["occupancy"])
    assert connection.execute("SELECT table_name FROM duckdb_tables()").fetchall() == []


def test_every_kind_of_contact_metric_is_measured_here() -> None:
    kinds = {type(metric.kind) for metric in HERE}
    assert {Mean, Quantile, Share} < kinds
    refused = {metric.id for metric in list_metrics(others=True)} - {m.id for m in HERE}
    assert all(str(why_not_here(m)) and why_not_here(m).zh for m in list_metrics(others=True)
               if m.id in refused)  # fmt: skip


# --- svcsim measure -----------------------------------------------------------------------------


@pytest.fixture
def file(build: Callable[..., ContactLog], tmp_path: Path) -> Path:
    path = tmp_path / "desk.parquet"
    build().to_parquet(path)
    return path


def told(arguments: list[str], capsys: Capture) -> tuple[dict[str, Any], str]:
    assert run([*arguments, "--json"]) == 0
    shown = capsys.readouterr()
    return json.loads(shown.out), shown.err


@pytest.mark.parametrize(
    "more", [[], ["--by", "team", "--period", "week"], ["--from", "2024-03-10", "--by", "agent"]]
)
def test_the_verb_says_the_same_with_either_engine(
    file: Path, capsys: Capture, more: list[str]
) -> None:
    ours, _ = told(["measure", str(file), *more, "--engine", "memory"], capsys)
    theirs, err = told(["measure", str(file), *more, "--engine", "duckdb"], capsys)
    assert "DuckDB" in err
    assert theirs["log"] == ours["log"]
    memory_only = {metric.id for metric in list_metrics() if why_not_here(metric)}
    assert {"occupancy", "kb_new", "difficulty", "age_p90"} <= memory_only
    assert {m["metric"] for m in theirs["not_measured"]} == memory_only
    rows = [row for row in ours["table"] if row["metric"] not in memory_only]
    numbers = ("value", "lower", "upper")
    for a, b in zip(rows, theirs["table"], strict=True):
        assert {k: v for k, v in a.items() if k not in numbers} == {
            k: v for k, v in b.items() if k not in numbers
        }
        pairs = ([float("nan") if r[k] is None else r[k] for k in numbers] for r in (a, b))
        np.testing.assert_allclose(*pairs, rtol=1e-9, atol=1e-9)


def test_a_big_canonical_log_stays_on_disk(
    file: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, err = told(["measure", str(file), "--metrics", "volume"], capsys)
    assert "DuckDB" not in err
    monkeypatch.setattr(measure_engine, "BIG", 100)
    _, err = told(["measure", str(file), "--metrics", "volume"], capsys)
    assert "DuckDB" in err
    _, err = told(["measure", str(file), "--metrics", "volume", "--engine", "memory"], capsys)
    assert "DuckDB" not in err
    hours = ["--metrics", "frt_open", "--hours", "mon-fri 9:00-17:00"]
    result, err = told(["measure", str(file), *hours], capsys)  # needs the log in memory
    assert "DuckDB" not in err
    assert len(result["table"]) == 1


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--hours", "mon-fri 9:00-17:00"], "--hours"),
        (["--variants"], "--variants"),
        (["--until", "2024-01-01"], "no contact was opened"),
        (["--tz", "UTC"], "Asia/Shanghai"),
        (["--from", "March"], "--from"),
        (["--by", "opened_s"], "--by"),
    ],
)
def test_what_does_not_go_with_duckdb_is_said(
    file: Path, capsys: Capture, more: list[str], said: str
) -> None:
    assert run(["measure", str(file), "--engine", "duckdb", *more]) == 2
    assert said in capsys.readouterr().err


def test_an_export_is_no_canonical_log(tmp_path: Path, capsys: Capture) -> None:
    export = tmp_path / "export.csv"
    export.write_text("a,b\n1,2\n")
    assert run(["measure", str(export), "--engine", "duckdb"]) == 2
    assert "is no canonical log" in capsys.readouterr().err


def test_the_window_of_a_file_is_that_of_its_log(file: Path, build: Callable[..., ContactLog]):
    log = build()
    assert read_window(file) == replace(Window.of(log), openings_until=log.observed_until)
