"""Long logs: their columns are kept apart, and only what still mattered is replayed."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from svcsim.calibration.recent import last_weeks
from svcsim.contacts import log as log_module
from svcsim.contacts.log import ContactLog, make_log
from svcsim.contacts.recent import LOOK_BACK, alive_since, near
from svcsim.contacts.store import read_log

DAY, WEEK = 86400.0, 604800.0
MONDAY = pd.Timestamp("2025-03-03", tz="UTC").timestamp()


def history(weeks: int = 20, n: int = 1000) -> ContactLog:
    rng = np.random.default_rng(7)
    opened = np.sort(MONDAY + rng.uniform(0, weeks * WEEK, n)).round()
    resolved = (opened + rng.exponential(3 * DAY, n)).round()
    frame = pd.DataFrame({
        "ticket_id": [f"t{i}" for i in range(n)], "opened_s": opened, "resolved_s": resolved,
        "first_resolved_s": np.where(rng.random(n) < 0.1, opened + 60, resolved),
        "agent": rng.choice(["Ann", "Bo"], n), "csat": np.where(rng.random(n) < 0.5, 4.0, np.nan),
        "survey_s": resolved + DAY, "handle_s": rng.gamma(2.0, 300.0, n).round(),
    })  # fmt: skip
    return make_log(frame, start=MONDAY, end=MONDAY + weeks * WEEK)


@pytest.mark.parametrize("days", [10.3, 70.0, 139.9, 400.0])
def test_a_long_log_is_cut_like_a_short_one(monkeypatch: pytest.MonkeyPatch, days: float):
    instant = MONDAY + days * DAY
    short = history()
    monkeypatch.setattr(log_module, "LONG", 1)
    long = history()
    pd.testing.assert_frame_equal(long.frame, short.frame)
    for cut in (
        lambda log: log.known_at(instant),
        lambda log: log.known_at(instant).between(MONDAY + WEEK, MONDAY + 8 * WEEK),
        lambda log: alive_since(log, instant),
    ):
        monkeypatch.setattr(log_module, "LONG", 1)
        from_long = cut(long).frame
        monkeypatch.setattr(log_module, "LONG", 10**9)
        pd.testing.assert_frame_equal(from_long, cut(short).frame)


def test_what_a_long_log_shares_cannot_be_written_to(monkeypatch: pytest.MonkeyPatch):
    """Else one value set in an empty column would stand in all of them."""
    monkeypatch.setattr(log_module, "LONG", 1)
    frame = history().frame
    assert np.shares_memory(frame["nps"].to_numpy(), frame["cost"].to_numpy())
    assert not frame["nps"].to_numpy().flags.writeable


def test_parquet_gives_back_the_same_log(tmp_path):
    log = history()
    log.to_parquet(tmp_path / "log.parquet")
    back = read_log(tmp_path / "log.parquet")
    pd.testing.assert_frame_equal(back.frame, log.frame)
    assert back.frame.to_csv(io.StringIO()) == log.frame.to_csv(io.StringIO())


def test_what_had_ended_before_is_left_out_and_nothing_else():
    log = history()
    instant = MONDAY + 10 * WEEK
    kept = set(alive_since(log, instant).frame["ticket_id"])
    frame = log.frame
    ended = (frame["resolved_s"] < instant) & (frame["survey_s"] < instant)
    assert kept == set(frame.loc[~ended, "ticket_id"])


def test_a_replay_of_a_short_log_sees_all_of_it(monkeypatch: pytest.MonkeyPatch):
    log, instant = history(), MONDAY + 15 * WEEK
    assert near(log, instant) is log
    monkeypatch.setattr("svcsim.contacts.recent.MOST_CONTACTS", 500)
    assert len(near(log, instant)) == len(alive_since(log, instant - LOOK_BACK)) < len(log)


def test_the_last_whole_weeks_within_the_limit_are_taken_and_said():
    log = history()
    part, note = last_weeks(log, 600)
    assert len(part) <= 600
    assert (part.end - part.start) % WEEK == 0
    assert len(log.between(part.start - WEEK, log.end)) > 600  # one more week would be too many
    assert f"last {int((part.end - part.start) / WEEK)} weeks" in note
    assert f"{len(part)} of 1,000 contacts" in note
    assert last_weeks(log, 1000) == (log, "")


def test_eight_weeks_are_used_however_many_contacts_they_hold():
    part, _ = last_weeks(history(), 10)
    assert part.end - part.start == 8 * WEEK
