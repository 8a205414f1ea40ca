"""What is added to ordinary demand, and who comes: campaigns, incidents, customers, languages."""

from __future__ import annotations

import zlib
from collections import defaultdict
from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from svcsim.calendar.days import WEEKDAYS
from svcsim.errors import unknown_name
from svcsim.model.quantity import Factor, Fraction, Rate, Time
from svcsim.model.times import iso_date
from svcsim.spec import Spec
from svcsim.units import format_share

MOST_CASES = {"poisson": 7_600, "geometric": 390}
"""Expected cases of one incident by law: their numbers have 13 bits, and the chance of more than
8192 of them is below 1e-9."""

MOST_A_WEEK = 336
"""Expected incidents of one kind in a week; those of one hour are numbered with 4 bits."""


class Campaign(Spec):
    """Demand multiplied by ``times`` on the local days from ``from`` to ``until`` (excluded)."""

    model_config = ConfigDict(**{**Spec.model_config, "populate_by_name": True})

    from_: str = Field(alias="from")
    """First local day (ISO)."""
    until: str
    """Day after the last (ISO)."""
    times: Factor
    categories: tuple[str, ...] = ()
    """Whose demand it moves; none: of all categories."""

    @field_validator("from_", "until")
    @classmethod
    def _date(cls, day: str) -> str:
        return iso_date(day)

    @model_validator(mode="after")
    def _forward(self) -> Campaign:
        if self.from_ >= self.until:
            message = f"runs from {self.from_} until {self.until}; until is the day after the last"
            raise ValueError(message)
        return self


class Burst(Spec):
    """An incident (an outage, a recall): a batch of cases of one category that come together.

    It happens ``at`` one local time, or at random ``per_week`` times a week. Its number of cases
    has mean ``size``, Poisson or geometric; each comes an exponential time with mean ``over``
    after the incident. The cases come on top of the ordinary ones of their category.
    """

    at: str | None = None
    """Local time, ``YYYY-MM-DD HH:MM``."""
    per_week: Rate | None = None
    """Expected incidents a week, at any hour alike."""
    category: str
    size: Factor
    """Mean number of cases of one incident."""
    size_law: Literal["poisson", "geometric"] = "poisson"
    over: Time
    difficulty: dict[str, Fraction] | None = None
    """Share of each tier; absent: as the category's ordinary cases."""

    @field_validator("at")
    @classmethod
    def _time(cls, text: str | None) -> str | None:
        if text is None:
            return None
        try:
            return datetime.strptime(text, "%Y-%m-%d %H:%M").strftime("%Y-%m-%d %H:%M")  # noqa: DTZ007
        except ValueError:
            message = f"'{text}' is not a local time; write YYYY-MM-DD HH:MM"
            raise ValueError(message) from None

    @model_validator(mode="after")
    def _whole(self) -> Burst:
        if (self.at is None) == (self.per_week is None):
            message = "write exactly one of at (one incident) and per_week (random ones)"
            raise ValueError(message)
        if self.per_week is not None and self.per_week.value > MOST_A_WEEK:
            message = f"per_week is above {MOST_A_WEEK}: that is ordinary demand, not incidents"
            raise ValueError(message)
        most = MOST_CASES[self.size_law]
        if self.size.value > most:
            message = f"size is above {most} cases ({self.size_law}); write several bursts instead"
            raise ValueError(message)
        if self.difficulty is not None:
            adds_up("difficulty", self.difficulty)
        return self


class Customers(Spec):
    """A population of customers: the customer of a case is any of them, all alike."""

    number: int = Field(ge=1, le=100_000_000)


class Segment(Spec):
    """A group of customers, such as contract holders."""

    share: Fraction
    """Share of customers; the shares of all segments add up to 1."""
    priority: str | None = None
    """Priority of their cases; absent: as the category has it."""


def adds_up(name: str, shares: dict[str, float]) -> None:
    """Raise a ValueError where shares do not add up to 1 (within half a percent)."""
    total = sum(shares.values())
    if abs(total - 1.0) > 0.005:
        message = f"shares of {name} add up to {format_share(total)}; expected 100%"
        raise ValueError(message)


def stream_of(name: str) -> int:
    """Return the stream of chance that belongs to a name: CRC-32 of its UTF-8 text."""
    return zlib.crc32(name.encode())


def streams_of(categories: Any, bursts: Any) -> dict[str, int]:
    """Return the stream of every source of cases; a burst's name counts as ``burst:NAME``."""
    names = ["replay", *categories, *(f"burst:{name}" for name in bursts)]
    return {name: stream_of(name) for name in names}


def demand_problems(model: Any) -> list[str]:
    """Return what is wrong between the parts of a ServiceModel's demand."""
    problems = []

    def known(name: str, names: Any, where: str) -> None:
        if name not in names:
            problems.append(unknown_name(where, name, names))

    for label, campaign in model.campaigns.items():
        for name in campaign.categories:
            known(name, model.categories, f"campaigns.{label}.categories")
    for label, burst in model.bursts.items():
        known(burst.category, model.categories, f"bursts.{label}.category")
        for name in burst.difficulty or ():
            known(name, model.difficulty, f"bursts.{label}.difficulty")
    for day, kind in model.special_days.items():
        known(kind, model.arrivals.special, f"special_days.{day}")
    for day, weekday in model.worked.items():
        known(weekday, WEEKDAYS, f"worked.{day}")
    priorities = {p for category in model.categories.values() for p in category.priorities}
    for label, segment in model.segments.items():
        if segment.priority is not None:
            known(segment.priority, sorted(priorities), f"segments.{label}.priority")
    for part, shares in (
        ("segments", {name: s.share for name, s in model.segments.items()}),
        ("languages", model.languages),
    ):
        try:
            if shares:
                adds_up(part, shares)
        except ValueError as error:
            problems.append(f"{part}: {error}")
    return problems + _clashes(streams_of(model.categories, model.bursts))


def _clashes(streams: dict[str, int]) -> list[str]:
    names = defaultdict(list)
    for name, stream in streams.items():
        names[stream].append(name)
    return [
        f"the names {' and '.join(repr(n) for n in same)} have the same stream of chance "
        "(CRC-32); rename one"
        for same in names.values()
        if len(same) > 1
    ]
