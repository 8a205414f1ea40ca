"""The strongest test of a clock: a short recursion on the same numbers, difference exactly 0.

Arrivals, handling times, patience and outcomes are drawn by the same keys as the desk draws them;
what happens with them is computed here by a few lines that know no events.
"""

from __future__ import annotations

import heapq
from dataclasses import replace

import numpy as np
import pytest

from small_desks import ALL_DAY, MONDAY, cases_of, category, desk, of_case, service_times
from svcsim.engine import draws, durations, rules
from svcsim.engine.compile_desk import compile_desk
from svcsim.engine.demand import Cases, Horizon
from svcsim.engine.plain import PlainDesk
from svcsim.engine.simulate import simulate

ENGINES = pytest.mark.parametrize("engine", ["compiled", "simpy"])
PATIENCE = {"edges": (0.0, 120.0), "hazard": (6.0, 12.0), "balk": 0.02}
NAN = float("nan")


def first_come_first_served(arrivals, service, patience, servers, stop):
    """G/G/c+G: waits, who left and when service began; nothing at or after `stop` happens."""
    free = [0] * servers
    rows = []
    for at, work, stay in zip(arrivals, service, patience, strict=True):
        wait = max(0, free[0] - at)
        if stay < wait:
            rows.append((stay, at + stay, NAN, NAN) if at + stay < stop else (NAN,) * 4)
            continue
        if at + wait >= stop:
            rows.append((NAN,) * 4)
            continue
        done = at + wait + work
        rows.append((wait, NAN, at + wait, done if done < stop else NAN))
        heapq.heapreplace(free, done)
    return np.array(rows, dtype=float)


@ENGINES
@pytest.mark.parametrize(("seed", "mean"), [(1, 180.0), (2, 180.0), (3, 30.0)])
def test_a_live_queue_equals_the_recursion(seed, mean, engine):
    """10 agents, customers who balk and leave; with 30 s calls many events share an instant."""
    servers, horizon = 10, Horizon(MONDAY, 2 if mean > 100 else 1, 0)
    model = desk(
        per_hour=servers * 3600.0 / mean * 1.02,
        servers=servers,
        patience=PATIENCE | {"level": 180.0 / mean},
        categories={"all": category(handling={"law": "lognormal", "mean": mean, "cv": 1.1})},
    )
    frame = simulate(model, horizon, seed=seed, replication=4, engine=engine).frame
    plain = compile_desk(model)
    _, _, stop = horizon.bounds("UTC")
    cases = cases_of(model, horizon, seed, 4)
    arrivals = cases.opened
    service = service_times(plain.categories[0].handling, cases, seed, 4)
    law = plain.patience[0]
    patience = [
        rules.patience_deadline(
            law.edges, law.rates, 0, 2, law.balk, 0,
            of_case(draws.PATIENCE, cases, c, 1, 0, seed, 4),
            of_case(draws.BALK, cases, c, 1, 0, seed, 4), 1,
        )
        for c in range(len(arrivals))
    ]  # fmt: skip
    expected = first_come_first_served(arrivals, service, patience, servers, stop)
    got = frame[["wait_s", "abandoned_s", "first_response_s", "resolved_s"]].to_numpy()
    assert np.array_equal(frame["opened_s"].to_numpy(), arrivals)
    assert np.array_equal(got, expected, equal_nan=True)
    assert len(frame) > 4000
    assert 0.02 < frame["abandoned_s"].notna().mean() < 0.3
    assert frame["wait_s"].gt(0).mean() > 0.3


OFFICE = (("09:00", "12:00"), ("13:00", "18:00"))


class Ticket:
    """What the recursion below knows of a contact."""

    def __init__(self, case, no, opened, rank):
        self.case, self.no, self.opened, self.rank = case, no, opened, rank
        self.handlings = self.reopens = self.pending = self.handle = 0
        self.response = self.resolved = NAN


