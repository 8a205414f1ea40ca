"""Demand and staff that change with the hour: daily waves and office hours."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import ndtr

from known import recursions
from known.desks import MONDAY, category, desk, exponential, fixed, lognormal
from known.formulas import busy_of_hours, wait_by_hour
from known.measure import DAY, Effort, Estimate, Row, agrees, equals, observe, ratio
from known.queues import HOUR, waited
from svcsim.engine import draws, rules
from svcsim.engine.demand import Horizon
from svcsim.engine.rows import NEVER
from svcsim.engine.simulate import prepare, run
from svcsim.model.demand import WEEKDAYS
from svcsim.model.service import ServiceModel
from svcsim.stats import queueing

MEAN, SWING, TURN = 20.0, 0.6, 2 * math.pi / 24
HOURS = (0, 6, 9, 12, 18)
RATES = [
    MEAN * (1 + SWING * (math.cos(TURN * h) - math.cos(TURN * (h + 1))) / TURN) for h in range(24)
]
"""Mean of the wave 20 (1 + 0.6 sin(2 pi t / 24)) over each hour: the desk's profile."""
WAVE = dict.fromkeys(WEEKDAYS, tuple(RATES))

LAWS: dict[str, tuple[dict[str, Any], Any, float, tuple[float, ...]]] = {
    # law -> service, P(S > u), longest service looked at (h), published m(t) at the five hours
    "exponential, mean 0.5 h": (
        exponential(0.5 * HOUR), lambda u: math.exp(-2 * u), 20.0,
        (9.227833, 15.898924, 14.717174, 10.772167, 4.101076),
    ),
    "exponential, mean 2 h": (
        exponential(2 * HOUR), lambda u: math.exp(-u / 2), 60.0,
        (30.137492, 58.836003, 60.292912, 49.862508, 21.163997),
    ),
    "lognormal, mean 2 h, scv 1.5": (
        lognormal(2 * HOUR, 1.5), lambda u: _lognormal_beyond(u, 2.0, 1.5), 120.0,
        (30.956316, 57.613986, 58.849818, 49.043681, 22.386012),
    ),
    "fixed, 2 h": (
        fixed(2 * HOUR), lambda u: 1.0 if u < 2 else 0.0, 2.0,
        (33.859057, 62.918312, 60.547996, 46.140943, 17.081688),
    ),
}  # fmt: skip


def _lognormal_beyond(u: float, mean: float, scv: float) -> float:
    if u <= 0:
        return 1.0
    sigma = math.sqrt(math.log1p(scv))
    return float(ndtr(-(math.log(u / mean) + sigma * sigma / 2) / sigma))


def infinite_servers(effort: Effort) -> list[Row]:
    """A7: busy servers of M_t/G/inf at five hours of the day.

    Twice: with the desk's own demand, constant within hours, against its exact load; and with
    arrivals of the smooth wave, drawn here and replayed, against the published values.
    """
    out = []
    for number, (name, (law, survival, longest, published)) in enumerate(LAWS.items()):
        model = desk(MEAN, 110, categories={"all": category(law)}, profile=WAVE)
        own = _busy_at(model, 3_000, effort, 800 + number, smooth=False)
        wave = _busy_at(model, 3_000, effort, 810 + number, smooth=True)
        for hour, truth, of_steps, of_wave in zip(HOURS, published, own, wave, strict=True):
            steps = busy_of_hours(RATES, survival, hour, longest)
            out += [
                agrees("A7", f"{name}: busy at {hour:02d}:00, hourly steps", steps, of_steps),
                agrees("A7", f"{name}: busy at {hour:02d}:00, wave", truth, of_wave),
            ]
    return out


def _smooth_arrivals(days: int, start: int, seed: int) -> np.ndarray:
    """Return arrivals (epoch s) of the wave, by thinning a Poisson process."""
    rng = np.random.default_rng(seed)
    top = MEAN * (1 + SWING)
    hours = np.sort(rng.random(rng.poisson(top * 24 * days)) * 24 * days)
    keep = rng.random(len(hours)) * top < MEAN * (1 + SWING * np.sin(TURN * hours))
    return np.asarray(start + np.floor(hours[keep] * 3600), dtype=np.int64)


