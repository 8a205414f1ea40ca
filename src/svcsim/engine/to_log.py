"""The tables of a replication as a ContactLog: positions become names, seconds become instants."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.columns import columns
from svcsim.contacts.log import ContactLog
from svcsim.engine import outcomes
from svcsim.engine.joins import WHY
from svcsim.engine.plain import PlainDesk
from svcsim.engine.rows import NAN, NEVER, Tables


def to_log(
    tables: Tables, desk: PlainDesk, replication: int, bounds: tuple[int, int, int], name: str
) -> ContactLog:
    """Return a replication as a ContactLog; what comes after the end of the tail is not known."""
    start, end, until = bounds
    seen = tables.rows["hidden"] == 0
    rows = tables.rows[seen]
    ids, cases = _names(tables)
    frame = _frame(rows, ids[seen], cases[seen], desk, tables.start, replication)
    return ContactLog(
        frame=frame,
        start=float(start),
        end=float(end),
        observed_until=float(until),
        origin="simulated",
        timezone=desk.model.timezone,
        name=name,
        work=_work(tables, ids, desk),
        staffed=_staffed(tables.staffed, desk, float(tables.start)),
        joins=None if tables.joins is None else _joins(tables.joins, ids, desk),
        off=None if tables.off is None else _off(tables.off, desk),
        account={"capped": tables.capped},
    )


def _frame(
    rows: NDArray[Any],
    ids: NDArray[Any],
    cases: NDArray[Any],
    desk: PlainDesk,
    start: int,
    replication: int,
) -> pd.DataFrame:
    def count(field: str) -> NDArray[np.float64]:
        values = rows[field]
        return np.where(values == NEVER, NAN, values.astype(np.float64))

    def instant(field: str) -> NDArray[np.float64]:
        return np.asarray(count(field) + start, dtype=np.float64)

    def named(field: str, known: tuple[str, ...]) -> pd.Series:
        values = pd.array([*known, None], dtype="str")
        codes = rows[field].astype(np.int64)
        return pd.Series(values.take(np.where(codes < 0, len(known), codes)))

    resolved, abandoned = instant("resolved"), instant("abandoned")
    outcome = np.where(np.isnan(resolved), np.where(np.isnan(abandoned), 2, 1), 0)
    outcome_names = pd.array(["resolved", "abandoned", "open"], dtype="str")
    nps = desk.survey is not None and desk.survey.lowest == 0
    nothing = np.full(len(rows), NAN)
    data = {
        "replication": np.full(len(rows), float(replication)),
        "ticket_id": pd.array(ids, dtype="str"),
        "case_id": pd.array(cases, dtype="str"),
        "contact_no": count("no"),
        "channel": named("channel", desk.channels),
        "category": named("category", tuple(c.name for c in desk.categories)),
        "difficulty": named("tier", desk.tiers),
        "priority": named("priority", desk.priorities),
        "customer": _customers(rows, cases),
        "agent": named("agent", desk.agents),
        "team": named("team", desk.teams),
        "opened_s": instant("opened"),
        "queued_s": instant("opened"),
        "first_response_s": instant("first_response"),
        "first_resolved_s": instant("first_resolved"),
        "resolved_s": resolved,
        "resolved_filled": np.zeros(len(rows)),
        "closed_s": resolved,
        "abandoned_s": abandoned,
        # Exports know how long a caller waited, but not when a ticket was first looked at.
        "wait_s": np.where(rows["live"] > 0, count("wait"), NAN),
        "handle_s": count("handle"),
        "handlings": count("handlings"),
        "transfers": count("transfers"),
        "reopens": count("reopens"),
        "pending_s": count("pending"),
        "outcome": pd.Series(outcome_names.take(outcome)),
        "in_time": nothing,
        "survey_sent": count("survey_sent"),
        "csat": nothing if nps else count("score"),
        "survey_s": instant("survey"),
        "nps": count("score") if nps else nothing,
        "auto_reply_s": instant("auto_reply"),
        "hold_s": count("hold"),
        "pending_customer_s": count("pending_customer"),
        "reworks": count("reworks"),
        "complaint": count("complaint"),
        "churned": count("churned"),
        "quality_score": rows["checked"],
        "empty_reply": count("empty_reply"),
        "cost": _cost(rows, desk),
        "segment": named("segment", desk.demand.segments),
        "language": named("language", desk.demand.languages),
    }  # fmt: skip
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


def _work(tables: Tables, ids: NDArray[Any], desk: PlainDesk) -> pd.DataFrame:
    work, start = tables.work, float(tables.start)
    return pd.DataFrame(
        {
            "agent": pd.array(desk.agents, dtype="str").take(work["agent"]),
            "team": pd.array(desk.teams, dtype="str").take(work["team"]),
            "ticket_id": pd.array(ids, dtype="str").take(work["contact"]),
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


def _staffed(staffed: NDArray[Any], desk: PlainDesk, start: float) -> pd.DataFrame:
    team = np.array(desk.agent_team, dtype=np.int64)[staffed["agent"]]
    return pd.DataFrame(
        {
            "agent": pd.array(desk.agents, dtype="str").take(staffed["agent"]),
            "team": pd.array(desk.teams, dtype="str").take(team),
            "start_s": staffed["start"] + start,
            "end_s": staffed["end"] + start,
        }
    )