def next_staffed(time, windows):
    """The first instant at or after `time` inside a window (their ends are outside)."""
    for begin, end in windows:
        if time < end:
            return max(time, begin)
    return None


def ticket_desk(plain: PlainDesk, cases: Cases, windows, stop, seed, servers):
    """Tickets with pending stages, reopens, repeats and breaks; alike agents on one shift.

    The queue is a heap of (joined, rank): whoever joined first is served first, and what comes
    back joins later than everything before it.
    """
    law, laws = plain.categories[0], (plain.reopen_after, plain.repeat_after)
    free = [windows[0][0]] * servers
    queue: list[tuple] = []
    tickets: dict[tuple[int, int], Ticket] = {}

    def u(purpose, t, handling):
        return of_case(purpose, cases, t.case, t.no, handling, seed, 1)

    def lasting(law, u):
        return durations.whole(durations.duration(law, (), u), 1)

    def come_in(case, no, opened, rank):
        if opened < stop:
            t = tickets[case, no] = Ticket(case, no, opened, rank)
            pickup = lasting(law.pickup, u(draws.PICKUP, t, 0))
            heapq.heappush(queue, (opened + pickup, rank, case, no))

    for case, at in enumerate(cases.opened):
        come_in(case, 1, int(at), (int(at), 1, case))
    while queue:
        joined, _, case, no = heapq.heappop(queue)
        if joined >= stop:
            break
        t = tickets[case, no]
        if t.resolved == t.resolved:
            t.resolved, t.reopens = NAN, t.reopens + 1
        begin = next_staffed(max(joined, free[0]), windows)
        if begin is None or begin >= stop:
            continue
        t.handlings += 1
        h = t.handlings
        work = rules.handling_time(law.handling, (), 1.0, 1.0, u(draws.WORK, t, h), 1)
        t.handle += min(work, stop - begin)  # as far as anybody knows
        end, idle = begin + work, begin + rules.busy_time(work, plain.slowdown, 1)
        on_shift = any(a < idle <= b for a, b in windows)
        if on_shift and u(draws.OFF, t, h) < plain.off_share:
            idle += lasting(plain.off_time, u(draws.OFF_TIME, t, h))
        heapq.heapreplace(free, idle)
        if end >= stop:
            continue
        if t.response != t.response:
            t.response = end
        if u(draws.AGAIN, t, h) < law.again:
            wait = lasting(law.reasons[0], u(draws.PENDING, t, h))
            t.pending += min(wait, stop - end)
            heapq.heappush(queue, (end + wait, t.rank, case, no))
            continue
        t.resolved = end
        if u(draws.REOPEN, t, h) < law.reopen:
            wait = lasting(laws[0], u(draws.REOPEN_AFTER, t, h))
            heapq.heappush(queue, (end + wait, t.rank, case, no))
        elif u(draws.REPEAT, t, 0) < law.repeat and no < plain.model.max_contacts:
            after = end + lasting(laws[1], u(draws.REPEAT_AFTER, t, 0))
            come_in(case, no + 1, after, (after, 0, t.rank))
    return tickets


