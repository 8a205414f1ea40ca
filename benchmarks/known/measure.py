"""Runs of a desk, what they measured with its standard error, and the comparison with a truth."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from known.desks import MONDAY
from svcsim.engine.demand import Horizon
from svcsim.engine.rows import NEVER, Tables
from svcsim.engine.simulate import Engine, prepare, run
from svcsim.model.service import ServiceModel

ERRORS = 4.0
"""Standard errors by which a right engine may differ from the truth (chance 6 in 100 000)."""
LONGEST = 1500
"""Days of one replication."""
BATCHES = 40
DAY = 86400


@dataclass(frozen=True)
class Effort:
    """How much is simulated: ``size`` times the usual number of days, and on which clock."""

    size: float = 1.0
    engine: Engine = "compiled"

    def spans(self, days: float) -> tuple[int, int]:
        """Return replications and days of each that together make ``size`` x ``days``."""
        total = max(days * self.size, 20.0)
        count = max(math.ceil(total / LONGEST), 1)
        return count, math.ceil(total / count)


@dataclass(frozen=True)
class Estimate:
    """A measured value and its standard error."""

    value: float
    error: float

    def times(self, factor: float) -> Estimate:
        """Return the estimate in another unit."""
        return Estimate(self.value * factor, self.error * abs(factor))


@dataclass(frozen=True)
class Row:
    """One comparison: ``ok`` when expected and got differ by no more than the tolerance."""

    id: str
    what: str
    expected: float
    got: float
    error: float | None
    """Standard error of what was got; None where nothing is random."""
    tolerance: float

    @property
    def ok(self) -> bool:
        """Return whether the two agree."""
        return bool(abs(self.got - self.expected) <= self.tolerance)


def agrees(id_: str, what: str, expected: float, got: Estimate, *, slack: float = 0.0) -> Row:
    """Return the comparison of a measured value with a truth known up to ``slack`` (absolute)."""
    return Row(id_, what, expected, got.value, got.error, ERRORS * got.error + slack)


def equals(id_: str, what: str, expected: float, got: float, tolerance: float) -> Row:
    """Return the comparison of two numbers that are not random."""
    return Row(id_, what, float(expected), float(got), None, tolerance)


def between(id_: str, what: str, low: float, high: float, got: Estimate) -> Row:
    """Return the comparison of a measured value with an interval."""
    middle, half = (low + high) / 2.0, (high - low) / 2.0
    return Row(id_, what, middle, got.value, got.error, half)


@dataclass(frozen=True)
class Seen:
    """Contacts of all replications that opened between warm-up and tail, in equal batches."""

    rows: NDArray[Any]
    batch: NDArray[np.int64]
    batches: int
    hours: float
    """Length of each batch."""

    def __getitem__(self, name: str) -> NDArray[Any]:
        return np.asarray(self.rows[name])

    @property
    def lost(self) -> NDArray[np.bool_]:
        """Return who left the queue."""
        return np.asarray(self.rows["abandoned"] != NEVER)

    def only(self, keep: NDArray[np.bool_]) -> Seen:
        """Return some of the contacts."""
        return replace(self, rows=self.rows[keep], batch=self.batch[keep])

    def mean(self, values: ArrayLike) -> Estimate:
        """Return the mean of a value over contacts."""
        return self.ratio(values, np.ones(len(self.rows)))

    def ratio(self, over: ArrayLike, under: ArrayLike) -> Estimate:
        """Return the ratio of two sums over contacts."""
        return ratio(self._sums(over), self._sums(under))

    def an_hour(self, values: ArrayLike) -> Estimate:
        """Return the sum of a value over contacts, an hour."""
        return ratio(self._sums(values), np.full(self.batches, self.hours))

    def _sums(self, values: ArrayLike) -> NDArray[np.float64]:
        weights = np.asarray(values, dtype=np.float64)
        return np.bincount(self.batch, weights, minlength=self.batches)


def ratio(over: NDArray[np.float64], under: NDArray[np.float64]) -> Estimate:
    """Return the ratio of the sums of independent pairs, with its standard error."""
    value = float(over.sum() / under.sum())
    n = len(over)
    spread = math.sqrt(float(((over - value * under) ** 2).sum()) * n / (n - 1))
    return Estimate(value, spread / float(under.sum()))


def tables(
    model: ServiceModel, days: int, seed: int, replication: int, engine: Engine, tail: int = 0
) -> Tables:
    """Simulate one replication with best values."""
    setting = prepare(
        model, Horizon(MONDAY, days, tail), seed=seed, replication=replication,
        redraw_parameters=False,
    )  # fmt: skip
    return run(setting, engine)


def observe(
    model: ServiceModel, days: float, effort: Effort, seed: int, *, warm_up: int = 12, tail: int = 5
) -> Seen:
    """Simulate a desk for ``days`` in all (times the effort), each replication warmed up.

    Contacts opened in the last ``tail`` days are left out: their wait may not be over.
    """
    count, each = effort.spans(days)
    parts = math.ceil(BATCHES / count)
    kept, numbers = [], []
    for replication in range(1, count + 1):
        rows = tables(model, each + warm_up, seed, replication, effort.engine, tail).rows
        place = (rows["opened"] / DAY - warm_up) / each
        keep = (place >= 0.0) & (place < 1.0)
        known = rows["wait"][keep] != NEVER
        if not known.all():
            message = f"{(~known).sum()} contacts still wait after {tail} days"
            raise ValueError(message)
        kept.append(rows[keep])
        numbers.append((place[keep] * parts).astype(np.int64) + (replication - 1) * parts)
    return Seen(np.concatenate(kept), np.concatenate(numbers), count * parts, 24.0 * each / parts)
