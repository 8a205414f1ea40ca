"""The tables of a replication as a ContactLog: positions become names, seconds become instants."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.compiler import Compiled
from svcsim.contacts.columns import OUTCOMES, columns
from svcsim.contacts.log import ContactLog
from svcsim.engine import outcomes
from svcsim.engine.joins import WHY
from svcsim.engine.plain import PlainDesk
from svcsim.engine.rows import COUNTS, NAN, NEVER, TIMES, Tables

_TEXTS = (
    ("channel", "channel"), ("category", "category"), ("difficulty", "tier"),
    ("priority", "priority"), ("segment", "segment"), ("language", "language"),
    ("agent", "agent"), ("team", "team"),
)  # fmt: skip
"""Text columns of the log and the fields of a row whose positions stand for them."""

_NUMBERS = {
    "contact_no": "no", "opened_s": "opened", "first_response_s": "first_response",
    "first_resolved_s": "first_resolved", "resolved_s": "resolved", "abandoned_s": "abandoned",
    "survey_s": "survey", "auto_reply_s": "auto_reply", "handle_s": "handle",
    "handlings": "handlings", "transfers": "transfers", "reopens": "reopens",
    "pending_s": "pending", "survey_sent": "survey_sent", "hold_s": "hold",
    "pending_customer_s": "pending_customer", "reworks": "reworks", "complaint": "complaint",
    "churned": "churned", "empty_reply": "empty_reply", "wait_s": "wait", "csat": "score",
}  # fmt: skip
"""Number columns of the log and the fields of a row that hold them."""


def to_log(
    tables: Tables,
    desk: PlainDesk,
    replication: int,
    bounds: tuple[int, int, int],
    name: str,
    named: bool = True,
) -> ContactLog:
    """Return a replication as a ContactLog; what comes after the end of the tail is not known.

    ``named=False`` leaves out the making of names, for logs that are only measured: texts are
    Categorical, tickets, cases and customers are whole numbers.
    """
    start, end, until = bounds
    seen = tables.rows["hidden"] == 0
    rows = tables.rows if seen.all() else tables.rows[seen]
    if named:
        ids, cases = _names(tables)
        frame = _named_frame(rows, ids[seen], cases[seen], desk, tables.start, replication)
    else:
        ids = np.arange(len(tables.rows))
        frame = _coded_frame(rows, ids[seen], desk, tables.start, replication)
    return ContactLog(
        frame=frame,
        start=float(start),
        end=float(end),
        observed_until=float(until),
        origin="simulated",
        timezone=desk.model.timezone,
        name=name,
        work=_work(tables, ids, desk, named),
        staffed=_staffed(tables, desk, named),
        joins=None if tables.joins is None else _joins(tables.joins, ids, desk),
        off=None if tables.off is None else _off(tables.off, desk),
        account={"capped": tables.capped},
    )


def fill_numbers(table: Any, fields: Any, times: int, start: float, never: int, out: Any) -> None:
    """Turn fields of rows into columns: the first ``times`` fields count from ``start``.

    ``never`` becomes NaN.
    """
    n = table.shape[0]
    for first in range(0, n, 64):  # blocks that stay in the cache
        last = min(first + 64, n)
        for k in range(fields.shape[0]):
            j = fields[k]
            shift = start if j < times else 0.0
            for i in range(first, last):
                value = table[i, j]
                out[k, i] = np.nan if value == never else value + shift


_fill_numbers = Compiled(fill_numbers, [])
_FIELD = {name: i for i, name in enumerate((*TIMES, *COUNTS))}
_ORDER = {name: i for i, name in enumerate(_NUMBERS)}


def _numbers(rows: NDArray[Any], start: int) -> NDArray[np.float64]:
    """Return the number columns, one a row, in the order of ``_NUMBERS``."""
    plain = np.ascontiguousarray(rows.view(np.ndarray)).view(np.int32)
    table = plain.reshape(len(rows), rows.dtype.itemsize // 4)
    fields = np.array([_FIELD[field] for field in _NUMBERS.values()], dtype=np.int64)
    out = np.empty((len(fields), len(rows)))
    _fill_numbers(table, fields, len(TIMES), float(start), NEVER, out)
    # Exports know how long a caller waited, but not when a ticket was first looked at.
    out[_ORDER["wait_s"]][rows["live"] == 0] = NAN
    return out


def _others(
    rows: NDArray[Any], numbers: NDArray[np.float64], desk: PlainDesk, replication: int
) -> dict[str, Any]:
    """Return the number columns that no field holds as it is."""
    nothing = np.full(len(rows), NAN)
    nps = desk.survey is not None and desk.survey.lowest == 0
    score = numbers[_ORDER["csat"]]
    recommends = score.copy() if nps else nothing
    if nps:
        score[:] = NAN
    return {
        "replication": np.full(len(rows), float(replication)),
        "queued_s": numbers[_ORDER["opened_s"]],
        "resolved_filled": np.zeros(len(rows)),
        "closed_s": numbers[_ORDER["resolved_s"]],
        "in_time": nothing,
        "nps": recommends,
        "quality_score": np.ascontiguousarray(rows["checked"]),
        "cost": _cost(rows, desk),
    }


def _known_names(desk: PlainDesk) -> dict[str, tuple[str, ...]]:
    return {
        "channel": desk.channels, "category": tuple(c.name for c in desk.categories),
        "difficulty": desk.tiers, "priority": desk.priorities, "segment": desk.demand.segments,
        "language": desk.demand.languages, "agent": desk.agents, "team": desk.teams,
    }  # fmt: skip


def _outcome(rows: NDArray[Any]) -> NDArray[np.int8]:
    """Return positions in OUTCOMES."""
    place = [OUTCOMES.index(name) for name in ("resolved", "abandoned", "open")]
    unresolved = np.where(rows["abandoned"] != NEVER, place[1], place[2])
    return np.where(rows["resolved"] != NEVER, place[0], unresolved).astype(np.int8)


def _coded_frame(
    rows: NDArray[Any], ids: NDArray[Any], desk: PlainDesk, start: int, replication: int
) -> pd.DataFrame:
    numbers = _numbers(rows, start)
    others = _others(rows, numbers, desk, replication)
    frame = pd.DataFrame(numbers.T, columns=list(_NUMBERS), copy=False)
    for name, values in others.items():
        frame[name] = values
    known = _known_names(desk)
    for column, field in _TEXTS:
        codes = np.maximum(rows[field], -1).astype(np.int16)
        frame[column] = pd.Categorical.from_codes(codes, pd.Index(known[column]), validate=False)
    frame["outcome"] = pd.Categorical.from_codes(_outcome(rows), pd.Index(OUTCOMES), validate=False)
    case = rows["case"].astype(np.int64)
    customer = rows["customer"].astype(np.int64)
    frame["ticket_id"], frame["case_id"] = ids, case
    frame["customer"] = np.where(customer >= 0, customer, case + (1 << 32))
    return frame


def _named_frame(
    rows: NDArray[Any],
    ids: NDArray[Any],
    cases: NDArray[Any],
    desk: PlainDesk,
    start: int,
    replication: int,
) -> pd.DataFrame:
    numbers = _numbers(rows, start)
    data: dict[str, Any] = {name: numbers[i] for name, i in _ORDER.items()}
    data |= _others(rows, numbers, desk, replication)
    known = _known_names(desk)
    for column, field in _TEXTS:
        values = pd.array([*known[column], None], dtype="str")
        codes = rows[field].astype(np.int64)
        data[column] = pd.Series(values.take(np.where(codes < 0, len(known[column]), codes)))
    data["outcome"] = pd.Series(pd.array(list(OUTCOMES), dtype="str").take(_outcome(rows)))
    data["ticket_id"] = pd.array(ids, dtype="str")
    data["case_id"] = pd.array(cases, dtype="str")
    data["customer"] = _customers(rows, cases)
    return pd.DataFrame({column: data[column] for column in columns()})


def _customers(rows: NDArray[Any], cases: NDArray[Any]) -> Any:
    """Return the customers; one not of the population is a customer of the one case."""
    code = rows["customer"]
    if len(code) and code.max() >= 0:
        own = [f"K{k}" if k >= 0 else name for k, name in zip(code.tolist(), cases, strict=True)]
        return pd.array(own, dtype="str")
    return pd.array(cases, dtype="str")


def _cost(rows: NDArray[Any], desk: PlainDesk) -> NDArray[np.float64]:
    """Return what each contact cost by itself; staffed hours are counted apart."""
    cost = desk.model.cost
    if cost is None:
        return np.full(len(rows), NAN)
    first, abandoned = rows["first_response"], rows["abandoned"]
    until = np.where(first != NEVER, first, np.where(abandoned != NEVER, abandoned, rows["opened"]))
    wait = np.maximum(until.astype(np.float64) - rows["opened"], 0.0)
    return np.asarray(
        outcomes.contact_cost(
            cost.per_contact.value, cost.per_minute.value, cost.per_waiting_minute.value,
            rows["handle"].astype(np.float64), wait,  # type: ignore[arg-type]
        ),
        dtype=np.float64,
    )  # fmt: skip


def _names(tables: Tables) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the ticket and case ids of all contacts; new ones never equal one from history."""
    prefix = "C"
    while any(name.startswith(prefix) for name in tables.cases.values()):
        prefix += "C"
    case, no = tables.rows["case"].tolist(), tables.rows["no"].tolist()
    names = tables.cases
    cases = [names.get(c & 0xFFFFFFFF) or f"{prefix}{c}" for c in case]
    ids = [f"{c}-{n}" for c, n in zip(cases, no, strict=True)]
    for number, known in tables.known.items():
        ids[number] = known
    return np.array(ids, dtype=object), np.array(cases, dtype=object)


