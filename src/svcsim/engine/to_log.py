"""The tables of a replication as a ContactLog: positions become names, seconds become instants."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.compiler import Compiled
from svcsim.contacts.columns import OUTCOMES, columns
from svcsim.contacts.log import ContactLog
from svcsim.engine import outcomes
from svcsim.engine.joins import WHY
from svcsim.engine.plain import PlainCost, PlainDesk
from svcsim.engine.rows import COUNTS, NAN, NEVER, TIMES, Tables

Numbers = dict[str, NDArray[np.float64]]
Codes = dict[str, NDArray[np.int16]]

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
    later = _still_to_work(tables, until)[seen]
    columns = _columns(rows, later, desk, tables.start, replication)
    if named:
        ids, cases = _names(tables)
        frame = _named_frame(rows, ids[seen], cases[seen], desk, *columns)
    else:
        ids = np.arange(len(tables.rows))
        frame = _coded_frame(rows, ids[seen], desk, *columns)
    return ContactLog(
        frame=frame,
        start=float(start),
        end=float(end),
        observed_until=float(until),
        origin="simulated",
        timezone=desk.model.timezone,
        name=name,
        work=_work(tables, ids, desk, named, float(until)),
        staffed=_staffed(tables, desk, named),
        joins=None if tables.joins is None else _joins(tables.joins, ids, desk),
        off=None if tables.off is None else _off(tables.off, desk),
        account={"capped": tables.capped},
    )


def fill(
    table: Any, fields: Any, times: int, start: float, never: int, numbers: Any, texts: Any,
    codes: Any,
) -> None:  # fmt: skip
    """Turn fields of rows into columns: numbers, and positions of texts (-1: none).

    The first ``times`` fields count from ``start``; ``never`` becomes NaN.
    """
    n = table.shape[0]
    for first in range(0, n, 64):  # blocks that stay in the cache
        last = min(first + 64, n)
        for k in range(fields.shape[0]):
            j = fields[k]
            shift = start if j < times else 0.0
            for i in range(first, last):
                value = table[i, j]
                numbers[k, i] = np.nan if value == never else value + shift
        for k in range(texts.shape[0]):
            j = texts[k]
            for i in range(first, last):
                codes[k, i] = max(table[i, j], -1)


_fill = Compiled(fill, [])
_FIELD = {name: i for i, name in enumerate((*TIMES, *COUNTS))}


def _blank(desk: PlainDesk) -> set[str]:
    """Return the number columns in which nothing can stand at a desk."""
    blank = set()
    if desk.survey is None:
        blank |= {"survey_s", "survey_sent", "csat"}
    if not desk.outcomes.any:
        blank |= {"complaint", "churned"}
    if all(seconds < 0 for seconds in desk.auto_reply):
        blank |= {"auto_reply_s"}
    return blank


def _columns(
    rows: NDArray[Any], later: NDArray[np.float64], desk: PlainDesk, start: int, replication: int
) -> tuple[Numbers, Codes]:
    """Return the number columns, and the text columns as positions of their names.

    ``later``: seconds of each contact's handling that are not known, see `_still_to_work`.
    """
    n, blank = len(rows), _blank(desk)
    plain = np.ascontiguousarray(rows.view(np.ndarray)).view(np.int32)
    table = plain.reshape(n, rows.dtype.itemsize // 4)
    filled = [name for name in _NUMBERS if name not in blank]
    numbers = np.empty((len(filled), n))
    codes = np.empty((len(_TEXTS), n), dtype=np.int16)
    fields = np.array([_FIELD[_NUMBERS[name]] for name in filled], dtype=np.int64)
    texts = np.array([_FIELD[field] for _, field in _TEXTS], dtype=np.int64)
    _fill(table, fields, len(TIMES), float(start), NEVER, numbers, texts, codes)
    numbers[filled.index("handle_s")] -= later
    nothing = np.full(n, NAN)
    every = (name for name, column in columns().items() if column.is_number)
    found = dict.fromkeys(every, nothing) | dict(zip(filled, numbers, strict=True))
    if not all(desk.live):
        # Exports know how long a caller waited, but not when a ticket was first looked at.
        found["wait_s"][rows["live"] == 0] = NAN
    nps = desk.survey is not None and desk.survey.lowest == 0
    found |= {
        "replication": np.full(n, float(replication)),
        "queued_s": found["opened_s"],
        "resolved_filled": np.zeros(n),
        "closed_s": found["resolved_s"],
        "in_time": nothing,
        "nps": found["csat"] if nps else nothing,
        "csat": nothing if nps else found["csat"],
        "quality_score": np.ascontiguousarray(rows["checked"]) if desk.outcomes.any else nothing,
        "cost": nothing if desk.cost is None else _cost(rows, found["handle_s"], desk.cost),
    }
    return found, {column: codes[k] for k, (column, _) in enumerate(_TEXTS)}


def _still_to_work(tables: Tables, until: int) -> NDArray[np.float64]:
    """Return the seconds of each contact's handling that lie after the end: nobody knows them."""
    out = np.zeros(len(tables.rows))
    late = tables.work["end"].astype(np.int64) + tables.start - until
    running = np.flatnonzero(late > 0)
    np.add.at(out, tables.work["contact"][running], late[running])
    return out


