"""What becomes of a contact: handlings, pending waits, transfers, and groups worth learning."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from svcsim.calibration.groups import category_groups, channel_modes, grouped, team_groups
from svcsim.calibration.pending import open_hours, pending_law, quantiles_of, sessions_of
from svcsim.calibration.resolution import ResolutionEstimator
from svcsim.contacts.log import ContactLog, make_log
from svcsim.model.duration import Duration
from svcsim.stats.survival import kaplan_meier

DAY, HOUR = 86400.0, 3600.0
MONDAY = pd.Timestamp("2025-03-03", tz="UTC").timestamp()
AGAIN, PENDING, WORK = 0.4, 20 * HOUR, 600.0


def history(n: int = 3000, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tickets worked on day and night: geometric handlings, lognormal waits (cv 1.3)."""
    rng = np.random.default_rng(seed)
    sigma = np.log1p(1.3**2) ** 0.5
    rows, touches = [], []
    for i, opened in enumerate(MONDAY + np.sort(rng.integers(0, 60 * 86400, n))):
        first = opened + WORK
        ends = [first]
        for _ in range(rng.geometric(1 - AGAIN) - 1):
            wait = rng.lognormal(np.log(PENDING) - sigma**2 / 2, sigma)
            ends.append(ends[-1] + wait + WORK)
        agent = f"a{rng.integers(3)}"
        touches += [(f"t{i}", agent, "desk", end - WORK, end) for end in ends]
        total = ends[-1] - first - WORK * (len(ends) - 1)
        rows.append((f"t{i}", opened, first, ends[-1], agent, float(len(ends)), total))
    columns = ["ticket_id", "opened_s", "first_response_s", "resolved_s", "agent", "handlings"]
    frame = pd.DataFrame(rows, columns=[*columns, "pending_s"])
    work = pd.DataFrame(touches, columns=["ticket_id", "agent", "team", "start_s", "end_s"])
    return frame.round(0), work.round(0)


