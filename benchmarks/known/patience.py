"""A2: customers who leave while they wait: Erlang A, general patience, four service levels."""

from __future__ import annotations

import numpy as np

from known import recursions
from known.desks import category, desk, exponential
from known.formulas import general_patience
from known.measure import Effort, Row, Seen, agrees, observe
from known.queues import HOUR, waited

ERLANG_A = [
    # arrivals, service, servers, leaving, P(V>0), P(ab), mean wait h, T h, P(V>T), occupancy, days
    (48, 6, 8, 2, 0.6668665877, 0.1026599581, 0.0513299790, 1 / 3, 0.0026071587, 0.8973400419),
    (60, 6, 10, 3, 0.6196552309, 0.1039132123, 0.0346377374, 1 / 180, 0.5850494058, 0.8960867877),
    (120, 10, 12, 4, 0.6413708298, 0.0888559524, 0.0222139881, 1 / 60, 0.4674681692, 0.9111440476),
    (8, 1, 10, 0.5, 0.3174343542, 0.0388213923, 0.0776427846, 0.1, 0.2322779274, 0.7689428862),
    (12, 1, 10, 0.5, 0.8503849479, 0.1956559440, 0.3913118880, 0.1, 0.7794862599, 0.9652128672),
]  # fmt: skip

LEVELS = [
    # arrivals, service, servers, leaving, T h, four service levels
    (48, 6, 8, 2, 1 / 12, (0.67607308, 0.72950619, 0.75341905, 0.70385500)),
    (12, 1, 10, 0.5, 0.1, (0.21872145, 0.22778935, 0.27192524, 0.22051374)),
]
LEVEL_NAMES = (
    "served in time / offered",
    "served in time / (offered - lost in time)",
    "served in time / served",
    "offered wait in time",
)


def _offered(seen: Seen, servers: int) -> np.ndarray:
    """Return the wait that each customer would have had who does not leave."""
    begun = np.where(seen.lost, -1, seen["first_response"])
    waits = np.zeros(len(begun), dtype=np.int64)
    cuts = np.flatnonzero(np.diff(seen["opened"]) < 0) + 1  # a replication begins
    for part in np.split(np.arange(len(begun)), cuts):
        waits[part] = recursions.offered_waits(
            seen["opened"][part].tolist(), begun[part].tolist(), seen["handle"][part].tolist(),
            servers,
        )  # fmt: skip
    return waits


def erlang_a(effort: Effort) -> list[Row]:
    """A2: M/M/c+M against the sheet's values, and the four service levels of one desk."""
    out = []
    for number, row in enumerate(ERLANG_A):
        arrivals, service, servers, leaving, p_wait, p_lost, wait, limit, beyond, busy = row
        model = desk(arrivals / service, servers, patience={"hazard": (leaving / service,)})
        seen = observe(model, 6_000, effort, 200 + number)
        offered = _offered(seen, servers) / HOUR / service
        name = f"M/M/{servers}+M ({arrivals}, {service}, {leaving:g})"
        work = seen.an_hour(np.where(seen.lost, 0, seen["handle"]) / HOUR)
        out += [
            agrees("A2", f"{name} P(V>0)", p_wait, seen.mean(waited(seen))),
            agrees("A2", f"{name} P(lost)", p_lost, seen.mean(seen.lost)),
            agrees("A2", f"{name} mean wait h", wait, seen.mean(seen["wait"] / HOUR / service)),
            agrees("A2", f"{name} P(V>{limit:.3g} h)", beyond, seen.mean(offered > limit)),
            agrees("A2", f"{name} occupancy", busy, work.times(1.0 / servers)),
        ]
    for number, (arrivals, service, servers, leaving, limit, levels) in enumerate(LEVELS):
        model = desk(arrivals / service, servers, patience={"hazard": (leaving / service,)})
        seen = observe(model, 12_000, effort, 220 + number)
        name = f"M/M/{servers}+M ({arrivals}, {service}, {leaving:g})"
        out += _levels("A2", name, seen, limit * service, _offered(seen, servers), levels)
    return out


def _levels(
    id_: str, name: str, seen: Seen, limit: float, offered: np.ndarray, truth: tuple[float, ...]
) -> list[Row]:
    """Compare the four service levels."""
    lost, soon = seen.lost, seen["wait"] <= limit * HOUR
    everybody = np.ones(len(lost))
    got = (
        seen.ratio(~lost & soon, everybody),
        seen.ratio(~lost & soon, ~(lost & soon)),
        seen.ratio(~lost & soon, ~lost),
        seen.mean(offered <= limit * HOUR),
    )
    return [
        agrees(id_, f"{name} {label}", true, estimate)
        for label, true, estimate in zip(LEVEL_NAMES, truth, got, strict=True)
    ]


def general_leaving(effort: Effort) -> list[Row]:
    """A2: M/M/c+G: hazard by piece (a burst of leaving, a lull, then steady), with balking."""
    out = []
    cases = [
        (11.0, 10, (0.0, 0.1, 0.5), (3.0, 0.2, 1.5), 0.05),
        (14.0, 10, (0.0, 0.25), (0.1, 4.0), 0.0),
        (24.0, 24, (0.0,), (2.0,), 0.1),
    ]
    for number, (arrivals, servers, edges, hazards, balk) in enumerate(cases):
        truth = general_patience(arrivals, 1.0, servers, edges, hazards, balk=balk, within=0.2)
        # three times slower, so that whole seconds do not matter
        patience = {
            "edges": tuple(3 * HOUR * e for e in edges),
            "hazard": tuple(h / 3 for h in hazards),
            "balk": balk,
        }
        kind = {"all": category(exponential(3 * HOUR))}
        model = desk(arrivals / 3, servers, categories=kind, patience=patience)
        seen = observe(model, 16_000, effort, 240 + number)
        name = f"M/M/{servers}+G, {len(edges)} pieces"
        served = seen.only(~seen.lost)
        out += [
            agrees("A2", f"{name} P(V>0)", truth.p_wait, seen.mean(waited(seen))),
            agrees("A2", f"{name} P(lost)", truth.p_abandon, seen.mean(seen.lost)),
            agrees("A2", f"{name} mean wait h", truth.mean_wait,
                   seen.mean(seen["wait"] / HOUR / 3)),
            agrees("A2", f"{name} mean wait of the served h", truth.mean_wait_served,
                   served.mean(served["wait"] / HOUR / 3)),
        ]  # fmt: skip
        out += _levels("A2", name, seen, 0.6, _offered(seen, servers), truth.levels())
    return out
