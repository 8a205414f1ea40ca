"""Contacts that come back, teams that help each other, chats side by side."""

from __future__ import annotations

from typing import Any

import numpy as np

from known.desks import category, desk, exponential, fixed, lognormal
from known.measure import Effort, Estimate, Row, Seen, agrees, equals, observe
from known.queues import HOUR, waited
from svcsim.model.service import ServiceModel
from svcsim.stats import queueing

# -- A5: feedback ------------------------------------------------------------------------------

DELAYS = {
    "fast": exponential(600.0),
    "slow": exponential(100 * HOUR),
    "lognormal": lognormal(10 * HOUR, 4.0),
    "fixed": fixed(5 * HOUR),
    "none": fixed(0.0),
}


def feedback(effort: Effort) -> list[Row]:
    """A5: contacts that come back wait as M/M/c does at lambda / (1 - p), after any delay."""
    out = []
    for number, (name, law) in enumerate(DELAYS.items()):
        model = _returning(6.0, {"all": category(repeat=0.25)}, law)
        what = f"6 an hour, p 0.25, {name} return"
        out += _as_busier(what, model, 8.0, effort, 500 + number)
    out += _as_busier(
        "6.4 an hour, p 0.2, slow return",
        _returning(6.4, {"all": category(repeat=0.2)}, DELAYS["slow"]), 8.0, effort, 510,
    )  # fmt: skip
    kinds = {
        "rarely": category(share=2.7 / 5.7, repeat=0.1),
        "often": category(share=3.0 / 5.7, repeat=0.4),
    }
    truth = 2.7 / 0.9 + 3.0 / 0.6
    model = _returning(5.7, kinds, exponential(10 * HOUR))
    return out + _as_busier("two kinds, p 0.1 and 0.4", model, truth, effort, 511)


def _returning(per_hour: float, kinds: dict[str, Any], law: dict[str, Any]) -> ServiceModel:
    return desk(per_hour, 10, categories=kinds, returns={"repeat_after": law}, max_contacts=60)


def _as_busier(
    what: str, model: ServiceModel, total: float, effort: Effort, seed: int
) -> list[Row]:
    seen = observe(model, 8_000, effort, seed, warm_up=40)
    rows = [
        agrees("A5", f"{what}: contacts an hour", total, seen.an_hour(np.ones(len(seen.rows)))),
        agrees("A5", f"{what}: P(wait)", queueing.erlang_c(10, total), seen.mean(waited(seen))),
        agrees("A5", f"{what}: mean wait h", queueing.mean_wait(total, 1.0, 10),
               seen.mean(seen["wait"] / HOUR)),
    ]  # fmt: skip
    if len(model.categories) == 1:
        p = next(iter(model.categories.values())).repeat.value
        chain = seen.ratio(np.ones(len(seen.rows)), seen["no"] == 1)
        rows.append(agrees("A5", f"{what}: contacts per case", 1 / (1 - p), chain))
    return rows


# -- E9: redial and reconnect ------------------------------------------------------------------


def redial(effort: Effort) -> list[Row]:
    """E9: the lost try again (p), the served call again (q): a fluid balance, 200 servers.

    The fluid leaves chance out. A published simulation of the same desk gave 79.40 calls an hour
    with 0.370 lost, and 44.45 an hour; that is what a stochastic desk must meet closely.
    """
    out = []
    for number, (arrivals, fluid, simulated, near) in enumerate(
        [(60.0, 80.0, 79.40, 0.3), (40.0, 44.444444, 44.45, 0.1)]
    ):
        seen = observe(_callers(arrivals), 600, effort, 520 + number, warm_up=40)
        total = seen.an_hour(np.ones(len(seen.rows)))
        lost = seen.mean(seen.lost)
        formula, share = queueing.redial_rate(arrivals, 0.25, 200, 0.5, 0.1)
        name = f"{arrivals:g} first calls an hour"
        out += [
            equals("E9", f"{name}: all calls an hour, formula", fluid, formula, 1e-6),
            agrees("E9", f"{name}: all calls an hour, fluid", fluid, total, slack=0.01 * fluid),
            agrees("E9", f"{name}: all calls an hour, simulated", simulated, total, slack=near),
            agrees("E9", f"{name}: share lost, fluid", share, lost, slack=0.01),
            # every call is answered or lost: the flows of a steady desk add up exactly
            agrees("E9", f"{name}: calls = first / (1 - q - (p - q) lost)",
                   arrivals / (1 - 0.1 - 0.4 * lost.value), total),
        ]  # fmt: skip
    return out


def _callers(per_hour: float) -> ServiceModel:
    """200 agents, calls of 4 h, patience of 2 h: whole seconds do not matter."""
    return desk(
        per_hour, 200,
        categories={"all": category(exponential(4 * HOUR), repeat=0.1)},
        patience={"hazard": (0.5,)},
        returns={"redial": 0.5, "redial_after": exponential(2 * HOUR),
                 "repeat_after": exponential(10 * HOUR)},
        max_contacts=60,
    )  # fmt: skip


# -- A6: pooling -------------------------------------------------------------------------------

