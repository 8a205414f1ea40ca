"""One team with one or several classes of contact: Erlang C and A, general service, priorities."""

from __future__ import annotations

import math

import numpy as np

from known import recursions
from known.desks import MONDAY, STRICT, category, desk, exponential, fixed, lognormal
from known.measure import Effort, Row, Seen, agrees, equals, observe
from svcsim.engine import draws, rules
from svcsim.engine.demand import Horizon
from svcsim.engine.rows import NEVER
from svcsim.engine.setting import Setting
from svcsim.engine.simulate import prepare, run
from svcsim.model.service import ServiceModel
from svcsim.stats import queueing

HOUR = 3600.0


def waited(seen: Seen) -> np.ndarray:
    """Return who found every server busy."""
    return (seen["wait"] > 0) | seen.lost


# -- A0: equal to a recursion ------------------------------------------------------------------


def trace(effort: Effort) -> list[Row]:
    """A0: waits, who leaves and when service begins, against recursions: difference 0."""
    out = []
    for servers, classes in ((10, 1), (10, 3), (1, 1), (25, 4)):
        model = _impatient_desk(servers, classes)
        days = max(round(20 * effort.size), 2)
        setting = prepare(
            model, Horizon(MONDAY, days, 0), seed=1, replication=1, redraw_parameters=False
        )
        expected = _recursion(setting, servers, classes)
        rows = run(setting, effort.engine).rows
        response = np.where(rows["first_response"] == NEVER, -1, rows["first_response"])
        gone = np.where(rows["abandoned"] == NEVER, -1, rows["abandoned"])
        wait = np.where(rows["wait"] == NEVER, -1, rows["wait"])
        worst = float(np.abs(np.stack([wait, gone, response], axis=1) - expected).max())
        lost = float((gone >= 0).mean())
        what = f"largest difference (s), {servers} servers, {classes} classes"
        out += [
            equals("A0", what, 0.0, worst, 0.0),
            equals("A0", f"contacts compared, {servers} servers", len(expected), len(rows), 0.0),
            equals("A0", f"share lost is neither 0 nor all, {servers} servers", 0.2, lost, 0.19),
        ]
    return out


def _impatient_desk(servers: int, classes: int) -> ServiceModel:
    """Calls of 90 s, so that many events share a second; a little over capacity."""
    names = [f"p{k}" for k in range(classes)]
    kind = category(lognormal(90.0, 1.4), priorities=dict.fromkeys(names, 1.0 / classes))
    return desk(
        1.03 * servers * 40.0, servers,
        categories={"all": kind},
        patience={"edges": (0.0, 60.0), "hazard": (9.0, 18.0), "balk": 0.03},
        routing={"credit": {name: STRICT * (classes - k) for k, name in enumerate(names)}},
    )  # fmt: skip


def _recursion(setting: Setting, servers: int, classes: int) -> np.ndarray:
    """Return the waits by recursion, on the numbers that the clock draws."""
    plain, cases = setting.desk, setting.cases
    law, patience = plain.categories[0].handling, plain.patience[0]
    assert patience is not None
    args = (setting.seed, setting.replication, cases.key, 1)
    u = draws.block(*args, 1, draws.WORK >> 2, cases.stream)[0].tolist()
    p, b = (x.tolist() for x in draws.block(*args, 0, draws.PATIENCE >> 2, cases.stream)[:2])
    service = [rules.handling_time(law, plain.tables, 1.0, 1.0, v, 1) for v in u]
    stay = [patience.deadline(0, v, w, 1) for v, w in zip(p, b, strict=True)]
    arrivals = (cases.opened - setting.start).tolist()
    stop = setting.stop - setting.start
    if classes == 1:
        return recursions.first_come_first_served(arrivals, service, stay, servers, stop)
    return recursions.by_class(arrivals, cases.priority.tolist(), service, stay, servers, stop)


# -- A1, A10: Erlang C -------------------------------------------------------------------------

ERLANG_C = [
    # arrivals, service, servers, P(wait), Wq, (T, SL(T)) ..., days
    (0.5, 1.0, 1, 0.5, 1.0, [(1.0, 0.6967346701)], 40_000),
    (1.6, 1.0, 2, 0.7111111111, 1.7777777778, [(1.0, 0.5233279673)], 40_000),
    (8.0, 1.0, 10, 0.4091801508, 0.2045900754, [(1.0, 0.9446234884), (0.25, 0.7518196932)], 9_000),
    (9.0, 1.0, 10, 0.6687315241, 0.6687315241, [(0.5, 0.5943938275)], 18_000),
    (18.0, 2.0, 10, 0.6687315241, 0.3343657621, [(0.25, 0.5943938275)], 18_000),
    (48.0, 6.0, 10, 0.4091801508, 0.0340983459, [(1 / 3, 0.9925056041)], 9_000),
    (90.0, 1.0, 100, 0.2169404809, 0.0216940481, [(0.1, 0.9201920571)], 6_000),
]  # fmt: skip


def erlang_c(effort: Effort) -> list[Row]:
    """A1: M/M/c against the sheet's values, time scaled so that service takes an hour."""
    out = []
    for number, (arrivals, service, servers, p_wait, wait, levels, days) in enumerate(ERLANG_C):
        mean = max(servers / 10.0, 1.0)  # hours: so that ends come minutes apart
        kind = category(exponential(mean * HOUR))
        model = desk(arrivals / service / mean, servers, categories={"all": kind})
        seen = observe(model, days, effort, 100 + number)
        name = f"M/M/{servers} ({arrivals:g}, {service:g})"
        hours = seen["wait"] / HOUR / service / mean
        out += [
            agrees("A1", f"{name} P(wait)", p_wait, seen.mean(waited(seen))),
            agrees("A1", f"{name} mean wait h", wait, seen.mean(hours)),
        ]
        out += [
            agrees("A1", f"{name} SL({limit:.3g} h)", level, seen.mean(hours <= limit))
            for limit, level in levels
        ]
    return out


