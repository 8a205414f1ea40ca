"""Demand in plain numbers: what the arrivals of one replication are made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate

from svcsim.calendar.days import WEEKDAYS
from svcsim.model.events import Burst, streams_of
from svcsim.model.service import ServiceModel

Value = Callable[[str], float]


@dataclass(frozen=True)
class PlainCampaign:
    """A factor on the days ``first <= day < until`` for some categories (positions)."""

    first: date
    until: date
    times: float
    categories: tuple[int, ...]


@dataclass(frozen=True)
class PlainBurst:
    """An incident; ``at`` is None for random ones, ``tier_cuts`` None for the category's own."""

    name: str
    stream: int
    at: datetime | None
    per_week: float
    category: int
    size: float
    geometric: bool
    over: float
    tier_cuts: tuple[float, ...] | None


@dataclass(frozen=True)
class PlainDemand:
    """Arrivals in numbers; shares add up to 1, positions stand for names."""

    tick: int
    """Seconds of the grid on which all times lie."""
    shares: tuple[float, ...]
    profiles: tuple[tuple[tuple[float, ...], ...], ...]
    """Category -> weekday -> share of each local hour in a week."""
    streams: tuple[int, ...]
    """Stream of chance of each category."""
    day_law: str
    trend: float
    special: dict[str, float]
    """Local date (ISO) -> factor of its kind of day."""
    weekday: dict[str, int]
    """Local date (ISO) -> weekday whose profile it has, where that is another than its own."""
    campaigns: tuple[PlainCampaign, ...]
    bursts: tuple[PlainBurst, ...]
    customers: int
    """Size of the population; 0: every case has its own customer."""
    segments: tuple[str, ...]
    segment_cuts: tuple[float, ...]
    segment_priority: tuple[int, ...]
    """Priority of each segment's cases; -1: the case's own."""
    languages: tuple[str, ...]
    language_cuts: tuple[float, ...]


def plain_demand(model: ServiceModel, get: Value, priorities: tuple[str, ...]) -> PlainDemand:
    """Return the demand of a desk; ``get`` gives the value of a path."""
    names = tuple(model.categories)
    streams = streams_of(model.categories, model.bursts)
    shares = [get(f"categories.{name}.share") for name in names]
    total = sum(shares)
    own = [model.categories[name].profile or model.arrivals.profile for name in names]
    segments = model.segments
    return PlainDemand(
        tick=int(model.clock),
        shares=tuple(share / total for share in shares),
        profiles=tuple(tuple(profile[day] for day in WEEKDAYS) for profile in own),
        streams=tuple(streams[name] for name in names),
        day_law=model.arrivals.day_law,
        trend=0.0 if model.arrivals.trend is None else get("arrivals.trend"),
        special={day: get(f"arrivals.special.{kind}") for day, kind in model.special_days.items()},
        weekday={day: WEEKDAYS.index(like) for day, like in model.worked.items()},
        campaigns=tuple(
            PlainCampaign(
                date.fromisoformat(campaign.from_),
                date.fromisoformat(campaign.until),
                get(f"campaigns.{label}.times"),
                tuple(names.index(name) for name in campaign.categories or names),
            )
            for label, campaign in model.campaigns.items()
        ),
        bursts=tuple(
            _burst(model, label, burst, streams[f"burst:{label}"], get)
            for label, burst in model.bursts.items()
        ),
        customers=model.customers.number if model.customers is not None else 0,
        segments=tuple(segments),
        segment_cuts=cuts(segment.share for segment in segments.values()),
        segment_priority=tuple(
            -1 if segment.priority is None else priorities.index(segment.priority)
            for segment in segments.values()
        ),
        languages=tuple(model.languages),
        language_cuts=cuts(model.languages.values()),
    )


def cuts(shares: Iterable[float]) -> tuple[float, ...]:
    """Return the inner cut points of a discrete law: bisect them with a uniform."""
    each = list(shares)
    total = sum(each)
    return tuple(accumulate(share / total for share in each))[:-1]


def _burst(model: ServiceModel, label: str, burst: Burst, stream: int, get: Value) -> PlainBurst:
    at = f"bursts.{label}"
    tiers = burst.difficulty
    return PlainBurst(
        name=label,
        stream=stream,
        at=None if burst.at is None else datetime.fromisoformat(burst.at),
        per_week=0.0 if burst.per_week is None else get(f"{at}.per_week"),
        category=list(model.categories).index(burst.category),
        size=get(f"{at}.size"),
        geometric=burst.size_law == "geometric",
        over=get(f"{at}.over"),
        tier_cuts=None if tiers is None else cuts(tiers.get(t, 0.0) for t in model.difficulty),
    )
