"""New cases of one replication: when they come and what they are about.

For every category and local hour the expected mass is level x profile x share x trend x campaigns
x day factor x factor of a special day; the cases are the nested points below it (see ``points``),
each at a uniform place in the hour. So a smaller demand is a part of a larger one, whatever is
scaled, and a further category leaves the cases and draws of all others as they were.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from svcsim.calendar.days import midnight
from svcsim.engine import draws
from svcsim.engine import points as nested
from svcsim.engine.incidents import Cells, crowded_incident, incidents
from svcsim.engine.plain import PlainDesk
from svcsim.errors import Finding, InputError
from svcsim.model.events import stream_of

HOUR_ROOM = 1 << 15
MOST_AN_HOUR = 31_000
"""Expected new cases of a category in one hour: ten standard deviations below `HOUR_ROOM`, the
number of cases that 15 bits can tell apart."""

REPLAY = stream_of("replay")
"""Stream of chance of cases that were recorded rather than drawn; the key is their position."""


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


def _none() -> NDArray[np.int64]:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Cases:
    """New cases in order of ``(opened, stream, key)``, one int64 array a column.

    ``category`` to ``priority``, ``segment`` and ``language`` are positions in tuples of names,
    -1 for none; ``customer`` is a number in the population, -1: a customer of its own. All chance
    of a case is a function of ``(key, stream)``. Left out, they are those of replayed cases: the
    position in the stream ``replay``, and none.
    """

    opened: NDArray[np.int64]
    category: NDArray[np.int64]
    channel: NDArray[np.int64]
    tier: NDArray[np.int64]
    priority: NDArray[np.int64]
    key: NDArray[np.int64] = field(default_factory=_none)
    stream: NDArray[np.int64] = field(default_factory=_none)
    customer: NDArray[np.int64] = field(default_factory=_none)
    segment: NDArray[np.int64] = field(default_factory=_none)
    language: NDArray[np.int64] = field(default_factory=_none)

    def __post_init__(self) -> None:
        n = len(self.opened)
        absent = {"key": np.arange(n, dtype=np.int64), "stream": np.full(n, REPLAY, np.int64)}
        for name in ("key", "stream", "customer", "segment", "language"):
            if not len(getattr(self, name)):
                object.__setattr__(self, name, absent.get(name, np.full(n, -1, np.int64)))


def generate(desk: PlainDesk, horizon: Horizon, seed: int, replication: int) -> Cases:
    """Draw the new cases of one replication."""
    sources = _sources(desk, horizon, seed, replication)
    kind = [desk.categories[category] for category in sources.category]
    tiers = [
        plain.tier_cuts if own is None else own
        for plain, own in zip(kind, sources.tier_cuts, strict=True)
    ]
    _, _, stop = horizon.bounds(desk.model.timezone)
    cells = sources.cells
    total = float(cells.mass.sum())
    room = int(total + 10 * math.sqrt(total) + 100)
    while True:
        out = np.empty((nested.COLUMNS, room), dtype=np.int64)
        count = nested.compiled_points(
            draws.signed(seed), replication, desk.demand.tick, stop,
            cells.mass, cells.begin, cells.length, cells.base, cells.room, cells.row,
            np.array(sources.stream, dtype=np.int64), np.array(sources.category, dtype=np.int64),
            np.array(sources.sudden, dtype=np.int64), nested.table(tiers),
            nested.table([plain.channel_cuts for plain in kind]), out,
        )  # fmt: skip
        if count == nested.CROWDED:
            raise InputError(_fullest(desk, sources))
        if count != nested.FULL:
            break
        room *= 2
    return _with_kinds(desk, seed, replication, out[:, :count])


def attributes(desk: PlainDesk, opened: NDArray[np.int64], seed: int, replication: int) -> Cases:
    """Draw what the cases at given arrival times are about."""
    number = np.arange(len(opened), dtype=np.int64)
    u = draws.block(seed, replication, number, 0, 0, draws.CASE_CATEGORY >> 2, REPLAY)
    category = np.searchsorted(np.array(desk.category_cuts), u[0], side="right").astype(np.int64)
    channel, tier = np.zeros_like(number), np.zeros_like(number)
    for k, plain in enumerate(desk.categories):
        here = category == k
        channel[here] = np.searchsorted(np.array(plain.channel_cuts), u[1][here], side="right")
        tier[here] = np.searchsorted(np.array(plain.tier_cuts), u[2][here], side="right")
    opened = opened - opened % desk.demand.tick
    stream = np.full_like(number, REPLAY)
    drawn = np.array([opened, stream, number, category, tier, channel])
    return _with_kinds(desk, seed, replication, drawn)


def _with_kinds(desk: PlainDesk, seed: int, replication: int, drawn: NDArray[np.int64]) -> Cases:
    """Return cases in order of time, with their priority, customer, segment and language drawn.

    ``drawn`` has the columns of `points` as rows. Its cases are in order of (stream, key), which
    stays the order of those opened at one instant.
    """
    demand = desk.demand
    width = max(len(plain.priorities) for plain in desk.categories)
    codes = [[*p.priorities, *[0] * (width - len(p.priorities))] for p in desk.categories]
    out = np.empty((nested.ALL_COLUMNS, drawn.shape[1]), dtype=np.int64)
    nested.compiled_kinds(
        draws.signed(seed), replication, drawn, _in_time(drawn[nested.OPENED]),
        nested.table([plain.priority_cuts for plain in desk.categories]),
        np.array(codes, dtype=np.int64), demand.customers,
        nested.table([demand.segment_cuts] if demand.segments else []),
        np.array(demand.segment_priority, dtype=np.int64),
        nested.table([demand.language_cuts] if demand.languages else []), out,
    )  # fmt: skip
    return Cases(**{name: out[row] for row, name in enumerate(nested.NAMES)})


def _in_time(opened: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows in order of time, equal ones as they stand.

    Sorting (time, row) as one number is quicker than a stable sort of the times.
    """
    n = len(opened)
    width = max(n, 1).bit_length()
    first = int(opened.min(initial=0)) if n else 0
    if int(opened.max(initial=first)) - first >= 1 << (62 - width):
        return np.argsort(opened, kind="stable")
    key = (opened - first << width) | np.arange(n)
    key.sort()
    return key & ((1 << width) - 1)


