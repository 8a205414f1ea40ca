"""A desk of random contacts, with everything a log can hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from svcsim.calendar import business_hours
from svcsim.contacts.log import ContactLog, make_log
from svcsim.contacts.tables import CHOICES, make_table

START = pd.Timestamp("2024-03-01", tz="Asia/Shanghai").timestamp()
DAYS = 40


def random_rows(seed: int, n: int = 600, replication: int = 0) -> pd.DataFrame:
    """Return contacts of cases with repeats, some abandoned, some still open."""
    rng = np.random.default_rng(seed)
    opened = np.sort(np.floor(START + rng.uniform(0, DAYS * 86400, n)))
    wait = np.floor(rng.exponential(300, n))
    handle = np.floor(rng.lognormal(5, 1, n))
    pending = np.floor(np.where(rng.random(n) < 0.4, rng.exponential(2 * 86400, n), 0))
    kind = rng.choice(3, n, p=[0.85, 0.1, 0.05])
    resolved = np.where(kind == 0, opened + wait + handle + pending, np.nan)
    case = rng.integers(0, int(n * 0.7), n)
    rows = pd.DataFrame(
        {
            "replication": replication,
            "ticket_id": [f"T{i}" for i in range(n)],
            "case_id": [f"C{c}" for c in case],
            "opened_s": opened,
            "first_response_s": np.where(kind == 0, opened + wait + handle, np.nan),
            "first_resolved_s": resolved - np.where(rng.random(n) < 0.1, 60, 0),
            "resolved_s": resolved,
            "closed_s": resolved,
            "abandoned_s": np.where(kind == 1, opened + wait, np.nan),
            "wait_s": np.where(kind == 2, np.nan, wait),
            "handle_s": np.where(kind == 0, handle, np.nan),
            "agent": np.where(kind == 0, rng.choice(["An", "Bo", "Cy"], n), None),
            "team": rng.choice(["east", "west"], n),
            "category": rng.choice(["bill", "fault", "returns"], n),
            "transfers": rng.poisson(0.4, n),
            "reopens": rng.poisson(0.1, n),
            "in_time": np.where(rng.random(n) < 0.9, rng.random(n) < 0.7, np.nan).astype(float),
            "survey_sent": (rng.random(n) < 0.6).astype(float),
            "csat": np.where(rng.random(n) < 0.3, rng.integers(1, 6, n), np.nan),
            "survey_s": np.where(rng.random(n) < 0.2, resolved + 3600, np.nan),
        }
    )
    done = kind == 0
    rows["nps"] = np.where(rng.random(n) < 0.3, rng.integers(0, 11, n), np.nan)
    rows["quality_score"] = np.where(rng.random(n) < 0.4, rng.normal(85, 8, n).round(1), np.nan)
    for flag, share in (("complaint", 0.1), ("churned", 0.1), ("empty_reply", 0.2)):
        rows[flag] = np.where(rng.random(n) < 0.9, rng.random(n) < share, np.nan).astype(float)
    rows["reworks"] = rng.poisson(0.1, n)
    rows["hold_s"] = np.where(done, np.floor(handle * rng.uniform(0, 0.3, n)), np.nan)
    rows["cost"] = np.where(rng.random(n) < 0.9, rng.uniform(1, 30, n).round(2), np.nan)
    rows["pending_s"] = np.where(done, pending, np.nan)
    rows["pending_customer_s"] = np.where(done, np.floor(pending / 2), np.nan)
    rows["handlings"] = np.where(done, 1 + (pending > 0) + rng.poisson(0.2, n), np.nan)
    rows = rows.assign(**more_columns(np.random.default_rng([seed, 1]), rows))
    harder = rows["category"].map({"bill": 1.0, "fault": 2.0, "returns": 0.5})
    rows["handle_s"] = np.floor(rows["handle_s"] * harder)
    rows["contact_no"] = rows.groupby("case_id").cumcount() + 1
    return rows


def more_columns(rng: np.random.Generator, rows: pd.DataFrame) -> dict[str, object]:
    """Return what only some exports hold: messages, states, second ratings, faults."""
    n, done = len(rows), rows["resolved_s"].notna().to_numpy()
    turns = rng.integers(0, 4, n)
    return {
        "customer": [f"K{k}" for k in rng.integers(0, 80, n)],
        "channel": rng.choice(["mail", "web"], n),
        "replies": np.where(done, rng.integers(0, 4, n), np.nan),
        "customer_messages": np.where(done, rng.poisson(0.7, n), np.nan),
        "commenters": np.where(done, rng.poisson(0.5, n), np.nan),
        "meaningful_s": np.where(done, rows["first_response_s"] + 600, np.nan),
        "turns": turns,
        "turn_wait_s": turns * np.floor(rng.exponential(900, n)),
        "requester_wait_s": np.where(done, np.floor(rng.exponential(5000, n)), np.nan),
        "desk_turn_s": np.where(done, np.floor(rng.exponential(3000, n)), np.nan),
        "effort": np.where(rng.random(n) < 0.3, rng.integers(1, 8, n), np.nan),
        "csat_first": np.where(rng.random(n) < 0.2, rng.integers(1, 6, n), np.nan),
        "recovered": np.where(rng.random(n) < 0.5, rng.integers(0, 2, n), np.nan),
        "fault": (rng.random(n) < 0.2).astype(float),
    }


def side_tables(seed: int, contacts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return every side table, from the third day on."""
    rng = np.random.default_rng([seed, 2])
    first, span, n = START + 2 * 86400, (DAYS - 2) * 86400, 120
    agents = np.array(["An", "Bo", "Cy"])

    def at(many: int = n) -> np.ndarray:
        return np.floor(first + rng.uniform(0, span, many))

    tickets = contacts["ticket_id"][(contacts["opened_s"] >= first).to_numpy()].to_numpy(object)
    ticket = rng.choice(tickets, n)
    begin, day = at(), first + 86400 * np.repeat(np.arange(DAYS - 2), 3)
    made = {
        "messages": {"ticket_id": ticket, "time_s": at(), "author": "agent"},
        "stages": {
            "ticket_id": ticket, "stage": "open", "start_s": begin,
            "end_s": begin + rng.integers(60, 9000, n),
            "waiting_for": ["desk", "customer", "other"] * (n // 3),
        },
        "sla": {
            "ticket_id": ticket, "policy": "first_response", "applied_s": begin,
            "due_s": begin + 3600, "met_s": begin + rng.integers(0, 7200, n),
        },
        "reviews": {
            "review": [f"R{k // 3}" for k in range(n)], "time_s": np.repeat(at(n // 3), 3),
            "agent": np.repeat(rng.choice(agents, n // 3), 3), "item": ["a", "b", "c"] * (n // 3),
            "score": rng.choice([40.0, 80.0, 100.0], n), "critical": rng.integers(0, 2, n),
        },
        "knowledge": {
            "time_s": at(), "agent": rng.choice(agents, n),
            "action": rng.choice(["new", "update", "cite"], n),
            "category": rng.choice(["bill", "fault", "returns"], n),
        },
        "alerts": {
            "time_s": at(), "agent": rng.choice(agents, n), "confirmed": rng.integers(0, 2, n),
            "customer": [f"K{k}" for k in rng.integers(0, 80, n)],
        },
        "suggestions": {
            "time_s": at(), "agent": rng.choice(agents, n), "accepted": rng.integers(0, 2, n),
        },
        "sales": {
            "time_s": at(600), "agent": rng.choice(agents, 600),
            "kind": rng.choice(CHOICES["sales", "kind"], 600),
            "success": rng.integers(0, 2, 600),
            "customer": [f"K{k}" for k in rng.integers(0, 80, 600)],
        },
        "finance": {
            "time_s": first, "revenue": [9e4, 8e4, 7e4], "service_cost": [5e3, 6e3, 7e3],
            "team": ["east", "west", "west"],
        },
        "installed": {"time_s": first, "units": [900.0, 500.0], "category": ["bill", "fault"]},
        "training": {
            "time_s": at(), "agent": rng.choice(agents, n), "hours": rng.integers(1, 5, n),
            "score": rng.normal(75, 8, n),
        },
        "schedule": {
            "agent": np.tile(agents, DAYS - 2), "start_s": day + 10 * 3600.0,
            "end_s": day + 18 * 3600.0, "team": "east",
            "activity": rng.choice(["work", "work", "work", "meeting"], len(day)),
        },
        "headcount": {
            "time_s": first, "heads": [30, 20, 25], "leavers": [1, 0, 2],
            "team": ["east", "west", "west"],
        },
    }  # fmt: skip
    return {name: make_table(name, pd.DataFrame(rows)) for name, rows in made.items()}


def spells(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    start = np.floor(START + rng.uniform(0, DAYS * 86400, 300))
    agent = rng.choice(["An", "Bo", "Cy"], 300)
    ticket = [f"T{k}" for k in np.random.default_rng([seed, 3]).integers(0, 600, 300)]
    work = pd.DataFrame({"agent": agent, "team": "east", "ticket_id": ticket, "start_s": start})
    work["end_s"] = start + np.floor(rng.exponential(900, 300))
    days = START + 86400 * np.arange(DAYS)
    staffed = pd.DataFrame(
        {
            "agent": np.repeat(["An", "Bo", "Cy"], DAYS),
            "team": "east",
            "start_s": np.tile(days + 9 * 3600, 3),
            "end_s": np.tile(days + 17 * 3600, 3),
        }
    )
    return work, staffed


@pytest.fixture(scope="session")
def build() -> Callable[..., ContactLog]:
    """Return a function that makes a random log."""

    def make(seed: int = 1, rows: pd.DataFrame | None = None) -> ContactLog:
        work, staffed = spells(seed)
        frame = random_rows(seed) if rows is None else rows
        made = make_log(
            frame,
            start=START,
            end=START + DAYS * 86400,
            observed_until=START + (DAYS + 5) * 86400,
            timezone="Asia/Shanghai",
            name="desk",
            work=work,
            staffed=staffed,
            tables=side_tables(seed, frame),
        )
        hours = business_hours("mon-sun 9:00-12:00 13:00-18:00", made.timezone)
        return replace(made, hours=hours)

    return make


@pytest.fixture(scope="session")
def log(build: Callable[..., ContactLog]) -> ContactLog:
    """Return one random log."""
    return build()