def median_of(law: Duration) -> float:
    if law.law == "lognormal":
        return law.mean.value / (1 + law.cv.value**2) ** 0.5
    return law.mean.value * law.table[len(law.table) // 2]


def learned(frame: pd.DataFrame, **more: Any) -> ResolutionEstimator:
    log = make_log(frame, start=MONDAY, end=MONDAY + 61 * DAY, **more)
    return ResolutionEstimator().fit(grouped(log))


def test_recorded_handlings_and_pending_time_give_chance_and_law_back():
    fitted = learned(history()[0])
    again, pending = fitted.again_["all"], fitted.pending_["all"]
    assert again.value == pytest.approx(AGAIN, abs=0.02)
    assert again.interval[0] < AGAIN < again.interval[1]
    assert again.grade == pending.mean.grade == "measured"
    assert pending.mean.value == pytest.approx(PENDING, rel=0.08)
    assert median_of(pending) == pytest.approx(PENDING / (1 + 1.3**2) ** 0.5, rel=0.1)


def test_touches_tell_handlings_and_waits_where_nothing_is_counted():
    frame, work = history()
    fitted = learned(frame.drop(columns=["handlings", "pending_s"]), work=work)
    assert fitted.again_["all"].value == pytest.approx(AGAIN, abs=0.02)
    assert fitted.again_["all"].grade == "proxy"
    assert fitted.pending_["all"].mean.value == pytest.approx(PENDING, rel=0.1)
    assert fitted.handlings_.mean() == pytest.approx(frame["handlings"].mean(), rel=0.02)


def test_elapsed_times_alone_are_taken_apart_into_geometric_waits():
    frame, _ = history()
    fitted = learned(frame.drop(columns=["handlings", "pending_s"]))
    assert fitted.again_["all"].value == pytest.approx(AGAIN, abs=0.03)
    # the elapsed time of a ticket holds 1 / (1 - again) waits on average
    assert fitted.pending_["all"].mean.value == pytest.approx(PENDING, rel=0.12)
    assert fitted.handlings_.mean() == pytest.approx(1 / (1 - AGAIN), rel=0.05)
    assert any("30 minutes" in note for note in fitted.notes_)


def test_tickets_still_waiting_are_not_forgotten():
    frame, work = history()
    now = MONDAY + 50 * DAY
    log = make_log(
        frame.drop(columns=["handlings", "pending_s"]),
        start=MONDAY,
        end=MONDAY + 61 * DAY,
        work=work,
    ).known_at(now)
    recent = log.between(now - 6 * DAY, now)
    closed = recent.work[recent.work["ticket_id"].isin(recent.frame["ticket_id"])]
    law = ResolutionEstimator().fit(grouped(recent)).pending_["all"]
    gaps = closed.sort_values("end_s").groupby("ticket_id")["end_s"].diff().dropna() - WORK
    assert gaps.mean() < 0.8 * PENDING
    assert law.mean.value == pytest.approx(PENDING, rel=0.25)


def test_waits_that_end_in_closed_hours_are_not_longer_waits():
    # pending two hours, taken up in office hours only: many last over night or a weekend
    hours = open_hours(
        np.array([MONDAY + d * DAY + h * HOUR for d in range(5) for h in range(9, 17)]), "UTC"
    )
    rng = np.random.default_rng(5)
    start = MONDAY + rng.integers(0, 5, 4000) * DAY + rng.uniform(9, 17, 4000) * HOUR
    taken = hours.next_open(start + rng.exponential(2 * HOUR, 4000))
    elapsed = taken - start
    assert elapsed.mean() > 6 * HOUR
    law = pending_law(start, elapsed, np.ones(4000, dtype=bool), 0.0, hours, "proxy", "test")
    table = np.array(law.table)
    assert (0.5 * (table[1:] + table[:-1])).mean() == pytest.approx(1.0, abs=1e-3)
    middle = law.mean.value * table[len(table) // 2]
    assert middle == pytest.approx(2 * HOUR * np.log(2), rel=0.15)


def test_open_hours_start_again_after_the_weekend():
    stamps = np.array([MONDAY + d * DAY + h * HOUR for d in range(5) for h in range(9, 17)])
    hours = open_hours(stamps, "UTC")
    friday_evening = MONDAY + 4 * DAY + 18.5 * HOUR
    assert hours.next_open(np.array([friday_evening]))[0] == MONDAY + 7 * DAY + 9 * HOUR
    assert hours.next_open(np.array([MONDAY + 10.5 * HOUR]))[0] == MONDAY + 10.5 * HOUR


def test_quantiles_beyond_the_last_event_go_on_at_a_constant_rate():
    time = np.minimum(np.random.default_rng(1).exponential(100.0, 20000), 150.0)
    values = quantiles_of(kaplan_meier(time, time < 150.0), 150.0)
    assert np.median(values) == pytest.approx(100 * np.log(2), rel=0.05)
    assert values.mean() == pytest.approx(100.0, rel=0.05)


def test_touches_of_one_agent_within_ten_minutes_are_one_session():
    work = pd.DataFrame(
        {
            "ticket_id": ["a", "a", "a", "a", "b"],
            "agent": ["x", "x", "y", "x", "x"],
            "team": ["t"] * 5,
            "start_s": [np.nan] * 5,
            "end_s": [0.0, 500.0, 560.0, 3000.0, 3100.0],
        }
    )
    sessions = sessions_of(work)
    assert sessions["ticket_id"].tolist() == ["a", "a", "a", "b"]
    assert sessions["end_s"].tolist() == [500.0, 560.0, 3000.0, 3100.0]


def test_live_contacts_end_with_their_handling():
    frame = history(500)[0].assign(channel="phone", wait_s=3.0)
    fitted = learned(frame)
    assert fitted.again_["all"].value == 0
    assert fitted.pending_["all"] is None


def two_teams(**more: Any) -> pd.DataFrame:
    """1000 tickets of one category: 700 stay in L1, 300 move to L2."""
    frame = history(1000)[0]
    moved = np.arange(1000) % 10 < 3
    return frame.assign(team=np.where(moved, "L2", "L1"), transfers=moved.astype(float), **more)


def test_transfers_go_to_the_team_that_resolved_them():
    fitted = learned(two_teams())
    assert fitted.teams_ == {"all": "L1"}
    assert fitted.transfer_["all"].value == pytest.approx(0.3)
    assert fitted.transfer_to_["all"] == "L2"
    assert fitted.transfer_["all"].grade == "proxy"


def test_the_team_of_the_first_touch_is_where_a_contact_came_in():
    frame = two_teams()
    # L2 resolves most of it, but L1 always sees it first
    frame["team"] = np.where(frame["transfers"] > 0, "L1", "L2")
    work = pd.DataFrame(
        {
            "ticket_id": frame["ticket_id"],
            "agent": "ann",
            "team": "L1",
            "start_s": np.nan,
            "end_s": frame["first_response_s"],
        }
    )
    later = work.assign(team=frame["team"], end_s=frame["resolved_s"])
    fitted = learned(frame, work=pd.concat([work, later], ignore_index=True))
    assert fitted.teams_ == {"all": "L1"}
    assert fitted.transfer_["all"].value == pytest.approx(0.7)
    assert fitted.transfer_["all"].grade == "measured"


def test_changes_of_hands_beyond_the_move_are_hand_overs_inside_the_team():
    """300 of 1000 move; 200 more changes of hands among 1000 handlings before they resolve."""
    frame = two_teams()
    frame["handlings"] = 1.0 + frame["transfers"]
    often = np.arange(1000) % 10 < 2
    frame["transfers"] += often
    frame["handlings"] += often
    fitted = learned(frame)
    assert fitted.transfer_["all"].value == pytest.approx(0.3)
    assert fitted.onward_["all"].value == pytest.approx(200 / 1200)
    assert fitted.again_["all"].value == 0


def test_without_transfer_counts_nothing_is_made_up():
    fitted = learned(two_teams().drop(columns="transfers"))
    assert fitted.transfer_["all"].value == 0
    assert fitted.transfer_["all"].grade == "assumed"
    assert fitted.transfer_to_["all"] is None
    assert fitted.onward_["all"].grade == "assumed"


def labelled(**columns: list[str | None]) -> ContactLog:
    size = len(next(iter(columns.values())))
    frame = pd.DataFrame(
        {"ticket_id": [f"t{i}" for i in range(size)], "opened_s": np.arange(size, dtype=float)}
    )
    return make_log(frame.assign(**columns))


def test_small_categories_and_teams_are_pooled():
    names = ["a"] * 500 + ["b"] * 400 + [f"tiny {i}" for i in range(60)] + [None] * 5
    groups = category_groups(labelled(category=names))
    assert groups["a"] == "a"
    assert groups["b"] == "b"
    assert {group for name, group in groups.items() if name.startswith("tiny")} == {"other"}
    teams = ["L1"] * 600 + ["L2"] * 330 + [f"team {i}" for i in range(35)]
    log = labelled(category=names, team=teams)
    assert set(team_groups(log).values()) == {"L1", "L2", "other team"}
    frame = grouped(log).frame
    assert frame["category"].value_counts().to_dict() == {"a": 500, "b": 400, "other": 65}
    assert frame["team"].value_counts().to_dict() == {"L1": 600, "L2": 330, "other team": 35}


def test_at_most_twelve_categories_are_kept():
    names = [f"c{i}" for i in range(30) for _ in range(110)]
    groups = category_groups(labelled(category=list(names)))
    assert len({group for group in groups.values() if group != "other"}) == 12


def test_a_missing_team_is_the_usual_one_of_the_agent():
    log = labelled(agent=["ann"] * 9 + ["bo"], team=["L1"] * 8 + [None, None])
    assert grouped(log).frame["team"].value_counts().to_dict() == {"L1": 9, "unassigned": 1}
    nothing = grouped(labelled(agent=["ann"] * 3)).frame
    assert nothing["team"].tolist() == ["desk"] * 3
    assert nothing["category"].tolist() == ["all"] * 3


def test_a_channel_is_live_where_customers_were_seen_to_wait_or_leave():
    size = 40
    frame = pd.DataFrame(
        {
            "ticket_id": [f"t{i}" for i in range(size)],
            "opened_s": np.arange(size, dtype=float),
            "channel": ["phone"] * 10
            + ["在线客服"] * 10
            + ["web"] * 10
            + ["Phone (no waits)"] * 10,
            "wait_s": [5.0] * 20 + [np.nan] * 20,
        }
    )
    assert channel_modes(make_log(frame)) == {
        "phone": "live",
        "在线客服": "live",
        "web": "ticket",
        "Phone (no waits)": "ticket",
    }
