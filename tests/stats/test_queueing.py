"""Queueing formulas against published and independently computed values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from svcsim.stats import queueing as q


@pytest.mark.parametrize(
    ("arrivals", "service", "servers", "p_wait", "wait", "length", "time", "level"),
    [
        (0.5, 1, 1, 0.5, 1.0, 0.5, 1, 0.6967346701),
        (1.6, 1, 2, 0.7111111111, 1.7777777778, 2.8444444444, 1, 0.5233279673),
        (8, 1, 10, 0.4091801508, 0.2045900754, 1.6367206032, 1, 0.9446234884),
        (8, 1, 10, 0.4091801508, 0.2045900754, 1.6367206032, 0.25, 0.7518196932),
        (9, 1, 10, 0.6687315241, 0.6687315241, 6.0185837170, 0.5, 0.5943938275),
        (18, 2, 10, 0.6687315241, 0.3343657621, 6.0185837170, 0.25, 0.5943938275),
        (48, 6, 10, 0.4091801508, 0.0340983459, 1.6367206032, 1 / 3, 0.9925056041),
        (90, 1, 100, 0.2169404809, 0.0216940481, 1.9524643282, 0.1, 0.9201920571),
    ],
)
def test_erlang_c_gives_the_published_values(
    arrivals, service, servers, p_wait, wait, length, time, level
):
    assert q.erlang_c(servers, arrivals / service) == pytest.approx(p_wait, abs=1e-10)
    got = q.mean_wait(arrivals, service, servers)
    assert got == pytest.approx(wait, abs=1e-10)
    assert arrivals * got == pytest.approx(length, abs=1e-9)
    assert 1 - q.wait_beyond(arrivals, service, servers, time) == pytest.approx(level, abs=1e-10)


def test_erlang_b_recursion_equals_the_direct_sum():
    direct = (5**10 / math.factorial(10)) / sum(5**k / math.factorial(k) for k in range(11))
    assert q.erlang_b(10, 5) == pytest.approx(direct, rel=1e-14)
    assert q.erlang_b(10, 5) == pytest.approx(0.0183845703366, abs=1e-13)


def test_a_queue_at_capacity_waits_for_ever():
    assert q.mean_wait(10, 1, 10) == math.inf
    assert q.mean_wait(11, 1, 10) == math.inf
    assert q.wait_beyond(11, 1, 10, 5) == 1.0
    assert q.wait_quantile(10, 1, 10, 0.1) == math.inf


def test_wait_quantile_inverts_the_tail():
    for p in (0.7, 0.9, 0.99):
        w = q.wait_quantile(8, 1, 10, p)
        assert 1 - q.wait_beyond(8, 1, 10, w) == pytest.approx(p, abs=1e-12)
    assert q.wait_quantile(8, 1, 10, 0.3) == 0.0


def test_pyworkforce_readme_example():
    """100 contacts in 30 min, 3 min each, answered in 20 s by 14 (then 15) people."""
    assert q.erlang_c(14, 10) == pytest.approx(0.1741319335950498, abs=1e-14)
    within = 1 - q.wait_beyond(100 / 30, 1 / 3, 14, 20 / 60)
    assert within == pytest.approx(0.8883500191794669, abs=1e-14)
    assert 1 - q.wait_beyond(100 / 30, 1 / 3, 15, 20 / 60) == pytest.approx(0.9415, abs=5e-5)
    a = q.erlang_a(100 / 30, 1 / 3, 13, 1 / 5)
    assert (a.p_wait, a.p_abandon) == pytest.approx((0.2257970840, 0.0249633036), abs=1e-10)
    assert (a.mean_wait, a.occupancy) == pytest.approx((0.1248165182, 0.7500282280), abs=1e-10)


def test_turbotab_readme_example_needs_eleven():
    assert q.servers_for(25 / 600, 1 / 180, 20, 0.8) == 11
    levels = [1 - q.wait_beyond(25 / 600, 1 / 180, n, 20) for n in (10, 11)]
    assert levels == pytest.approx([0.7678, 0.8808], abs=5e-5)


def test_contactcenters_examples_in_steady_state():
    assert q.erlang_c(12, 4.2 / 0.5) == pytest.approx(0.18389, abs=5e-6)
    assert q.mean_wait(4.2, 0.5, 12) == pytest.approx(0.10216, abs=5e-6)
    assert 1 - q.wait_beyond(4.2, 0.5, 12, 20 / 60) == pytest.approx(0.89908, abs=5e-6)
    assert q.erlang_a(4.2, 0.5, 12, 1.0).p_abandon == pytest.approx(0.029679, abs=5e-7)


@pytest.mark.parametrize(
    ("arrivals", "service", "servers", "leaving", "time", "p_wait", "lost", "wait", "tail", "busy"),
    [
        (48, 6, 8, 2, 1 / 3, 0.6668665877, 0.1026599581, 0.0513299790, 0.0026071587, 0.8973400419),
        (60, 6, 10, 3, 1 / 180, 0.6196552309, 0.1039132123, 0.0346377374, 0.5850494058,
         0.8960867877),
        (120, 10, 12, 4, 1 / 60, 0.6413708298, 0.0888559524, 0.0222139881, 0.4674681692,
         0.9111440476),
        (8, 1, 10, 0.5, 0.1, 0.3174343542, 0.0388213923, 0.0776427846, 0.2322779274,
         0.7689428862),
        (12, 1, 10, 0.5, 0.1, 0.8503849479, 0.1956559440, 0.3913118880, 0.7794862599,
         0.9652128672),
    ],
)  # fmt: skip
def test_erlang_a_gives_the_published_values(
    arrivals, service, servers, leaving, time, p_wait, lost, wait, tail, busy
):
    a = q.erlang_a(arrivals, service, servers, leaving, within=time)
    got = (a.p_wait, a.p_abandon, a.mean_wait, a.wait_beyond, a.occupancy)
    assert got == pytest.approx((p_wait, lost, wait, tail, busy), abs=2e-10)


def test_four_definitions_of_service_level_differ():
    a = q.erlang_a(12, 1, 10, 0.5, within=0.1)
    got = (a.served_within, a.service_level, a.served_within / (1 - a.p_abandon), 1 - a.wait_beyond)
    assert got == pytest.approx((0.21872145, 0.22778935, 0.27192524, 0.22051374), abs=5e-9)
    assert a.mean_wait_served == pytest.approx(0.40083370, abs=5e-9)
    b = q.erlang_a(48, 6, 8, 2, within=5 / 60)
    got = (b.served_within, b.service_level, b.served_within / (1 - b.p_abandon), 1 - b.wait_beyond)
    assert got == pytest.approx((0.67607308, 0.72950619, 0.75341905, 0.70385500), abs=5e-9)


def _birth_death(arrivals, service, servers, leaving, balk=0.0, size=4000):
    """Truncated birth-death chain of M/M/c+M: an independent way to the same numbers."""
    k = np.arange(size)
    up = arrivals * np.where(k < servers, 1.0, 1.0 - balk)
    down = service * np.minimum(k, servers) + leaving * np.maximum(k - servers, 0)
    log_weight = np.concatenate([[0.0], np.cumsum(np.log(up[:-1] / down[1:]))])
    p = np.exp(log_weight - log_weight.max())
    p /= p.sum()
    waiting = (np.maximum(k - servers, 0) * p).sum()
    p_wait = p[servers:].sum()
    return p_wait, balk * p_wait + leaving * waiting / arrivals, waiting / arrivals


@pytest.mark.parametrize("balk", [0.0, 0.1])
@pytest.mark.parametrize(
    "desk", [(48, 6, 8, 2), (30, 6, 8, 0.2), (900, 6, 100, 3), (2000, 1, 1000, 1)]
)
def test_erlang_a_equals_the_birth_death_chain(desk, balk):
    a = q.erlang_a(*desk, balk=balk)
    expected = _birth_death(*desk, balk=balk)
    assert (a.p_wait, a.p_abandon, a.mean_wait) == pytest.approx(expected, rel=1e-9)


def test_without_impatience_erlang_a_becomes_erlang_c():
    a = q.erlang_a(8, 1, 10, 1e-7)
    assert a.p_wait == pytest.approx(q.erlang_c(10, 8), rel=1e-5)
    assert a.mean_wait == pytest.approx(q.mean_wait(8, 1, 10), rel=1e-5)


def test_general_service_is_exact_for_one_server_and_for_exponential():
    assert q.mean_wait_general(0.8, 1, 1, 2) == pytest.approx(6.0)
    assert q.mean_wait_general(8, 1, 10, 1) == pytest.approx(q.mean_wait(8, 1, 10))
    assert q.mean_wait_general(0.8, 1, 1, 0) == pytest.approx(0.8 / (2 * 0.2))
    assert q.mean_wait_general(8, 1, 10, 0.25) < q.mean_wait(8, 1, 10)
    assert q.mean_wait_general(8, 1, 8, 2) == math.inf


@pytest.mark.parametrize(
    ("arrivals", "servers", "waits"),
    [
        ((3, 5), 10, (0.05845431, 0.29227154)),
        ((2, 2), 5, (0.18470418, 0.92352092)),
        ((0.3, 0.5), 1, (1.14285714, 5.71428571)),
        ((2, 3, 4), 10, (0.08359144, 0.16718288, 1.33746305)),
    ],
)
def test_priority_waits(arrivals, servers, waits):
    got = q.priority_waits(arrivals, 1, servers)
    assert got == pytest.approx(waits, abs=5e-9)
    mean = sum(a * w for a, w in zip(arrivals, got, strict=True)) / sum(arrivals)
    assert mean == pytest.approx(q.mean_wait(sum(arrivals), 1, servers))  # conservation law


def test_priority_waits_of_one_server_with_general_service():
    got = q.priority_waits_one_server((0.3, 0.4), (1, 1), (2.5, 2.5))
    assert got == pytest.approx((1.25, 4.1666666667))
    assert q.priority_waits_one_server((0.3, 0.8), (1, 1), (2, 2))[1] == math.inf


def test_feedback_multiplies_the_wait_by_eight():
    assert q.mean_wait(q.with_feedback(6, 0.25), 1, 10) == pytest.approx(0.204590, abs=5e-7)
    assert q.mean_wait(q.with_feedback(6.4, 0.2), 1, 10) == pytest.approx(0.204590, abs=5e-7)
    assert q.mean_wait(6, 1, 10) == pytest.approx(0.025325, abs=5e-7)


def test_redials_and_reconnects():
    assert q.redial_rate(60, 0.25, 200, 0.5, 0.1) == pytest.approx((80.0, 0.375))
    assert q.redial_rate(40, 0.25, 200, 0.5, 0.1) == pytest.approx((44.4444444, 0.0))


def test_pooling_bounds():
    assert q.mean_wait(4, 1, 5) == pytest.approx(0.554113, abs=5e-7)
    assert 1 - q.wait_beyond(4, 1, 5, 0.25) == pytest.approx(0.568457, abs=5e-7)
    assert q.mean_wait(20, 1, 25) == pytest.approx(0.041821, abs=5e-7)
    assert q.mean_wait(3.2, 1, 4) == pytest.approx(0.745541, abs=5e-7)
    assert q.mean_wait(0.8, 1, 1) == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("survival", "loads"),
    [
        (lambda u: math.exp(-u / 0.5), (9.227833, 15.898924, 14.717174, 10.772167, 4.101076)),
        (lambda u: math.exp(-u / 2), (30.137492, 58.836003, 60.292912, 49.862508, 21.163997)),
        (lambda u: float(u < 2), (33.859057, 62.918312, 60.547996, 46.140943, 17.081688)),
    ],
)
def test_offered_load_follows_a_daily_wave_with_a_lag(survival, loads):
    def rate(t):
        return 20 * (1 + 0.6 * math.sin(2 * math.pi / 24 * t))

    got = [q.offered_load(rate, survival, t, 64.0) for t in (0, 6, 9, 12, 18)]
    assert got == pytest.approx(loads, abs=2e-6)


def test_office_hours_fluid():
    assert q.office_hours_wait(10, 2, 15, 9) == pytest.approx(6.7291667, abs=5e-8)
    assert q.office_hours_wait(10, 2, 12, 9) == math.inf  # 9 h x 24/h is less than 240 a day
    assert q.office_hours_wait(10, 2, 15, 24) == 0.0


def test_one_agent_with_three_chats():
    got = q.chat_waits(8, 6, 3, 0.3)
    assert got == pytest.approx((0.449122807, 0.138191633, 0.240350877), abs=5e-10)
    assert q.chat_waits(0.8, 1, 1, 0.3)[:2] == pytest.approx((0.8, q.mean_wait(0.8, 1, 1)))
    assert q.chat_waits(3, 1, 2, 1.0)[1] == math.inf


def test_square_root_staffing_is_a_start():
    got = [math.ceil(q.square_root_staffing(a, 0.2)) for a in (2, 5, 10, 20, 50, 100)]
    assert got == [4, 8, 14, 25, 58, 111]
    for load, servers in zip((2, 5, 10, 20, 50, 100), got, strict=True):
        least = next(c for c in range(int(load) + 1, 200) if q.erlang_c(c, load) <= 0.2)
        assert abs(least - servers) <= 1
