"""A desk on which everything happens: its columns survive files, its trace is whole."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from small_desks import MONDAY, category, desk
from svcsim.contacts.columns import columns
from svcsim.contacts.log import ContactLog
from svcsim.contacts.read import read_history
from svcsim.contacts.store import read_log
from svcsim.engine.demand import Horizon
from svcsim.engine.joins import WHY
from svcsim.engine.simulate import simulate
from svcsim.engine.trace import events
from svcsim.engine.trace_floor import Floor
from svcsim.engine.trace_lines import trace
from svcsim.model.service import ServiceModel
from svcsim.study.hour import hour_of

NEW = (
    "nps", "auto_reply_s", "hold_s", "pending_customer_s", "reworks", "complaint", "churned",
    "quality_score", "empty_reply", "cost",
)  # fmt: skip


def fixed(seconds: float) -> dict[str, object]:
    return {"law": "fixed", "mean": seconds}


def everything() -> ServiceModel:
    some = category(
        channels={"call": 0.5, "web": 0.5},
        handling={"law": "exponential", "mean": 900.0},
        hold={"share": 0.3, "time": {"law": "exponential", "mean": 120.0}},
        help={"share": 0.2, "time": fixed(240.0), "team": "back"},
        again=0.4,
        pending_by={"customer": {"share": 0.6, "time": fixed(7200.0)},
                    "supplier": {"share": 0.4, "time": fixed(20_000.0)}},
        transfer=0.1, transfer_to="back", onward=0.1, reopen=0.1, repeat=0.1, rework=0.1,
        team="front",
    )  # fmt: skip
    return desk(
        per_hour=6.0,
        hours=[("08:00", "12:00"), ("13:00", "18:00")],
        categories={"a": some},
        agents={f"p{i}": {"team": "front" if i < 5 else "back"} for i in range(7)},
        teams=["front", "back"],
        channels={
            "call": {"mode": "live", "patience": {"hazard": (4.0,), "balk": 0.05}},
            "web": {"mode": "ticket", "auto_reply": 30.0},
        },
        staffing={"off_share": 0.1, "off_time": fixed(600.0), "at_shift_end": "hand_back"},
        survey={"kind": "nps", "asked": 0.9, "answered": 0.5, "scores": (0.05,) * 6 + (0.14,) * 5},
        complaint={"share": 0.05},
        churn={"share": 0.05},
        quality_check={"sample": 0.2},
        cost={"per_contact": 1.0, "per_minute": 0.5, "per_waiting_minute": 0.01},
        behaviour={"empty_reply": 0.2, "empty_reply_time": fixed(30.0)},
    )


@pytest.fixture(scope="module")
def log() -> ContactLog:
    args = {"seed": 2, "replication": 1, "redraw_parameters": False}
    return simulate(everything(), Horizon(MONDAY, 14, 3), **args, notes=True)


def test_every_new_column_says_something(log):
    frame = log.frame
    assert frame[list(NEW)].notna().any().all()
    assert (
        (frame.loc[frame["channel"] == "web", "auto_reply_s"] - frame["opened_s"])
        .dropna()
        .eq(30.0)
        .all()
    )
    assert frame.loc[frame["channel"] == "call", "auto_reply_s"].isna().all()
    assert (frame["hold_s"] <= frame["handle_s"]).all()
    assert (frame["pending_customer_s"] <= frame["pending_s"]).all()
    assert (frame["pending_customer_s"] % 7200 == 0).all()
    assert frame["nps"].dropna().between(0, 10).all()
    assert frame["csat"].isna().all()
    assert frame["quality_score"].dropna().between(0, 100).all()
    for flag in ("complaint", "churned", "empty_reply"):
        assert set(frame[flag].dropna()) == {0.0, 1.0}
    # nobody who is gone for good opens another contact
    gone = frame.loc[frame["churned"] == 1, "case_id"]
    last = frame.sort_values("contact_no").groupby("case_id")["ticket_id"].last()
    assert set(frame.loc[frame["churned"] == 1, "ticket_id"]) == set(last[gone])


def test_costs_are_those_of_their_parts(log):
    frame = log.frame
    answered = frame["first_response_s"].fillna(frame["abandoned_s"]).fillna(frame["opened_s"])
    wait = (answered - frame["opened_s"]) / 60.0
    expected = 1.0 + 0.5 * frame["handle_s"] / 60.0 + 0.01 * wait
    assert np.allclose(frame["cost"], expected)


def test_every_column_survives_parquet_and_csv(log, tmp_path):
    log.to_parquet(tmp_path / "log.parquet")
    names = list(columns())
    again = read_log(tmp_path / "log.parquet").frame
    pd.testing.assert_frame_equal(again[names], log.frame[names], check_dtype=False)
    log.frame.to_csv(tmp_path / "log.csv", index=False)
    again = read_history(tmp_path / "log.csv", preset="canonical").log.frame.set_index("ticket_id")
    for name in NEW:
        was = log.frame.set_index("ticket_id")[name]
        assert np.allclose(again[name].reindex(was.index), was, equal_nan=True), name


def test_nothing_of_the_future_is_told(log):
    """Seen in the middle: what an unfinished contact will have become is not known yet."""
    middle = (log.start + log.end) / 2
    seen = log.known_at(middle).frame
    unfinished = seen["outcome"] == "open"
    assert unfinished.any()
    whole_life = [name for name in NEW if name != "auto_reply_s"]
    assert seen.loc[unfinished, whole_life].isna().all().all()
    assert seen.loc[~(seen["survey_s"] < middle), "nps"].isna().all()
    assert seen["nps"].notna().any()


def test_the_trace_tells_every_way_into_a_queue(log):
    told = events(log)
    joined, ended = Counter(log.joins["why"]), Counter(e.outcome for e in told if e.what == "ends")
    assert set(joined) == set(WHY)
    for why in ("transferred", "handed_on", "replied", "handed_back"):
        assert ended[why] == joined[why] > 0, why
    what = Counter(event.what for event in told)
    assert what["takes"] + what["helps"] == len(log.work)
    assert what["helps"] >= what["has_helped"] > 0
    assert what["is_reworked"] == joined["reworked"] > 0
    assert what["reopens"] == joined["reopened"] > 0
    assert what["is_back"] == joined["pending"] > 0
    assert ended["unfinished"] == ended["passed_on"] == 0
    assert hour_of(log, log.start, log.observed_until).unknown == 0
    for lang in ("en", "zh"):
        assert not any("Not told" in line or "未记录" in line for line in trace(log, lang)[:6])


def test_nobody_waits_while_somebody_is_free(log):
    home = dict(zip(log.staffed["agent"], log.staffed["team"], strict=True))
    floor, told = Floor(home), events(log)
    waited = 0
    for event, after in zip(told, [*told[1:], None], strict=True):
        floor.apply(event)
        if after is None or after.time > event.time:
            for waiting, free in floor.queues(["front", "back"]):
                assert waiting == 0 or free == 0, event
                waited += waiting > 0
    assert waited > 100