@ENGINES
@pytest.mark.parametrize(
    ("seed", "mean", "hours"), [(1, 1500.0, OFFICE), (2, 1500.0, ALL_DAY), (3, 60.0, OFFICE)]
)
def test_a_ticket_desk_equals_the_recursion(seed, mean, hours, engine):
    """Pending, reopened and repeated tickets, breaks, slowdown, shifts with overtime."""
    servers = 6
    day = sum(int(b[:2]) - int(a[:2]) for a, b in hours)
    capacity = servers * day / 24 * 3600 / mean
    model = desk(
        per_hour=0.5 * capacity,
        servers=servers,
        mode="ticket",
        hours=hours,
        categories={
            "all": category(
                handling={"law": "lognormal", "mean": mean, "cv": 1.0},
                again=0.3,
                pending={"law": "exponential", "mean": 20_000.0, "zero": 0.1},
                reopen=0.08,
                repeat=0.15,
                pickup={"law": "exponential", "mean": 3 * mean, "zero": 0.5},
            )
        },
        staffing={
            "off_share": 0.1,
            "off_time": {"law": "exponential", "mean": 1000.0},
            "slowdown": 1.13,
        },
        routing={"own_first": False},
        returns={
            "reopen_after": {"law": "exponential", "mean": 20_000.0},
            "repeat_after": {"law": "lognormal", "mean": 40_000.0, "cv": 1.0},
        },
        max_contacts=3,
    )
    horizon = Horizon(MONDAY, 21 if mean > 100 else 2, 0)
    start, _, stop = horizon.bounds("UTC")
    plain = compile_desk(model)
    cases = cases_of(model, horizon, seed, 1)
    minutes = [tuple(int(t[:2]) * 3600 for t in window) for window in hours]
    windows = [
        (start + d * 86400 + a, start + d * 86400 + b) for d in range(30) for a, b in minutes
    ]
    if hours is ALL_DAY:
        windows = [(start, stop + 86400)]
    expected = ticket_desk(plain, cases, windows, stop, seed, servers)
    frame = simulate(model, horizon, seed=seed, replication=1, engine=engine).frame
    keys = zip(frame["case_id"].str[1:].astype(int), frame["contact_no"].astype(int), strict=True)
    frame.index = list(keys)
    assert set(frame.index) == set(expected)
    values = {
        "opened_s": "opened", "first_response_s": "response", "resolved_s": "resolved",
        "handle_s": "handle", "handlings": "handlings", "reopens": "reopens",
        "pending_s": "pending",
    }  # fmt: skip
    for column, attribute in values.items():
        want = np.array([getattr(expected[key], attribute) for key in frame.index], dtype=float)
        assert np.array_equal(frame[column].to_numpy(), want, equal_nan=True), column
    assert len(frame) > 1000
    assert frame["contact_no"].max() == 3
    assert frame["reopens"].max() >= 2


def two_classes(arrivals, urgent, service, servers, stop):
    """Non-pre-emptive priorities: an event list and one first-in-first-out queue per class."""
    events = [(int(at), 1, c) for c, at in enumerate(arrivals)]
    heapq.heapify(events)
    queues: tuple[list[int], list[int]] = ([], [])
    idle, begun = servers, np.full(len(arrivals), NAN)
    while events and events[0][0] < stop:
        now = events[0][0]
        while events and events[0][0] == now:
            _, kind, case = heapq.heappop(events)
            if kind == 0:
                idle += 1
            else:
                queues[0 if urgent[case] else 1].append(case)
        while idle and (queues[0] or queues[1]):
            case = (queues[0] or queues[1]).pop(0)
            begun[case], idle = now, idle - 1
            heapq.heappush(events, (now + int(service[case]), 0, case))
    return begun


@ENGINES
@pytest.mark.parametrize("mean", [600.0, 30.0])
def test_strict_priorities_equal_two_queues(mean, engine):
    servers, horizon = 8, Horizon(MONDAY, 4 if mean > 100 else 1, 0)
    model = desk(
        per_hour=servers * 3600.0 / mean * 0.97,
        servers=servers,
        categories={
            "all": category(
                handling={"law": "exponential", "mean": mean},
                priorities={"normal": 0.7, "urgent": 0.3},
            )
        },
        routing={"credit": {"urgent": "1000d"}},
    )
    plain = compile_desk(model)
    cases = cases_of(model, horizon, 5, 2)
    service = service_times(plain.categories[0].handling, cases, 5, 2)
    urgent = cases.priority == plain.priorities.index("urgent")
    _, _, stop = horizon.bounds("UTC")
    expected = two_classes(cases.opened, urgent, service, servers, stop)
    frame = simulate(model, horizon, seed=5, replication=2, engine=engine).frame
    assert np.array_equal(frame["first_response_s"].to_numpy(), expected, equal_nan=True)
    assert np.array_equal(frame["priority"] == "urgent", urgent)
    assert frame["wait_s"].gt(0).mean() > 0.3


