"""What a fit sets aside: each rule on the smallest log that shows it, and on one that does not."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import pytest

from svcsim.contacts.checks import run_checks
from svcsim.contacts.log import ContactLog, make_log
from svcsim.contacts.unfit import cleaned, set_aside, set_aside_note

T = 1_700_000_000.0
T -= T % 86400


def log(*rows: dict[str, Any], plain: int = 30) -> ContactLog:
    """Return some contacts beside thirty plain ones, an hour and some seconds apart."""
    usual = [
        {"ticket_id": f"p{i}", "opened_s": T + i * 3607, "first_response_s": T + i * 3607 + 301,
         "resolved_s": T + i * 3607 + 1800, "agent": "Ann", "category": "a", "customer": f"c{i}"}
        for i in range(plain)
    ]  # fmt: skip
    return make_log([*usual, *({"ticket_id": f"x{i}", **row} for i, row in enumerate(rows))])


def aside(log: ContactLog) -> dict[str, int]:
    return set_aside(cleaned(log))


def test_a_plain_log_is_used_whole():
    plain = log()
    assert aside(plain) == {}
    assert cleaned(plain).frame is plain.frame
    assert set_aside_note(cleaned(plain)) == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"resolved_s": T - 100}, {"first_response_s": T - 1}, {"handle_s": -3.0},
        {"wait_s": -1.0}, {"abandoned_s": T - 5}, {"pending_s": -60.0},
    ],
)  # fmt: skip
def test_impossible_contacts_are_left_out(wrong: dict[str, float]):
    found = cleaned(log({"opened_s": T, **wrong}))
    assert set_aside(found) == {"impossible stamps or durations": 1}
    assert "x0" not in set(found.frame["ticket_id"])
    assert set_aside_note(found).startswith("data: calibrated from 30 of 31 contacts")
    assert "31 条联络中的 30 条" in set_aside_note(found).zh


def test_what_is_opened_in_the_future_is_left_out():
    late = time.time() + 3 * 86400
    assert aside(log({"opened_s": late})) == {"opened in the future": 1}


def test_a_ticket_sent_twice_counts_once():
    first = {"opened_s": T + 50, "resolved_s": T + 4000, "agent": "Bo", "category": "a",
             "customer": "Zed"}  # fmt: skip
    twice = {**first, "opened_s": T + 350, "resolved_s": T + 4100}
    found = cleaned(log(first, twice))
    assert set_aside(found) == {"duplicates within 10 minutes": 1}
    assert {"x0"} == {i for i in found.frame["ticket_id"] if i.startswith("x")}
    # of another kind, later, after the first had ended, or with work of its own: not the same
    for other in (
        {"category": "b"}, {"opened_s": T + 50 + 601}, {"resolved_s": T + 90000},
        {"agent": "Cy"}, {"customer": "Zoe"}, {"customer": None},
    ):  # fmt: skip
        assert aside(log(first, {**twice, **other})) == {}
    assert aside(log({**first, "resolved_s": T + 200}, twice)) == {}


def test_twenty_tickets_of_one_second_are_an_import():
    rows = [{"opened_s": T + 77, "customer": f"z{i}"} for i in range(20)]
    assert aside(log(*rows)) == {"batch imports": 20}
    assert aside(log(*rows[:19])) == {}


def test_a_busy_desk_with_minute_stamps_imports_nothing():
    """Thirty calls a minute in every minute are a busy desk, not an import."""
    opened = T + 60.0 * np.repeat(np.arange(200), 30)
    frame = pd.DataFrame({"ticket_id": [f"t{i}" for i in range(6000)], "opened_s": opened})
    assert aside(make_log(frame)) == {}


@pytest.mark.parametrize("name", ["Chat-Bot", "bot", "system", "Workflow", "智能机器人", "系统"])
def test_bots_are_no_agents(name: str):
    assert aside(log({"opened_s": T, "resolved_s": T + 3, "agent": name})) == {
        "resolved by bots": 1
    }


@pytest.mark.parametrize("name", ["Abbott", "Systema Nova", "Robot Vacuums Ltd Support", "Botha"])
def test_people_with_such_names_are(name: str):
    assert aside(log({"opened_s": T, "resolved_s": T + 3, "agent": name})) == {}


@pytest.mark.parametrize("name", ["test", "TEST user 3", "qa-test", "测试账号", "dummy"])
def test_test_customers_are_no_customers(name: str):
    assert aside(log({"opened_s": T, "customer": name})) == {"tests": 1}


@pytest.mark.parametrize("name", ["Testa Rossa", "Contest Ltd", "Protest", "Latest News"])
def test_customers_with_such_names_are(name: str):
    assert aside(log({"opened_s": T, "customer": name})) == {}


def test_a_bulk_close_keeps_its_contacts_and_loses_its_times():
    rows = [
        {"opened_s": T + 10 + 97 * i, "resolved_s": T + 900_001 + i, "agent": "Ann",
         "customer": f"z{i}", "category": "b"}
        for i in range(20)
    ]  # fmt: skip
    found = cleaned(log(*rows))
    assert set_aside(found) == {"closed in bulk (resolution time not used)": 20}
    assert len(found) == 50
    assert set(found.frame.loc[found.frame["resolved_filled"] == 1, "category"]) == {"b"}


def test_a_response_after_the_resolution_is_not_used():
    row = {"opened_s": T, "first_response_s": T + 900, "resolved_s": T + 300}
    found = cleaned(log(row))
    assert set_aside(found) == {"resolved before the first response (response not used)": 1}
    assert np.isnan(found.frame["first_response_s"].iloc[-1])
    # exports round to the minute
    assert aside(log({**row, "first_response_s": T + 350})) == {}


def test_whole_hour_stamps_are_too_coarse_for_times():
    plain = log()
    coarse = plain.frame.assign(resolved_s=np.ceil(plain.frame["resolved_s"] / 3600) * 3600)
    found = cleaned(make_log(coarse))
    assert set_aside(found) == {"whole-hour resolutions (time not used)": 30}
    assert found.frame["resolved_filled"].eq(1).all()


def test_a_zone_of_half_hours_has_whole_hours_of_its_own():
    plain = log()
    local = np.ceil(plain.frame["resolved_s"] / 3600) * 3600 + 1800
    coarse = make_log(plain.frame.assign(resolved_s=local), timezone="Asia/Kolkata")
    assert aside(coarse) == {"whole-hour resolutions (time not used)": 30}


def test_cleaning_twice_keeps_the_first_account():
    once = cleaned(log({"opened_s": T, "customer": "test"}))
    assert cleaned(once) is once
    assert set_aside(once.known_at(T + 1e6)) == {"tests": 1}


def test_check_says_what_a_fit_would_set_aside():
    findings = run_checks(log({"opened_s": T, "customer": "test"}))
    assert any("tests, such as x0" in f.found and "KPIs count them" in f.mend for f in findings)
