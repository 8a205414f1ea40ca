"""Truths that no closed formula gives: general patience, and queues whose demand has an hour."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc

from svcsim.stats import queueing

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Patient:
    """Steady state of M/M/c+G; shares are of all customers."""

    p_wait: float
    p_abandon: float
    mean_wait: float
    served_within: float
    abandoned_within: float
    beyond: float
    """P(a patient customer would wait longer than ``within``)."""
    mean_wait_served: float

    def levels(self) -> tuple[float, float, float, float]:
        """Return four service levels of one desk, by what is counted over what.

        Served in time over offered; over offered without those lost in time; over served; and the
        share that a patient customer would wait at most that long.
        """
        return (
            self.served_within,
            self.served_within / (1.0 - self.abandoned_within),
            self.served_within / (1.0 - self.p_abandon),
            1.0 - self.beyond,
        )


def general_patience(
    arrivals: float,
    service: float,
    servers: int,
    edges: Sequence[float],
    hazards: Sequence[float],
    *,
    balk: float = 0.0,
    within: float = 0.0,
) -> Patient:
    """Return M/M/c+G with a piecewise constant hazard of leaving, by sums on a fine grid.

    With the survival S of patience and f(u) = exp(lambda int_0^u S - c mu u): e = 1 / (lambda
    B(c-1, a)), D = e + int f. The wait offered has density f / D and mass 1 - int f / D at 0.
    Source: Baccelli & Hebuterne 1981; Zeltyn & Mandelbaum 2005.
    """
    capacity = servers * service
    # the offered wait has a density below exp(-(hazard) u) x a peak: far enough is 60 of both
    far = 60.0 / capacity + 40.0 / min(h for h in hazards if h > 0)
    u = np.unique(np.concatenate([np.linspace(0.0, far, 800_001), [within], edges]))
    step = np.diff(u)
    rate = np.asarray(hazards)[np.searchsorted(edges, u[:-1], "right") - 1]
    hazard = np.concatenate([[0.0], np.cumsum(rate * step)])
    stay = (1.0 - balk) * np.exp(-hazard)
    log_f = arrivals * _integral(stay, step) - capacity * u
    peak = float(log_f.max())
    f = np.exp(log_f - peak)
    idle = math.exp(-peak) / (arrivals * queueing.erlang_b(servers - 1, arrivals / service))
    total = idle + _integral(f, step)[-1]
    density = f / total
    in_time = u <= within
    cut = int(in_time.sum())
    beyond = float(_integral(density, step)[-1] - _integral(density, step)[cut - 1])
    p_wait = 1.0 - idle / total
    served_waiting = _integral(density * stay, step)
    served = 1.0 - p_wait + float(served_waiting[-1])
    soon = float(served_waiting[cut - 1])
    waited = _integral(stay, step)  # mean of min(patience, u)
    return Patient(
        p_wait=float(p_wait),
        p_abandon=1.0 - served,
        mean_wait=float(_integral(density * waited, step)[-1]),
        served_within=1.0 - float(p_wait) + soon,
        abandoned_within=float(p_wait) - beyond - soon + float(1.0 - stay[cut - 1]) * beyond,
        beyond=beyond,
        mean_wait_served=float(_integral(density * stay * u, step)[-1]) / served,
    )


def _integral(values: Array, step: Array) -> Array:
    return np.concatenate([[0.0], np.cumsum(0.5 * (values[1:] + values[:-1]) * step)])


def busy_of_hours(
    rates: Sequence[float], survival: Callable[[float], float], time: float, longest: float
) -> float:
    """Return busy servers of M_t/G/inf at a time of day, the rate constant within hours."""

    def rate(t: float) -> float:
        return rates[math.floor(t) % 24]

    edges = sorted({0.0, longest, *(time - k for k in range(-99, 999) if 0 < time - k < longest)})
    return sum(
        queueing.offered_load(lambda t, a=a: rate(t - a), lambda u, a=a: survival(u + a),
                              time, b - a)
        for a, b in zip(edges, edges[1:], strict=False)
    )  # fmt: skip


def wait_by_hour(
    rates: Sequence[float], service: float, servers: int, days: int = 4
) -> tuple[list[float], list[float]]:
    """Return P(all servers are busy) of M_t/M/c: mean over each hour, and at each full hour.

    The forward equations of the number present, from empty, over some days; the last one counts.
    """
    steps = math.ceil((max(rates) + servers * service) / 0.5)
    dt = 1.0 / steps
    p = _empty(servers)
    mean, full = [0.0] * 24, [0.0] * 24
    for hour in range(24 * days):
        birth, busy = rates[hour % 24], []
        full[hour % 24] = float(p[servers:].sum())
        for _ in range(steps):
            busy.append(float(p[servers:].sum()))
            p = _later(p, birth, service, servers, dt)
        busy.append(float(p[servers:].sum()))
        mean[hour % 24] = float(np.trapezoid(busy, dx=dt))
    return mean, full


def transient_erlang_c(
    arrivals: float, service: float, servers: int, length: float, within: float
) -> tuple[float, float, float]:
    """Return share served within a limit, mean wait and occupancy of M/M/c from empty, over time.

    Who finds n >= c present waits the sum of n - c + 1 exponentials of rate c mu.
    """
    p, n = _empty(servers), np.arange(servers + 251)
    ahead = np.maximum(n - servers + 1, 0)
    capacity = servers * service
    soon = np.where(ahead > 0, gammainc(np.maximum(ahead, 1), capacity * within), 1.0)
    steps = math.ceil(length * (arrivals + capacity) / 0.5)
    values = np.stack([soon, ahead / capacity, np.minimum(n, servers) / servers])
    total = 0.5 * values @ p
    for _ in range(steps):
        p = _later(p, arrivals, service, servers, length / steps)
        total += values @ p
    total -= 0.5 * values @ p
    level, wait, busy = (total / steps).tolist()
    return level, wait, busy


def _empty(servers: int) -> Array:
    p = np.zeros(servers + 251)
    p[0] = 1.0
    return p


def _later(p: Array, birth: float, service: float, servers: int, dt: float) -> Array:
    """Return the law of the number present a little later (Runge-Kutta)."""
    death = np.minimum(np.arange(len(p)), servers) * service

    def change(p: Array) -> Array:
        flow = birth * p[:-1] - death[1:] * p[1:]
        return np.concatenate([[-flow[0]], flow[:-1] - flow[1:], [flow[-1]]])

    k1 = change(p)
    k2 = change(p + 0.5 * dt * k1)
    k3 = change(p + 0.5 * dt * k2)
    return p + dt / 6.0 * (k1 + 2 * k2 + 2 * k3 + change(p + dt * k3))