def _busy_at(
    model: ServiceModel, days: float, effort: Effort, seed: int, *, smooth: bool
) -> list[Estimate]:
    """Return the mean number at work at each of the five hours, over days."""
    count, each = effort.spans(days)
    parts = max(40 // count, 2)
    totals = np.zeros((len(HOURS), count * parts))
    sizes = np.zeros(count * parts)
    for replication in range(1, count + 1):
        horizon = Horizon(MONDAY, each + 4, 0)
        start = horizon.bounds("UTC")[0]
        arrivals = _smooth_arrivals(each + 4, start, seed * 100 + replication) if smooth else None
        setting = prepare(
            model, horizon, seed=seed, replication=replication, redraw_parameters=False,
            arrivals=arrivals,
        )  # fmt: skip
        work = run(setting, effort.engine).work
        begun, ended = np.sort(work["start"]), np.sort(work["end"])
        day = np.arange(each)
        batch = day * parts // each + (replication - 1) * parts
        sizes += np.bincount(batch, minlength=len(sizes))
        for k, hour in enumerate(HOURS):
            at = (day + 3) * DAY + hour * 3600
            busy = np.searchsorted(begun, at, "right") - np.searchsorted(ended, at, "right")
            totals[k] += np.bincount(batch, busy, minlength=len(sizes))
    return [ratio(total, sizes) for total in totals]


MOL = [
    # mean service h, servers, largest error of modified offered load, seed
    (0.5, 20, 0.018, 830),
    (2.0, 70, 0.034, 831),
]


def offered_load(effort: Effort) -> list[Row]:
    """A7: P(wait) by the hour of M_t/M/c: exact equations, and Erlang C at the offered load."""
    out = []
    for mean, servers, published, seed in MOL:
        exact, full = wait_by_hour(RATES, 1.0 / mean, servers)
        name = f"mean {mean} h, c {servers}"
        kind = {"all": category(exponential(mean * HOUR))}
        seen = observe(desk(MEAN, servers, categories=kind, profile=WAVE), 6_000, effort, seed)
        hour = seen["opened"] % DAY // 3600
        for h in (3, 5, 8, 10, 12, 15):
            of_hour = seen.only(hour == h)
            got = of_hour.mean(waited(of_hour))
            out.append(agrees("A7", f"{name}: P(wait) from {h:02d}:00, exact", exact[h], got,
                              slack=2e-4))  # fmt: skip
        truth = float(np.average(exact, weights=RATES))
        out.append(agrees("A7", f"{name}: P(wait) of the day, exact", truth,
                          seen.mean(waited(seen)), slack=2e-4))  # fmt: skip
        loads = [busy_of_hours(RATES, lambda u, m=mean: math.exp(-u / m), h, 60.0 * mean)
                 for h in range(24)]  # fmt: skip
        worst = max(
            abs(queueing.erlang_c(servers, load) - p) for load, p in zip(loads, full, strict=True)
        )
        out.append(equals("A7", f"{name}: largest error of MOL", published, worst, 0.006))
    return out


def office_hours(effort: Effort) -> list[Row]:
    """A8: tickets day and night, staff from 9 to 18; what runs at closing waits until opening.

    The fluid mean wait is 6.729167 h; a published simulation gave 6.7299, 6.7414 and 6.904 h at
    100, 10 and 1 times 10 tickets an hour and 15 agents.
    """
    fluid = queueing.office_hours_wait(10.0, 2.0, 15, 9.0)
    out = [equals("A8", "fluid mean wait h", 6.729167, fluid, 1e-6)]
    runs = [(1, 6.904, 8_000), (10, 6.7414, 1_500), (100, 6.7299, 100)]
    for scale, simulated, days in runs:
        model = _office(scale, "hand_back")
        seen = observe(model, days, effort, 850 + scale, warm_up=7, tail=7)
        got = seen.mean(seen["wait"] / HOUR)
        # the published simulation is itself random (independent ones of scale 1 give 6.86)
        out.append(agrees("A8", f"scale {scale}: mean wait h, simulated", simulated, got,
                          slack={1: 0.01, 10: 0.002, 100: 0.002}[scale] * simulated))  # fmt: skip
        if scale == 100:
            out.append(agrees("A8", "scale 100: mean wait h, fluid", fluid, got,
                              slack=0.005 * fluid))  # fmt: skip
    finished = queueing.office_hours_wait(10.0, 2.0, 15, 9.0, paused=False)
    seen = observe(_office(100, "finish"), 100, effort, 860, warm_up=7, tail=7)
    got = seen.mean(seen["wait"] / HOUR)
    out.append(agrees("A8", "scale 100, overtime: mean wait h, fluid", finished, got,
                      slack=0.005 * finished))  # fmt: skip
    return out


def trace_of_office_hours(effort: Effort) -> list[Row]:
    """A0: the same desk against a recursion in staffed time: difference 0, ticket by ticket."""
    out = []
    for scale in (1, 5):
        days = max(round(200 * effort.size), 10)
        setting = prepare(
            _office(scale, "hand_back"), Horizon(MONDAY, days, 0), seed=1, replication=1,
            redraw_parameters=False,
        )  # fmt: skip
        cases, plain = setting.cases, setting.desk
        u = draws.block(1, 1, cases.key, 1, 1, draws.WORK >> 2, cases.stream)[0].tolist()
        law = plain.categories[0].handling
        service = [rules.handling_time(law, plain.tables, 1.0, 1.0, v, 1) for v in u]
        expected = recursions.paused_overnight(
            (cases.opened - setting.start).tolist(), service, 15 * scale, (9 * 3600, 18 * 3600),
            setting.stop - setting.start,
        )  # fmt: skip
        wait = run(setting, effort.engine).rows["wait"]
        worst = float(np.abs(np.where(wait == NEVER, -1, wait) - expected).max())
        what = f"office hours, {15 * scale} agents, {len(expected)} tickets: largest difference (s)"
        out.append(equals("A0", what, 0.0, worst, 0.0))
    return out


def _office(scale: int, at_shift_end: str) -> ServiceModel:
    kind = category(exponential(0.5 * HOUR))
    return desk(
        10.0 * scale, 15 * scale, mode="ticket", hours=(("09:00", "18:00"),),
        categories={"all": kind}, staffing={"at_shift_end": at_shift_end},
    )  # fmt: skip
