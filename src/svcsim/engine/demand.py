"""New cases of one replication: when they come and what they are about.

Case ``i`` arrives when the cumulative intensity reaches the sum of ``i`` unit exponentials, each
keyed by its case: a non-homogeneous Poisson process by time change. All attributes of a case are
keyed by the case too, so a change of volume moves cases in time but not in kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from svcsim.engine import draws
from svcsim.engine.plain import PlainDesk
from svcsim.model.demand import WEEKDAYS


@dataclass(frozen=True)
class Horizon:
    """What is simulated: local days from ``start``, then a follow-up tail so windows mature.

    Parameters
    ----------
    start : date
        First local day.
    days : int
        Length of the period that counts.
    follow_up_days : int
        Days simulated after it; their contacts are not part of the period.
    """

    start: date
    days: int
    follow_up_days: int = 7

    def local_days(self) -> list[date]:
        """Return every simulated local day."""
        return [self.start + timedelta(days=i) for i in range(self.days + self.follow_up_days)]

    def bounds(self, timezone: str) -> tuple[int, int, int]:
        """Return epoch seconds of the start, the end of the period and the end of the tail."""
        total = self.days + self.follow_up_days
        first, middle, last = (
            midnight(self.start + timedelta(days=i), timezone) for i in (0, self.days, total)
        )
        return first, middle, last


@dataclass(frozen=True)
class Cases:
    """New cases in order of arrival; everything but ``opened`` is a position in a tuple of names.

    ``customer`` numbers customers; a case's number is its position.
    """

    opened: NDArray[np.int64]
    category: NDArray[np.int64]
    channel: NDArray[np.int64]
    tier: NDArray[np.int64]
    priority: NDArray[np.int64]
    key: NDArray[np.int64]
    stream: NDArray[np.int64]
    customer: NDArray[np.int64]
    segment: NDArray[np.int64]
    language: NDArray[np.int64]


def midnight(day: date, timezone: str) -> int:
    """Return the epoch second at which a local day begins."""
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone)).timestamp())


def generate(desk: PlainDesk, horizon: Horizon, seed: int, replication: int) -> Cases:
    """Draw the new cases of one replication."""
    edges, mass = _hours(desk, horizon, seed, replication)
    reached = np.concatenate([[0.0], np.cumsum(mass)])
    total = reached[-1]
    need = int(total + 8 * np.sqrt(total) + 20)
    number = np.arange(need, dtype=np.int64)
    gaps = -np.log(draws.uniform(seed, replication, number, 0, 0, draws.CASE_GAP))
    times = np.cumsum(gaps)
    times = times[times < total]
    hour = np.searchsorted(reached, times, side="right") - 1
    share = (times - reached[hour]) / mass[hour]
    opened = np.floor(edges[hour] + share * (edges[hour + 1] - edges[hour])).astype(np.int64)
    return attributes(desk, opened, seed, replication)


def attributes(desk: PlainDesk, opened: NDArray[np.int64], seed: int, replication: int) -> Cases:
    """Draw what the cases at given arrival times are about."""
    number = np.arange(len(opened), dtype=np.int64)
    u = draws.block(seed, replication, number, 0, 0, draws.CASE_CATEGORY >> 2)
    category = np.searchsorted(np.array(desk.category_cuts), u[0], side="right")
    channel = np.zeros(len(opened), dtype=np.int64)
    tier = np.zeros_like(channel)
    priority = np.zeros_like(channel)
    for k, plain in enumerate(desk.categories):
        here = category == k
        channel[here] = np.searchsorted(np.array(plain.channel_cuts), u[1][here], side="right")
        tier[here] = np.searchsorted(np.array(plain.tier_cuts), u[2][here], side="right")
        place = np.searchsorted(np.array(plain.priority_cuts), u[3][here], side="right")
        priority[here] = np.array(plain.priorities)[place]
    none = np.full(len(opened), -1, dtype=np.int64)
    key = np.arange(len(opened), dtype=np.int64)
    return Cases(
        opened, category.astype(np.int64), channel, tier, priority,
        key, np.zeros_like(key), none, none, none,
    )


def day_factors(desk: PlainDesk, days: int, seed: int, replication: int) -> NDArray[np.float64]:
    """Return gamma day factors (mean 1) whose normal scores follow an AR(1)."""
    if desk.day_cv <= 0:
        return np.ones(days)
    from scipy.special import gammaincinv, ndtr

    phi = desk.day_ar
    state = 0.0
    scores = []
    for day in range(days):
        shock = draws.normal(draws.uniform(seed, replication, day, 0, 0, draws.DAY_FACTOR))
        state = shock if day == 0 else phi * state + (1.0 - phi * phi) ** 0.5 * shock
        scores.append(state)
    shape = 1.0 / desk.day_cv**2
    return np.asarray(gammaincinv(shape, ndtr(np.array(scores))) / shape, dtype=np.float64)


def _hours(
    desk: PlainDesk, horizon: Horizon, seed: int, replication: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return edges (epoch s) and expected new cases of every local hour with any demand."""
    model = desk.model
    days = horizon.local_days()
    factors = day_factors(desk, len(days), seed, replication)
    holidays = set(model.holidays)
    edges: list[float] = []
    mass: list[float] = []
    for day, factor in zip(days, factors, strict=True):
        scale = desk.level * factor * (desk.holiday if day.isoformat() in holidays else 1.0)
        begin = midnight(day, model.timezone)
        end = midnight(day + timedelta(days=1), model.timezone)
        profile = model.arrivals.profile[WEEKDAYS[day.weekday()]]
        for hour, share in enumerate(profile):
            # On a 23 or 25 hour day the local hours are stretched over the day's true length.
            edges.append(begin + (end - begin) * hour / 24)
            mass.append(share * scale)
    edges.append(end)
    return np.array(edges, dtype=np.float64), np.maximum(np.array(mass, dtype=np.float64), 1e-12)
