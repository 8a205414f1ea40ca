from __future__ import annotations

import heapq
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from svcsim.calibration.difficulty import DifficultyEstimator
from svcsim.calibration.handling import HandlingEstimator
from svcsim.calibration.touch import by_people, deconvolve, touches_of, usable_gaps
from svcsim.contacts.log import ContactLog, make_log

DAY = 86400.0
MONDAY = pd.Timestamp("2024-01-01").timestamp()
MEANS = {"short": 10.0, "middle": 25.0, "long": 60.0}


def in_office(t: float) -> float:
    """Move an instant to the next moment between 9 and 17 on a working day."""
    day, second = divmod(t - MONDAY, DAY)
    if second < 9 * 3600:
        second = 9 * 3600
    elif second >= 17 * 3600:
        day, second = day + 1, 9 * 3600
    while day % 7 >= 5:
        day, second = day + 1, 9 * 3600
    return MONDAY + day * DAY + second


def office(load: float, weeks: int = 8, agents: int = 12, minutes: bool = False) -> ContactLog:
    """Office hours, one queue, one touch a ticket when it is done; 15 % of the time on breaks."""
    rng = np.random.default_rng(1)
    names, mean = list(MEANS), np.array(list(MEANS.values())) * 60
    mix = np.array([0.5, 0.3, 0.2])
    n = int(load * agents * weeks * 5 * 8 * 3600 * 0.85 / (mean @ mix))
    day = rng.integers(0, 5, n) + 7 * rng.integers(0, weeks, n)
    opened = np.sort(MONDAY + day * DAY + 9 * 3600 + rng.uniform(0, 8 * 3600, n))
    kind = rng.choice(3, n, p=mix)
    work = rng.lognormal(np.log(mean[kind]) - 0.18, 0.6)
    free = [(MONDAY + 9 * 3600, who) for who in range(agents)]
    who, end = np.zeros(n, dtype=int), np.zeros(n)
    chance = 0.15 * work.mean() / 900
    for i in range(n):
        at, who[i] = heapq.heappop(free)
        end[i] = in_office(max(at, opened[i])) + work[i]
        pause = rng.exponential(900) if rng.random() < chance else 0.0
        heapq.heappush(free, (in_office(end[i] + pause), who[i]))
    grid = 60.0 if minutes else 1.0
    end, opened = end // grid * grid, opened // grid * grid
    ticket = [f"t{i}" for i in range(n)]
    agent = [f"a{k}" for k in who]
    frame = pd.DataFrame(
        {
            "ticket_id": ticket,
            "category": [names[k] for k in kind],
            "opened_s": opened,
            "resolved_s": np.maximum(end, opened),
            "agent": agent,
        }
    )
    touches = pd.DataFrame(
        {"agent": agent, "team": "x", "ticket_id": ticket, "start_s": np.nan, "end_s": end}
    )
    return make_log(frame, work=touches)


@pytest.mark.parametrize(("load", "minutes"), [(0.95, False), (0.6, False), (0.6, True)])
def test_work_is_told_from_gaps_though_agents_idle_and_rest(load: float, minutes: bool):
    log = office(load, minutes=minutes)
    fit = deconvolve(touches_of(log)[0])
    for name, mean in MEANS.items():
        assert fit.mean_of(name) / 60 == pytest.approx(mean, rel=0.15)
    assert fit.cv == pytest.approx(np.expm1(0.36) ** 0.5, abs=0.12)


def test_handling_from_touches_is_a_proxy_whose_interval_holds_the_truth():
    log = office(0.6)
    handling = HandlingEstimator().fit(log, DifficultyEstimator().fit(log))
    assert handling.level_ == 3
    for name, mean in MEANS.items():
        time = handling.handling_[name].mean
        assert time.grade == "proxy"
        assert time.interval[0] / 60 <= mean <= time.interval[1] / 60


def test_two_stamps_a_contact_are_less_sure_than_touches():
    touched = office(0.6)
    frame = touched.frame.drop(columns="outcome")
    stamped = make_log(frame.assign(first_response_s=frame["resolved_s"]))
    spread = []
    for log in (touched, stamped):
        fitted = HandlingEstimator().fit(log, DifficultyEstimator().fit(log))
        spread.append(np.divide(*fitted.handling_["middle"].mean.interval[::-1]))
    assert fitted.level_ == 2
    assert spread[1] > 1.3 * spread[0]