@ENGINES
def test_the_order_of_simultaneous_events(engine):
    """An end frees its agent before a contact of the same second is matched (R0).

    One agent, calls of exactly 60 s: the call at 60 s is taken without a wait; the customer whose
    patience ends in the second in which an agent is free is served, a second earlier is lost.
    """
    model = desk(
        1.0, 1, categories={"all": category(handling={"law": "fixed", "mean": 60.0})},
        patience={"hazard": (60.0,)},
    )  # fmt: skip
    horizon = Horizon(MONDAY, 1, 0)
    start, _, _ = horizon.bounds("UTC")
    first = cases_of(model, horizon)
    u = [of_case(draws.PATIENCE, first, c, 1, 0, 1, 1) for c in range(len(first.opened))]
    stay = [
        rules.patience_deadline((0.0,), (60.0 / 3600.0,), 0, 1, 0.0, 0, v, 0.5, 1) for v in u
    ]  # fmt: skip
    # anybody, then somebody who gives up within the minute, then somebody who waits for longer
    chosen = [0, next(c for c in range(1, 20) if 0 < stay[c] < 60)]
    chosen.append(next(c for c in range(1, 20) if stay[c] > 60))
    few = replace(first, **{k: v[chosen] for k, v in vars(first).items()})
    stay = [stay[c] for c in chosen]
    for second, outcome in ((60 - stay[1], "resolved"), (59 - stay[1], "abandoned")):
        opened = np.array([start, start + second, start + 60])
        cases = replace(few, opened=opened)
        frame = simulate(model, horizon, seed=1, replication=1, cases=cases, engine=engine).frame
        assert stay[1] < 60
        assert frame["outcome"].to_list()[1] == outcome
        assert frame["wait_s"].to_list()[1] == stay[1]
        assert frame["wait_s"].to_list()[2] == (60.0 if outcome == "resolved" else 0.0)


def test_a_served_customer_does_not_leave_the_next_queue():
    """Patience is for the first wait: after a transfer nobody leaves, however long it takes."""
    model = desk(
        20.0,
        mode="live",
        patience={"hazard": (30.0,)},
        categories={
            "all": category(
                handling={"law": "fixed", "mean": 600.0}, transfer=0.5, transfer_to="second"
            )
        },
        teams=["team", "second"],
        agents={f"a{i}": {"team": "team"} for i in range(6)} | {"b": {"team": "second"}},
    )
    frame = simulate(model, Horizon(MONDAY, 2, 0), seed=1, replication=1).frame
    handled = frame["handlings"] > 0
    assert not (handled & frame["abandoned_s"].notna()).any()
    assert (frame["transfers"] == 1).sum() > 100
    waiting = frame[handled & frame["resolved_s"].isna()]
    assert len(waiting) > 50  # the second team is swamped: its customers wait, they do not vanish
    left = frame["abandoned_s"] - frame["opened_s"]
    assert np.array_equal(left.dropna(), frame.loc[left.notna(), "wait_s"])
    assert (frame["wait_s"].dropna() >= 0).all()


@ENGINES
@pytest.mark.parametrize("live_first", [True, False])
def test_who_left_by_the_end_is_settled(live_first, engine):
    """Without agents on shift everybody leaves at the deadline, in either kind of queue."""
    model = desk(
        5.0, 1, patience={"hazard": (6.0,)}, routing={"live_first": live_first},
    )  # fmt: skip
    horizon = Horizon(MONDAY, 1, 0)
    start, _, stop = horizon.bounds("UTC")
    frame = simulate(
        model, horizon, seed=1, replication=1, engine=engine, windows=[]
    ).frame  # fmt: skip
    early = frame["opened_s"] < start + 12 * 3600
    assert frame.loc[early, "outcome"].eq("abandoned").all()
    assert (frame["abandoned_s"].dropna() < stop).all()
    assert len(frame[early]) > 30
