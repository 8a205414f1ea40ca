"""The canonical columns and the facts of metrics, where the rows are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import narwhals as nw
import numpy as np

from svcsim.contacts.columns import columns
from svcsim.contacts.window import Window
from svcsim.errors import Finding, InputError
from svcsim.metrics.warehouse.expressions import number

Table = nw.LazyFrame[Any]
CASE = ["replication", "case_id"]
GAP_OF = [*CASE, "opened_s", "resolved_s"]
"""Columns that tell how soon a contact was followed by another."""
FACTS_OF: dict[str, tuple[str, ...]] = {
    "observed_until": (),
    "openings_until": (),
    "is_resolved": ("outcome",),
    "is_abandoned": ("outcome",),
    "names_agents": ("agent",),
    "next_contact_gap_s": tuple(GAP_OF),
    "agent_day": ("agent", "resolved_s"),
}
"""Facts that can be computed here, and the columns behind each (see `metrics.facts`)."""
STANDS_IN = {"case_id": "ticket_id", "queued_s": "opened_s"}
"""Column taken where another is missing, as `contacts.log.make_log` does."""


def canonical(frame: Any, names: Iterable[str]) -> Table:
    """Return canonical columns of any frame that Narwhals knows, missing ones as NULL.

    Numbers are float64 (NaN becomes NULL), replications whole numbers, the rest text.

    Raises
    ------
    InputError
        When the frame is of no known kind, lacks a required column, or holds timestamps instead
        of epoch seconds.
    """
    try:
        table: Table = nw.from_native(frame).lazy()
    except TypeError:
        raise InputError(
            Finding(
                "frame",
                f"a {type(frame).__name__}",
                "expected a DuckDB relation, a Spark, Polars or pandas frame",
            )
        ) from None
    schema = dict(table.collect_schema())
    wanted = list(dict.fromkeys(names))
    _check(schema, wanted)
    return table.select(**{name: _column(schema, name) for name in wanted})


def _check(schema: dict[str, Any], wanted: list[str]) -> None:
    findings = [
        Finding(
            "frame", f"column {name} is missing", "expected canonical columns (docs/columns.md)"
        )
        for name in ("opened_s", "outcome")
        if name not in schema
    ]
    findings += [
        Finding(
            "frame",
            f"column {name} is of type {schema[name]}",
            "expected a number (times: whole UTC epoch seconds)",
        )
        for name in wanted
        if name in schema and columns()[name].is_number and not _is_number(schema[name])
    ]
    if findings:
        raise InputError(findings)


def _is_number(kind: Any) -> bool:
    return bool(kind.is_numeric() or kind == nw.Boolean or kind == nw.Unknown)


def _column(schema: dict[str, Any], name: str) -> nw.Expr:
    column = columns()[name]
    kind: Any = nw.Float64() if column.is_number else nw.String()
    if name in schema:
        value = nw.col(name).cast(kind)
        if column.is_number and schema[name].is_float():
            value = nw.when(~value.is_nan()).then(value)
    else:
        value = nw.lit(None, dtype=kind)
    stand_in = STANDS_IN.get(name)
    if stand_in is not None:
        other = _column(schema, stand_in)
        value = (
            other if name not in schema else nw.when(value.is_null()).then(other).otherwise(value)
        )
    elif column.default.isdigit() and name not in schema:
        value = number(float(column.default))
    return value.cast(nw.Int64()) if name == "replication" else value


def with_facts(table: Table, window: Window, used: set[str], names_agents: bool) -> Table:
    """Return the table with those facts that are used and the same for a row by itself."""
    outcome = nw.col("outcome")
    facts = {
        "observed_until": number(window.observed_until),
        "openings_until": number(min(window.openings_until, window.observed_until)),
        "is_resolved": (outcome == "resolved").fill_null(False),
        "is_abandoned": (outcome == "abandoned").fill_null(False),
        "names_agents": nw.lit(names_agents),
    }
    told = {name: fact for name, fact in facts.items() if name in used}
    return table.with_columns(**told) if told else table


def returned(table: Table) -> Table:
    """Return the contacts of cases of several contacts."""
    known = table.filter(~nw.col("case_id").is_null()).select(*GAP_OF)
    several = known.group_by(*CASE).agg(contacts=nw.len()).filter(nw.col("contacts") > 1)
    return known.join(several.select(*CASE), on=CASE, how="inner")


def gaps_after(several: Table) -> Table:
    """Return next_contact_gap_s of contacts that were followed, by `GAP_OF`.

    The least opening in the case at or after the resolution, minus the resolution. The own opening
    is none of them; another contact opened in the same second is.
    """
    openings = several.group_by(*CASE, "opened_s").agg(times=nw.len())
    openings = openings.select(*CASE, next_s=nw.col("opened_s"), times=nw.col("times"))
    asked = several.filter(~nw.col("resolved_s").is_null()).unique(GAP_OF)
    follows = (nw.col("next_s") >= nw.col("resolved_s")) & (
        (nw.col("next_s") != nw.col("opened_s")) | (nw.col("times") > 1)
    )
    found = asked.join(openings, on=CASE, how="inner").filter(follows)
    first = found.group_by(*GAP_OF).agg(next_s=nw.col("next_s").min())
    gap = nw.col("next_s") - nw.col("resolved_s")
    return first.with_columns(next_contact_gap_s=gap).select(*GAP_OF, "next_contact_gap_s")


def ended() -> nw.Expr:
    """Return when a contact was resolved (else closed) or abandoned, NULL while it is open."""
    resolved, abandoned = nw.col("resolved_s"), nw.col("abandoned_s")
    first = (
        nw.when((abandoned < resolved).fill_null(False) | resolved.is_null())
        .then(abandoned)
        .otherwise(resolved)
    )
    either = nw.when(first.is_null()).then(nw.col("closed_s")).otherwise(first)
    return nw.when((nw.col("outcome") != "open").fill_null(True)).then(either)


def fetch(table: Table) -> dict[str, np.ndarray[Any, Any]]:
    """Return the columns of a small result as arrays, missing numbers as NaN."""
    home = table.implementation
    arrow_free = home.is_polars() or home.is_pandas_like()
    result = table.collect() if arrow_free else table.collect("pandas")
    return {name: _array(result[name]) for name in result.columns}


def _array(values: nw.Series[Any]) -> np.ndarray[Any, Any]:
    if values.dtype == nw.String or values.dtype == nw.Object:
        return np.array([v if isinstance(v, str) else None for v in values.to_list()], dtype=object)
    return np.asarray(values.to_numpy())