POOLS = [
    # pools, arrivals and servers of each, apart (Wq, SL.25), pooled (Wq, SL.25)
    (2, 4.0, 5, (0.554113, 0.568457), (0.204590, 0.751820)),
    (5, 4.0, 5, (0.554113, 0.568457), (0.041821, 0.940091)),
    (4, 0.8, 1, (4.0, None), (0.745541, None)),
]


def pooling(effort: Effort) -> list[Row]:
    """A6: teams apart, teams as one, and random skills, which lie between the two."""
    out = []
    rng = np.random.default_rng(6)
    for number, (pools, arrivals, servers, apart, pooled) in enumerate(POOLS):
        name = f"{pools} x M/M/{servers} ({arrivals:g})"
        days = 60_000 if servers == 1 else 8_000
        home = np.repeat(np.arange(pools), servers)
        everything = np.ones((pools * servers, pools), dtype=bool)
        one = desk(pools * arrivals, pools * servers)
        for label, truth, seen in (
            ("apart", apart, _teams(pools, arrivals, servers, np.eye(pools, dtype=bool)[home],
                                    days, effort, 600 + 10 * number)),
            ("as one", pooled, observe(one, days, effort, 601 + 10 * number, tail=20)),
            ("serving all, pooled", pooled,
             _teams(pools, arrivals, servers, everything, days, effort, 602 + 10 * number,
                    pooled=True)),
            # own team first is another order, so the mean alone is that of one queue
            ("serving all", (pooled[0], None),
             _teams(pools, arrivals, servers, everything, days, effort, 603 + 10 * number)),
        ):  # fmt: skip
            hours = seen["wait"] / HOUR
            out.append(agrees("A6", f"{name} {label}: mean wait h", truth[0], seen.mean(hours)))
            if truth[1] is not None:
                got = seen.mean(hours <= 0.25)
                out.append(agrees("A6", f"{name} {label}: SL(0.25 h)", truth[1], got))
        for k in range(3):
            skills = rng.random((pools * servers, pools)) < (0.2, 0.4, 0.7)[k]
            skills[np.arange(len(skills)), home] = True
            seen = _teams(
                pools, arrivals, servers, skills, days // 2, effort, 605 + 10 * number + k
            )
            got = seen.mean(seen["wait"] / HOUR)
            out.append(_inside(f"{name} random skills {k + 1}: mean wait h", apart, pooled, got))
    return out


def _inside(what: str, apart: tuple[Any, ...], pooled: tuple[Any, ...], got: Estimate) -> Row:
    """Return the comparison with the bounds of pooling: their middle, half their distance."""
    middle, half = (apart[0] + pooled[0]) / 2, (apart[0] - pooled[0]) / 2
    return agrees("A6", what, middle, got, slack=half)


def _teams(
    pools: int, arrivals: float, servers: int, skills: np.ndarray, days: float, effort: Effort,
    seed: int, *, pooled: bool = False,
) -> Seen:  # fmt: skip
    """Observe a desk of teams whose agents also serve other teams as ``skills`` says."""
    names = [f"t{k}" for k in range(pools)]
    home = np.repeat(np.arange(pools), servers)
    people = {
        f"a{i:02d}": {
            "team": names[home[i]],
            "serves": [names[k] for k in np.flatnonzero(row) if k != home[i]],
        }
        for i, row in enumerate(skills)
    }
    kinds = {name: category(share=1.0 / pools, team=name) for name in names}
    model = desk(
        pools * arrivals, people, categories=kinds, teams=names, routing={"pooled": pooled}
    )
    return observe(model, days, effort, seed, tail=20)


# -- A9: chats side by side --------------------------------------------------------------------


def chats(effort: Effort) -> list[Row]:
    """A9: one agent with up to 3 chats, each going 1 / (1 + 0.3 (k - 1)) as fast."""
    people = {"a": {"team": "team", "slots": 3}}
    model = desk(8.0 / 6.0, people, chats={"slowdown": 0.3})
    seen = observe(model, 30_000, effort, 700, tail=10)
    p_wait, wait, chat = queueing.chat_waits(8.0, 6.0, 3, 0.3)
    out = [
        equals("A9", "P(wait), formula", 0.449122807, p_wait, 1e-9),
        equals("A9", "mean wait h, formula", 0.138191633, wait, 1e-9),
        equals("A9", "mean chat h, formula", 0.240350877, chat, 1e-9),
        agrees("A9", "3 chats: P(wait)", p_wait, seen.mean(waited(seen))),
        agrees("A9", "3 chats: mean wait h", wait, seen.mean(seen["wait"] / HOUR / 6)),
        agrees("A9", "3 chats: mean chat h", chat, seen.mean(seen["handle"] / HOUR / 6)),
    ]
    # without a slowdown k chats are k servers: M/M/k
    model = desk(2.4, {"a": {"team": "team", "slots": 3}})
    seen = observe(model, 20_000, effort, 701, tail=10)
    return [
        *out,
        agrees("A9", "3 chats, no slowdown: mean wait h", queueing.mean_wait(2.4, 1.0, 3),
               seen.mean(seen["wait"] / HOUR)),
        agrees("A9", "3 chats, no slowdown: mean chat h", 1.0, seen.mean(seen["handle"] / HOUR)),
    ]  # fmt: skip
