"""The chance of one replication drawn beforehand in NumPy, and what a contender is checked by.

The peers take these numbers, so that they need not draw and agree with each other row by row;
svcsim draws its own by its own generator, so it agrees with them in law only.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workload import DAY, HOUR, Desk, log_moments

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

ANSWERED, ABANDONED, OPEN = 0, 1, 2
ROW = np.dtype(
    [
        ("case", "i4"), ("contact", "i4"), ("opened", "f8"), ("start", "f8"), ("end", "f8"),
        ("agent", "i4"), ("outcome", "i4"),
    ]
)  # fmt: skip
"""A peer's row. ``start``: of the handling, or when the customer left; ``end``: of the handling."""


@dataclass(frozen=True)
class Given:
    """One entry a case, or a case and contact; seconds from the first midnight."""

    opened: Floats
    category: Ints
    tier: Ints
    priority: Ints
    handling: Floats
    """Of an agent of speed 1."""
    patience: Floats
    back: Floats
    """Uniform: another contact follows where it lies below the chance."""
    delay: Floats


def draw(desk: Desk, replication: int) -> Given:
    """Draw one replication."""
    rng = np.random.default_rng([20250106, replication])
    opened = _arrivals(desk, rng)
    size = (len(opened), desk.max_contacts)
    category = _pick(rng, [c.share for c in desk.categories], len(opened))
    tier = _pick(rng, desk.tier_shares, len(opened))
    priority = _pick(rng, desk.priority_shares, len(opened))
    mu, sigma = np.array([log_moments(c.mean_s, c.cv) for c in desk.categories]).T
    work = np.array(desk.work())[tier][:, None]
    handling = work * np.exp(
        mu[category][:, None] + sigma[category][:, None] * rng.standard_normal(size)
    )
    mu_back, sigma_back = log_moments(desk.return_mean_s, desk.return_cv)
    return Given(
        opened=opened,
        category=category,
        tier=tier,
        priority=priority,
        handling=np.maximum(handling, 1.0),
        patience=rng.exponential(desk.patience_s, size),
        back=rng.random(size),
        delay=np.exp(mu_back + sigma_back * rng.standard_normal(size)),
    )


def _arrivals(desk: Desk, rng: np.random.Generator) -> Floats:
    day = np.arange(desk.working_days)
    weight = np.outer(np.array(desk.weekdays)[day % 5], desk.hours)
    week = np.outer(desk.weekdays, desk.hours).sum()
    number = rng.poisson(5 * desk.cases_a_day * weight / week)
    midnight = (day // 5 * 7 + day % 5) * DAY
    begin = (midnight[:, None] + HOUR * np.arange(24)).ravel()
    times = np.repeat(begin, number.ravel()) + HOUR * rng.random(number.sum())
    return np.sort(times)


def _pick(rng: np.random.Generator, shares: Any, number: int) -> Ints:
    cuts = np.cumsum(shares)[:-1] / np.sum(shares)
    return np.searchsorted(cuts, rng.random(number), side="right").astype(np.int32)


@dataclass(frozen=True)
class Counts:
    """What all contenders must agree on."""

    contacts: int
    abandoned: float
    """Share of the contacts whose customer left."""
    returned: float
    """Share of the contacts that follow another one."""
    utilisation: float
    """Handling over rostered time."""
    wait_s: float
    """Mean wait of the answered."""


def counts(rows: NDArray[Any], desk: Desk) -> Counts:
    """Count a peer's rows."""
    answered = rows[rows["outcome"] == ANSWERED]
    return Counts(
        contacts=len(rows),
        abandoned=float((rows["outcome"] == ABANDONED).mean()),
        returned=float((rows["contact"] > 0).mean()),
        utilisation=float((answered["end"] - answered["start"]).sum() / desk.staffed_s()),
        wait_s=float((answered["start"] - answered["opened"]).mean()),
    )


def digest(table: NDArray[Any]) -> str:
    """Return a short hash of sorted rows: equal rows, equal hash."""
    sha = hashlib.sha256()
    for name in ROW.names or ():
        sha.update(np.ascontiguousarray(np.nan_to_num(table[name], nan=-1.0)).tobytes())
    return sha.hexdigest()[:12]
