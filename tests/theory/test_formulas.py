"""Simulated desks against queueing formulas: known truth, with the simulation's own error.

Each comparison takes batches of days of one long run; the observed mean must lie within 3.7
standard errors of the formula (chance of a false alarm 2 in 10 000), and the error itself must be
small, so that agreement means something.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import gammaincinv

from small_desks import ALL_DAY, MONDAY, category, desk, run_clock
from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import simulate
from svcsim.model.quantity import Rate
from svcsim.stats import queueing

WARM_UP = 2 * 86400.0


def agrees(values, opened, truth, *, error, batches=20):
    """Compare the mean of the values of the customers of `batches` equal spans with the truth."""
    keep = opened >= opened[0] + WARM_UP
    values, opened = np.asarray(values, dtype=float)[keep], opened[keep]
    span = np.linspace(opened[0], opened[-1] + 1, batches + 1)
    group = np.searchsorted(span, opened, side="right") - 1
    size = np.bincount(group, minlength=batches)
    mean = np.bincount(group, values, batches).sum() / size.sum()
    residual = np.bincount(group, values - mean, batches)
    se = np.sqrt((residual**2).sum() * batches / (batches - 1)) / size.sum()
    assert se < error * truth, f"standard error {se:.3g} is too large to tell anything"
    assert abs(mean - truth) < 3.7 * se, f"{mean:.5g} against {truth:.5g}, error {se:.2g}"


def waits(record):
    contacts = [c for c in record.contacts if c.wait == c.wait]
    opened = np.array([c.opened for c in contacts], dtype=float)
    return np.array([c.wait for c in contacts], dtype=float), opened, contacts


@pytest.mark.parametrize(
    ("per_hour", "servers", "days"), [(0.7, 1, 700), (8.0, 10, 250), (3.2, 4, 400)]
)
def test_erlang_c(per_hour, servers, days):
    """M/M/c with a mean service of one hour, so that the clock's seconds do not matter."""
    _, record = run_clock(desk(per_hour, servers), Horizon(MONDAY, days, 0), seed=3)
    wait, opened, _ = waits(record)
    agrees(wait > 0, opened, queueing.erlang_c(servers, per_hour), error=0.06)
    hours = queueing.mean_wait(per_hour, 1.0, servers)
    agrees(wait / 3600, opened, hours, error=0.12)
    late = queueing.wait_beyond(per_hour, 1.0, servers, 0.5)
    agrees(wait > 1800, opened, late, error=0.25)


@pytest.mark.parametrize(
    ("per_hour", "servers", "leaving", "balk"), [(12.0, 10, 0.5, 0.0), (24.0, 24, 2.0, 0.1)]
)
def test_erlang_a(per_hour, servers, leaving, balk):
    patience = {"hazard": (leaving,), "balk": balk}
    model = desk(per_hour, servers, patience=patience)
    _, record = run_clock(model, Horizon(MONDAY, 100, 0), seed=4)
    wait, opened, contacts = waits(record)
    truth = queueing.erlang_a(per_hour, 1.0, servers, leaving, within=0.1, balk=balk)
    lost = np.array([c.abandoned == c.abandoned for c in contacts])
    agrees(lost, opened, truth.p_abandon, error=0.06)
    agrees(wait / 3600, opened, truth.mean_wait, error=0.06)
    in_time = ~lost & (wait <= 360)
    agrees(in_time, opened, truth.served_within, error=0.08)
    agrees(lost & (wait <= 360), opened, truth.abandoned_within, error=0.08)
    waited = (wait > 0) | lost
    agrees(waited, opened, truth.p_wait, error=0.05)


def test_call_centre_of_a_published_example():
    """Busy and quiet days, 13 opening hours, changing crews, balking customers.

    Published (ContactCenters, example CallCC; 1000 days): 1639.5 calls a day, 3.42 % lost
    (90 % interval 3.11-3.74 %), 85.3 % out of the queue in 20 s (84.4-86.2 %), mean wait 11.8 s
    (10.1-13.6 s); an independent simulation gave 3.52 % +- 0.27, 85.6 % +- 0.9, 11.7 +- 1.2 s.
    Here the gamma busyness of days is taken at the middles of 20 strata, three days each.
    """
    rates = [100, 150, 150, 180, 200, 150, 150, 150, 120, 100, 80, 70, 60]
    crew = [4, 6, 8, 8, 8, 7, 8, 8, 6, 6, 4, 4, 4]
    hours = [f"{8 + h:02d}:00" for h in range(14)]
    shifts = {
        f"s{k}": [(hours[h], hours[h + 1]) for h in range(13) if crew[h] > k] for k in range(8)
    }
    week = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    people = {f"a{k}": {"team": "team"} for k in range(8)}
    model = desk(
        categories={"all": category(handling={"law": "exponential", "mean": 100.0})},
        patience={"hazard": (3.6,), "balk": 0.1},
        agents=people,
        staffing={
            "shifts": shifts,
            "days": [
                {"weekday": day, "on": {f"s{k}": [f"a{k}"] for k in range(8)}} for day in week
            ],
        },
        arrivals={
            "level": 7.0 * sum(rates),
            "profile": {day: (0.0,) * 8 + tuple(rates) + (0.0,) * 3 for day in week},
        },
    )
    strata = gammaincinv(10.0, (np.arange(20) + 0.5) / 20) / 10.0
    strata /= strata.mean()
    frames = []
    for replication, factor in enumerate(strata, start=1):
        busy = model.arrivals.model_copy(update={"level": Rate(value=7.0 * sum(rates) * factor)})
        day = model.model_copy(update={"arrivals": busy})
        frames.append(simulate(day, Horizon(MONDAY, 3, 0), seed=5, replication=replication).frame)
    frame = pd.concat(frames)
    # the published ratios divide by the expected number of calls, 1660 a day
    offered = 60 * 1660.0
    assert len(frame) / offered == pytest.approx(1.0, abs=0.0125)
    lost = frame["outcome"].eq("abandoned")
    assert lost.sum() / offered == pytest.approx(0.0345, abs=0.005)
    in_time = (frame["wait_s"] < 20).sum() / offered  # answered or gone within 20 s
    assert in_time == pytest.approx(0.854, abs=0.015)
    assert frame["wait_s"].sum() / offered == pytest.approx(11.8, abs=2.0)


