"""Expressions computed in blocks are Narwhals' own values; every way to hold a log is one log."""

from __future__ import annotations

from dataclasses import replace

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from svcsim.compiler import Compiled
from svcsim.contacts.log import ContactLog
from svcsim.metrics import elementwise as module
from svcsim.metrics.catalogue import list_metrics
from svcsim.metrics.elementwise import Program, UnknownPartError, elementwise
from svcsim.metrics.evaluate import evaluate
from svcsim.metrics.facts import with_facts
from svcsim.metrics.side import tables_of

METRICS = list_metrics(others=True)
NEEDS = {name for metric in METRICS for need in metric.needs for name in need.split("|")}
EXPRESSIONS = [
    part
    for metric in METRICS
    for part in vars(metric.kind).values()
    if isinstance(part, nw.Expr) and metric.table == "contacts"
]
MORE = {
    "reversed": 3600 - nw.col("handle_s"),
    "multiplied": 2 * nw.col("handle_s") * nw.col("transfers"),
    "unequal": (nw.col("csat") != 3) | (nw.col("csat") == 1),
    "constants": nw.when(nw.col("wait_s") > 60).then(1).otherwise(2.5),
    "one value": nw.col("observed_until"),
    "text": nw.col("category") == "bill",
    "another text": nw.col("category") != "bill",
    "no such text": nw.col("category") == "nothing",
    "a text that no contact has": ~(nw.col("category") == "bills") & (nw.col("csat") > 3),
    "a text of a column with missing ones": nw.col("agent") == "An",
    "divided": nw.col("handle_s") / nw.col("transfers"),
    "divided, reversed": 60 / nw.col("wait_s"),
    "a written constant": nw.lit(5.0) - nw.col("csat"),
}


def by_narwhals(log: ContactLog, expression: nw.Expr) -> np.ndarray:
    frame = nw.from_native(with_facts(log, NEEDS))
    return frame.select(value=expression)["value"].to_numpy()


@pytest.mark.parametrize("block", [97, 16384])
def test_values_equal_those_of_narwhals(
    log: ContactLog, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOCK", block)
    expressions = [*EXPRESSIONS, *MORE.values()]
    found = elementwise(log, expressions, NEEDS)
    for expression in expressions:
        theirs = by_narwhals(log, expression)
        mine = (found.flags if theirs.dtype == bool else found.numbers)[id(expression)]
        np.testing.assert_array_equal(mine, theirs)


def test_every_expression_of_the_catalogue_is_carried_out_here() -> None:
    for expression in [*EXPRESSIONS, *MORE.values()]:
        program = Program()
        assert program.add(expression) == len(program.steps) - 1  # no part is left to Narwhals


@pytest.mark.parametrize(
    "expression",
    [
        nw.col("wait_s").fill_null(0.0) > 10,
        nw.col("category").is_in(["bill"]),
        nw.col("wait_s").round(1),
        nw.col("csat").cast(nw.Float32) > 3,
        nw.col("wait_s").is_in([1, 2]),
    ],
)
def test_any_other_expression_is_left_to_narwhals(log: ContactLog, expression: nw.Expr) -> None:
    with pytest.raises(UnknownPartError):
        Program().add(expression)
    found = elementwise(log, [expression, EXPRESSIONS[0]], NEEDS)
    theirs = by_narwhals(log, expression)
    mine = (found.flags if theirs.dtype == bool else found.numbers)[id(expression)]
    np.testing.assert_array_equal(mine, theirs)
    assert id(EXPRESSIONS[0]) in found.flags


def table(log: ContactLog) -> pd.DataFrame:
    metrics = [metric for metric in METRICS if not tables_of(metric)]
    return evaluate(log, metrics, ("agent", "category"), "week")


def test_categories_and_whole_numbers_are_measured_as_texts(log: ContactLog) -> None:
    frame = log.frame.copy()
    for name in ("agent", "team", "category", "outcome"):
        frame[name] = frame[name].astype("category")
    frame["agent"] = (
        frame["agent"]
        .cat.add_categories("nobody")
        .cat.reorder_categories(["nobody", *reversed(frame["agent"].cat.categories)])
    )
    frame["case_id"] = 70_000_000_000 - pd.factorize(frame["case_id"])[0]
    number = dict(zip(frame["ticket_id"], range(len(frame)), strict=True))
    frame["ticket_id"] = np.arange(len(frame))
    stages = log.tables["stages"]
    stages = stages.assign(ticket_id=stages["ticket_id"].map(number).astype("str"))
    assert log.work is not None
    work = log.work.assign(agent=log.work["agent"].astype("category"))
    other = replace(log, frame=frame, work=work, tables={**log.tables, "stages": stages})
    pd.testing.assert_frame_equal(table(other), table(log), check_exact=True)


def test_without_the_compiler_every_value_is_the_same(
    log: ContactLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = table(log)
    monkeypatch.setattr(Compiled, "__call__", lambda self, *values: self.function(*values))
    plain = table(replace(log, frame=log.frame.copy()))
    pd.testing.assert_frame_equal(plain, compiled, check_exact=True)


def test_groups_by_whole_number_identifiers(log: ContactLog) -> None:
    numbered = replace(log, frame=log.frame.assign(ticket_id=np.arange(len(log.frame)) + 5))
    found = evaluate(numbered, "volume", "ticket_id", intervals=False)
    assert found["ticket_id"].tolist() == list(range(5, len(log.frame) + 5))
