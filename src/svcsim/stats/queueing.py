"""Queues with known answers: what a simulated desk must agree with, and first guesses of staffing.

Rates are per unit of time, any unit; waits come back in that unit. Nothing here is random and
nothing knows a desk: a calibrated desk is never as simple as these, which is why it is simulated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scipy.integrate import quad
from scipy.special import log_ndtr

INF = math.inf


def erlang_b(servers: int, load: float) -> float:
    """Return the blocking probability of M/M/c/c.

    B_0 = 1, B_k = a B_(k-1) / (k + a B_(k-1)). Source: Erlang 1917.
    """
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Return P(wait > 0) of M/M/c: B / (1 - rho (1 - B)); 1 at or above capacity.

    Source: Erlang 1917; Cooper 1981, Introduction to Queueing Theory.
    """
    rho = load / servers
    if rho >= 1.0:
        return 1.0
    blocked = erlang_b(servers, load)
    return blocked / (1.0 - rho * (1.0 - blocked))


def mean_wait(arrivals: float, service: float, servers: int) -> float:
    """Return the mean wait of all customers of M/M/c: C / (c mu - lambda); inf at capacity."""
    spare = servers * service - arrivals
    return erlang_c(servers, arrivals / service) / spare if spare > 0 else INF


def wait_beyond(arrivals: float, service: float, servers: int, time: float) -> float:
    """Return P(wait > time) of M/M/c: C exp(-(c mu - lambda) time); 1 at capacity."""
    spare = servers * service - arrivals
    if spare <= 0:
        return 1.0
    return erlang_c(servers, arrivals / service) * math.exp(-spare * time)


def wait_quantile(arrivals: float, service: float, servers: int, p: float) -> float:
    """Return the p quantile of the wait of M/M/c: max(0, ln(C / (1 - p)) / (c mu - lambda))."""
    spare = servers * service - arrivals
    if spare <= 0:
        return INF
    return max(0.0, math.log(erlang_c(servers, arrivals / service) / (1.0 - p)) / spare)


def servers_for(arrivals: float, service: float, time: float, share: float) -> int:
    """Return the least servers for which M/M/c answers ``share`` of customers within ``time``."""
    servers = max(int(arrivals / service), 0) + 1
    while 1.0 - wait_beyond(arrivals, service, servers, time) < share:
        servers += 1
    return servers


def square_root_staffing(load: float, p_wait: float) -> float:
    """Return a + beta sqrt(a) with P(wait) = 1 / (1 + beta Phi(beta) / phi(beta)), unrounded.

    Source: Halfin & Whitt 1981. A start for a search, good to about one server.
    """

    def halfin_whitt(beta: float) -> float:
        log_ratio = float(log_ndtr(beta)) + 0.5 * beta * beta + 0.5 * math.log(2.0 * math.pi)
        return 1.0 / (1.0 + beta * math.exp(log_ratio))

    low, high = 0.0, 8.0
    for _ in range(80):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if halfin_whitt(middle) > p_wait else (low, middle)
    return load + low * math.sqrt(load)


@dataclass(frozen=True)
class Impatient:
    """Steady state of M/M/c+M, customers leaving while they wait; shares are of all customers."""

    p_wait: float
    """P(no server is free at arrival)."""
    p_abandon: float
    mean_wait: float
    """Mean time in the queue of all customers, served or not."""
    occupancy: float
    served_within: float
    """P(served after a wait of at most ``within``)."""
    abandoned_within: float
    wait_beyond: float
    """P(the wait offered to a patient customer exceeds ``within``)."""
    mean_wait_served: float

    @property
    def service_level(self) -> float:
        """Return served within the limit / (offered - abandoned within the limit)."""
        return self.served_within / (1.0 - self.abandoned_within)


