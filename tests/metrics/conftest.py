"""A desk of random contacts, with everything a log can hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace

import numpy as np
import pandas as pd
import pytest

from svcsim.calendar import business_hours
from svcsim.contacts.log import ContactLog, make_log

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
            "category": rng.choice(["bill", "fault", "other"], n),
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
    rows["contact_no"] = rows.groupby("case_id").cumcount() + 1
    return rows


@dataclass(frozen=True)
class TabledLog(ContactLog):
    """A log with side tables, as `metrics.facts` asks for them."""

    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def with_stages(log: ContactLog, seed: int) -> TabledLog:
    """Return the log with stages of most contacts, some of them waiting for the customer."""
    rng = np.random.default_rng(seed)
    n = 2 * len(log.frame)
    start = START + np.floor(rng.uniform(0, DAYS * 86400, n))
    end = start + np.floor(rng.exponential(40000, n))
    stages = pd.DataFrame(
        {
            "ticket_id": rng.choice(log.frame["ticket_id"], n),
            "status": "pending",
            "waiting_for": rng.choice(["customer", "vendor", None], n),
            "start_s": start,
            "end_s": np.where(rng.random(n) < 0.05, np.nan, end),
        }
    )
    parts = {part.name: getattr(log, part.name) for part in fields(ContactLog)}
    return TabledLog(**{**parts, "tables": {"stages": stages}})


def spells(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    start = np.floor(START + rng.uniform(0, DAYS * 86400, 300))
    agent = rng.choice(["An", "Bo", "Cy"], 300)
    work = pd.DataFrame({"agent": agent, "team": "east", "ticket_id": "T1", "start_s": start})
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
        made = make_log(
            random_rows(seed) if rows is None else rows,
            start=START,
            end=START + DAYS * 86400,
            observed_until=START + (DAYS + 5) * 86400,
            timezone="Asia/Shanghai",
            name="desk",
            work=work,
            staffed=staffed,
        )
        hours = business_hours("mon-sun 9:00-12:00 13:00-18:00", made.timezone)
        return with_stages(replace(made, hours=hours), seed)

    return make


@pytest.fixture(scope="session")
def log(build: Callable[..., ContactLog]) -> ContactLog:
    """Return one random log."""
    return build()