def touch_table(rows: list[tuple[str, str, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["agent", "ticket_id", "end_s"])
    tickets = pd.DataFrame({"ticket_id": frame["ticket_id"].unique(), "opened_s": MONDAY})
    work = frame.assign(team="x", start_s=np.nan)
    return touches_of(make_log(tickets, observed_until=MONDAY + 90 * DAY, work=work))[0]


def at(day: int, hour: float) -> float:
    return MONDAY + day * DAY + hour * 3600


def test_nights_and_a_ticket_that_came_later_are_not_work():
    rows = [("ann", f"d{day}h{k}", at(day, 9 + k)) for day in range(5) for k in range(4)]
    gaps = usable_gaps(touch_table(rows))
    # three gaps of an hour a day; the first touch of a day has none
    assert gaps["seconds"].tolist() == [3600.0] * 15
    late = touch_table(rows)
    late.loc[late["ticket_id"] == "d0h2", "since_s"] = at(0, 10.75)
    assert sorted(usable_gaps(late)["seconds"])[0] == 900.0


def test_touches_of_many_tickets_at_one_stamp_are_one_action():
    rows = [("ann", f"t{k}", at(0, 9 + 0.25 * k)) for k in range(16)]
    rows += [("ann", f"bulk{k}", at(0, 13.1)) for k in range(6)]
    gaps = usable_gaps(touch_table(rows))
    assert not gaps["ticket_id"].str.startswith("bulk").any()


def test_a_program_is_not_a_person():
    rows = [("ann", f"t{k}", at(0, 9 + 0.25 * k)) for k in range(16)]
    rows += [("robot", f"r{k}", at(0, 9 + k // 4)) for k in range(24)]
    assert set(by_people(touch_table(rows))["agent"]) == {"ann"}


def test_repeated_touches_of_a_ticket_within_a_minute_are_one():
    rows = [("ann", "t1", at(0, 9)), ("ann", "t1", at(0, 9) + 20), ("ann", "t1", at(0, 9) + 500)]
    assert len(touch_table(rows)) == 2


def test_too_few_gaps_tell_nothing():
    rows = [("ann", f"t{k}", at(0, 9 + 0.25 * k)) for k in range(16)]
    assert deconvolve(touch_table(rows)) is None


@pytest.mark.realdata
def test_service_desk_touches_give_minutes_not_hours(data_dir: Path):
    raw = pd.read_csv(
        data_dir / "servicenow_incidents_2016_mar_apr.csv.gz", dtype=str, keep_default_na=False
    )

    def epoch(name: str) -> pd.Series:
        stamps = pd.to_datetime(raw[name].where(raw[name] != "?"), format="%d/%m/%Y %H:%M")
        return (stamps - pd.Timestamp(0)).dt.total_seconds()

    work = pd.DataFrame(
        {
            "agent": raw["sys_updated_by"],
            "team": raw["assignment_group"],
            "ticket_id": raw["number"],
            "start_s": np.nan,
            "end_s": epoch("sys_updated_at"),
        }
    )
    last = raw.assign(opened=epoch("opened_at")).groupby("number").last().reset_index()
    frame = pd.DataFrame(
        {
            "ticket_id": last["number"],
            "category": last["category"],
            "opened_s": last["opened"],
        }
    )
    log = make_log(frame, observed_until=float(work["end_s"].max()) + 1, work=work)
    fitted = HandlingEstimator().fit(log, DifficultyEstimator().fit(log))
    assert fitted.level_ == 3
    # the account behind the automatic closing is a program: a quarter of all touches
    assert "Updated by 908" not in set(fitted.work_["agent"])
    assert len(fitted.work_) > 40_000
    raw_gap = fitted.work_["seconds"].mean()
    assert "Category 26" in fitted.handling_
    minutes = fitted.handling_["Category 26"].mean.value / 60
    assert 5 < minutes < 30
    assert raw_gap > 500