def _text(known: tuple[str, ...], codes: NDArray[Any], named: bool) -> Any:
    """Return a text column without missing values, as texts or Categorical."""
    if named:
        return pd.array(known, dtype="str").take(codes)
    return pd.Categorical.from_codes(codes.astype(np.int16), pd.Index(known), validate=False)


def _work(tables: Tables, ids: NDArray[Any], desk: PlainDesk, named: bool) -> pd.DataFrame:
    work, start = tables.work, float(tables.start)
    return pd.DataFrame(
        {
            "agent": _text(desk.agents, work["agent"], named),
            "team": _text(desk.teams, work["team"], named),
            "ticket_id": (pd.array(ids, dtype="str") if named else ids).take(work["contact"]),
            "start_s": work["start"] + start,
            "end_s": work["end"] + start,
            "free_s": work["free"] + start,
        }
    )


def _joins(
    noted: list[tuple[int, int, int, int]], ids: NDArray[Any], desk: PlainDesk
) -> pd.DataFrame:
    contact, team, time, why = np.array(noted, dtype=np.int64).reshape(-1, 4).T
    return pd.DataFrame(
        {
            "ticket_id": pd.array(ids, dtype="str").take(contact),
            "team": pd.array(desk.teams, dtype="str").take(team),
            "time_s": time.astype(np.float64),
            "why": pd.array(WHY, dtype="str").take(why),
        }
    )


def _off(noted: list[tuple[int, int, int]], desk: PlainDesk) -> pd.DataFrame:
    begin, end, agent = np.array(noted, dtype=np.int64).reshape(-1, 3).T
    return pd.DataFrame(
        {
            "agent": pd.array(desk.agents, dtype="str").take(agent),
            "start_s": begin.astype(np.float64),
            "end_s": end.astype(np.float64),
        }
    )


def _staffed(tables: Tables, desk: PlainDesk, named: bool) -> pd.DataFrame:
    staffed, start = tables.staffed, float(tables.start)
    team = np.array(desk.agent_team, dtype=np.int64)[staffed["agent"]]
    return pd.DataFrame(
        {
            "agent": _text(desk.agents, staffed["agent"], named),
            "team": _text(desk.teams, team, named),
            "start_s": staffed["start"] + start,
            "end_s": staffed["end"] + start,
        }
    )