def day_factors(desk: PlainDesk, days: int, seed: int, replication: int) -> NDArray[np.float64]:
    """Return day factors (gamma or lognormal, mean 1) whose normal scores follow an AR(1)."""
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
    z = np.array(scores)
    if desk.demand.day_law == "lognormal":
        sigma = math.sqrt(math.log1p(desk.day_cv**2))
        return np.asarray(np.exp(sigma * z - 0.5 * sigma * sigma), dtype=np.float64)
    shape = 1.0 / desk.day_cv**2
    return np.asarray(gammaincinv(shape, ndtr(z)) / shape, dtype=np.float64)


@dataclass(frozen=True)
class _Sources:
    """Where cases come from, in order of stream: categories and kinds of incident."""

    cells: Cells
    stream: list[int]
    category: list[int]
    sudden: list[bool]
    tier_cuts: list[tuple[float, ...] | None]


def _sources(desk: PlainDesk, horizon: Horizon, seed: int, replication: int) -> _Sources:
    """Return all cells of the horizon with what belongs to each source of cases."""
    begin, length = hours(horizon, desk.model.timezone)
    mass = masses(desk, horizon, seed, replication)
    _check(desk, horizon, mass)
    hour = np.arange(len(begin), dtype=np.int64)
    parts: list[tuple[int, int, bool, tuple[float, ...] | None, Cells]] = [
        (stream, k, False, None,
         Cells(mass[k], begin, length, hour * HOUR_ROOM, np.full_like(hour, HOUR_ROOM), hour))
        for k, stream in enumerate(desk.demand.streams)
    ]  # fmt: skip
    for burst in desk.demand.bursts:
        cells = incidents(
            burst, horizon.start, desk.model.timezone, begin, length, seed, replication
        )
        parts.append((burst.stream, burst.category, True, burst.tier_cuts, cells))
    parts.sort(key=lambda part: part[0])
    joined = Cells.joined([part[4] for part in parts])
    return _Sources(
        joined, [part[0] for part in parts], [part[1] for part in parts],
        [part[2] for part in parts], [part[3] for part in parts],
    )  # fmt: skip