def erlang_a(
    arrivals: float,
    service: float,
    servers: int,
    leaving: float,
    *,
    within: float = 0.0,
    balk: float = 0.0,
) -> Impatient:
    """Return the steady state of M/M/c+M with patience rate ``leaving``.

    With the survival of patience S(x) = (1 - balk) exp(-leaving x) and
    f(u) = exp(lambda int_0^u S - c mu u): e = 1 / (lambda B(c-1, a)), J(t) = int_t^inf f and
    D = e + J(0), P(wait) = J(0) / D, P(abandon) = (1 + (lambda - c mu) J(0)) / (lambda D). All
    terms are divided by the largest f, so that overload does not overflow. ``balk``: share that
    leaves at once when it has to wait. Source: Baccelli & Hebuterne 1981; Mandelbaum & Zeltyn
    2007, Service engineering in action: the Palm/Erlang-A queue.
    """
    capacity = servers * service
    integral, one = _offered_wait(arrivals, capacity, leaving, balk)

    def stay(u: float) -> float:
        return (1.0 - balk) * math.exp(-leaving * u)

    idle = one / (arrivals * erlang_b(servers - 1, arrivals / service))
    whole, after = integral(_one, 0.0, INF), integral(_one, within, INF)
    total = idle + whole
    p_wait, beyond = whole / total, after / total
    p_abandon = (one + (arrivals - capacity) * whole) / (arrivals * total)
    in_time = integral(stay, 0.0, within) / total
    return Impatient(
        p_wait=p_wait,
        p_abandon=p_abandon,
        mean_wait=(p_abandon - balk * p_wait) / leaving,
        occupancy=arrivals * (1.0 - p_abandon) / capacity,
        served_within=1.0 - p_wait + in_time,
        abandoned_within=p_wait - beyond - in_time + (1.0 - stay(within)) * beyond,
        wait_beyond=beyond,
        mean_wait_served=integral(lambda u: u * stay(u), 0.0, INF) / total / (1.0 - p_abandon),
    )


def _one(_: float) -> float:
    return 1.0


def _offered_wait(
    arrivals: float, capacity: float, leaving: float, balk: float
) -> tuple[Callable[[Callable[[float], float], float, float], float], float]:
    """Return (g, low, high) -> int g f, and the 1 of `erlang_a`, both over the largest f."""

    def log_f(u: float) -> float:
        return arrivals * (1.0 - balk) * -math.expm1(-leaving * u) / leaving - capacity * u

    ratio = arrivals * (1.0 - balk) / capacity
    top = math.log(ratio) / leaving if ratio > 1.0 else 0.0
    peak, width = log_f(top), 1.0 / math.sqrt(leaving * capacity)
    cuts = sorted({max(top + k * width, 0.0) for k in (-8, -3, 0, 3, 8, 20, 60)})

    def integral(g: Callable[[float], float], low: float, high: float) -> float:
        return _integral(lambda u: g(u) * math.exp(log_f(u) - peak), low, high, cuts)

    return integral, math.exp(-peak)


def mean_wait_general(arrivals: float, service: float, servers: int, scv: float) -> float:
    """Return Kimura's approximation of the mean wait of M/G/c; exact for one server.

    (1 + s) / (2 s / W_M + (1 - s) / W_D) with the squared coefficient of variation s of service,
    the M/M/c wait W_M and Cosmetatos' M/D/c wait W_D. Within a few percent at high occupancy,
    up to about 12 % off at 70 %. Source: Kimura 1986; Cosmetatos 1976.
    """
    exponential = mean_wait(arrivals, service, servers)
    if exponential in (0.0, INF):
        return exponential
    if servers == 1:
        return exponential * (1.0 + scv) / 2.0
    rho = arrivals / (service * servers)
    spread = (1.0 - rho) * (servers - 1) * (math.sqrt(4.0 + 5.0 * servers) - 2.0)
    fixed = 0.5 * (1.0 + spread / (16.0 * servers * rho)) * exponential
    return (1.0 + scv) / (2.0 * scv / exponential + (1.0 - scv) / fixed)


def priority_waits(arrivals: Sequence[float], service: float, servers: int) -> list[float]:
    """Return the mean wait of each class of M/M/c with non-pre-emptive priorities, best first.

    W_k = W_0 / ((1 - s_(k-1)) (1 - s_k)), W_0 = C / (c mu), s_k the load of classes 1..k.
    Source: Cobham 1954; Kella & Yechiali 1985.
    """
    capacity = servers * service
    start = erlang_c(servers, sum(arrivals) / service) / capacity
    return _cobham(start, [rate / capacity for rate in arrivals])


def priority_waits_one_server(
    arrivals: Sequence[float], means: Sequence[float], second_moments: Sequence[float]
) -> list[float]:
    """Return the mean wait of each class of M/G/1 with non-pre-emptive priorities, best first.

    As for M/M/c with W_0 = sum of lambda_i E[S_i^2] / 2. Source: Cobham 1954.
    """
    start = sum(a * m for a, m in zip(arrivals, second_moments, strict=True)) / 2.0
    return _cobham(start, [a * m for a, m in zip(arrivals, means, strict=True)])


