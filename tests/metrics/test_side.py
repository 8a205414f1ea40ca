"""Metrics of side tables: what they may not say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcsim.contacts.log import ContactLog, make_log
from svcsim.contacts.tables import make_table
from svcsim.metrics.evaluate import evaluate

DAY = 86400.0


def log_with(**tables: pd.DataFrame) -> ContactLog:
    """Return three months (January to March 1970) with a contact an hour, by two agents."""
    opened = np.arange(0, 90 * DAY, 3600.0)
    frame = pd.DataFrame(
        {
            "ticket_id": [f"t{i}" for i in range(len(opened))],
            "agent": np.where(np.arange(len(opened)) % 2 == 0, "An", "Bo"),
            "channel": np.where(np.arange(len(opened)) % 3 == 0, "mail", "web"),
            "category": "x", "opened_s": opened, "resolved_s": opened + 60,
        }
    )  # fmt: skip
    made = {name: make_table(name, rows) for name, rows in tables.items()}
    return make_log(frame, start=0.0, end=90 * DAY, observed_until=91 * DAY, tables=made)


def test_contacts_count_in_the_months_that_the_table_holds() -> None:
    january = pd.DataFrame({"time_s": [0.0], "revenue": [9e4], "service_cost": [744.0]})
    row = evaluate(log_with(finance=january), "cost_per_service").iloc[0]
    assert (row["value"], row["n"]) == (1.0, 31 * 24)  # not the 2,160 of three months


def test_a_group_that_the_table_does_not_know_is_unknown() -> None:
    months = pd.DataFrame({"time_s": [0.0], "revenue": [9e4], "service_cost": [744.0]})
    articles = pd.DataFrame({"time_s": [DAY] * 2, "agent": ["An", "An"], "action": "new"})
    log = log_with(finance=months, knowledge=articles)
    assert evaluate(log, "cost_per_service", "agent")["value"].isna().all()
    assert (evaluate(log, "cost_per_service", "agent")["n"] == 0).all()
    assert evaluate(log, "kb_rate", "channel")["value"].isna().all()
    rate = evaluate(log, "kb_rate", "agent").set_index("agent")["value"]
    assert rate["Bo"] == 0.0  # the register exists, and Bo is not in it
    assert rate["An"] == pytest.approx(200 / 1080)


def test_growth_is_of_people_not_between_them() -> None:
    """Two agents who do not change, the better one tested later."""
    tests = pd.DataFrame(
        {
            "time_s": DAY * np.array([1.0, 5, 9, 61, 65, 69]),
            "agent": ["An"] * 3 + ["Bo"] * 3,
            "score": [50.0] * 3 + [90.0] * 3,
        }
    )
    log = log_with(training=tests)
    assert evaluate(log, "growth").iloc[0]["value"] == pytest.approx(0.0)
    assert evaluate(log, "growth", "agent")["value"].tolist() == pytest.approx([0.0, 0.0])


def test_articles_about_the_same_days_count_once() -> None:
    def effect(times: list[float]) -> pd.Series:
        rows = pd.DataFrame(
            {"time_s": DAY * np.array(times), "agent": "An", "action": "new", "category": "x"}
        )
        return evaluate(log_with(knowledge=rows), "kb_effect(7d)").iloc[0]

    assert effect([30.0])["n"] == effect([30.0, 31.0, 36.0])["n"] == 1
    assert effect([30.0, 44.0])["n"] == 2
