"""The real histories through their presets: counts, accounts, and what the checks find."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from svcsim.contacts.capability import can_calibrate
from svcsim.contacts.checks import run_checks
from svcsim.contacts.read import Reading, read_history

pytestmark = pytest.mark.realdata

BANK = {  # rows, answered, abandoned, left the voice unit, phantom, agents
    "01": (31599, 27060, 3080, 1219, 240, 28),
    "02": (33344, 27162, 3932, 1972, 278, 24),
}


def closes(reading: Reading) -> bool:
    account = reading.account
    aside = sum(account["set_aside"].values())
    return account["read"] == account["used"] + aside and len(reading.rejects) == aside


@pytest.mark.parametrize("month", BANK)
def test_bank_calls(data_dir: Path, month: str) -> None:
    rows, answered, abandoned, voice, phantom, agents = BANK[month]
    reading = read_history(data_dir / f"bank_calls_1999_{month}.tsv.gz", preset="bank-calls")
    frame = reading.log.frame
    assert frame["outcome"].value_counts().to_dict() == {
        "resolved": answered,
        "abandoned": abandoned,
    }
    assert reading.account["set_aside"] == {
        "left the voice unit without queueing": voice,
        "phantom call": phantom,
    }
    assert reading.account["read"] == rows
    assert closes(reading)
    assert frame.loc[frame["handle_s"] > 0, "agent"].nunique() == agents
    assert reading.log.timezone == "Asia/Jerusalem"
    # Durations and stamps say the same, after midnight too.
    service = (frame["resolved_s"] - frame["first_response_s"]).dropna()
    assert np.array_equal(service, frame.loc[service.index, "handle_s"])
    left = (frame["abandoned_s"] - frame["queued_s"]).dropna()
    assert np.array_equal(left, frame.loc[left.index, "wait_s"])
    assert (frame["opened_s"] <= frame["queued_s"]).all()


def test_both_months_are_one_history(data_dir: Path) -> None:
    reading = read_history(data_dir / "bank_calls_1999_*.tsv.gz", preset="bank-calls")
    assert reading.account["read"] == 31599 + 33344
    assert len(reading.log) == 27060 + 3080 + 27162 + 3932
    start, end = (pd.Timestamp(day, tz="Asia/Jerusalem") for day in ("1999-01-01", "1999-03-01"))
    assert (reading.log.start, reading.log.end) == (start.timestamp(), end.timestamp())


def test_what_the_checks_find_in_january(data_dir: Path) -> None:
    log = read_history(data_dir / "bank_calls_1999_01.tsv.gz", preset="bank-calls").log
    texts = " ".join(finding.found for finding in run_checks(log))
    assert "2 days without any contact: 1999-01-11, 1999-01-12" in texts
    assert all(name in texts for name in ("MORIAH", "MIKI", "ANAT"))
    grades = can_calibrate(log)
    for part in ("arrivals", "handling", "patience", "agents", "wait"):
        assert grades[part] == "measured"
    for part in ("transfers", "reopen", "survey"):
        assert grades[part] == "no"


@pytest.fixture(scope="module")
def tickets(data_dir: Path) -> Reading:
    path = data_dir / "servicenow_incidents_2016_mar_apr.csv.gz"
    return read_history(path, preset="servicenow-log")


def test_servicenow_counts(tickets: Reading) -> None:
    frame = tickets.log.frame
    assert tickets.account["read"] == tickets.account["used"] == 101045
    assert len(frame) == 17136
    assert closes(tickets)
    assert round((frame["reopens"] > 0).mean(), 4) == 0.0118
    assert round(frame["transfers"].mean(), 3) == 1.030
    assert round((frame["transfers"] == 0).mean(), 4) == 0.5126
    assert round(frame["in_time"].mean(), 4) == 0.5721
    assert frame["agent"].nunique() == 179
    assert frame["category"].nunique() <= 38
    assert round(frame["team"].isna().mean(), 2) == 0.12
    assert (frame["first_response_s"] >= frame["opened_s"]).all()
    assert (frame["first_resolved_s"] <= frame["resolved_s"]).all()
    assert frame["resolved_s"].notna().all()


def test_servicenow_stamps_equal_a_plain_reading(tickets: Reading, data_dir: Path) -> None:
    raw = pd.read_csv(data_dir / "servicenow_incidents_2016_mar_apr.csv.gz", dtype=str)
    stamp = pd.to_datetime(raw["sys_updated_at"], format="%d/%m/%Y %H:%M")
    raw["epoch"] = stamp.astype("datetime64[s]").astype("int64")
    first = raw[raw["incident_state"] != "New"].groupby("number")["epoch"].min()
    frame = tickets.log.frame.set_index("ticket_id")
    expected = np.maximum(first.reindex(frame.index), frame["opened_s"])
    assert np.array_equal(frame["first_response_s"], expected)
    waits = raw.groupby("number")["epoch"].shift(-1) - raw["epoch"]
    waiting = raw["incident_state"].str.startswith("Awaiting")
    pending = waits.clip(lower=0).where(waiting, 0).groupby(raw["number"]).sum()
    assert np.array_equal(frame["pending_s"], pending.reindex(frame.index))


def test_servicenow_touches_are_one_an_event(tickets: Reading) -> None:
    work = tickets.log.work
    assert work is not None
    assert len(work) == 101045
    assert work["start_s"].isna().all()
    assert work["agent"].notna().all()
    assert set(work["ticket_id"]) == set(tickets.log.frame["ticket_id"])


def test_servicenow_cases_follow_silence(tickets: Reading) -> None:
    frame = tickets.log.frame.sort_values(["case_id", "contact_no"])
    gap = frame["opened_s"] - frame.groupby("case_id")["resolved_s"].transform(
        lambda ends: ends.cummax().shift()
    )
    assert (gap.dropna() <= 7 * 86400).all()
    assert frame.groupby("case_id")["customer"].nunique().max() == 1


def test_the_shared_account_is_reported(tickets: Reading) -> None:
    texts = [finding.found for finding in run_checks(tickets.log)]
    assert any("413 of 17136 contacts" in text for text in texts)


def test_tech_support(data_dir: Path) -> None:
    reading = read_history(data_dir / "tech_support_tickets_2023_synthetic.csv.gz")
    assert reading.mapping is not None
    assert reading.mapping.name == "tech-support-flat"
    assert reading.account["read"] == 2330
    assert reading.account["set_aside"] == {"first response before the opening": 2}
    assert closes(reading)
    assert reading.log.frame["csat"].notna().sum() == 2330 - 1157 - (
        reading.rejects["Survey results"].notna() & (reading.rejects["Survey results"] != "")
    ).sum()  # fmt: skip
    assert (reading.log.frame["outcome"] == "open").sum() == 418
    assert reading.log.frame.loc[reading.log.frame["outcome"] == "open", "in_time"].isna().all()


def test_arrival_counts_are_no_contacts(data_dir: Path) -> None:
    from svcsim.errors import InputError

    with pytest.raises(InputError, match="no preset reads these columns: DateTime, Calls"):
        read_history(data_dir / "bank_calls_5min_2003.csv.gz")
