"""ServiceModel: the whole desk as one frozen value; no clock, no chance."""

from __future__ import annotations

from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import Field, field_validator, model_validator

from svcsim.errors import ProblemsError, nearest, unknown_name
from svcsim.model.checks import desk_problems
from svcsim.model.demand import Arrivals, Category, Channel, Difficulty
from svcsim.model.events import Burst, Campaign, Customers, Segment, demand_problems
from svcsim.model.expected import ExpectedWork
from svcsim.model.handling import Behaviour, Chats, Fatigue
from svcsim.model.outcome import Churn, Complaint, Cost, QualityCheck, Returns, Survey
from svcsim.model.people import roster_problems, staffing_problems
from svcsim.model.quantity import Fraction, Seconds, plain
from svcsim.model.routing import Routing
from svcsim.model.staffing import Agent, Staffing, iso_date
from svcsim.spec import Spec, dump_yaml
from svcsim.units import format_share


class ServiceModel(Spec):
    """The desk: demand, tickets, agents, routing, outcomes. Times in seconds, local zone named."""

    timezone: str
    arrivals: Arrivals
    difficulty: dict[str, Difficulty] = Field(min_length=1)
    channels: dict[str, Channel] = Field(min_length=1)
    categories: dict[str, Category] = Field(min_length=1)
    teams: tuple[str, ...] = Field(min_length=1)
    agents: dict[str, Agent] = Field(min_length=1)
    staffing: Staffing
    routing: Routing = Routing()
    returns: Returns = Returns()
    survey: Survey | None = None
    chats: Chats = Chats()
    fatigue: Fatigue | None = None
    complaint: Complaint | None = None
    churn: Churn | None = None
    quality_check: QualityCheck | None = None
    cost: Cost | None = None
    behaviour: Behaviour = Behaviour()
    expected_work: ExpectedWork | None = None
    """Gives recorded contacts their tier where the history has no label of difficulty."""
    holidays: tuple[str, ...] = ()
    """Local dates (ISO) that count as holidays."""
    special_days: dict[str, str] = {}
    """Local date (ISO) -> kind of day, a key of `Arrivals.special`."""
    worked: dict[str, str] = {}
    """Local date (ISO) -> weekday (``mon``) that it is worked like: make-up days."""
    campaigns: dict[str, Campaign] = {}
    """Spans of days with more (or less) demand."""
    bursts: dict[str, Burst] = {}
    """Incidents: batches of cases that come together."""
    customers: Customers | None = None
    """Population of customers; absent: every case has its own customer."""
    segments: dict[str, Segment] = {}
    """Groups of customers; their shares add up to 1."""
    languages: dict[str, Fraction] = {}
    """Share of cases in each language; they add up to 1."""
    clock: Seconds = 1.0
    """The grid on which all times lie: a whole number of seconds that divides 15 minutes."""
    max_contacts: int = Field(default=8, ge=1, le=65535)
    """Contacts of one case after which no further one is simulated (the case is flagged)."""
    max_handlings: int = Field(default=40, ge=1, le=65535)
    """Handlings of one contact after which it is resolved for good."""

    def live_share(self, category: Category) -> float:
        """Return the share of a category's contacts that come over live channels."""
        return sum(
            share for name, share in category.channels.items() if self.channels[name].mode == "live"
        )

    @field_validator("timezone")
    @classmethod
    def _zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            hint = nearest(name, available_timezones())
            message = f"'{name}' is not an IANA time zone such as Asia/Shanghai. {hint}".rstrip()
            raise ValueError(message) from None
        return name

    @field_validator("holidays")
    @classmethod
    def _dates(cls, days: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(iso_date(day) for day in days)

    @field_validator("special_days", "worked")
    @classmethod
    def _by_date(cls, days: dict[str, str]) -> dict[str, str]:
        return {iso_date(day): what for day, what in days.items()}

    @field_validator("clock")
    @classmethod
    def _grid(cls, tick: float) -> float:
        if tick != int(tick) or not 1 <= tick <= 900 or 900 % int(tick):
            message = f"clock is {tick:g}s; write whole seconds that divide 15min: 1s, 60s, 15min"
            raise ValueError(message)
        return tick

    @model_validator(mode="after")
    def _names(self) -> Self:
        problems: list[str] = demand_problems(self) + staffing_problems(self)

        def known(name: str, names: object, where: str) -> None:
            options = [str(option) for option in names]  # type: ignore[attr-defined]
            if name not in options:
                problems.append(unknown_name(where, name, options))

        for label, category in self.categories.items():
            at = f"categories.{label}"
            known(category.team, self.teams, f"{at}.team")
            if category.transfer_to is not None:
                known(category.transfer_to, self.teams, f"{at}.transfer_to")
            for name in category.channels:
                known(name, self.channels, f"{at}.channels")
            for name in category.difficulty:
                known(name, self.difficulty, f"{at}.difficulty")
        for label, agent in self.agents.items():
            known(agent.team, self.teams, f"agents.{label}.team")
            for team in agent.serves:
                known(team, self.teams, f"agents.{label}.serves")
        problems += roster_problems(self)
        for team in self.staffing.shrinkage:
            known(team, self.teams, "staffing.shrinkage")
        for team, number in self.staffing.extra.items():
            known(team, self.teams, "staffing.extra")
            members = sum(agent.team == team for agent in self.agents.values())
            if team in self.teams and (number > 0 and not members or number < -members):
                problems.append(
                    f"staffing.extra.{team}: {number:+d} agents, but {members} belong to the team"
                )
        total = sum(category.share.value for category in self.categories.values())
        if abs(total - 1.0) > 0.005:
            problems.append(
                f"categories: their shares add up to {format_share(total)}; expected 100%"
            )
        problems += desk_problems(self, named=not problems)
        if problems:
            raise ProblemsError(problems)
        return self

    def to_yaml(self) -> str:
        """Return the desk as YAML that a person can read and `from_yaml` reads back."""
        return dump_yaml(plain(self))
