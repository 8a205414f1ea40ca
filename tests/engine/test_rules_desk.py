"""Rules of queues, chats, shifts and what a contact waits for: worked examples, laws, oracles."""

from __future__ import annotations

import math

import numpy as np
import pytest

from svcsim.engine import rules

HOUR = 3600
GRID = ((np.arange(4000) + 0.5) / 4000).tolist()


# -- R2: the instant at which a response is due ------------------------------------------------


def clock(windows):
    """Begins, ends and what the SLA clock ran before each window."""
    begins, ends = ([int(w[i]) for w in windows] for i in (0, 1))
    done = np.concatenate([[0], np.cumsum(np.subtract(ends, begins))])[:-1].tolist()
    return len(windows), begins, ends, done


def slow_due(opened, target, windows):
    """Second by second: the first instant at which ``target`` seconds inside windows have run."""
    if not any(opened < end for _, end in windows):
        return opened + target
    time, last = opened, windows[-1][1]
    while target > 0:
        target -= any(a <= time < b for a, b in windows) or time >= last
        time += 1
    return time


def test_due_time_equals_a_clock_that_goes_second_by_second():
    rng = np.random.default_rng(4)
    for _ in range(60):
        edges = np.sort(rng.choice(np.arange(1, 400), size=2 * rng.integers(1, 6), replace=False))
        windows = [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
        for opened, target in zip(rng.integers(0, 420, 40), rng.integers(1, 250, 40), strict=True):
            due = rules.due_time(int(opened), int(target), *clock(windows))
            assert due == slow_due(int(opened), int(target), windows), (windows, opened, target)


def test_due_time_worked_examples():
    """9 to 12 and 13 to 17: opened at 11:30 with a target of an hour is due at 13:30."""
    windows = [(9 * HOUR, 12 * HOUR), (13 * HOUR, 17 * HOUR), (33 * HOUR, 36 * HOUR)]

    def due(opened, target):
        return rules.due_time(int(opened * HOUR), int(target * HOUR), *clock(windows)) / HOUR

    assert due(11.5, 1) == 13.5
    assert due(7.0, 2) == 11.0
    assert due(12.5, 1) == 14.0
    assert due(16.5, 1) == 33.5
    assert due(9.0, 3) == 12.0  # at the very end of the window, not after the break
    assert due(35.0, 5) == 40.0  # past the last window it runs on
    assert due(50.0, 2) == 52.0
    assert rules.due_time(100, 30, 0, [], [], []) == 130


def test_due_time_does_not_decrease_with_opening_nor_with_target():
    windows = clock([(10, 50), (70, 90), (200, 210)])
    times = [rules.due_time(t, 25, *windows) for t in range(300)]
    assert times == sorted(times)
    times = [rules.due_time(20, target, *windows) for target in range(1, 150)]
    assert all(b > a for a, b in zip(times, times[1:], strict=False))


def test_urgency_by_what_is_due_ignores_credits():
    assert rules.urgency(rules.DUE, 1000, 600, 4000) == 4000
    assert rules.urgency(rules.DUE, 0, 0, 4000) < rules.urgency(rules.DUE, 0, 0, 4001)


# -- R3 and R9: which agent, which contact -------------------------------------------------------


def test_the_least_busy_agent_has_the_highest_claim():
    def claim(busy, on_duty, take=1.0):
        return rules.claim(rules.LEAST_BUSY, 0, take, busy, on_duty, 0)

    assert claim(0, 3599) == 1.0
    assert claim(1800, 3599) == 0.5
    assert claim(900, 3599) > claim(1000, 3599)
    assert claim(1800, 7199) > claim(1800, 3599)
    assert claim(900, 3599, take=0.5) < claim(1800, 3599)
    assert claim(0, 0) == 1.0  # the first second of a window is no division by zero
    # how long somebody has been idle does not matter
    assert rules.claim(rules.LEAST_BUSY, 5, 1.0, 10, 99, 1) == rules.claim(
        rules.LEAST_BUSY, 500, 1.0, 10, 99, 1
    )


def test_most_free_slots_count_before_any_time_idle():
    def claim(room, idle):
        return rules.claim(rules.FEWEST_OPEN, idle, 1.0, 0, 0, room)

    assert claim(3, 0) > claim(2, 30 * 86400)
    assert claim(2, 61) > claim(2, 60)


def test_an_agent_who_picks_takes_the_easiest_of_those_looked_at():
    """Walks the queue as a clock does; ties go to the one that waited longer."""

    def picked(window, work):
        best, found = math.inf, None
        for place, each in enumerate(work, start=1):
            if rules.picks_easiest(window, each, best, place):
                best, found = each, place
        return found

    assert picked(1, [9.0, 1.0]) == 1
    assert picked(3, [9.0, 5.0, 7.0, 1.0]) == 2
    assert picked(4, [9.0, 5.0, 7.0, 1.0]) == 4
    assert picked(5, [4.0, 4.0, 4.0]) == 1
    assert picked(99, [4.0]) == 1


# -- R4: how long --------------------------------------------------------------------------------


@pytest.mark.parametrize("cv", [0.05, 0.3])
def test_week_factors_have_mean_one_and_their_cv(cv):
    values = np.array([rules.week_factor(cv, u) for u in GRID])
    assert values.mean() == pytest.approx(1.0, abs=1e-3)
    assert values.std() == pytest.approx(cv, rel=0.01)
    assert rules.week_factor(0.0, 0.9) == 1.0


def test_fatigue_begins_above_its_threshold_and_grows_with_the_excess():
    assert rules.fatigue(0.5, 0.8, 3600, 3600) == pytest.approx(1.1)
    assert rules.fatigue(0.5, 0.8, 2880, 3600) == 1.0
    assert rules.fatigue(0.5, 0.8, 0, 0) == 1.0  # nobody is tired at the first second
    shares = [rules.fatigue(0.5, 0.8, busy, 3600) for busy in range(0, 3601, 60)]
    assert shares == sorted(shares)
    assert all(rules.fatigue(0.0, 0.8, busy, 3600) == 1.0 for busy in (0, 3600))


def test_chats_share_their_agent():
    assert rules.chat_pace(0.4, 1) == 1.0
    assert rules.chat_pace(0.4, 3) == pytest.approx(1 / 1.8)
    assert rules.chat_pace(0.0, 5) == 1.0
    paces = [rules.chat_pace(0.4, k) for k in range(1, 8)]
    assert paces == sorted(paces, reverse=True)
    # a slowdown of 1 is perfect sharing: k chats at once end no sooner than one after the other
    assert all(k * rules.chat_pace(1.0, k) == pytest.approx(1.0) for k in range(1, 8))
    # below 1 more chats at once mean more work done in all
    done = [k * rules.chat_pace(0.4, k) for k in range(1, 8)]
    assert done == sorted(done)


def test_chats_end_when_their_work_is_done_at_their_pace():
    assert rules.chat_end(1000, 300.0, 1.0, 1) == 1300
    assert rules.chat_end(1000, 300.0, 0.5, 1) == 1600
    assert rules.chat_end(1000, 0.0, 1.0, 1) == 1001
    assert rules.chat_end(960, 100.0, 1.0, 60) == 1080
    ends = [rules.chat_end(0, 300.0, rules.chat_pace(0.4, k), 1) for k in range(1, 6)]
    assert ends == sorted(ends)


# -- R5 to R8 ------------------------------------------------------------------------------------


def test_reasons_have_their_shares():
    cuts = (9.0, 0.5, 0.75, 0.1)  # those of another category on either side
    found = np.bincount([rules.reason(cuts, 1, 3, u) for u in GRID])
    assert (found / len(GRID)).tolist() == pytest.approx([0.5, 0.25, 0.25])
    assert rules.reason((), 0, 0, 0.99) == 0
    assert [rules.reason(cuts, 1, 3, u) for u in (0.0, 0.4999, 0.5, 0.7499, 0.75, 0.9999)] == [
        0, 0, 1, 1, 2, 2,
    ]  # fmt: skip


def test_articles_take_time_to_be_found():
    week = 7 * 86400.0
    assert rules.repeat_chance(1.0, 0.4, week, week) == pytest.approx(1 - 0.4 * (1 - 1 / math.e))
    assert rules.repeat_chance(1.0, 0.4, week, 1e12) == pytest.approx(0.6)
    assert rules.repeat_chance(1.0, 0.4, 0.0, 86400.0) == pytest.approx(0.6)  # found at once
    assert (
        rules.repeat_chance(1.0, 0.4, week, 0.0)
        == rules.repeat_chance(1.0, 0.4, week, -week)
        == 1.0
    )
    assert rules.repeat_chance(1.0, 0.0, week, 1e9) == 1.0
    factors = [rules.repeat_chance(1.0, 0.4, week, day * 86400.0) for day in range(60)]
    assert factors == sorted(factors, reverse=True)


@pytest.mark.parametrize(
    ("hand_back", "live", "on_shift", "left", "handed"),
    [
        (True, False, False, 60, True),
        (False, False, False, 60, False),
        (True, True, False, 60, False),  # a live contact is always finished
        (True, False, True, 60, False),
        (True, False, False, 0, False),  # it ends with the window
    ],
)
def test_r8_who_hands_back(hand_back, live, on_shift, left, handed):
    assert rules.hands_back(hand_back, live, on_shift, left) is handed


def test_handed_back_work_is_worth_the_same_at_any_speed():
    """20 minutes left at speed 1.5 are 30 minutes of work: 40 minutes at 0.75, 30 at 1.

    Of 20 minutes left of which 5 are a hold, 15 count by speed and 5 do not.
    """
    work = rules.work_left(1200, 0, 1.5)
    assert work == 1800.0
    assert rules.resumed_time(work, 0, 0.75, 1) == 2400
    assert rules.resumed_time(work, 0, 1.0, 1) == 1800
    assert rules.resumed_time(1e-6, 0, 1.0, 1) == 1
    held = rules.held_left(1200, 300)
    assert rules.resumed_time(rules.work_left(1200, held, 1.5), held, 0.75, 1) == 1800 + 300
    assert rules.held_left(200, 300) == 200
    for left in (1, 59, 12_345):
        for speed in (0.7, 1.0, 1.33):
            assert rules.resumed_time(rules.work_left(left, 0, speed), 0, speed, 1) == left
