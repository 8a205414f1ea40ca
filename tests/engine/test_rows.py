"""A simulated log is a log like any other: written, read back and used as history, it is equal."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from small_desks import MONDAY, desk
from svcsim.contacts.columns import columns
from svcsim.contacts.log import ContactLog, make_log
from svcsim.contacts.store import read_log, write_log
from svcsim.engine.demand import Horizon
from svcsim.engine.opening import opening_state
from svcsim.engine.simulate import simulate
from svcsim.samples.history import truth


@pytest.fixture(scope="module")
def log() -> ContactLog:
    return simulate(truth(), Horizon(MONDAY, 14, 3), seed=1, replication=2)


def meta(log: ContactLog) -> dict[str, object]:
    names = ("start", "end", "observed_until", "origin", "timezone", "name", "account")
    return {name: getattr(log, name) for name in names}


def test_a_simulated_log_has_the_canonical_columns_and_types(log):
    assert list(log.frame.columns) == list(columns())
    for name, column in columns().items():
        assert log.frame[name].dtype == ("float64" if column.is_number else "str"), name
    assert (log.frame["replication"] == 2).all()
    assert log.origin == "simulated"
    start, end, until = Horizon(MONDAY, 14, 3).bounds("Asia/Shanghai")
    assert (log.start, log.end, log.observed_until) == (start, end, until)


def test_csv_and_back_is_equal(log):
    text = log.frame.to_csv(index=False)
    back = make_log(pd.read_csv(io.StringIO(text)), **meta(log))
    pd.testing.assert_frame_equal(back.frame, log.frame, check_exact=True)
    assert meta(back) == meta(log)


def test_parquet_and_back_is_equal(log, tmp_path):
    write_log(log, tmp_path / "log.parquet")
    back = read_log(tmp_path / "log.parquet")
    pd.testing.assert_frame_equal(back.frame, log.frame, check_exact=True)
    pd.testing.assert_frame_equal(back.work, log.work, check_exact=True)
    pd.testing.assert_frame_equal(back.staffed, log.staffed, check_exact=True)
    assert meta(back) == meta(log)


def test_rebuilding_from_the_least_columns_gives_the_derived_ones(log):
    kept = log.frame.drop(columns=["outcome", "queued_s", "contact_no"])
    kept = kept.assign(contact_no=log.frame["contact_no"])
    back = make_log(kept, **meta(log)).frame
    assert back["outcome"].to_list() == log.frame["outcome"].to_list()
    assert np.array_equal(back["queued_s"], log.frame["queued_s"])


def test_a_simulated_log_serves_as_history(log):
    """Its open tickets become the opening state of the next simulation."""
    model = truth()
    opening = opening_state(log, log.observed_until, model)
    frame = log.frame
    live = [name for name, channel in model.channels.items() if channel.mode == "live"]
    open_ = frame[(frame["outcome"] == "open") & ~frame["channel"].isin(live)]
    assert len(opening.waiting) + len(opening.pending) == len(open_)
    unanswered = set(open_.loc[open_["first_response_s"].isna(), "ticket_id"])
    assert {c.ticket_id for c in opening.waiting} <= unanswered
    after = Horizon(MONDAY + pd.Timedelta(days=17), 7, 0)
    then = simulate(model, after, seed=1, replication=2, opening=opening)
    assert set(open_["ticket_id"]) <= set(then.frame["ticket_id"])
    old = then.frame[then.frame["ticket_id"].isin(open_["ticket_id"])].set_index("ticket_id")
    kept = open_.set_index("ticket_id")["opened_s"]
    assert (old["opened_s"].reindex(kept.index) == kept).all()
    assert old["outcome"].eq("resolved").mean() > 0.5
    assert then.frame["ticket_id"].is_unique


def test_nothing_known_at_the_end_is_later_than_the_end(log):
    again = replace(log, observed_until=log.observed_until).known_at(log.observed_until)
    stamps = [name for name, column in columns().items() if column.type == "time"]
    pd.testing.assert_frame_equal(
        again.frame[[*stamps, "outcome"]], log.frame[[*stamps, "outcome"]], check_exact=True
    )


def test_an_empty_day_gives_an_empty_log():
    model = desk(arrivals={"level": 0.0, "profile": desk().arrivals.profile})
    out = simulate(model, Horizon(MONDAY, 1, 0), seed=1, replication=1)
    assert len(out) == 0
    assert len(out.work) == 0
    assert list(out.frame.columns) == list(columns())


def test_a_desk_that_nobody_staffs_serves_nobody():
    model = desk(mode="ticket")
    out = simulate(model, Horizon(MONDAY, 1, 0), seed=1, replication=1, windows=[])
    assert out.frame["outcome"].eq("open").all()
    assert len(out.staffed) == 0
