"""What an export filled in later is not known at an instant: a fit there does not see it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from svcsim.calibration.fit import calibrate
from svcsim.contacts.log import ContactLog, make_log
from svcsim.contacts.read import read_history

WEEK, DAY = 604800.0, 86400.0
MONDAY = pd.Timestamp("2025-03-03", tz="UTC").timestamp()
LATER = ("resolved_s", "first_resolved_s", "closed_s", "csat", "handle_s", "reopens", "agent")
"""What an export back-fills when a contact ends."""


def history() -> ContactLog:
    """Eight weeks of tickets, many of which end weeks after their opening."""
    rng = np.random.default_rng(5)
    n = 1200
    opened = np.sort(MONDAY + rng.integers(0, 8, n) * WEEK + rng.integers(0, 5, n) * DAY)
    opened = opened + rng.integers(9 * 3600, 16 * 3600, n)
    first = opened + rng.exponential(3600, n).round()
    resolved = first + rng.exponential(4 * DAY, n).round()
    frame = pd.DataFrame({
        "ticket_id": [f"t{i}" for i in range(n)], "opened_s": opened, "first_response_s": first,
        "resolved_s": resolved, "first_resolved_s": resolved, "closed_s": resolved + 5 * DAY,
        "agent": rng.choice(["Ann", "Bo", "Cy"], n), "category": rng.choice(["a", "b"], n),
        "handle_s": rng.gamma(2.0, 400.0, n).round(), "csat": rng.integers(1, 6, n).astype(float),
        "reopens": rng.integers(0, 2, n).astype(float),
    })  # fmt: skip
    return make_log(frame, start=MONDAY, end=MONDAY + 8 * WEEK)


def shuffled_later(log: ContactLog, instant: float) -> ContactLog:
    """Return the log with other ends for the contacts that had not ended at ``instant``."""
    frame = log.frame.copy()
    unfinished = np.flatnonzero((frame["resolved_s"] >= instant).to_numpy())
    others = np.random.default_rng(6).permutation(unfinished)
    for name in LATER:
        values = frame[name].to_numpy(dtype=object, copy=True)
        values[unfinished] = values[others]
        frame[name] = pd.Series(values, index=frame.index).astype(frame[name].dtype)
    # an end may come at any later time, but not before the contact is known to be open
    for name in ("resolved_s", "first_resolved_s", "closed_s"):
        frame[name] = frame[name].where(~frame.index.isin(unfinished) | (frame[name] >= instant),
                                        instant + DAY)  # fmt: skip
    return replace(log, frame=frame)


def test_a_fit_at_an_instant_does_not_depend_on_what_came_after():
    log, instant = history(), MONDAY + 5 * WEEK
    other = shuffled_later(log, instant)
    assert not other.frame["agent"].equals(log.frame["agent"])
    fits = [calibrate(each.known_at(instant)).to_yaml() for each in (log, other)]
    assert fits[0] == fits[1]


def test_an_open_contact_does_not_know_who_will_resolve_it():
    log, instant = history(), MONDAY + 5 * WEEK
    known = log.known_at(instant).frame
    waiting = known["outcome"] == "open"
    assert waiting.sum() > 40
    assert known.loc[waiting, "agent"].isna().all()
    assert known.loc[waiting, ["resolved_s", "closed_s", "handle_s", "csat"]].isna().all(axis=None)
    assert known.loc[~waiting, "agent"].notna().all()


def test_who_touched_an_open_contact_is_known_where_touches_are():
    log, instant = history(), MONDAY + 5 * WEEK
    ticket = log.frame[(log.frame["opened_s"] < instant) & (log.frame["resolved_s"] > instant)]
    ids = ticket["ticket_id"].iloc[0]
    names = log.frame["agent"].unique()[:3].tolist()
    touches = pd.DataFrame({
        "agent": names, "team": ["L1"] * 3, "ticket_id": [ids] * 3,
        "start_s": np.nan, "end_s": [instant - 200, instant - 100, instant + 100],
    })  # fmt: skip
    known = replace(log, work=touches).known_at(instant).frame.set_index("ticket_id")
    assert known.loc[ids, "agent"] == names[1]
    # who touches is numbered apart from who resolves: those numbers are no agents of contacts
    other = touches.assign(agent=["user 7", "user 8", "user 9"])
    known = replace(log, work=other).known_at(instant).frame.set_index("ticket_id")
    assert pd.isna(known.loc[ids, "agent"])


def test_nothing_is_hidden_at_the_end_of_a_log():
    log = history()
    known = log.known_at(log.observed_until).frame
    assert known["agent"].equals(log.frame["agent"])


@pytest.mark.realdata
def test_back_filled_columns_of_a_real_log_are_not_known_before(data_dir: Path) -> None:
    """ServiceNow writes resolved_by, resolved_at and closed_at onto every row of a ticket."""
    path = data_dir / "servicenow_incidents_2016_mar_apr.csv.gz"
    log = read_history(path, preset="servicenow-log").log
    instant = pd.Timestamp("2016-04-25", tz=log.timezone).timestamp()
    known = log.known_at(instant)
    waiting = known.frame["outcome"] == "open"
    assert waiting.sum() > 1000
    assert (known.frame[["resolved_s", "closed_s"]].max() < instant).all()
    assert log.work is not None
    touched = set(log.work.loc[log.work["end_s"] < instant, "ticket_id"])
    named = known.frame[waiting & known.frame["agent"].notna()]
    assert set(named["ticket_id"]) <= touched