def test_strict_priorities_follow_cobham():
    model = desk(
        8.0,
        10,
        categories={"all": category(priorities={"high": 3 / 8, "low": 5 / 8})},
        routing={"credit": {"high": "10000d"}},
    )
    clock, record = run_clock(model, Horizon(MONDAY, 200, 0), seed=6)
    wait, opened, contacts = waits(record)
    truth = queueing.priority_waits([3.0, 5.0], 1.0, 10)
    names = clock.desk.priorities
    high = np.array([names[c.priority] == "high" for c in contacts])
    agrees(wait[high] / 3600, opened[high], truth[0], error=0.06)
    agrees(wait[~high] / 3600, opened[~high], truth[1], error=0.12)


@pytest.mark.parametrize("law", ["exponential", "fixed"])
def test_repeats_wait_as_a_busier_queue_does(law):
    """A quarter comes back, after any delay: M/M/10 at 6 / (1 - 1/4) = 8 an hour."""
    model = desk(
        6.0,
        10,
        categories={"all": category(repeat=0.25)},
        returns={"repeat_after": {"law": law, "mean": 14_400.0}},
        max_contacts=20,
    )
    _, record = run_clock(model, Horizon(MONDAY, 200, 0), seed=8)
    wait, opened, contacts = waits(record)
    total = queueing.with_feedback(6.0, 0.25)
    agrees(wait > 0, opened, queueing.erlang_c(10, total), error=0.06)
    agrees(wait / 3600, opened, queueing.mean_wait(total, 1.0, 10), error=0.12)
    roots = sum(c.no == 1 for c in contacts)
    assert len(contacts) / roots == pytest.approx(4 / 3, rel=0.02)


def test_tickets_opened_at_night_wait_as_the_fluid_does():
    """50 tickets an hour day and night, 75 agents from 9 to 18 who finish what they began."""
    model = desk(
        50.0,
        75,
        mode="ticket",
        hours=(("09:00", "18:00"),),
        categories={"all": category(handling={"law": "exponential", "mean": 1800.0})},
    )
    horizon = Horizon(MONDAY, 24, 0)
    _, record = run_clock(model, horizon, seed=8)
    begin, _, stop = horizon.bounds("UTC")
    wait = [
        c.wait
        for c in record.contacts
        if begin + 18 * 3600 + 3 * 86400 <= c.opened < stop - 6 * 3600 - 86400
    ]
    truth = queueing.office_hours_wait(50.0, 2.0, 75, 9.0, paused=False)
    assert np.mean(wait) / 3600 == pytest.approx(truth, rel=0.015)
    assert truth < queueing.office_hours_wait(50.0, 2.0, 75, 9.0)


def test_busy_servers_follow_a_daily_wave_with_a_lag():
    """With servers to spare the mean number of busy ones is the offered load of M_t/G/inf."""
    week = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    wave = tuple(1 + 0.6 * np.sin(2 * np.pi / 24 * (h + 0.5)) for h in range(24))
    model = desk(
        servers=80,
        arrivals={"level": 20.0 * 168, "profile": dict.fromkeys(week, wave)},
        categories={"all": category(handling={"law": "lognormal", "mean": 7200.0, "cv": 1.5**0.5})},
    )
    horizon = Horizon(MONDAY, 60, 0)
    work = simulate(model, horizon, seed=9, replication=1).work
    start = horizon.bounds("UTC")[0]
    begun, ended = work["start_s"].to_numpy() - start, work["end_s"].to_numpy() - start
    # lognormal service of mean 2 h and squared variation 1.5, by quadrature
    loads = {0: 30.956316, 6: 57.613986, 9: 58.849818, 12: 49.043681, 18: 22.386012}
    for hour, load in loads.items():
        at = 86400.0 * np.arange(2, 60) + 3600.0 * hour
        busy = np.searchsorted(np.sort(begun), at, "right") - np.searchsorted(
            np.sort(ended), at, "right"
        )
        assert busy.mean() == pytest.approx(load, abs=3.7 * busy.std() / np.sqrt(len(at)))
        assert busy.std() < 0.25 * load


@pytest.mark.parametrize("hours", [ALL_DAY, (("09:00", "18:00"),)])
def test_occupancy_is_offered_load_over_staffed_time(hours):
    day = 24 if hours is ALL_DAY else 9
    model = desk(4.0 * day / 24, 10, mode="ticket", hours=hours)
    log = simulate(model, Horizon(MONDAY, 200, 0), seed=10, replication=1)
    busy = (log.work["end_s"] - log.work["start_s"]).sum()
    assert busy == log.frame["handle_s"].sum()
    staffed = (log.staffed["end_s"] - log.staffed["start_s"]).sum()
    assert staffed >= 200 * 10 * day * 3600
    assert busy / (200 * 10 * day * 3600) == pytest.approx(0.4, rel=0.03)