def hours(horizon: Horizon, timezone: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return begin (epoch s) and length (s) of every local hour.

    On a 23 or 25 hour day the local hours are stretched over the day's true length.
    """
    days = horizon.local_days()
    edges = [midnight(day, timezone) for day in (*days, days[-1] + timedelta(days=1))]
    day = np.array(edges, dtype=np.float64)
    length = np.repeat(np.diff(day) / 24.0, 24)
    return np.repeat(day[:-1], 24) + np.tile(np.arange(24.0), len(days)) * length, length


def masses(desk: PlainDesk, horizon: Horizon, seed: int, replication: int) -> NDArray[np.float64]:
    """Return the expected new cases of every category (row) in every local hour (column)."""
    demand, days = desk.demand, horizon.local_days()
    common = dict.fromkeys(desk.model.holidays, desk.holiday)
    special = common | demand.special
    number = np.arange(len(days), dtype=np.float64)
    level = desk.level * day_factors(desk, len(days), seed, replication)
    level *= [special.get(day.isoformat(), 1.0) for day in days]
    level *= [math.exp(demand.trend * day / 7.0) for day in number.tolist()]
    weekday = [demand.weekday.get(day.isoformat(), day.weekday()) for day in days]
    out = np.empty((len(demand.shares), 24 * len(days)))
    for k, (share, profile) in enumerate(zip(demand.shares, demand.profiles, strict=True)):
        factor = np.array([
            math.prod(c.times for c in demand.campaigns
                      if k in c.categories and c.first <= day < c.until)
            for day in days
        ])  # fmt: skip
        out[k] = (np.array(profile)[weekday] * (share * level * factor)[:, None]).ravel()
    return out


def _check(desk: PlainDesk, horizon: Horizon, mass: NDArray[np.float64]) -> None:
    """Refuse demand whose cases could not be numbered, before anything is drawn."""
    findings = []
    if mass.shape[1] > 1 << 17:
        findings.append(
            Finding("horizon", f"{mass.shape[1]} hours", "expected at most 131072 (15 years)")
        )
    for plain, of_hour in zip(desk.categories, mass, strict=True):
        worst = int(np.argmax(of_hour))
        if of_hour[worst] > MOST_AN_HOUR:
            when = horizon.start + timedelta(days=worst // 24)
            said = f"{of_hour[worst]:.0f} new cases are expected on {when} from {worst % 24:02d}:00"
            findings.append(_crowded(said, f"categories.{plain.name}"))
    if findings:
        raise InputError(findings)


def _fullest(desk: PlainDesk, sources: _Sources) -> Finding:
    """Return what is said where more cases came than can be numbered: of the fullest cell."""
    cells = sources.cells
    row = int(cells.row[int(np.argmax(cells.mass / cells.room))])
    names = {burst.stream: burst.name for burst in desk.demand.bursts}
    if sources.sudden[row]:
        return crowded_incident(names[sources.stream[row]], "more cases came in one incident")
    where = f"categories.{desk.categories[sources.category[row]].name}"
    return _crowded("more new cases came in one hour", where)


def _crowded(found: str, where: str) -> Finding:
    return Finding(
        where, found, f"expected at most {MOST_AN_HOUR} in one hour of a category",
        "split the category, or lower arrivals.level",
    )  # fmt: skip