def square_root(effort: Effort) -> list[Row]:
    """A10: c = a + beta sqrt(a) for P(wait) = 0.2, exact servers, and what they do simulated."""
    beta = queueing.square_root_staffing(1.0, 0.2) - 1.0
    out = [equals("A10", "beta for P(wait) 0.2", 1.0615, beta, 5e-5)]
    table = {2: (4, 4), 5: (8, 8), 10: (14, 14), 20: (25, 26), 50: (58, 58), 100: (111, 111)}
    for load, (start, exact) in table.items():
        got = math.ceil(queueing.square_root_staffing(load, 0.2))
        least = next(c for c in range(load + 1, 999) if queueing.erlang_c(c, load) <= 0.2)
        out += [
            equals("A10", f"servers by square root, load {load}", start, got, 0.0),
            equals("A10", f"servers needed, load {load}", exact, least, 0.0),
        ]
    for servers in (25, 26):
        seen = observe(desk(20.0, servers), 3_000, effort, 150 + servers)
        truth = queueing.erlang_c(servers, 20.0)
        out.append(agrees("A10", f"P(wait), load 20, c {servers}", truth, seen.mean(waited(seen))))
    return out


# -- A3: general service -----------------------------------------------------------------------

KIMURA_ERRORS = {
    # (servers, occupancy) -> error of Kimura's formula at scv 0.25, 1, 2, 4 (lognormal service)
    (5, 0.7): (0.01, 0.05, 0.08, 0.06),
    (5, 0.9): (0.01, 0.01, 0.02, 0.02),
    (20, 0.7): (0.01, 0.09, 0.10, 0.12),
    (20, 0.9): (0.01, 0.04, 0.06, 0.07),
}


def general_service(effort: Effort) -> list[Row]:
    """A3: M/G/1 exactly (Pollaczek-Khinchine), M/G/c as far as a published table of errors."""
    out = []
    for number, (law, second) in enumerate(
        [(lognormal(HOUR, 2.0), 3.0), (fixed(HOUR), 1.0), (lognormal(HOUR, 0.5), 1.5)]
    ):
        seen = observe(
            desk(0.8, 1, categories={"all": category(law)}), 60_000, effort, 300 + number, tail=20
        )
        truth = 0.8 * second / (2 * (1 - 0.8))
        got = seen.mean(seen["wait"] / HOUR)
        out.append(agrees("A3", f"M/G/1, E[S^2] {second}: mean wait h", truth, got))
    for number, ((servers, rho), errors) in enumerate(KIMURA_ERRORS.items()):
        for k, (scv, error) in enumerate(zip((0.25, 1.0, 2.0, 4.0), errors, strict=True)):
            model = desk(rho * servers, servers, categories={"all": category(lognormal(HOUR, scv))})
            days = {5: 12_000, 20: 6_000}[servers] * (2 if rho > 0.8 and scv > 1 else 1)
            seen = observe(model, days, effort, 310 + 4 * number + k, tail=8)
            truth = queueing.mean_wait_general(rho * servers, 1.0, servers, scv) / (1.0 + error)
            # the table is rounded to whole percents and is itself simulated
            out.append(agrees(
                "A3", f"M/G/{servers}, {rho}, scv {scv}: mean wait h (table)", truth,
                seen.mean(seen["wait"] / HOUR), slack=0.02 * truth,
            ))  # fmt: skip
    return out


# -- A4: priorities ----------------------------------------------------------------------------

COBHAM = [
    # arrivals of each class, servers, mean waits h, days
    ((3.0, 5.0), 10, (0.05845431, 0.29227154), 15_000),
    ((2.0, 2.0), 5, (0.18470418, 0.92352092), 20_000),
    ((0.3, 0.5), 1, (1.14285714, 5.71428571), 60_000),
    ((2.0, 3.0, 4.0), 10, (0.08359144, 0.16718288, 1.33746305), 20_000),
]


def priorities(effort: Effort) -> list[Row]:
    """A4: strict priorities without pre-emption against Cobham's waits."""
    out = []
    for number, (rates, servers, waits, days) in enumerate(COBHAM):
        kind = category(exponential(HOUR), priorities=_shares(rates))
        model = _strict(sum(rates), servers, {"all": kind}, len(rates))
        seen = observe(model, days, effort, 400 + number, tail=20)
        for k, truth in enumerate(waits):
            of_class = seen.only(seen["priority"] == k)
            got = of_class.mean(of_class["wait"] / HOUR)
            name = f"{rates}, c {servers}: wait of class {k + 1} h"
            out.append(agrees("A4", name, truth, got))
    kind = category(lognormal(HOUR, 1.5), priorities=_shares((0.3, 0.4)))
    seen = observe(_strict(0.7, 1, {"all": kind}, 2), 60_000, effort, 410, tail=20)
    for k, truth in enumerate((1.25, 4.166666667)):
        of_class = seen.only(seen["priority"] == k)
        got = of_class.mean(of_class["wait"] / HOUR)
        out.append(agrees("A4", f"M/G/1 (0.3, 0.4), scv 1.5: wait of class {k + 1} h", truth, got))
    return out


def _shares(rates: tuple[float, ...]) -> dict[str, float]:
    return {f"p{k}": rate / sum(rates) for k, rate in enumerate(rates)}


def _strict(per_hour: float, servers: int, kinds: dict[str, dict], classes: int) -> ServiceModel:
    credit = {f"p{k}": STRICT * (classes - k) for k in range(classes)}
    return desk(per_hour, servers, categories=kinds, routing={"credit": credit})