def with_feedback(arrivals: float, again: float) -> float:
    """Return the total rate of contacts when each is followed by another with chance ``again``.

    lambda / (1 - p): after any independent delay, with exponential service, the queue waits as
    M/M/c does at this rate. Source: Jackson 1957 (product form with an infinite-server orbit).
    """
    return arrivals / (1.0 - again)


def redial_rate(
    arrivals: float, service: float, servers: int, redial: float, reconnect: float
) -> tuple[float, float]:
    """Return (total rate of calls, share abandoned) of a large call centre with redials.

    The abandoned redial with chance p, the served reconnect with chance q. Underload:
    lambda / (1 - q) and 0; overload: (lambda + (q - p) c mu) / (1 - p), 1 - c mu / total.
    Source: fluid balance, Ding, Remerova, van der Mei & Zwart 2015.
    """
    capacity = servers * service
    total = arrivals / (1.0 - reconnect)
    if total <= capacity:
        return total, 0.0
    total = (arrivals + (reconnect - redial) * capacity) / (1.0 - redial)
    return total, 1.0 - capacity / total


def offered_load(
    rate: Callable[[float], float], survival: Callable[[float], float], time: float, longest: float
) -> float:
    """Return busy servers of M_t/G/inf: m(t) = int_0^inf rate(t - u) P(S > u) du.

    ``longest``: service times beyond it are left out. Source: Eick, Massey & Whitt 1993.
    """
    cuts = [longest * k / 16 for k in range(1, 16)]
    return _integral(lambda u: rate(time - u) * survival(u), 0.0, longest, cuts)


def office_hours_wait(
    arrivals: float, service: float, servers: int, hours: float, *, paused: bool = True
) -> float:
    """Return the fluid mean wait (hours) of work that arrives day and night, served in the day.

    ``hours`` staffed of 24; at closing nothing is left but the b = lambda / mu in service, which
    are ``paused`` until opening, or else finished overtime (b = 0). So Q = lambda (24 - H) + b - c
    wait at opening and drain at c mu - lambda:
    (lambda (24 - H)^2 / 2 + Q^2 / (2 (c mu - lambda))) / (24 lambda). inf where the day is too
    short to clear the night.
    """
    closed, spare = 24.0 - hours, servers * service - arrivals
    line = arrivals * closed + (arrivals / service if paused else 0.0) - servers
    if spare <= 0 or line > spare * hours:
        return INF
    line = max(line, 0.0)
    return (0.5 * arrivals * closed**2 + 0.5 * line**2 / spare) / (24.0 * arrivals)


def chat_waits(
    arrivals: float, service: float, slots: int, drag: float
) -> tuple[float, float, float]:
    """Return (P(wait), mean wait, mean chat) of one agent with up to ``slots`` chats at once.

    k chats each progress at rate mu / (1 + drag (k - 1)): a birth-death chain with death rates
    r_k = k mu / (1 + drag (k - 1)), constant beyond ``slots``.
    """
    deaths = [k * service / (1.0 + drag * (k - 1)) for k in range(1, slots + 1)]
    ratio = arrivals / deaths[-1]
    if ratio >= 1.0:
        return 1.0, INF, slots / deaths[-1]
    weights = [1.0]
    for death in deaths:
        weights.append(weights[-1] * arrivals / death)
    beyond = weights[-1] / (1.0 - ratio)
    norm = sum(weights[:-1]) + beyond
    queue = beyond * ratio / (1.0 - ratio) / norm
    busy = (sum(k * w for k, w in enumerate(weights[:-1])) + slots * beyond) / norm
    return beyond / norm, queue / arrivals, busy / arrivals


def _cobham(start: float, loads: Sequence[float]) -> list[float]:
    out, below = [], 0.0
    for load in loads:
        here = below + load
        out.append(start / ((1.0 - below) * (1.0 - here)) if here < 1.0 else INF)
        below = here
    return out


def _integral(g: Callable[[float], float], low: float, high: float, cuts: Sequence[float]) -> float:
    """Integrate piece by piece, so that a narrow peak is not missed."""
    inner = [cut for cut in cuts if low < cut < high]
    edges = [low, *inner, high]
    return float(
        sum(
            quad(g, a, b, epsabs=1e-13, epsrel=1e-11, limit=200)[0]
            for a, b in zip(edges, edges[1:], strict=False)
            if b > a
        )
    )
