"""Names that begin inside the window, and imports in batches."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcsim.calibration.arrivals import ArrivalsEstimator
from svcsim.calibration.starts import batch_note, late_starts, shares_since
from svcsim.contacts.log import make_log

DAY = 86400.0
START, WEEKS = 1_704_067_200.0, 12
"""1 January 2024, 00:00 UTC."""


def arrivals(rng: np.random.Generator, perday: float, first: float = 0.0) -> np.ndarray:
    days = 7 * WEEKS
    return START + DAY * np.sort(rng.uniform(first, days, rng.poisson(perday * (days - first))))


def mixed(first: float) -> tuple[np.ndarray, pd.Series]:
    rng = np.random.default_rng(2)
    parts = {
        "login": arrivals(rng, 30),
        "billing": arrivals(rng, 10),
        "chat": arrivals(rng, 20, first),
    }
    opened = np.concatenate(list(parts.values()))
    names = np.repeat(list(parts), [len(part) for part in parts.values()])
    order = np.argsort(opened)
    return opened[order], pd.Series(names[order])


def test_a_category_that_begins_in_week_nine_has_its_share_since_then():
    """20 of 60 a day since its start; over the whole window it would be 20 / 140."""
    opened, names = mixed(56.0)
    shares, starts = shares_since(opened, names, START, START + 7 * WEEKS * DAY, "share")
    assert set(starts) == {"chat"}
    assert (starts["chat"].at - START) / DAY == pytest.approx(56, abs=0.3)
    assert shares["chat"].value == pytest.approx(1 / 3, abs=0.03)
    assert shares["login"].value == pytest.approx(2 / 3 * 3 / 4, abs=0.03)
    assert sum(share.value for share in shares.values()) == pytest.approx(1)


def test_without_a_late_start_shares_are_plain():
    opened, names = mixed(0.0)
    shares, starts = shares_since(opened, names, START, START + 7 * WEEKS * DAY, "share")
    assert starts == {}
    assert shares["login"].value == pytest.approx((names == "login").mean())


def test_a_rare_name_seen_late_has_not_begun():
    opened = START + DAY * np.array([1.0, 2, 40, 45, 50, 80])
    names = pd.Series(["a", "a", "rare", "a", "rare", "a"])
    assert late_starts(opened, names, START, START + 84 * DAY) == {}


def test_the_start_is_said_with_both_shares():
    opened, names = mixed(56.0)
    rows = pd.DataFrame(
        {"ticket_id": [f"t{i}" for i in range(len(opened))], "opened_s": opened, "category": names}
    )
    log = make_log(rows, start=START, end=START + 7 * WEEKS * DAY, timezone="UTC")
    (note,) = (n for n in ArrivalsEstimator().fit(log).notes_ if "begins on" in n)
    assert "'chat' begins on 2024-02-26" in note
    chat = names == "chat"
    assert f"since then is {chat.sum() / (opened >= opened[chat].min()).sum():.1%}" in note
    assert f"would say {chat.mean():.1%}" in note


def test_an_import_at_night_is_flagged_and_busy_minutes_are_not():
    rng = np.random.default_rng(5)
    usual = np.floor(arrivals(rng, 2000))
    assert not batch_note(np.sort(usual), "UTC")
    minutes = np.sort(usual // 60 * 60)  # a log that knows minutes only
    assert not batch_note(minutes, "UTC")
    night = np.sort(np.concatenate([usual, np.full(80, START + 20 * DAY + 7200)]))
    note = batch_note(night, "UTC")
    assert "share 1 stamp," in note
    assert "2024-01-21 02:00 (8" in note


def test_whole_hours_are_no_batches():
    rng = np.random.default_rng(6)
    assert not batch_note(np.sort(arrivals(rng, 2000) // 3600 * 3600), "UTC")