def _known_names(desk: PlainDesk) -> dict[str, tuple[str, ...]]:
    return {
        "channel": desk.channels, "category": tuple(c.name for c in desk.categories),
        "difficulty": desk.tiers, "priority": desk.priorities, "segment": desk.demand.segments,
        "language": desk.demand.languages, "agent": desk.agents, "team": desk.teams,
    }  # fmt: skip


def _outcome(numbers: dict[str, NDArray[np.float64]]) -> NDArray[np.int8]:
    """Return positions in OUTCOMES."""
    place = [OUTCOMES.index(name) for name in ("resolved", "abandoned", "open")]
    unresolved = np.where(np.isnan(numbers["abandoned_s"]), place[2], place[1])
    return np.where(np.isnan(numbers["resolved_s"]), unresolved, place[0]).astype(np.int8)


def _coded_frame(
    rows: NDArray[Any],
    ids: NDArray[Any],
    desk: PlainDesk,
    numbers: Numbers,
    codes: Codes,
) -> pd.DataFrame:
    data: dict[str, Any] = dict(numbers)
    for column, known in _known_names(desk).items():
        data[column] = _categorical(codes[column], known)
    data["outcome"] = _categorical(_outcome(numbers), OUTCOMES)
    case = rows["case"].astype(np.int64)
    customer = rows["customer"].astype(np.int64)
    data["ticket_id"], data["case_id"] = ids, case
    data["customer"] = np.where(customer >= 0, customer, case + (1 << 32))
    return pd.DataFrame(data, copy=False)


def _categorical(codes: NDArray[Any], known: tuple[str, ...]) -> Any:
    return pd.Categorical.from_codes(codes, dtype=_categories(known), validate=False)


@lru_cache(maxsize=256)
def _categories(known: tuple[str, ...]) -> pd.CategoricalDtype:
    """Return the type of a text column with these names: the same in every replication."""
    return pd.CategoricalDtype(pd.Index(known))


def _named_frame(
    rows: NDArray[Any],
    ids: NDArray[Any],
    cases: NDArray[Any],
    desk: PlainDesk,
    numbers: Numbers,
    codes: Codes,
) -> pd.DataFrame:
    data: dict[str, Any] = dict(numbers)
    for column, known in _known_names(desk).items():
        values = pd.array([*known, None], dtype="str")
        data[column] = pd.Series(values.take(codes[column]))  # -1 takes the last: none
    data["outcome"] = pd.Series(pd.array(list(OUTCOMES), dtype="str").take(_outcome(numbers)))
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


def _cost(rows: NDArray[Any], handle: NDArray[np.float64], cost: PlainCost) -> NDArray[np.float64]:
    """Return what each contact cost by itself; staffed hours are counted apart."""
    first, abandoned = rows["first_response"], rows["abandoned"]
    until = np.where(first != NEVER, first, np.where(abandoned != NEVER, abandoned, rows["opened"]))
    wait = np.maximum(until.astype(np.float64) - rows["opened"], 0.0)
    return np.asarray(
        outcomes.contact_cost(
            cost.per_contact, cost.per_minute, cost.per_waiting_minute,
            handle, wait,  # type: ignore[arg-type]
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
    return _categorical(codes.astype(np.int16), known)


def _work(
    tables: Tables, ids: NDArray[Any], desk: PlainDesk, named: bool, until: float
) -> pd.DataFrame:
    """Return the spells of work; what still runs at the end is known until then."""
    work, start = tables.work, float(tables.start)
    return pd.DataFrame(
        {
            "agent": _text(desk.agents, work["agent"], named),
            "team": _text(desk.teams, work["team"], named),
            "ticket_id": (pd.array(ids, dtype="str") if named else ids).take(work["contact"]),
            "start_s": work["start"] + start,
            "end_s": np.minimum(work["end"] + start, until),
            "free_s": np.minimum(work["free"] + start, until),
        },
        copy=False,
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
        },
        copy=False,
    )
